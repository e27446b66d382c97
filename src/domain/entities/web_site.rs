//! Web sites: among them the Client Centers.

use crate::domain::codes::check_settings;
use crate::domain::entities::enterprise_company::ENTERPRISE_COMPANY as ENTERPRISE_COMPANY_ENTITY;
use crate::domain::model::record::{Draft, Fields};
use crate::domain::model::schema::{
    Bool, Choice, Code, EntityDef, Field, HISTORY, Initial, Menu, Part, Ref, Rules, Text,
};
use crate::domain::rules::Issue;

/// What a web site is.
pub static TYPES: [Choice; 14] = [
    Choice { code: "CC", api: "ClientCenter", label: "Client Center" },
    Choice { code: "API", api: "DomainAPI", label: "Domain API" },
    Choice { code: "EC", api: "ECommerce", label: "E-Commerce" },
    Choice { code: "LEG", api: "LegalBG", label: "Legal BG" },
    Choice { code: "SI", api: "SocialInteractions", label: "Social Interactions" },
    Choice { code: "DM", api: "DigitalMarketplace", label: "Digital Marketplace" },
    Choice { code: "APP", api: "WebClient", label: "Web Client" },
    Choice { code: "TAP", api: "TableAPI", label: "Table API" },
    Choice { code: "DAP", api: "DataAccessAPI", label: "Data Access API" },
    Choice { code: "LUK", api: "LegalUK", label: "Legal UK" },
    Choice { code: "OLP", api: "OLAP", label: "OLAP" },
    Choice { code: "MSS", api: "MicrosoftSync", label: "Microsoft Sync" },
    Choice { code: "VDC", api: "VideoConferencing", label: "Video Conferencing" },
    Choice { code: "AIS", api: "AIServer", label: "AI Server" },
];

/// Which rules a Client Center applies (`codes.md`).
pub static ACCESS_RULES_CHOICES: [Choice; 2] = [
    Choice { code: "Person", api: "Person", label: "Person (version 24)" },
    Choice { code: "ExternalAccess", api: "ExternalAccess", label: "External Access (version 26)" },
];

/// What it is.
pub static WEB_SITE_TYPE: Field<Code> =
    Field::choice("WebSiteType", "Web Site Type", "web_site_type", &TYPES)
        .required()
        .initially(Initial::Code("CC"))
        .help("What the site is. Users enter Client Centers.");
/// Whose it is.
pub static ENTERPRISE_COMPANY: Field<Ref> = Field::reference(
    "EnterpriseCompany",
    "Enterprise Company",
    "enterprise_company",
    &ENTERPRISE_COMPANY_ENTITY,
)
.initially(Initial::CurrentEnterpriseCompany)
.help("Which of our companies the site is for. A Client Center without one answers CC005 to everybody.");
/// Where it is.
pub static RELATIVE_URL: Field<Text> = Field::text("RelativeUrl", "Relative Url", "relative_url", 254)
    .unique()
    .initially(Initial::Text("cc"))
    .help("The last part of the site's address. It names the site everywhere in this console.");
/// Settings.
pub static SETTINGS_JSON: Field<Text> = Field::json("SettingsJson", "Settings", "settings_json")
    .help("A JSON object, or nothing. NewOrderDocumentType and IsNewOrderEnabled go together: CC008, CC009.");
/// In use.
pub static IS_ACTIVE: Field<Bool> = Field::bool("IsActive", "Is Active", "is_active")
    .required()
    .initially(Initial::Bool(true))
    .help("Whether it answers.");
/// Not for everybody.
pub static IS_PRIVATE: Field<Bool> = Field::bool("IsPrivate", "Is Private", "is_private")
    .required()
    .help("Whether it is left out of public lists.");
/// Notes.
pub static NOTES: Field<Text> =
    Field::lines("Notes", "Notes", "notes", 254).help("Anything worth knowing about the site.");
/// Which rules apply.
pub static ACCESS_RULES: Field<Code> = Field::choice("AccessRules", "Access Rules", "access_rules", &ACCESS_RULES_CHOICES)
    .required()
    .initially(Initial::Code("Person"))
    .help("Who may enter: Person asks for a person whose parent party is a customer; External Access asks for a grant.");

/// The type of the sites that users enter.
pub const CLIENT_CENTER: &str = "CC";

/// `Systems_Config_WebSites`.
pub static WEB_SITE: EntityDef = EntityDef {
    name: "Web Site",
    plural: "Web Sites",
    set: "Systems_Config_WebSites",
    type_name: "Systems_Config_WebSite",
    older_names: &["Systems_Core_WebSites", "Systems_Core_WebSite"],
    table: "sys_web_sites",
    base: None,
    subtype_field: None,
    owner: None,
    menu: Some(Menu {
        module: "Setup",
        section: "Core",
        about: "Sites of our companies, Client Centers among them.",
    }),
    fields: &[
        &WEB_SITE_TYPE.def,
        &ENTERPRISE_COMPANY.def,
        &RELATIVE_URL.def,
        &SETTINGS_JSON.def,
        &IS_ACTIVE.def,
        &IS_PRIVATE.def,
        &NOTES.def,
        &ACCESS_RULES.def,
    ],
    columns: &[
        &RELATIVE_URL.def,
        &WEB_SITE_TYPE.def,
        &ENTERPRISE_COMPANY.def,
        &ACCESS_RULES.def,
        &IS_ACTIVE.def,
        &NOTES.def,
    ],
    form: [
        &[&WEB_SITE_TYPE.def, &ENTERPRISE_COMPANY.def, &RELATIVE_URL.def, &NOTES.def, &IS_ACTIVE.def],
        &[&ACCESS_RULES.def, &IS_PRIVATE.def, &SETTINGS_JSON.def],
    ],
    critical: &[],
    panels: &[&HISTORY],
    search: &[&RELATIVE_URL.def],
    code: Some(&RELATIVE_URL.def),
    in_use: Some(&IS_ACTIVE.def),
    title: &RELATIVE_URL.def,
    display: &[Part::Shown(&RELATIVE_URL.def), Part::Literal(": "), Part::Shown(&WEB_SITE_TYPE.def)],
    removal: None,
    also_in_history_of: &[],
    views: &[],
    rules: Rules { check, ..Rules::NONE },
};

/// Settings that no Client Center can read are asked about, not refused: a real instance may hold them, and
/// the operator may have to leave before they are mended.
fn check(draft: &Draft, issues: &mut Vec<Issue>) {
    if draft.get(&WEB_SITE_TYPE) == Some("CC")
        && let Some(Err(error)) = draft.get(&SETTINGS_JSON).map(check_settings)
    {
        issues.push(Issue::ask(
            &SETTINGS_JSON.def,
            format!(
                "Line {}, column {}: {} Users of the site will be shown CC008.",
                error.line, error.column, error.message
            ),
        ));
    }
    if let Some(url) = draft.get(&RELATIVE_URL)
        && url.contains(char::is_whitespace)
    {
        issues.push(Issue::at(&RELATIVE_URL.def, "Relative Url must not contain spaces."));
    }
}

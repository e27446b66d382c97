//! The entity Web Site; a Client Center is one type of web site (`docs/domain.md`, Web Sites).

mod keys;
mod settings;

pub use settings::{
    NEW_ORDER_DOCUMENT_TYPE, NewOrderProblem, Property, Settings, SettingsError, check_settings,
    new_order_position,
};

use keys::KNOWN_KEYS;

use crate::domain::entities::enterprise_company::ENTERPRISE_COMPANY as ENTERPRISE_COMPANY_ENTITY;
use crate::domain::model::choice::choices;
use crate::domain::model::field::{Bool, Field, Ref, Text};
use crate::domain::model::record::{Draft, Fields, Record, Typed};
use crate::domain::model::rules::{Issue, Rules};
use crate::domain::model::schema::{EntityDef, FieldDef, Initial, Menu, Part, Rights};
use crate::domain::model::value::Value;

choices! {
    /// The type of a web site.
    WebSiteType {
        /// A site where customers see their orders and invoices and place orders.
        ClientCenter = "CC", "ClientCenter", "Client Center";
        /// The Domain API.
        DomainApi = "API", "DomainAPI", "Domain API";
        /// A web shop.
        ECommerce = "EC", "ECommerce", "E-Commerce";
        /// A site with legal texts of Bulgaria.
        LegalBg = "LEG", "LegalBG", "Legal BG";
        /// A site for comments and tasks.
        SocialInteractions = "SI", "SocialInteractions", "Social Interactions";
        /// A marketplace for applications.
        DigitalMarketplace = "DM", "DigitalMarketplace", "Digital Marketplace";
        /// The back office in a browser.
        WebClient = "APP", "WebClient", "Web Client";
        /// The Table API.
        TableApi = "TAP", "TableAPI", "Table API";
        /// The Data Access API.
        DataAccessApi = "DAP", "DataAccessAPI", "Data Access API";
        /// A site with legal texts of the United Kingdom.
        LegalUk = "LUK", "LegalUK", "Legal UK";
        /// Data cubes for analysis.
        Olap = "OLP", "OLAP", "OLAP";
        /// The synchronisation with Microsoft 365.
        MicrosoftSync = "MSS", "MicrosoftSync", "Microsoft Sync";
        /// Video calls.
        VideoConferencing = "VDC", "VideoConferencing", "Video Conferencing";
        /// A server of models and agents.
        AiServer = "AIS", "AIServer", "AI Server";
    }
}

choices! {
    /// The rule set that determines the codes of a Client Center (`docs/codes.md`, Rule sets).
    #[derive(Default)]
    AccessRules {
        /// A user enters for the customer *A*: the parent party of the user's person (version 24).
        #[default]
        Person = "Person", "Person", "Person (version 24)";
        /// A user enters for the customers in *G*: those to which the user has external access (version 26).
        ExternalAccess = "ExternalAccess", "ExternalAccess", "External Access (version 26)";
    }
}

/// The type of the site.
pub static WEB_SITE_TYPE: Field<WebSiteType> = Field::choice("WebSiteType", "Web Site Type", "web_site_type")
    .required()
    .initially(Initial::Code(WebSiteType::ClientCenter.code()))
    .help("What the site is. Users enter Client Centers.");
/// The enterprise company to which the site belongs (CC005).
pub static ENTERPRISE_COMPANY: Field<Ref> = Field::reference(
    "EnterpriseCompany",
    "Enterprise Company",
    "enterprise_company",
    &ENTERPRISE_COMPANY_ENTITY,
)
.initially(Initial::CurrentEnterpriseCompany)
.help("Which of our companies the site is for. A Client Center without one answers CC005 to everybody.");
/// The last part of the site's address, such as `cc`; unique. Empty for the root site of a host.
pub static RELATIVE_URL: Field<Text> = Field::text("RelativeUrl", "Relative Url", "relative_url", 254)
    .unique()
    .help("The last part of the site's address, such as cc; it names the site. Empty with a Web Host: the root site.");
/// The host on which the site answers.
pub static WEB_HOST: Field<Text> = Field::text("WebHost", "Web Host", "web_host", 254)
    .help("The host that the site answers at. A site without Relative Url is its root, and is named by it.");
/// The settings of the site: one JSON object, or empty (CC008, CC009).
pub static SETTINGS_JSON: Field<Text> = Field::json("SettingsJson", "Settings", "settings_json")
    .known_keys(&KNOWN_KEYS)
    .after_change("Restart the site in the Instance Manager: until then it works with the settings it has.")
    .help("A JSON object, or nothing. NewOrderDocumentType and IsNewOrderEnabled go together: CC008, CC009.");
/// Whether the site is in use; an inactive Client Center lets nobody in.
pub static IS_ACTIVE: Field<Bool> = Field::bool("IsActive", "Is Active", "is_active")
    .required()
    .initially(Initial::Bool(true))
    .help("Whether it answers.");
/// Whether the site is left out of public lists.
pub static IS_PRIVATE: Field<Bool> = Field::bool("IsPrivate", "Is Private", "is_private")
    .required()
    .help("Whether it is left out of public lists.");
/// The operators' notes on the site.
pub static NOTES: Field<Text> =
    Field::lines("Notes", "Notes", "notes", 4000).help("Anything worth knowing about the site.");
/// The rule set of a Client Center.
pub static ACCESS_RULES: Field<AccessRules> = Field::choice("AccessRules", "Access Rules", "access_rules")
    .required()
    .initially(Initial::Code(AccessRules::Person.code()))
    .help("Who may enter: Person asks for a person whose parent party is a customer; External Access asks for a grant.");

/// The database code of [`WebSiteType::ClientCenter`].
pub const CLIENT_CENTER: &str = "CC";

/// The description of `Systems_Config_WebSites`.
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
        &WEB_HOST.def,
        &SETTINGS_JSON.def,
        &IS_ACTIVE.def,
        &IS_PRIVATE.def,
        &NOTES.def,
        &ACCESS_RULES.def,
    ],
    columns: &[
        &RELATIVE_URL.def,
        &WEB_HOST.def,
        &WEB_SITE_TYPE.def,
        &ENTERPRISE_COMPANY.def,
        &ACCESS_RULES.def,
        &IS_ACTIVE.def,
        &NOTES.def,
    ],
    form: [
        &[
            &WEB_SITE_TYPE.def,
            &ENTERPRISE_COMPANY.def,
            &RELATIVE_URL.def,
            &WEB_HOST.def,
            &NOTES.def,
            &IS_ACTIVE.def,
        ],
        &[&ACCESS_RULES.def, &IS_PRIVATE.def, &SETTINGS_JSON.def],
    ],
    critical: &[],
    search: &[&RELATIVE_URL.def, &WEB_HOST.def],
    code: Some(&RELATIVE_URL.def),
    in_use: Some(&IS_ACTIVE.def),
    title: &RELATIVE_URL.def,
    display: &[
        Part::FirstShown(&[&RELATIVE_URL.def, &WEB_HOST.def]),
        Part::Literal(": "),
        Part::Shown(&WEB_SITE_TYPE.def),
    ],
    removal: None,
    also_in_history_of: &[],
    keys: &[],
    judged: false,
    rights: Rights::Administrators,
};

/// The business rules of a web site.
pub static RULES: Rules = Rules { check, entered, ..Rules::NONE };

/// The name by which a site is named where there is no room for more: its relative URL, else its host, else its id.
pub fn name(site: &Record) -> String {
    let named = site.get(&RELATIVE_URL).or_else(|| site.get(&WEB_HOST));
    named.map_or_else(|| site.id.to_string(), str::to_owned)
}

impl WebSiteType {
    /// The relative URL that is proposed for a new site of the type (R32605).
    pub fn usual_url(self) -> String {
        match self {
            Self::ECommerce => "shop".to_owned(),
            Self::SocialInteractions => "social".to_owned(),
            Self::DigitalMarketplace => "marketplace".to_owned(),
            Self::WebClient => "cl".to_owned(),
            Self::TableApi => "tableapi".to_owned(),
            other => other.code().to_lowercase(),
        }
    }
}

/// Proposes the relative URL of a new site when its type is chosen, in place of the proposal for another type.
fn entered(draft: &mut Draft, field: &FieldDef, before: &Value) {
    if *field != WEB_SITE_TYPE.def {
        return;
    }
    let is_proposed = match (draft.get(&RELATIVE_URL), WebSiteType::read(before)) {
        (None, _) => true,
        (Some(url), Some(before)) => url == before.usual_url(),
        (Some(_), None) => false,
    };
    if let Some(chosen) = draft.get(&WEB_SITE_TYPE).filter(|_| is_proposed) {
        draft.set(&RELATIVE_URL.def, Value::text(chosen.usual_url()));
    }
}

/// Whether a text can be a relative URL (R30887): `^(?!sys$)[a-z0-9-_]*$`.
fn is_relative_url(text: &str) -> bool {
    let allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    text != "sys" && text.bytes().all(allowed)
}

/// Asks about a Client Center's settings that are not well formed (CC008), and refuses a changed Relative Url that
/// cannot be one.
///
/// Such settings are not refused: imported sites may have them, and other fields must be editable before the settings
/// are repaired (`docs/domain.md`, Web Sites).
fn check(draft: &Draft, issues: &mut Vec<Issue>) {
    if draft.get(&WEB_SITE_TYPE) == Some(WebSiteType::ClientCenter)
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
    if draft.is_field_changed(&RELATIVE_URL.def)
        && draft.get(&RELATIVE_URL).is_some_and(|url| !is_relative_url(url))
    {
        let sentence = "Relative Url takes small letters a to z, digits, - and _, and is not “sys”.";
        issues.push(Issue::at(&RELATIVE_URL.def, sentence));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::model::rules::Weight;
    use crate::domain::tests::{changed, id, new, stored};

    fn url(url: &str) -> (&'static FieldDef, Value) {
        (&RELATIVE_URL.def, Value::text(url))
    }

    fn of_type(site_type: WebSiteType) -> (&'static FieldDef, Value) {
        (&WEB_SITE_TYPE.def, site_type.into())
    }

    #[test]
    fn a_site_is_named_by_its_url_its_host_or_its_id() {
        let host = || (&WEB_HOST.def, Value::text("cc.example"));
        let by_id = id(1).to_string();
        for (values, named) in
            [(vec![url("cc"), host()], "cc"), (vec![host()], "cc.example"), (vec![], by_id.as_str())]
        {
            assert_eq!(name(&stored(&WEB_SITE, &values)), named);
        }
    }

    #[test]
    fn a_type_proposes_its_usual_url_in_place_of_that_of_another_type() {
        use WebSiteType::{ClientCenter, ECommerce, WebClient};
        let table = [
            // The URL and the type before; the new type; the URL that stands then.
            ("", None, Some(ClientCenter), "cc"),
            ("", Some(ClientCenter), Some(ECommerce), "shop"),
            ("cc", Some(ClientCenter), Some(WebClient), "cl"),
            ("mine", Some(ClientCenter), Some(WebClient), "mine"),
            ("cc", None, Some(WebClient), "cc"),
            ("cc", Some(ClientCenter), None, "cc"),
        ];
        for (typed, before, chosen, stands) in table {
            let value = |site_type: Option<WebSiteType>| site_type.map_or(Value::Empty, Value::from);
            let mut draft = new(&WEB_SITE, &[url(typed), (&WEB_SITE_TYPE.def, value(chosen))]);
            (RULES.entered)(&mut draft, &WEB_SITE_TYPE.def, &value(before));
            assert_eq!(draft.get(&RELATIVE_URL), Some(stands), "{typed:?}, {before:?} to {chosen:?}");
        }
        let mut noted = new(&WEB_SITE, &[of_type(ClientCenter)]);
        (RULES.entered)(&mut noted, &NOTES.def, &Value::Empty);
        assert_eq!(noted.get(&RELATIVE_URL), None, "another field");
    }

    #[test]
    fn a_usual_url_can_be_one_and_is_that_of_one_type() {
        for (at, site_type) in WebSiteType::ALL.into_iter().enumerate() {
            let usual = site_type.usual_url();
            assert!(is_relative_url(&usual) && !usual.is_empty(), "{usual}");
            assert!(WebSiteType::ALL[..at].iter().all(|other| other.usual_url() != usual), "{usual}");
        }
    }

    #[test]
    fn a_new_relative_url_is_of_small_letters_figures_hyphens_and_underscores() {
        let table = [
            ("cc", true),
            ("a-b_9", true),
            ("sys", false),
            ("sys2", true),
            ("CC", false),
            ("c/c", false),
            ("c c", false),
            ("цц", false),
        ];
        for (typed, is_right) in table {
            let mut issues = Vec::new();
            (RULES.check)(&new(&WEB_SITE, &[url(typed)]), &mut issues);
            let sentence = "Relative Url takes small letters a to z, digits, - and _, and is not “sys”.";
            let refused = (!is_right).then(|| Issue::at(&RELATIVE_URL.def, sentence));
            assert_eq!(issues, Vec::from_iter(refused), "{typed}");
        }
        let old = stored(&WEB_SITE, &[url("Old Site")]);
        let mut issues = Vec::new();
        (RULES.check)(&changed(&old, &[(&NOTES.def, Value::text("Moved."))]), &mut issues);
        assert_eq!(issues, [], "one that was stored stays");
    }

    #[test]
    fn settings_of_a_client_center_that_are_not_well_formed_are_asked_about() {
        let settings = |text: &str| (&SETTINGS_JSON.def, Value::text(text));
        let table = [
            (WebSiteType::ClientCenter, "{", true),
            (WebSiteType::ClientCenter, "{}", false),
            (WebSiteType::ClientCenter, "", false),
            (WebSiteType::TableApi, "{", false),
        ];
        for (site_type, text, is_asked) in table {
            let mut issues = Vec::new();
            (RULES.check)(&new(&WEB_SITE, &[of_type(site_type), settings(text)]), &mut issues);
            let found: Vec<_> = issues.iter().map(|issue| (issue.property, issue.weight)).collect();
            let asked = is_asked.then_some((Some("SettingsJson"), Weight::Ask));
            assert_eq!(found, Vec::from_iter(asked), "{site_type:?}, {text}");
        }
    }
}

//! The entity User: the logins of the back office and of Client Centers (`docs/domain.md`, Users).

use jiff::Timestamp;

use crate::domain::entities::party;
use crate::domain::entities::person::{self, FIRST_NAME, LAST_NAME, MIDDLE_NAME, PERSON as PERSON_ENTITY};
use crate::domain::model::choice::choices;
use crate::domain::model::code::Code;
use crate::domain::model::field::{Bool, Field, Instant, Int, Multi, Ref, Secret, Text};
use crate::domain::model::language;
use crate::domain::model::match_key::MatchKey;
use crate::domain::model::person_name::PersonName;
use crate::domain::model::query::{Arrangement, Filter, View};
use crate::domain::model::record::{Draft, Fields, Record};
use crate::domain::model::request_state::RequestState;
use crate::domain::model::rules::{Issue, Rules, check_email};
use crate::domain::model::schema::{EntityDef, FieldDef, Initial, Menu, Part, Rights};
use crate::domain::model::value::{MultiLang, RecordId, Value};

#[cfg(test)]
mod tests;

choices! {
    /// The type of a user. Only internal and external users can sign in.
    UserType {
        /// An operator: a user of the back office and of Client Centers.
        InternalUser = "INT", "InternalUser", "Internal User";
        /// A user of Client Centers; a request for an account creates one.
        ExternalCommunityUser = "EXT", "ExternalCommunityUser", "External (Community) User";
        /// A virtual user, which never signs in.
        VirtualUserNoLogin = "VIR", "VirtualUserNoLogin", "Virtual User (No Login)";
        /// A user for the system itself.
        SystemUserNoLogin = "SYS", "SystemUserNoLogin", "System User (No Login)";
        /// A user for another application.
        ApplicationUserNoLogin = "APP", "ApplicationUserNoLogin", "Application User (No Login)";
        /// An invited internal user who has not accepted yet.
        InvitationInternalNoLogin = "INI", "InvitationInternalNoLogin", "Invitation, Internal (No Login)";
        /// An invited external user who has not accepted yet.
        InvitationExternalNoLogin = "INE", "InvitationExternalNoLogin", "Invitation, External (No Login)";
    }
}

choices! {
    /// The format in which a password is stored (`docs/promises.md`, 2).
    PasswordFormat {
        /// MD5 without salt, from older systems.
        Md5 = "MD5", "MD5", "MD5";
        /// PBKDF2 as ASP.NET Core writes it.
        AspNetCoreV3 = "AN3", "AspNetCoreV3", "AspNetCoreV3";
        /// Argon2id, the format of every password set in this program.
        Argon2id = "AR2", "Argon2id", "Argon2id";
    }
}

impl UserType {
    /// Whether users of the type can sign in anywhere.
    pub fn can_sign_in(self) -> bool {
        matches!(self, Self::InternalUser | Self::ExternalCommunityUser)
    }
}

/// The refusal for an operator who is no administrator and changes an internal user.
pub const OPERATORS: &str = "Only an administrator may change operators; ask one.";

/// The name to sign in with.
pub static LOGIN: Field<Text> = Field::text("Login", "Login", "login", 64).required().unique().look_alikes().help(
    "The name to sign in with. While empty it is filled from Email; changing Email later does not change it.",
);
/// The full name, in several languages.
pub static NAME: Field<Multi> = Field::multi("Name", "Name", "name", 254)
    .required()
    .help("The user's name. Choosing a Person sets it to the person's name; clearing Person clears it.");
/// The password, which is never read with the record. Only its owner sets it (`docs/promises.md`, 5).
pub static PASSWORD: Field<Secret> = Field::secret("Password", "Password", "")
    .read_only()
    .help("Never shown and never exported. Only its owner sets it.");
/// Whether an internal user is an administrator.
pub static IS_ADMIN: Field<Bool> = Field::bool("IsAdmin", "Is Admin", "is_admin")
    .required()
    .administrators_only("Only an administrator may change Is Admin; ask one.")
    .no_tab_stop()
    .help("Whether this operator may do everything.");
/// The operators' notes on the user.
pub static NOTES: Field<Text> =
    Field::lines("Notes", "Notes", "notes", 254).help("Anything worth knowing about the login.");
/// The person who signs in with the login (CC002).
pub static PERSON: Field<Ref> = Field::reference("Person", "Person", "person", &PERSON_ENTITY).help(
    "The person who signs in with this login. A pending login has none; without one the Client Center answers CC002.",
);
/// Whether the login can sign in.
pub static ACTIVE: Field<Bool> = Field::bool("Active", "Active", "active")
    .required()
    .initially(Initial::Bool(true))
    .help("Clear it to switch the login off: it can no longer sign in.");
/// The name of the Windows account.
pub static WINDOWS_USER_NAME: Field<Text> =
    Field::text("WindowsUserName", "Windows User Name", "windows_user_name", 128)
        .help("The Windows account.");
/// The telephone extensions, separated by commas.
pub static VOICE_EXTENSION_NUMBERS: Field<Text> =
    Field::text("VoiceExtensionNumbers", "Voice Extension Numbers", "voice_extension_numbers", 254)
        .help("Telephone extensions, separated by commas.");
/// The number of wrong passwords since the last right one.
pub static ACCESS_FAILED_COUNT: Field<Int> =
    Field::int("AccessFailedCount", "Access Failed Count", "access_failed_count", 0)
        .required()
        .untracked()
        .initially(Initial::Int(0))
        .help("Wrong passwords since the last right one.");
/// Whether programs may send login and password with every call.
pub static BASIC_AUTHENTICATION_ALLOWED: Field<Bool> =
    Field::bool("BasicAuthenticationAllowed", "Basic Authentication Allowed", "basic_authentication_allowed")
        .required()
        .help("Whether programs may sign in with login and password in every call.");
/// The e-mail address, unique ignoring case.
pub static EMAIL: Field<Text> = Field::text("Email", "Email", "email", 254)
    .unique()
    .look_alikes()
    .help("The e-mail address. Changing it clears Email Confirmed.");
/// The company that the applicant claims to work for; nobody has checked it.
pub static COMPANY_NAME: Field<Text> = Field::text("CompanyName", "Company Name", "company_name", 64)
    .help("The company the applicant claims to work for. Nobody has checked it.");
/// The applicant's message to whoever decides on the request.
pub static REGISTRATION_MESSAGE: Field<Text> =
    Field::lines("RegistrationMessage", "Registration Message", "registration_message", 254)
        .help("What the applicant wrote to whoever decides on the request.");
/// The telephone number.
pub static PHONE_NUMBER: Field<Text> =
    Field::text("PhoneNumber", "Phone Number", "phone_number", 64).help("The telephone number.");
/// Whether the telephone number is confirmed.
pub static PHONE_NUMBER_CONFIRMED: Field<Bool> =
    Field::bool("PhoneNumberConfirmed", "Phone Number Confirmed", "phone_number_confirmed")
        .required()
        .help("Whether the owner of the number answered.");
/// When the user was created, UTC.
pub static CREATION_TIME_UTC: Field<Instant> =
    Field::instant("CreationTimeUtc", "Creation Time Utc", "creation_time_utc")
        .read_only()
        .initially(Initial::Now)
        .help("When the login was made.");
/// The language of texts for this user, ISO 639-1 with or without a region; empty means English.
pub static DEFAULT_LANGUAGE: Field<Text> =
    Field::text("DefaultLanguage", "Default Language", "default_language", 15)
        .help("The language of texts shown to this user, such as bg or en-GB; empty means English.");
/// Whether the e-mail address is confirmed.
pub static EMAIL_CONFIRMED: Field<Bool> = Field::bool("EmailConfirmed", "Email Confirmed", "email_confirmed")
    .required()
    .read_only()
    .help("Whether the owner of the address answered.");
/// The end of the lockout, UTC; empty when the user was not locked out.
pub static LOCKOUT_END_UTC: Field<Instant> =
    Field::instant("LockoutEndUtc", "Lockout End Utc", "lockout_end_utc")
        .help("Until then the login cannot sign in; empty means it is not locked.");
/// Whether two-factor authentication was enabled in the source of an import. This program asks for no second factor.
pub static TWO_FACTOR_ENABLED: Field<Bool> =
    Field::bool("TwoFactorEnabled", "Two Factor Enabled", "two_factor_enabled")
        .required()
        .help("Kept as it was imported; no second factor is asked for here.");
/// The format in which the password is stored.
pub static PASSWORD_FORMAT: Field<PasswordFormat> =
    Field::choice("PasswordFormat", "Password Format", "password_format")
        .read_only()
        .help("How the password is kept; a new password is always kept as Argon2id.");
/// The type of the user.
pub static USER_TYPE: Field<UserType> = Field::choice("UserType", "User Type", "user_type")
    .required()
    .initially(Initial::Code(UserType::ExternalCommunityUser.code()))
    .administrators_only("Only an administrator may choose another User Type; ask one.")
    .help("What the login is for. Only internal and external users can sign in.");

/// When the user signed in last, UTC; empty for a user who never did.
pub static LAST_SIGN_IN: Field<Instant> = Field::instant("LastSignIn", "Last Sign In", "last_sign_in")
    .untracked()
    .help("When the user signed in last.");
/// Where the user signed in last: [`BACK_OFFICE`], or the name of the Client Center at that time.
pub static LAST_SIGN_IN_SITE: Field<Text> =
    Field::text("LastSignInSite", "Last Sign In Site", "last_sign_in_site", 254)
        .untracked()
        .help("Where the user signed in last: the Client Center, or the back office.");

/// What [`LAST_SIGN_IN_SITE`] holds after a sign-in to the back office. No web site has such a relative URL or host.
pub const BACK_OFFICE: &str = "back office";

/// The description of `Systems_Security_Users`.
pub static USER: EntityDef = EntityDef {
    name: "User",
    plural: "Users",
    set: "Systems_Security_Users",
    type_name: "Systems_Security_User",
    older_names: &["Systems_Core_Users", "Systems_Core_User"],
    table: "sec_users",
    base: None,
    subtype_field: None,
    owner: None,
    menu: Some(Menu { module: "Setup", section: "Security", about: "User logins." }),
    fields: &[
        &LOGIN.def,
        &NAME.def,
        &PASSWORD.def,
        &IS_ADMIN.def,
        &NOTES.def,
        &PERSON.def,
        &ACTIVE.def,
        &WINDOWS_USER_NAME.def,
        &VOICE_EXTENSION_NUMBERS.def,
        &ACCESS_FAILED_COUNT.def,
        &BASIC_AUTHENTICATION_ALLOWED.def,
        &EMAIL.def,
        &COMPANY_NAME.def,
        &REGISTRATION_MESSAGE.def,
        &PHONE_NUMBER.def,
        &PHONE_NUMBER_CONFIRMED.def,
        &CREATION_TIME_UTC.def,
        &DEFAULT_LANGUAGE.def,
        &EMAIL_CONFIRMED.def,
        &LOCKOUT_END_UTC.def,
        &TWO_FACTOR_ENABLED.def,
        &PASSWORD_FORMAT.def,
        &USER_TYPE.def,
        &LAST_SIGN_IN.def,
        &LAST_SIGN_IN_SITE.def,
    ],
    columns: &[
        &LOGIN.def,
        &NAME.def,
        &PASSWORD.def,
        &IS_ADMIN.def,
        &NOTES.def,
        &PERSON.def,
        &ACTIVE.def,
        &USER_TYPE.def,
        &COMPANY_NAME.def,
        &EMAIL.def,
        &CREATION_TIME_UTC.def,
        &LAST_SIGN_IN.def,
    ],
    form: [
        &[
            &LOGIN.def,
            &NAME.def,
            &PASSWORD.def,
            &IS_ADMIN.def,
            &NOTES.def,
            &PERSON.def,
            &ACTIVE.def,
            &WINDOWS_USER_NAME.def,
            &VOICE_EXTENSION_NUMBERS.def,
            &ACCESS_FAILED_COUNT.def,
            &BASIC_AUTHENTICATION_ALLOWED.def,
        ],
        &[
            &EMAIL.def,
            &COMPANY_NAME.def,
            &REGISTRATION_MESSAGE.def,
            &CREATION_TIME_UTC.def,
            &DEFAULT_LANGUAGE.def,
            &PHONE_NUMBER.def,
            &PHONE_NUMBER_CONFIRMED.def,
            &EMAIL_CONFIRMED.def,
            &LOCKOUT_END_UTC.def,
            &TWO_FACTOR_ENABLED.def,
            &PASSWORD_FORMAT.def,
            &USER_TYPE.def,
            &LAST_SIGN_IN.def,
            &LAST_SIGN_IN_SITE.def,
        ],
    ],
    critical: &[],
    search: &[&LOGIN.def, &NAME.def],
    code: Some(&LOGIN.def),
    in_use: Some(&ACTIVE.def),
    title: &LOGIN.def,
    display: &[
        Part::Shown(&NAME.def),
        Part::Literal(" <"),
        Part::Shown(&LOGIN.def),
        Part::Literal("> ["),
        Part::Code(&USER_TYPE.def),
        Part::Literal("]"),
    ],
    removal: None,
    also_in_history_of: &[],
    keys: &[],
    judged: true,
    rights: Rights::Operators,
};

/// A user is found by the domain of its e-mail, by a login that is another address, by telephone and claimed company.
pub static MATCH_KEYS: [MatchKey; 4] = [
    MatchKey::EmailDomain(&EMAIL.def),
    MatchKey::Login(&LOGIN.def, &EMAIL.def),
    MatchKey::Phone(&PHONE_NUMBER.def),
    MatchKey::ClaimedCompany(&COMPANY_NAME.def),
];

/// The business rules of a user.
pub static RULES: Rules =
    Rules { changed, chosen, check, administrators_only, dangers, fill_new, ..Rules::NONE };

/// The name of the view of the users with a pending request.
pub const PENDING: &str = "Pending";
/// The name of the view of the active external users whose sign-in shows a code.
pub const BLOCKED: &str = "Blocked";

/// The queue of requests: who asked, what for, and for how long already.
static QUEUE: Arrangement = Arrangement {
    columns: &[
        &CREATION_TIME_UTC.def,
        &NAME.def,
        &COMPANY_NAME.def,
        &EMAIL.def,
        &REGISTRATION_MESSAGE.def,
        &LOGIN.def,
        &PHONE_NUMBER.def,
        &PERSON.def,
        &USER_TYPE.def,
    ],
    oldest_first: &CREATION_TIME_UTC.def,
};

/// The named views of the navigator (`docs/domain.md`, Users).
pub static VIEWS: [View; 7] = [
    View {
        name: PENDING,
        shows: "users whose request waits for a decision",
        filters: |_| vec![Filter::Request(RequestState::Pending)],
        arrangement: Some(&QUEUE),
    },
    View {
        name: "Waiting",
        shows: "users whose request waits for something else",
        filters: |_| vec![Filter::Request(RequestState::Waiting)],
        arrangement: Some(&QUEUE),
    },
    View {
        name: BLOCKED,
        shows: "external users whose sign-in shows a code",
        filters: |_| {
            vec![
                of_type(UserType::ExternalCommunityUser),
                is_active(true),
                Filter::Access(Code::ALL.map(Some).to_vec()),
            ]
        },
        arrangement: None,
    },
    View {
        name: "External",
        shows: "external (community) users",
        filters: |_| vec![of_type(UserType::ExternalCommunityUser)],
        arrangement: None,
    },
    View {
        name: "Internal",
        shows: "internal users",
        filters: |_| vec![of_type(UserType::InternalUser)],
        arrangement: None,
    },
    View {
        name: "Inactive",
        shows: "users who are switched off",
        filters: |_| vec![is_active(false)],
        arrangement: None,
    },
    View { name: "All", shows: "every user", filters: |_| Vec::new(), arrangement: None },
];

fn of_type(user_type: UserType) -> Filter {
    Filter::OneOf(&USER_TYPE.def, vec![user_type.into()])
}

fn is_active(yes: bool) -> Filter {
    Filter::OneOf(&ACTIVE.def, vec![Value::Bool(yes)])
}

/// Fills an empty Login from Email, and makes a changed Email unconfirmed; the stored Email brings the stored Email
/// Confirmed back (`docs/domain.md`, Users).
fn changed(draft: &mut Draft, field: &FieldDef, _language: &str) {
    if *field != EMAIL.def {
        return;
    }
    let confirmed = match &draft.base {
        Some(base) if !draft.is_field_changed(&EMAIL.def) => base.value(&EMAIL_CONFIRMED.def).clone(),
        _ => Value::Bool(false),
    };
    draft.set(&EMAIL_CONFIRMED.def, confirmed);
    let is_login_stored = draft.base.as_ref().is_some_and(|base| base.get(&LOGIN).is_some());
    if !is_login_stored && draft.get(&LOGIN).is_none() {
        let email = draft.value(&EMAIL.def).clone();
        draft.set(&LOGIN.def, email);
    }
}

/// Sets Name to the Party Name of the chosen person; clearing Person clears Name (`docs/domain.md`, Users).
fn chosen(draft: &mut Draft, field: &FieldDef, target: Option<&Record>) {
    if *field == PERSON.def {
        let name = target.map_or(Value::Empty, |person| person.value(&party::PARTY_NAME.def).clone());
        draft.set(&NAME.def, name);
    }
}

fn check(draft: &Draft, issues: &mut Vec<Issue>) {
    check_email(draft, &EMAIL, issues);
    check_administrator(draft, issues);
    check_language(draft, issues);
}

/// Refuses to make a user who is not internal an administrator, and to give an administrator another type (R34956). A
/// user who was stored as both stays as it is.
fn check_administrator(draft: &Draft, issues: &mut Vec<Issue>) {
    if !draft.is(&IS_ADMIN) || draft.get(&USER_TYPE) == Some(UserType::InternalUser) {
        return;
    }
    if draft.is_field_changed(&IS_ADMIN.def) {
        let sentence = "Is Admin is for internal users alone; clear it, or choose the type Internal User.";
        issues.push(Issue::at(&IS_ADMIN.def, sentence));
    } else if draft.is_field_changed(&USER_TYPE.def) {
        let sentence = "User Type of an administrator stays Internal User; clear Is Admin first.";
        issues.push(Issue::at(&USER_TYPE.def, sentence));
    }
}

/// Refuses a new Default Language that is none of ISO 639-1, with or without a region (R36747).
fn check_language(draft: &Draft, issues: &mut Vec<Issue>) {
    let changed = draft.get(&DEFAULT_LANGUAGE).filter(|_| draft.is_field_changed(&DEFAULT_LANGUAGE.def));
    if changed.is_some_and(|tag| !language::is_known(tag)) {
        let sentence = "Default Language takes a language of ISO 639-1, with or without a region of ISO 3166-1, such \
                        as en or en-GB.";
        issues.push(Issue::at(&DEFAULT_LANGUAGE.def, sentence));
    }
}

/// Lets only administrators change internal users, who are the operators (`docs/domain.md`, Rights in the back office).
fn administrators_only(row: &Record) -> Option<&'static str> {
    (row.get(&USER_TYPE) == Some(UserType::InternalUser)).then_some(OPERATORS)
}

/// Whether a user can sign in to the back office at `now` and may do everything there.
pub fn is_able_administrator(user: &impl Fields, now: Timestamp) -> bool {
    user.is(&IS_ADMIN)
        && user.is(&ACTIVE)
        && user.get(&USER_TYPE) == Some(UserType::InternalUser)
        && user.get(&LOCKOUT_END_UTC).is_none_or(|until| until <= now.into())
}

/// Asks before somebody is made an administrator or is none any more, and before users shut themselves out
/// (`docs/domain.md`, Rights in the back office).
fn dangers(draft: &Draft, by: RecordId, issues: &mut Vec<Issue>) {
    let stored = draft.base.as_deref();
    let was = |field: &Field<Bool>| stored.is_some_and(|stored| stored.is(field));
    let login = draft.get(&LOGIN).unwrap_or_default();
    match (was(&IS_ADMIN), draft.is(&IS_ADMIN)) {
        (false, true) => {
            let sentence = format!("This makes “{login}” an administrator, who may do everything.");
            issues.push(Issue::ask(&IS_ADMIN.def, sentence));
        }
        (true, false) => {
            let sentence = format!("“{login}” is then no administrator any more.");
            issues.push(Issue::ask(&IS_ADMIN.def, sentence));
        }
        (true, true) | (false, false) => {}
    }
    if draft.stored_id() != Some(by) {
        return;
    }
    if was(&ACTIVE) && !draft.is(&ACTIVE) {
        let sentence = "This switches off your own login: you are signed out, and somebody else has to let you in \
                        again.";
        issues.push(Issue::ask(&ACTIVE.def, sentence));
    }
    if draft.is_field_changed(&LOCKOUT_END_UTC.def) && draft.get(&LOCKOUT_END_UTC).is_some() {
        let sentence = "This locks your own login until then: you are signed out, and somebody else has to let you in \
                        before.";
        issues.push(Issue::ask(&LOCKOUT_END_UTC.def, sentence));
    }
    if draft.is_field_changed(&USER_TYPE.def) {
        let sentence = "This changes the type of your own login: you may be signed out at once.";
        issues.push(Issue::ask(&USER_TYPE.def, sentence));
    }
}

/// Fills the names of a person created from the Person field from the user's Name, in each of its languages
/// (`docs/domain.md`, Users).
fn fill_new(new: &mut Draft, from: &Draft, field: &FieldDef, language: &str) {
    // A person that was taken away again took the name with it; the stored one is still known.
    let stored = || from.base.as_ref().and_then(|base| base.get(&NAME));
    let Some(full) = from.get(&NAME).or_else(stored).filter(|_| *field == PERSON.def) else { return };
    let mut parts = [MultiLang::default(), MultiLang::default(), MultiLang::default()];
    for (tag, name) in full.iter() {
        let PersonName { first, middle, last } = PersonName::split(name);
        for (part, text) in parts.iter_mut().zip([first, middle, last]) {
            part.set(tag, text);
        }
    }
    for (field, part) in [&FIRST_NAME, &MIDDLE_NAME, &LAST_NAME].into_iter().zip(parts) {
        new.set(&field.def, Value::multi(part));
        (person::RULES.changed)(new, &field.def, language);
    }
}

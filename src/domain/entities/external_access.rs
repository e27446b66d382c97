//! The entity External Access: which users may see a customer's data in a Client Center (`docs/domain.md`, Customers -
//! External Access). CC010 requires one.

use std::fmt::Display;

use jiff::civil::Date as Day;
use jiff::{SignedDuration, ToSpan as _};

use crate::domain::entities::customer::{self, CUSTOMER as CUSTOMER_ENTITY};
use crate::domain::entities::user::{self, USER as USER_ENTITY, UserType};
use crate::domain::model::choice::choices;
use crate::domain::model::field::{Date, Field, Instant, Int, Ref, Text};
use crate::domain::model::instant::Instant as At;
use crate::domain::model::query::{Filter, View};
use crate::domain::model::record::{Draft, Fields, Record};
use crate::domain::model::rules::{Grantee, Issue, Rules};
use crate::domain::model::schema::{
    EntityDef, FieldDef, Initial, Menu, Panel, Part, Related, Rights, UniqueKey,
};
use crate::domain::model::value::{RecordId, Value};
use crate::domain::model::{format, text};

#[cfg(test)]
mod tests;

choices! {
    /// What a user may see and do for a customer in a Client Center. Each role includes those before it
    /// (`docs/domain.md`, Roles).
    #[derive(Default)]
    Role {
        /// Home and Customer Profile.
        Basic = "L10", "Basic", "Basic";
        /// Also orders, without prices, discounts and amounts.
        Orders = "L20", "Orders", "Orders";
        /// Also prices, discounts and amounts.
        #[default]
        OrdersWithPrices = "L30", "OrdersWithPrices", "Orders with Prices";
        /// Also invoices, payments and files.
        Billing = "L40", "Billing", "Billing";
        /// Also User Management: the access of the customer's users.
        Admin = "L80", "Admin", "Admin";
        /// The same as `Admin`; only an administrator of the back office removes or lowers an owner's access.
        Owner = "L90", "Owner", "Owner";
    }
}

/// The greatest number of days back (`docs/domain.md`, Notation: days back).
pub const MOST_DAYS_BACK: i64 = 36_500;

/// The word for an empty number of days back.
pub const UNLIMITED: &str = "unlimited";

/// The customer whose data the user may see.
pub static CUSTOMER: Field<Ref> = Field::reference("Customer", "Customer", "customer", &CUSTOMER_ENTITY)
    .required()
    .help("The customer whose data the user may see.");
/// The user who has the access.
pub static USER: Field<Ref> = Field::reference("User", "User", "user_id", &USER_ENTITY)
    .required()
    .asking_about_look_alikes()
    .help("The user who is let in.");
/// What the user may see and do for the customer.
pub static ROLE: Field<Role> = Field::choice("Role", "Role", "role")
    .required()
    .initially(Initial::Code(Role::OrdersWithPrices.code()))
    .help("What the user may see and do for this customer.");
/// How many days back the user may see, 0 to [`MOST_DAYS_BACK`]; empty is unlimited.
pub static DAYS_BACK_ACCESS: Field<Int> =
    Field::int("DaysBackAccess", "Days Back Access", "days_back_access", 0)
        .at_most(MOST_DAYS_BACK)
        .days_back()
        .empty_means(UNLIMITED)
        .initially(Initial::Int(30))
        .help("How many days into the past the user sees; empty means unlimited.");
/// The last day on which the access opens anything, UTC; empty when it has no end.
pub static VALID_UNTIL: Field<Date> = Field::date("ValidUntil", "Valid Until", "valid_until")
    .last_day()
    .help("The last day on which the access opens anything; empty means that it has no end.");
/// When the user last chose this customer in a Client Center, or was shown it at a sign-in; empty when never.
pub static LAST_USED: Field<Instant> = Field::instant("LastUsed", "Last Used", "last_used")
    .untracked()
    .help("When the user last worked for this customer in a Client Center; empty means never.");
/// When an operator last decided to keep the access as it is.
pub static REVIEWED_AT: Field<Instant> = Field::instant("ReviewedAt", "Reviewed At", "reviewed_at")
    .read_only()
    .help("When somebody last looked at the access and kept it.");
/// The login of the operator who last decided to keep the access as it is.
pub static REVIEWED_BY: Field<Text> = Field::text("ReviewedBy", "Reviewed By", "reviewed_by", 64)
    .read_only()
    .help("Who last looked at the access and kept it.");
/// The operators' notes on the access.
pub static NOTES: Field<Text> =
    Field::lines("Notes", "Notes", "notes", 4000).help("Anything worth knowing about the access.");

/// The panel in the form of a customer with the users who have access to it.
pub static OF_CUSTOMER: Panel = Panel::Related(Related {
    title: "External Access",
    entity: &EXTERNAL_ACCESS,
    by: &CUSTOMER.def,
    columns: &[&USER.def, &ROLE.def, &DAYS_BACK_ACCESS.def, &VALID_UNTIL.def, &LAST_USED.def, &NOTES.def],
    wanted: &[],
    kinds: None,
    shown_at_first: true,
});

/// The panel in the form of a user with the customers to which the user has access.
pub static OF_USER: Panel = Panel::Related(Related {
    title: "Customers - External Access",
    entity: &EXTERNAL_ACCESS,
    by: &USER.def,
    columns: &[&CUSTOMER.def, &ROLE.def, &DAYS_BACK_ACCESS.def, &VALID_UNTIL.def, &LAST_USED.def, &NOTES.def],
    wanted: &[],
    kinds: None,
    shown_at_first: true,
});

/// The description of `Crm_Sales_CustomerExternalAccess`.
pub static EXTERNAL_ACCESS: EntityDef = EntityDef {
    name: "External Access",
    plural: "Customers - External Access",
    set: "Crm_Sales_CustomerExternalAccess",
    // The spelling of the source.
    type_name: "Crm_Sales_CustomerExternalAcces",
    older_names: &[],
    table: "crm_customer_external_access",
    base: None,
    subtype_field: None,
    owner: Some(&CUSTOMER.def),
    menu: Some(Menu {
        module: "CRM",
        section: "Sales",
        about: "Who may see a customer's data in a Client Center.",
    }),
    fields: &[
        &CUSTOMER.def,
        &USER.def,
        &ROLE.def,
        &DAYS_BACK_ACCESS.def,
        &NOTES.def,
        &VALID_UNTIL.def,
        &LAST_USED.def,
        &REVIEWED_AT.def,
        &REVIEWED_BY.def,
    ],
    columns: &[
        &CUSTOMER.def,
        &USER.def,
        &ROLE.def,
        &DAYS_BACK_ACCESS.def,
        &VALID_UNTIL.def,
        &LAST_USED.def,
        &NOTES.def,
    ],
    form: [
        &[&CUSTOMER.def, &USER.def, &ROLE.def, &DAYS_BACK_ACCESS.def],
        &[&VALID_UNTIL.def, &NOTES.def, &LAST_USED.def, &REVIEWED_AT.def, &REVIEWED_BY.def],
    ],
    critical: &[],
    search: &[&CUSTOMER.def, &USER.def],
    code: None,
    in_use: None,
    title: &USER.def,
    display: &[Part::Shown(&CUSTOMER.def), Part::Literal(": "), Part::Shown(&USER.def)],
    removal: Some("This only ends the access; the user stays."),
    also_in_history_of: &[&CUSTOMER.def, &USER.def],
    keys: &[UniqueKey { fields: &[&CUSTOMER.def, &USER.def], also_without: false }],
    judged: false,
    rights: Rights::Operators,
};

/// The number of days, today not counted, within which an access of the view *Ends soon* ends.
const SOON: i32 = 30;

/// The number of days for which an access of the view *Not used for 90 days* was not used.
const LONG: i32 = 90;

/// The named views of the navigator (`docs/domain.md`, Customers - External Access).
pub static VIEWS: [View; 5] = [
    View {
        name: "Ends soon",
        shows: "accesses that end within 30 days",
        filters: |today| {
            let soon = today.saturating_add(SOON.days());
            vec![Filter::Between(&VALID_UNTIL.def, Some(Value::Date(today)), Some(Value::Date(soon)))]
        },
        arrangement: None,
    },
    View {
        name: "Never used",
        shows: "accesses that were never used",
        filters: |_| vec![Filter::Empty(&LAST_USED.def)],
        arrangement: None,
    },
    View {
        name: "Not used for 90 days",
        shows: "accesses that were used, but not for 90 days",
        filters: long_unused,
        arrangement: None,
    },
    View {
        name: "Of inactive users",
        shows: "accesses of users who are switched off",
        filters: |_| {
            let inactive = Filter::OneOf(&user::ACTIVE.def, vec![Value::Bool(false)]);
            vec![Filter::Through(&USER.def, Box::new(inactive))]
        },
        arrangement: None,
    },
    View { name: "All", shows: "every access", filters: |_| Vec::new(), arrangement: None },
];

/// The filter of the view *Not used for 90 days*: the last use was before the day that is 90 days before `today`, UTC.
fn long_unused(today: Day) -> Vec<Filter> {
    let begin = At::beginning_of(today.saturating_sub(LONG.days()));
    let before = begin.map(|begin| Value::Instant(begin.saturating_add(-SignedDuration::from_micros(1))));
    vec![Filter::Between(&LAST_USED.def, None, before)]
}

/// The business rules of an external access.
pub static RULES: Rules = Rules { check, check_reference, guard_removal, grants_to, dangers, ..Rules::NONE };

/// Refuses changes of Customer and User, and to lower an owner's Role or Days Back Access or to bring its end forward but
/// for an administrator with a reason (R38812; `docs/domain.md`, Customers - External Access). History relies on every access belonging to one customer and one
/// user for ever.
fn check(draft: &Draft, issues: &mut Vec<Issue>) {
    let Some(stored) = &draft.base else { return };
    let changed_keys = [&CUSTOMER.def, &USER.def].into_iter().filter(|field| draft.is_field_changed(field));
    if is_owner(stored) {
        let sentence = "An owner keeps the access; leave this as it was.";
        issues.extend(changed_keys.map(|field| Issue::at(field, sentence).forbidding()));
        let sees_less = is_less(draft.get(&DAYS_BACK_ACCESS), stored.get(&DAYS_BACK_ACCESS));
        let ends_earlier = is_earlier(draft.get(&VALID_UNTIL), stored.get(&VALID_UNTIL));
        let lowered = [
            (&ROLE.def, draft.is_field_changed(&ROLE.def)),
            (&DAYS_BACK_ACCESS.def, sees_less),
            (&VALID_UNTIL.def, ends_earlier),
        ];
        let lowered = lowered.into_iter().filter(|(_, is_lowered)| *is_lowered);
        issues.extend(lowered.map(|(field, _)| Issue::at(field, OWNERS).needing_reason()));
    } else {
        issues.extend(changed_keys.map(|field| {
            let sentence = format!("An access keeps its {}; remove it and add another.", field.label);
            Issue::at(field, sentence)
        }));
    }
}

/// Warns about a customer that no location serves (R39339): its users are stopped by CC007.
fn check_location(customer: &Record, issues: &mut Vec<Issue>) {
    if customer.get(&customer::SERVICED_BY).is_none() {
        let party = customer.get(&customer::PARTY).map_or("", |party| &party.shown);
        let number = customer.get(&customer::NUMBER).unwrap_or_default();
        let sentence =
            format!("No location serves {party} #{number}: a sign-in stops at CC007 until one is chosen.");
        issues.push(Issue::warn(&CUSTOMER.def, sentence));
    }
}

/// Warns about a customer without a location; refuses a user whose type cannot sign in, and asks about one who is inactive or whose login or e-mail mixes scripts
/// (`docs/domain.md`, Customers - External Access).
fn check_reference(field: &FieldDef, target: &Record, issues: &mut Vec<Issue>) {
    if *field == CUSTOMER.def {
        check_location(target, issues);
    }
    if *field != USER.def {
        return;
    }
    let login = target.get(&user::LOGIN).unwrap_or_default();
    let user_type = target.get(&user::USER_TYPE);
    if !user_type.is_some_and(UserType::can_sign_in) {
        let sentence = format!("“{login}” is of a type that cannot sign in; choose another user.");
        issues.push(Issue::at(field, sentence));
    } else if !target.is(&user::ACTIVE) {
        let sentence =
            format!("“{login}” is switched off and will not get in before it is switched on again.");
        issues.push(Issue::ask(field, sentence));
    }
    let email = target.get(&user::EMAIL).unwrap_or_default();
    if text::mixes_scripts(login) || text::mixes_scripts(email) {
        let sentence =
            format!("“{login}” mixes letters of different scripts, as look-alikes do; make sure who it is.");
        issues.push(Issue::ask(field, sentence));
    }
}

/// The refusal to lower or end an owner's access.
const OWNERS: &str = "An owner keeps the access, its role, its days back and its end; only an administrator of the back office \
                      lowers or ends it, with a reason.";

/// Refuses to remove an owner's access but for an administrator with a reason (R38812; `docs/promises.md`, 8).
fn guard_removal(row: &Record) -> Option<&'static str> {
    is_owner(row).then_some(OWNERS)
}

fn grants_to(draft: &Draft) -> Option<Grantee> {
    draft.get(&USER).map(|user| Grantee::User(user.id))
}

/// Asks before somebody is made an owner, and before days back become unlimited (`docs/domain.md`, Customers - External
/// Access).
fn dangers(draft: &Draft, _by: RecordId, issues: &mut Vec<Issue>) {
    let stored = draft.base.as_deref();
    let is_made_owner = draft.get(&ROLE) == Some(Role::Owner) && !stored.is_some_and(is_owner);
    if is_made_owner {
        let sentence = "This makes the user an Owner of the customer: an owner manages the customer's users, and no \
                        Client Center takes that back.";
        issues.push(Issue::ask(&ROLE.def, sentence));
    }
    let is_limited = |days: Option<i64>| days.is_some();
    let was_limited = stored.is_none_or(|stored| is_limited(stored.get(&DAYS_BACK_ACCESS)));
    if was_limited && !is_limited(draft.get(&DAYS_BACK_ACCESS)) {
        let sentence = "This opens the customer's data without any limit of days back.";
        issues.push(Issue::ask(&DAYS_BACK_ACCESS.def, sentence));
    }
}

/// Whether a record is the external access of an owner.
pub fn is_owner(row: &Record) -> bool {
    row.entity.is(&EXTERNAL_ACCESS) && row.get(&ROLE) == Some(Role::Owner)
}

/// Whether a number of days back opens less than another; `None` is unlimited.
pub fn is_less(days: Option<i64>, than: Option<i64>) -> bool {
    days.is_some_and(|days| than.is_none_or(|than| days < than))
}

/// Whether an access with the last day `until` ends before one with the last day `than`; `None` is no end.
pub fn is_earlier(until: Option<Day>, than: Option<Day>) -> bool {
    until.is_some_and(|until| than.is_none_or(|than| until < than))
}

/// Whether an access with this last day opens nothing any more today; `None` is no end.
pub fn has_ended(valid_until: Option<Day>, today: Day) -> bool {
    valid_until.is_some_and(|last| last < today)
}

/// The oldest date that a user with this many days back may see today; `None` is unlimited.
pub fn oldest_visible(days_back: Option<i64>, today: Day) -> Option<Day> {
    format::days_before(today, days_back?)
}

/// The text of a number of days back, with the oldest date where it is known: `30 since 2026-06-01`; `None` is
/// `unlimited`.
pub fn shown_days_back(days: Option<i64>, oldest: Option<impl Display>) -> String {
    match (days, oldest) {
        (Some(days), Some(oldest)) => format!("{days} since {oldest}"),
        (Some(days), None) => days.to_string(),
        (None, _) => UNLIMITED.to_owned(),
    }
}

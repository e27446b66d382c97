//! The business rules of an entity that its field descriptions cannot express ([`Rules`]), and the [`Issue`]s that
//! checks find.

use email_address::{EmailAddress, Options};

use super::field::{Date, Field, Text};
use super::record::{Draft, Fields, Record};
use super::schema::{EntityDef, FieldDef, Kind};
use super::value::{MultiLang, RecordId, Value};

/// One problem with a draft, attributed to a field where possible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// The name of the field with the problem; `None` when the problem concerns the whole record.
    pub property: Option<&'static str>,
    /// One sentence for the operator that says what to do.
    pub message: String,
    /// Whether the issue prevents the save.
    pub weight: Weight,
}

/// The effect of an [`Issue`] on a save.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// The save is refused.
    Refuse,
    /// The save is refused because nobody may do it, and the refusal is written into history (`docs/promises.md`, 9).
    Forbid,
    /// Only an administrator of the back office may do it, and with a reason, which history keeps; for everybody else it
    /// is as [`Weight::Forbid`].
    NeedsReason,
    /// The save needs the operator's confirmation.
    Ask,
    /// The operator should know it. The console asks for a confirmation; a command goes on and says it.
    Warn,
}

impl Issue {
    /// An issue of a field that refuses the save.
    pub fn at(field: &FieldDef, message: impl Into<String>) -> Self {
        Self { property: Some(field.property), message: message.into(), weight: Weight::Refuse }
    }

    /// The issue with the weight [`Weight::Forbid`].
    #[must_use]
    pub fn forbidding(self) -> Self {
        Self { weight: Weight::Forbid, ..self }
    }

    /// The issue with the weight [`Weight::NeedsReason`].
    #[must_use]
    pub fn needing_reason(self) -> Self {
        Self { weight: Weight::NeedsReason, ..self }
    }

    /// Whether the save needs a reason.
    pub fn needs_reason(&self) -> bool {
        self.weight == Weight::NeedsReason
    }

    /// Whether the save needs no more than the operator's confirmation.
    pub fn only_asks(&self) -> bool {
        matches!(self.weight, Weight::Ask | Weight::Warn)
    }

    /// Whether the issue is no more than a warning.
    pub fn only_warns(&self) -> bool {
        self.weight == Weight::Warn
    }

    /// A warning about a field.
    pub fn warn(field: &FieldDef, message: impl Into<String>) -> Self {
        Self { property: Some(field.property), message: message.into(), weight: Weight::Warn }
    }

    /// An issue of a field that needs the operator's confirmation.
    pub fn ask(field: &FieldDef, message: impl Into<String>) -> Self {
        Self { property: Some(field.property), message: message.into(), weight: Weight::Ask }
    }

    /// An issue of the whole record that refuses the save.
    pub fn whole(message: impl Into<String>) -> Self {
        Self { property: None, message: message.into(), weight: Weight::Refuse }
    }
}

/// The business rules of an entity as functions. [`Rules::NONE`] has a default for each, which requires and changes
/// nothing.
pub struct Rules {
    /// Called after `field` of the draft changed: sets the fields that are computed from it. `language` is that of the
    /// operator.
    pub changed: fn(draft: &mut Draft, field: &FieldDef, language: &str),
    /// Called after an operator entered `field` of a new record, and for each default that a new record begins with in
    /// the console: proposes values of other fields. `before` is the value that the field had. Imported values propose
    /// nothing.
    pub entered: fn(draft: &mut Draft, field: &FieldDef, before: &Value),
    /// Called after a record was chosen for the reference `field`: copies values from that record, `target`, into the
    /// draft. `target` is `None` when the reference was cleared.
    pub chosen: fn(draft: &mut Draft, field: &FieldDef, target: Option<&Record>),
    /// Checks the draft beyond the descriptions of its fields, and adds the issues found.
    pub check: fn(draft: &Draft, issues: &mut Vec<Issue>),
    /// Checks whether the reference `field` may refer to the record `target`, and adds the issues found.
    pub check_reference: fn(field: &FieldDef, target: &Record, issues: &mut Vec<Issue>),
    /// The sentence that refuses to remove the record to everybody but administrators of the back office, who have to
    /// give a reason; `None` when whoever may change the record may remove it.
    pub guard_removal: fn(row: &Record) -> Option<&'static str>,
    /// The sentence that says why only administrators may change the record; `None` when every operator may. Called
    /// only for entities with [`Rights::Operators`](super::schema::Rights::Operators).
    pub administrators_only: fn(row: &Record) -> Option<&'static str>,
    /// To whom a save of the draft opens a Client Center, or more of one; `None` when to nobody.
    pub grants_to: fn(draft: &Draft) -> Option<Grantee>,
    /// Adds an issue that asks ([`Issue::ask`]) for each change of the draft that nobody makes by accident, such as
    /// making somebody an administrator, in words that say what it does. `by` is the user who saves.
    pub dangers: fn(draft: &Draft, by: RecordId, issues: &mut Vec<Issue>),
    /// Fills the draft of a new record that is created for the reference `field` of the draft `from`. `language` is
    /// that of the operator.
    pub fill_new: fn(new: &mut Draft, from: &Draft, field: &FieldDef, language: &str),
    /// The fields that are computed from another record; `None` for an entity without such fields.
    pub follows: Option<Follows>,
    /// Names a new record by the text that was typed to find it, in the language of the operator.
    pub name_new: fn(new: &mut Draft, typed: &str, language: &str),
}

/// To whom the save of a draft opens a Client Center, or more of one (`docs/domain.md`, Rights in the back office).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grantee {
    /// A user: the draft is an external access.
    User(RecordId),
    /// The users of a person, who gets a company to come in for (`docs/codes.md`, CC003).
    Person(RecordId),
    /// The users of the persons that belong to a party: the draft is a customer (`docs/codes.md`, CC004, CC006, CC007).
    Party(RecordId),
}

/// Fields that are computed from the record of a reference whenever a record is saved, and again when that record
/// changes: the Party Name of a company location begins with that of its company.
#[derive(Clone, Copy)]
pub struct Follows {
    /// The reference to the record.
    pub reference: &'static FieldDef,
    /// The field of that record from which the fields are computed. When a save changes it, the fields are computed
    /// again in all records that refer to it.
    pub source: &'static FieldDef,
    /// The computed fields that nobody enters.
    pub fields: &'static [&'static FieldDef],
    /// Sets the computed fields of the draft from the record that the reference refers to.
    pub compute: fn(draft: &mut Draft, target: &Record),
}

impl Follows {
    /// Whether the fields are computed from records of the entity.
    pub fn is_from(&self, entity: &EntityDef) -> bool {
        self.reference.target().is_some_and(|target| target.is(entity))
    }
}

impl Rules {
    /// No rules beyond the field descriptions.
    pub const NONE: Self = Self {
        changed: |_, _, _| {},
        entered: |_, _, _| {},
        chosen: |_, _, _| {},
        check: |_, _| {},
        check_reference: |_, _, _| {},
        guard_removal: |_| None,
        administrators_only: |_| None,
        grants_to: |_| None,
        dangers: |_, _, _| {},
        fill_new: |_, _, _, _| {},
        follows: None,
        name_new: fill_name,
    };
}

/// Sets the first field that must be filled in to the typed text.
fn fill_name(new: &mut Draft, typed: &str, language: &str) {
    let naming = |field: &&&'static FieldDef| field.required && !field.read_only && !field.numbered;
    let Some(field) = new.entity.fields.iter().find(naming) else { return };
    match field.kind {
        Kind::Text { .. } => new.set(field, Value::text(typed)),
        Kind::Multi { .. } => new.set(field, Value::multi(MultiLang::new(language, typed))),
        _ => {}
    }
}

/// Adds an issue when the value of the field is not an e-mail address such as `name@example.com`.
pub fn check_email(draft: &Draft, field: &Field<Text>, issues: &mut Vec<Issue>) {
    let without_name = Options::default().without_display_text();
    if let Some(email) = draft.get(field)
        && EmailAddress::parse_with_options(email, without_name).is_err()
    {
        issues.push(Issue::at(
            &field.def,
            format!("{} must be an address such as name@example.com.", field.def.label),
        ));
    }
}

/// Adds an issue when both dates are filled in and `thru` is before `from`.
pub fn check_order(draft: &Draft, from: &Field<Date>, thru: &Field<Date>, issues: &mut Vec<Issue>) {
    if let (Some(first), Some(last)) = (draft.get(from), draft.get(thru))
        && last < first
    {
        issues.push(Issue::at(
            &thru.def,
            format!("{} must not be before {} ({first}).", thru.def.label, from.def.label),
        ));
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{self, date};

    use super::*;
    use crate::domain::entities::company::{self, COMPANY};
    use crate::domain::entities::company_location::{self, COMPANY_LOCATION};
    use crate::domain::entities::customer::{self, CUSTOMER};
    use crate::domain::entities::party::PARTY;
    use crate::domain::entities::person::PERSON;
    use crate::domain::entities::user::{self, USER};
    use crate::domain::tests::{english, new};

    #[test]
    fn an_issue_says_what_it_takes_to_save() {
        let (field, sentence) = (&user::EMAIL.def, "Look at it.");
        let table = [
            // Issue, its weight, and whether it needs a reason, no more than a confirmation, or nothing at all.
            (Issue::at(field, sentence), Weight::Refuse, [false, false, false]),
            (Issue::at(field, sentence).forbidding(), Weight::Forbid, [false, false, false]),
            (Issue::at(field, sentence).needing_reason(), Weight::NeedsReason, [true, false, false]),
            (Issue::ask(field, sentence), Weight::Ask, [false, true, false]),
            (Issue::warn(field, sentence), Weight::Warn, [false, true, true]),
        ];
        for (issue, weight, [reason, asks, warns]) in table {
            assert_eq!(issue, Issue { property: Some("Email"), message: sentence.to_owned(), weight });
            assert_eq!(issue.needs_reason(), reason, "{weight:?}");
            assert_eq!(issue.only_asks(), asks, "{weight:?}");
            assert_eq!(issue.only_warns(), warns, "{weight:?}");
        }
        let whole = Issue::whole(sentence);
        assert_eq!((whole.property, whole.weight), (None, Weight::Refuse));
    }

    #[test]
    fn what_was_typed_names_a_new_record_where_its_first_required_field_is_a_text() {
        let table: [(&'static EntityDef, &[(&'static FieldDef, Value)]); 5] = [
            (&USER, &[(&user::LOGIN.def, Value::text("lea"))]),
            (&COMPANY, &[(&company::NAME.def, english("lea"))]),
            // The first required field is a reference; is computed; there is none.
            (&CUSTOMER, &[]),
            (&PARTY, &[]),
            (&PERSON, &[]),
        ];
        for (entity, named) in table {
            let mut draft = new(entity, &[]);
            (Rules::NONE.name_new)(&mut draft, "lea", "en");
            assert_eq!(draft, new(entity, named));
        }
    }

    #[test]
    fn a_location_follows_its_company_alone() {
        let follows = company_location::RULES.follows.expect("computed fields");
        for (entity, is_followed) in [(&COMPANY, true), (&COMPANY_LOCATION, false), (&PERSON, false)] {
            assert_eq!(follows.is_from(entity), is_followed, "{}", entity.name);
        }
    }

    #[test]
    fn an_email_is_an_address_without_a_name_before_it() {
        let table = [
            ("", true),
            ("chris_armstrong@mail.com", true),
            ("lea.marsh+orders@cove.example", true),
            ("chris", false),
            ("@mail.com", false),
            ("chris@", false),
            ("chris @mail.com", false),
            ("Chris <chris@mail.com>", false),
        ];
        for (email, is_address) in table {
            let mut issues = Vec::new();
            check_email(&new(&USER, &[(&user::EMAIL.def, Value::text(email))]), &user::EMAIL, &mut issues);
            let sentence = "Email must be an address such as name@example.com.";
            let refused = (!is_address).then(|| Issue::at(&user::EMAIL.def, sentence));
            assert_eq!(issues, Vec::from_iter(refused), "{email}");
        }
    }

    #[test]
    fn an_agreement_ends_on_its_first_day_or_later() {
        let first = date(2026, 2, 2);
        let table = [
            (Some(first), Some(date(2026, 2, 1)), false),
            (Some(first), Some(first), true),
            (Some(first), Some(date(2026, 2, 3)), true),
            (Some(first), None, true),
            (None, Some(first), true),
        ];
        for (from, thru, is_right) in table {
            let value = |date: Option<civil::Date>| date.map_or(Value::Empty, Value::Date);
            let dates = [(&customer::FROM_DATE.def, value(from)), (&customer::THRU_DATE.def, value(thru))];
            let mut issues = Vec::new();
            check_order(&new(&CUSTOMER, &dates), &customer::FROM_DATE, &customer::THRU_DATE, &mut issues);
            let sentence = "Thru Date must not be before From Date (2026-02-02).";
            let refused = (!is_right).then(|| Issue::at(&customer::THRU_DATE.def, sentence));
            assert_eq!(issues, Vec::from_iter(refused), "{from:?} to {thru:?}");
        }
    }
}

//! What the business asks of a record beyond the descriptions of its fields: an entity's [`Rules`], and the [`Issue`]s
//! that they find.

use email_address::{EmailAddress, Options};

use super::field::{Date, Field, Text};
use super::record::{Draft, Fields, Record};
use super::schema::FieldDef;

/// One thing that is wrong with a draft, said where it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// The field it belongs to; `None` when it concerns the record as a whole.
    pub property: Option<&'static str>,
    /// One sentence that says what to do.
    pub message: String,
    /// Whether the save is refused or only asked about.
    pub weight: Weight,
}

/// What an [`Issue`] does to a save.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// The save is refused.
    Refuse,
    /// It is refused because nobody may do that, whatever was typed: history says so too (`docs/promises.md`, 9).
    Forbid,
    /// The save goes on when the operator says so.
    Ask,
}

impl Issue {
    /// A reason to refuse, at a field.
    pub fn at(field: &FieldDef, message: impl Into<String>) -> Self {
        Self { property: Some(field.property), message: message.into(), weight: Weight::Refuse }
    }

    /// The same, but because nobody may do that.
    #[must_use]
    pub fn forbidding(self) -> Self {
        Self { weight: Weight::Forbid, ..self }
    }

    /// Whether the save goes on when the operator says so.
    pub fn only_asks(&self) -> bool {
        self.weight == Weight::Ask
    }

    /// A reason to ask, at a field.
    pub fn ask(field: &FieldDef, message: impl Into<String>) -> Self {
        Self { property: Some(field.property), message: message.into(), weight: Weight::Ask }
    }

    /// A reason to refuse that no single field carries.
    pub fn whole(message: impl Into<String>) -> Self {
        Self { property: None, message: message.into(), weight: Weight::Refuse }
    }
}

/// The business rules of an entity, each with a default that asks nothing.
pub struct Rules {
    /// Called after `field` of the draft changed: recomputes what follows from it without the database.
    pub changed: fn(draft: &mut Draft, field: &FieldDef, language: &str),
    /// Called after the reference `field` was chosen (or cleared: `None`): copies what follows from the
    /// record it refers to.
    pub chosen: fn(draft: &mut Draft, field: &FieldDef, target: Option<&Record>),
    /// Everything about the draft that the fields' own descriptions cannot say.
    pub check: fn(draft: &Draft, issues: &mut Vec<Issue>),
    /// Everything about the record that the reference `field` refers to which speaks against, or for asking about,
    /// referring to it.
    pub check_reference: fn(field: &FieldDef, target: &Record, issues: &mut Vec<Issue>),
    /// Why this one is never removed, where others of its kind are.
    pub deny_removal: fn(row: &Record) -> Option<&'static str>,
    /// Why only administrators may change this one, where every operator may change others of its kind.
    pub administrators_only: fn(row: &Record) -> Option<&'static str>,
    /// Fills a new record that is created on the spot from the reference `field` of `from`.
    pub fill_new: fn(new: &mut Draft, from: &Draft, field: &FieldDef, language: &str),
}

impl Rules {
    /// Rules that ask nothing beyond the fields' descriptions.
    pub const NONE: Self = Self {
        changed: |_, _, _| {},
        chosen: |_, _, _| {},
        check: |_, _| {},
        check_reference: |_, _, _| {},
        deny_removal: |_| None,
        administrators_only: |_| None,
        fill_new: |_, _, _, _| {},
    };
}

/// Adds an issue when the field holds something that is no e-mail address.
pub fn check_email(draft: &Draft, field: &Field<Text>, issues: &mut Vec<Issue>) {
    let bare = Options::default().without_display_text();
    if let Some(email) = draft.get(field)
        && EmailAddress::parse_with_options(email, bare).is_err()
    {
        issues.push(Issue::at(
            &field.def,
            format!("{} must be an address such as name@example.com.", field.def.label),
        ));
    }
}

/// Adds an issue when a later date stands before an earlier one.
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

//! The checks of a draft that need no database, and the rebase of a draft after a conflict.

use std::sync::Arc;

use super::entities;
use super::model::record::{Draft, Fields, Record};
use super::model::schema::FieldDef;
use super::model::value::Value;

pub use super::model::limits::fits;
pub use super::model::rules::{Grantee, Issue, Weight};

/// The issues of a draft that are found without the database: those of its fields, in the order of
/// [`EntityDef::all_fields`], then those of the entity's [`Rules::check`](super::model::rules::Rules::check).
///
/// [`EntityDef::all_fields`]: super::model::schema::EntityDef::all_fields
pub fn check(draft: &Draft) -> Vec<Issue> {
    let mut issues: Vec<Issue> =
        draft.entity.all_fields().filter_map(|field| check_field(draft, field)).collect();
    (entities::rules_of(draft.entity).check)(draft, &mut issues);
    issues
}

/// The draft rebased on a newer version of its record, for the reload after a conflict.
///
/// Changed fields that can be typed keep the draft's values. Computed fields are not carried over:
/// [`Rules::changed`](super::model::rules::Rules::changed) computes them again from the newer record and those values.
/// `language` is that of the operator.
#[must_use]
pub fn rebased(draft: &Draft, record: Arc<Record>, language: &str) -> Draft {
    let entity = draft.entity;
    let typed: Vec<&'static FieldDef> =
        entity.all_fields().filter(|field| !field.read_only && draft.is_field_changed(field)).collect();
    let mut rebased = draft.with_base_for(record, &typed);
    for field in &typed {
        (entities::rules_of(entity).changed)(&mut rebased, field, language);
    }
    // A rule may have overwritten another field that was typed.
    rebased.copy_fields(draft, &typed);
    rebased
}

fn check_field(draft: &Draft, field: &'static FieldDef) -> Option<Issue> {
    let value = draft.value(field);
    if let Some(sentence) = field.fixed.filter(|_| draft.base.is_some() && draft.is_field_changed(field)) {
        return Some(Issue::at(field, sentence));
    }
    if value.is_empty() {
        if field.required && field.read_only {
            return Some(Issue::at(
                field,
                format!("{} follows from other fields; fill those in.", field.label),
            ));
        }
        if field.required && !field.numbered {
            return Some(Issue::at(field, format!("{} is required.", field.label)));
        }
        if draft.entity.critical.contains(&field) {
            return Some(Issue::ask(field, format!("{} is empty.", field.label)));
        }
        return None;
    }
    if let Err(sentence) = fits(field, value) {
        return Some(Issue::at(field, sentence));
    }
    if field.acyclic && matches!(value, Value::Ref(reference) if reference.id == draft.id) {
        // Longer cycles are found only in the database: the save refuses them.
        let (kind, label) = (draft.entity.root().name.to_lowercase(), field.label.to_lowercase());
        return Some(Issue::at(field, format!("A {kind} cannot belong to itself; choose another {label}.")));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entities::company::{self, COMPANY};
    use crate::domain::entities::company_location::{self, COMPANY_LOCATION};
    use crate::domain::entities::customer::{self, CUSTOMER};
    use crate::domain::entities::party::{IS_ACTIVE, PARENT_PARTY, PARTY_CODE, PARTY_NAME, PARTY_NOTES};
    use crate::domain::entities::person::{self, PERSON};
    use crate::domain::entities::user::{self, USER};
    use crate::domain::tests::{changed, english, new, stored, to};
    use jiff::civil::date;

    #[test]
    fn each_field_is_checked_by_its_description() {
        let party = || (&customer::PARTY.def, to(5));
        let of_five = stored(&CUSTOMER, &[party()]);
        let kept = "A customer keeps its Party; make another customer for the other party.";
        let code = |length| (&PARTY_CODE.def, Value::text("1".repeat(length)));
        let code_is_long = "Party Code takes at most 16 characters; this has 17.";
        let name_follows = "Party Name follows from other fields; fill those in.";
        let in_itself = "A party cannot belong to itself; choose another parent party.";
        let (refused, asked) = (Weight::Refuse, Weight::Ask);
        let table = [
            // What a record is created with stays.
            (&customer::PARTY.def, new(&CUSTOMER, &[party()]), None),
            (&customer::PARTY.def, changed(&of_five, &[]), None),
            (
                &customer::PARTY.def,
                changed(&of_five, &[(&customer::PARTY.def, to(6))]),
                Some((refused, kept)),
            ),
            // What may be empty, and what may not.
            (&customer::PARTY.def, new(&CUSTOMER, &[]), Some((refused, "Party is required."))),
            (&customer::THRU_DATE.def, new(&CUSTOMER, &[]), None),
            (&customer::NUMBER.def, new(&CUSTOMER, &[]), None),
            (&PARTY_NAME.def, new(&PERSON, &[]), Some((refused, name_follows))),
            (&user::CREATION_TIME_UTC.def, new(&USER, &[]), None),
            (&person::FIRST_NAME.def, new(&PERSON, &[]), Some((asked, "First Name is empty."))),
            (&person::MIDDLE_NAME.def, new(&PERSON, &[]), None),
            (&person::FIRST_NAME.def, new(&PERSON, &[(&person::FIRST_NAME.def, english("Lea"))]), None),
            // What a field can hold.
            (&PARTY_CODE.def, new(&PERSON, &[code(16)]), None),
            (&PARTY_CODE.def, new(&PERSON, &[code(17)]), Some((refused, code_is_long))),
            // The tests' new records have the number 1.
            (&PARENT_PARTY.def, new(&PERSON, &[(&PARENT_PARTY.def, to(1))]), Some((refused, in_itself))),
            (&PARENT_PARTY.def, new(&PERSON, &[(&PARENT_PARTY.def, to(2))]), None),
            (&user::PERSON.def, new(&USER, &[(&user::PERSON.def, to(1))]), None),
        ];
        for (field, draft, expected) in table {
            let found = check(&draft).into_iter().find(|issue| issue.property == Some(field.property));
            let found = found.as_ref().map(|issue| (issue.weight, issue.message.as_str()));
            assert_eq!(found, expected, "{field:?} of {draft:?}");
        }
    }

    #[test]
    fn the_issues_of_the_fields_come_before_those_of_the_whole_record() {
        let dates =
            [(&customer::FROM_DATE.def, date(2026, 2, 2)), (&customer::THRU_DATE.def, date(2026, 2, 1))];
        let mut draft = new(&CUSTOMER, &dates.map(|(field, date)| (field, Value::Date(date))));
        draft.set(&customer::ACTIVE.def, Value::Bool(true));
        let fields: Vec<_> = check(&draft).iter().filter_map(|issue| issue.property).collect();
        assert_eq!(fields.first(), Some(&"Party"));
        assert_eq!(fields.last(), Some(&"ThruDate"), "{fields:?}");
    }

    #[test]
    fn promise_13_a_rebased_draft_has_what_was_typed_and_of_the_rest_what_is_stored_now() {
        let version = |name, notes| {
            let name = english(name);
            let name = [(&company::NAME.def, name.clone()), (&PARTY_NAME.def, name)];
            stored(&COMPANY, &[&name[..], &[(&PARTY_NOTES.def, Value::text(notes))]].concat())
        };
        let branch = (&company::BRANCH_NUMBER.def, Value::Int(2));
        let mine = changed(&version("KK", "old"), &[branch, (&PARTY_NAME.def, english("KK[2]"))]);
        let rebased = rebased(&mine, version("KK Ltd.", "new"), "en");
        assert_eq!(rebased.value(&company::BRANCH_NUMBER.def), &Value::Int(2));
        assert_eq!(rebased.value(&company::NAME.def), &english("KK Ltd."));
        assert_eq!(rebased.value(&PARTY_NOTES.def), &Value::text("new"));
        assert_eq!(rebased.value(&PARTY_NAME.def), &english("KK Ltd.[2]"), "computed from both");
    }

    #[test]
    fn promise_13_a_rule_overwrites_nothing_that_was_typed() {
        let location = stored(&COMPANY_LOCATION, &[]);
        // The company of a location becomes its parent party, unless another one was typed.
        let company = (&company_location::COMPANY_REF.def, to(7));
        let mine =
            changed(&location, &[company, (&PARENT_PARTY.def, to(8)), (&IS_ACTIVE.def, Value::Bool(true))]);
        assert_eq!(rebased(&mine, location, "en").changed, mine.changed);
    }
}

//! What only administrators may do in the back office, and what nobody may (`docs/domain.md`, Rights in the back office;
//! `docs/promises.md`, 7). Every function returns the sentence with which an operator is refused. The service enforces
//! these rules; a screen calls the same functions to disable what would be refused.

use super::entities;
use super::model::record::{Draft, Fields, Record};
use super::model::rules::Grantee;
use super::model::schema::{EntityDef, FieldDef, Rights};
use super::model::value::{RecordId, Value};

/// The refusal for an operator who is no administrator and issues a one-time code (`docs/promises.md`, 5).
pub const ONE_TIME_CODES: &str = "Only an administrator may issue one-time codes; ask one.";

/// The refusal for an operator who changes the `stored` record of an entity or, with `None`, creates one; `None` when
/// every operator may.
pub fn record_denial(entity: &'static EntityDef, stored: Option<&Record>) -> Option<&'static str> {
    match entity.rights {
        Rights::Administrators => Some("Only an administrator may change these records; ask one."),
        Rights::Operators => {
            stored.and_then(|stored| (entities::rules_of(stored.entity).administrators_only)(stored))
        }
    }
}

/// The refusal for an operator who changes a field; `None` when whoever may change the record may change the field.
pub fn field_denial(field: &FieldDef) -> Option<&'static str> {
    field.administrators_only
}

/// The refusal for an operator who saves a draft; `None` when every operator may. The base of the draft must be the
/// stored record.
///
/// In a new record, a field for administrators must keep its default: a user whom an operator creates is external.
pub fn draft_denial(draft: &Draft) -> Option<&'static str> {
    let stored = draft.base.as_deref();
    record_denial(draft.entity, stored).or_else(|| {
        draft.entity.all_fields().filter(|field| is_changed(draft, stored, field)).find_map(field_denial)
    })
}

/// The refusal for an operator who grants an external access to their own login.
pub const OWN_GRANT: &str = "Nobody grants anything to their own login; ask another operator.";

/// The refusal for an operator, no administrator, who saves what opens a Client Center of version 24 to their own login.
pub const OWN_OPENING: &str =
    "This opens Client Centers to your own login; ask another operator or an administrator to do it.";

/// The records by which an operator is let in to Client Centers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnRecords {
    /// The operator's user.
    pub user: RecordId,
    /// The person of that user.
    pub person: Option<RecordId>,
    /// The parent party of that person.
    pub parent_party: Option<RecordId>,
}

/// To whom a save of the draft opens a Client Center, or more of one; `None` when to nobody. Ending an access saves no
/// draft.
pub fn granted_to(draft: &Draft) -> Option<Grantee> {
    (entities::rules_of(draft.entity).grants_to)(draft).filter(|_| draft.is_changed())
}

/// The refusal for an operator who opens a Client Center to `grantee`; `None` when that is not the operator. Of the two
/// refusals, administrators get [`OWN_GRANT`] alone.
pub fn own_grant_denial(grantee: Grantee, own: &OwnRecords) -> Option<&'static str> {
    match grantee {
        Grantee::User(user) => (own.user == user).then_some(OWN_GRANT),
        Grantee::Person(person) => (own.person == Some(person)).then_some(OWN_OPENING),
        Grantee::Party(party) => (own.parent_party == Some(party)).then_some(OWN_OPENING),
    }
}

/// Whether a field of the draft differs from the stored record or, in a new record, from its default.
fn is_changed(draft: &Draft, stored: Option<&Record>, field: &FieldDef) -> bool {
    let before = stored.map_or_else(|| field.default.fixed(), |stored| stored.value(field).clone());
    // An empty yes-or-no value means no.
    let normalised = |value: &Value| if *value == Value::Bool(false) { Value::Empty } else { value.clone() };
    normalised(draft.value(field)) != normalised(&before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entities::external_access::{self, EXTERNAL_ACCESS, Role};
    use crate::domain::entities::user::{self, USER, UserType};
    use crate::domain::entities::web_site::WEB_SITE;
    use crate::domain::tests::{changed, id, new, stored, to};

    const RECORDS: &str = "Only an administrator may change these records; ask one.";
    const IS_ADMIN: &str = "Only an administrator may change Is Admin; ask one.";
    const USER_TYPE: &str = "Only an administrator may choose another User Type; ask one.";

    #[test]
    fn promise_07_operators_change_parties_customers_access_and_users_alone() {
        let for_operators = [
            "Parties",
            "Companies",
            "Company Locations",
            "Persons",
            "Customers",
            "Users",
            "Customers - External Access",
        ];
        for entity in entities::all() {
            let denied = (!for_operators.contains(&entity.plural)).then_some(RECORDS);
            assert_eq!(record_denial(entity, None), denied, "a new one of {}", entity.plural);
            assert_eq!(record_denial(entity, Some(&stored(entity, &[]))), denied, "{}", entity.plural);
        }
    }

    #[test]
    fn promise_07_operators_change_no_operator_nor_who_is_one() {
        let of_type = |user_type: UserType| (&user::USER_TYPE.def, user_type.into());
        let external = || of_type(UserType::ExternalCommunityUser);
        let internal = || of_type(UserType::InternalUser);
        let is_admin = |yes| (&user::IS_ADMIN.def, Value::Bool(yes));
        let notes = || (&user::NOTES.def, Value::text("Called back."));
        let stored = |values: &[_]| stored(&USER, values);
        let table = [
            ("a new external user", new(&USER, &[external()]), None),
            ("a new user, clearly no administrator", new(&USER, &[external(), is_admin(false)]), None),
            ("a new administrator", new(&USER, &[external(), is_admin(true)]), Some(IS_ADMIN)),
            ("a new operator", new(&USER, &[internal()]), Some(USER_TYPE)),
            ("a new user of no type", new(&USER, &[]), Some(USER_TYPE)),
            ("notes on a user", changed(&stored(&[external()]), &[notes()]), None),
            ("an answer where there was none", changed(&stored(&[external()]), &[is_admin(false)]), None),
            ("a new type", changed(&stored(&[external()]), &[internal()]), Some(USER_TYPE)),
            ("more rights", changed(&stored(&[external()]), &[is_admin(true)]), Some(IS_ADMIN)),
            ("fewer", changed(&stored(&[external(), is_admin(true)]), &[is_admin(false)]), Some(IS_ADMIN)),
            ("other fields", changed(&stored(&[external(), is_admin(true)]), &[notes()]), None),
            ("notes on an operator", changed(&stored(&[internal()]), &[notes()]), Some(user::OPERATORS)),
            ("a web site", new(&WEB_SITE, &[]), Some(RECORDS)),
        ];
        for (what, draft, denied) in table {
            assert_eq!(draft_denial(&draft), denied, "{what}");
        }
    }

    #[test]
    fn promise_07_an_access_is_granted_by_a_save_that_changes_it() {
        let of_user = || (&external_access::USER.def, to(5));
        let admin = (&external_access::ROLE.def, Role::Admin.into());
        let row = stored(&EXTERNAL_ACCESS, &[of_user()]);
        let user = Some(Grantee::User(id(5)));
        assert_eq!(granted_to(&new(&EXTERNAL_ACCESS, &[of_user()])), user);
        assert_eq!(granted_to(&changed(&row, &[admin])), user);
        assert_eq!(granted_to(&changed(&row, &[])), None, "nothing is saved");
        assert_eq!(granted_to(&new(&EXTERNAL_ACCESS, &[])), None, "nobody is chosen yet");
    }

    #[test]
    fn promise_07_nobody_grants_to_the_own_login() {
        let own = OwnRecords { user: id(1), person: Some(id(2)), parent_party: Some(id(3)) };
        let alone = OwnRecords { person: None, parent_party: None, ..own };
        let table = [
            (Grantee::User(id(1)), Some(OWN_GRANT), Some(OWN_GRANT)),
            (Grantee::Person(id(2)), Some(OWN_OPENING), None),
            (Grantee::Party(id(3)), Some(OWN_OPENING), None),
            (Grantee::User(id(9)), None, None),
            (Grantee::Person(id(9)), None, None),
            (Grantee::Party(id(9)), None, None),
        ];
        for (grantee, refusal, of_one_without_person) in table {
            assert_eq!(own_grant_denial(grantee, &own), refusal, "{grantee:?}");
            assert_eq!(own_grant_denial(grantee, &alone), of_one_without_person, "{grantee:?}");
        }
    }
}

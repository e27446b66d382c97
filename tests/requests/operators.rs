//! Promise 7: role × command × field, with drafts that no screen would make.

use std::sync::Arc;

use ccdesk::domain::account_request::Source;
use ccdesk::domain::entities::{all, customer, external_access, party, person, rules_of, user, web_site};
use ccdesk::domain::model::history::HistoryAction;
use ccdesk::domain::model::record::{Draft, Fields, Record};
use ccdesk::domain::model::schema::{EntityDef, FieldDef, Initial, Kind};
use ccdesk::domain::model::value::{MultiLang, RecordId, Value};
use ccdesk::service::ServiceError;
use ccdesk::service::back_office::BackOffice;
use ccdesk::service::back_office::grants::Grants;
use ccdesk::service::back_office::requests::create_account;
use ccdesk::storage::db::Db;

use crate::company::{
    KK_HQ, KK_LTD, KK_SELLS, customer_draft, draft, found, full, id, load, person_draft, save, to, user_draft,
};
use crate::support::Store;
use crate::{back_office, form, origin, told, user_of, world};

/// What becomes of a save.
#[derive(Debug, PartialEq)]
enum Answer {
    /// Only an administrator may do that.
    ForAdministrators,
    /// Nobody sets this by hand.
    ByNobody,
    /// It is allowed, even if the value may not do.
    Allowed,
}

impl Answer {
    fn of<T: std::fmt::Debug>(answer: &Result<T, ServiceError>) -> Self {
        match answer {
            Ok(_) | Err(ServiceError::Invalid(_)) => Self::Allowed,
            Err(ServiceError::Denied(sentence)) if sentence.starts_with("Only an administrator may") => {
                Self::ForAdministrators
            }
            Err(ServiceError::Denied(sentence)) if sentence.ends_with("cannot be set by hand.") => {
                Self::ByNobody
            }
            other => panic!("unexpected: {other:?}"),
        }
    }
}

/// The table of promise 7: what becomes of changing a field.
fn promised(is_admin: bool, record: &Record, field: &FieldDef) -> Answer {
    let root = record.entity.root();
    let repaired = [&party::PARTY, &customer::CUSTOMER, &external_access::EXTERNAL_ACCESS, &user::USER];
    let kept = [&user::IS_ADMIN.def, &user::USER_TYPE.def];
    let is_operator =
        root.is(&user::USER) && record.get(&user::USER_TYPE) == Some(user::UserType::InternalUser);
    if !is_admin && (!repaired.iter().any(|entity| entity.is(root)) || is_operator || kept.contains(&field)) {
        Answer::ForAdministrators
    } else if field.read_only {
        Answer::ByNobody
    } else {
        Answer::Allowed
    }
}

async fn somebody(db: &Db, is_admin: bool) -> BackOffice {
    back_office(db, if is_admin { "administrator" } else { "clerk" }, is_admin).await
}

/// A value that is not the one there.
fn another(field: &FieldDef, was: &Value) -> Value {
    match (&field.kind, was) {
        (Kind::Bool, was) => Value::Bool(*was != Value::Bool(true)),
        (Kind::Choice(choices), was) => {
            let other = choices.iter().map(|choice| Value::Code(choice.code)).find(|code| code != was);
            other.expect("two choices")
        }
        (Kind::Int { .. }, _) => Value::Int(5),
        (Kind::Date, _) => Value::Date("2024-05-05".parse().expect("a date")),
        (Kind::Instant, _) => Value::Instant("2024-05-05T05:05:05Z".parse().expect("a moment")),
        (Kind::Amount, _) => Value::Amount("5.00".parse().expect("an amount")),
        (Kind::Multi { .. }, _) => Value::multi(MultiLang::new("en", "another")),
        (Kind::Json, _) => Value::text("{\"b\": 2}"),
        (Kind::Text { .. } | Kind::Lines { .. } | Kind::Secret, _) => Value::text("another"),
        (Kind::Ref(_), Value::Empty) => to(id(404)),
        (Kind::Ref(_), _) => Value::Empty,
    }
}

async fn read(db: &Db, entity: &'static EntityDef, id: RecordId) -> Arc<Record> {
    Arc::new(load(&mut db.read().await.expect("a connection"), entity, id).await)
}

pub(crate) async fn promise_07_every_field_of_every_entity_is_for_who_it_is_for(Store { db, .. }: Store) {
    let mut seed = 0;
    for entity in all() {
        let mut kinds = vec![full(&db, entity, &mut seed).await];
        if entity.is(&user::USER) {
            let mut operator = user_draft("boss", "Boss", None);
            operator.set(&user::USER_TYPE.def, Value::Code("INT"));
            let external = user_draft("chris", "Chris", None);
            kinds = vec![operator, external];
        }
        for kind in kinds {
            seed += 1;
            let made = save(&db, &kind, id(u128::from(seed) << 80)).await.id;
            for field in entity.all_fields() {
                for is_admin in [false, true] {
                    let was = read(&db, entity, made).await;
                    let promised = promised(is_admin, &was, field);
                    let mut forged = Draft::of(Arc::clone(&was));
                    forged.set(field, another(field, was.value(field)));
                    (rules_of(entity).changed)(&mut forged, field, "en");
                    let answer = somebody(&db, is_admin).await.save(&forged, true).await;
                    let says = format!("{entity:?}.{field:?}, administrator: {is_admin}: {answer:?}");
                    assert_eq!(Answer::of(&answer), promised, "{says}");
                    if promised != Answer::Allowed {
                        assert_eq!(read(&db, entity, made).await, was, "{says}");
                    } else if answer.is_ok() && entity.is(&user::USER) {
                        // The table tells of this user.
                        let mut back = Draft::of(read(&db, entity, made).await);
                        back.set(field, was.value(field).clone());
                        somebody(&db, true).await.save(&back, true).await.expect("it is as it was");
                    }
                }
            }
        }
        for is_admin in [false, true] {
            seed += 1;
            let mut new = full(&db, entity, &mut seed).await;
            for field in entity.all_fields().filter(|field| field.read_only) {
                let now = matches!(field.default, Initial::Now);
                new.set(
                    field,
                    if now { new.value(field).clone() } else { draft(entity, &[]).value(field).clone() },
                );
            }
            if entity.is(&user::USER) {
                new.set(&user::IS_ADMIN.def, Value::Bool(false));
                new.set(&user::USER_TYPE.def, Value::Code("EXT"));
            }
            let repaired =
                [&party::PARTY, &customer::CUSTOMER, &external_access::EXTERNAL_ACCESS, &user::USER];
            let may = is_admin || repaired.iter().any(|repaired| repaired.is(entity.root()));
            let answer = somebody(&db, is_admin).await.save(&new, true).await;
            let denied =
                matches!(&answer, Err(ServiceError::Denied(sentence)) if sentence.starts_with("Only an"));
            assert_eq!(denied, !may, "a new {}, administrator: {is_admin}: {answer:?}", entity.name);
        }
    }
    assert!(web_site::WEB_SITE.all_fields().any(|field| *field == web_site::ACCESS_RULES.def));
}

pub(crate) async fn promise_07_every_command_is_for_who_it_is_for(Store { db, .. }: Store) {
    found(&db).await;
    let customer = save(&db, &customer_draft(id(KK_LTD), Some(id(KK_SELLS)), None), id(1)).await.id;
    for user_type in ["EXT", "INT"] {
        for is_admin in [false, true] {
            let email = format!("{user_type}{is_admin}@mail.example");
            create_account(&db, &world(), &origin(), Source::Web, &form(&email))
                .await
                .expect("it is asked for");
            let mut turned = Draft::of(Arc::new(user_of(&db, &email).await.expect("the user")));
            turned.set(&user::USER_TYPE.def, Value::Code(user_type));
            let user = somebody(&db, true).await.save(&turned, true).await.expect("the type is chosen").id;
            let back_office = somebody(&db, is_admin).await;
            let only_of_externals =
                if user_type == "INT" && !is_admin { Answer::ForAdministrators } else { Answer::Allowed };
            let rejected = back_office.reject(user, "unknown").await;
            assert_eq!(Answer::of(&rejected), only_of_externals, "{email}: {rejected:?}");
            let reopened = back_office.reopen(user).await;
            assert_eq!(Answer::of(&reopened), only_of_externals, "{email}: {reopened:?}");
            let only_administrators = if is_admin { Answer::Allowed } else { Answer::ForAdministrators };
            let reset = back_office.issue_reset(user).await;
            assert_eq!(Answer::of(&reset), only_administrators, "{email}: {reset:?}");
            let grants = Grants::usual(user, vec![customer]);
            let granted = back_office.grant(&grants, true).await.expect("whoever works here grants");
            let (entity, granted) = (&external_access::EXTERNAL_ACCESS, &granted[0]);
            back_office.remove(entity, granted.id, granted.version).await.expect("and ends what was granted");
        }
    }
}

/// A refusal stands in the history of the record concerned.
pub(crate) async fn promise_09_a_refusal_is_told(Store { db, .. }: Store) {
    save(&db, &user_draft("chris", "Chris", None), id(1)).await;
    let mut forged = Draft::of(read(&db, &user::USER, id(1)).await);
    forged.set(&user::IS_ADMIN.def, Value::Bool(true));
    somebody(&db, false).await.save(&forged, true).await.expect_err("only an administrator may");
    let told = told(&db, id(1)).await.pop().expect("an entry");
    assert_eq!((told.action, told.who.as_str()), (HistoryAction::Refused, "clerk"));
}

pub(crate) async fn promise_07_what_a_draft_says_was_read_is_not_believed(Store { db, .. }: Store) {
    let mut operator = user_draft("boss", "Boss", None);
    operator.set(&user::USER_TYPE.def, Value::Code("INT"));
    save(&db, &operator, id(1)).await;
    let stored = read(&db, &user::USER, id(1)).await;
    let mut harmless = Record::clone(&stored);
    harmless.values.insert(user::USER_TYPE.def.property, Value::Code("EXT"));
    for version in [stored.version, stored.version + 1] {
        let mut forged = Draft::of(Arc::new(Record { version, ..harmless.clone() }));
        forged.set(&user::ACTIVE.def, Value::Bool(false));
        let refused = somebody(&db, false).await.save(&forged, true).await;
        assert!(matches!(refused, Err(ServiceError::Denied(_) | ServiceError::Conflict(_))), "{refused:?}");
        assert_eq!(read(&db, &user::USER, id(1)).await, stored);
    }
}

pub(crate) async fn promise_07_nobody_grants_to_their_own_login(Store { db, .. }: Store) {
    found(&db).await;
    let customer = save(&db, &customer_draft(id(KK_LTD), Some(id(KK_SELLS)), None), id(1)).await.id;
    let denied =
        || ServiceError::Denied("Nobody grants anything to their own login; ask another operator.".into());
    for is_admin in [false, true] {
        let back_office = somebody(&db, is_admin).await;
        let own = back_office.who.operator;
        let granted = back_office.grant(&Grants::usual(own, vec![customer]), true).await;
        assert_eq!(granted.map(drop), Err(denied()));
        let mut new = Draft::new(&external_access::EXTERNAL_ACCESS);
        for (field, value) in [
            (&external_access::CUSTOMER.def, to(customer)),
            (&external_access::USER.def, to(own)),
            (&external_access::ROLE.def, Value::Code("L90")),
        ] {
            new.set(field, value);
        }
        assert_eq!(back_office.save(&new, true).await.map(drop), Err(denied()));
        let told = told(&db, own).await.pop().expect("an entry");
        assert_eq!((told.action, told.reason), (HistoryAction::Refused, Some(denied().to_string())));
        // What another operator has granted is not raised by oneself either, but it can be given up.
        let other = somebody(&db, !is_admin).await;
        let granted = other.grant(&Grants::usual(own, vec![customer]), true).await.expect("it is another's");
        let mut raised = Draft::of(Arc::clone(&granted[0]));
        raised.set(&external_access::ROLE.def, Value::Code("L80"));
        assert_eq!(back_office.save(&raised, true).await.map(drop), Err(denied()));
        let (entity, version) = (&external_access::EXTERNAL_ACCESS, granted[0].version);
        back_office.remove(entity, granted[0].id, version).await.expect("it is given up");
    }
}

/// A change of a stored record: its entity, its id, the field and the value.
type Change = (&'static EntityDef, RecordId, &'static FieldDef, Value);

pub(crate) async fn promise_07_no_clerk_opens_a_client_center_of_version_24_to_the_own_login(
    Store { db, .. }: Store,
) {
    found(&db).await;
    let (own, company, other) = (id(1), id(KK_LTD), id(KK_HQ));
    save(&db, &person_draft("Maria", "Koleva", Some(company)), own).await;
    save(&db, &person_draft("Chris", "Armstrong", None), id(2)).await;
    save(&db, &customer_draft(company, None, None), id(3)).await;
    save(&db, &customer_draft(company, Some(id(KK_SELLS)), Some(id(KK_HQ))), id(4)).await;
    let (location, parent) = (&customer::SERVICED_BY.def, &party::PARENT_PARTY.def);
    let sells = &customer::ENTERPRISE_COMPANY.def;
    let opening: [Change; 4] = [
        (&person::PERSON, own, parent, to(other)),
        (&party::PARTY, own, parent, to(other)),
        (&customer::CUSTOMER, id(3), sells, to(id(KK_SELLS))),
        (&customer::CUSTOMER, id(3), location, to(id(KK_HQ))),
    ];
    let harmless: [Change; 4] = [
        (&person::PERSON, own, &party::PARTY_NOTES.def, Value::text("at the front")),
        (&person::PERSON, id(2), parent, to(company)),
        (&customer::CUSTOMER, id(3), &customer::ACTIVE.def, Value::Bool(false)),
        (&customer::CUSTOMER, id(4), location, Value::Empty),
    ];
    let (clerk, admin) = (somebody(&db, false).await, somebody(&db, true).await);
    for who in [&clerk, &admin] {
        let mut of_person = Draft::of(read(&db, &user::USER, who.who.operator).await);
        of_person.set(&user::PERSON.def, to(own));
        save(&db, &of_person, own).await;
    }
    let denied = || {
        let sentence =
            "This opens Client Centers to your own login; ask another operator or an administrator to do it.";
        ServiceError::Denied(sentence.to_owned())
    };
    let made = |party, number| {
        let mut draft = customer_draft(party, Some(id(KK_SELLS)), Some(id(KK_HQ)));
        draft.id = id(number);
        draft
    };
    assert_eq!(clerk.save(&made(company, 5), true).await.map(drop), Err(denied()));
    let told = told(&db, clerk.who.operator).await.pop().expect("an entry");
    assert_eq!((told.action, told.reason), (HistoryAction::Refused, Some(denied().to_string())));
    for change in &opening {
        assert_eq!(saved(&clerk, change).await, Err(denied()), "{change:?}");
    }
    // A customer of another company, and a person of nobody's login, are the daily work.
    clerk.save(&made(other, 6), true).await.expect("another company's");
    for change in &harmless {
        assert_eq!(saved(&clerk, change).await, Ok(()), "{change:?}");
    }
    let served = (&customer::CUSTOMER, id(4), location, to(id(KK_HQ)));
    assert_eq!(
        saved(&clerk, &served).await,
        Err(denied()),
        "it was so before, and is an opening all the same"
    );
    // An administrator may do all of it.
    for change in [&served, &opening[0], &(&party::PARTY, own, parent, to(company))] {
        assert_eq!(saved(&admin, change).await, Ok(()), "{change:?}");
    }
    // Whoever belongs to no company opens nothing by a customer, and cannot join one.
    let left = (&person::PERSON, own, parent, Value::Empty);
    assert_eq!(saved(&clerk, &left).await, Ok(()));
    assert_eq!(saved(&clerk, &opening[0]).await, Err(denied()));
    assert_eq!(saved(&clerk, &(&customer::CUSTOMER, id(4), location, Value::Empty)).await, Ok(()));
    assert_eq!(saved(&clerk, &served).await, Ok(()));
}

/// Saves a change of a record as it is stored.
async fn saved(back_office: &BackOffice, change: &Change) -> Result<(), ServiceError> {
    let (entity, id, field, value) = change;
    let stored = read(&back_office.db, entity, *id).await;
    let mut draft = Draft::of(stored);
    draft.entity = entity;
    draft.set(field, value.clone());
    back_office.save(&draft, true).await.map(drop)
}

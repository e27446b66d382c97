//! What a save does on its own: it computes what follows, makes one record of one draft, and costs what it must.

use std::sync::Arc;

use ccdesk::domain::entities::external_access::{self, EXTERNAL_ACCESS};
use ccdesk::domain::entities::{customer, party, person, user};
use ccdesk::domain::model::history::HistoryAction;
use ccdesk::domain::model::record::{Draft, Fields, Record};
use ccdesk::domain::model::schema::{EntityDef, FieldDef};
use ccdesk::domain::model::value::Value;
use ccdesk::domain::rules;
use ccdesk::service::ServiceError;
use ccdesk::service::back_office::BackOffice;
use ccdesk::storage::db::Db;
use ccdesk::storage::history;

use crate::back_office::{ROUNDS, back_office, changed, read};
use crate::company::{
    KK_HQ, KK_LTD, KK_SELLS, customer_draft, draft, english, found, id, load, person_draft, save, to,
    user_draft,
};
use crate::support::Store;

/// Chris, a user without a person, and the persons Chris Armstrong and Chris Bell.
async fn three(db: &Db) {
    found(db).await;
    save(db, &person_draft("Chris", "Armstrong", Some(id(KK_LTD))), id(1)).await;
    save(db, &person_draft("Chris", "Bell", Some(id(KK_LTD))), id(2)).await;
    save(db, &user_draft("chris", "Chris", None), id(3)).await;
}

fn name(user: &Record) -> &str {
    user.get(&user::NAME).expect("a name").text("en")
}

pub(crate) async fn what_follows_from_a_choice_is_saved_with_it(Store { db, .. }: Store) {
    three(&db).await;
    let back_office = back_office(&db, "clerk", false).await;
    let chosen = changed(&db, &user::USER, id(3), &user::PERSON.def, to(id(1))).await;
    let asked = back_office.consequences(chosen.clone(), &user::PERSON.def).await.expect("what follows");
    let saved = back_office.save(&chosen, false).await.expect("a save at once");
    assert_eq!(name(&saved), "Chris Armstrong", "the name follows the person");
    assert_eq!(saved.value(&user::NAME.def), asked.value(&user::NAME.def));
    assert_eq!(*saved, *read(&db, &user::USER, id(3)).await);

    let number = save(&db, &customer_draft(id(KK_LTD), None, None), id(4)).await.id;
    let company =
        changed(&db, &customer::CUSTOMER, number, &customer::ENTERPRISE_COMPANY.def, to(id(KK_SELLS)));
    let saved = back_office.save(&company.await, false).await.expect("a save at once");
    assert_eq!(saved.get(&customer::SERVICED_BY).map(|location| location.id), Some(id(KK_HQ)));
    assert!(saved.get(&customer::DEFAULT_CURRENCY).is_some(), "proposed from the enterprise company");
}

pub(crate) async fn what_was_entered_stays_whatever_follows(Store { db, .. }: Store) {
    three(&db).await;
    let back_office = back_office(&db, "clerk", false).await;
    let mut own = changed(&db, &user::USER, id(3), &user::PERSON.def, to(id(1))).await;
    own.set(&user::NAME.def, english("Christopher"));
    let saved = back_office.save(&own, false).await.expect("a save");
    assert_eq!(name(&saved), "Christopher");

    let mut back = Draft::of(saved);
    back.set(&user::PERSON.def, to(id(2)));
    let mut back = back_office.consequences(back, &user::PERSON.def).await.expect("what follows");
    assert_eq!(back.get(&user::NAME).map(|name| name.text("en")), Some("Chris Bell"));
    back.set(&user::NAME.def, english("Christopher"));
    let saved = back_office.save(&back, false).await.expect("a save");
    assert_eq!(name(&saved), "Christopher", "what followed was taken back by hand");

    let new = draft(
        &customer::CUSTOMER,
        &[(&customer::PARTY.def, to(id(KK_HQ))), (&customer::ENTERPRISE_COMPANY.def, to(id(KK_SELLS)))],
    );
    let mut new = back_office.new_draft(new).await.expect("a new customer");
    new.set(&customer::SERVICED_BY.def, Value::Empty);
    let saved = back_office.save(&new, true).await.expect("a save");
    assert_eq!(saved.get(&customer::SERVICED_BY), None, "a proposal that was cleared does not come back");
}

pub(crate) async fn changes_put_on_a_newer_reading_are_computed_anew(Store { db, .. }: Store) {
    three(&db).await;
    let (mine, theirs) = (back_office(&db, "mine", true).await, back_office(&db, "theirs", true).await);
    let renamed = |of: Arc<Record>, field: &'static FieldDef, to: &str| {
        let mut draft = Draft::of(of);
        draft.set(field, english(to));
        (person::RULES.changed)(&mut draft, field, "en");
        draft
    };
    let was = read(&db, &person::PERSON, id(1)).await;
    let first = renamed(Arc::clone(&was), &person::FIRST_NAME.def, "Christine");
    theirs.save(&renamed(was, &person::LAST_NAME.def, "Bell"), false).await.expect("theirs is first");
    let refused = mine.save(&first, false).await;
    assert!(matches!(refused, Err(ServiceError::Conflict(_))), "{refused:?}");
    let rebased = rules::rebased(&first, read(&db, &person::PERSON, id(1)).await, "en");
    assert!(rules::check(&rebased).is_empty());
    let saved = mine.save(&rebased, false).await.expect("mine on top of theirs");
    let full = saved.get(&party::PARTY_NAME).expect("a name").text("en");
    assert_eq!(full, "Christine Bell");
    let mut conn = db.read().await.expect("a connection");
    let told = history::of_record(&mut conn, &person::PERSON, id(1), None, 9).await.expect("the history");
    assert!(told.entries.iter().all(|entry| entry.action != HistoryAction::Refused), "{told:?}");
}

/// How many users and customers there are.
async fn count(db: &Db, entity: &'static EntityDef) -> i64 {
    let query = ccdesk::domain::model::query::ListQuery::all(entity);
    let mut conn = db.read().await.expect("a connection");
    ccdesk::storage::list::count(&mut conn, &query, None).await.expect("a count")
}

pub(crate) async fn a_new_record_that_is_saved_again_is_one_record(Store { db, .. }: Store) {
    three(&db).await;
    let back_office = back_office(&db, "admin", true).await;
    for (entity, new) in [
        (&user::USER, user_draft("zoe", "Zoe", None)),
        (&person::PERSON, person_draft("Zoe", "Quinn", None)),
        // Its number comes with the save.
        (&customer::CUSTOMER, customer_draft(id(KK_LTD), Some(id(KK_SELLS)), Some(id(KK_HQ)))),
        (
            &EXTERNAL_ACCESS,
            draft(
                &EXTERNAL_ACCESS,
                &[(&external_access::CUSTOMER.def, to(id(9))), (&external_access::USER.def, to(id(3)))],
            ),
        ),
    ] {
        if entity.is(&EXTERNAL_ACCESS) {
            save(&db, &customer_draft(id(KK_HQ), Some(id(KK_SELLS)), None), id(9)).await;
        }
        let new = back_office.new_draft(new).await.expect("a new draft");
        let made = back_office.save(&new, true).await.expect("the first save");
        assert_eq!(made.id, new.id, "the id is chosen when the draft begins");
        let records = count(&db, entity).await;
        let again = back_office.save(&new, true).await.expect("it is saved");
        assert_eq!((&again.values, again.id, again.version), (&made.values, made.id, 1), "{entity:?}");
        assert_eq!(count(&db, entity).await, records);
        let mut conn = db.read().await.expect("a connection");
        let told = history::of_record(&mut conn, entity, made.id, None, 9).await.expect("the history");
        assert_eq!(told.entries.len(), 1, "and told once");
    }
}

pub(crate) async fn a_new_record_that_was_saved_otherwise_is_a_conflict(Store { db, .. }: Store) {
    let back_office = back_office(&db, "admin", true).await;
    let mut new = back_office.new_draft(user_draft("zoe", "Zoe", None)).await.expect("a new draft");
    back_office.save(&new, false).await.expect("the first save");
    new.set(&user::NOTES.def, Value::text("written since"));
    let refused = back_office.save(&new, false).await;
    let Err(ServiceError::Conflict(conflict)) = refused else { panic!("no conflict: {refused:?}") };
    assert_eq!(conflict.login.as_deref(), Some("admin"));
    let fields: Vec<_> =
        conflict.fields.iter().map(|one| (one.field.property, &*one.base, &*one.theirs)).collect();
    assert_eq!(fields, [("Notes", "written since", "")]);
    new.set(&user::LOGIN.def, Value::text("else"));
    assert!(matches!(back_office.save(&new, false).await, Err(ServiceError::Conflict(_))));
    let mut other = back_office.new_draft(user_draft("zoe", "Zoe", None)).await.expect("another draft");
    other.set(&user::NAME.def, english("Zoe"));
    let refused = back_office.save(&other, false).await;
    assert!(matches!(refused, Err(ServiceError::Invalid(_))), "another record of that login: {refused:?}");
}

pub(crate) async fn of_two_saves_of_one_new_draft_at_once_one_is_written(Store { db, .. }: Store) {
    let back_office = back_office(&db, "admin", true).await;
    for round in 1..=ROUNDS {
        let new = user_draft(&format!("zoe{round}"), "Zoe", None);
        let new = back_office.new_draft(new).await.expect("a new draft");
        let saves = [(); 2].map(|()| {
            let (back_office, new) = (back_office.clone(), new.clone());
            tokio::spawn(async move { back_office.save(&new, false).await })
        });
        for save in saves {
            let saved = save.await.expect("an answer").expect("both are told it is saved");
            assert_eq!((saved.id, saved.version), (new.id, 1));
        }
    }
    let made = i64::try_from(ROUNDS).expect("a few");
    assert_eq!(count(&db, &user::USER).await, made + 1, "and the operator");
}

/// How many statements a save sends to the database.
async fn statements(back_office: &BackOffice, draft: &Draft) -> u64 {
    let before = back_office.db.statements_run();
    back_office.save(draft, true).await.expect("it is saved");
    back_office.db.statements_run() - before
}

pub(crate) async fn a_save_runs_no_statement_that_it_need_not(Store { db, .. }: Store) {
    three(&db).await;
    save(&db, &customer_draft(id(KK_LTD), Some(id(KK_SELLS)), Some(id(KK_HQ))), id(4)).await;
    save(&db, &user_draft("mia", "Mia", None), id(5)).await;
    let back_office = back_office(&db, "admin", true).await;
    let noted = changed(&db, &user::USER, id(3), &user::NOTES.def, Value::text("seen")).await;
    let linked = changed(&db, &user::USER, id(5), &user::PERSON.def, to(id(1))).await;
    let access = draft(
        &EXTERNAL_ACCESS,
        &[(&external_access::CUSTOMER.def, to(id(4))), (&external_access::USER.def, to(id(3)))],
    );
    let access = back_office.new_draft(access).await.expect("a new access");
    let load = {
        let mut conn = db.read().await.expect("a connection");
        let before = conn.statements_run();
        load(&mut conn, &user::USER, id(3)).await;
        conn.statements_run() - before
    };
    let unchanged = Draft::of(read(&db, &user::USER, id(3)).await);
    // Of every save: its beginning, who is signed in, and its end.
    let frame = 3;
    // Of every write: the row, its history, the sites for which a request may be settled, the operation, and what it did.
    let write = 5;
    for (what, draft, expected) in [
        ("nothing changed", &unchanged, frame + load),
        ("a note", &noted, frame + load + write),
        ("a reference, and what follows from it", &linked, frame + load + load + write),
        ("a new user", &user_draft("zoe", "Zoe", None), frame + write),
        // Both references are read, the owner's version moves, and both tell of it at their versions.
        ("a new access", &access, frame + write + 2 * load + 1 + 2),
    ] {
        assert_eq!(statements(&back_office, draft).await, expected, "{what}");
    }
}

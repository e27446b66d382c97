//! Records: saved, read, found, numbered, refused.

use std::sync::Arc;

use ccdesk::domain::entities::{
    all, company, company_location, customer, external_access, party, person, user, web_site,
};
use ccdesk::domain::model::field::{Field, Ref};
use ccdesk::domain::model::record::{Draft, Fields, Origin};
use ccdesk::domain::model::value::{MultiLang, Value};
use ccdesk::storage::error::StorageError;
use ccdesk::storage::records::{self, FindBy, SaveError};

use crate::company::{
    KK_HQ, KK_LTD, KK_SELLS, LOGIN, add_company, add_enterprise_company, customer_draft, draft, english,
    found, full, id, load, now, person_draft, save, to, try_save, user_draft,
};
use crate::support::Store;

pub(crate) async fn every_value_comes_back_as_it_was_saved(Store { db, .. }: Store) {
    let mut made = 0;
    for entity in all() {
        let draft = full(&db, entity, &mut made).await;
        let saved = save(&db, &draft, id(u128::from(made) << 32)).await;
        let mut conn = db.read().await.expect("a connection");
        let record = load(&mut conn, entity, saved.id).await;
        assert_eq!((record.version, record.entity), (1, entity));
        for field in entity.all_fields() {
            assert_eq!(record.value(field), draft.value(field), "{entity:?} {field:?}");
        }
        assert_eq!(record.origin.creation_user.as_deref(), Some(LOGIN));
        assert_eq!(record.origin.creation_time, Some(now()));
    }
}

pub(crate) async fn a_record_is_shown_through_the_references_behind_it(Store { db, .. }: Store) {
    found(&db).await;
    let customer = customer_draft(id(KK_LTD), Some(id(KK_SELLS)), Some(id(KK_HQ)));
    save(&db, &customer, id(1)).await;
    save(&db, &user_draft("CC", "Catherine Carter", None), id(2)).await;
    let mut conn = db.read().await.expect("a connection");
    let customer = load(&mut conn, &customer::CUSTOMER, id(1)).await;
    let shown = |field: &'static Field<Ref>| customer.get(field).map(|reference| reference.shown.as_str());
    assert_eq!(shown(&customer::PARTY), Some("KK Ltd."));
    assert_eq!(shown(&customer::ENTERPRISE_COMPANY), Some("KK Ltd."));
    assert_eq!(shown(&customer::SERVICED_BY), Some("KK Ltd., KK - HQ"));
    let line = records::shown(&mut conn, &user::USER, id(2), "en").await.expect("an answer");
    assert_eq!(line.as_deref(), Some("Catherine Carter <CC> [EXT]"));
    let line = records::shown(&mut conn, &company_location::COMPANY_LOCATION, id(KK_HQ), "bg").await;
    assert_eq!(line.expect("an answer").as_deref(), Some("KK Ltd., KK - HQ"));
}

pub(crate) async fn a_party_comes_back_as_what_it_really_is(Store { db, .. }: Store) {
    found(&db).await;
    let mut conn = db.read().await.expect("a connection");
    assert_eq!(load(&mut conn, &party::PARTY, id(KK_LTD)).await.entity, &company::COMPANY);
    assert_eq!(load(&mut conn, &party::PARTY, id(KK_HQ)).await.entity, &company_location::COMPANY_LOCATION);
    let as_person = records::load(&mut conn, &person::PERSON, id(KK_LTD), "en").await;
    assert_eq!(as_person.expect("an answer"), None);
    assert!(!records::exists(&mut conn, &person::PERSON, id(KK_LTD)).await.expect("an answer"));
    assert!(records::exists(&mut conn, &party::PARTY, id(KK_LTD)).await.expect("an answer"));
}

pub(crate) async fn only_the_first_of_two_saves_of_one_version_wins(Store { db, .. }: Store) {
    save(&db, &user_draft("chris", "Chris", None), id(1)).await;
    let read = Arc::new(load(&mut db.read().await.expect("a connection"), &user::USER, id(1)).await);
    let (mut mine, mut theirs) = (Draft::of(Arc::clone(&read)), Draft::of(read));
    theirs.set(&user::NOTES.def, Value::text("theirs"));
    mine.set(&user::NOTES.def, Value::text("mine"));
    assert_eq!(save(&db, &theirs, id(9)).await.version, 2);
    assert_eq!(try_save(&db, &mine, id(9)).await, Err(SaveError::Conflict));
    let now = load(&mut db.read().await.expect("a connection"), &user::USER, id(1)).await;
    assert_eq!((now.get(&user::NOTES), now.version), (Some("theirs"), 2));
}

pub(crate) async fn a_save_moves_the_version_even_when_only_the_subtype_changed(Store { db, .. }: Store) {
    save(&db, &person_draft("Chris", "Armstrong", None), id(1)).await;
    let read = Arc::new(load(&mut db.read().await.expect("a connection"), &person::PERSON, id(1)).await);
    let unchanged = Draft::of(Arc::clone(&read));
    assert_eq!(save(&db, &unchanged, id(9)).await.version, 1);
    let mut city = Draft::of(read);
    city.set(&person::CITY.def, Value::multi(MultiLang::new("bg", "София")));
    assert_eq!(save(&db, &city, id(9)).await.version, 2);
    let now = load(&mut db.read().await.expect("a connection"), &party::PARTY, id(1)).await;
    assert_eq!((now.version, now.value(&person::CITY.def)), (2, city.value(&person::CITY.def)));
}

pub(crate) async fn a_child_moves_the_version_of_its_owner(Store { db, .. }: Store) {
    found(&db).await;
    save(&db, &customer_draft(id(KK_LTD), Some(id(KK_SELLS)), None), id(1)).await;
    save(&db, &customer_draft(id(KK_HQ), Some(id(KK_SELLS)), None), id(2)).await;
    save(&db, &user_draft("chris", "Chris", None), id(3)).await;
    let access = draft(
        &external_access::EXTERNAL_ACCESS,
        &[(&external_access::CUSTOMER.def, to(id(1))), (&external_access::USER.def, to(id(3)))],
    );
    save(&db, &access, id(4)).await;
    let mut conn = db.read().await.expect("a connection");
    let read = load(&mut conn, &external_access::EXTERNAL_ACCESS, id(4)).await;
    drop(conn);
    let mut moved = Draft::of(Arc::new(read));
    moved.set(&external_access::CUSTOMER.def, to(id(2)));
    save(&db, &moved, id(9)).await;
    let mut conn = db.read().await.expect("a connection");
    let versions = (
        load(&mut conn, &customer::CUSTOMER, id(1)).await.version,
        load(&mut conn, &customer::CUSTOMER, id(2)).await.version,
    );
    assert_eq!(versions, (3, 2));
    let access = load(&mut conn, &external_access::EXTERNAL_ACCESS, id(4)).await;
    drop(conn);
    let mut tx = db.begin().await.expect("a transaction");
    records::delete(&mut tx, &access, now(), LOGIN).await.expect("it is removed");
    assert_eq!(load(&mut tx, &customer::CUSTOMER, id(2)).await.version, 3);
    assert!(!records::exists(&mut tx, &external_access::EXTERNAL_ACCESS, id(4)).await.expect("an answer"));
}

pub(crate) async fn numbers_are_given_in_turn_and_never_again(Store { db, .. }: Store) {
    let person = |code: Option<&str>| {
        let mut draft = person_draft("A", "B", None);
        draft.set(&party::PARTY_CODE.def, code.map_or(Value::Empty, Value::text));
        draft
    };
    for (number, (typed, got)) in [
        (None, "00001"),
        (Some("00125"), "00125"),
        (None, "00126"),
        (Some("7"), "7"),
        (Some("KK-1"), "KK-1"),
        (None, "00127"),
        (Some("999999"), "999999"),
        (None, "1000000"),
    ]
    .into_iter()
    .enumerate()
    {
        let saved = save(&db, &person(typed), id(number as u128 + 1)).await;
        let mut conn = db.read().await.expect("a connection");
        let record = load(&mut conn, &person::PERSON, saved.id).await;
        assert_eq!(record.get(&party::PARTY_CODE), Some(got));
    }
}

pub(crate) async fn next_numbers_pass_over_whatever_is_stored(Store { db, .. }: Store) {
    let code = async |number: u128, typed: Option<&str>| {
        let mut draft = person_draft("A", "B", None);
        draft.set(&party::PARTY_CODE.def, typed.map_or(Value::Empty, Value::text));
        let saved = save(&db, &draft, id(number)).await;
        let mut conn = db.read().await.expect("a connection");
        load(&mut conn, &person::PERSON, saved.id)
            .await
            .get(&party::PARTY_CODE)
            .unwrap_or_default()
            .to_owned()
    };
    let run = async |sql: &'static str| {
        let mut tx = db.begin().await.expect("a transaction");
        tx.execute(sql, vec![]).await.expect("it runs");
        tx.commit().await.expect("it stays");
    };
    assert_eq!(code(1, None).await, "00001");
    assert_eq!(code(2, None).await, "00002");
    // As an older version stored them: with blanks, which did not advance the series.
    run("UPDATE gen_parties SET party_code = '00002 ' WHERE party_code = '00002'").await;
    run("UPDATE next_numbers SET last = 1").await;
    assert_eq!(code(3, None).await, "00003");
    assert_eq!(code(4, Some("\u{a0}00004\u{202f}")).await, "00004", "blanks are taken away");
    for (number, large) in [(5, "9999999999999999"), (6, "0000000000000008"), (7, "٠٠٠٠٥"), (8, "A-5")] {
        assert_eq!(code(number, Some(large)).await, large);
    }
    assert_eq!(code(9, None).await, "00005");
    // The highest that advances the series; behind it lie codes that do not.
    assert_eq!(code(10, Some("999999999999")).await, "999999999999");
    assert_eq!(code(11, Some("1000000000001")).await, "1000000000001");
    assert_eq!(code(12, None).await, "1000000000000");
    assert_eq!(code(13, None).await, "1000000000002", "the one between is taken");
    // A series that knows nothing of what is stored.
    run("DELETE FROM next_numbers").await;
    assert_eq!(code(14, None).await, "00006");
    assert_eq!(code(15, None).await, "00007", "no number is lost");
}

pub(crate) async fn writers_at_once_never_share_a_number(Store { db, .. }: Store) {
    let mut writers = Vec::new();
    for number in 1..=8 {
        let db = db.clone();
        writers.push(tokio::spawn(async move { save(&db, &person_draft("A", "B", None), id(number)).await }));
    }
    let mut codes = Vec::new();
    for writer in writers {
        let saved = writer.await.expect("the writer ends");
        let mut conn = db.read().await.expect("a connection");
        let record = load(&mut conn, &person::PERSON, saved.id).await;
        codes.push(record.get(&party::PARTY_CODE).unwrap_or_default().to_owned());
    }
    codes.sort();
    assert_eq!(codes, (1..=8).map(|number| format!("{number:05}")).collect::<Vec<_>>());
}

pub(crate) async fn what_must_be_unique_is_named_by_its_fields(Store { db, .. }: Store) {
    found(&db).await;
    save(&db, &user_draft("Chris@Mail.com", "Chris", None), id(1)).await;
    let agreement = |company| customer_draft(id(KK_HQ), company, None);
    save(&db, &agreement(Some(id(KK_SELLS))), id(2)).await;
    save(&db, &agreement(None), id(3)).await;
    let site = draft(&web_site::WEB_SITE, &[(&web_site::RELATIVE_URL.def, Value::text("cc"))]);
    save(&db, &site, id(4)).await;
    let branch = |number| {
        let mut branch = draft(
            &company::COMPANY,
            &[(&company::NAME.def, english("kk LTD.")), (&party::PARTY_NAME.def, english("kk LTD."))],
        );
        branch.set(&company::BRANCH_NUMBER.def, Value::Int(number));
        branch
    };
    save(&db, &branch(1), id(5)).await;
    for (draft, fields) in [
        (user_draft("chris@mail.COM", "Chris", None), vec![&user::LOGIN.def]),
        (agreement(Some(id(KK_SELLS))), vec![&customer::PARTY.def, &customer::ENTERPRISE_COMPANY.def]),
        (agreement(None), vec![&customer::PARTY.def]),
        (site, vec![&web_site::RELATIVE_URL.def]),
        (branch(0), vec![&company::NAME.def, &company::BRANCH_NUMBER.def]),
    ] {
        assert_eq!(try_save(&db, &draft, id(10)).await, Err(SaveError::Taken(fields)));
    }
    let same_id = user_draft("somebody else", "Chris", None);
    assert_eq!(try_save(&db, &same_id, id(1)).await, Err(SaveError::Taken(Vec::new())));
    add_company(&db, id(11), "Offroad").await;
    add_enterprise_company(&db, id(12), id(11)).await;
    save(&db, &agreement(Some(id(12))), id(13)).await;
}

pub(crate) async fn what_is_referred_to_cannot_be_deleted(Store { db, .. }: Store) {
    found(&db).await;
    save(&db, &person_draft("A", "B", Some(id(KK_LTD))), id(1)).await;
    let mut tx = db.begin().await.expect("a transaction");
    let company = load(&mut tx, &company::COMPANY, id(KK_LTD)).await;
    let refused = records::delete(&mut tx, &company, now(), LOGIN).await;
    assert_eq!(refused, Err(SaveError::Storage(StorageError::ForeignKey)));
    drop(tx);
    let mut tx = db.begin().await.expect("a transaction");
    let person = load(&mut tx, &person::PERSON, id(1)).await;
    records::delete(&mut tx, &person, now(), LOGIN).await.expect("nobody refers to the person");
    assert_eq!(records::delete(&mut tx, &person, now(), LOGIN).await, Err(SaveError::Conflict));
    let nowhere = person_draft("A", "B", Some(id(404)));
    let refused = try_save_in(&mut tx, &nowhere).await;
    assert_eq!(refused, Err(SaveError::Storage(StorageError::ForeignKey)));
}

async fn try_save_in(tx: &mut ccdesk::storage::db::Tx, draft: &Draft) -> Result<(), SaveError> {
    let mut draft = draft.clone();
    draft.id = id(9);
    records::save(tx, &mut draft, now(), LOGIN).await.map(drop)
}

pub(crate) async fn records_are_found_by_external_id_code_and_value(Store { db, .. }: Store) {
    found(&db).await;
    let mut draft = person_draft("Живко", "Colev", Some(id(KK_LTD)));
    draft.set(&person::NATIONAL_NUMBER.def, Value::text("AB-1"));
    save(&db, &draft, id(1)).await;
    let mut tx = db.begin().await.expect("a transaction");
    let origin = Origin {
        external_id: Some("x-1".to_owned()),
        external_system: Some("erp".to_owned()),
        extra: Some("{\"Colour\":\"red\"}".to_owned()),
        ..Origin::default()
    };
    records::set_origin(&mut tx, &person::PERSON, id(1), &origin).await.expect("it is written");
    let record = load(&mut tx, &person::PERSON, id(1)).await;
    assert_eq!((&record.origin.external_id, &record.origin.extra), (&origin.external_id, &origin.extra));
    let (code, number) = (Value::text("00003"), Value::text("AB-1"));
    let (name, parent) = (english("живко COLEV"), to(id(KK_LTD)));
    for (by, found) in [
        (FindBy::ExternalId("x-1"), Some(id(1))),
        (FindBy::ExternalId("x-2"), None),
        (FindBy::Field(&party::PARTY_CODE.def, &code), Some(id(1))),
        (FindBy::Field(&person::NATIONAL_NUMBER.def, &number), Some(id(1))),
        (FindBy::Field(&party::PARTY_NAME.def, &name), Some(id(1))),
        (FindBy::Field(&party::PARENT_PARTY.def, &parent), Some(id(1))),
        (FindBy::Field(&person::NATIONAL_NUMBER.def, &code), None),
        (FindBy::Field(&person::NATIONAL_NUMBER.def, &Value::Empty), None),
    ] {
        assert_eq!(records::find(&mut tx, &person::PERSON, by).await, Ok(found), "{by:?}");
    }
    let as_company = records::find(&mut tx, &company::COMPANY, FindBy::ExternalId("x-1")).await;
    assert_eq!(as_company, Ok(None));
    assert_eq!(records::is_below(&mut tx, &party::PARENT_PARTY.def, id(1), id(KK_LTD)).await, Ok(true));
    assert_eq!(records::is_below(&mut tx, &party::PARENT_PARTY.def, id(KK_LTD), id(1)).await, Ok(false));
    assert_eq!(records::is_below(&mut tx, &party::PARENT_PARTY.def, id(1), id(1)).await, Ok(true));
    let parents = [id(KK_HQ), id(KK_LTD)];
    let favourite =
        records::most_referenced(&mut tx, &person::PERSON, &party::PARENT_PARTY.def, &parents).await;
    assert_eq!(favourite, Ok(Some(id(KK_LTD))));
}

pub(crate) async fn many_records_are_written_at_once(Store { db, .. }: Store) {
    found(&db).await;
    let mut tx = db.begin().await.expect("a transaction");
    let drafts = (1..=500_u128).map(|number| (id(number << 32), person_draft("A", "B", None)));
    records::insert_many(&mut tx, &person::PERSON, drafts.collect(), now(), LOGIN)
        .await
        .expect("they are written");
    let last = load(&mut tx, &person::PERSON, id(500 << 32)).await;
    assert_eq!(last.get(&party::PARTY_CODE), Some("00502"));
    assert_eq!(last.get(&party::PARTY_TYPE), Some(party::PartyType::Person));
    assert_eq!(last.origin.creation_user.as_deref(), Some(LOGIN));
    tx.commit().await.expect("they stay");
    let next = save(&db, &person_draft("A", "B", None), id(1)).await;
    let mut conn = db.read().await.expect("a connection");
    assert_eq!(load(&mut conn, &person::PERSON, next.id).await.get(&party::PARTY_CODE), Some("00503"));
}

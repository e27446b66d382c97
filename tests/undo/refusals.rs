//! What an undo says, asks and refuses.

use std::sync::Arc;

use ccdesk::domain::account_request::Source;
use ccdesk::domain::codes::Role;
use ccdesk::domain::entities::{
    company as companies, customer, customer_type, external_access, party, user, web_site,
};
use ccdesk::domain::model::history::{HistoryAction, Undoes};
use ccdesk::domain::model::record::{Draft, Fields, Record};
use ccdesk::domain::model::schema::{EntityDef, FieldDef};
use ccdesk::domain::model::value::{RecordId, Value};
use ccdesk::domain::rules::Issue;
use ccdesk::service::ServiceError;
use ccdesk::service::auth::{Origin, Secret};
use ccdesk::service::back_office::grants::Grants;
use ccdesk::service::back_office::requests::{AccountForm, create_account};
use ccdesk::service::back_office::{BackOffice, sign_in};
use ccdesk::storage::db::Db;

use crate::company::{
    KK_HQ, KK_LTD, KK_SELLS, draft, english, found, id, person_draft, save, to, user_draft,
};
use crate::property::rows;
use crate::support::Store;
use crate::{back_office, last, operations, saved, sentence, user_of, world};

async fn record(by: &BackOffice, entity: &'static EntityDef, id: RecordId) -> Arc<Record> {
    by.record(entity, id).await.expect("the record")
}

/// Changes a field of a stored record.
async fn change(
    by: &BackOffice,
    entity: &'static EntityDef,
    id: RecordId,
    field: &'static FieldDef,
    value: Value,
) -> Arc<Record> {
    let mut draft = Draft::of(record(by, entity, id).await);
    draft.set(field, value);
    saved(by, &draft).await
}

/// A customer of KK Ltd. that its headquarters serve.
fn customer_of(party: RecordId) -> Draft {
    let served = [
        (&customer::PARTY.def, to(party)),
        (&customer::ENTERPRISE_COMPANY.def, to(id(KK_SELLS))),
        (&customer::SERVICED_BY.def, to(id(KK_HQ))),
    ];
    draft(&customer::CUSTOMER, &served)
}

/// Chris, and two customers.
async fn begin(db: &Db, by: &BackOffice) -> (RecordId, Vec<RecordId>) {
    found(db).await;
    save(db, &user_draft("chris", "Chris", None), id(1)).await;
    let mut customers = Vec::new();
    for name in ["Acme", "Bond"] {
        let company = draft(
            &companies::COMPANY,
            &[(&companies::NAME.def, english(name)), (&party::PARTY_NAME.def, english(name))],
        );
        let company = saved(by, &company).await;
        customers.push(saved(by, &customer_of(company.id)).await.id);
    }
    (id(1), customers)
}

pub(crate) async fn what_an_undo_would_do_is_said_in_words_and_not_done(Store { db, .. }: Store) {
    let ann = back_office(&db, "ann", true).await;
    let (chris, customers) = begin(&db, &ann).await;
    ann.grant(&Grants::usual(chris, customers), true).await.expect("it is granted");
    let (before, told) = (rows(&db).await, operations(&ann).await.len());
    let plan = ann.plan_undo(last(&ann).await, None).await.expect("a plan");
    assert_eq!(plan.purpose, "Undo: Grant access to 2 customers");
    assert_eq!(plan.steps.len(), 2);
    assert!(plan.steps.iter().all(|step| step.starts_with("Remove ")), "{:?}", plan.steps);
    let chris = record(&ann, &user::USER, chris).await;
    change(&ann, &user::USER, chris.id, &user::NOTES.def, Value::text("seen")).await;
    let plan = ann.plan_undo(last(&ann).await, None).await.expect("a plan");
    assert_eq!(plan.steps, ["Change User “Chris <chris> [EXT]”: Notes: seen → empty"]);
    change(&ann, &user::USER, chris.id, &user::NOTES.def, Value::Empty).await;
    assert_eq!(rows(&db).await, before);
    assert_eq!(operations(&ann).await.len(), told + 2);
}

pub(crate) async fn an_operation_is_undone_once_and_redone_by_undoing_the_undo(Store { db, .. }: Store) {
    let (ann, bob) = (back_office(&db, "ann", true).await, back_office(&db, "bob", true).await);
    save(&db, &user_draft("chris", "Chris", None), id(1)).await;
    change(&ann, &user::USER, id(1), &user::NOTES.def, Value::text("seen")).await;
    let notes = async || record(&ann, &user::USER, id(1)).await.get(&user::NOTES).map(str::to_owned);
    let first = last(&ann).await;
    let undo = bob.undo(first, false, None).await.expect("it is undone");
    assert_eq!((undo.purpose.as_str(), notes().await), ("Undo: Change User “Chris <chris> [EXT]”", None));
    let again = sentence(ann.undo(first, false, None).await);
    assert!(again.starts_with("This operation was undone already, by bob on 2024-04-01 "), "{again}");
    assert!(again.contains(&undo.operation.to_string()), "{again}");
    let listed = operations(&ann).await;
    assert_eq!(listed[0].undoes, Some(first));
    assert_eq!(listed[1].undone_by.as_ref().map(|undo| undo.who.as_str()), Some("bob"));
    let redo = ann.undo(last(&ann).await, false, None).await.expect("it is done again");
    assert_eq!(redo.purpose, "Redo: Change User “Chris <chris> [EXT]”");
    assert_eq!(notes().await.as_deref(), Some("seen"));
    let undone: Vec<bool> =
        operations(&ann).await[..3].iter().map(|operation| operation.undone_by.is_some()).collect();
    assert_eq!(undone, [false, true, false], "the redo, the undo, and what holds again");
    ann.undo(first, false, None).await.expect("what holds again is undone again");
    assert_eq!(notes().await, None);
    let nothing = Undoes { operation: world().new_operation(), entry: None };
    assert!(sentence(ann.undo(nothing, false, None).await).starts_with("There is no operation "));
}

pub(crate) async fn one_change_of_an_operation_is_undone_alone(Store { db, .. }: Store) {
    let ann = back_office(&db, "ann", true).await;
    let (chris, customers) = begin(&db, &ann).await;
    let granted = ann.grant(&Grants::usual(chris, customers.clone()), true).await.expect("it is granted");
    let whole = last(&ann).await;
    let entries = ann.entries_of_operation(whole.operation, 0, 100).await.expect("the entries");
    let of_customer = entries.iter().find(|numbered| numbered.entry.record == customers[1]);
    let entry = of_customer.map(|numbered| numbered.seq);
    let done = ann.undo(Undoes { entry, ..whole }, false, None).await.expect("one is undone");
    assert_eq!(done.purpose, "Undo one change of: Grant access to 2 customers");
    record(&ann, &external_access::EXTERNAL_ACCESS, granted[0].id).await;
    let gone = ann.record(&external_access::EXTERNAL_ACCESS, granted[1].id).await;
    assert_eq!(gone, Err(ServiceError::NotFound));
    let refused = sentence(ann.undo(whole, false, None).await);
    assert!(refused.contains("was removed since by ann on 2024-04-01 "), "{refused}");
    let unknown = Undoes { entry: Some(0), ..whole };
    assert!(sentence(ann.undo(unknown, false, None).await).starts_with("This operation has no such change"));
}

pub(crate) async fn promise_34_what_has_moved_on_is_named_with_who_moved_it(Store { db, .. }: Store) {
    let (ann, bob) = (back_office(&db, "ann", true).await, back_office(&db, "bob", true).await);
    let made = saved(&ann, &user_draft("chris", "Chris", None)).await;
    let created = last(&ann).await;
    change(&ann, &user::USER, made.id, &user::NOTES.def, Value::text("one")).await;
    let noted = last(&ann).await;
    change(&bob, &user::USER, made.id, &user::NOTES.def, Value::text("two")).await;
    let before = rows(&db).await;
    for undoes in [created, noted] {
        let refused = sentence(ann.undo(undoes, true, None).await);
        let begins = "Notes of User “Chris <chris> [EXT]” was changed since by bob on 2024-04-01 ";
        assert!(refused.starts_with(begins), "{refused}");
        assert!(refused.ends_with("; nothing was undone."), "{refused}");
    }
    change(&bob, &user::USER, made.id, &user::PHONE_NUMBER.def, Value::text("5550100")).await;
    change(&bob, &user::USER, made.id, &user::NOTES.def, Value::text("one")).await;
    ann.undo(noted, true, None).await.expect("another field may have moved on");
    assert_ne!(rows(&db).await, before);
    assert_eq!(record(&ann, &user::USER, made.id).await.get(&user::PHONE_NUMBER), Some("5550100"));
}

pub(crate) async fn a_record_that_others_refer_to_by_now_stays(Store { db, .. }: Store) {
    let ann = back_office(&db, "ann", true).await;
    found(&db).await;
    let new = draft(
        &companies::COMPANY,
        &[(&companies::NAME.def, english("Acme")), (&party::PARTY_NAME.def, english("Acme"))],
    );
    let acme = saved(&ann, &new).await;
    let created = last(&ann).await;
    saved(&ann, &person_draft("Lucy", "Harper", Some(acme.id))).await;
    assert_eq!(
        sentence(ann.undo(created, true, None).await),
        "Company “Acme” cannot be removed: Party “Lucy Harper” refers to it by now; nothing was undone."
    );
    record(&ann, &companies::COMPANY, acme.id).await;
}

pub(crate) async fn what_holds_a_secret_or_was_asked_for_by_an_applicant_is_not_undone(
    Store { db, .. }: Store,
) {
    let ann = back_office(&db, "ann", true).await;
    let password = Secret::new("korrekt pferd batterie klammer".to_owned());
    let form = AccountForm {
        email: "chris@mail.example".to_owned(),
        full_name: "Chris".to_owned(),
        password,
        ..AccountForm::default()
    };
    let from = Origin("somewhere".to_owned());
    create_account(&db, &world(), &from, Source::Web, &form).await.expect("it is asked for");
    let asked = "What an applicant has asked for cannot be undone; reject the request instead.";
    assert_eq!(sentence(ann.undo(last(&ann).await, true, None).await), asked);
    create_account(&db, &world(), &from, Source::Web, &form).await.expect("it is asked for again");
    assert_eq!(sentence(ann.undo(last(&ann).await, true, None).await), asked);
    ann.add_operator("dora", "Dora", false).await.expect("an operator");
    let issued = "A one-time code was issued; passwords and one-time codes cannot be undone.";
    assert_eq!(sentence(ann.undo(last(&ann).await, true, None).await), issued);
    let wrong = Secret::new("wrong".to_owned());
    assert!(sign_in(&db, &world(), &from, "dora", &wrong).await.is_err());
    assert_eq!(sentence(ann.undo(last(&ann).await, true, None).await), "A failed sign-in cannot be undone.");
    let made = saved(&ann, &user_draft("eve", "Eve", None)).await;
    let created = last(&ann).await;
    ann.issue_reset(made.id).await.expect("a code");
    assert_eq!(sentence(ann.undo(last(&ann).await, true, None).await), issued);
    assert_eq!(
        sentence(ann.undo(created, true, None).await),
        "User “Eve <eve> [EXT]” has a one-time code by now, which no undo could bring back; switch the login off \
         instead."
    );
}

pub(crate) async fn promise_07_an_undo_takes_the_rights_of_a_save(Store { db, .. }: Store) {
    let (ann, bob) = (back_office(&db, "ann", true).await, back_office(&db, "bob", false).await);
    let (chris, customers) = begin(&db, &ann).await;
    let site = draft(&web_site::WEB_SITE, &[(&web_site::RELATIVE_URL.def, Value::text("cc"))]);
    let site = saved(&ann, &site).await;
    let denied = "Only an administrator may change these records; ask one.";
    let undoes = last(&ann).await;
    let planned = bob.plan_undo(undoes, None).await;
    assert_eq!(planned, Err(ServiceError::Denied(denied.to_owned())));
    assert_eq!(bob.undo(undoes, true, None).await, Err(ServiceError::Denied(denied.to_owned())));
    let told = ann.history(&web_site::WEB_SITE, site.id, None, 10).await.expect("its history").entries;
    let refusals = told.iter().filter(|entry| entry.action == HistoryAction::Refused);
    assert_eq!(refusals.count(), 1, "an undo that was only planned is no attempt");
    let access =
        ann.grant(&Grants::usual(chris, customers[..1].to_vec()), true).await.expect("it is granted");
    let (entity, access) = (&external_access::EXTERNAL_ACCESS, &access[0]);
    ann.remove(entity, access.id, access.version).await.expect("it is ended");
    bob.undo(last(&ann).await, true, None).await.expect("an operator may grant");
    record(&bob, entity, access.id).await;
    let own = user_of(&db, "bob").await.expect("the operator").id;
    saved(&ann, &user_draft("dora", "Dora", None)).await;
    change(&ann, &user::USER, own, &user::NOTES.def, Value::text("an operator")).await;
    assert_eq!(
        bob.undo(last(&ann).await, true, None).await,
        bob.save(
            &{
                let mut draft = Draft::of(record(&bob, &user::USER, own).await);
                draft.set(&user::NOTES.def, Value::Empty);
                draft
            },
            true
        )
        .await
        .map(|_| panic!("operators do not change operators"))
    );
}

pub(crate) async fn an_undo_asks_and_refuses_as_a_save_does(Store { db, .. }: Store) {
    let (ann, bob) = (back_office(&db, "ann", true).await, back_office(&db, "bob", true).await);
    let (chris, customers) = begin(&db, &ann).await;
    let bobs = user_of(&db, "bob").await.expect("the operator").id;
    change(&ann, &user::USER, bobs, &user::IS_ADMIN.def, Value::Bool(false)).await;
    let lowered = last(&ann).await;
    let plan = ann.plan_undo(lowered, None).await.expect("a plan");
    assert_eq!(plan.questions.len(), 1, "{:?}", plan.questions);
    match ann.undo(lowered, false, None).await {
        Err(ServiceError::Invalid(issues)) => assert!(issues.iter().all(Issue::only_asks)),
        other => panic!("not asked: {other:?}"),
    }
    assert!(!record(&ann, &user::USER, bobs).await.is(&user::IS_ADMIN), "nothing is done before the answer");
    ann.undo(lowered, true, None).await.expect("it is confirmed");
    let raised = last(&ann).await;
    let anns = user_of(&db, "ann").await.expect("the operator").id;
    change(&bob, &user::USER, anns, &user::IS_ADMIN.def, Value::Bool(false)).await;
    let refused = sentence(bob.undo(raised, true, None).await);
    assert!(refused.contains("the last administrator who can sign in"), "{refused}");

    let owner = Grants { role: Role::Owner, ..Grants::usual(chris, customers.clone()) };
    bob.grant(&owner, true).await.expect("an owner");
    let granted = last(&bob).await;
    let refused = sentence(bob.undo(granted, true, Some("they left")).await);
    assert!(refused.contains("is the last who can manage the users of "), "{refused}");
    let other = Grants { role: Role::Admin, ..Grants::usual(id(2), customers) };
    save(&db, &user_draft("dora", "Dora", None), id(2)).await;
    bob.grant(&other, true).await.expect("another who manages");
    match bob.undo(granted, true, None).await {
        Err(ServiceError::Invalid(issues)) => assert!(issues.iter().all(Issue::needs_reason)),
        other => panic!("no reason is wanted: {other:?}"),
    }
    let done = bob.undo(granted, true, Some("they left")).await.expect("an administrator has a reason");
    let told = bob.entries_of_operation(done.operation, 0, 100).await.expect("its entries");
    assert!(told.iter().all(|numbered| numbered.entry.reason.as_deref() == Some("they left")));
}

pub(crate) async fn a_number_is_given_again_unless_another_was_given_since(Store { db, .. }: Store) {
    let ann = back_office(&db, "ann", true).await;
    let (_, customers) = begin(&db, &ann).await;
    let number = async |id: RecordId| {
        record(&ann, &customer::CUSTOMER, id).await.get(&customer::NUMBER).map(str::to_owned)
    };
    let of_bond = number(customers[1]).await;
    let made_bond = last(&ann).await;
    let undo = ann.undo(made_bond, true, None).await.expect("it is undone");
    let third = saved(&ann, &customer_of(id(KK_LTD))).await;
    assert_eq!(number(third.id).await, of_bond, "the number is free again");
    let redo = Undoes { operation: undo.operation, entry: None };
    let refused = sentence(ann.undo(redo, true, None).await);
    assert!(refused.contains("is taken"), "{refused}");
    let made_acme = operations(&ann).await.into_iter().rev().find(|made| made.purpose.contains("Acme #"));
    let made_acme = Undoes { operation: made_acme.expect("Acme").id, entry: None };
    ann.undo(made_acme, true, None).await.expect("it is undone");
    let lucy = saved(&ann, &person_draft("Lucy", "Harper", None)).await;
    let fourth = saved(&ann, &customer_of(lucy.id)).await;
    assert_eq!(number(fourth.id).await.as_deref(), Some("00003"), "the third has taken the next one since");
}

pub(crate) async fn every_operation_has_its_purpose(Store { db, .. }: Store) {
    let ann = back_office(&db, "ann", true).await;
    let (chris, customers) = begin(&db, &ann).await;
    let access = ann.grant(&Grants::usual(chris, customers), true).await.expect("it is granted");
    let entity = &external_access::EXTERNAL_ACCESS;
    change(&ann, &user::USER, chris, &user::NOTES.def, Value::text("seen")).await;
    ann.remove(entity, access[0].id, access[0].version).await.expect("it is ended");
    let form = AccountForm {
        email: "lharper@mail.example".to_owned(),
        full_name: "Lucy".to_owned(),
        password: Secret::new("korrekt pferd batterie klammer".to_owned()),
        ..AccountForm::default()
    };
    let from = Origin("somewhere".to_owned());
    create_account(&db, &world(), &from, Source::Web, &form).await.expect("it is asked for");
    let lucy = user_of(&db, "lharper@mail.example").await.expect("the applicant").id;
    ann.reject(lucy, "nobody knows her").await.expect("it is rejected");
    ann.reopen(lucy).await.expect("it is opened again");
    ann.issue_reset(lucy).await.expect("a code");
    saved(&ann, &draft(&customer_type::CUSTOMER_TYPE, &[(&customer_type::NAME.def, english("Retail"))]))
        .await;
    let purposes: Vec<String> =
        operations(&ann).await.into_iter().rev().map(|operation| operation.purpose).collect();
    assert_eq!(
        purposes,
        [
            "Create Company “Acme”",
            "Create Customer “Acme #00001”",
            "Create Company “Bond”",
            "Create Customer “Bond #00002”",
            "Grant access to 2 customers",
            "Change User “Chris <chris> [EXT]”",
            "Remove External Access “Acme #00001: Chris <chris> [EXT]”",
            "Request an account for lharper@mail.example",
            "Reject request of lharper@mail.example",
            "Reopen request of lharper@mail.example",
            "Issue a one-time code for lharper@mail.example",
            "Create Customer Type “Retail”",
        ]
    );
}

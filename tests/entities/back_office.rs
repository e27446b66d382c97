//! What the service adds to the storage contract: who may save, what a refused save says, and what holds
//! between operators who save at the same moment.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ccdesk::domain::entities::{customer, external_access, party, person, user, web_site};
use ccdesk::domain::model::record::{Draft, Fields, Record};
use ccdesk::domain::model::schema::{EntityDef, FieldDef, Kind};
use ccdesk::domain::model::value::{MultiLang, RecordId, Value};
use ccdesk::domain::rules;
use ccdesk::service::auth::{Origin, Secret, SignInOutcome};
use ccdesk::service::back_office::BackOffice;
use ccdesk::service::back_office::{first_operator, open_without_password, sign_in};
use ccdesk::service::write::{WriteContext, delete, write};
use ccdesk::service::{Policy, ServiceError, World};
use ccdesk::storage::db::Db;

use crate::company::{
    KK_HQ, KK_LTD, KK_SELLS, back_office_of, customer_draft, draft, english, found, id, load, now, operator,
    person_draft, save, to, user_draft,
};
use crate::support::Store;

/// How often two do something at once, so that every order of their steps comes up.
pub(crate) const ROUNDS: u128 = 10;

/// Identities never come twice, however many worlds there are.
static NEXT: AtomicU64 = AtomicU64::new(0xF000);

pub(crate) fn world() -> World {
    World {
        now: Arc::new(now),
        new_id: Arc::new(|| id(u128::from(NEXT.fetch_add(1, Ordering::Relaxed)))),
        random: Arc::new(|bytes| bytes.fill(7)),
        policy: Policy::default(),
    }
}

fn origin() -> Origin {
    Origin("terminal@tests".to_owned())
}

pub(crate) async fn back_office(db: &Db, login: &str, is_admin: bool) -> BackOffice {
    back_office_of(operator(db, login, is_admin).await, db, &world(), login)
}

pub(crate) async fn read(db: &Db, entity: &'static EntityDef, id: RecordId) -> Arc<Record> {
    Arc::new(load(&mut db.read().await.expect("a connection"), entity, id).await)
}

/// A stored record with one field changed.
pub(crate) async fn changed(
    db: &Db,
    entity: &'static EntityDef,
    id: RecordId,
    field: &'static FieldDef,
    to: Value,
) -> Draft {
    let mut draft = Draft::of(read(db, entity, id).await);
    draft.set(field, to);
    draft
}

fn conflict(refused: Result<Arc<Record>, ServiceError>) -> (Option<String>, Vec<(&'static str, String)>) {
    match refused {
        Err(ServiceError::Conflict(conflict)) => (
            conflict.login,
            conflict.fields.into_iter().map(|one| (one.field.property, one.theirs)).collect(),
        ),
        other => panic!("no conflict: {other:?}"),
    }
}

pub(crate) async fn promise_13_a_refused_save_says_who_changed_what(Store { db, .. }: Store) {
    save(&db, &user_draft("chris", "Chris", None), id(1)).await;
    let mine = changed(&db, &user::USER, id(1), &user::NOTES.def, Value::text("mine")).await;
    let both: MultiLang =
        [("en", "Chris"), ("bg", "Крис")].map(|(l, t)| (l.to_owned(), t.to_owned())).into_iter().collect();
    let theirs = changed(&db, &user::USER, id(1), &user::NAME.def, Value::multi(both)).await;
    back_office(&db, "theirs", true).await.save(&theirs, false).await.expect("the first save");
    let (login, fields) = conflict(back_office(&db, "mine", true).await.save(&mine, false).await);
    assert_eq!(login.as_deref(), Some("theirs"));
    assert_eq!(fields, [("Name", "bg: Крис; en: Chris".to_owned())]);
}

pub(crate) async fn promise_13_a_part_that_was_saved_names_its_operator(Store { db, .. }: Store) {
    found(&db).await;
    save(&db, &customer_draft(id(KK_LTD), Some(id(KK_SELLS)), Some(id(KK_HQ))), id(1)).await;
    save(&db, &user_draft("chris", "Chris", None), id(2)).await;
    let mine = changed(&db, &customer::CUSTOMER, id(1), &customer::ACTIVE.def, Value::Bool(false)).await;
    let access = draft(
        &external_access::EXTERNAL_ACCESS,
        &[(&external_access::CUSTOMER.def, to(id(1))), (&external_access::USER.def, to(id(2)))],
    );
    back_office(&db, "theirs", true).await.save(&access, false).await.expect("the access is saved");
    assert_eq!(
        conflict(back_office(&db, "mine", true).await.save(&mine, false).await),
        (Some("theirs".to_owned()), vec![])
    );
}

pub(crate) async fn promise_13_a_save_that_waited_for_another_shows_it(Store { db, .. }: Store) {
    for round in 1..=ROUNDS {
        save(&db, &user_draft(&format!("chris{round}"), "Chris", None), id(round)).await;
        let [mine, theirs] = ["mine", "theirs"].map(Value::text);
        let mine = changed(&db, &user::USER, id(round), &user::NOTES.def, mine).await;
        let theirs = changed(&db, &user::USER, id(round), &user::NOTES.def, theirs).await;
        let world = world();
        let waiting = back_office(&db, "mine", true).await;
        let mut tx = db.begin().await.expect("a transaction");
        write(&mut tx, &WriteContext::new(&world, "theirs", "en"), &theirs).await.expect("the first save");
        let waiting = tokio::spawn(async move { waiting.save(&mine, false).await });
        tokio::task::yield_now().await;
        tx.commit().await.expect("it stays");
        let (login, fields) = conflict(waiting.await.expect("an answer"));
        assert_eq!(login.as_deref(), Some("theirs"));
        assert_eq!(fields, [("Notes", "theirs".to_owned())]);
    }
}

pub(crate) async fn a_save_that_changes_nothing_leaves_no_trace(Store { db, .. }: Store) {
    let back_office = back_office(&db, "mkoleva", true).await;
    let made = back_office.save(&user_draft("chris", "Chris", None), false).await.expect("the user is made");
    let same = back_office.save(&Draft::of(Arc::clone(&made)), false).await.expect("nothing to save");
    assert_eq!((same.version, &same.values), (1, &made.values));
    assert_eq!(
        back_office.history(&user::USER, made.id, None, 9).await.expect("the history").entries.len(),
        1
    );
}

pub(crate) async fn parties_moved_at_once_make_no_circle(Store { db, .. }: Store) {
    for round in 1..=ROUNDS {
        let (a, b) = (id(round), id(round << 32));
        for person in [a, b] {
            save(&db, &person_draft("A", "B", None), person).await;
        }
        let below = |who, parent| changed(&db, &person::PERSON, who, &party::PARENT_PARTY.def, to(parent));
        let (a, b) = (below(a, b).await, below(b, a).await);
        let mover = back_office(&db, "mkoleva", true).await;
        let save = |draft: Draft| {
            let back_office = mover.clone();
            tokio::spawn(async move { back_office.save(&draft, true).await })
        };
        let (a, b) = (save(a), save(b));
        let saved = [a.await, b.await].map(|saved| saved.expect("an answer").is_ok());
        assert_eq!(saved.into_iter().filter(|saved| *saved).count(), 1, "round {round}");
    }
}

pub(crate) async fn promise_05_there_is_one_first_administrator(Store { db, .. }: Store) {
    let world = world();
    let begin = |number: u128| {
        let (db, world) = (db.clone(), world.clone());
        tokio::spawn(async move {
            let password = Secret::new("nine green bottles".to_owned());
            first_operator(&db, &world, &format!("first{number}"), "Maria Koleva", &password).await.map(drop)
        })
    };
    let mut created = 0;
    for answer in (1..=ROUNDS).map(begin).collect::<Vec<_>>() {
        match answer.await.expect("an answer") {
            Ok(()) => created += 1,
            Err(refused) => assert!(matches!(refused, ServiceError::Denied(_)), "{refused:?}"),
        }
    }
    assert_eq!(created, 1);
}

pub(crate) async fn promise_01_a_password_is_the_same_from_every_keyboard(Store { db, .. }: Store) {
    let typed = |text: &str| Secret::new(text.to_owned());
    let made = first_operator(&db, &world(), "maria", "Maria", &typed("cafe\u{301} au lait, toujours")).await;
    made.expect("the administrator");
    let signed_in = sign_in(&db, &world(), &origin(), "MARIA", &typed("caf\u{e9} au lait, toujours")).await;
    let Ok(SignInOutcome::Granted(back_office)) = signed_in else { panic!("not signed in") };
    assert_eq!(back_office.who.login, "maria");
    let refused = sign_in(&db, &world(), &origin(), "maria", &typed("cafe au lait, toujours")).await;
    assert!(matches!(refused, Err(ServiceError::Denied(_))));
}

pub(crate) async fn an_operator_reads_in_the_language_of_the_login(Store { db, .. }: Store) {
    let mut operator = user_draft("maria", "Maria", None);
    operator.set(&user::DEFAULT_LANGUAGE.def, Value::text("BG"));
    let mut name = MultiLang::new("en", "Maria");
    name.set("bg", "Мария");
    operator.set(&user::NAME.def, Value::multi(name));
    save(&db, &operator, id(1)).await;
    let who = open_without_password(&db, &world(), id(1)).await.expect("a back office").who;
    assert_eq!((who.language.as_str(), who.name.as_str()), ("bg", "Мария"));
}

pub(crate) async fn promise_07_only_administrators_touch_who_may_do_what(Store { db, .. }: Store) {
    let mut operator = user_draft("boss", "Boss", None);
    operator.set(&user::USER_TYPE.def, Value::Code("INT"));
    save(&db, &operator, id(1)).await;
    save(&db, &user_draft("chris", "Chris", None), id(2)).await;
    let new = |field, value| {
        let mut new = user_draft("new", "New", None);
        new.set(field, value);
        new
    };
    let of_user = |id, field, value| changed(&db, &user::USER, id, field, value);
    let (yes, internal) = (Value::Bool(true), Value::Code("INT"));
    let refused = [
        (of_user(id(1), &user::ACTIVE.def, Value::Bool(false)).await, "change operators"),
        (of_user(id(2), &user::IS_ADMIN.def, yes.clone()).await, "change Is Admin"),
        (of_user(id(2), &user::USER_TYPE.def, internal.clone()).await, "choose another User Type"),
        (new(&user::IS_ADMIN.def, yes), "change Is Admin"),
        (new(&user::USER_TYPE.def, internal), "choose another User Type"),
        (draft(&web_site::WEB_SITE, &[]), "change these records"),
    ];
    for (draft, what) in &refused {
        let answer = back_office(&db, "clerk", false).await.save(draft, true).await;
        let sentence = format!("Only an administrator may {what}; ask one.");
        assert_eq!(answer.expect_err(what), ServiceError::Denied(sentence));
    }
    for (draft, what) in &refused {
        let answer = back_office(&db, "admin", true).await.save(draft, true).await;
        assert!(!matches!(answer, Err(ServiceError::Denied(_))), "{what}");
    }
    save(&db, &user_draft("zoe", "Zoe", None), id(3)).await;
    let repaired = of_user(id(3), &user::NOTES.def, Value::text("seen")).await;
    back_office(&db, "clerk", false).await.save(&repaired, false).await.expect("a clerk repairs");
}

pub(crate) async fn promise_08_an_owner_is_never_lowered_or_removed(Store { db, .. }: Store) {
    found(&db).await;
    save(&db, &customer_draft(id(KK_LTD), Some(id(KK_SELLS)), None), id(1)).await;
    save(&db, &customer_draft(id(KK_HQ), Some(id(KK_SELLS)), None), id(2)).await;
    save(&db, &user_draft("chris", "Chris", None), id(3)).await;
    let owner = draft(
        &external_access::EXTERNAL_ACCESS,
        &[
            (&external_access::CUSTOMER.def, to(id(1))),
            (&external_access::USER.def, to(id(3))),
            (&external_access::ROLE.def, Value::Code("L90")),
        ],
    );
    save(&db, &owner, id(4)).await;
    let back_office = back_office(&db, "admin", true).await;
    for (field, value) in
        [(&external_access::ROLE.def, Value::Code("L80")), (&external_access::CUSTOMER.def, to(id(2)))]
    {
        let lowered = changed(&db, &external_access::EXTERNAL_ACCESS, id(4), field, value).await;
        let refused = back_office.save(&lowered, true).await;
        assert!(
            matches!(&refused, Err(ServiceError::Invalid(issues)) if issues[0].property == Some(field.property))
        );
    }
    let row = read(&db, &external_access::EXTERNAL_ACCESS, id(4)).await;
    let mut tx = db.begin().await.expect("a transaction");
    let removed = delete(&mut tx, &WriteContext::new(&back_office.world, "admin", "en"), &row).await;
    assert!(matches!(removed, Err(ServiceError::Invalid(_))));
    drop(tx);
    let noted =
        changed(&db, &external_access::EXTERNAL_ACCESS, id(4), &external_access::NOTES.def, Value::text("!"));
    back_office.save(&noted.await, true).await.expect("the rest may change");
}

#[test]
fn promise_11_no_text_holds_what_an_engine_cannot_keep() {
    let fields = user::USER.all_fields().chain(web_site::WEB_SITE.all_fields());
    for field in fields.filter(|field| field.is_folded() || matches!(field.kind, Kind::Json)) {
        let value = |text: &str| match field.kind {
            Kind::Multi { .. } => english(text),
            _ => Value::text(text),
        };
        assert_eq!(rules::fits(field, &value("a b")), Ok(()));
        let sentence = format!("{} must not contain the character NUL; remove it.", field.label);
        assert_eq!(rules::fits(field, &value("a\0b")), Err(sentence));
    }
    let before_christ = Value::Date("-000044-03-15".parse().expect("a date"));
    assert!(rules::fits(&person::BIRTH_DATE.def, &before_christ).is_err());
}

#[test]
fn an_email_that_comes_back_is_as_confirmed_as_it_was() {
    let mut values = user_draft("chris", "Chris", None).changed;
    values.insert("Email", Value::text("chris@mail.com"));
    values.insert("EmailConfirmed", Value::Bool(true));
    let base = Record { entity: &user::USER, id: id(1), version: 1, values, origin: Default::default() };
    let mut draft = Draft::of(Arc::new(base));
    for (email, confirmed) in [("other@mail.com", false), ("chris@mail.com", true)] {
        draft.set(&user::EMAIL.def, Value::text(email));
        (user::RULES.changed)(&mut draft, &user::EMAIL.def, "en");
        assert_eq!(draft.is(&user::EMAIL_CONFIRMED), confirmed, "{email}");
    }
    assert!(!draft.is_changed());
    let mut new = user_draft("zoe", "Zoe", None);
    for email in ["zoe@mail.com", ""] {
        new.set(&user::EMAIL.def, Value::text(email));
        (user::RULES.changed)(&mut new, &user::EMAIL.def, "en");
        assert_eq!(new.value(&user::EMAIL_CONFIRMED.def), &Value::Bool(false));
    }
}

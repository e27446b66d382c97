//! Who may see which customer's data: what nobody may take away, what is asked about, and what history keeps.

use std::collections::BTreeMap;
use std::sync::Arc;

use ccdesk::domain::codes::Role;
use ccdesk::domain::entities::external_access::{
    CUSTOMER, DAYS_BACK_ACCESS, EXTERNAL_ACCESS, NOTES, ROLE, USER as WHO, VALID_UNTIL, VIEWS,
};
use ccdesk::domain::entities::{customer, user};
use ccdesk::domain::model::history::{HistoryAction, Part};
use ccdesk::domain::model::history_text;
use ccdesk::domain::model::query::{ListQuery, PageCursor};
use ccdesk::domain::model::record::{Draft, Record};
use ccdesk::domain::model::schema::EntityDef;
use ccdesk::domain::model::value::{RecordId, Value};
use ccdesk::domain::rules::{Issue, Weight};
use ccdesk::service::ServiceError;
use ccdesk::service::back_office::BackOffice;
use ccdesk::service::back_office::grants::{AccessRow, Grants};
use ccdesk::storage::db::Db;
use ccdesk::storage::last_use;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::back_office::{ROUNDS, back_office, changed, read};
use crate::company::{KK_HQ, KK_LTD, KK_SELLS, customer_draft, draft, found, id, now, save, to, user_draft};
use crate::support::Store;

pub(crate) const FIRST: u128 = 0x1001;
const SECOND: u128 = 0x1002;

/// Adds two customers, and opens the back office of an administrator.
pub(crate) async fn two_customers(db: &Db) -> BackOffice {
    found(db).await;
    save(db, &customer_draft(id(KK_LTD), Some(id(KK_SELLS)), Some(id(KK_HQ))), id(FIRST)).await;
    save(db, &customer_draft(id(KK_HQ), Some(id(KK_SELLS)), Some(id(KK_HQ))), id(SECOND)).await;
    back_office(db, "admin", true).await
}

pub(crate) async fn add_user(db: &Db, number: u128) -> RecordId {
    save(db, &user_draft(&format!("user{number}"), "Chris", None), id(number)).await.id
}

/// A user of that type who is switched off.
async fn add_user_off(db: &Db, number: u128, user_type: &'static str) -> RecordId {
    let mut off = user_draft(&format!("user{number}"), "Chris", None);
    off.set(&user::ACTIVE.def, Value::Bool(false));
    off.set(&user::USER_TYPE.def, Value::Code(user_type));
    save(db, &off, id(number)).await.id
}

pub(crate) fn access(customer: RecordId, user: RecordId, role: Role) -> Draft {
    let values = [(&CUSTOMER.def, to(customer)), (&WHO.def, to(user)), (&ROLE.def, Value::Code(role.code()))];
    draft(&EXTERNAL_ACCESS, &values)
}

async fn the_access(back_office: &BackOffice, customer: RecordId, user: RecordId) -> Option<AccessRow> {
    let mut accesses = back_office.accesses(Some(customer), Some(user));
    accesses.next_page().await.expect("the accesses").into_iter().next()
}

async fn end(back_office: &BackOffice, access: &AccessRow) -> Result<(), ServiceError> {
    back_office.remove(&EXTERNAL_ACCESS, access.id, access.version).await
}

async fn set_role(back_office: &BackOffice, access: &AccessRow, role: Role) -> Result<(), ServiceError> {
    let code = Value::Code(role.code());
    let lowered = changed(&back_office.db, &EXTERNAL_ACCESS, access.id, &ROLE.def, code).await;
    back_office.save(&lowered, true).await.map(drop)
}

fn issues<T: std::fmt::Debug>(refused: Result<T, ServiceError>) -> Vec<Issue> {
    match refused {
        Err(ServiceError::Invalid(issues)) => issues,
        other => panic!("not refused: {other:?}"),
    }
}

fn sentence<T: std::fmt::Debug>(refused: Result<T, ServiceError>) -> (Option<&'static str>, String) {
    let issues = issues(refused);
    let [issue] = &issues[..] else { panic!("not one sentence: {issues:?}") };
    (issue.property, issue.message.clone())
}

pub(crate) async fn an_access_keeps_its_customer_and_user(Store { db, .. }: Store) {
    let back_office = two_customers(&db).await;
    let (chris, zoe) = (add_user(&db, 1).await, add_user(&db, 2).await);
    let made = back_office.save(&access(id(FIRST), chris, Role::Basic), false).await.expect("an access");
    for (field, value, label) in [(&CUSTOMER.def, to(id(SECOND)), "Customer"), (&WHO.def, to(zoe), "User")] {
        let moved = changed(&db, &EXTERNAL_ACCESS, made.id, field, value).await;
        let said = format!("An access keeps its {label}; remove it and add another.");
        assert_eq!(sentence(back_office.save(&moved, true).await), (Some(field.property), said));
    }
}

pub(crate) async fn promise_08_an_owner_stays_whoever_asks_for_what(Store { db, .. }: Store) {
    let admin = two_customers(&db).await;
    let clerk = BackOffice { world: admin.world.clone(), ..back_office(&db, "clerk", false).await };
    // Somebody else manages the customer's users, so that the rule of the last one is not what refuses.
    let keeper = add_user(&db, 1).await;
    admin.save(&access(id(FIRST), keeper, Role::Admin), false).await.expect("the keeper");
    let mut next = 1;
    for back_office in [&admin, &clerk] {
        for was in Role::ALL {
            for becomes in Role::ALL.into_iter().map(Some).chain([None]) {
                next += 1;
                let user = add_user(&db, next).await;
                back_office.save(&access(id(FIRST), user, was), true).await.expect("the access");
                let found = the_access(back_office, id(FIRST), user).await.expect("the access");
                let done = match becomes {
                    Some(role) => set_role(back_office, &found, role).await,
                    None => end(back_office, &found).await,
                };
                let stays = was == Role::Owner && becomes != Some(Role::Owner);
                assert_eq!(done.is_ok(), !stays, "{} to {was:?}: {becomes:?}", back_office.who.login);
                let now = the_access(back_office, id(FIRST), user).await.map(|access| access.role);
                assert_eq!(now, if stays { Some(was) } else { becomes });
            }
        }
    }
}

pub(crate) async fn promise_08_the_days_back_of_an_owner_are_lowered_by_an_administrator_alone(
    Store { db, .. }: Store,
) {
    let admin = two_customers(&db).await;
    let clerk = BackOffice { world: admin.world.clone(), ..back_office(&db, "clerk", false).await };
    let user = add_user(&db, 1).await;
    let made = admin.save(&access(id(FIRST), user, Role::Owner), true).await.expect("the owner").id;
    let with_days = async |days: Option<i64>| {
        let days = days.map_or(Value::Empty, Value::Int);
        changed(&db, &EXTERNAL_ACCESS, made, &DAYS_BACK_ACCESS.def, days).await
    };
    let lowered = async |by: &BackOffice, days| issues(by.save(&with_days(Some(days)).await, true).await);
    for (days, less) in [(Some(31), 30), (None, 36_500)] {
        clerk.save(&with_days(days).await, true).await.expect("more is no loss");
        for (by, weight) in [(&clerk, Weight::Forbid), (&admin, Weight::NeedsReason)] {
            let issues = lowered(by, less).await;
            assert_eq!((issues[0].property, issues[0].weight), (Some("DaysBackAccess"), weight));
        }
    }
    admin.save_for(&with_days(Some(7)).await, true, Some("she asked for it")).await.expect("with a reason");
    let told = admin.history(&EXTERNAL_ACCESS, made, None, 1).await.expect("the history").entries;
    assert_eq!(told[0].reason.as_deref(), Some("she asked for it"));
}

pub(crate) async fn promise_08_the_last_who_manages_users_is_named_with_the_way_out(Store { db, .. }: Store) {
    let back_office = two_customers(&db).await;
    let (chris, zoe) = (add_user(&db, 1).await, add_user(&db, 2).await);
    back_office.save(&access(id(FIRST), chris, Role::Admin), false).await.expect("an Admin");
    back_office.save(&access(id(FIRST), zoe, Role::Billing), false).await.expect("another user");
    // An Admin of another customer helps nobody here.
    back_office.save(&access(id(SECOND), zoe, Role::Admin), false).await.expect("an Admin elsewhere");
    let last = the_access(&back_office, id(FIRST), chris).await.expect("the Admin");
    let said = "Chris <user1> [EXT] is the last who can manage the users of KK Ltd. #00001; make somebody else \
                Admin first, or switch this login off.";
    assert_eq!(sentence(end(&back_office, &last).await), (None, said.to_owned()));
    let lowered = set_role(&back_office, &last, Role::Billing).await;
    assert_eq!(sentence(lowered), (Some(ROLE.def.property), said.to_owned()));
    // What nobody may do is told where it was tried.
    let told = back_office.history(&EXTERNAL_ACCESS, last.id, None, 9).await.expect("the history").entries;
    let refused = told.iter().filter(|change| change.action == HistoryAction::Refused);
    assert_eq!(refused.map(|change| change.reason.as_deref()).collect::<Vec<_>>(), [Some(said); 2]);
    // First way out: another Admin. Then the other one is the last.
    let other = the_access(&back_office, id(FIRST), zoe).await.expect("the other user");
    set_role(&back_office, &other, Role::Admin).await.expect("another Admin");
    set_role(&back_office, &last, Role::Billing).await.expect("the first is not needed any more");
    let other = the_access(&back_office, id(FIRST), zoe).await.expect("the other user");
    assert!(!issues(end(&back_office, &other).await).is_empty());
    // Second way out: whoever cannot sign in manages nobody.
    let off = changed(&db, &user::USER, zoe, &user::ACTIVE.def, Value::Bool(false)).await;
    back_office.save(&off, true).await.expect("the login is switched off");
    end(&back_office, &other).await.expect("the access of a login that is off");
}

pub(crate) async fn promise_08_a_draft_that_lies_about_what_was_read_changes_nothing(
    Store { db, .. }: Store,
) {
    let back_office = two_customers(&db).await;
    let (owner, admin) = (add_user(&db, 1).await, add_user(&db, 2).await);
    for (customer, user, role) in [(FIRST, owner, Role::Owner), (SECOND, admin, Role::Admin)] {
        let made = back_office.save(&access(id(customer), user, role), true).await.expect("an access");
        let mut forged = Record::clone(&made);
        forged.values.insert(ROLE.def.property, Value::Code("L10"));
        let mut lowered = Draft::of(Arc::new(forged));
        lowered.set(&ROLE.def, Value::Code("L20"));
        assert_eq!(sentence(back_office.save(&lowered, true).await).0, Some(ROLE.def.property), "{role:?}");
        let mut noted = lowered.clone();
        noted.set(&ROLE.def, Value::Code("L10"));
        noted.set(&NOTES.def, Value::text("seen"));
        back_office.save(&noted, true).await.expect("notes");
        assert_eq!(the_access(&back_office, id(customer), user).await.expect("it").role, role);
    }
}

/// The expected state: the roles by customer and user, and which users are switched on.
#[derive(Default)]
struct Model {
    roles: BTreeMap<(RecordId, RecordId), Role>,
    on: BTreeMap<RecordId, bool>,
}

impl Model {
    fn manages(&self, customer: RecordId, user: RecordId) -> bool {
        self.on[&user] && self.roles.get(&(customer, user)).is_some_and(|role| role.manages_users())
    }

    /// Whether an access may get this role, or end (`None`).
    fn allows(&self, customer: RecordId, user: RecordId, becomes: Option<Role>) -> bool {
        let was = self.roles[&(customer, user)];
        let lost = self.manages(customer, user) && !becomes.is_some_and(Role::manages_users);
        let another = self.on.keys().any(|other| *other != user && self.manages(customer, *other));
        (was != Role::Owner || becomes == Some(Role::Owner)) && (!lost || another)
    }
}

pub(crate) async fn promise_08_whatever_is_granted_and_ended_somebody_manages_users(Store { db, .. }: Store) {
    let back_office = two_customers(&db).await;
    let mut model = Model::default();
    for number in 1..=4 {
        model.on.insert(add_user(&db, number).await, true);
    }
    let users: Vec<RecordId> = model.on.keys().copied().collect();
    let mut chance = fastrand::Rng::with_seed(8);
    let (mut done, mut refused) = (0, 0);
    for step in 0..300 {
        let user = users[chance.usize(..users.len())];
        let customer = id([FIRST, SECOND][chance.usize(..2)]);
        // Seldom an owner, who would stay for good and leave nothing to try.
        let role = Role::ALL[chance.usize(..if step % 100 == 99 { 6 } else { 5 })];
        let found = the_access(&back_office, customer, user).await;
        assert_eq!(found.as_ref().map(|access| access.role), model.roles.get(&(customer, user)).copied());
        let (answer, allowed) = match (found, chance.u8(..6)) {
            (_, 0) => {
                let on = !model.on[&user];
                let switched = changed(&db, &user::USER, user, &user::ACTIVE.def, Value::Bool(on)).await;
                model.on.insert(user, on);
                (back_office.save(&switched, true).await.map(drop), true)
            }
            (None, _) => {
                model.roles.insert((customer, user), role);
                let grants = Grants { role, ..Grants::usual(user, vec![customer]) };
                (back_office.grant(&grants, true).await.map(drop), true)
            }
            (Some(access), 1 | 2) => {
                let allowed = model.allows(customer, user, None);
                if allowed {
                    model.roles.remove(&(customer, user));
                }
                (end(&back_office, &access).await, allowed)
            }
            (Some(access), _) => {
                let allowed = model.allows(customer, user, Some(role));
                if allowed {
                    model.roles.insert((customer, user), role);
                }
                (set_role(&back_office, &access, role).await, allowed)
            }
        };
        assert_eq!(answer.is_ok(), allowed, "step {step}: {answer:?}");
        *(if allowed { &mut done } else { &mut refused }) += 1;
    }
    assert!(done > 50 && refused > 20, "{done} done and {refused} refused prove little");
}

pub(crate) async fn promise_08_two_who_end_each_other_at_once_do_not_both(Store { db, .. }: Store) {
    let back_office = two_customers(&db).await;
    let mut survivor = add_user(&db, 1).await;
    back_office.save(&access(id(FIRST), survivor, Role::Admin), false).await.expect("the first Admin");
    for round in 0..ROUNDS {
        let other = add_user(&db, 2 + round).await;
        back_office.save(&access(id(FIRST), other, Role::Admin), false).await.expect("another Admin");
        let of = |user| the_access(&back_office, id(FIRST), user);
        let (one, two) = (of(survivor).await.expect("an Admin"), of(other).await.expect("an Admin"));
        let ending = |access: AccessRow| {
            let back_office = back_office.clone();
            tokio::spawn(async move { end(&back_office, &access).await })
        };
        let lowering = |access: AccessRow| {
            let back_office = back_office.clone();
            tokio::spawn(async move { set_role(&back_office, &access, Role::Basic).await })
        };
        let one = ending(one);
        let two = if round % 2 == 0 { ending(two) } else { lowering(two) };
        let done = [one.await, two.await].map(|answer| answer.expect("an answer"));
        assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1, "round {round}: {done:?}");
        survivor = if done[0].is_ok() { other } else { survivor };
    }
}

pub(crate) async fn who_cannot_sign_in_is_refused_and_who_is_off_is_asked_about(Store { db, .. }: Store) {
    let back_office = two_customers(&db).await;
    let (off, machine) = (add_user_off(&db, 1, "EXT").await, add_user_off(&db, 2, "APP").await);
    let confirmed = "“user1” is switched off and will not get in before it is switched on again.";
    let refused = "“user2” is of a type that cannot sign in; choose another user.";
    for (user, said, weight) in [(off, confirmed, Weight::Ask), (machine, refused, Weight::Refuse)] {
        let by_form = back_office.save(&access(id(FIRST), user, Role::Basic), false).await;
        let by_step =
            back_office.grant(&Grants::usual(user, vec![id(FIRST), id(SECOND)]), false).await.map(drop);
        for issues in [issues(by_form), issues(by_step)] {
            let expected = Issue { property: Some(WHO.def.property), message: said.to_owned(), weight };
            assert_eq!(issues, [expected]);
        }
    }
    assert_eq!(the_access(&back_office, id(FIRST), off).await, None);
    let refused_again = back_office.grant(&Grants::usual(machine, vec![id(FIRST)]), true).await;
    assert_eq!(issues(refused_again).len(), 1);
    back_office.save(&access(id(FIRST), off, Role::Basic), true).await.expect("asked and answered");
    back_office.grant(&Grants::usual(off, vec![id(SECOND)]), true).await.expect("asked and answered");
}

pub(crate) async fn several_customers_are_granted_together_or_not_at_all(Store { db, .. }: Store) {
    let back_office = two_customers(&db).await;
    let chris = add_user(&db, 1).await;
    let both = vec![id(SECOND), id(FIRST), id(SECOND)];
    for (wrong, property, said) in [
        (Grants { customers: vec![], ..Grants::usual(chris, vec![]) }, "Customer", "Customer is required."),
        (Grants::usual(chris, vec![id(FIRST), id(404)]), "Customer", "Customer is not there any more"),
        (Grants::usual(id(404), both.clone()), "User", "User is not there any more"),
        (
            Grants { days_back: Some(36_501), ..Grants::usual(chris, both.clone()) },
            "DaysBackAccess",
            "whole days from 0 to 36500, or nothing for unlimited",
        ),
        (
            Grants { days_back: Some(-1), ..Grants::usual(chris, both.clone()) },
            "DaysBackAccess",
            "whole days",
        ),
        (
            Grants { notes: "ж".repeat(4001), ..Grants::usual(chris, both.clone()) },
            "Notes",
            "at most 4000 characters; this has 4001",
        ),
    ] {
        let (at, sentence) = sentence(back_office.grant(&wrong, false).await);
        assert!(at == Some(property) && sentence.contains(said), "{property}: {sentence}");
    }
    assert_eq!(back_office.accesses(None, None).next_page().await.expect("an answer"), []);
    let clerk = BackOffice {
        world: back_office.world.clone(),
        ..crate::back_office::back_office(&db, "clerk", false).await
    };
    let granted = clerk.grant(&Grants::usual(chris, both.clone()), false).await.expect("they are granted");
    let told = back_office.access_rows(&granted).await.expect("the accesses");
    let told: Vec<_> = told
        .iter()
        .map(|one| (one.number.as_str(), one.login.as_str(), one.role, one.days_back, one.oldest))
        .collect();
    let oldest = Some("2024-03-02".parse().expect("a date"));
    let usual = |number| (number, "user1", Role::OrdersWithPrices, Some(30), oldest);
    assert_eq!(told, [usual("00001"), usual("00002")]);
    let (at, said) = sentence(back_office.grant(&Grants::usual(chris, both), false).await);
    assert_eq!(at, Some("Customer"));
    let names = "KK - HQ #00002, KK Ltd. #00001";
    assert_eq!(
        said,
        format!("Chris <user1> [EXT] has access to {names} already; change that access instead.")
    );
}

pub(crate) async fn only_what_can_be_removed_is_and_as_it_was_read(Store { db, .. }: Store) {
    let back_office = two_customers(&db).await;
    let chris = add_user(&db, 1).await;
    for (entity, forged) in [(&user::USER, chris), (&customer::CUSTOMER, id(FIRST))] {
        let entity: &'static EntityDef = entity;
        let refused = back_office.remove(entity, forged, 1).await;
        assert_eq!(refused, Err(ServiceError::Denied(format!("{} are never removed.", entity.plural))));
    }
    let made = back_office.save(&access(id(FIRST), chris, Role::Basic), false).await.expect("an access");
    set_role(&back_office, &the_access(&back_office, id(FIRST), chris).await.expect("it"), Role::Orders)
        .await
        .expect("changed meanwhile");
    let Err(ServiceError::Conflict(conflict)) =
        back_office.remove(&EXTERNAL_ACCESS, made.id, made.version).await
    else {
        panic!("removed as nobody has read it")
    };
    assert_eq!(conflict.login.as_deref(), Some("admin"));
    let clerk = crate::back_office::back_office(&db, "clerk", false).await;
    clerk.remove(&EXTERNAL_ACCESS, made.id, made.version + 1).await.expect("an operator ends it");
    let again = clerk.remove(&EXTERNAL_ACCESS, made.id, made.version + 1).await;
    assert_eq!(again, Err(ServiceError::NotFound));
    assert_eq!(read(&db, &user::USER, chris).await.version, 1);
}

pub(crate) async fn history_tells_customer_and_user_of_every_access(Store { db, .. }: Store) {
    let back_office = two_customers(&db).await;
    let chris = add_user(&db, 1).await;
    let made =
        back_office.save(&access(id(FIRST), chris, Role::OrdersWithPrices), false).await.expect("an access");
    let mut wider = Draft::of(made);
    wider.set(&DAYS_BACK_ACCESS.def, Value::Empty);
    wider.set(&NOTES.def, Value::text("for the audit"));
    let wider = back_office.save(&wider, true).await.expect("a change");
    let command = BackOffice::for_command_line(&db, &back_office.world);
    command.remove(&EXTERNAL_ACCESS, wider.id, wider.version).await.expect("the end");

    for (entity, record, other, versions) in [
        (&customer::CUSTOMER, id(FIRST), "Chris <user1> [EXT]", [4, 3, 2]),
        (&user::USER, chris, "KK Ltd. #00001", [1, 1, 1]),
    ] {
        let entity: &'static EntityDef = entity;
        let granted = format!("{other}: Orders with Prices, 30 days back since 2024-03-02");
        let widened = format!("{other}: Orders with Prices, unlimited days back, for the audit");
        let expected = [
            ("command line", format!("removed: {widened}")),
            ("admin", format!("{granted} → {widened}")),
            ("admin", format!("added: {granted}")),
        ];
        let changes = back_office.history(entity, record, None, 9).await.expect("the history").entries;
        assert_eq!(changes.len(), 3, "{changes:#?}");
        for ((change, (login, told)), version) in changes.iter().zip(expected).zip(versions) {
            assert_eq!(change.part, Some(Part { entity: &EXTERNAL_ACCESS, record: wider.id }));
            assert_eq!((change.who.as_str(), change.version), (login, version));
            assert_eq!(history_text::lines(change, "en"), [told]);
        }
    }
    assert_eq!(
        back_office.history(&EXTERNAL_ACCESS, wider.id, None, 9).await.expect("its own").entries.len(),
        3
    );
}

pub(crate) async fn an_owner_and_unlimited_days_back_are_asked_about(Store { db, .. }: Store) {
    let back_office = two_customers(&db).await;
    let chris = add_user(&db, 1).await;
    let grants = Grants { role: Role::Owner, days_back: None, ..Grants::usual(chris, vec![id(FIRST)]) };
    let asked = issues(back_office.grant(&grants, false).await);
    let said: Vec<_> = asked.iter().map(|issue| (issue.property, issue.weight)).collect();
    assert_eq!(said, [(Some("Role"), Weight::Ask), (Some("DaysBackAccess"), Weight::Ask)]);
    assert!(the_access(&back_office, id(FIRST), chris).await.is_none());
    back_office.grant(&grants, true).await.expect("it was meant");
    // What is so already is not asked about again, and narrowing is nothing to ask about.
    let access = the_access(&back_office, id(FIRST), chris).await.expect("the access");
    let noted = changed(&db, &EXTERNAL_ACCESS, access.id, &NOTES.def, Value::text("noted")).await;
    back_office.save(&noted, false).await.expect("nothing is asked");
    let zoe = add_user(&db, 2).await;
    let grants = Grants { days_back: None, ..Grants::usual(zoe, vec![id(FIRST)]) };
    back_office.grant(&grants, true).await.expect("it was meant");
    let access = the_access(&back_office, id(FIRST), zoe).await.expect("the access");
    let narrowed = changed(&db, &EXTERNAL_ACCESS, access.id, &DAYS_BACK_ACCESS.def, Value::Int(30)).await;
    back_office.save(&narrowed, false).await.expect("nothing is asked");
    let widened = changed(&db, &EXTERNAL_ACCESS, access.id, &DAYS_BACK_ACCESS.def, Value::Empty).await;
    assert_eq!(sentence(back_office.save(&widened, false).await).0, Some("DaysBackAccess"));
    // A command says it in so many words already.
    BackOffice::for_command_line(&db, &back_office.world).save(&widened, false).await.expect("it is done");
}

pub(crate) async fn promise_08_the_end_of_an_owner_is_brought_forward_by_an_administrator_alone(
    Store { db, .. }: Store,
) {
    let admin = two_customers(&db).await;
    let clerk = BackOffice { world: admin.world.clone(), ..back_office(&db, "clerk", false).await };
    let user = add_user(&db, 1).await;
    let made = admin.save(&access(id(FIRST), user, Role::Owner), true).await.expect("the owner").id;
    let until = async |last: Option<&str>| {
        let last = last.map_or(Value::Empty, |last| Value::Date(last.parse().expect("a date")));
        changed(&db, &EXTERNAL_ACCESS, made, &VALID_UNTIL.def, last).await
    };
    for (by, weight) in [(&clerk, Weight::Forbid), (&admin, Weight::NeedsReason)] {
        let issues = issues(by.save(&until(Some("2024-12-31")).await, true).await);
        assert_eq!((issues[0].property, issues[0].weight), (Some("ValidUntil"), weight));
    }
    admin.save_for(&until(Some("2024-12-31")).await, true, Some("leaves")).await.expect("with a reason");
    clerk.save(&until(Some("2025-12-31")).await, true).await.expect("later is no loss");
    clerk.save(&until(None).await, true).await.expect("no end is no loss");
}

pub(crate) async fn promise_08_the_last_who_manages_users_does_not_end_before_today(Store { db, .. }: Store) {
    let back_office = two_customers(&db).await;
    let (chris, zoe) = (add_user(&db, 1).await, add_user(&db, 2).await);
    let made = back_office.save(&access(id(FIRST), chris, Role::Admin), false).await.expect("an Admin").id;
    let until = async |access, last: Date| {
        changed(&db, &EXTERNAL_ACCESS, access, &VALID_UNTIL.def, Value::Date(last)).await
    };
    let today = back_office.world.today();
    let yesterday = today.yesterday().expect("a day");
    back_office.save(&until(made, today).await, false).await.expect("it ends tonight, as it was meant to");
    let (field, said) = sentence(back_office.save(&until(made, yesterday).await, false).await);
    assert_eq!(field, Some("ValidUntil"));
    assert!(said.contains("is the last who can manage the users of KK Ltd. #00001"), "{said}");
    // One who has ended is nobody to rely on.
    let other =
        back_office.save(&access(id(FIRST), zoe, Role::Admin), false).await.expect("another Admin").id;
    back_office.save(&until(other, yesterday).await, false).await.expect("the first is there");
    assert!(!issues(back_office.save(&until(made, yesterday).await, false).await).is_empty());
    let ended = the_access(&back_office, id(FIRST), zoe).await.expect("the ended access");
    end(&back_office, &ended).await.expect("it manages nobody");
}

/// Notes a sign-in of a user to whom this customer is open.
async fn note(db: &Db, user: RecordId, customer: RecordId, at: Timestamp) {
    let mut tx = db.begin().await.expect("a transaction");
    last_use::note_sign_in(&mut tx, user, "cc", at).await.expect("it is noted");
    last_use::note_use(&mut tx, user, customer, at).await.expect("it is noted");
    tx.commit().await.expect("it stays");
}

pub(crate) async fn what_is_noted_meanwhile_is_no_conflict(Store { db, .. }: Store) {
    let back_office = two_customers(&db).await;
    let chris = add_user(&db, 1).await;
    let made = back_office.save(&access(id(FIRST), chris, Role::Basic), false).await.expect("an access").id;
    let mut open = changed(&db, &EXTERNAL_ACCESS, made, &NOTES.def, Value::text("mine")).await;
    note(&db, chris, id(FIRST), now()).await;
    back_office.save(&open, false).await.expect("it is saved");
    // A conflict over something else does not speak of it.
    open.set(&NOTES.def, Value::text("mine again"));
    let Err(ServiceError::Conflict(conflict)) = back_office.save(&open, false).await else {
        panic!("the version is an older one")
    };
    let fields: Vec<&str> = conflict.fields.iter().map(|field| field.field.property).collect();
    assert_eq!(fields, ["Notes"]);
    let told = back_office.history(&EXTERNAL_ACCESS, made, None, 1).await.expect("the history").entries;
    let told: Vec<&str> = told[0].fields.iter().map(|change| change.field.as_str()).collect();
    assert_eq!(told, ["Notes"], "nor does history");
}

pub(crate) async fn the_views_of_accesses_are_relative_to_the_day(Store { db, .. }: Store) {
    let back_office = two_customers(&db).await;
    let today = back_office.world.today();
    let mut accesses = Vec::new();
    for number in 1..=6 {
        let user = add_user(&db, number).await;
        let made =
            back_office.save(&access(id(FIRST), user, Role::Basic), false).await.expect("an access").id;
        accesses.push((user, made));
    }
    for (index, days) in [(0, 0), (1, 30), (2, 31), (3, -1)] {
        let last = Value::Date(today + days.days());
        let draft = changed(&db, &EXTERNAL_ACCESS, accesses[index].1, &VALID_UNTIL.def, last).await;
        back_office.save(&draft, false).await.expect("it is saved");
    }
    let midnight = |days: i64| {
        today.to_zoned(TimeZone::UTC).expect("a day").timestamp() - SignedDuration::from_hours(24 * days)
    };
    note(&db, accesses[0].0, id(FIRST), midnight(90)).await;
    note(&db, accesses[1].0, id(FIRST), midnight(90) - SignedDuration::from_micros(1)).await;
    let off = changed(&db, &user::USER, accesses[4].0, &user::ACTIVE.def, Value::Bool(false)).await;
    back_office.save(&off, true).await.expect("the login is switched off");

    let mut found = Vec::new();
    for view in &VIEWS {
        let query = ListQuery { filters: (view.filters)(today), ..ListQuery::all(&EXTERNAL_ACCESS) };
        let rows = back_office.rows(&query, &PageCursor::First, 50).await.expect("the rows").rows;
        let counted = back_office.count(&query).await.expect("the count");
        assert_eq!(i64::try_from(rows.len()), Ok(counted), "{view:?}");
        let shown =
            accesses.iter().enumerate().filter(|(_, (_, made))| rows.iter().any(|row| row.id == *made));
        found.push((view.name, shown.map(|(index, _)| index).collect::<Vec<_>>()));
    }
    let expected = [
        ("Ends soon", vec![0, 1]),
        ("Never used", vec![2, 3, 4, 5]),
        ("Not used for 90 days", vec![1]),
        ("Of inactive users", vec![4]),
        ("All", vec![0, 1, 2, 3, 4, 5]),
    ];
    assert_eq!(found, expected);
}

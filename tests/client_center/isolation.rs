//! Nothing of another customer is seen, learned or changed, in random companies (promise 8).
//!
//! Each company is stored in two databases that differ only in the other customers' accesses. A visitor of Olivia Green
//! asks both the same, honestly and not: if one answer differed, something of the others would have been learned.

use ccdesk::domain::codes::Role;
use ccdesk::domain::entities;
use ccdesk::domain::entities::external_access::{
    CUSTOMER, DAYS_BACK_ACCESS, EXTERNAL_ACCESS, LAST_USED, NOTES, ROLE, USER,
};
use ccdesk::domain::model::query::{Filter, ListQuery, PageCursor, Sort};
use ccdesk::domain::model::record::{Draft, Fields, Record};
use ccdesk::domain::model::schema::FieldDef;
use ccdesk::domain::model::value::{RecordId, Value};
use ccdesk::service::client_center::{Managing, Visit};
use ccdesk::storage::db::{Create, Db};
use fastrand::Rng;

use crate::company::{id, save, to};
use crate::fixture::*;
use crate::support::Store;

const USERS: u128 = 8;
/// How many rounds there are, each with new random accesses, and how many questions are asked in each.
const ROUNDS: u128 = 8;
const STEPS: usize = 25;
/// Customers besides Olivia Green: of the same enterprise company, and of another one.
const OTHERS: [u128; 3] = [NIMERO, 0xB2, OLIVIA_AT_KK];

/// The id of the access of a user to a customer in a round.
fn access_id(round: u128, customer: u128, user: u128) -> RecordId {
    id(round << 64 | customer << 16 | user)
}

async fn populate(db: &Db) {
    build(db).await;
    add_customer(db, id(0xB2), id(0xB3), "Third Ltd.", "00033").await;
    for user in 1..=USERS {
        add_user(db, id(user), &format!("u{user}")).await;
    }
}

/// Replaces all accesses by random ones: `own` decides those to Olivia Green, `others` those to the other customers.
async fn deal(db: &Db, round: u128, own: &mut Rng, others: &mut Rng) {
    for row in all(db, &EXTERNAL_ACCESS).await {
        remove(db, &EXTERNAL_ACCESS, row.id).await;
    }
    for user in 1..=USERS {
        for customer in [OLIVIA].into_iter().chain(OTHERS) {
            // The visitor's own accesses are no secret to the visitor, so they are the same in both databases.
            let chance = if user == 1 || customer == OLIVIA { &mut *own } else { &mut *others };
            let is_visitors = user == 1 && customer == OLIVIA;
            let roles = if is_visitors { &Role::ALL[4..] } else { &Role::ALL[..] };
            if is_visitors || chance.bool() {
                let dealt = made_by_chance(chance, customer, user, roles);
                save(db, &dealt, access_id(round, customer, user)).await;
            }
        }
    }
}

fn by_chance<T: Copy>(chance: &mut Rng, of: &[T]) -> T {
    of[chance.usize(..of.len())]
}

fn days_by_chance(chance: &mut Rng) -> Option<i64> {
    by_chance(chance, &[None, Some(0), Some(30), Some(365)])
}

fn made_by_chance(chance: &mut Rng, customer: u128, user: u128, roles: &[Role]) -> Draft {
    let (role, days_back) = (by_chance(chance, roles), days_by_chance(chance));
    let mut made = access(id(customer), id(user), role, days_back);
    made.set(&NOTES.def, Value::text(format!("note {}", chance.u16(..))));
    made
}

/// A question of a visitor.
#[derive(Debug)]
enum Asked {
    Rows(ListQuery, PageCursor),
    Count(ListQuery),
    Find(String),
    Manage(Managing),
    Choose(RecordId),
    Current,
    Profile,
}

fn asked_by_chance(chance: &mut Rng, round: u128, seen: &[(RecordId, i64)]) -> Asked {
    match chance.u8(..11) {
        0 | 1 => {
            let page_cursor = match chance.u8(..4) {
                0 => PageCursor::First,
                1 => PageCursor::Last,
                _ => PageCursor::From(some_access(chance, round, seen).0),
            };
            Asked::Rows(query_by_chance(chance), page_cursor)
        }
        2 => Asked::Count(query_by_chance(chance)),
        3 => Asked::Find(email(&format!("u{}", chance.u128(1..=USERS + 1)))),
        4 => Asked::Choose(id(by_chance(chance, &[OLIVIA, NIMERO, 0xB2, OLIVIA_AT_KK, 404]))),
        5 => Asked::Profile,
        6 => Asked::Current,
        _ => Asked::Manage(managing_by_chance(chance, round, seen)),
    }
}

fn query_by_chance(chance: &mut Rng) -> ListQuery {
    let columns: [&'static FieldDef; 5] =
        [&USER.def, &ROLE.def, &DAYS_BACK_ACCESS.def, &NOTES.def, &CUSTOMER.def];
    let mut query = ListQuery { columns: vec![], sort: vec![], ..ListQuery::all(&EXTERNAL_ACCESS) };
    // The last one, the customer, is refused; it is asked for now and then.
    let mut column = || {
        let open = if chance.u8(..12) == 0 { 5 } else { 4 };
        columns[chance.usize(..open)]
    };
    query.columns = vec![column(), column()];
    query.sort = vec![Sort { field: column(), descending: false }];
    let field = column();
    match chance.u8(..6) {
        0 => query.filters.push(Filter::Contains(field, chance.u8(..9).to_string())),
        1 => query.filters.push(Filter::Empty(field)),
        2 => query.filters.push(Filter::OneOf(&CUSTOMER.def, vec![to(id(NIMERO))])),
        3 => query.filters.push(Filter::OneOf(&USER.def, vec![to(id(chance.u128(1..=USERS)))])),
        4 => query.search = format!("u{}", chance.u8(..9)),
        _ => {}
    }
    query
}

/// The id and version of an access: of one that was seen, of one to any customer, or of one that does not exist.
fn some_access(chance: &mut Rng, round: u128, seen: &[(RecordId, i64)]) -> (RecordId, i64) {
    if !seen.is_empty() && chance.bool() {
        return by_chance(chance, seen);
    }
    let customer = by_chance(chance, &[OLIVIA, NIMERO, 0xB2, OLIVIA_AT_KK, 404]);
    (access_id(round, customer, chance.u128(1..=USERS)), 1)
}

fn managing_by_chance(chance: &mut Rng, round: u128, seen: &[(RecordId, i64)]) -> Managing {
    let (role, days_back) = (by_chance(chance, &Role::ALL), days_by_chance(chance));
    let notes = format!("by chance {}", chance.u16(..));
    let (access, version) = some_access(chance, round, seen);
    match chance.u8(..4) {
        0 | 1 => {
            let email = email(&format!("u{}", chance.u128(1..=USERS + 1)));
            Managing::Add { email, role, days_back, notes }
        }
        2 => Managing::Change { access, version, role, days_back, notes },
        _ => Managing::Remove { access, version },
    }
}

/// The answer as text, to compare.
async fn answer(visit: &Visit, confirmed: &Asked) -> String {
    match confirmed {
        Asked::Rows(query, page_cursor) => format!("{:?}", visit.rows(query, page_cursor, 3).await),
        Asked::Count(query) => format!("{:?}", visit.count(query).await),
        Asked::Find(email) => format!("{:?}", visit.find_user(email).await),
        Asked::Manage(managing) => format!("{:?}", visit.manage(managing, true).await),
        Asked::Choose(customer) => format!("{:?}", visit.choose(*customer).await),
        Asked::Current => format!("{:?}", visit.current().await),
        Asked::Profile => format!("{:?}", visit.profile().await),
    }
}

/// All records but the accesses to Olivia Green and her own record, whose version changes with them. That the visitor
/// chose another customer, to which there is an access, stands in that access alone and is left out.
async fn of_others(db: &Db) -> Vec<Record> {
    let mut records = Vec::new();
    for entity in entities::all() {
        records.extend(all(db, entity).await);
    }
    records.retain(|record| record.id != id(OLIVIA) && !is_own(record));
    for record in records.iter_mut().filter(|record| record.get(&USER).is_some_and(|user| user.id == id(1))) {
        record.values.remove(LAST_USED.def.property);
    }
    records
}

fn is_own(record: &Record) -> bool {
    record.entity.is(&EXTERNAL_ACCESS) && record.get(&CUSTOMER).is_some_and(|own| own.id == id(OLIVIA))
}

/// The accesses that a list would have shown the visitor.
async fn seen(db: &Db) -> Vec<(RecordId, i64)> {
    accesses(db, OLIVIA).await.iter().map(|row| (row.id, row.version)).collect()
}

pub(crate) async fn promise_08_nothing_of_another_customer_is_seen_learned_or_changed(store: Store) {
    let (db, place) = (store.db.clone(), store.empty_database().await);
    let other = Db::open(&place, Create::IfMissing).await.expect("another database opens");
    populate(&db).await;
    populate(&other).await;
    let visits = [&db, &other].map(|db| forged(db, CC26, id(1), OLIVIA));
    let mut chance = Rng::with_seed(26);
    let (mut done, mut refused) = (0, 0);
    for round in 1..=ROUNDS {
        let (own, others) = (chance.u64(..), [chance.u64(..), chance.u64(..)]);
        for (db, others) in [&db, &other].into_iter().zip(others) {
            deal(db, round, &mut Rng::with_seed(own), &mut Rng::with_seed(others)).await;
        }
        let before = [of_others(&db).await, of_others(&other).await];
        assert_ne!(before[0], before[1], "the two differ in what is not to be learned");
        for step in 0..STEPS {
            let confirmed = asked_by_chance(&mut chance, round, &seen(&db).await);
            let answers = [answer(&visits[0], &confirmed).await, answer(&visits[1], &confirmed).await];
            assert_eq!(answers[0], answers[1], "round {round}, step {step}: {confirmed:?}");
            if answers[0].starts_with("Ok") { done += 1 } else { refused += 1 }
        }
        assert_eq!([of_others(&db).await, of_others(&other).await], before, "round {round}");
        assert_eq!(accesses(&db, OLIVIA).await, accesses(&other, OLIVIA).await, "round {round}");
    }
    assert!(done > 40 && refused > 40, "{done} done, {refused} refused");
    other.close().await;
}

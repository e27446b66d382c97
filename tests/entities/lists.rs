//! Lists: their order, their pages, their filters.

use std::cmp::Ordering;

use ccdesk::domain::entities::{company, company_location, customer, party, person, user};
use ccdesk::domain::model::query::{Filter, Key, KeyPart, ListQuery, Page, PageCursor, Row, Sort};
use ccdesk::domain::model::schema::{EntityDef, FieldDef};
use ccdesk::domain::model::value::{RecordId, Value};
use ccdesk::storage::db::{Db, Session};
use ccdesk::storage::list;

use crate::company::{
    KK_HQ, KK_LTD, KK_SELLS, add_company, customer_draft, draft, english, found, id, person_draft, save, to,
    user_draft,
};
use crate::support::Store;

/// Thirty users in several scripts, with equal names, and with and without e-mail, person and dates.
async fn people(db: &Db) {
    found(db).await;
    let names = ["Chris", "chris", "ŞAHİN", "Şahin", "Живко", "東京", "Zoë", "_x", "100%", "Ångström"];
    let mut persons = Vec::new();
    for (number, name) in (0x100..).zip(["Chris", "Anna", "Ева"]) {
        save(db, &person_draft(name, "Armstrong", Some(id(KK_LTD))), id(number)).await;
        persons.push(id(number));
    }
    for number in 0..30_usize {
        let person = (number % 4 != 0).then(|| persons[number % 3]);
        let mut user =
            user_draft(&format!("login{:02}", number * 7 % 30), names[number % names.len()], person);
        if number % 3 == 0 {
            user.set(&user::EMAIL.def, Value::text(format!("U{number}@mail.com")));
        }
        if number % 5 != 0 {
            let moment = format!("2024-04-{:02}T10:00:00Z", number % 6 + 1).parse().expect("a moment");
            user.set(&user::CREATION_TIME_UTC.def, Value::Instant(moment));
        }
        user.set(&user::ACTIVE.def, Value::Bool(number % 2 == 0));
        user.set(&user::ACCESS_FAILED_COUNT.def, Value::Int((number % 4) as i64));
        save(db, &user, id(0x1000 + number as u128)).await;
    }
}

fn sorts(fields: &[(&'static FieldDef, bool)]) -> Vec<Sort> {
    fields.iter().map(|(field, descending)| Sort { field, descending: *descending }).collect()
}

async fn ask(s: &mut Session, query: &ListQuery, page_cursor: &PageCursor, limit: usize) -> Page {
    list::page(s, query, None, page_cursor, limit, "en").await.expect("a page")
}

/// Every row, page by page from the first or from the last on.
async fn walk(s: &mut Session, query: &ListQuery, backwards: bool) -> Vec<Row> {
    let mut page = ask(s, query, if backwards { &PageCursor::Last } else { &PageCursor::First }, 7).await;
    let mut all = page.rows.clone();
    while if backwards { page.more_before } else { page.more_after } {
        let rows = &page.rows;
        let edge: Key = if backwards { rows[0].key.clone() } else { rows[rows.len() - 1].key.clone() };
        let next = if backwards { PageCursor::Before(edge) } else { PageCursor::After(edge) };
        page = ask(s, query, &next, 7).await;
        if backwards {
            all.splice(0..0, page.rows.clone());
        } else {
            all.extend(page.rows.clone());
        }
    }
    all
}

/// The order that both engines must have: texts by their bytes, empty values first.
fn order(query: &ListQuery, a: &Row, b: &Row) -> Ordering {
    let parts = a.key.values.iter().zip(&b.key.values).zip(&query.sort);
    let by_sorts = parts.map(|((a, b), sort)| {
        let ordering = match (a, b) {
            (KeyPart::Text(a), KeyPart::Text(b)) => a.cmp(b),
            (KeyPart::Int(a), KeyPart::Int(b)) => a.cmp(b),
            _ => panic!("one sort has keys of two kinds"),
        };
        if sort.descending { ordering.reverse() } else { ordering }
    });
    let last = query.sort.last().is_some_and(|sort| sort.descending);
    let by_id = if last { b.id.cmp(&a.id) } else { a.id.cmp(&b.id) };
    by_sorts.fold(Ordering::Equal, Ordering::then).then(by_id)
}

pub(crate) async fn pages_walk_a_list_in_one_order_in_both_directions(Store { db, .. }: Store) {
    people(&db).await;
    let mut conn = db.read().await.expect("a connection");
    let (login, name, email) = (&user::LOGIN.def, &user::NAME.def, &user::EMAIL.def);
    let (made, person, active) = (&user::CREATION_TIME_UTC.def, &user::PERSON.def, &user::ACTIVE.def);
    for (order_by, filters) in [
        (sorts(&[]), vec![]),
        (sorts(&[(login, false)]), vec![]),
        (sorts(&[(login, true)]), vec![]),
        (sorts(&[(name, false)]), vec![]),
        (sorts(&[(email, true)]), vec![Filter::OneOf(active, vec![Value::Bool(true)])]),
        (sorts(&[(made, false)]), vec![]),
        (sorts(&[(made, true), (name, true)]), vec![]),
        (sorts(&[(person, false), (name, true)]), vec![]),
        (sorts(&[(active, true), (&user::ACCESS_FAILED_COUNT.def, false), (email, true)]), vec![]),
        (sorts(&[(&user::USER_TYPE.def, false), (made, false)]), vec![Filter::Empty(person)]),
        (sorts(&[(&user::PASSWORD.def, false)]), vec![]),
    ] {
        let query = ListQuery { sort: order_by, filters, ..ListQuery::all(&user::USER) };
        let there = walk(&mut conn, &query, false).await;
        let back = walk(&mut conn, &query, true).await;
        let ids = |rows: &[Row]| rows.iter().map(|row| row.id).collect::<Vec<_>>();
        assert_eq!(ids(&there), ids(&back), "{query:?}");
        assert!(there.is_sorted_by(|a, b| order(&query, a, b).is_lt()), "{query:?}");
        let count = list::count(&mut conn, &query, None).await.expect("a count");
        assert_eq!(usize::try_from(count), Ok(there.len()), "{query:?}");
    }
    let searched = ListQuery { search: "LOGIN0".into(), ..ListQuery::all(&user::USER) };
    assert_eq!(list::count(&mut conn, &searched, None).await, Ok(10));
    // Every word is in one of the fields searched, in whatever order they are typed.
    for (words, count) in [("login00 chris", 1), ("chris  LOGIN00", 1), ("chris login01", 0), (" ", 30)] {
        let searched = ListQuery { search: words.into(), ..ListQuery::all(&user::USER) };
        assert_eq!(list::count(&mut conn, &searched, None).await, Ok(count), "{words}");
    }
}

/// References to more records than either engine binds in one statement; none of them is stored.
fn very_many() -> Vec<Value> {
    (0x10_0000..0x10_A000).map(|number| to(id(number))).collect()
}

pub(crate) async fn filters_find_what_they_say(Store { db, .. }: Store) {
    people(&db).await;
    let mut conn = db.read().await.expect("a connection");
    let contains = |field, text: &str| Filter::Contains(field, text.to_owned());
    let moment = |text: &str| Some(Value::Instant(text.parse().expect("a moment")));
    let made = &user::CREATION_TIME_UTC.def;
    for (filter, count) in [
        (contains(&user::NAME.def, "sahin"), 6),
        (contains(&user::NAME.def, "ЖИВ"), 3),
        (contains(&user::NAME.def, "angstrom"), 3),
        (contains(&user::NAME.def, "0%"), 3),
        (contains(&user::NAME.def, "_"), 3),
        (contains(&user::NAME.def, "  "), 30),
        (contains(&user::NAME.def, "'; DROP TABLE sec_users; --"), 0),
        (contains(&user::PERSON.def, "ева arm"), 8),
        (contains(&user::PERSON.def, "ARMSTRONG ева"), 8),
        (contains(&user::PERSON.def, "armstrong nobody"), 0),
        (contains(&user::USER_TYPE.def, "ext"), 30),
        (Filter::OneOf(&user::ACTIVE.def, vec![Value::Bool(false)]), 15),
        (Filter::OneOf(&user::USER_TYPE.def, vec![Value::Code("INT"), Value::Code("VIR")]), 0),
        (Filter::OneOf(&user::PERSON.def, vec![Value::Empty, to(id(0x100))]), 15),
        (Filter::OneOf(&user::PERSON.def, vec![]), 0),
        (Filter::OneOf(&user::PERSON.def, [vec![to(id(0x100))], very_many()].concat()), 7),
        (Filter::OneOf(&user::PERSON.def, [vec![Value::Empty, to(id(0x100))], very_many()].concat()), 15),
        (Filter::OneOf(&user::ACCESS_FAILED_COUNT.def, (0..2_000).map(Value::Int).collect()), 30),
        (Filter::Empty(&user::PERSON.def), 8),
        (Filter::Empty(&user::EMAIL.def), 20),
        (Filter::Between(made, None, None), 30),
        (Filter::Between(made, moment("2024-04-02T10:00:00Z"), moment("2024-04-03T10:00:00Z")), 8),
        (Filter::Between(&user::ACCESS_FAILED_COUNT.def, Some(Value::Int(3)), None), 7),
    ] {
        let query = ListQuery { filters: vec![filter], ..ListQuery::all(&user::USER) };
        assert_eq!(list::count(&mut conn, &query, None).await, Ok(count), "{:?}", query.filters);
    }
    let row = ask(&mut conn, &ListQuery::all(&user::USER), &PageCursor::First, 2).await.rows.remove(1);
    let cell =
        |field| &row.values[user::USER.columns.iter().position(|column| *column == field).expect("a column")];
    assert_eq!(cell(&user::LOGIN.def), &Value::text("login01"));
    assert_eq!(cell(&user::PASSWORD.def), &Value::Empty);
    let Value::Ref(person) = cell(&user::PERSON.def) else { panic!("the user has a person") };
    assert_eq!(person.shown, "Anna Armstrong");
}

pub(crate) async fn a_page_can_begin_at_a_row(Store { db, .. }: Store) {
    people(&db).await;
    let mut conn = db.read().await.expect("a connection");
    let query = ListQuery::all(&user::USER);
    let all = walk(&mut conn, &query, false).await;
    let ids = |page: &Page| page.rows.iter().map(|row| row.id).collect::<Vec<RecordId>>();
    for (start, before, after) in [(0, false, true), (10, true, true), (25, true, false)] {
        let page = ask(&mut conn, &query, &PageCursor::From(all[start].id), 5).await;
        assert_eq!(ids(&page), all[start..start + 5].iter().map(|row| row.id).collect::<Vec<_>>());
        assert_eq!((page.more_before, page.more_after), (before, after));
    }
    let gone = ask(&mut conn, &query, &PageCursor::From(id(404)), 5).await;
    assert_eq!(ids(&gone)[0], all[0].id);
    let past = ask(&mut conn, &query, &PageCursor::After(all[29].key.clone()), 5).await;
    assert_eq!((past.rows.len(), past.more_before, past.more_after), (0, true, false));
}

async fn ids(s: &mut Session, entity: &'static EntityDef, filters: Vec<Filter>) -> Vec<RecordId> {
    let page = ask(s, &ListQuery { filters, ..ListQuery::all(entity) }, &PageCursor::First, 9).await;
    page.rows.iter().map(|row| row.id).collect()
}

pub(crate) async fn choices_lie_within_another_record(Store { db, .. }: Store) {
    found(&db).await;
    add_company(&db, id(1), "Offroad").await;
    let elsewhere = draft(
        &company_location::COMPANY_LOCATION,
        &[
            (&company_location::COMPANY_REF.def, to(id(1))),
            (&company_location::LOCATION_NAME.def, english("Garage")),
            (&party::PARTY_NAME.def, english("Garage")),
        ],
    );
    save(&db, &elsewhere, id(2)).await;
    save(&db, &customer_draft(id(1), Some(id(KK_SELLS)), Some(id(KK_HQ))), id(3)).await;
    let mut conn = db.read().await.expect("a connection");
    let of_seller = Filter::OneOf(&company_location::COMPANY_REF.def, vec![to(id(KK_LTD))]);
    assert_eq!(ids(&mut conn, &company_location::COMPANY_LOCATION, vec![of_seller]).await, [id(KK_HQ)]);
    assert_eq!(ids(&mut conn, &company::COMPANY, vec![]).await, [id(KK_LTD), id(1)]);
    let of_party = Filter::OneOf(&customer::PARTY.def, vec![to(id(1))]);
    assert_eq!(ids(&mut conn, &customer::CUSTOMER, vec![of_party]).await, [id(3)]);
    let parties = ask(&mut conn, &ListQuery::all(&party::PARTY), &PageCursor::First, 9).await;
    let kinds: Vec<_> = parties.rows.iter().map(|row| row.entity).collect();
    let (company, location) = (&company::COMPANY, &company_location::COMPANY_LOCATION);
    assert_eq!(kinds, [location, location, company, company]);
    assert_eq!(ids(&mut conn, &person::PERSON, vec![]).await, []);
}

//! Role × place × command: what each role opens, asked for with visits that claim to be an owner's.

use ccdesk::domain::account_request::RequestState;
use ccdesk::domain::codes::{AccessRules, Place, Role};
use ccdesk::domain::entities::external_access::{CUSTOMER, DAYS_BACK_ACCESS, EXTERNAL_ACCESS, NOTES, USER};
use ccdesk::domain::entities::{customer, party, user};
use ccdesk::domain::model::query::{Filter, ListQuery, PageCursor, Sort};
use ccdesk::domain::model::record::Fields;
use ccdesk::domain::model::value::{RecordId, Value};
use ccdesk::service::ServiceError;
use ccdesk::service::client_center::{Managing, Visit};
use ccdesk::storage::db::Db;

use crate::company::{id, person_draft, save, to};
use crate::fixture::*;
use crate::support::Store;

/// What each role opens (`docs/domain.md`, roles), written out once more by hand; the menu has this order.
const OPENED: [(Role, &[&str]); 6] = [
    (Role::Basic, &["Home", "Customer Profile"]),
    (Role::Orders, &["Home", "Orders", "New Order", "Customer Profile"]),
    (
        Role::OrdersWithPrices,
        &["Home", "Orders", "New Order", "Prices, discounts and amounts", "Customer Profile"],
    ),
    (Role::Billing, &WITHOUT_USERS),
    (Role::Admin, &EVERYTHING),
    (Role::Owner, &EVERYTHING),
];

const WITHOUT_USERS: [&str; 9] = [
    "Home",
    "Orders",
    "New Order",
    "Prices, discounts and amounts",
    "Invoices",
    "Due Payments",
    "Payment History",
    "Files in Customer Profile",
    "Customer Profile",
];

const EVERYTHING: [&str; 10] = [
    "Home",
    "Orders",
    "New Order",
    "Prices, discounts and amounts",
    "Invoices",
    "Due Payments",
    "Payment History",
    "Files in Customer Profile",
    "User Management",
    "Customer Profile",
];

/// Every command that a visitor can give, with the place it belongs to. The access it is about is made anew each
/// time, so that what is open is really done.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Command {
    Rows,
    Count,
    Find,
    Add,
    Change,
    Remove,
    Current,
    Profile,
}

impl Command {
    const ALL: [Self; 8] = [
        Self::Rows,
        Self::Count,
        Self::Find,
        Self::Add,
        Self::Change,
        Self::Remove,
        Self::Current,
        Self::Profile,
    ];

    fn place(self) -> Place {
        match self {
            Self::Rows | Self::Count | Self::Find | Self::Add | Self::Change | Self::Remove => {
                Place::UserManagement
            }
            Self::Current => Place::Home,
            Self::Profile => Place::CustomerProfile,
        }
    }

    async fn give(self, db: &Db, visit: &Visit, fresh: RecordId, email: String) -> Result<(), ServiceError> {
        let (role, days_back, notes) = (Role::Basic, Some(1), "changed".to_owned());
        let version = if matches!(self, Self::Change | Self::Remove) {
            read(db, &EXTERNAL_ACCESS, fresh).await.version
        } else {
            0
        };
        let access = fresh;
        match self {
            Self::Rows => visit.rows(&listed(), &PageCursor::First, 9).await.map(drop),
            Self::Count => visit.count(&listed()).await.map(drop),
            Self::Find => visit.find_user(&email).await.map(drop),
            Self::Add => visit.manage(&Managing::Add { email, role, days_back, notes }, false).await,
            Self::Change => {
                visit.manage(&Managing::Change { access, version, role, days_back, notes }, false).await
            }
            Self::Remove => visit.manage(&Managing::Remove { access, version }, false).await,
            Self::Current => visit.current().await.map(drop),
            Self::Profile => visit.profile().await.map(drop),
        }
    }
}

fn listed() -> ListQuery {
    let columns = vec![&USER.def, &DAYS_BACK_ACCESS.def, &NOTES.def];
    ListQuery { columns, sort: vec![], ..ListQuery::all(&EXTERNAL_ACCESS) }
}

pub(crate) async fn promise_08_each_role_opens_its_places_and_no_forged_request_opens_more(
    Store { db, .. }: Store,
) {
    build(&db).await;
    add_user(&db, id(1), "owner").await;
    grant(&db, id(2), OLIVIA, id(1), Role::Owner).await;
    for (number, (role, places)) in (0x10..).step_by(0x10).zip(OPENED) {
        let visitor = id(number);
        add_user(&db, visitor, &format!("visitor{number}")).await;
        grant(&db, id(0x1000 + number), OLIVIA, visitor, role).await;
        let visit = forged(&db, CC26, visitor, OLIVIA);
        let client = visit.choose(id(OLIVIA)).await.expect("it is the visitor's").client.expect("chosen");
        assert_eq!(client.places().map(Place::label).collect::<Vec<_>>(), places, "{role:?}");
        for (step, command) in (1..).zip(Command::ALL) {
            check(&db, &visit, Some(role), command, number * 0x1000 + step).await;
        }
    }
    by_person(&db).await;
    forged_lists(&db).await;
    forged_ids(&db).await;
}

/// Gives one command as one role: it is done where the place is open, else refused, with nothing changed and an entry
/// in history.
async fn check(db: &Db, visit: &Visit, role: Option<Role>, command: Command, number: u128) {
    let (someone, fresh) = (id(number * 2), id(number * 2 + 1));
    let name = format!("someone{number}");
    add_user(db, someone, &name).await;
    if matches!(command, Command::Change | Command::Remove) {
        grant(db, fresh, OLIVIA, someone, Role::Basic).await;
    }
    let before = (accesses(db, OLIVIA).await, refusals(db, visit.token.user).await);
    let answer = command.give(db, visit, fresh, email(&name)).await;
    let after = (accesses(db, OLIVIA).await, refusals(db, visit.token.user).await);
    if command.place().is_open_to(role) {
        assert_eq!(answer, Ok(()), "{role:?} {command:?}");
        let writes = matches!(command, Command::Add | Command::Change | Command::Remove);
        assert_eq!(before.0 != after.0, writes, "{role:?} {command:?}");
        assert_eq!(before.1, after.1);
    } else {
        let Err(ServiceError::Denied(sentence)) = answer else { panic!("{role:?} {command:?}: {answer:?}") };
        assert_eq!((&before.0, &sentence), (&after.0, &after.1[0]), "{role:?} {command:?}");
        assert_eq!(after.1.len(), before.1.len() + 1);
    }
}

/// A site of version 24 knows no roles: everything is open but User Management, whatever the visitor is elsewhere.
async fn by_person(db: &Db) {
    save(db, &person_draft("Olivia", "Green", Some(id(OLIVIA_GREEN))), id(3)).await;
    set(db, &user::USER, id(1), &user::PERSON.def, to(id(3))).await;
    grant(db, id(4), OLIVIA_AT_KK, id(1), Role::Owner).await;
    let visit = Visit { world: world(), ..forged(db, CC, id(1), OLIVIA_AT_KK) };
    let visitor = visit.choose(id(OLIVIA_AT_KK)).await.expect("it is the visitor's");
    assert_eq!(visitor.center.rules, AccessRules::Person);
    let client = visitor.client.expect("chosen");
    assert_eq!(client.places().map(Place::label).collect::<Vec<_>>(), WITHOUT_USERS);
    for (step, command) in (1..).zip(Command::ALL) {
        check(db, &visit, None, command, 0x90_0000 + step).await;
    }
}

/// A list of anything but the four columns of the own customer's accesses is refused.
async fn forged_lists(db: &Db) {
    let visit = Visit { world: world(), ..forged(db, CC26, id(1), OLIVIA) };
    let own = visit.count(&listed()).await.expect("an owner counts");
    let filtered = |filter| ListQuery { filters: vec![filter], ..listed() };
    let nimero = vec![to(id(NIMERO))];
    let refused = [
        ListQuery { columns: vec![], ..ListQuery::all(&user::USER) },
        ListQuery { columns: vec![], sort: vec![], ..ListQuery::all(&customer::CUSTOMER) },
        ListQuery { columns: vec![], sort: vec![], ..ListQuery::all(&party::PARTY) },
        ListQuery { columns: vec![&CUSTOMER.def], ..listed() },
        ListQuery { columns: vec![&user::EMAIL.def], ..listed() },
        ListQuery { sort: vec![Sort { field: &CUSTOMER.def, descending: false }], ..listed() },
        filtered(Filter::OneOf(&CUSTOMER.def, nimero)),
        filtered(Filter::Contains(&CUSTOMER.def, "nimero".to_owned())),
        filtered(Filter::Empty(&user::PERSON.def)),
        filtered(Filter::Between(&customer::NUMBER.def, None, Some(Value::text("1")))),
        filtered(Filter::Request(RequestState::Pending)),
        filtered(Filter::Access(vec![None])),
    ];
    for query in refused {
        let sentence = ServiceError::Denied("User Management shows nothing else.".to_owned());
        let answers =
            [visit.rows(&query, &PageCursor::First, 9).await.map(drop), visit.count(&query).await.map(drop)];
        for answer in answers {
            assert_eq!(answer, Err(sentence.clone()), "{query:?}");
        }
    }
    let judged = ListQuery { judged_at: Some(id(CC)), ..listed() };
    let page = visit.rows(&judged, &PageCursor::First, 1000).await.expect("the rows");
    assert!(page.rows.iter().all(|row| row.access.is_none()));
    assert_eq!(i64::try_from(page.rows.len()), Ok(own));
    let search = |text: &str| ListQuery { search: text.to_owned(), ..listed() };
    assert_eq!(visit.count(&search("OWNER")).await, Ok(1));
    assert_eq!(visit.count(&search("olivia green")).await, Ok(0), "the customer's name is no user's");
    let mine = read(db, &EXTERNAL_ACCESS, id(2)).await;
    assert_eq!(mine.get(&CUSTOMER).map(|own| own.id), Some(id(OLIVIA)));
}

/// The access of another customer is answered as not found, like one that does not exist, and the attempt is noted in
/// the history of the visitor's login.
async fn forged_ids(db: &Db) {
    let visit = Visit { world: world(), ..forged(db, CC26, id(1), OLIVIA) };
    add_user(db, id(0x95_0000), "elsewhere").await;
    grant(db, id(0x95_0001), NIMERO, id(0x95_0000), Role::Basic).await;
    for access in [id(0x95_0001), id(404)] {
        let before = refusals(db, id(1)).await.len();
        let removed = visit.manage(&Managing::Remove { access, version: 1 }, true).await;
        assert_eq!(removed, Err(ServiceError::NotFound));
        assert_eq!(refusals(db, id(1)).await.len(), before + 1);
    }
}

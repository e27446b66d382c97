//! Proposals through the database, over the demo company.

use ccdesk::domain::account_request::{Request, RequestState, Source};
use ccdesk::domain::entities::user;
use ccdesk::domain::matching::{Candidate, Level, Proposals};
use ccdesk::domain::model::record::Draft;
use ccdesk::domain::model::value::{MultiLang, RecordId, Value};
use ccdesk::service::back_office::BackOffice;
use ccdesk::service::back_office::records::with_defaults;
use ccdesk::storage::db::{Create, Db};
use ccdesk::storage::{accounts, records};

use crate::keys::{found, id, world};
use crate::support::Store;

/// Somebody who asks for an account.
struct Asks {
    name: &'static str,
    email: &'static str,
    confirmed: bool,
    claim: &'static str,
    message: &'static str,
}

impl Asks {
    async fn save(&self, db: &Db, number: u128) -> RecordId {
        let mut draft = with_defaults(Draft::with_id(&user::USER, id(number)), Some((world().now)()), None);
        for (field, value) in [
            (&user::LOGIN.def, Value::text(self.email)),
            (&user::EMAIL.def, Value::text(self.email)),
            (&user::NAME.def, Value::multi(MultiLang::new("en", self.name))),
            (&user::EMAIL_CONFIRMED.def, Value::Bool(self.confirmed)),
            (&user::COMPANY_NAME.def, Value::text(self.claim)),
            (&user::REGISTRATION_MESSAGE.def, Value::text(self.message)),
        ] {
            draft.set(field, value);
        }
        let mut tx = db.begin().await.expect("a transaction");
        records::save(&mut tx, &mut draft, (world().now)(), "ann").await.expect("the user");
        let request = Request {
            id: id(number << 64),
            user: id(number),
            submitted_at: (world().now)(),
            source: Source::Web,
            state: RequestState::Pending,
            decided_at: None,
            decided_by: None,
            reason: None,
            waiting_until: None,
        };
        accounts::add_requests(&mut tx, &[request]).await.expect("the request");
        tx.commit().await.expect("they stay");
        id(number)
    }
}

fn told(candidates: &[Candidate]) -> Vec<(String, Level, String)> {
    let of = |candidate: &Candidate| {
        let reasons: Vec<String> = candidate.reasons.iter().map(ToString::to_string).collect();
        (candidate.party_code.clone(), candidate.level, reasons.join("; "))
    };
    candidates.iter().map(of).collect()
}

async fn proposed(db: &Db, user: RecordId) -> Proposals {
    let mut all = BackOffice::for_command_line(db, &world()).proposals(&[user]).await.expect("proposals");
    all.pop().expect("an answer").proposals
}

pub(crate) async fn the_same_is_proposed_through_the_database(Store { db, .. }: Store) {
    found(&db).await;
    // The person who exists already, by another address of the company.
    let lucy = Asks {
        name: "HARPER Lucy",
        email: "l.harper@trailhead.example",
        confirmed: true,
        claim: "trailhead outfitters",
        message: "",
    };
    let lucy = proposed(&db, lucy.save(&db, 1).await).await;
    let reasons = "same name; same company; confirmed e-mail of the same domain; login lucy.harper@trailhead.example \
                   of the same name at the same domain; not active any more";
    assert_eq!(told(&lucy.persons), [("00104".to_owned(), Level::Certain, reasons.to_owned())]);
    assert_eq!(lucy.persons[0].has_login.as_deref(), Some("lucy.harper@trailhead.example"));
    assert_eq!((lucy.companies[0].party_code.as_str(), lucy.companies[0].level), ("00006", Level::Certain));
    // A company claimed in Cyrillic; nobody there has this name.
    let georgi = Asks {
        name: "Георги Колев",
        email: "g.kolev@balkan-trade.example",
        confirmed: true,
        claim: "БАЛКАН ТРЕЙД",
        message: "",
    };
    let georgi = proposed(&db, georgi.save(&db, 2).await).await;
    assert!(georgi.persons.is_empty(), "{georgi:?}");
    let reasons = "claimed by its name; confirmed e-mail of the same domain";
    assert_eq!(told(&georgi.companies), [("00010".to_owned(), Level::Certain, reasons.to_owned())]);
    // The same claim and number from a free mail address: the number counts, the address does not.
    let number = Asks {
        name: "Петя Колева",
        email: "petya.koleva@abv.bg",
        confirmed: true,
        claim: "Balkan Trade",
        message: "ЕИК 207410010",
    };
    let number = proposed(&db, number.save(&db, 3).await).await;
    let reasons = "claimed by its name; its registration or VAT number is given";
    assert_eq!(told(&number.companies), [("00010".to_owned(), Level::Certain, reasons.to_owned())]);
    // A stranger.
    let stranger = Asks {
        name: "Quirin Zacharias",
        email: "quirin@nowhere.example",
        confirmed: true,
        claim: "Nowhere & Sons",
        message: "Please",
    };
    assert_eq!(proposed(&db, stranger.save(&db, 4).await).await, Proposals::default());
    // Two branches of one name and number: which is not known.
    let emma = Asks {
        name: "Emma Stone",
        email: "emma.stone@northgate-tools.example",
        confirmed: true,
        claim: "Northgate Tools",
        message: "",
    };
    let emma = proposed(&db, emma.save(&db, 5).await).await;
    assert!(
        emma.companies.len() >= 2 && emma.companies.iter().all(|it| it.level < Level::Certain),
        "{emma:?}"
    );
}

pub(crate) async fn one_request_costs_a_bounded_number_of_statements(store: Store) {
    let lucy = Asks {
        name: "Lucy Harper",
        email: "l.harper@trailhead.example",
        confirmed: true,
        claim: "Trailhead Outfitters",
        message: "",
    };
    let full = Db::open(&store.empty_database().await, Create::IfMissing).await.expect("another database");
    let mut counts = Vec::new();
    for (db, users) in [(&store.db, 0), (&full, 500)] {
        found(db).await;
        let lucy = lucy.save(db, 1).await;
        let back_office = BackOffice::for_command_line(db, &world());
        if users > 0 {
            back_office.generate(users, 1, |_| {}).await.expect("generated users");
        }
        let before = db.statements_run();
        back_office.proposals(&[lucy]).await.expect("proposals");
        counts.push(db.statements_run() - before);
    }
    assert!(counts.iter().all(|count| *count <= 12), "{counts:?}");
    let (db, back_office) = (&full, BackOffice::for_command_line(&full, &world()));
    let pending: Vec<RecordId> = {
        let mut conn = db.read().await.expect("a connection");
        let sql =
            "SELECT user_id FROM sec_account_requests WHERE state = 'pending' ORDER BY user_id LIMIT 20";
        let rows = conn.fetch_all(sql, vec![]).await.expect("the requests");
        rows.iter().map(|row| row.id(0).expect("an id")).collect()
    };
    assert_eq!(pending.len(), 20);
    let before = db.statements_run();
    back_office.proposals(&pending).await.expect("proposals");
    let sent = db.statements_run() - before;
    assert!(sent <= counts[1] + 4, "twenty cost little more than one: {sent} after {counts:?}");
}

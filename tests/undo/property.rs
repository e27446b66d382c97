//! Random operations of every kind, undone in reverse order and done again.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;

use ccdesk::domain::account_request::Source;
use ccdesk::domain::codes::Role;
use ccdesk::domain::entities::{
    company as companies, company_location, customer, customer_type, document_type, external_access, party,
    person, user, web_site,
};
use ccdesk::domain::model::history::{OperationId, Undoes};
use ccdesk::domain::model::query::{ListQuery, PageCursor};
use ccdesk::domain::model::record::Draft;
use ccdesk::domain::model::schema::{EntityDef, FieldDef, Kind};
use ccdesk::domain::model::value::{RecordId, Value};
use ccdesk::service::auth::{Origin, Secret};
use ccdesk::service::back_office::grants::Grants;
use ccdesk::service::back_office::requests::{AccountForm, create_account};
use ccdesk::service::back_office::{BackOffice, OperationEntry};
use ccdesk::service::exchange::{Options, import};
use ccdesk::storage::db::{Db, Engine};
use serde_json::{Value as Json, json};

use crate::company::{KK_HQ, KK_LTD, KK_SELLS, draft, english, found, id, save, to, user_draft};
use crate::support::Store;
use crate::{back_office, operations, saved, world};

/// A customer whose users are managed throughout, the user who manages them, and that user's access.
const MANAGED: u128 = 0x51;
const MANAGER: u128 = 0x53;
const MANAGES: u128 = 0x54;

/// How many operations a run does, and with how many seeds.
const STEPS: usize = 40;
const SEEDS: u64 = 3;

/// Every row of every table, but for history, versions and the times of the last change; a series that has given no
/// number is as one that is not there.
pub(crate) async fn rows(db: &Db) -> BTreeSet<String> {
    let columns = match db.engine() {
        Engine::Sqlite => {
            "SELECT m.name, p.name FROM sqlite_schema m JOIN pragma_table_info(m.name) p WHERE m.type = 'table'"
        }
        Engine::Postgres => {
            "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT) FROM information_schema.columns
              WHERE table_schema = current_schema()"
        }
    };
    let mut conn = db.read().await.expect("a connection");
    let mut tables: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in conn.fetch_all(columns, vec![]).await.expect("the columns") {
        let (table, column) = (row.text(0).expect("a table"), row.text(1).expect("a column"));
        let is_history = ["history", "operations", "operation_actions", "sqlite_sequence"].contains(&&*table);
        let is_version = ["object_version", "update_time", "update_user"].contains(&&*column);
        if !is_history && !table.starts_with("ccdesk") && !is_version {
            tables.entry(table).or_default().insert(column);
        }
    }
    let mut all = BTreeSet::new();
    for (table, columns) in tables {
        let text = |column: &String| match db.engine() {
            Engine::Sqlite => format!("quote({column})"),
            Engine::Postgres => format!("coalesce(CAST({column} AS TEXT), 'NULL')"),
        };
        let texts: Vec<String> = columns.iter().map(text).collect();
        let given = if table == "next_numbers" { " WHERE last <> 0" } else { "" };
        let sql = format!("SELECT {} FROM {table}{given}", texts.join(" || ' | ' || "));
        for row in conn.fetch_all(&*sql.leak(), vec![]).await.expect("the rows") {
            all.insert(format!("{table}: {}", row.text(0).expect("a row")));
        }
    }
    all
}

fn compare(told: &str, expected: &BTreeSet<String>, found: &BTreeSet<String>) {
    let missing: Vec<&String> = expected.difference(found).collect();
    let surplus: Vec<&String> = found.difference(expected).collect();
    assert!(missing.is_empty() && surplus.is_empty(), "{told}:\nmissing {missing:#?}\nsurplus {surplus:#?}");
}

/// Numbers that a seed gives again and again (`SplitMix64`).
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % below as u64).expect("a small number")
    }

    fn one<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.next(all.len())]
    }
}

struct Run<'a> {
    db: &'a Db,
    back_office: &'a BackOffice,
    random: Random,
    /// The number of the next name.
    named: usize,
}

static ENTITIES: [&EntityDef; 9] = [
    &person::PERSON,
    &companies::COMPANY,
    &company_location::COMPANY_LOCATION,
    &customer::CUSTOMER,
    &customer_type::CUSTOMER_TYPE,
    &document_type::DOCUMENT_TYPE,
    &user::USER,
    &web_site::WEB_SITE,
    &external_access::EXTERNAL_ACCESS,
];

/// Whether any value may be chosen for a field. Whoever is made the only manager of a customer's users stays so, undone
/// or not, as after a save: only customers that have a manager get another.
fn is_free(field: &FieldDef) -> bool {
    *field != external_access::ROLE.def
}

impl Run<'_> {
    async fn ids(&self, entity: &'static EntityDef) -> Vec<RecordId> {
        let page = self.back_office.rows(&ListQuery::all(entity), &PageCursor::First, 500).await;
        page.expect("a page").rows.iter().map(|row| row.id).collect()
    }

    async fn any(&mut self, entity: &'static EntityDef) -> Value {
        let ids = self.ids(entity).await;
        if ids.is_empty() { Value::Empty } else { to(*self.random.one(&ids)) }
    }

    fn name(&mut self) -> String {
        self.named += 1;
        format!("Name {}", self.named)
    }

    /// A value that may be right for a field.
    async fn value(&mut self, field: &'static FieldDef) -> Value {
        match field.kind {
            Kind::Text { max } | Kind::Lines { max } => {
                let text = if field.property == "Email" { "@mail.example" } else { "" };
                let name = self.name().to_lowercase().replace(' ', "-") + text;
                Value::text(name.chars().take(max).collect::<String>())
            }
            Kind::Multi { .. } => english(&self.name()),
            Kind::Bool => Value::Bool(self.random.next(2) == 0),
            Kind::Int { .. } => Value::Int(i64::try_from(self.random.next(40)).expect("a number")),
            Kind::Amount => Value::Amount(rust_decimal::Decimal::new(self.random.next(9999) as i64, 2)),
            Kind::Date => Value::Date("2024-05-01".parse().expect("a date")),
            Kind::Choice(choices) => Value::Code(self.random.one(choices).code),
            Kind::Ref(target) if self.random.next(4) > 0 => self.any(target).await,
            Kind::Ref(_) | Kind::Instant | Kind::Json | Kind::Secret => Value::Empty,
        }
    }

    /// Tries one operation; many are refused by some rule.
    async fn step(&mut self) {
        match self.random.next(12) {
            0..=3 => self.create().await,
            4..=6 => self.change().await,
            7 => self.remove().await,
            8 => self.grant().await,
            9 => self.decide().await,
            _ => self.import().await,
        }
    }

    async fn create(&mut self) {
        let entity = self.random_entity();
        let mut new = draft(entity, &[]);
        for field in entity.all_fields().filter(|field| !field.read_only && !field.numbered) {
            let is_named = entity.critical.contains(&field) || field.required;
            if (is_named && field.default.fixed().is_empty()) || (is_free(field) && self.random.next(5) == 0)
            {
                let value = self.value(field).await;
                new.set(field, value);
                let language = &self.back_office.who.language;
                (ccdesk::domain::entities::rules_of(entity).changed)(&mut new, field, language);
            }
        }
        if entity.is(&customer::CUSTOMER) && self.random.next(3) == 0 {
            new.set(&customer::NUMBER.def, Value::text(format!("{:05}", 100 + self.random.next(900))));
        }
        let Ok(new) = self.back_office.new_draft(new).await else { return };
        let _ = self.back_office.save(&new, true).await;
    }

    async fn change(&mut self) {
        let entity = self.random_entity();
        let ids = self.ids(entity).await;
        if ids.is_empty() {
            return;
        }
        let id = *self.random.one(&ids);
        if id == crate::company::id(MANAGER) {
            return;
        }
        let record = self.back_office.record(entity, id).await.expect("a record");
        let mut draft = Draft::of(record);
        let fields: Vec<&'static FieldDef> =
            draft.entity.all_fields().filter(|field| !field.read_only && is_free(field)).collect();
        for _ in 0..=self.random.next(3) {
            let field = *self.random.one(&fields);
            let value = self.value(field).await;
            draft.set(field, value);
            let language = &self.back_office.who.language;
            (ccdesk::domain::entities::rules_of(draft.entity).changed)(&mut draft, field, language);
        }
        let _ = self.back_office.save(&draft, true).await;
    }

    async fn remove(&mut self) {
        let ids = self.ids(&external_access::EXTERNAL_ACCESS).await;
        if ids.is_empty() {
            return;
        }
        let id = *self.random.one(&ids);
        if id == crate::company::id(MANAGES) {
            return;
        }
        let access = self.back_office.record(&external_access::EXTERNAL_ACCESS, id).await.expect("an access");
        let reason = Some("they left");
        let _ = self.back_office.remove_for(access.entity, id, access.version, reason).await;
    }

    async fn grant(&mut self) {
        let (users, customers) = (self.ids(&user::USER).await, self.ids(&customer::CUSTOMER).await);
        if customers.is_empty() {
            return;
        }
        let mut chosen: Vec<RecordId> = (0..3).map(|_| *self.random.one(&customers)).collect();
        let role = *self.random.one(&[Role::Basic, Role::Admin, Role::Owner]);
        if role.manages_users() {
            chosen = vec![id(MANAGED)];
        }
        let grants = Grants {
            role,
            days_back: *self.random.one(&[None, Some(30)]),
            ..Grants::usual(*self.random.one(&users), chosen)
        };
        let _ = self.back_office.grant(&grants, true).await;
    }

    async fn decide(&mut self) {
        let users = self.ids(&user::USER).await;
        for _ in 0..10 {
            let user = *self.random.one(&users);
            let decided = match self.random.next(3) {
                0 => self.back_office.reject(user, "nobody knows them").await,
                1 => self.back_office.wait(user, "a letter", None).await,
                _ => self.back_office.reopen(user).await,
            };
            if decided.is_ok() {
                return;
            }
        }
    }

    async fn import(&mut self) {
        let mut objects = Vec::new();
        for _ in 0..=self.random.next(3) {
            objects.push(self.object().await);
        }
        let transaction = *self.random.one(&["per-object", "all-objects"]);
        let payload = json!({"transaction": transaction, "objects": objects}).to_string();
        let options = Options { login: "import".to_owned(), ..Options::default() };
        let _ = import(self.db, &world(), Cursor::new(payload.into_bytes()), &options, &mut |_| {}).await;
    }

    async fn object(&mut self) -> Json {
        let name = self.name();
        let login = name.to_lowercase().replace(' ', "-");
        let entity = self.random_entity();
        let existing = match self.any(entity).await {
            Value::Ref(existing) => existing.id.to_string(),
            _ => String::new(),
        };
        let of = |entity: &EntityDef, id: &str| format!("{}({id})", entity.set);
        let types = self.ids(&customer_type::CUSTOMER_TYPE).await;
        let kind = types.first().map(ToString::to_string).unwrap_or_default();
        match self.random.next(6) {
            // An applicant, whose request is pending.
            0 => json!({"@odata.type": user::USER.set, "Login": login, "Name": {"en": name},
                "UserType": "ExternalCommunityUser", "ExternalId": name, "ExternalSystem": "ERP", "Rank": 7}),
            1 => json!({"@odata.type": user::USER.set, "Login": login, "Name": {"en": name}, "Active": true,
                "UserType": "ExternalCommunityUser", "Person": {"@odata.type": person::PERSON.set,
                    "FirstName": {"en": name}, "LastName": {"en": "Doe"}, "Hobby": "chess"}}),
            2 => {
                json!({"@odata.id": of(&customer_type::CUSTOMER_TYPE, &kind), "Name": {"en": name}, "Rank": 3})
            }
            3 => json!({"@odata.id": of(&customer_type::CUSTOMER_TYPE, &kind), "ExternalId": name}),
            // Most records cannot be deleted, because others refer to them.
            4 => json!({"@odata.id": of(entity, &existing), "@erpnet.action": "delete"}),
            _ => json!({"@odata.type": companies::COMPANY.set, "Name": {"en": name}, "PartyCode": "00777",
                "Area": "North"}),
        }
    }

    fn random_entity(&mut self) -> &'static EntityDef {
        ENTITIES[self.random.next(ENTITIES.len())]
    }
}

/// What stands when the operations begin: a company that sells, a Client Center, and applicants. Returns the operator.
async fn begin(db: &Db) -> BackOffice {
    found(db).await;
    let back_office = back_office(db, "mkoleva", true).await;
    // Its first save computes what was stored without: that cannot be undone.
    let headquarters = back_office.record(&company_location::COMPANY_LOCATION, id(KK_HQ)).await;
    let mut headquarters = Draft::of(headquarters.expect("the headquarters"));
    headquarters.set(&company_location::WORKING_TIME.def, Value::text("9 to 5"));
    saved(&back_office, &headquarters).await;
    let site = [
        (&web_site::ENTERPRISE_COMPANY.def, to(id(KK_SELLS))),
        (&web_site::RELATIVE_URL.def, Value::text("cc")),
    ];
    save(db, &draft(&web_site::WEB_SITE, &site), id(0x50)).await;
    let agreement = [
        (&customer::PARTY.def, to(id(KK_LTD))),
        (&customer::ENTERPRISE_COMPANY.def, to(id(KK_SELLS))),
        (&customer::SERVICED_BY.def, to(id(KK_HQ))),
    ];
    save(db, &draft(&customer::CUSTOMER, &agreement), id(MANAGED)).await;
    save(db, &user_draft("manager", "Manager", None), id(MANAGER)).await;
    let manages = [
        (&external_access::CUSTOMER.def, to(id(MANAGED))),
        (&external_access::USER.def, to(id(MANAGER))),
        (&external_access::ROLE.def, Value::Code(Role::Owner.code())),
    ];
    save(db, &draft(&external_access::EXTERNAL_ACCESS, &manages), id(MANAGES)).await;
    let named = [
        (&person::FIRST_NAME.def, english("Ann")),
        (&person::LAST_NAME.def, english("Lee")),
        (&party::PARTY_NAME.def, english("Ann Lee")),
        (&party::PARENT_PARTY.def, to(id(KK_LTD))),
    ];
    save(db, &draft(&person::PERSON, &named), id(0x52)).await;
    for applicant in ["ann", "bob", "cleo", "dan"] {
        let form = AccountForm {
            email: format!("{applicant}@mail.example"),
            full_name: applicant.to_owned(),
            password: Secret::new("korrekt pferd batterie klammer".to_owned()),
            ..AccountForm::default()
        };
        let from = Origin(applicant.to_owned());
        create_account(db, &world(), &from, Source::Web, &form).await.expect("it is asked for");
    }
    back_office
}

pub(crate) async fn promise_34_operations_undone_in_reverse_leave_every_row_as_it_was(
    Store { db, .. }: Store,
) {
    let back_office = begin(&db).await;
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for seed in 1..=SEEDS {
        let random = Random(seed);
        let mut run = Run { db: &db, back_office: &back_office, random, named: 1000 * seed as usize };
        let mut states = vec![rows(&db).await];
        let mut done: Vec<Vec<OperationId>> = Vec::new();
        let mut known: BTreeSet<OperationId> =
            operations(&back_office).await.iter().map(|operation| operation.id).collect();
        for _ in 0..STEPS {
            run.step().await;
            let new: Vec<_> = operations(&back_office).await;
            let new: Vec<_> = new
                .into_iter()
                .filter(|operation| operation.purpose != "Refused" && known.insert(operation.id))
                .collect();
            if new.is_empty() {
                continue;
            }
            for operation in &new {
                let entries = back_office.entries_of_operation(operation.id, 0, 100).await;
                for OperationEntry { entry, .. } in entries.expect("the entries") {
                    *kinds.entry(format!("{} {}", entry.entity.name, entry.action.as_str())).or_default() +=
                        1;
                }
            }
            states.push(rows(&db).await);
            done.push(new.into_iter().map(|operation| operation.id).collect());
        }
        let mut undone: Vec<Vec<OperationId>> = Vec::new();
        for (at, operations) in done.iter().enumerate().rev() {
            undone.push(undo_all(&back_office, operations, seed).await);
            compare(&format!("seed {seed}: undone to {at}"), &states[at], &rows(&db).await);
        }
        for (at, operations) in (1..).zip(undone.iter().rev()) {
            let again: Vec<OperationId> = operations.iter().rev().copied().collect();
            undo_all(&back_office, &again, seed).await;
            compare(&format!("seed {seed}: redone to {at}"), &states[at], &rows(&db).await);
        }
    }
    for entity in ENTITIES {
        for action in ["created", "changed"] {
            let kind = format!("{} {action}", entity.name);
            assert!(kinds.contains_key(&kind), "{kind} is not among {kinds:?}");
        }
    }
    for kind in ["External Access deleted", "User rejected", "User waiting", "User reopened"] {
        assert!(kinds.contains_key(kind), "{kind} is not among {kinds:?}");
    }
    let is_imported_deletion = |kind: &&String| kind.ends_with(" deleted") && !kind.starts_with("External");
    assert!(kinds.keys().any(|kind| is_imported_deletion(&kind)), "an import deletes nothing: {kinds:?}");
}

/// Undoes operations one after the other; returns the undos.
async fn undo_all(back_office: &BackOffice, operations: &[OperationId], seed: u64) -> Vec<OperationId> {
    let mut undone = Vec::new();
    for &operation in operations {
        let undoes = Undoes { operation, entry: None };
        match back_office.undo(undoes, true, Some("as agreed")).await {
            Ok(done) => undone.push(done.operation),
            Err(refused) => {
                let entries = back_office.entries_of_operation(operation, 0, 100).await;
                panic!("seed {seed}: {refused}\n{entries:#?}");
            }
        }
    }
    undone
}

pub(crate) async fn promise_34_an_operation_of_thousands_of_records_is_undone(Store { db, .. }: Store) {
    const MANY: usize = 2500;
    let back_office = begin(&db).await;
    let before = rows(&db).await;
    let objects: Vec<Json> = (0..MANY)
        .map(|number| json!({"@odata.type": customer_type::CUSTOMER_TYPE.set, "Name": {"en": format!("{number}")}}))
        .collect();
    let payload = json!({"transaction": "all-objects", "objects": objects}).to_string();
    let options = Options { login: "import".to_owned(), ..Options::default() };
    let input = Cursor::new(payload.into_bytes());
    import(&db, &world(), input, &options, &mut |_| {}).await.expect("it is imported");
    let all = operations(&back_office).await;
    assert_eq!((all[0].records, all[0].purpose.as_str()), (2500, "Import"));
    let undone = undo_all(&back_office, &[all[0].id], 0).await;
    assert_eq!(operations(&back_office).await[0].records, 2500);
    compare("undone", &before, &rows(&db).await);
    undo_all(&back_office, &undone, 0).await;
    assert_eq!(operations(&back_office).await[0].records, 2500);
}

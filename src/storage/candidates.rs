//! The records that requests for accounts are compared with, to propose persons and companies
//! ([`matching`]). They are found by indexed keys, in a number of statements that does not depend
//! on how many records there are.

use std::collections::{BTreeMap, BTreeSet};

use super::db::{Row, Session, Sql};
use super::error::StorageError;
use super::records::MAX_IDS;
use super::statement::{Binds, is_one_of_ids, literal};
use super::{columns, look_alikes, match_keys};
use crate::domain::entities::party::{self, PartyType};
use crate::domain::entities::{company, user};
use crate::domain::matching::{
    self, Asked, ExternalId, Known, KnownCompany, KnownLogin, KnownPerson, Name, Wanted,
};
use crate::domain::model::schema::FieldDef;
use crate::domain::model::text;
use crate::domain::model::value::{FALLBACK_LANGUAGE, RecordId, Value};

/// A login as a request, and whether anything is to be proposed for it.
pub struct Request {
    /// The login.
    pub login: String,
    /// What it says of its owner; `None` when it has a person that belongs to a party.
    pub asked: Option<Asked>,
}

const REQUESTS: &str = "
    SELECT u.id, u.login, u.name, u.email, u.email_confirmed, u.phone_number, u.company_name, u.registration_message,
           u.external_id, u.external_system, u.person, p.parent_party
      FROM sec_users u LEFT JOIN gen_parties p ON p.id = u.person WHERE";

/// Reads users as requests, in the order of their ids given; ids of no user are left out.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn requests(s: &mut Session, users: &[RecordId]) -> Result<Vec<Request>, StorageError> {
    let mut found = BTreeMap::new();
    let mut texts = Vec::new();
    for row in by_ids(s, REQUESTS, "u.id", users).await? {
        let id = row.id(0)?;
        let (login, email) = (row.text(1)?, row.opt_text(3)?);
        texts.push((id, [Some(login.clone()), email.clone()].into_iter().flatten().collect::<Vec<_>>()));
        let (person, parent) = (row.opt_id(10)?, row.opt_id(11)?);
        let asked = Asked {
            user: Some(id),
            login: login.clone(),
            names: texts_of(&row, &user::NAME.def, 2, FALLBACK_LANGUAGE)?,
            email,
            email_confirmed: row.bool(4)?,
            phone: row.opt_text(5)?,
            claim: row.opt_text(6)?,
            message: row.opt_text(7)?,
            external_id: external_id(&row, 8)?,
            is_look_alike: false,
            person,
        };
        found.insert(id, Request { login, asked: parent.is_none().then_some(asked) });
    }
    let resembling = look_alikes::find(s, &user::USER, &texts).await?;
    for (id, texts) in texts {
        let is_look_alike =
            resembling.contains_key(&id) || texts.iter().any(|text| text::mixes_scripts(text));
        if let Some(asked) = found.get_mut(&id).and_then(|request| request.asked.as_mut()) {
            asked.is_look_alike = is_look_alike;
        }
    }
    Ok(users.iter().filter_map(|id| found.remove(id)).collect())
}

/// Reads the records that requests are compared with; they are shown in `language`.
///
/// # Errors
/// [`StorageError`] when the database cannot answer.
pub async fn known(s: &mut Session, asked: &[&Asked], language: &str) -> Result<Known, StorageError> {
    let mut known = Known::default();
    let mut wanted = Wanted::default();
    for asked in asked {
        let own = matching::wanted(asked);
        wanted.logins.extend(own.logins);
        wanted.persons.extend(own.persons);
        wanted.companies.extend(own.companies);
    }
    let mut found = find(s, &wanted).await?;
    found.persons.extend(persons_of_external_ids(s, asked).await?);
    add_logins(s, &mut known, "u.id", &found.logins).await?;
    add_grants(s, &mut known).await?;
    found.persons.extend(known.logins.values().filter_map(|login| login.person));
    add_persons(s, &mut known, &found.persons, language).await?;
    let let_in = known.logins.values().flat_map(|login| login.companies.iter().copied());
    let companies = let_in.chain(found.companies).collect();
    add_companies(s, &mut known, companies, language).await?;
    let within = asked.iter().flat_map(|asked| matching::wanted_within(asked, &known)).collect();
    let within = find(s, &Wanted { persons: within, ..Wanted::default() }).await?;
    add_persons(s, &mut known, &within.persons, language).await?;
    add_companies(s, &mut known, BTreeSet::new(), language).await?;
    let persons = known.persons.keys().copied().collect();
    add_logins(s, &mut known, "u.person", &persons).await?;
    Ok(known)
}

/// The ids of the records that were found.
#[derive(Default)]
struct Found {
    logins: BTreeSet<RecordId>,
    persons: BTreeSet<RecordId>,
    companies: BTreeSet<RecordId>,
}

async fn find(s: &mut Session, wanted: &Wanted) -> Result<Found, StorageError> {
    let keys = &(&wanted.logins | &wanted.persons) | &wanted.companies;
    let mut found = Found::default();
    for (key, id) in match_keys::find(s, &keys, Wanted::MOST).await? {
        let of = [
            (&wanted.logins, &mut found.logins),
            (&wanted.persons, &mut found.persons),
            (&wanted.companies, &mut found.companies),
        ];
        for (_, ids) in of.into_iter().filter(|(wanted, _)| wanted.contains(&key)) {
            ids.insert(id);
        }
    }
    Ok(found)
}

const LOGINS: &str = "
    SELECT u.id, u.login, u.name, u.email, u.phone_number, u.company_name, u.active, u.person FROM sec_users u WHERE";

async fn add_logins(
    s: &mut Session,
    known: &mut Known,
    column: &str,
    ids: &BTreeSet<RecordId>,
) -> Result<(), StorageError> {
    let ids: Vec<RecordId> = ids.iter().copied().collect();
    for row in by_ids(s, LOGINS, column, &ids).await? {
        let login = KnownLogin {
            login: row.text(1)?,
            names: names(&texts_of(&row, &user::NAME.def, 2, FALLBACK_LANGUAGE)?, Name::of_person),
            email: row.opt_text(3)?,
            phone: row.opt_text(4)?,
            claim: row.opt_text(5)?.as_deref().map(Name::of_company),
            active: row.bool(6)?,
            person: row.opt_id(7)?,
            companies: BTreeSet::new(),
        };
        known.logins.entry(row.id(0)?).or_insert(login);
    }
    Ok(())
}

const GRANTS: &str = "
    SELECT a.user_id, c.party
      FROM crm_customer_external_access a JOIN crm_customers c ON c.id = a.customer
      JOIN cm_companies k ON k.id = c.party WHERE";

/// Adds the companies whose customers the logins are let in to.
async fn add_grants(s: &mut Session, known: &mut Known) -> Result<(), StorageError> {
    let users: Vec<RecordId> = known.logins.keys().copied().collect();
    for row in by_ids(s, GRANTS, "a.user_id", &users).await? {
        if let Some(login) = known.logins.get_mut(&row.id(0)?) {
            login.companies.insert(row.id(1)?);
        }
    }
    Ok(())
}

const PERSONS: &str = "
    SELECT t0.id, t0.party_code, t0.party_name, t0.is_active, t0.external_id, t0.external_system, t0.parent_party,
           c.party_type, c.party_name, c.parent_party, g.party_type
      FROM gen_parties t0
      LEFT JOIN gen_parties c ON c.id = t0.parent_party
      LEFT JOIN gen_parties g ON g.id = c.parent_party WHERE";

async fn add_persons(
    s: &mut Session,
    known: &mut Known,
    ids: &BTreeSet<RecordId>,
    language: &str,
) -> Result<(), StorageError> {
    let ids: Vec<RecordId> = ids.iter().copied().filter(|id| !known.persons.contains_key(id)).collect();
    let is_company = |row: &Row, at| {
        Ok::<_, StorageError>(row.opt_text(at)?.as_deref() == Some(PartyType::Company.code()))
    };
    let sql = format!("{PERSONS} t0.party_type = {} AND", literal(PartyType::Person.code()));
    for row in by_ids(s, &sql, "t0.id", &ids).await? {
        let (parent, above) = (row.opt_id(6)?, row.opt_id(9)?);
        let own = parent.filter(|_| is_company(&row, 7) == Ok(true));
        let above = above.filter(|_| is_company(&row, 10) == Ok(true));
        let texts = texts_of(&row, &party::PARTY_NAME.def, 2, language)?;
        let person = KnownPerson {
            party_code: row.text(1)?,
            names: names(&texts, Name::of_person),
            shown: texts.into_iter().next().unwrap_or_default(),
            active: row.bool(3)?,
            companies: own.into_iter().chain(above).collect(),
            has_parent: parent.is_some(),
            employer: texts_of(&row, &party::PARTY_NAME.def, 8, language)?
                .into_iter()
                .next()
                .unwrap_or_default(),
            external_id: external_id(&row, 4)?,
        };
        known.persons.insert(row.id(0)?, person);
    }
    Ok(())
}

/// The ids of the persons whom another system knows by the same ids as the requests.
async fn persons_of_external_ids(s: &mut Session, asked: &[&Asked]) -> Result<Vec<RecordId>, StorageError> {
    let ids: BTreeSet<&str> = asked
        .iter()
        .filter_map(|asked| asked.external_id.as_ref())
        .map(|external| external.id.as_str())
        .collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut binds = Binds::default();
    let ids: Vec<String> = ids.into_iter().map(|id| binds.add(id)).collect();
    let sql = format!("SELECT id FROM gen_parties WHERE external_id IN ({})", ids.join(", "));
    let rows = s.fetch_all(Sql::built(sql), binds.into_values()).await?;
    rows.iter().map(|row| row.id(0)).collect()
}

const COMPANIES: &str = "
    SELECT k.id, p.party_code, p.party_name, k.name, k.registration_number, k.registration_vat_number, p.is_active
      FROM cm_companies k JOIN gen_parties p ON p.id = k.id WHERE";

/// Adds these companies, and those of the persons.
async fn add_companies(
    s: &mut Session,
    known: &mut Known,
    ids: BTreeSet<RecordId>,
    language: &str,
) -> Result<(), StorageError> {
    let of_persons = known.persons.values().flat_map(|person| person.companies.iter().copied());
    let ids: BTreeSet<RecordId> = ids.into_iter().chain(of_persons).collect();
    let ids: Vec<RecordId> = ids.into_iter().filter(|id| !known.companies.contains_key(id)).collect();
    for row in by_ids(s, COMPANIES, "k.id", &ids).await? {
        let company = KnownCompany {
            party_code: row.text(1)?,
            shown: texts_of(&row, &party::PARTY_NAME.def, 2, language)?
                .into_iter()
                .next()
                .unwrap_or_default(),
            names: names(&texts_of(&row, &company::NAME.def, 3, language)?, Name::of_company),
            numbers: [row.opt_text(4)?, row.opt_text(5)?].into_iter().flatten().collect(),
            active: row.bool(6)?,
        };
        known.companies.insert(row.id(0)?, company);
    }
    Ok(())
}

/// The rows of a statement, which ends with `WHERE` or `AND`, in which a column is one of these ids; no statement is run
/// without ids.
async fn by_ids(
    s: &mut Session,
    sql: &str,
    column: &str,
    ids: &[RecordId],
) -> Result<Vec<Row>, StorageError> {
    let mut rows = Vec::new();
    for ids in ids.chunks(MAX_IDS) {
        let mut binds = Binds::default();
        let condition = is_one_of_ids(column, ids, &mut binds);
        rows.extend(s.fetch_all(Sql::built(format!("{sql} {condition}")), binds.into_values()).await?);
    }
    Ok(rows)
}

/// The texts of a field in all languages, the one for a reader of `language` first, each once.
fn texts_of(
    row: &Row,
    field: &'static FieldDef,
    column: usize,
    language: &str,
) -> Result<Vec<String>, StorageError> {
    let Value::Multi(text) = columns::read(field, row, column)? else { return Ok(Vec::new()) };
    let mut texts = vec![text.text(language).to_owned()];
    for (_, other) in text.iter() {
        if !texts.iter().any(|known| known == other) {
            texts.push(other.to_owned());
        }
    }
    Ok(texts)
}

fn names(texts: &[String], of: impl Fn(&str) -> Name) -> Vec<Name> {
    texts.iter().map(|text| of(text)).collect()
}

fn external_id(row: &Row, column: usize) -> Result<Option<ExternalId>, StorageError> {
    let system = row.opt_text(column + 1)?;
    Ok(row.opt_text(column)?.map(|id| ExternalId { system, id }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::db::{Create, Db};

    #[tokio::test]
    async fn each_statement_finds_its_rows_by_an_index() {
        let directory = tempfile::tempdir().expect("a directory");
        let url = format!("sqlite:{}", directory.path().join("ccdesk.db").display());
        let db = Db::open(&url, Create::IfMissing).await.expect("a database");
        let mut conn = db.read().await.expect("a connection");
        let persons = format!("{PERSONS} t0.party_type = 'P' AND");
        for (sql, column) in [
            (REQUESTS, "u.id"),
            (LOGINS, "u.id"),
            (LOGINS, "u.person"),
            (GRANTS, "a.user_id"),
            (&persons, "t0.id"),
            (COMPANIES, "k.id"),
            ("SELECT id FROM gen_parties WHERE", "external_id"),
        ] {
            let plan = Sql::built(format!("EXPLAIN QUERY PLAN {sql} {column} IN ($1, $2)"));
            let steps =
                conn.fetch_all(plan, vec![RecordId::NIL.into(), RecordId::NIL.into()]).await.expect("a plan");
            let steps: Vec<String> = steps.iter().map(|step| step.text(3).expect("a text")).collect();
            assert!(
                !steps.is_empty() && steps.iter().all(|step| !step.starts_with("SCAN")),
                "{column}: {steps:?}"
            );
        }
        let (sql, binds) = match_keys::select(&[1, 2], 10);
        let steps = conn
            .fetch_all(Sql::built(format!("EXPLAIN QUERY PLAN {sql}")), binds.into_values())
            .await
            .expect("a plan");
        let steps: Vec<String> = steps.iter().map(|step| step.text(3).expect("a text")).collect();
        let found = steps.iter().filter(|step| step.contains("match_keys_key (key=?)"));
        assert_eq!(found.count(), 2, "{steps:?}");
        assert!(steps.iter().all(|step| !step.starts_with("SCAN match_keys")), "{steps:?}");
    }
}

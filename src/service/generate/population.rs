//! Generation of users with their persons, companies and customers. Pure: number, seed and [`Market`] determine the
//! records.

use std::collections::HashSet;

use fastrand::Rng;
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use uuid::Builder;

use super::Market;
use super::names::{CULTURES, Culture, FAMILIES, Name, TRADES};
use crate::domain::account_request::{Request, Source};
use crate::domain::entities;
use crate::domain::entities::external_access::Role;
use crate::domain::entities::person::Gender;
use crate::domain::entities::{company, customer, external_access, party, person, user};
use crate::domain::model::record::{Draft, Fields};
use crate::domain::model::schema::{EntityDef, FieldDef};
use crate::domain::model::text;
use crate::domain::model::value::{FALLBACK_LANGUAGE, MultiLang, RecordId, Reference, Value};
use crate::service::back_office::records::with_defaults;

/// The most users of a batch; memory holds one batch.
const BATCH: u64 = 4096;

/// The average number of users of a company.
const USERS_PER_COMPANY: u64 = 8;

/// The number of different company names; each has a culture, two family names and a trade.
const COMPANY_NAMES: u64 = (CULTURES.len() * FAMILIES * FAMILIES * TRADES.len()) as u64;

/// The step from one company name to the next: a prime, so that no name repeats before all are used.
const COMPANY_STEP: u64 = 7919;

/// 2024-04-01, when the demo company begins, in seconds since 1970; ids count from it.
const BEGIN: i64 = 1_711_929_600;

/// The messages of applicants.
const MESSAGES: [&str; 5] = [
    "Please let me see our invoices.",
    "I order for our company and would like to do it here.",
    "Моля за достъп до поръчките ни.",
    "Guten Tag, ich bitte um Zugang für unsere Bestellungen.",
    "Access for the accounting department, please.",
];

/// Generated records that refer only to one another and to the [`Market`].
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// The records by entity, each entity after those that its records refer to.
    pub records: [(&'static EntityDef, Vec<(RecordId, Draft)>); 5],
    /// The pending requests of applicants.
    pub requests: Vec<Request>,
}

impl Batch {
    fn new() -> Self {
        let entities = [
            &company::COMPANY,
            &person::PERSON,
            &customer::CUSTOMER,
            &user::USER,
            &external_access::EXTERNAL_ACCESS,
        ];
        Self { records: entities.map(|entity| (entity, Vec::new())), requests: Vec::new() }
    }

    fn add(&mut self, id: RecordId, draft: Draft) {
        if let Some((_, drafts)) = self.records.iter_mut().find(|(entity, _)| *entity == draft.entity) {
            drafts.push((id, draft));
        }
    }

    /// The number of users in the batch.
    pub fn users(&self) -> u64 {
        self.records.iter().filter(|(entity, _)| entity.is(&user::USER)).map(|(_, d)| d.len() as u64).sum()
    }
}

/// An iterator over batches of generated users.
pub struct Population {
    rng: Rng,
    market: Market,
    left: u64,
    companies: u64,
    codes: u64,
    ids: i64,
    first_name: u64,
}

/// A generated company whose users are generated.
struct Employer {
    itself: Reference,
    name: String,
    culture: &'static Culture,
    domain: String,
    grants: Option<Reference>,
    logins: HashSet<String>,
}

/// The customer that a company has at the sites with the rule set `Person`.
#[derive(Clone, Copy, PartialEq)]
enum Agreement {
    /// A customer with a location.
    Served,
    /// A customer without a location (CC007).
    WithoutLocation,
    /// A customer without an enterprise company (CC006).
    Elsewhere,
    /// No customer (CC004).
    NoCustomer,
}

/// How a user is connected to the company.
#[derive(Clone, Copy, PartialEq)]
enum Tie {
    /// By a person without parent party (CC003).
    Person,
    /// By a person whose parent party is the company.
    Parent,
    /// Not at all: an applicant without person (CC002).
    Nothing,
}

impl Population {
    /// The generator of `users` users. The same arguments give the same records.
    pub fn new(users: u64, seed: u64, market: Market) -> Self {
        let mut rng = Rng::with_seed(seed);
        let first_name = rng.u64(0..COMPANY_NAMES);
        Self { rng, market, left: users, companies: 0, codes: 0, ids: 0, first_name }
    }

    fn batch(&mut self, users: u64) -> Batch {
        let mut batch = Batch::new();
        let mut employers: Vec<Employer> =
            (0..users.div_ceil(USERS_PER_COMPANY)).map(|_| self.employer(&mut batch)).collect();
        for _ in 0..users {
            let index = self.rng.usize(0..employers.len());
            self.user(&mut employers[index], &mut batch);
        }
        batch
    }

    fn employer(&mut self, batch: &mut Batch) -> Employer {
        let number = self.companies;
        self.companies += 1;
        let name = CompanyName::of(self.first_name.wrapping_add(number));
        let culture = name.culture;
        let mut draft = new(&company::COMPANY);
        set(&mut draft, &company::NAME.def, Value::multi(name.text()));
        let registration = format!("G{number:09}");
        set(&mut draft, &company::REGISTRATION_NUMBER.def, Value::text(registration));
        draft.set(&party::PARTY_CODE.def, self.code());
        let branch = (number / COMPANY_NAMES).cast_signed();
        set(&mut draft, &company::BRANCH_NUMBER.def, Value::Int(branch));
        draft.set(&company::CITY.def, Value::multi(spelled(culture, culture.city, true)));
        let country = self.market.countries.get(culture.country);
        draft.set(&company::COUNTRY_REF.def, country.cloned().map_or(Value::Empty, Value::Ref));
        draft.set(&party::IS_ACTIVE.def, Value::Bool(self.in_hundred(99)));
        let itself = Reference { id: self.id(), shown: String::new() };
        batch.add(itself.id, draft);
        let grants = self.agreements(&itself, batch);
        let domain = format!("{}{}.example", plain(name.families[0].1), number + 1);
        Employer { itself, name: name.latin(), culture, domain, grants, logins: HashSet::new() }
    }

    /// Adds the customers of a company; returns the one to which the company's users get external access.
    fn agreements(&mut self, company: &Reference, batch: &mut Batch) -> Option<Reference> {
        let agreement = match self.rng.u8(0..100) {
            0..76 => Agreement::Served,
            76..82 => Agreement::WithoutLocation,
            82..90 => Agreement::Elsewhere,
            _ => Agreement::NoCustomer,
        };
        let own = match agreement {
            Agreement::Served | Agreement::WithoutLocation => self.market.by_person.clone(),
            Agreement::Elsewhere => Some(new(&customer::CUSTOMER)),
            Agreement::NoCustomer => None,
        };
        if let Some(mut draft) = own {
            if agreement != Agreement::Served {
                draft.set(&customer::SERVICED_BY.def, Value::Empty);
            }
            self.customer(draft, company, batch);
        }
        let second = agreement != Agreement::NoCustomer && self.in_hundred(50);
        let mut draft = self.market.by_access.clone().filter(|_| second)?;
        if self.in_hundred(10) {
            draft.set(&customer::SERVICED_BY.def, Value::Empty);
        }
        Some(self.customer(draft, company, batch))
    }

    fn customer(&mut self, mut draft: Draft, company: &Reference, batch: &mut Batch) -> Reference {
        draft.set(&customer::PARTY.def, Value::Ref(company.clone()));
        draft.set(&customer::NUMBER.def, self.code());
        draft.set(&customer::ACTIVE.def, Value::Bool(self.in_hundred(98)));
        let (from, thru) = match self.rng.u8(0..100) {
            0..2 => (date(2023, 1, 1), Some(date(2024, 12, 31))),
            2..3 => (date(2099, 1, 1), None),
            _ => (self.day(), None),
        };
        draft.set(&customer::FROM_DATE.def, Value::Date(from));
        draft.set(&customer::THRU_DATE.def, thru.map_or(Value::Empty, Value::Date));
        let itself = Reference { id: self.id(), shown: String::new() };
        batch.add(itself.id, draft);
        itself
    }

    fn user(&mut self, employer: &mut Employer, batch: &mut Batch) {
        let tie = match self.rng.u8(0..100) {
            0..3 => Tie::Nothing,
            3..7 => Tie::Person,
            _ => Tie::Parent,
        };
        let culture = if self.in_hundred(85) { employer.culture } else { self.any(&CULTURES) };
        let (human, latin) = self.human(culture);
        let mut draft = new(&user::USER);
        draft.set(&user::NAME.def, human.value(&party::PARTY_NAME.def).clone());
        let address = self.address(&latin, employer, tie == Tie::Nothing);
        draft.set(&user::LOGIN.def, Value::text(address.clone()));
        draft.set(&user::EMAIL.def, Value::text(address));
        let confirmed = if tie == Tie::Nothing { 30 } else { 92 };
        draft.set(&user::EMAIL_CONFIRMED.def, Value::Bool(self.in_hundred(confirmed)));
        let created = self.moment();
        draft.set(&user::CREATION_TIME_UTC.def, Value::Instant(created.into()));
        if culture.language != FALLBACK_LANGUAGE && self.in_hundred(60) {
            draft.set(&user::DEFAULT_LANGUAGE.def, Value::text(culture.language));
        }
        if tie == Tie::Nothing {
            self.applicant(draft, employer, created, batch);
            return;
        }
        draft.set(&user::ACTIVE.def, Value::Bool(self.in_hundred(98)));
        if self.in_hundred(1) {
            let locked = Timestamp::from_second(BEGIN).ok();
            let until =
                locked.and_then(|begin| begin.checked_add(SignedDuration::from_hours(24 * 365 * 70)).ok());
            draft.set(
                &user::LOCKOUT_END_UTC.def,
                until.map_or(Value::Empty, |until| Value::Instant(until.into())),
            );
        }
        let person = self.person(human, employer, tie, batch);
        draft.set(&user::PERSON.def, Value::Ref(person));
        let id = self.id();
        batch.add(id, draft);
        if let Some(customer) = employer.grants.clone().filter(|_| self.in_hundred(80)) {
            self.access(id, customer, batch);
        }
    }

    /// Adds a user without person who has a pending request.
    fn applicant(&mut self, mut draft: Draft, employer: &Employer, at: Timestamp, batch: &mut Batch) {
        let claim: String = employer.name.chars().take(64).collect();
        draft.set(&user::COMPANY_NAME.def, Value::text(claim));
        draft.set(&user::REGISTRATION_MESSAGE.def, Value::text(*self.any(&MESSAGES)));
        let user = self.id();
        batch.add(user, draft);
        batch.requests.push(Request::pending(self.id(), user, at, Source::Web));
    }

    /// The draft of a person without parent party, and first and family name in the letters of an e-mail address.
    fn human(&mut self, culture: &'static Culture) -> (Draft, [String; 2]) {
        let woman = self.rng.bool();
        let first = *self.any(if woman { &culture.women } else { &culture.men });
        let family = *self.any(&culture.families);
        let ending = if woman { culture.feminine } else { ("", "") };
        let both = self.in_hundred(60);
        let mut draft = new(&person::PERSON);
        set(&mut draft, &person::FIRST_NAME.def, Value::multi(spelled(culture, first, both)));
        let (native, latin) = (format!("{}{}", family.0, ending.0), format!("{}{}", family.1, ending.1));
        set(&mut draft, &person::LAST_NAME.def, Value::multi(spelled(culture, (&native, &latin), both)));
        draft.set(&person::GENDER.def, if woman { Gender::Female } else { Gender::Male }.into());
        (draft, [plain(first.1), plain(&latin)])
    }

    fn person(&mut self, mut draft: Draft, employer: &Employer, tie: Tie, batch: &mut Batch) -> Reference {
        draft.set(&party::PARTY_CODE.def, self.code());
        draft.set(&party::IS_ACTIVE.def, Value::Bool(self.in_hundred(99)));
        if tie == Tie::Parent {
            draft.set(&party::PARENT_PARTY.def, Value::Ref(employer.itself.clone()));
        }
        let itself = Reference { id: self.id(), shown: String::new() };
        batch.add(itself.id, draft);
        itself
    }

    fn access(&mut self, user: RecordId, customer: Reference, batch: &mut Batch) {
        let mut draft = new(&external_access::EXTERNAL_ACCESS);
        draft.set(&external_access::CUSTOMER.def, Value::Ref(customer));
        draft.set(&external_access::USER.def, Value::Ref(Reference { id: user, shown: String::new() }));
        draft.set(&external_access::ROLE.def, Value::from(*self.any(&Role::ALL)));
        let days = if self.in_hundred(10) { Value::Empty } else { Value::Int(*self.any(&[30, 90, 365])) };
        draft.set(&external_access::DAYS_BACK_ACCESS.def, days);
        let id = self.id();
        batch.add(id, draft);
    }

    /// An unused e-mail address at the company's domain; for some of those who apply, at a free mail service.
    fn address(&mut self, [first, family]: &[String; 2], employer: &mut Employer, applies: bool) -> String {
        let name = format!("{first}.{family}");
        if applies && self.in_hundred(25) {
            return format!("{name}{}@gmail.com", self.ids);
        }
        let mut local = name.clone();
        let mut namesakes = 1;
        while !employer.logins.insert(local.clone()) {
            namesakes += 1;
            local = format!("{name}{namesakes}");
        }
        format!("{local}@{}", employer.domain)
    }

    /// A new id. Ids ascend like those of UUID version 7, so that each is added at the end of every index.
    fn id(&mut self) -> RecordId {
        self.ids += 1;
        let mut random = [0; 10];
        self.rng.fill(&mut random);
        let millis = (BEGIN * 1000 + self.ids).cast_unsigned();
        RecordId(Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// A new party code or customer number. Its prefix keeps it out of the series of next numbers.
    fn code(&mut self) -> Value {
        self.codes += 1;
        Value::text(format!("G{:07}", self.codes))
    }

    /// A time in the two years before the demo company begins.
    fn moment(&mut self) -> Timestamp {
        let before = self.rng.i64(0..2 * 365 * 24 * 3600);
        Timestamp::from_second(BEGIN - before).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    fn day(&mut self) -> Date {
        date(self.rng.i16(2018..2024), self.rng.i8(1..=12), self.rng.i8(1..=28))
    }

    fn in_hundred(&mut self, times: u8) -> bool {
        self.rng.u8(0..100) < times
    }

    fn any<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.rng.usize(0..of.len())]
    }
}

impl Iterator for Population {
    type Item = Batch;

    fn next(&mut self) -> Option<Batch> {
        let users = self.left.min(BATCH);
        self.left -= users;
        (users > 0).then(|| self.batch(users))
    }
}

/// The parts of a company name such as `Petrov & Kostov Timber OOD`.
struct CompanyName {
    culture: &'static Culture,
    families: [Name; 2],
    trade: &'static str,
}

impl CompanyName {
    fn of(number: u64) -> Self {
        let mut rest = (number % COMPANY_NAMES) * COMPANY_STEP % COMPANY_NAMES;
        let mut take = |count: usize| {
            let index = rest % count as u64;
            rest /= count as u64;
            usize::try_from(index).unwrap_or_default()
        };
        let culture = &CULTURES[take(CULTURES.len())];
        let families = [take(FAMILIES), take(FAMILIES)].map(|index| culture.families[index]);
        Self { culture, families, trade: TRADES[take(TRADES.len())] }
    }

    fn latin(&self) -> String {
        let [first, second] = self.families.map(|family| family.1);
        let Self { culture, trade, .. } = self;
        if first == second {
            format!("{first} {trade} {}", culture.form.1)
        } else {
            format!("{first} & {second} {trade} {}", culture.form.1)
        }
    }

    fn text(&self) -> MultiLang {
        let mut text = MultiLang::new(FALLBACK_LANGUAGE, self.latin());
        if self.culture.language != FALLBACK_LANGUAGE {
            let [first, second] = self.families.map(|family| family.0);
            text.set(self.culture.language, format!("{first} & {second} {}", self.culture.form.0));
        }
        text
    }
}

/// A name in the culture's own script, and with `both` in Latin letters too.
fn spelled(culture: &Culture, (native, latin): (&str, &str), both: bool) -> MultiLang {
    let mut text = MultiLang::new(culture.language, native);
    if both && culture.language != FALLBACK_LANGUAGE {
        text.set(FALLBACK_LANGUAGE, latin);
    }
    text
}

/// A name in the letters of an e-mail address.
fn plain(latin: &str) -> String {
    text::fold(latin).chars().filter(char::is_ascii_alphanumeric).collect()
}

fn new(entity: &'static EntityDef) -> Draft {
    with_defaults(Draft::new(entity), None, None)
}

/// Sets a field and the fields computed from it.
fn set(draft: &mut Draft, field: &'static FieldDef, value: Value) {
    draft.set(field, value);
    (entities::rules_of(draft.entity).changed)(draft, field, FALLBACK_LANGUAGE);
}

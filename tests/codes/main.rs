//! The codes CC002 to CC010 (`codes.md`): the table, every combination, and what holds whatever the facts.

use std::sync::Arc;

use ccdesk::domain::codes::{
    AccessRules, Code, CustomerFacts, Diagnosis, Facts, GrantFacts, LookAlike, PartyFacts, PersonFacts,
    Repair, Role, SiteFacts, State, UserFacts, UserType, Warning, diagnose, site_states,
};
use ccdesk::domain::entities::user;
use ccdesk::domain::model::value::{RecordId, Reference};
use jiff::ToSpan;
use jiff::civil::date;
use proptest::prelude::*;
use uuid::Uuid;

mod words;

const OURS: u128 = 1;
const OTHER: u128 = 2;
const LOCATION: u128 = 3;
const SALES_ORDER: u128 = 4;

fn id(number: u128) -> RecordId {
    RecordId(Uuid::from_u128(number))
}

fn reference(number: u128, shown: &str) -> Reference {
    Reference { id: id(number), shown: shown.to_owned() }
}

fn customer(number: u128, company: Option<u128>, has_location: bool) -> CustomerFacts {
    CustomerFacts {
        id: id(number),
        shown: "Monsters Ltd.".to_owned(),
        number: format!("{number:05}"),
        enterprise_company: company.map(|company| reference(company, "KK Ltd.")),
        location: has_location.then(|| reference(LOCATION, "KK Ltd., KK - HQ")),
        active: true,
        from_date: Some(date(2024, 1, 1)),
        thru_date: None,
    }
}

fn grant(number: u128, company: u128, has_location: bool) -> GrantFacts {
    let customer = customer(number, Some(company), has_location);
    GrantFacts {
        id: id(number + 1000),
        customer,
        role: Role::OrdersWithPrices,
        days_back: Some(30),
        valid_until: None,
    }
}

/// An access to a customer of ours that a location serves, with a last day so many days after today.
fn ending(number: u128, facts: &Facts, days: i32) -> GrantFacts {
    GrantFacts { valid_until: Some(facts.today + days.days()), ..grant(number, OURS, true) }
}

/// A user who may enter under both rule sets, without a warning.
fn complete(rules: AccessRules) -> Facts {
    let party = PartyFacts {
        id: id(11),
        shown: "Monsters Ltd.".to_owned(),
        active: true,
        customers: vec![customer(28, Some(OURS), true)],
    };
    let person =
        PersonFacts { id: id(12), shown: "Chris Armstrong".to_owned(), active: true, parent: Some(party) };
    Facts {
        now: "2026-02-03T10:00:00Z".parse().expect("a timestamp"),
        today: date(2026, 2, 3),
        user: UserFacts {
            id: id(10),
            login: "chris_armstrong@mail.com".to_owned(),
            name: "Chris Armstrong".to_owned(),
            email: Some("chris_armstrong@mail.com".to_owned()),
            company_name: None,
            user_type: UserType::ExternalCommunityUser,
            active: true,
            email_confirmed: true,
            locked_until: None,
            resembles: None,
            person: Some(person),
            grants: vec![grant(28, OURS, true)],
        },
        site: Arc::new(SiteFacts {
            id: id(13),
            name: "cc".to_owned(),
            enterprise_company: Some(reference(OURS, "KK Ltd.")),
            settings: None,
            rules,
            active: true,
            sales_order_types: vec![id(SALES_ORDER)],
        }),
    }
}

fn site(facts: &mut Facts) -> &mut SiteFacts {
    Arc::make_mut(&mut facts.site)
}

fn party(facts: &mut Facts) -> &mut PartyFacts {
    facts.user.person.as_mut().and_then(|person| person.parent.as_mut()).expect("a parent party")
}

fn set_settings(facts: &mut Facts, text: &str) {
    site(facts).settings = Some(text.to_owned());
}

/// One sign for each code from CC002 to CC010: `+` ok, `x` failed, `-` unused, and for a blocked one the last
/// figure of the code that blocks it (`0` is CC010).
fn signs(diagnosis: &Diagnosis) -> String {
    let sign = |(_, state)| match state {
        State::Ok => '+',
        State::Failed => 'x',
        State::Unused => '-',
        State::Blocked(code) => code.as_str().chars().next_back().expect("a figure"),
    };
    diagnosis.states().map(sign).collect()
}

const BOTH_SET: &str =
    r#"{"NewOrderDocumentType": "00000000-0000-0000-0000-000000000004", "IsNewOrderEnabled": true}"#;

type Change = fn(&mut Facts);

#[rustfmt::skip]
const TABLE: [(&str, Change, &str, &str); 23] = [
    // situation                                                                                            Person       ExternalAccess
    //                                                                                                      234567890    234567890
    ("complete",                    |_| {},                                                                "++++++++-", "---+-++++"),
    ("no person",                   |f| f.user.person = None,                                              "x22+22++-", "---+-++++"),
    ("no parent party",             |f| f.user.person.as_mut().unwrap().parent = None,                     "+x3+33++-", "---+-++++"),
    ("no customer",                 |f| party(f).customers.clear(),                                        "++x+44++-", "---+-++++"),
    ("customer of another company", |f| party(f).customers = vec![customer(7, Some(OTHER), true)],         "++++x6++-", "---+-++++"),
    ("customer of no company",      |f| party(f).customers = vec![customer(7, None, true)],                "++++x6++-", "---+-++++"),
    ("agreement without location",  |f| party(f).customers = vec![customer(7, Some(OURS), false)],         "+++++x++-", "---+-++++"),
    ("no site company",             |f| site(f).enterprise_company = None,                                 "+++x55++-", "---x-5++5"),
    ("neither company nor person",  |f| (f.user.person, site(f).enterprise_company) = (None, None),        "x22x22++-", "---x-5++5"),
    ("blank settings",              |f| set_settings(f, " \n\t"),                                          "++++++++-", "---+-++++"),
    ("settings with other things",  |f| set_settings(f, r#"{"a": 1.5e400}"#),                              "++++++++-", "---+-++++"),
    ("broken settings",             |f| set_settings(f, "{"),                                              "++++++x8-", "---+-+x8+"),
    ("settings that are a list",    |f| set_settings(f, "[]"),                                             "++++++x8-", "---+-+x8+"),
    ("orders without a type",       |f| set_settings(f, r#"{"IsNewOrderEnabled": false}"#),                "+++++++x-", "---+-++x+"),
    ("orders without the switch",   |f| set_settings(f, r#"{"NewOrderDocumentType": null}"#),              "+++++++x-", "---+-++x+"),
    ("orders of another type",      |f| { set_settings(f, BOTH_SET); site(f).sales_order_types.clear(); }, "+++++++x-", "---+-++x+"),
    ("orders set up",               |f| set_settings(f, BOTH_SET),                                         "++++++++-", "---+-++++"),
    ("no external access",          |f| f.user.grants.clear(),                                             "++++++++-", "---+-0++x"),
    ("access elsewhere",            |f| f.user.grants = vec![grant(8, OTHER, true)],                       "++++++++-", "---+-0++x"),
    ("access on its last day",      |f| f.user.grants = vec![ending(8, f, 0)],                             "++++++++-", "---+-++++"),
    ("access that has ended",       |f| f.user.grants = vec![ending(8, f, -1)],                            "++++++++-", "---+-0++x"),
    ("ended, and without location", |f| f.user.grants = vec![ending(8, f, -1), grant(9, OURS, false)],     "++++++++-", "---+-x+++"),
    ("access without location",     |f| f.user.grants = vec![grant(8, OURS, false)],                       "++++++++-", "---+-x+++"),
];

#[test]
fn each_code_is_judged_as_the_table_says() {
    for (situation, change, person, external_access) in TABLE {
        for (rules, expected) in
            [(AccessRules::Person, person), (AccessRules::ExternalAccess, external_access)]
        {
            let mut facts = complete(rules);
            change(&mut facts);
            assert_eq!(signs(&diagnose(&facts)), expected, "{situation}, {rules:?}");
        }
    }
}

/// What decides the codes, reduced to the choices that `codes.md` speaks of.
#[derive(Clone, Debug)]
struct Situation {
    rules: AccessRules,
    person: bool,
    parent: bool,
    /// Whether C(T) has a customer of another company, of none, and of E (with or without a location).
    foreign: bool,
    unassigned: bool,
    agreement: Option<bool>,
    site_company: bool,
    settings: Text,
    /// G by customer, each with or without a location; and access to a customer of another company.
    granted: Vec<bool>,
    foreign_grant: bool,
    /// Access to a customer of E with a location that has ended.
    ended_grant: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Text {
    None,
    Blank,
    Broken,
    Unrelated,
    OnlyType,
    OnlySwitch,
    WrongType,
    Good,
}

impl Text {
    const ALL: [Self; 8] = [
        Self::None,
        Self::Blank,
        Self::Broken,
        Self::Unrelated,
        Self::OnlyType,
        Self::OnlySwitch,
        Self::WrongType,
        Self::Good,
    ];

    fn json(self) -> Option<String> {
        let text = match self {
            Self::None => return None,
            Self::Blank => "  ",
            Self::Broken => r#"{"a": 1, "a": 2}"#,
            Self::Unrelated => r#"{"isNewOrderEnabled": true}"#,
            Self::OnlyType => r#"{"NewOrderDocumentType": "00000000-0000-0000-0000-000000000004"}"#,
            Self::OnlySwitch => r#"{"IsNewOrderEnabled": true}"#,
            Self::WrongType => r#"{"NewOrderDocumentType": "sales", "IsNewOrderEnabled": true}"#,
            Self::Good => BOTH_SET,
        };
        Some(text.to_owned())
    }
}

impl Situation {
    fn every() -> Vec<Self> {
        let flags = [false, true];
        let mut all = Vec::new();
        for bits in 0..128_u8 {
            let on = |bit: u8| bits & (1 << bit) != 0;
            for rules in AccessRules::ALL {
                for settings in Text::ALL {
                    for agreement in [None, Some(false), Some(true)] {
                        for granted in [vec![], vec![false], vec![true], flags.to_vec()] {
                            all.push(Self {
                                rules,
                                person: on(0),
                                parent: on(1),
                                foreign: on(2),
                                unassigned: on(3),
                                agreement,
                                site_company: on(4),
                                settings,
                                granted,
                                foreign_grant: on(5),
                                ended_grant: on(6),
                            });
                        }
                    }
                }
            }
        }
        all
    }

    fn facts(&self) -> Facts {
        let mut facts = complete(self.rules);
        let mut customers = Vec::new();
        customers.extend(self.foreign.then(|| customer(20, Some(OTHER), true)));
        customers.extend(self.unassigned.then(|| customer(21, None, true)));
        customers.extend(self.agreement.map(|located| customer(22, Some(OURS), located)));
        party(&mut facts).customers = customers;
        let person = facts.user.person.as_mut().expect("a person");
        person.parent = person.parent.take().filter(|_| self.parent);
        facts.user.person = facts.user.person.take().filter(|_| self.person);
        let granted = self.granted.iter().zip(30..).map(|(&located, number)| grant(number, OURS, located));
        facts.user.grants = granted.collect();
        facts.user.grants.extend(self.foreign_grant.then(|| grant(40, OTHER, true)));
        let ended = self.ended_grant.then(|| ending(41, &facts, -1));
        facts.user.grants.extend(ended);
        let site = site(&mut facts);
        site.enterprise_company = site.enterprise_company.take().filter(|_| self.site_company);
        site.settings = self.settings.json();
        facts
    }

    /// The table of `codes.md` once more, written the other way round: from the situation to the signs.
    fn expected(&self) -> String {
        let site_company = if self.site_company { '+' } else { 'x' };
        let (settings, new_orders) = match self.settings {
            Text::Broken => ('x', '8'),
            Text::OnlyType | Text::OnlySwitch | Text::WrongType => ('+', 'x'),
            Text::None | Text::Blank | Text::Unrelated | Text::Good => ('+', '+'),
        };
        let has_customer = self.foreign || self.unassigned || self.agreement.is_some();
        match self.rules {
            AccessRules::Person => {
                let chain = match (self.person, self.parent, has_customer, self.site_company, self.agreement)
                {
                    (false, ..) => ['x', '2', '2', '2', '2'],
                    (_, false, ..) => ['+', 'x', '3', '3', '3'],
                    (_, _, false, ..) => ['+', '+', 'x', '4', '4'],
                    (_, _, _, false, _) => ['+', '+', '+', '5', '5'],
                    (.., None) => ['+', '+', '+', 'x', '6'],
                    (.., Some(false)) => ['+', '+', '+', '+', 'x'],
                    (.., Some(true)) => ['+', '+', '+', '+', '+'],
                };
                let [person, parent, customer, agreement, location] = chain;
                [person, parent, customer, site_company, agreement, location, settings, new_orders, '-']
                    .into_iter()
                    .collect()
            }
            AccessRules::ExternalAccess => {
                let (location, access) = match (self.site_company, self.granted.as_slice()) {
                    (false, _) => ('5', '5'),
                    (true, []) => ('0', 'x'),
                    (true, granted) if granted.contains(&true) => ('+', '+'),
                    (true, _) => ('x', '+'),
                };
                ['-', '-', '-', site_company, '-', location, settings, new_orders, access]
                    .into_iter()
                    .collect()
            }
        }
    }
}

#[test]
fn every_combination_agrees_with_the_table_written_the_other_way_round() {
    for situation in Situation::every() {
        assert_eq!(signs(&diagnose(&situation.facts())), situation.expected(), "{situation:?}");
    }
}

#[test]
fn whatever_the_situation_the_diagnosis_holds_together() {
    for situation in Situation::every() {
        let facts = situation.facts();
        let diagnosis = diagnose(&facts);
        let failed: Vec<Code> =
            diagnosis.states().filter(|(_, s)| *s == State::Failed).map(|(c, _)| c).collect();
        assert_eq!(diagnosis.sign_in(), failed.iter().min().copied(), "sign-in shows the lowest failed code");
        assert_eq!(
            diagnosis.all_ok(),
            diagnosis.states().all(|(_, state)| matches!(state, State::Ok | State::Unused))
        );
        for (code, state) in diagnosis.states() {
            assert_eq!(state == State::Unused, !situation.rules.includes(code));
            assert_eq!(
                diagnosis.repair(code, &facts).is_some(),
                state == State::Failed,
                "{code}: {situation:?}"
            );
            assert!(!diagnosis.words(code, &facts).is_empty(), "{code}: {situation:?}");
            let blocker = diagnosis.blocked_by(code);
            assert_eq!(blocker.map_or(state, State::Blocked), state, "{code}: {situation:?}");
            assert_eq!(blocker.is_some(), matches!(state, State::Blocked(_)), "{code}: {situation:?}");
            if let Some(earlier) = blocker {
                assert_eq!(diagnosis.state(earlier), State::Failed, "{code}: {situation:?}");
            }
        }
        for (code, state) in site_states(&facts.site) {
            assert_eq!(diagnosis.state(code), state, "a site's own codes do not depend on the user");
        }
    }
}

#[test]
fn under_external_access_a_location_is_judged_customer_by_customer() {
    let mut facts = complete(AccessRules::ExternalAccess);
    facts.user.grants = vec![grant(30, OURS, false), grant(31, OURS, true), grant(32, OTHER, false)];
    let diagnosis = diagnose(&facts);
    let each: Vec<_> = diagnosis.customers.iter().map(|found| (found.customer, found.state)).collect();
    assert_eq!(each, [(id(30), State::Failed), (id(31), State::Ok)]);
    assert_eq!(diagnosis.state(Code::CC007), State::Ok);
    let unserved: Vec<_> = diagnosis.unserved(&facts).map(|customer| customer.id).collect();
    assert_eq!(unserved, [id(30)], "told though another one lets the user in");

    assert_eq!(diagnose(&complete(AccessRules::Person)).customers, []);
}

#[test]
fn each_failed_code_names_the_place_that_repairs_it() {
    let repair = |rules, code, change: Change| {
        let mut facts = complete(rules);
        change(&mut facts);
        diagnose(&facts).repair(code, &facts).expect("a repair")
    };
    let party_shown = || reference(11, "Monsters Ltd.");
    let ours = || reference(OURS, "KK Ltd.");
    use AccessRules::{ExternalAccess, Person};

    let full_name = "Chris Armstrong".to_owned();
    assert_eq!(
        repair(Person, Code::CC002, |f| f.user.person = None),
        Repair::Person { user: id(10), full_name }
    );
    assert_eq!(
        repair(Person, Code::CC003, |f| f.user.person.as_mut().unwrap().parent = None),
        Repair::ParentParty { person: id(12) }
    );
    let new_customer = Repair::NewCustomer { party: party_shown(), enterprise_company: Some(ours()) };
    assert_eq!(repair(Person, Code::CC004, |f| party(f).customers.clear()), new_customer);
    assert_eq!(
        repair(Person, Code::CC005, |f| site(f).enterprise_company = None),
        Repair::SiteCompany { site: id(13) }
    );
    assert_eq!(
        repair(Person, Code::CC006, |f| party(f).customers = vec![customer(7, Some(OTHER), true)]),
        new_customer
    );
    assert_eq!(
        repair(Person, Code::CC006, |f| {
            party(f).customers = vec![customer(7, Some(OTHER), true), customer(8, None, true)];
        }),
        Repair::AgreementCompany { customer: id(8), enterprise_company: ours() }
    );
    assert_eq!(
        repair(Person, Code::CC007, |f| party(f).customers[0].location = None),
        Repair::Location { customer: id(28), enterprise_company: ours() }
    );
    assert_eq!(
        repair(ExternalAccess, Code::CC007, |f| f.user.grants = vec![grant(8, OURS, false)]),
        Repair::Location { customer: id(8), enterprise_company: ours() }
    );
    assert_eq!(
        repair(Person, Code::CC008, |f| set_settings(f, "{\n  \"ж\": x}")),
        Repair::SiteSettings { site: id(13), line: 2, column: 8 }
    );
    assert_eq!(
        repair(Person, Code::CC009, |f| set_settings(f, "{\n  \"ж\": 1, \"IsNewOrderEnabled\": true}")),
        Repair::SiteSettings { site: id(13), line: 2, column: 11 }
    );
    assert_eq!(
        repair(ExternalAccess, Code::CC010, |f| f.user.grants.clear()),
        Repair::ExternalAccess { user: id(10), enterprise_company: ours(), customer: Some(id(28)) }
    );
    assert_eq!(
        repair(ExternalAccess, Code::CC010, |f| f.user.grants = vec![ending(8, f, -9), ending(9, f, -1)]),
        Repair::EndedAccess { access: id(1009) },
        "a user has one access to a customer at the most, so the one that ended last goes on"
    );
}

fn ended_grant() -> GrantFacts {
    let mut ended = grant(8, OURS, true);
    ended.customer.thru_date = Some(date(2025, 12, 31));
    ended
}

fn set_email_and_login(facts: &mut Facts, email: &str) {
    facts.user.login = email.to_owned();
    facts.user.email = Some(email.to_owned());
}

fn claim_company(facts: &mut Facts, email: &str) {
    set_email_and_login(facts, email);
    facts.user.company_name = Some("Monsters Ltd.".to_owned());
}

#[rustfmt::skip]
const WARNINGS: [(Change, &str); 19] = [
    (|f| f.user.active = false,                                      "user inactive"),
    (|f| f.user.locked_until = Some((f.now + 30.minutes()).into()),           "locked until 2026-02-03 10:30 UTC"),
    (|f| f.user.user_type = UserType::VirtualUserNoLogin,            "type VIR cannot sign in"),
    (|f| f.user.email_confirmed = false,                             "e-mail not confirmed"),
    (|f| f.user.person.as_mut().unwrap().active = false,             "person inactive"),
    (|f| party(f).active = false,                                    "parent party inactive"),
    (|f| party(f).customers[0].active = false,                       "customer Monsters Ltd. #00028 inactive"),
    (|f| party(f).customers[0].thru_date = f.today.yesterday().ok(), "customer Monsters Ltd. #00028 ended 2026-02-02"),
    (|f| party(f).customers[0].from_date = f.today.tomorrow().ok(),  "customer Monsters Ltd. #00028 begins 2026-02-04"),
    (|f| f.user.grants[0].days_back = None,                          "Days Back empty (unlimited) at Monsters Ltd. #00028"),
    (|f| f.user.grants.push(ended_grant()),                          "customer Monsters Ltd. #00008 ended 2025-12-31"),
    (|f| f.user.grants.push(ending(8, f, -1)),                       "access to Monsters Ltd. #00008 ended on 2026-02-02"),
    (|f| site(f).active = false,                                     "site inactive"),
    (|f| f.user.login = "сhris".to_owned(),                          "login mixes scripts"),
    (|f| f.user.name = "Chris Аrmstrong".to_owned(),                 "name mixes scripts"),
    (|f| f.user.email = Some("сhris@mail.com".to_owned()),           "e-mail mixes scripts"),
    (|f| set_email_and_login(f, "сhris@mail.com"),                   "e-mail mixes scripts"),
    (|f| f.user.resembles = Some(LookAlike { field: &user::LOGIN.def, text: "chris".to_owned() }),                "resembles the login chris"),
    (|f| claim_company(f, "chris@gmail.com"),                        "free-mail address with a claimed company"),
];

#[test]
fn warnings_stand_beside_the_codes_and_never_block() {
    for rules in AccessRules::ALL {
        assert_eq!(diagnose(&complete(rules)).warnings, []);
        for (change, expected) in WARNINGS {
            let mut facts = complete(rules);
            change(&mut facts);
            let diagnosis = diagnose(&facts);
            let shown: Vec<String> = diagnosis.warnings.iter().map(Warning::to_string).collect();
            assert_eq!(shown, [expected]);
            assert!(diagnosis.all_ok(), "{expected}");
        }
    }

    let mut over = complete(AccessRules::Person);
    over.user.locked_until = Some(over.now.into());
    over.user.email = None;
    over.user.email_confirmed = false;
    party(&mut over).customers[0].thru_date = Some(over.today);
    party(&mut over).customers[0].from_date = Some(over.today);
    assert_eq!(diagnose(&over).warnings, [], "a lockout that is over, no e-mail, the first and last day");
}

#[test]
fn a_free_mail_address_is_told_of_with_a_claimed_company_alone() {
    let (free, own) = ("chris@gmail.com", "chris@monsters.example");
    for (email, company) in [(free, None), (free, Some(" ")), (own, Some("Monsters Ltd."))] {
        let mut facts = complete(AccessRules::Person);
        set_email_and_login(&mut facts, email);
        facts.user.company_name = company.map(str::to_owned);
        assert_eq!(diagnose(&facts).warnings, [], "{email}, {company:?}");
    }
}

#[test]
fn a_code_is_read_as_it_is_written() {
    for code in Code::ALL {
        assert_eq!(code.as_str().parse(), Ok(code));
        assert!(code.advice().ends_with('.') && code.help().ends_with('.'));
    }
    assert_eq!("cc1".parse::<Code>().unwrap_err().to_string(), "cc1 is not one of the codes CC002 to CC010");
}

#[test]
fn types_roles_and_rules_are_read_as_they_are_written() {
    assert!(UserType::ALL.into_iter().all(|kind| UserType::from_code(kind.code()) == Some(kind)));
    assert!(Role::ALL.into_iter().all(|role| Role::from_code(role.code()) == Some(role)));
    assert!(AccessRules::ALL.into_iter().all(|rules| AccessRules::from_code(rules.code()) == Some(rules)));
    assert!(Role::ALL.is_sorted());
    let signing_in: Vec<_> =
        UserType::ALL.into_iter().filter(|k| k.can_sign_in()).map(UserType::code).collect();
    assert_eq!(signing_in, ["INT", "EXT"]);
}

proptest! {
    #[test]
    fn no_settings_text_upsets_the_diagnosis(text in r#"\{?\PC*\}?"#) {
        let mut facts = complete(AccessRules::Person);
        set_settings(&mut facts, &text);
        let diagnosis = diagnose(&facts);
        for code in Code::ALL {
            diagnosis.words(code, &facts);
            diagnosis.repair(code, &facts);
        }
    }
}

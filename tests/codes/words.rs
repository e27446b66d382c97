//! What the validation pane says beside each code: what was found, what is missing, which code comes first.

use std::collections::BTreeSet;

use super::*;

use AccessRules::{ExternalAccess, Person};

#[rustfmt::skip]
const WORDS: [(Code, AccessRules, Change, &str); 29] = [
    (Code::CC002, Person,         |_| {},                                                      "Chris Armstrong"),
    (Code::CC002, Person,         |f| f.user.person = None,                                    "empty"),
    (Code::CC003, Person,         |_| {},                                                      "Monsters Ltd."),
    (Code::CC003, Person,         |f| f.user.person.as_mut().unwrap().parent = None,           "empty"),
    (Code::CC003, Person,         |f| f.user.person = None,                                    "after CC002"),
    (Code::CC004, Person,         |f| party(f).customers.push(customer(7, None, true)),        "#00028, #00007"),
    (Code::CC004, Person,         |f| party(f).customers.clear(),                              "Monsters Ltd. is no customer"),
    (Code::CC005, Person,         |_| {},                                                      "KK Ltd."),
    (Code::CC005, Person,         |f| site(f).enterprise_company = None,                       "empty"),
    (Code::CC006, Person,         |_| {},                                                      "Monsters Ltd. #00028"),
    (Code::CC006, Person,         |f| party(f).customers = vec![customer(7, None, true)],      "no agreement with KK Ltd."),
    (Code::CC006, Person,         |f| party(f).customers.clear(),                              "after CC004"),
    (Code::CC007, Person,         |_| {},                                                      "KK Ltd., KK - HQ"),
    (Code::CC007, Person,         |f| party(f).customers[0].location = None,                   "no location serves Monsters Ltd. #00028"),
    (Code::CC007, ExternalAccess, |f| f.user.grants.push(grant(8, OURS, false)),               "KK Ltd., KK - HQ"),
    (Code::CC007, ExternalAccess, |f| f.user.grants = vec![grant(8, OURS, false), grant(9, OURS, false)],
                                                                                               "no location serves Monsters Ltd. #00008, Monsters Ltd. #00009"),
    (Code::CC008, Person,         |_| {},                                                      "none"),
    (Code::CC008, Person,         |f| set_settings(f, " \n"),                                  "none"),
    (Code::CC008, Person,         |f| set_settings(f, "{}"),                                   "well formed"),
    (Code::CC008, Person,         |f| set_settings(f, "{"),                                    "line 1, column 1: The text ends before the object does."),
    (Code::CC009, Person,         |f| set_settings(f, "{}"),                                   "not set up"),
    (Code::CC009, Person,         |f| set_settings(f, BOTH_SET),                               "set up"),
    (Code::CC009, Person,         |f| set_settings(f, r#"{"IsNewOrderEnabled": true}"#),       "NewOrderDocumentType is missing"),
    (Code::CC009, Person,         |f| set_settings(f, r#"{"NewOrderDocumentType": null}"#),    "IsNewOrderEnabled is missing"),
    (Code::CC009, Person,         |f| { set_settings(f, BOTH_SET); site(f).sales_order_types.clear(); },
                                                                                               "NewOrderDocumentType is no sales order document type"),
    (Code::CC010, ExternalAccess, |f| f.user.grants.push(grant(8, OURS, true)),                "Monsters Ltd. #00028 L30, Monsters Ltd. #00008 L30"),
    (Code::CC010, ExternalAccess, |f| f.user.grants = vec![grant(8, OTHER, true)],             "no access to a customer of KK Ltd."),
    (Code::CC010, ExternalAccess, |f| f.user.grants = vec![ending(8, f, -1)],                  "access to Monsters Ltd. #00008 ended on 2026-02-02"),
    (Code::CC010, Person,         |_| {},                                                      "not asked by this site"),
];

#[test]
fn the_pane_says_what_is_there_and_what_is_missing() {
    for (code, rules, change, words) in WORDS {
        let mut facts = complete(rules);
        change(&mut facts);
        assert_eq!(diagnose(&facts).words(code, &facts), words, "{code}, {rules:?}");
    }
}

#[test]
fn reports_have_a_word_for_each_state() {
    let states = [State::Ok, State::Failed, State::Blocked(Code::CC002), State::Unused];
    assert_eq!(states.map(State::as_str), ["ok", "failed", "blocked", "unused"]);
}

#[test]
fn each_code_has_a_title_of_one_or_two_words_and_is_about_one_kind_of_record() {
    let titles: BTreeSet<&str> = Code::ALL.into_iter().map(Code::title).collect();
    assert_eq!(titles.len(), Code::ALL.len(), "no two of the same title: {titles:?}");
    assert!(titles.iter().all(|title| (1..=2).contains(&title.split(' ').count())), "{titles:?}");
    let about = Code::ALL.map(|code| code.owner().as_str());
    assert_eq!(about, ["user", "user", "party", "site", "party", "party", "site", "site", "access"]);
}

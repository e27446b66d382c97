//! The Client Center: who is let in, what is open to whom, and that nobody sees or changes anything of another
//! customer. Every story is told on both engines.

#[expect(dead_code, reason = "shared with tests/entities, which needs all of it")]
#[path = "../entities/company.rs"]
mod company;
mod ends;
mod fixture;
mod gate;
mod isolation;
mod life;
mod matrix;
mod preview;
mod roles;
#[path = "../support/settings.rs"]
mod settings;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeSet;

use ends::*;
use gate::*;
use isolation::*;
use life::*;
use matrix::*;
use preview::*;
use roles::*;

on_both_engines! {
    every_missing_link_of_version_24_shows_its_code,
    every_missing_link_of_version_26_shows_its_code,
    promise_04_whatever_is_wrong_is_answered_in_the_same_words,
    only_client_centers_that_answer_are_there,
    the_customer_chosen_last_is_remembered_for_each_site,
    promise_06_a_visit_ends_with_what_it_rested_on,
    a_lower_role_closes_its_places_at_once,
    promise_08_each_role_opens_its_places_and_no_forged_request_opens_more,
    promise_08_nobody_grants_changes_or_ends_above_the_own_role,
    promise_08_nobody_gives_more_days_back_than_the_own,
    promise_08_somebody_who_can_manage_users_stays,
    promise_08_who_is_locked_is_no_manager_to_rely_on,
    promise_08_an_owner_is_lowered_by_nobody_and_asked_about_nothing,
    promise_08_an_e_mail_that_is_not_confirmed_is_asked_about,
    promise_08_of_two_admins_who_remove_one_another_one_stays,
    what_is_wrong_is_said_where_it_was_typed,
    promise_08_after_many_look_ups_by_e_mail_the_next_ones_wait,
    promise_08_an_owner_and_unlimited_days_back_are_asked_about,
    a_save_in_between_is_not_lost,
    history_tells_of_every_grant_change_and_removal,
    promise_08_nothing_of_another_customer_is_seen_learned_or_changed,
    an_access_opens_its_customer_until_its_last_day,
    promise_08_an_access_for_a_while_lets_nobody_in_for_longer,
    sign_ins_and_uses_are_noted_once_a_minute_and_without_a_save,
    a_sign_in_waits_for_nobody_who_saves,
    a_preview_says_what_a_sign_in_would_come_to,
    a_preview_offers_no_customer_that_no_location_serves,
    ;
    on_postgres_only:
    a_database_that_can_only_be_read_lets_visitors_in,
}

/// Read from the source: `src/service/api/visit.rs` names what a visitor can ask as calls `visit.METHOD(`.
#[test]
fn promise_08_whatever_a_visitor_can_ask_is_asked_by_every_role_and_across_customers() {
    let called = |source: &'static str| {
        let calls = source.split("visit.").skip(1).filter_map(|behind| behind.split_once('('));
        let is_name = |name: &str| name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_');
        calls.map(|(name, _)| name).filter(|name| is_name(name)).collect::<BTreeSet<_>>()
    };
    let questions = called(include_str!("../../src/service/api/visit.rs"));
    assert!(questions.contains("rows"), "no question was read from visit.rs: {questions:?}");
    for (file, source) in
        [("matrix.rs", include_str!("matrix.rs")), ("isolation.rs", include_str!("isolation.rs"))]
    {
        let asked = called(source);
        let missing: Vec<_> = questions.difference(&asked).collect();
        assert!(missing.is_empty(), "tests/client_center/{file} does not call these of a Visit: {missing:?}");
    }
}

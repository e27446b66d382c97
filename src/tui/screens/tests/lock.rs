//! The lock, and what becomes of an attendance or a session that ended.

use std::time::Duration;

use super::scripted::{answer, at_back_office, drawn_again, operator, started, visiting, visitor};
use crate::service::ServiceError;
use crate::service::api::{BackOfficeRequest, Request};
use crate::tui::console::HostEffect;
use crate::tui::testing::Script;

#[tokio::test]
async fn promise_6_the_lock_shows_nothing_and_comes_back_to_the_same_draft() {
    let (mut back_office, asked) = at_back_office().await;
    back_office.keys("draft").await;
    let (before, cursor) = (back_office.screen(), back_office.cursor());
    back_office.console.nobody_touched(Duration::from_secs(15 * 60));
    assert!(!back_office.console.is_attended());
    drawn_again(&mut back_office)
        .sees("Locked")
        .sees("Nobody has touched a key for 15 minutes. mkoleva goes on");
    back_office.sees_no("draft").sees_no("Paper").sees_no("⌂").sees_no("acme.db").sees_no("F1");
    back_office.keys("<F1> <C-g> <C-p> <A-m> <Esc> <C-c> :").await.sees("Locked").sees_no("Commands");
    back_office
        .keys("<C-u> wrongcanary <Enter>")
        .await
        .sees("✗ Login or password is wrong")
        .sees_no("canary");
    back_office.keys("right <Enter>").await.sees_no("Locked");
    assert_eq!((back_office.screen(), back_office.cursor()), (before, cursor));
    assert!(!format!("{asked:?}").contains("canary"));
}

#[tokio::test]
async fn answers_that_come_while_it_is_locked_are_seen_afterwards() {
    let (mut back_office, _) = at_back_office().await;
    back_office.keys_at_once("<C-r>");
    back_office.console.lock("Locked by hand.".to_owned());
    back_office.settle().await.sees("Locked by hand.").sees_no("well");
    back_office.keys("right <Enter>").await.sees("answered well").sees("said well");
}

#[tokio::test]
async fn leaving_from_the_lock_is_asked_for_twice() {
    let (mut back_office, _) = at_back_office().await;
    back_office.keys("draft").await;
    back_office.console.lock("Locked by hand.".to_owned());
    back_office.keys("<C-q>").await.sees("Ctrl+Q again ends it.").keys("x <C-q>").await.sees("Ctrl+Q again");
    assert!(!back_office.host_effects.contains(&HostEffect::Quit));
    back_office.resize(50, 10).sees("ccdesk needs 60x16");
    back_office.resize(80, 24).keys("<C-q>").await;
    assert_eq!(back_office.host_effects.last(), Some(&HostEffect::Quit));
}

#[tokio::test]
async fn a_visitor_whom_nobody_sees_is_signed_out() {
    let (mut center, _) = visiting(Some(0)).await;
    center.console.nobody_touched(Duration::from_secs(60));
    drawn_again(&mut center)
        .sees("E-mail or login")
        .sees("· Nobody has touched a key for a minute; you are signed out.");
    assert!(!center.console.is_attended());
}

#[tokio::test]
async fn promise_6_an_ended_session_locks_the_back_office_and_signs_a_visitor_out() {
    let ended = |request: Request| match request {
        Request::BackOffice(BackOfficeRequest::Sites(_)) => {
            Err(ServiceError::SignedOut("The login is switched off.".to_owned()))
        }
        other => answer(other),
    };
    let mut back_office = started(Script(ended), |console| console.sign_in(operator("mkoleva")));
    back_office.keys("draft <C-r>").await.sees("Locked").sees("The login is switched off.").sees_no("draft");
    back_office.keys("right <Enter>").await.sees("draft").sees("returned Written").sees_no("Locked");

    let mut center = started(Script(ended), |console| console.welcome(visitor(Some(0))));
    center.keys("draft <C-r>").await.sees("E-mail or login").sees("✗ The login is switched off.");
    center.sees_no("draft");
}

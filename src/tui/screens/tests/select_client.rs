//! Select Client: which customer a visitor works for.

use super::scripted::visiting;
use crate::service::api::sign_in;
use crate::tui::console::HostEffect;

#[tokio::test]
async fn a_client_is_selected_before_anything_is_seen() {
    let (mut center, _) = visiting(None).await;
    center.sees("Select Client").sees("Olivia Green #00028  Admin").sees("Nimero Ltd. #00003");
    center.sees("Orders with Prices").sees_no("Esc Close");
    center.keys("<Esc>").await.sees("Select Client");
    center.keys("<Down> <Enter>").await.sees("for Nimero Ltd. #00003").sees_no("Select Client");
}

#[tokio::test]
async fn the_customer_shown_is_the_one_who_is_served_also_when_keys_are_pressed_ahead() {
    let (mut center, _) = visiting(Some(0)).await;
    center.keys("<C-o> <Down>").await.keys_at_once("<Enter> <Esc>").sees("Select Client");
    center.settle().await.sees("for Nimero Ltd. #00003");
    let (mut center, asked) = visiting(None).await;
    center.keys_at_once("<Enter> <End> <Enter>").settle().await.sees("for Olivia Green #00028");
    assert!(!asked.lock().unwrap().contains(&sign_in::SignOut {}.into()));
}

#[tokio::test]
async fn whoever_selects_no_client_can_sign_out_or_leave() {
    let (mut center, asked) = visiting(None).await;
    center.keys("<C-q>").await;
    assert_eq!(center.host_effects, [HostEffect::Quit]);
    center.keys("<End> <Enter>").await.sees("E-mail or login").sees_no("Select Client");
    assert!(asked.lock().unwrap().contains(&sign_in::SignOut {}.into()));
}

#[tokio::test]
async fn the_customer_is_switched_and_nothing_typed_is_lost_in_silence() {
    let (mut center, _) = visiting(Some(0)).await;
    center.keys("<C-o>").await.sees("Select Client").sees("Esc Close");
    center.keys("<Esc> draft <C-o>").await.sees("Paper has changes that are not saved.");
    center.keys("d").await.sees("Select Client").keys("<Esc>").await.sees("draft");
    center.keys("<C-o> d <Down> <Enter>").await.sees("for Nimero Ltd. #00003").sees_no("draft");
}

//! The sign-in of the back office and of a Client Center, and signing out.

use super::scripted::{answer, at, at_back_office, center, fails_at_first, reference, started, visiting};
use crate::service::api::{Question as _, Request, SignInRequest, sign_in};
use crate::service::client_center::ClientCenter;
use crate::tui::keyboard::Keyboard;
use crate::tui::message::{Notice, Screen, Tone};
use crate::tui::testing::Script;

#[tokio::test]
async fn the_only_client_center_opens_at_once_and_esc_goes_back() {
    let (mut story, _) = at(Screen::SignIn).await;
    story.sees("Alt+C Client Center").sees_no("Esc");
    story
        .keys("<A-c>")
        .await
        .sees("Lagerta Ltd. - Client Center")
        .sees("Create local account")
        .sees("Esc Back");
    story.keys("<Esc>").await.sees("Sign in to the back office.");
    let (mut story, _) = at(Screen::ClientCenterSignIn(center())).await;
    story.sees_no("Esc");
    story.keys("<Esc>").await.sees("Lagerta Ltd. - Client Center");
}

#[tokio::test]
async fn one_of_several_client_centers_is_chosen() {
    let another = ClientCenter { site: reference(2, "shop"), ..center() };
    let service = Script(move |request: Request| match request {
        Request::SignIn(SignInRequest::ClientCenters(_)) => {
            Ok(sign_in::ClientCenters::reply(vec![center(), another.clone()]))
        }
        other => answer(other),
    });
    let mut story = started(service, |console| console.push(Screen::SignIn));
    story.keys("<A-c>").await.sees("cc26  Lagerta Ltd.").sees("shop  Lagerta Ltd.");
    story.keys("<Down> <Enter>").await.sees("Lagerta Ltd. - Client Center");
}

#[tokio::test]
async fn a_refusal_is_neutral_and_keeps_the_login() {
    let (mut story, _) = at(Screen::ClientCenterSignIn(center())).await;
    story.keys("one <Enter> wrongcanary <Enter>").await.sees("✗ Login or password is wrong").sees("one");
    story.sees_no("•").sees_no("canary");
    story.keys("right <Enter>").await.sees("for Olivia Green #00028");
}

#[tokio::test]
async fn an_account_that_is_not_active_reads_its_code_and_nothing_else() {
    let (mut story, _) = at(Screen::ClientCenterSignIn(center())).await;
    story.keys("new <Tab> right <Enter>").await;
    story.sees("Account not active").sees("not activated by the ERP administrator").sees("Error CC010");
    story.sees_no("External access").keys("<Enter>").await.sees("new").sees_no("•").sees("E-mail or login");
    story.keys("<Tab> right <Enter> <Esc>").await.sees("E-mail or login");
}

#[tokio::test]
async fn nobody_leaves_a_form_at_which_a_sign_in_is_under_way() {
    let (mut story, asked) = at(Screen::SignIn).await;
    story.keys("mkoleva <Tab> right").await.keys_at_once("<Enter> <A-c>").sees("Sign in to the back office.");
    story.settle().await.sees("⌂");
    assert!(!asked.lock().unwrap().contains(&sign_in::ClientCenters {}.into()));
    let (mut story, _) = at(Screen::SignIn).await;
    story.keys("<A-c> one <Tab> right").await.keys_at_once("<Enter> <Esc>").sees("E-mail or login");
    story.settle().await.sees("for Olivia Green #00028");
    // A sign-in that goes on by itself is one too.
    let (mut story, asked) = at(Screen::ClientCenterSignIn(center())).await;
    story.keys("one <Tab> code <Enter> right <Tab> right").await.keys_at_once("<Enter>");
    story.settle().await.sees("for Olivia Green #00028");
    let enters = |it: &&Request| matches!(it, Request::SignIn(SignInRequest::EnterClientCenter(_)));
    let entered = asked.lock().unwrap().iter().filter(enters).count();
    assert_eq!(entered, 2);
}

#[tokio::test]
async fn a_box_is_emptied_under_a_cyrillic_layout_too() {
    let (mut story, _) = at(Screen::ClientCenterSignIn(center())).await;
    story.console.set_keyboard(Some(Keyboard::Russian));
    story.sees_no("Ctrl+U").keys("oliver").await.sees("Ctrl+U Clear").keys("<C-г>").await.sees_no("oliver");
    story.keys("<Tab> canary").await.sees("••••••").keys("<C-г>").await.sees_no("•");
}

#[tokio::test]
async fn what_a_sign_in_says_is_read_whole_on_the_smallest_screen() {
    let first = Script(|_| Ok(sign_in::OperatorsExist::reply(false)));
    let mut story = started(first, |console| console.push(Screen::SignIn));
    story
        .resize(60, 16)
        .settle()
        .await
        .sees("nothing to do with one")
        .sees("another.")
        .sees("Password again");
}

#[tokio::test]
async fn a_sign_in_that_could_not_ask_who_works_here_still_opens() {
    let mut story = started(fails_at_first(), |console| console.push(Screen::SignIn));
    story.settle().await.sees("✗ ").sees("Sign in to the back office.");
    story.keys("mkoleva <Tab> right <Enter>").await.sees("mkoleva  acme.db");
}

#[tokio::test]
async fn signing_out_asks_about_changes_and_leaves_nothing_behind() {
    let (mut back_office, asked) = at_back_office().await;
    back_office.console.notify(Notice { tone: Tone::Plain, text: "A customer's secret.".to_owned() });
    back_office.keys("draft <C-g> Q").await.sees("Paper has changes that are not saved.");
    back_office.keys("c").await.sees("draft").keys("<C-g> Q d").await.sees("Sign in to the back office.");
    assert!(asked.lock().unwrap().contains(&sign_in::SignOut {}.into()));
    back_office.keys("<C-g> M").await.sees("Nothing was said yet.").sees_no("secret").sees_no("mkoleva");
    let (mut center, _) = visiting(Some(0)).await;
    center.keys("<C-p>").await.types("sign out").await.keys("<Enter>").await.sees("E-mail or login");
}

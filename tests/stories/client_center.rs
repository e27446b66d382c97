//! Stories of a visitor of the demo company's Client Center, over the real service.

use std::pin::pin;

use ccdesk::domain::codes::Role;
use ccdesk::domain::entities::user::{LOGIN, USER};
use ccdesk::domain::entities::{customer, external_access};
use ccdesk::domain::model::record::Draft;
use ccdesk::domain::model::value::Value;
use ccdesk::service::ServiceError;
use ccdesk::service::api::sign_in::{ChangePassword, SignOut};
use ccdesk::service::api::visit::{ChooseCustomer, Profile};
use ccdesk::service::api::{Question, Request};
use ccdesk::service::auth::Secret;
use ccdesk::service::back_office::grants::Grants;
use futures::poll;

use crate::company::{Company, OPERATOR, QUAY, SCREEN, Story};

/// Admin for two customers.
const ADMIN: &str = "admin@olivia-green.example";
const OLIVIA: &str = "Olivia Green #00028";
const NIMERO: &str = "Nimero Ltd. #00003";
/// A login without access to any customer yet.
const NEW: &str = "chris_armstrong@mail.com";

/// Signs in at the sign-in of the Client Center.
async fn signs_in(story: &mut Story, login: &str, password: &str) {
    story.sees("E-mail or login").types(login).await.keys("<Tab>").await;
    story.types(password).await.keys("<Enter>").await;
}

/// Asks for an account at the sign-in of the Client Center.
async fn asks_for_an_account(story: &mut Story, email: &str, name: &str, password: &str) {
    story.keys("<A-n>").await.types(email).await.keys("<Tab>").await.types(name).await;
    story
        .keys("<S-Tab> <S-Tab> <S-Tab>")
        .await
        .types(password)
        .await
        .keys("<Tab>")
        .await
        .types(password)
        .await;
    story.keys("<Enter>").await.sees("Your request was taken.").keys("<Enter>").await;
}

/// The guide of version 26, from the request for an account to the customer that is remembered.
#[tokio::test]
async fn the_walkthrough_of_version_26() {
    version_26(&Company::demo().await).await;
}

pub(crate) async fn version_26(company: &Company) {
    let mut story = company.client_center("cc26", SCREEN).await;
    let (email, password) = ("oliver@company.example", "heron over wet slate");
    asks_for_an_account(&mut story, email, "Oliver Steward", password).await;
    story.types(password).await.keys("<Enter>").await.sees("Account not active").sees("Error CC010");
    story.keys("<Enter> <S-Tab> <C-u>").await;

    signs_in(&mut story, ADMIN, QUAY).await;
    story.sees("Select Client").keys("<Down> <Enter>").await.sees(OLIVIA).sees("Admin · L80");
    story.keys("<Enter>").await.sees("USER MANAGEMENT  3").keys("<C-n>").await.types(email).await;
    story.keys("<Enter>").await.sees("Oliver Steward <oliver@company.example> [EXT]");
    story.sees("L30 - Orders with Prices").sees("30 since 2026-06-01").keys("<C-s>").await;
    story.sees("Save anyway?").keys("s").await;
    story.sees(" has access now.").sees("USER MANAGEMENT  4");
    story.keys("<C-o> <Up> <Enter>").await.sees(NIMERO).keys("<Enter> <C-n>").await.types(email).await;
    story
        .keys("<Enter> <F4> <Down> <Enter> <C-s>")
        .await
        .sees("Save anyway?")
        .keys("s")
        .await
        .sees(" has access now.");
    story.keys("<C-g> Q").await;

    signs_in(&mut story, email, password).await;
    story
        .sees("Select Client")
        .sees("Nimero Ltd. #00003  Billing")
        .sees("Olivia Green #00028  Orders with Prices");
    story
        .keys("<Down> <Enter>")
        .await
        .sees("Orders with Prices · L30")
        .sees("30 days back: since 2026-06-01");
    story.sees("– Invoices").sees("– User Management").keys("<C-o> <Up> <Enter>").await;
    story.sees("Billing · L40").sees("✓ Invoices").keys("<C-g> Q").await;
    signs_in(&mut story, email, password).await;
    story.sees_no("Select Client").sees(NIMERO).sees("Billing · L40");
}

#[tokio::test]
async fn an_admin_lets_somebody_in_by_e_mail_and_out_again() {
    let company = Company::demo().await;
    let mut story = company.visit(ADMIN, OLIVIA, SCREEN).await;
    story.sees("Admin · L80").sees("1000 days back: since 2023-10-05");
    story.keys("<Enter>").await.sees("USER MANAGEMENT  3").keys("<C-n>").await;
    story.types(" Chris_Armstrong@MAIL.com ").await.keys("<Enter>").await.sees("Chris Armstrong <");
    story
        .keys("<C-s>")
        .await
        .sees("Save anyway?")
        .keys("s")
        .await
        .sees(" has access now.")
        .sees("USER MANAGEMENT  4");
    assert!(story.at_cursor().starts_with("Chris Armstrong"), "{}", story.screen());
    // Clear is taken back like any change of a text.
    story
        .keys("e <Tab> <Tab> fair <C-u>")
        .await
        .sees_no("fair")
        .keys("<C-z>")
        .await
        .sees("fair")
        .keys("<Esc> d")
        .await;
    story.keys("e <Tab> <C-u> 60 <Tab> from<Space>the<Space>fair <C-s>").await.sees(" was saved.");
    story.sees("60 since 2026-05-02").sees("from the fair");
    story.keys("<Del> e").await.sees(" was ended; the user stays.").sees("USER MANAGEMENT  3");
    company.find(&USER, &LOGIN.def, NEW).await;
}

#[tokio::test]
async fn promise_8_nobody_gives_more_than_they_have() {
    let company = Company::demo().await;
    let mut story = company.visit(ADMIN, NIMERO, SCREEN).await;
    story.keys("<Enter> <C-n>").await.types(NEW).await.keys("<Tab> <Tab> <C-u> 366 <C-s>").await;
    story.sees("✗ You see 365 days back yourself and can give no more than that.");
    story.keys("<C-u> <C-s>").await.sees("✗ You see 365 days back yourself").sees(NEW);
    story
        .keys("365 <C-s>")
        .await
        .sees("Save anyway?")
        .keys("s")
        .await
        .sees(" has access now.")
        .sees("365 since 2025-07-01");
}

#[tokio::test]
async fn what_the_rules_refuse_is_said_where_it_was_asked() {
    let company = Company::demo().await;
    let mut story = company.visit(ADMIN, OLIVIA, SCREEN).await;
    story.keys("<Enter> <C-n>").await.types("nobody@nowhere.example").await.keys("<C-s>").await;
    story.sees("✗ No user was found with this e-mail").keys("<C-u>").await.types(ADMIN).await;
    story.keys("<Enter>").await.sees("has access already. Edit").keys("e").await;
    story.sees("EDIT ACCESS").sees("L80 - Admin").keys("<Esc>").await;
    // The owner has a higher role than an Admin.
    story.keys("/ <Tab> owner <Enter> <Del>").await.sees("This role is above your own.");
}

#[tokio::test]
async fn the_profile_shows_what_the_role_opens() {
    let company = Company::demo().await;
    let mut story = company.visit(ADMIN, OLIVIA, SCREEN).await;
    story.keys("m <End> <Enter>").await.sees("Customer Profile").sees("Your Role").sees("Admin");
}

#[tokio::test]
async fn whoever_has_left_does_not_come_back_by_an_answer_that_is_late() {
    let company = Company::demo().await;
    let (session, visitor) = company.session_of(ADMIN, OLIVIA).await;
    let (current, new) = (Secret::new(QUAY.to_owned()), Secret::new("seven wet umbrellas".to_owned()));
    let customer = visitor.clients.last().expect("two customers").customer.id;
    let late: [Request; 2] = [ChooseCustomer { customer }.into(), ChangePassword { current, new }.into()];
    for late in late {
        let (session, _) = company.session_of(ADMIN, OLIVIA).await;
        let mut late = pin!(session.answer(late));
        assert!(poll!(late.as_mut()).is_pending());
        assert_eq!(session.answer(SignOut {}.into()).await, Ok(SignOut::reply(())));
        late.await.expect("it is done");
        let refused = session.answer(Profile {}.into()).await;
        assert_eq!(refused, Err(ServiceError::Denied("Sign in first.".to_owned())));
    }
    // The password was changed meanwhile.
    assert!(matches!(session.answer(Profile {}.into()).await, Err(ServiceError::SignedOut(_))));
}

#[tokio::test]
async fn what_a_visitor_may_do_follows_what_is_changed_meanwhile() {
    let company = Company::demo().await;
    let mut story = company.visit(ADMIN, NIMERO, SCREEN).await;
    story.sees("Admin · L80").sees("✓ User Management");
    // Lowering their own role asks first, and then closes the place.
    story.keys("<Enter> / olivia <Enter> e <Home>").await.keys("<F4> <Home> <Enter> <C-s>").await;
    story
        .sees("This lowers your own role")
        .keys("s")
        .await
        .sees("User Management is not open to you any more.");
    story.sees("Basic · L10").sees("– User Management").sees_no("│ User Management ");
    // The back office raises the role and grants access to one more customer: the list of customers shows it.
    let back_office = company.back_office(OPERATOR).await;
    let user = company.find(&USER, &LOGIN.def, ADMIN).await;
    let theirs = back_office.accesses(None, Some(user)).next_page().await.expect("readable");
    let nimero = theirs.iter().find(|access| access.number == "00003").expect("an access");
    let row = back_office.record(&external_access::EXTERNAL_ACCESS, nimero.id).await.expect("a record");
    let mut raised = Draft::of(row);
    raised.set(&external_access::ROLE.def, Value::Code(Role::Admin.code()));
    back_office.save(&raised, true).await.expect("saved");
    let more = company.find(&customer::CUSTOMER, &customer::NUMBER.def, "00002").await;
    back_office.grant(&Grants::usual(user, vec![more]), true).await.expect("granted");
    story
        .keys("<C-o>")
        .await
        .sees("Nimero Ltd. #00003  Admin")
        .sees("Trailhead Outfitters Ltd. #00002  Orders with Prices");
    story.keys("<Esc>").await.sees("Admin · L80").sees("│ User Management ");
}

#[tokio::test]
async fn a_look_alike_is_added_only_after_a_second_look() {
    let company = Company::demo().await;
    let mut story = company.visit(ADMIN, OLIVIA, SCREEN).await;
    story.keys("<Enter> <C-n>").await.types("p\u{430}ul.baker@trailhead.example").await.keys("<Enter>").await;
    story.sees("! “p\u{430}ul.baker@trailhead.example” mixes letters of different scripts");
    story.sees("looks like another user; make sure who");
    story.keys("<C-s>").await.sees("Save anyway?").keys("b").await.sees("ADD USER · not saved");
}

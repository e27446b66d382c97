//! Stories of a visitor of the demo company's Client Center, over the real service.

use ccdesk::domain::schema::user::{LOGIN, USER};

use crate::company::{Company, SCREEN};

/// Admin for two customers.
const ADMIN: &str = "admin@olivia-green.example";
const OLIVIA: &str = "Olivia Green #00028";
const NIMERO: &str = "Nimero Ltd. #00003";
/// Nobody has given them anything yet.
const NEW: &str = "chris_armstrong@mail.com";

#[tokio::test]
async fn an_admin_lets_somebody_in_by_e_mail_and_out_again() {
    let company = Company::demo().await;
    let mut story = company.visit(ADMIN, OLIVIA, SCREEN).await;
    story.sees("Admin · L80").sees("1000 days back: since 2023-10-05");
    story.keys("<Enter>").await.sees("USER MANAGEMENT  3").keys("<C-n>").await;
    story.types(" Chris_Armstrong@MAIL.com ").await.keys("<Enter>").await.sees("Chris Armstrong <");
    story.keys("<C-s>").await.sees("The user was added.").sees("USER MANAGEMENT  4");
    assert!(story.at_cursor().starts_with("Chris Armstrong"), "{}", story.screen());
    story.keys("e <Tab> <C-u> 60 <Tab> from<Space>the<Space>fair <C-s>").await.sees("The access was saved.");
    story.sees("60 since 2026-05-02").sees("from the fair");
    story.keys("<Del> e").await.sees("The access was ended; the user stays.").sees("USER MANAGEMENT  3");
    company.find(&USER, &LOGIN.def, NEW).await;
}

#[tokio::test]
async fn promise_8_nobody_gives_more_than_they_have() {
    let company = Company::demo().await;
    let mut story = company.visit(ADMIN, NIMERO, SCREEN).await;
    story.keys("<Enter> <C-n>").await.types(NEW).await.keys("<Tab> <Tab> <C-u> 366 <C-s>").await;
    story.sees("✗ You see 365 days back yourself and can give no more than that.");
    story.keys("<C-u> <C-s>").await.sees("✗ You see 365 days back yourself").sees(NEW);
    story.keys("365 <C-s>").await.sees("The user was added.").sees("365 since 2025-07-01");
}

#[tokio::test]
async fn what_the_rules_refuse_is_said_where_it_was_asked() {
    let company = Company::demo().await;
    let mut story = company.visit(ADMIN, OLIVIA, SCREEN).await;
    story.keys("<Enter> <C-n>").await.types("nobody@nowhere.example").await.keys("<C-s>").await;
    story.sees("✗ No user was found with this e-mail").keys("<C-u>").await.types(ADMIN).await;
    story.keys("<Enter>").await.sees("has access already. Edit").keys("e").await;
    story.sees("EDIT ACCESS").sees("L80 - Admin").keys("<Esc>").await;
    // The owner stands above an Admin.
    story.keys("/ <Tab> owner <Enter> <Del>").await.sees("This role is above your own.");
}

#[tokio::test]
async fn the_profile_shows_what_the_role_opens() {
    let company = Company::demo().await;
    let mut story = company.visit(ADMIN, OLIVIA, SCREEN).await;
    story.keys("m <End> <Enter>").await.sees("Customer Profile").sees("Your Role").sees("Admin");
}

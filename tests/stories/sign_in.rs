//! The first run, and signing in.

use ccdesk::service::auth::Secret;
use ccdesk::service::back_office;
use ccdesk::service::{Policy, World};
use ccdesk::tui::console::HostEffect;

use crate::company::{Company, origin};

const PASSWORD: &str = "correct horse battery";

#[tokio::test]
async fn the_first_run_creates_the_administrator_and_then_asks_who_is_there() {
    let company = Company::empty().await;
    let mut story = company.sign_in((80, 24)).await;
    story.sees("Create the administrator").sees("its administrator, with a");
    story.keys("ada <Tab>").await.types("Ada Lovelace").await.keys("<Tab>").await;
    story.types("too short").await.keys("<Tab>").await.types("too short").await;
    story
        .keys("<Enter>")
        .await
        .sees("✗ A password needs at least 15 characters; this has 9.")
        .sees("Ada Lovelace");
    story.keys("<C-u>").await.types(PASSWORD).await.keys("<Tab> <C-u>").await.types(PASSWORD).await;
    story.sees_no("horse").keys("<Enter>").await.sees("Signed in as Ada Lovelace.").sees("ada");

    let mut again = company.sign_in((80, 24)).await;
    again.sees("Sign in to the back office.");
    again.keys("ada <Tab>").await.types("wrong horse battery").await.keys("<Enter>").await;
    again.sees("✗ Login or password is wrong, or this login cannot sign").sees_no("•");
    again.types(PASSWORD).await.keys("<Enter>").await.sees("Signed in as Ada Lovelace.");
    assert_eq!(again.host_effects, [HostEffect::SignedIn("ada".to_owned())]);
}

#[tokio::test]
async fn whoever_comes_second_cannot_create_another_administrator() {
    let company = Company::empty().await;
    let mut late = company.sign_in((80, 24)).await;
    late.sees("Create the administrator");
    let world = World::real(Policy::default());
    back_office::first_operator(&company.db, &world, "ada", "Ada", &Secret::new(PASSWORD.to_owned()))
        .await
        .expect("the first");
    late.keys("eve <Tab> Eve <Tab>").await.types(PASSWORD).await.keys("<Tab>").await.types(PASSWORD).await;
    late.keys("<Enter>").await.sees("Somebody has created the administrator already").sees_no("Signed in");
}

#[tokio::test]
async fn promise_4_whoever_cannot_sign_in_reads_one_sentence() {
    let company = Company::demo().await;
    // An unknown login, an external one, an inactive one, and an operator without a password.
    for login in ["nobody", "chris.armstrong@mail.com", "frank.dunn@northgate-tools.example", "mkoleva"] {
        let secret = Secret::new(PASSWORD.to_owned());
        let refused =
            back_office::sign_in(&company.db, &World::real(Policy::default()), &origin(), login, &secret)
                .await
                .err();
        let said = refused.map(|error| error.to_string());
        let one = "Login or password is wrong, or this login cannot sign in here; after several tries, wait a while.";
        assert_eq!(said.as_deref(), Some(one), "{login}");
    }
}

//! Lists: the filter row for each kind of column, search, order, and nothing at all.

use ccdesk::domain::entities::{customer, external_access, user, web_site};
use ccdesk::domain::model::schema::EntityDef;
use ccdesk::tui::message::{Opening, Screen};

use crate::StorySteps;
use crate::company::{Company, Story};

async fn list(company: &Company, entity: &'static EntityDef) -> Story {
    let mut story = company.console_of("mkoleva", (240, 60), Default::default()).await;
    story.opens(Screen::Navigator(entity)).await;
    story
}

#[tokio::test]
async fn promise_10_a_look_alike_is_marked_in_the_list_of_users() {
    let company = Company::demo().await;
    let mut story = company.console().await;
    story
        .opens(Screen::Navigator(&user::USER))
        .await
        .keys("/")
        .await
        .types("ul.baker")
        .await
        .keys("<Enter>")
        .await;
    story.sees("≈ p\u{430}ul.baker@trailhead").sees("≈ paul.baker");
}

#[tokio::test]
async fn every_kind_of_column_has_its_filter() {
    let company = Company::demo().await;
    // The list, the column of the filter box, what is typed, the count, a row that is shown, and one that is not.
    type Line = (&'static EntityDef, &'static str, &'static str, &'static str, &'static str, &'static str);
    let lines: [Line; 16] = [
        (&user::USER, "Login", "CHRIS", "2 of 43", "chris_armstrong@mail.com", "Mira Koleva"),
        (&user::USER, "Name", "muller", "1 of 43", "Hans Müller", "Greta"),
        (&user::USER, "Name", "παπα", "1 of 43", "Νίκος Παπαδόπουλος", "Greta"),
        (&user::USER, "Person", "(empty)", "", "chris_armstrong@mail.com", "chris.armstrong@mail.com"),
        (&user::USER, "Is Admin", "yes", "1 of 43", "Mira Koleva", "Dimitar"),
        (&user::USER, "Active", "no", "2 of 43", "Frank Dunn", "Greta"),
        (&user::USER, "User Type", "int", "3 of 43", "mkoleva", "Hans"),
        (&user::USER, "Company Name", "балкан", "1 of 43", "Ivan Georgiev", "Hans"),
        (&user::USER, "Creation Time Utc", "2024-04-01..2024-04-01", "", "chris_armstrong@mail.com", "zzz"),
        (&user::USER, "Access", "CC006", "4 of 43", "Ruth Cole", "Hans"),
        (&user::USER, "Access", "ok", "", "Hans Müller", "Ruth Cole"),
        (&customer::CUSTOMER, "Thru Date", "..2025-12-31", "", "Old Mill", "Trailhead"),
        (&customer::CUSTOMER, "Enterprise Company", "(empty)", "", "Northgate", "Trailhead"),
        (&customer::CUSTOMER, "Active", "no", "", "", "zzz"),
        (&external_access::EXTERNAL_ACCESS, "Role", "own", "", "Jacob Turner", "zzz"),
        (&web_site::WEB_SITE, "Relative Url", "broken", "1 of 8", "cc-broken-settings", "cc26"),
    ];
    for (entity, column, typed, count, there, gone) in lines {
        let mut story = list(&company, entity).await;
        story.keys("/").await;
        // The Access column is before the first one; Tab goes in a circle.
        if column == "Access" {
            story.keys("<S-Tab>").await;
        } else {
            to_box(&mut story, column).await;
        }
        story.types(typed).await;
        let heading = format!("{}  {count}", entity.plural.to_uppercase());
        story.sees(&heading).sees(there).sees_no(gone);
        let typed_again = story.screen();
        story.keys("<C-u>").await;
        assert_ne!(story.screen(), typed_again, "{column} {typed}");
    }
}

/// Goes to the filter box below a heading; the heading of the focused column is marked.
async fn to_box(story: &mut Story, column: &str) {
    for _ in 0..20 {
        if story.focused().starts_with(column) {
            return;
        }
        story.keys("<Tab>").await;
    }
    panic!("Tab does not come to the box of {column}:\n{}", story.screen());
}

#[tokio::test]
async fn a_filter_that_means_nothing_says_what_its_box_takes() {
    let company = Company::demo().await;
    let mut story = list(&company, &user::USER).await;
    story.keys("/ <S-Tab> CC1").await.sees("Access is a code such as CC002, or ok.");
    story.keys("<C-u>").await.sees_no("Access is a code");
    to_box(&mut story, "Creation Time Utc").await;
    story.types("tomorrow").await.sees("USERS  43");
    let last = story.screen().lines().rev().nth(3).map(str::to_owned).unwrap_or_default();
    assert!(last.contains("Creation Time"), "{}", story.screen());
}

#[tokio::test]
async fn values_of_a_list_are_chosen_from_it() {
    let company = Company::demo().await;
    let mut story = list(&company, &user::USER).await;
    story.keys("/").await;
    to_box(&mut story, "User Type").await;
    story.keys("<F4>").await.sees("System User (No Login)").sees("(empty)");
    story.keys("<Enter>").await.sees("USERS  3 of 43");
}

#[tokio::test]
async fn filters_are_taken_away_together() {
    let company = Company::demo().await;
    let mut story = list(&company, &user::USER).await;
    story.keys("/ mail <C-f> armstrong").await.sees("USERS  2 of 43");
    story.keys("<Esc> <C-g> u").await.sees("USERS  43").sees_no("armstrong ");
}

#[tokio::test]
async fn a_list_is_sorted_by_two_columns() {
    let company = Company::demo().await;
    let mut story = list(&company, &user::USER).await;
    let column = |story: &Story, from: &str| -> Vec<String> {
        story.screen().lines().filter(|line| line.contains(from)).map(str::to_owned).collect()
    };
    story.keys("<Right> <Right> <Right> s").await.sees("Is Ad… ▲").sees_no("Login ▲");
    story.keys("s").await.sees("Is Ad… ▼");
    assert!(column(&story, "*******")[0].contains("mkoleva"), "{}", story.screen());
    story.keys("<Left> <Left> S").await.sees("Is A… ▼1").sees("Name ▲2");
    let rows = column(&story, "*******");
    assert!(rows[0].contains("mkoleva") && rows[1].contains("ana.silva"), "{}", story.screen());
    story.keys("S").await.sees("Name ▼2");
    let turned = column(&story, "*******");
    assert!(turned[0].contains("mkoleva"), "{}", story.screen());
    assert!(turned.last().is_some_and(|row| row.contains("ana.silva")), "{}", story.screen());
}

#[tokio::test]
async fn an_empty_list_says_so_and_offers_a_new_record() {
    let company = Company::demo().await;
    let mut story = list(&company, &user::USER).await;
    story
        .keys("/ nobodyatall <Enter>")
        .await
        .sees("USERS  0 of 43")
        .sees("Nothing matches the filter.")
        .sees("Ctrl+N New");
    story.keys("<Down> <Up> <PageDown> <End> <Home>").await.sees("Nothing matches the filter.");
    story.sees_no("Enter Open");

    let nobody = Company::empty().await;
    let mut story = nobody.sign_in((120, 40)).await;
    story.keys("admin <Tab> Ada <Tab>").await.types("correct horse battery").await.keys("<Tab>").await;
    story.types("correct horse battery").await.keys("<Enter>").await;
    story.opens(Screen::Navigator(&web_site::WEB_SITE)).await.sees("WEB SITES  0").sees("No data");
}

#[tokio::test]
async fn a_new_record_stands_in_the_list_it_was_made_from() {
    let company = Company::demo().await;
    let mut story = list(&company, &ccdesk::domain::entities::customer_type::CUSTOMER_TYPE).await;
    story.keys("<C-n>").await.sees("/ New Customer Type").to("Name").await.keys("Export <C-g> x").await;
    story.sees("Export").sees("CUSTOMER TYPES  3");
}

#[tokio::test]
async fn a_long_list_read_again_stays_on_its_record() {
    let company = Company::demo().await;
    company.back_office("mkoleva").await.generate(300, 1, |_| {}).await.expect("generated");
    let mut story = company.console().await;
    story.opens(Screen::Navigator(&user::USER)).await.sees("USERS  343");
    story.keys(&"<PageDown>".repeat(5)).await;
    let before = story.screen();
    story.keys("<F5>").await;
    assert_eq!(story.screen(), before);
    story.keys("<F2>").await.to("Phone Number").await.keys("555 <C-g> x").await.sees("✓ User saved: ");
    let rows = |screen: &str| screen.lines().take(37).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(rows(&story.screen()), rows(&before));
    // The rows before and behind it are still there.
    story.keys(&"<PageUp>".repeat(12)).await.sees("admin@olivia-green");
}

#[tokio::test]
async fn a_list_opened_without_a_site_gets_its_column_and_its_views_with_one() {
    let company = Company::demo().await;
    let mut story = company.console_without_site().await;
    story.opens(Screen::Navigator(&user::USER)).await.sees("▸All 43").sees_no("Access").sees_no("Blocked");
    story.keys("/ chris <Enter>").await.sees("USERS  2 of 43");
    story
        .keys("<C-o> <Enter>")
        .await
        .sees("Access")
        .sees("Blocked 20")
        .sees("▸All 43")
        .sees("USERS  2 of 43");
    story.keys("v <Up> <Up> <Up> <Up> <Enter>").await.sees("▸Blocked 20");
}

#[tokio::test]
async fn a_user_who_is_switched_off_is_no_user_with_access() {
    let company = Company::demo().await;
    let mut story = list(&company, &user::USER).await;
    story.keys("[").await.sees("▸Inactive 2").sees("USERS  2");
    for login in ["frank.dunn", "old.operator"] {
        let screen = story.screen();
        let Some(line) = screen.lines().find(|line| line.contains(login)) else { continue };
        assert!(line.contains("inactive") && !line.contains('✓'), "{screen}");
    }
    story
        .keys("<Enter>")
        .await
        .sees("✗ this user is inactive and cannot sign in")
        .sees_no("lets this user in");
}

#[tokio::test]
async fn going_back_leads_to_where_one_came_from_as_it_was() {
    let company = Company::demo().await;
    let mut story = company.console().await;
    // From Home by its card: back at once, over the levels of the menu that nobody has been to.
    story
        .keys("<Down> <Enter>")
        .await
        .sees("⌂ / Setup / Security / Users")
        .keys("<Esc>")
        .await
        .sees("Signed in as");
    assert!(story.at_cursor().starts_with("20 users blocked"), "{}", story.screen());

    // A list with a filter, an order, a view and a position; a form and a place of the menu above it.
    story.keys("m <End> <Enter> ] ] ] <Right> s s <Down> <Down> / <Tab> r <Enter> <Down> <Down>").await;
    let list = story.screen();
    story.keys("<Enter> <Tab> <Esc>").await;
    assert_eq!(story.screen(), list);
    story.keys("<F2>").await.to("Phone Number").await.keys("555 <C-g> x").await.sees("✓ User saved: ");
    let rows = |screen: &str| screen.lines().take(37).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(rows(&story.screen()), rows(&list));
    story.keys("<C-p> persons <Enter>").await.sees("/ Persons").keys("<Esc>").await;
    assert_eq!(rows(&story.screen()), rows(&list));
    // A place that is open already is gone back to.
    story.keys("<C-p> persons <Enter> <C-p> users <Enter>").await;
    assert_eq!(rows(&story.screen()), rows(&list));
    story.keys("<Esc>").await.sees("Signed in as");
}

#[tokio::test]
async fn a_panel_stays_on_its_row_when_what_it_opened_was_saved() {
    let company = Company::demo().await;
    let mut story = company.console().await;
    let id = company
        .find(
            &ccdesk::domain::entities::company::COMPANY,
            &ccdesk::domain::entities::party::PARTY_CODE.def,
            "00006",
        )
        .await;
    story.opens(Screen::Form(Opening::record(&ccdesk::domain::entities::company::COMPANY, id, false))).await;
    story.keys("<C-g> k <Space> <Enter> <F6>").await.sees("CUSTOMERS");
    let first = story.at_cursor();
    story.keys("<Down>").await;
    let second = story.at_cursor();
    assert_ne!(first, second, "{}", story.screen());
    story.keys("<Enter> <F2>").await.to("Number").await.keys("9 <C-g> x").await.sees("✓ Customer saved: ");
    assert_ne!(story.at_cursor(), first, "{}", story.screen());
}

//! Exporting what a list shows: to which file, what is said of it, and what is in it.

use std::fs;
use std::path::PathBuf;

use ccdesk::domain::entities::user;
use ccdesk::tui::message::Screen;
use tempfile::TempDir;

use crate::StorySteps;
use crate::company::{Company, Story};

/// The list of users, narrowed to two of them.
async fn two_users(company: &Company) -> Story {
    let mut story = company.console().await;
    story.opens(Screen::Navigator(&user::USER)).await.keys("/ <Tab> chris <Enter>").await;
    story
}

/// Exports what is shown to the file of this name.
async fn export_to(story: &mut Story, file: &str) {
    story
        .keys("<C-g> E")
        .await
        .sees("Which file?")
        .keys("<C-u>")
        .await
        .types(file)
        .await
        .keys("<Enter>")
        .await;
}

fn in_folder(folder: &TempDir, file: &str) -> PathBuf {
    folder.path().join(file)
}

#[tokio::test]
async fn what_a_list_shows_is_written_with_its_filter_order_and_columns() {
    let (company, folder) = (Company::demo().await, TempDir::new().expect("a folder"));
    let mut story = two_users(&company).await;
    let table = in_folder(&folder, "two.csv");
    export_to(&mut story, &table.display().to_string()).await;
    story.sees("2 records exported to ").sees_no("exporting");
    let written = fs::read_to_string(&table).expect("a table");
    let lines: Vec<&str> = written.lines().collect();
    assert_eq!(lines.len(), 3, "{written}");
    assert!(lines[0].starts_with("Access,Login,Name,Is Admin,"), "{written}");
    assert!(lines[1].contains("chris.armstrong@mail.com") && lines[1].starts_with("✓,"), "{written}");
    assert!(lines[2].contains("chris_armstrong@mail.com") && lines[2].starts_with("CC002,"), "{written}");
    assert!(!written.contains("Password") && !written.contains("***"), "{written}");

    let objects = in_folder(&folder, "two.jsonl");
    export_to(&mut story, &objects.display().to_string()).await;
    let written = fs::read_to_string(&objects).expect("objects");
    assert_eq!(written.matches("\"@erpnet.action\":\"merge\"").count(), 2, "{written}");
    assert!(!written.contains("\"Password\""), "{written}");
}

#[tokio::test]
async fn a_file_name_is_proposed_and_its_ending_says_the_format() {
    let (company, folder) = (Company::demo().await, TempDir::new().expect("a folder"));
    let mut story = two_users(&company).await;
    story.keys("<C-g> E").await.sees("users.xlsx").keys("<Esc>").await.sees_no("Which file?");
    for name in ["users", "users.txt", ".csv"] {
        export_to(&mut story, name).await;
        story.sees("End the name of the file with .xlsx");
    }
    let book = in_folder(&folder, "Users.XLSX");
    export_to(&mut story, &book.display().to_string()).await;
    story.sees("2 records exported");
    assert!(fs::read(&book).expect("a workbook").starts_with(b"PK"));
}

#[tokio::test]
async fn an_export_that_cannot_be_written_says_so_and_harms_nothing() {
    let (company, folder) = (Company::demo().await, TempDir::new().expect("a folder"));
    let mut story = two_users(&company).await;
    let old = in_folder(&folder, "old.csv");
    fs::write(&old, "old").expect("a file");
    for (file, said) in [
        (old.clone(), "is there already; name another file."),
        (in_folder(&folder, "missing/two.csv"), "was not written: No such file"),
        (in_folder(&folder, "old.csv/two.csv"), "was not written: Not a directory"),
    ] {
        export_to(&mut story, &file.display().to_string()).await;
        story.sees(said);
    }
    assert_eq!(fs::read_to_string(&old).expect("a file"), "old");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1, "no half of a file is left");
}

#[tokio::test]
async fn one_export_at_a_time_goes_on_while_other_things_are_done() {
    let (company, folder) = (Company::demo().await, TempDir::new().expect("a folder"));
    let mut story = two_users(&company).await;
    let (first, second) = (in_folder(&folder, "first.csv"), in_folder(&folder, "second.csv"));
    story.keys("<C-g> E <C-u>").await.types(&first.display().to_string()).await;
    story.keys_at_once("<Enter>").sees("exporting 0…");
    story.keys_at_once("<C-g> E <C-u>").paste(&second.display().to_string()).keys_at_once("<Enter>");
    story.sees("first.csv is still being written");
    story.keys("<Esc>").await.sees_no("exporting");
    assert!(first.exists() && !second.exists());
    story.keys("<C-g> M").await.sees("2 records exported to");
}

#[tokio::test]
async fn an_export_ends_with_the_session() {
    let (company, folder) = (Company::demo().await, TempDir::new().expect("a folder"));
    let mut story = two_users(&company).await;
    let file = in_folder(&folder, "two.csv");
    story.keys("<C-g> E <C-u>").await.types(&file.display().to_string()).await;
    story.keys_at_once("<Enter>").sees("exporting 0…").keys_at_once("<C-g> Q").sees_no("exporting");
    story.settle().await.sees_no("exported");
}

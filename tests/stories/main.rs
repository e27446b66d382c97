//! Stories of the console over the real service: the keys an operator presses, and what is then on the screen and in
//! the database.

mod access;
mod client_center;
mod client_center_sign_in;
mod company;
mod drop_downs;
mod exports;
mod fields;
mod guidance;
mod history;
mod hostile;
mod key_contract;
mod keys;
mod lists;
mod operators;
mod places;
mod queue;
mod references;
mod requests;
mod saving;
mod screens;
mod settings;
mod sign_in;
#[expect(dead_code, reason = "shared with tests/storage.rs, which needs all of it")]
#[path = "../support/mod.rs"]
mod support;
mod typed_ahead;
mod unreliable;
mod walkthrough;

use ccdesk::tui::message::Screen;
use ccdesk::tui::runtime::Answer;
use ccdesk::tui::testing::Harness;
use crossterm::event::Event as Input;

use company::FOCUS;

/// The steps that many stories use.
trait StorySteps {
    /// Opens a screen on top, as a link to it would.
    async fn opens(&mut self, screen: Screen) -> &mut Self;

    /// Goes to the field with this label, with Tab.
    async fn to(&mut self, label: &str) -> &mut Self;

    /// The label of the focused field, column or panel, as far as it has room.
    fn focused(&self) -> String;

    /// The line of the screen that contains the text.
    fn line(&self, text: &str) -> String;

    /// Asserts that a field shows this value.
    fn shows(&mut self, label: &str, value: &str) -> &mut Self;
}

impl<A: Answer> StorySteps for Harness<A> {
    async fn opens(&mut self, screen: Screen) -> &mut Self {
        self.console.push(screen);
        // The screen's first questions are sent with the next input.
        self.input(Input::FocusGained);
        self.settle().await
    }

    async fn to(&mut self, label: &str) -> &mut Self {
        for _ in 0..40 {
            let focused = self.focused();
            let known = focused.trim_end_matches('…');
            if !known.is_empty() && label.starts_with(known) {
                return self;
            }
            self.keys("<Tab>").await;
        }
        panic!("Tab does not come to {label}:\n{}", self.screen());
    }

    fn focused(&self) -> String {
        let lines = self.buffer().content.chunks(usize::from(self.buffer().area.width));
        let focused = lines.map(|cells| {
            let cells = cells.iter().filter(|cell| cell.modifier.contains(FOCUS));
            let text: String = cells.map(ratatui::buffer::Cell::symbol).collect();
            text.trim_start_matches(|mark: char| !mark.is_alphanumeric()).trim_end().to_owned()
        });
        // A label may take several lines.
        focused.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
    }

    #[track_caller]
    fn line(&self, text: &str) -> String {
        let screen = self.screen();
        let line = screen.lines().find(|line| line.contains(text)).map(str::to_owned);
        line.unwrap_or_else(|| panic!("“{text}” is not on the screen:\n{screen}"))
    }

    #[track_caller]
    fn shows(&mut self, label: &str, value: &str) -> &mut Self {
        let screen = self.screen();
        // A label without enough room is cut with `…` in a list; in a form it goes on below.
        let cuts = label.char_indices().skip(8).map(|(end, _)| format!("{}…", &label[..end]));
        let begins = label.match_indices(' ').map(|(end, _)| label[..end].to_owned()).rev();
        let begins = begins.filter(|begin| begin.len() <= 18 && label.len() > 18);
        let labels: Vec<String> = std::iter::once(label.to_owned()).chain(cuts).chain(begins).collect();
        let behind = |line: &str| {
            let (_, behind) = labels.iter().find_map(|label| line.split_once(label.as_str()))?;
            Some(behind.trim_start().to_owned())
        };
        let found = screen.lines().filter_map(behind).any(|behind| behind.starts_with(value));
        assert!(found, "{label} does not show “{value}”:\n{screen}");
        self
    }
}

//! Home of the back office: pending requests, users who are blocked, and every list.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::account_request;
use crate::domain::codes::Code;
use crate::domain::entities::user::{BLOCKED, PENDING, USER};
use crate::domain::entities::view_of;
use crate::service::ServiceError;
use crate::service::api::back_office;
use crate::tui::command::{Action, Command};
use crate::tui::component::{Component, Cx, DrawCx};
use crate::tui::message::{Event, Outcome, Slot};
use crate::tui::screens::section::{Card, Cards};
use crate::tui::widgets::text::draw_text;

/// Home. Its first two cards are the users who wait for a decision and those who are blocked by a code.
pub struct Home {
    cards: Cards,
}

impl Home {
    /// Opens Home with the lists of every module, and asks how many users are blocked.
    pub fn open(cx: &mut Cx<'_>) -> Self {
        cx.ask(Slot::Blocked, back_office::BlockedUsers {}, Self::blocked_counted);
        let first = [pending(None), blocked(None)];
        Self { cards: Cards::new(first.into_iter().chain(Card::of_everything()).collect()) }
    }

    /// Without an answer the card keeps its text: the list that it opens shows the error.
    fn blocked_counted(&mut self, codes: Result<Vec<(Code, i64)>, ServiceError>, _cx: &mut Cx<'_>) {
        if let Ok(codes) = codes {
            self.cards.put(1, blocked(Some(&codes)));
        }
    }
}

fn pending(requests: Option<i64>) -> Card {
    let title = match requests {
        None => "Requests waiting".to_owned(),
        Some(0) => "No request waits".to_owned(),
        Some(requests) => account_request::waiting(requests),
    };
    Card::of_view(&USER, PENDING, title, about(PENDING))
}

fn blocked(codes: Option<&[(Code, i64)]>) -> Card {
    let Some(codes) = codes else {
        return Card::of_view(&USER, BLOCKED, "Users blocked".to_owned(), about(BLOCKED));
    };
    let users = match codes.iter().map(|(_, users)| users).sum() {
        0 => "Nobody is blocked".to_owned(),
        1 => "1 user blocked".to_owned(),
        users => format!("{users} users blocked"),
    };
    let by_code: Vec<String> = codes.iter().map(|(code, users)| format!("{code} {users}")).collect();
    let said = if by_code.is_empty() { about(BLOCKED) } else { by_code.join(" · ") };
    Card::of_view(&USER, BLOCKED, users, said)
}

fn about(view: &str) -> String {
    view_of(&USER, view).map_or_else(String::new, |view| sentence(view.shows))
}

/// `Users whose request waits for a decision.`
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", letters.as_str())
}

impl Component for Home {
    fn title(&self) -> String {
        "Home".to_owned()
    }

    fn takes_text(&self) -> bool {
        false
    }

    fn commands(&self, out: &mut Vec<Command>) {
        out.push(Command::of(Action::Open));
        out.push(Command::of(Action::Reload).ribbon());
    }

    fn handle(&mut self, event: Event, cx: &mut Cx<'_>) {
        match event {
            Event::Command(Action::Reload) | Event::Returned(Outcome::Written) => {
                cx.ask(Slot::Blocked, back_office::BlockedUsers {}, Self::blocked_counted);
            }
            event => self.cards.handle(&event, cx),
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let greeting = format!(
            "Signed in as {}. Choose what to work on.",
            cx.who.operator().map_or("", |operator| &operator.name)
        );
        draw_text(
            frame.buffer_mut(),
            area.x + 1,
            area.y,
            area.width.saturating_sub(2),
            &greeting,
            cx.theme.value,
        );
        self.cards.put(0, pending(cx.requests));
        let cards = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
        self.cards.draw(frame, cards, cx);
    }
}

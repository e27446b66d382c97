//! The sign-in preview: for each Client Center the outcome that a sign-in of a user would have, the customers, and
//! for each of them the role, the places it opens and the days back. Nothing is written.

use ratatui::Frame;
use ratatui::layout::{Margin, Rect};
use ratatui::style::Style;

use crate::domain::codes::{AccessRules, Place};
use crate::domain::model::value::Reference;
use crate::service::ServiceError;
use crate::service::api::back_office;
use crate::service::client_center::{Client, Preview};
use crate::tui::command::{Action, Command};
use crate::tui::component::{Component, Cx, DrawCx};
use crate::tui::message::{Event, Outcome, Slot, Tone};
use crate::tui::screens::client_center::home::looks_back;
use crate::tui::theme::{FAILED, OK, Theme};
use crate::tui::widgets::scroll::Scroll;
use crate::tui::widgets::text::{draw_text, wrap};

/// What is known about the sign-ins.
enum Known {
    /// Not answered yet.
    Judging,
    /// They could not be judged; the text says why.
    Failed(String),
    /// The outcomes, by site.
    Sites(Vec<Preview>),
}

/// The preview of one user's sign-ins.
pub struct SignInPreview {
    user: Reference,
    known: Known,
    scroll: Scroll,
}

/// A line of the preview, with its indentation in columns.
struct Line {
    indent: u16,
    text: String,
    style: Style,
}

impl SignInPreview {
    /// Opens the preview of a user's sign-ins.
    pub fn open(user: Reference, cx: &mut Cx<'_>) -> Self {
        let made = Self { user, known: Known::Judging, scroll: Scroll::default() };
        made.read(cx);
        made
    }

    fn read(&self, cx: &mut Cx<'_>) {
        cx.ask(Slot::Preview, back_office::SignInPreview { user: self.user.id }, Self::judged);
    }

    fn judged(&mut self, sites: Result<Vec<Preview>, ServiceError>, cx: &mut Cx<'_>) {
        match sites {
            Ok(sites) => self.known = Known::Sites(sites),
            Err(error) => {
                self.known = Known::Failed(error.to_string());
                cx.say(Tone::Bad, error.to_string());
            }
        }
    }

    fn lines(&self, theme: &Theme) -> Vec<Line> {
        let mut lines = vec![
            Line { indent: 0, text: self.user.shown.clone(), style: theme.value },
            Line {
                indent: 0,
                text: "Judged as saved, now; nobody is signed in and nothing is written.".to_owned(),
                style: theme.dim,
            },
        ];
        let mut say = |text: &str, style| lines.push(Line { indent: 0, text: text.to_owned(), style });
        match &self.known {
            Known::Judging => say("judging…", theme.dim),
            Known::Failed(sentence) => say(&format!("{FAILED} {sentence}"), theme.bad),
            Known::Sites(sites) if sites.is_empty() => say("There is no Client Center site.", theme.dim),
            Known::Sites(sites) => sites.iter().for_each(|site| about_site(site, theme, &mut lines)),
        }
        lines
    }
}

fn about_site(preview: &Preview, theme: &Theme, lines: &mut Vec<Line>) {
    let center = &preview.center;
    let version = match center.rules {
        AccessRules::Person => "version 24, by the user's person",
        AccessRules::ExternalAccess => "version 26, by external access",
    };
    let company = if center.company.is_empty() { "no enterprise company" } else { &center.company };
    let site = format!("{} · {company} · {version}", center.site.shown);
    lines.push(Line { indent: 0, text: String::new(), style: theme.value });
    lines.push(Line { indent: 0, text: site, style: theme.title });
    let (outcome, style) = outcome(preview, theme);
    lines.push(Line { indent: 1, text: outcome, style });
    if let (Some(_), Some(code)) = (&preview.refused, preview.code) {
        let text = format!("then {code} would be shown: {}", code.advice());
        lines.push(Line { indent: 3, text, style: theme.value });
    }
    if !preview.gets_in() && !preview.clients.is_empty() {
        let text = "once that is repaired, it would open:".to_owned();
        lines.push(Line { indent: 3, text, style: theme.dim });
    }
    for client in &preview.clients {
        lines.push(Line { indent: 3, text: client.customer.shown.clone(), style: theme.value });
        lines.push(Line { indent: 5, text: role_and_days(client), style: theme.value });
        let places: Vec<&str> = client.places().map(Place::label).collect();
        lines.push(Line { indent: 5, text: format!("opens {}", places.join(" · ")), style: theme.value });
    }
}

fn outcome(preview: &Preview, theme: &Theme) -> (String, Style) {
    let last = |client: &&Client| Some(client.customer.id) == preview.last_customer;
    match (&preview.refused, preview.code, preview.clients.len()) {
        (Some(reason), ..) => (format!("{FAILED} refused: {reason}"), theme.bad),
        (None, Some(code), _) => (format!("{FAILED} shows {code}: {}", code.advice()), theme.bad),
        (None, None, 0 | 1) => (format!("{OK} lets in"), theme.good),
        (None, None, several) => {
            let outcome = match preview.clients.iter().find(last) {
                Some(client) => format!("{OK} lets in, to {}, chosen last", client.customer.shown),
                None => format!("{OK} lets in, and asks which of {several} customers"),
            };
            (outcome, theme.good)
        }
    }
}

/// `Orders with Prices (L30) · 30 days back: since 2026-06-01`
fn role_and_days(client: &Client) -> String {
    let role = client.role.map_or_else(
        || "no role: this site knows none".to_owned(),
        |role| format!("{} ({})", role.label(), role.code()),
    );
    format!("{role} · {}", looks_back(client))
}

impl Component for SignInPreview {
    fn title(&self) -> String {
        "Sign-in preview".to_owned()
    }

    fn takes_text(&self) -> bool {
        false
    }

    fn commands(&self, out: &mut Vec<Command>) {
        out.push(Command::of(Action::Reload).ribbon());
    }

    fn handle(&mut self, event: Event, cx: &mut Cx<'_>) {
        match event {
            Event::Command(Action::Reload) | Event::Returned(Outcome::Written) => self.read(cx),
            Event::Key(key) => self.scroll.key(&key),
            _ => {}
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let area = area.inner(Margin { horizontal: 1, vertical: 0 });
        let wrapped = |line: Line| {
            let columns = usize::from(area.width.saturating_sub(line.indent));
            let texts = wrap(&line.text, columns);
            texts.into_iter().map(move |text| Line { text, ..line })
        };
        let lines: Vec<Line> = self.lines(cx.theme).into_iter().flat_map(wrapped).collect();
        let view = self.scroll.view(lines.len(), area.height);
        for (y, line) in (area.top()..area.bottom()).zip(&lines[view]) {
            let room = area.width.saturating_sub(line.indent);
            draw_text(frame.buffer_mut(), area.x + line.indent, y, room, &line.text, line.style);
        }
        if cx.focused {
            frame.set_cursor_position(area.as_position());
        }
    }
}

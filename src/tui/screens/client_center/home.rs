//! Home of a Client Center: the login, the customer, and the places.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::codes::{Place, Role};
use crate::domain::entities::external_access::UNLIMITED;
use crate::service::ServiceError;
use crate::service::api::visit;
use crate::service::client_center::Client;
use crate::service::client_center::Visitor;
use crate::tui::command::{Action, Command};
use crate::tui::component::{Component, Cx, DrawCx};
use crate::tui::message::{Effect, Event, Screen, Slot, Tone};
use crate::tui::places::is_here;
use crate::tui::theme::OK;
use crate::tui::widgets::list::Chosen;
use crate::tui::widgets::text::draw_text;

/// The width of the labels, in columns.
const LABELS: u16 = 12;
/// The width of a place's name, in columns.
const NAMES: u16 = 34;

/// Home of a Client Center.
pub struct Home {
    /// The customer whose data is shown; `None` until one is chosen.
    client: Option<Client>,
    chosen: Chosen,
}

/// Whether a place can be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Availability {
    /// It is this place.
    InFront,
    /// Enter opens it.
    Opens,
    /// The role opens it, but the console does not have it.
    Elsewhere,
    /// The role does not open it.
    Closed,
}

impl Home {
    /// Home for the customer that was chosen.
    pub fn new(client: Option<Client>) -> Self {
        let mut home = Self { client, chosen: Chosen::default() };
        home.chosen =
            Chosen::first(Place::ALL.len(), |at| home.availability(Place::ALL[at]) == Availability::Opens);
        home
    }

    fn availability(&self, place: Place) -> Availability {
        match &self.client {
            Some(client) if place.is_open_to(client.role) => match place {
                Place::Home => Availability::InFront,
                place if is_here(place) => Availability::Opens,
                _ => Availability::Elsewhere,
            },
            _ => Availability::Closed,
        }
    }

    fn read(&mut self, visitor: Result<Box<Visitor>, ServiceError>, cx: &mut Cx<'_>) {
        match visitor {
            Ok(visitor) => cx.push(Effect::VisitorUpdated(*visitor)),
            Err(error) => cx.say(Tone::Bad, error.to_string()),
        }
    }

    fn place(&self) -> Place {
        Place::ALL[self.chosen.at]
    }

    /// Draws the login and the customer, one line each. Returns the number of lines.
    fn draw_head(&self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) -> u16 {
        let Some(visitor) = cx.who.visitor() else { return 0 };
        let signed_in = format!("{} · {}", visitor.name, visitor.login);
        let mut lines = vec![("Signed in", signed_in)];
        match &self.client {
            Some(client) => lines.extend([
                ("Customer", client.customer.shown.clone()),
                ("Role", client.role.map_or_else(no_roles, shown_role)),
                ("Data", looks_back(client)),
            ]),
            None => lines.push(("Customer", "not chosen yet".to_owned())),
        }
        let buf = frame.buffer_mut();
        for (y, (label, text)) in (area.top()..area.bottom()).zip(&lines) {
            draw_text(buf, area.x, y, LABELS, label, cx.theme.label);
            draw_text(buf, area.x + LABELS, y, area.width.saturating_sub(LABELS), text, cx.theme.value);
        }
        u16::try_from(lines.len()).unwrap_or(area.height).min(area.height)
    }

    fn draw_place(&self, frame: &mut Frame<'_>, line: Rect, place: Place, cx: &DrawCx<'_>) {
        let availability = self.availability(place);
        let (mark, name, note) = match availability {
            Availability::InFront => (OK, cx.theme.value, "you are here"),
            Availability::Opens => (OK, cx.theme.link, "Enter opens it"),
            Availability::Elsewhere => (OK, cx.theme.value, "open in the Client Center"),
            Availability::Closed => ("–", cx.theme.dim, "not open"),
        };
        let buf = frame.buffer_mut();
        let names = NAMES.min(line.width.saturating_sub(2));
        draw_text(
            buf,
            line.x,
            line.y,
            1,
            mark,
            if availability == Availability::Closed { name } else { cx.theme.good },
        );
        draw_text(buf, line.x + 2, line.y, names, place.label(), name);
        let x = line.x + 2 + names;
        draw_text(buf, x, line.y, line.right().saturating_sub(x), note, cx.theme.dim);
    }
}

/// `Orders with Prices · L30`.
fn shown_role(role: Role) -> String {
    format!("{} · {}", role.label(), role.code())
}

fn no_roles() -> String {
    "none; this Client Center knows no roles".to_owned()
}

/// `30 days back: since 2026-06-01`, or that it is unlimited.
pub(in crate::tui::screens) fn looks_back(client: &Client) -> String {
    match (client.days_back, client.oldest) {
        (Some(days), Some(oldest)) => {
            let unit = if days == 1 { "day" } else { "days" };
            format!("{days} {unit} back: since {oldest}")
        }
        _ => UNLIMITED.to_owned(),
    }
}

impl Component for Home {
    fn title(&self) -> String {
        Place::Home.label().to_owned()
    }

    fn takes_text(&self) -> bool {
        false
    }

    fn commands(&self, out: &mut Vec<Command>) {
        let open = Command::of(Action::Open);
        out.push(match self.availability(self.place()) {
            Availability::Opens => open,
            Availability::InFront => open.only_if(false, "You are here already."),
            Availability::Elsewhere => {
                open.only_if(false, "This is in the Client Center, not in this console.")
            }
            Availability::Closed => open.only_if(false, "This is not open to you."),
        });
        out.push(Command::of(Action::Reload).ribbon());
    }

    fn handle(&mut self, event: Event, cx: &mut Cx<'_>) {
        match event {
            Event::Command(Action::Open) => cx.push(Effect::Push(Screen::ClientPlace(self.place()))),
            Event::Command(Action::Reload) | Event::Returned(_) => {
                cx.ask(Slot::CurrentVisitor, visit::CurrentVisitor {}, Self::read);
            }
            Event::Key(key) => drop(self.chosen.key(&key, Place::ALL.len(), |_| true)),
            Event::VisitorChanged => {
                self.client = cx.who.visitor().and_then(|visitor| visitor.client.clone());
            }
            _ => {}
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let area = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
        let head = self.draw_head(frame, area, cx) + 1;
        if self.client.is_none() {
            return;
        }
        let heading = Rect { y: area.y + head, height: area.height.saturating_sub(head), ..area };
        let title = "WHAT IS OPEN TO YOU";
        draw_text(frame.buffer_mut(), heading.x, heading.y, heading.width, title, cx.theme.title);
        let list = Rect { y: heading.y + 1, height: heading.height.saturating_sub(1), ..heading };
        let view = self.chosen.view(Place::ALL.len(), list.height);
        for (y, at) in (list.top()..list.bottom()).zip(view) {
            let line = Rect { y, height: 1, ..list };
            self.draw_place(frame, line, Place::ALL[at], cx);
            if at == self.chosen.at && cx.focused {
                frame.buffer_mut().set_style(line, cx.theme.selection);
                frame.set_cursor_position((line.x, y));
            }
        }
    }
}

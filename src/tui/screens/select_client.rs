//! Select Client: choosing the customer whose data a visitor sees.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::codes::Role;
use crate::domain::model::value::RecordId;
use crate::service::client_center::{Client, ClientCenter, Visitor};
use crate::tui::command::{Action, Command};
use crate::tui::component::{Component, Cx, DrawCx};
use crate::tui::message::{Effect, Event, Outcome, Reply, Request, Slot, Tone};
use crate::tui::widgets::list::Chosen;
use crate::tui::widgets::popup::{Edge, draw_choices};

/// Why a command has to wait: the console must show the customer whom the service serves.
const WAITING: &str = "The customer is being changed.";

/// What a line of the list means.
enum Choice {
    Client(RecordId),
    SignOut(ClientCenter),
}

/// The visitor's customers. While none is chosen there is nothing to go back to: then the last line signs out.
pub struct SelectClient {
    lines: Vec<String>,
    choices: Vec<Choice>,
    chosen: Chosen,
    can_go_back: bool,
    is_waiting: bool,
}

impl SelectClient {
    /// Begins at the customer that is chosen. Which customers there are is asked anew: it may be long ago that
    /// somebody signed in.
    pub fn open(cx: &mut Cx<'_>) -> Self {
        cx.ask(Slot::CurrentVisitor, Request::CurrentVisitor);
        let visitor = cx.who.visitor();
        let current = visitor.and_then(|visitor| visitor.client.as_ref()).map(|client| client.customer.id);
        let mut made = Self {
            lines: Vec::new(),
            choices: Vec::new(),
            chosen: Chosen::default(),
            can_go_back: current.is_some(),
            is_waiting: false,
        };
        visitor.into_iter().for_each(|visitor| made.list(visitor));
        made.go_to(current);
        made
    }

    /// Lists the customers of the visitor.
    fn list(&mut self, visitor: &Visitor) {
        self.lines = visitor.clients.iter().map(line_of).collect();
        self.choices = visitor.clients.iter().map(|client| Choice::Client(client.customer.id)).collect();
        if !self.can_go_back {
            self.lines.push("Sign out".to_owned());
            self.choices.push(Choice::SignOut(visitor.center.clone()));
        }
    }

    /// Lists them anew, with the same one in front.
    fn list_anew(&mut self, visitor: &Visitor) {
        let front = match self.choices.get(self.chosen.at) {
            Some(Choice::Client(customer)) => Some(*customer),
            _ => None,
        };
        self.list(visitor);
        self.go_to(front);
    }

    fn go_to(&mut self, customer: Option<RecordId>) {
        let is_wanted = |choice: &Choice| matches!(choice, Choice::Client(id) if Some(*id) == customer);
        self.chosen = Chosen::first(self.choices.len(), |at| is_wanted(&self.choices[at]));
    }

    fn choose(&mut self, cx: &mut Cx<'_>) {
        match self.choices.get(self.chosen.at) {
            Some(Choice::Client(customer)) => {
                self.is_waiting = true;
                cx.ask(Slot::Write, Request::ChooseClient(*customer));
            }
            Some(Choice::SignOut(center)) => cx.push(Effect::SignOut(Some(center.clone()))),
            None => {}
        }
    }
}

/// `Olivia Green #00028  Admin`
fn line_of(client: &Client) -> String {
    let role = client.role.map(Role::label);
    role.map_or_else(|| client.customer.shown.clone(), |role| format!("{}  {role}", client.customer.shown))
}

impl Component for SelectClient {
    fn title(&self) -> String {
        "Select Client".to_owned()
    }

    fn is_overlay(&self) -> bool {
        true
    }

    fn takes_text(&self) -> bool {
        false
    }

    fn commands(&self, out: &mut Vec<Command>) {
        let ready = |command: Command| command.only_if(!self.is_waiting, WAITING);
        out.push(ready(Command::of(Action::Open).labelled("Choose")));
        if self.can_go_back {
            out.push(ready(Command::of(Action::Back).labelled("Close")));
        } else {
            out.push(Command::of(Action::Quit));
        }
    }

    fn handle(&mut self, event: Event, cx: &mut Cx<'_>) {
        match event {
            Event::Command(Action::Open) => self.choose(cx),
            Event::Command(Action::Back) => cx.push(Effect::Pop(Outcome::Cancelled)),
            Event::Command(Action::Quit) => cx.push(Effect::Quit),
            Event::Key(key) => {
                self.chosen.key(&key, self.lines.len(), |_| true);
            }
            Event::Reply(_, Ok(Reply::Visits(visitor))) => cx.push(Effect::Visits(*visitor)),
            Event::Reply(_, Ok(Reply::VisitorUpdated(visitor))) => {
                self.list_anew(&visitor);
                cx.push(Effect::VisitorUpdated(*visitor));
            }
            Event::Reply(slot, Err(error)) => {
                self.is_waiting &= slot != Slot::Write;
                cx.say(Tone::Bad, error.to_string());
            }
            _ => {}
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let keys = if self.can_go_back { "↑↓ Enter Esc" } else { "↑↓ Enter" };
        let edge = Edge { title: "Select Client", keys };
        draw_choices(frame, area, edge, &self.lines, &mut self.chosen, cx);
    }
}

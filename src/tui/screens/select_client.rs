//! Select Client: choosing the customer whose data a visitor sees.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::codes::Role;
use crate::domain::model::value::RecordId;
use crate::service::ServiceError;
use crate::service::api::visit;
use crate::service::client_center::{Client, ClientCenter, Visitor};
use crate::tui::command::{Action, Command};
use crate::tui::component::{Awaited, Component, Cx, DrawCx};
use crate::tui::message::{Effect, Event, Outcome, Slot, Tone};
use crate::tui::widgets::list::Chosen;
use crate::tui::widgets::popup::{Edge, draw_choices};

/// The reason why a command is not available yet: the console must show the customer whom the service serves.
const WAITING: &str = "The customer is being changed.";

/// What choosing a line does.
enum Choice {
    Client(RecordId),
    SignOut(ClientCenter),
}

/// The list of the visitor's customers. While none is chosen there is no way back; then the last line signs out.
pub struct SelectClient {
    lines: Vec<String>,
    choices: Vec<Choice>,
    cursor: Chosen,
    can_go_back: bool,
    is_waiting: bool,
}

impl SelectClient {
    /// Opens the list at the chosen customer. The customers are asked for again: the sign-in may be long ago.
    pub fn open(cx: &mut Cx<'_>) -> Self {
        cx.ask(Slot::CurrentVisitor, visit::CurrentVisitor {}, Self::read);
        let visitor = cx.who.visitor();
        let current = visitor.and_then(|visitor| visitor.client.as_ref()).map(|client| client.customer.id);
        let mut made = Self {
            lines: Vec::new(),
            choices: Vec::new(),
            cursor: Chosen::default(),
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

    /// Lists the customers again, with the cursor on the same one.
    fn list_anew(&mut self, visitor: &Visitor) {
        let front = match self.choices.get(self.cursor.at) {
            Some(Choice::Client(customer)) => Some(*customer),
            _ => None,
        };
        self.list(visitor);
        self.go_to(front);
    }

    fn go_to(&mut self, customer: Option<RecordId>) {
        let is_wanted = |choice: &Choice| matches!(choice, Choice::Client(id) if Some(*id) == customer);
        self.cursor = Chosen::first(self.choices.len(), |at| is_wanted(&self.choices[at]));
    }

    fn read(&mut self, visitor: Result<Box<Visitor>, ServiceError>, cx: &mut Cx<'_>) {
        match visitor {
            Ok(visitor) => {
                self.list_anew(&visitor);
                cx.push(Effect::VisitorUpdated(*visitor));
            }
            Err(error) => cx.say(Tone::Bad, error.to_string()),
        }
    }

    fn chosen(&mut self, visitor: Result<Box<Visitor>, ServiceError>, cx: &mut Cx<'_>) {
        match visitor {
            Ok(visitor) => cx.push(Effect::Visits(*visitor)),
            Err(error) => {
                self.is_waiting = false;
                cx.say(Tone::Bad, error.to_string());
            }
        }
    }

    fn choose(&mut self, cx: &mut Cx<'_>) {
        match self.choices.get(self.cursor.at) {
            Some(Choice::Client(customer)) => {
                self.is_waiting = true;
                cx.ask(Slot::Write, visit::ChooseCustomer { customer: *customer }, Self::chosen);
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

    fn takes_now(&self, _event: &Event, _awaited: &Awaited<'_>) -> bool {
        !self.is_waiting
    }

    fn handle(&mut self, event: Event, cx: &mut Cx<'_>) {
        match event {
            Event::Command(Action::Open) => self.choose(cx),
            Event::Command(Action::Back) => cx.push(Effect::Pop(Outcome::Cancelled)),
            Event::Command(Action::Quit) => cx.push(Effect::Quit),
            Event::Key(key) => {
                self.cursor.key(&key, self.lines.len(), |_| true);
            }
            _ => {}
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let keys = if self.can_go_back { "↑↓ Enter Esc" } else { "↑↓ Enter" };
        let edge = Edge { title: "Select Client", keys };
        draw_choices(frame, area, edge, &self.lines, &mut self.cursor, cx);
    }
}

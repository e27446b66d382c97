//! Choosing a Client Center to sign in to.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::service::ServiceError;
use crate::service::api::sign_in;
use crate::service::client_center::ClientCenter;
use crate::tui::command::{Action, Command};
use crate::tui::component::{Awaited, Component, Cx, DrawCx};
use crate::tui::message::{Effect, Event, Outcome, Screen, Slot, Tone};
use crate::tui::widgets::list::Chosen;
use crate::tui::widgets::popup::{Edge, draw_choices};

/// The list of active Client Centers; `None` until it is read.
pub struct ClientCenters {
    centers: Option<Vec<ClientCenter>>,
    chosen: Chosen,
}

impl ClientCenters {
    /// Opens the list, and asks for it.
    pub fn open(cx: &mut Cx<'_>) -> Self {
        cx.ask(Slot::Sites, sign_in::ClientCenters {}, Self::read);
        Self { centers: None, chosen: Chosen::default() }
    }

    fn centers(&self) -> &[ClientCenter] {
        self.centers.as_deref().unwrap_or_default()
    }

    fn read(&mut self, centers: Result<Vec<ClientCenter>, ServiceError>, cx: &mut Cx<'_>) {
        match centers {
            Ok(centers) => {
                let is_only_one = centers.len() == 1;
                self.centers = Some(centers);
                if is_only_one {
                    self.go(cx);
                }
            }
            Err(error) => {
                cx.say(Tone::Bad, error.to_string());
                cx.push(Effect::Pop(Outcome::Cancelled));
            }
        }
    }

    /// Replaces itself by the sign-in of the chosen Client Center.
    fn go(&self, cx: &mut Cx<'_>) {
        if let Some(center) = self.centers().get(self.chosen.at) {
            cx.push(Effect::Pop(Outcome::Cancelled));
            cx.push(Effect::Push(Screen::ClientCenterSignIn(center.clone())));
        }
    }
}

impl Component for ClientCenters {
    fn title(&self) -> String {
        "Client Center".to_owned()
    }

    fn is_overlay(&self) -> bool {
        true
    }

    fn takes_text(&self) -> bool {
        false
    }

    fn commands(&self, out: &mut Vec<Command>) {
        let any = !self.centers().is_empty();
        out.push(Command::of(Action::Open).labelled("Choose").only_if(any, "There is no Client Center."));
        out.push(Command::of(Action::Back).labelled("Close"));
    }

    fn takes_now(&self, event: &Event, _awaited: &Awaited<'_>) -> bool {
        self.centers.is_some() || matches!(event, Event::Command(Action::Back))
    }

    fn handle(&mut self, event: Event, cx: &mut Cx<'_>) {
        match event {
            Event::Command(Action::Open) => self.go(cx),
            Event::Command(Action::Back) => cx.push(Effect::Pop(Outcome::Cancelled)),
            Event::Key(key) => {
                let length = self.centers().len();
                self.chosen.key(&key, length, |_| true);
            }
            _ => {}
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let lines = match &self.centers {
            None => vec!["reading…".to_owned()],
            Some(centers) if centers.is_empty() => vec!["There is no active Client Center.".to_owned()],
            Some(centers) => {
                centers.iter().map(|center| format!("{}  {}", center.site.shown, center.company)).collect()
            }
        };
        let edge = Edge { title: "Client Center", keys: "↑↓ Enter Esc" };
        draw_choices(frame, area, edge, &lines, &mut self.chosen, cx);
    }
}

//! Choosing a password: with a one-time code, or in place of the one so far.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::schema::user;
use crate::service::ServiceError;
use crate::tui::command::Command;
use crate::tui::component::{Component, Cx, DrawCx};
use crate::tui::message::{ChoosePassword, Effect, Event, Outcome, Reply, Request, Slot, Tone};
use crate::tui::widgets::boxes::{Boxes, Labelled};

const SO_FAR: &str = "SoFar";
const NEW: &str = user::PASSWORD.def.property;

/// The boxes, and what the password is chosen for.
pub struct Password {
    purpose: ChoosePassword,
    boxes: Boxes,
}

impl Password {
    /// With empty boxes.
    pub fn new(purpose: ChoosePassword) -> Self {
        let mut boxes =
            vec![Labelled::secret(NEW, "New password"), Labelled::repeated(NEW, "Confirm password")];
        if purpose == ChoosePassword::Change {
            boxes.insert(0, Labelled::secret(SO_FAR, "Password so far"));
        }
        Self { purpose, boxes: Boxes::new(boxes) }
    }

    fn request(&self) -> Request {
        let new = self.boxes.secret(NEW);
        match &self.purpose {
            ChoosePassword::WithCode { login, code } => {
                Request::ChoosePassword { login: login.clone(), code: code.clone(), new }
            }
            ChoosePassword::Change => Request::ChangePassword { so_far: self.boxes.secret(SO_FAR), new },
        }
    }

    fn replied(&mut self, result: Result<Reply, ServiceError>, cx: &mut Cx<'_>) {
        self.boxes.answered();
        match (result, &self.purpose) {
            (Ok(_), ChoosePassword::WithCode { .. }) => {
                cx.push(Effect::Pop(Outcome::PasswordChosen(self.boxes.secret(NEW))));
            }
            (Ok(_), ChoosePassword::Change) => {
                cx.say(Tone::Good, "The password is changed; every other session of this login has ended.");
                cx.push(Effect::Pop(Outcome::Cancelled));
            }
            (Err(ServiceError::Invalid(issues)), _) => self.boxes.mark(issues),
            (Err(ServiceError::Denied(sentence)), ChoosePassword::WithCode { .. }) => {
                self.boxes.refuse(NEW, sentence);
            }
            (Err(ServiceError::Denied(sentence)), ChoosePassword::Change) => {
                self.boxes.refuse(SO_FAR, sentence);
            }
            (Err(error), _) => cx.say(Tone::Bad, error.to_string()),
        }
    }
}

impl Component for Password {
    fn title(&self) -> String {
        match self.purpose {
            ChoosePassword::WithCode { .. } => "Choose a password".to_owned(),
            ChoosePassword::Change => "Change password".to_owned(),
        }
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn commands(&self, out: &mut Vec<Command>) {
        match self.purpose {
            ChoosePassword::WithCode { .. } => self.boxes.commands("Choose and sign in", out),
            ChoosePassword::Change => self.boxes.commands("Change", out),
        }
    }

    fn handle(&mut self, event: Event, cx: &mut Cx<'_>) {
        if let Event::Reply(_, result) = event {
            self.replied(result, cx);
        } else if self.boxes.take(event, cx) && self.boxes.send() {
            cx.ask(Slot::Write, self.request());
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let said = match &self.purpose {
            ChoosePassword::WithCode { login, .. } => &format!(
                "The one-time code is right. Choose a password for {login}; the code is used up by it."
            ),
            ChoosePassword::Change => "Whoever knows only the password so far cannot sign in any more.",
        };
        self.boxes.draw(frame, area, said, cx);
    }
}

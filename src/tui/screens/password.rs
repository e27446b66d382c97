//! Choosing a password: with a one-time code, or with the present password.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::entities::user;
use crate::service::ServiceError;
use crate::service::api::sign_in;
use crate::tui::command::{Command, OwnKey};
use crate::tui::component::{Awaited, Component, Cx, DrawCx};
use crate::tui::message::{ChoosePassword, Effect, Event, Outcome, Slot, Tone};
use crate::tui::widgets::input_form::{InputField, InputForm};

const SO_FAR: &str = "SoFar";
const NEW: &str = user::PASSWORD.def.property;

/// The input fields, and how the password is chosen.
pub struct Password {
    purpose: ChoosePassword,
    inputs: InputForm,
}

impl Password {
    /// The screen with empty fields.
    pub fn new(purpose: ChoosePassword) -> Self {
        let mut inputs =
            vec![InputField::new_secret(NEW, "New password"), InputField::repeated(NEW, "Confirm password")];
        if purpose == ChoosePassword::Change {
            inputs.insert(0, InputField::secret(SO_FAR, "Password so far"));
        }
        Self { purpose, inputs: InputForm::new(inputs) }
    }

    fn send(&self, cx: &mut Cx<'_>) {
        let new = self.inputs.secret(NEW);
        match &self.purpose {
            ChoosePassword::WithCode { login, code } => {
                let question = sign_in::ChoosePassword { login: login.clone(), code: code.clone(), new };
                cx.ask(Slot::Write, question, Self::chosen);
            }
            ChoosePassword::Change => {
                let current = self.inputs.secret(SO_FAR);
                cx.ask(Slot::Write, sign_in::ChangePassword { current, new }, Self::chosen);
            }
        }
    }

    fn chosen(&mut self, result: Result<(), ServiceError>, cx: &mut Cx<'_>) {
        self.inputs.answered();
        match (result, &self.purpose) {
            (Ok(()), ChoosePassword::WithCode { .. }) => {
                cx.push(Effect::Pop(Outcome::PasswordChosen(self.inputs.secret(NEW))));
            }
            (Ok(()), ChoosePassword::Change) => {
                cx.say(Tone::Good, "The password is changed; every other session of this login has ended.");
                cx.push(Effect::Pop(Outcome::Cancelled));
            }
            (Err(ServiceError::Invalid(issues)), _) => self.inputs.mark(issues),
            (Err(ServiceError::Denied(sentence)), ChoosePassword::WithCode { .. }) => {
                self.inputs.refuse(NEW, sentence);
            }
            (Err(ServiceError::Denied(sentence)), ChoosePassword::Change) => {
                self.inputs.refuse(SO_FAR, sentence);
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

    fn takes_now(&self, _event: &Event, _awaited: &Awaited<'_>) -> bool {
        !self.inputs.is_waiting()
    }

    fn drops_typed_ahead(&self) -> bool {
        true
    }

    fn own_keys(&self) -> Vec<OwnKey> {
        self.inputs.own_keys()
    }

    fn commands(&self, out: &mut Vec<Command>) {
        match self.purpose {
            ChoosePassword::WithCode { .. } => self.inputs.commands("Choose and sign in", out),
            ChoosePassword::Change => self.inputs.commands("Change", out),
        }
    }

    fn handle(&mut self, event: Event, cx: &mut Cx<'_>) {
        if self.inputs.take(event, cx) && self.inputs.send() {
            self.send(cx);
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let said = match &self.purpose {
            ChoosePassword::WithCode { login, .. } => &format!(
                "The one-time code is right. Choose a password for {login}; the code is used up by it."
            ),
            ChoosePassword::Change => "Whoever knows only the password so far cannot sign in any more.",
        };
        self.inputs.draw(frame, area, said, cx);
    }
}

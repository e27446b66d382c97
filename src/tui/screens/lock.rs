//! The lock: nothing that is open is seen until its operator gives the password again (`docs/promises.md`, 6).

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::entities::user;
use crate::service::ServiceError;
use crate::service::api::sign_in;
use crate::tui::command::{Action, Command, OwnKey};
use crate::tui::component::{Awaited, Component, Cx, DrawCx};
use crate::tui::message::{Effect, Event, Outcome, Slot};
use crate::tui::widgets::input_form::{InputField, InputForm};

const PASSWORD: &str = user::PASSWORD.def.property;

/// The password field, and the reason of the lock.
pub struct Lock {
    reason: String,
    inputs: InputForm,
    /// Whether Quit was given once. Changes below the lock cannot be asked about here, so Quit has to be given twice.
    is_leaving: bool,
}

impl Lock {
    /// The lock with an empty password field.
    pub fn new(reason: String) -> Self {
        let inputs = InputForm::new(vec![InputField::secret(PASSWORD, "Password")]);
        Self { reason, inputs, is_leaving: false }
    }

    fn unlocked(&mut self, result: Result<(), ServiceError>, cx: &mut Cx<'_>) {
        self.inputs.answered();
        match result {
            Ok(()) => cx.push(Effect::Pop(Outcome::Cancelled)),
            Err(error) => self.inputs.refuse(PASSWORD, error.to_string()),
        }
    }
}

impl Component for Lock {
    fn title(&self) -> String {
        "Locked".to_owned()
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
        self.inputs.commands("Unlock", out);
        out.push(Command::of(Action::Quit));
    }

    fn handle(&mut self, event: Event, cx: &mut Cx<'_>) {
        let leaving = matches!(event, Event::Command(Action::Quit));
        match event {
            Event::Command(Action::Quit) if self.is_leaving => cx.push(Effect::Quit),
            event => {
                if self.inputs.take(event, cx) && self.inputs.send() {
                    let password = self.inputs.secret(PASSWORD);
                    cx.ask(Slot::Write, sign_in::Unlock { password }, Self::unlocked);
                }
            }
        }
        self.is_leaving = leaving;
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let said = if self.is_leaving {
            "What is not saved yet is lost when the program ends. Ctrl+Q again ends it."
        } else {
            &format!("{} {} goes on with the password.", self.reason, cx.who.login())
        };
        self.inputs.draw(frame, area, said, cx);
    }
}

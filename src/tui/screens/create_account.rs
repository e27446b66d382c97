//! Create Local Account: the form with which an applicant asks for an account at a Client Center (`docs/domain.md`,
//! Requests).

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::entities::user;
use crate::service::ServiceError;
use crate::service::api::sign_in;
use crate::service::back_office::requests::{AccountForm, LANGUAGES};
use crate::tui::command::{Command, OwnKey};
use crate::tui::component::{Awaited, Component, Cx, DrawCx};
use crate::tui::message::{Effect, Event, Outcome, Slot, Tone};
use crate::tui::widgets::input_form::{InputField, InputForm};

const PASSWORD: &str = user::PASSWORD.def.property;

/// The form.
pub struct CreateAccount {
    inputs: InputForm,
}

impl CreateAccount {
    /// An empty form. The e-mail comes first: it becomes the login, and messages about the login are shown there.
    pub fn new() -> Self {
        Self {
            inputs: InputForm::new(vec![
                InputField::text(&user::EMAIL.def, "E-mail").required().hinting("name@example.com"),
                InputField::text(&user::NAME.def, "Full Name").required(),
                InputField::text(&user::PHONE_NUMBER.def, "Phone number"),
                InputField::choice(&user::DEFAULT_LANGUAGE.def, "Default Language", &LANGUAGES),
                InputField::text(&user::COMPANY_NAME.def, "Company"),
                InputField::lines(&user::REGISTRATION_MESSAGE.def, "Registration message")
                    .hinting("What you want to see and do here"),
                InputField::new_secret(PASSWORD, "Password"),
                InputField::repeated(PASSWORD, "Confirm password"),
            ]),
        }
    }

    fn form(&self) -> AccountForm {
        AccountForm {
            email: self.inputs.text(user::EMAIL.def.property),
            full_name: self.inputs.text(user::NAME.def.property),
            phone: self.inputs.text(user::PHONE_NUMBER.def.property),
            language: self.inputs.text(user::DEFAULT_LANGUAGE.def.property),
            company: self.inputs.text(user::COMPANY_NAME.def.property),
            message: self.inputs.text(user::REGISTRATION_MESSAGE.def.property),
            password: self.inputs.secret(PASSWORD),
        }
    }

    fn created(&mut self, result: Result<(), ServiceError>, cx: &mut Cx<'_>) {
        self.inputs.answered();
        match result {
            Ok(()) => cx.push(Effect::Pop(Outcome::Words(self.form().email))),
            Err(ServiceError::Invalid(issues)) => self.inputs.mark(issues),
            Err(error) => cx.say(Tone::Bad, error.to_string()),
        }
    }
}

impl Default for CreateAccount {
    fn default() -> Self {
        Self::new()
    }
}

impl Component for CreateAccount {
    fn title(&self) -> String {
        "Create Local Account".to_owned()
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
        self.inputs.commands("Create account", out);
    }

    fn handle(&mut self, event: Event, cx: &mut Cx<'_>) {
        if self.inputs.take(event, cx) && self.inputs.send() {
            cx.ask(Slot::Write, sign_in::CreateAccount { form: self.form() }, Self::created);
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let said = "Whoever decides about access reads this. What is marked • must be filled in.";
        self.inputs.draw(frame, area, said, cx);
    }

    fn has_changes(&self) -> bool {
        self.inputs.is_touched()
    }
}

//! The commands for a user besides editing the record: granting access to several customers, the sign-in preview,
//! issuing a one-time code.

use crate::domain::codes::UserType;
use crate::domain::entities::user;
use crate::domain::model::format;
use crate::domain::model::record::{Fields, Record};
use crate::domain::model::value::Reference;
use crate::domain::rights;
use crate::tui::command::{Action, Command};
use crate::tui::component::Cx;
use crate::tui::message::{Effect, Screen};
use crate::tui::screens::row_action::RowAction;

use super::{Asking, Form, WAITING};

impl Form {
    /// The stored user of this form; `None` on forms of other entities, and before the first save.
    fn user(&self) -> Option<&Record> {
        self.record.base().filter(|base| base.entity.is_judged())
    }

    pub(super) fn user_commands(&self, out: &mut Vec<Command>) {
        let Some(user) = self.user() else { return };
        let when_ready = |action: Action| Command::of(action).only_if(self.is_ready(), WAITING);
        let signs_in =
            user.get(&user::USER_TYPE).and_then(UserType::from_code).is_some_and(UserType::can_sign_in);
        let reset = when_ready(Action::IssueReset)
            .only_if(signs_in, "Users of this type never sign in.")
            .only_if(Some(user.id) != self.operator.id, "Change password changes your own.")
            .unless((!self.operator.is_administrator).then_some(rights::ONE_TIME_CODES));
        out.push(when_ready(Action::GrantSeveral).only_if(signs_in, "Users of this type never sign in."));
        out.push(when_ready(Action::SignInPreview));
        out.push(reset);
    }

    pub(super) fn about_user(&mut self, action: Action, cx: &mut Cx<'_>) {
        let Some(user) = self.user() else { return };
        let shown = format::line(user.entity, |field| user.value(field), &self.operator.language);
        let screen = match action {
            Action::GrantSeveral => Screen::Grant(Reference { id: user.id, shown }),
            Action::SignInPreview => Screen::SignInPreview(Reference { id: user.id, shown }),
            _ => {
                let login = user
                    .entity
                    .code
                    .map(|code| format::shown(code, user.value(code), &self.operator.language));
                let login = login.unwrap_or_default().into_owned();
                let row_action = RowAction::IssueCode { user: user.id, login, line: shown };
                let question = row_action.question();
                self.asking = Some(Asking::RowAction(row_action));
                question
            }
        };
        cx.push(Effect::Push(screen));
    }
}

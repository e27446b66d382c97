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

use super::{Form, WAITING};

impl Form {
    /// The stored user of this form; `None` on forms of other entities, and before the first save.
    fn user(&self) -> Option<&Record> {
        self.record.base().filter(|base| base.entity.judged)
    }

    /// Adds the commands for the user of this record: approve, reject, reopen, one-time code, sign-in preview.
    pub(super) fn user_commands(&self, out: &mut Vec<Command>) {
        let Some(user) = self.user() else { return };
        let when_ready = |action: Action| Command::of(action).only_if(self.is_ready(), WAITING);
        let signs_in = user.get(&user::USER_TYPE).is_some_and(UserType::can_sign_in);
        let reset = when_ready(Action::IssueReset)
            .only_if(signs_in, "Users of this type never sign in.")
            .only_if(Some(user.id) != self.operator.id, "Change password changes your own.")
            .unless((!self.operator.is_administrator).then_some(rights::ONE_TIME_CODES));
        let grant = when_ready(Action::GrantSeveral)
            .only_if(signs_in, "Users of this type never sign in.")
            .only_if(Some(user.id) != self.operator.id, rights::OWN_GRANT);
        out.push(grant);
        out.push(when_ready(Action::SignInPreview));
        out.push(reset);
    }

    /// Opens a screen that is about this user.
    pub(super) fn open_for_user(&self, screen: fn(Reference) -> Screen, cx: &mut Cx<'_>) {
        if let Some(user) = self.user() {
            cx.push(Effect::Push(screen(Reference { id: user.id, shown: self.shown(user) })));
        }
    }

    /// Asks whether to give this user a one-time code.
    pub(super) fn issue_code(&mut self, cx: &mut Cx<'_>) {
        let Some(user) = self.user() else { return };
        let code = user.entity.code;
        let login = code.map(|code| format::shown(code, user.value(code), &self.operator.language));
        let login = login.unwrap_or_default().into_owned();
        self.begin(RowAction::IssueCode { user: user.id, login, line: self.shown(user) }, cx);
    }

    /// How a user is shown in a single line.
    fn shown(&self, user: &Record) -> String {
        format::line(user.entity, |field| user.value(field), &self.operator.language)
    }
}

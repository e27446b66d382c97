//! The preview of the queue: what the decision about the request with the cursor needs, beside the list or below it
//! (`docs/domain.md`, Requests).

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::domain::account_request::{Request, RequestState};
use crate::domain::entities::user;
use crate::domain::matching::Candidate;
use crate::domain::model::record::Fields;
use crate::domain::model::value::RecordId;
use crate::service::ServiceError;
use crate::service::api::back_office;
use crate::service::back_office::queue::RequestDetails;
use crate::tui::component::{Cx, DrawCx};
use crate::tui::message::{Slot, Tone};
use crate::tui::theme::{FAILED, Theme, WARNING};
use crate::tui::widgets::grid::age;
use crate::tui::widgets::text::{draw_text, wrap};

use super::{Navigator, Purpose};

/// The least width of a list that has its preview beside it, in columns.
const BESIDE: u16 = 110;
/// The height of a list from which on its preview is below it without being asked for, in lines.
const BELOW: u16 = 28;
/// The height of the preview below a list, in lines.
const LINES: u16 = 13;
/// The most candidates of a kind that are shown.
const CANDIDATES: usize = 3;

/// The preview of a list.
#[derive(Default)]
pub(super) struct Preview {
    /// Whether it is shown, as the operator has chosen; `None` for where there is room.
    chosen: Option<bool>,
    /// Whether there was room for it without being asked for when the list was drawn last.
    has_room: bool,
    /// The user with the cursor.
    of: Option<RecordId>,
    /// What is known of the request; `None` while it is read.
    details: Option<Box<RequestDetails>>,
}

impl Navigator {
    /// Whether the view is a queue, which can have a preview.
    pub(super) fn is_queue(&self) -> bool {
        self.purpose == Purpose::Works && self.views.view().is_some_and(|view| view.arrangement.is_some())
    }

    fn has_preview(&self) -> bool {
        self.is_queue() && self.preview.chosen.unwrap_or(self.preview.has_room)
    }

    /// Shows the preview, or hides it.
    pub(super) fn toggle_preview(&mut self) {
        self.preview.chosen = Some(!self.has_preview());
    }

    /// Reads the preview again at the next [`Navigator::follow_cursor`].
    pub(super) fn forget_preview(&mut self) {
        self.preview.of = None;
    }

    /// Reads what the preview shows of the row with the cursor, after a pause: who scrolls on does not wait for it.
    pub(super) fn follow_cursor(&mut self, cx: &mut Cx<'_>) {
        let user = self.current().filter(|_| self.has_preview()).map(|row| row.id);
        if user == self.preview.of {
            return;
        }
        self.preview.of = user;
        self.preview.details = None;
        if let Some(user) = user {
            cx.ask_after_pause(Slot::Details, back_office::RequestPreview { user }, Self::details_read);
        }
    }

    fn details_read(&mut self, details: Result<Box<RequestDetails>, ServiceError>, cx: &mut Cx<'_>) {
        match details {
            Ok(details) => self.preview.details = Some(details),
            Err(error) => cx.say(Tone::Bad, error.to_string()),
        }
    }

    /// The areas of the list and of its preview within `area`; the preview has none where it is not shown.
    pub(super) fn split(&mut self, area: Rect) -> (Rect, Option<Rect>) {
        self.preview.has_room = area.width >= BESIDE || area.height >= BELOW;
        if !self.has_preview() {
            return (area, None);
        }
        if area.width >= BESIDE {
            let width = area.width * 2 / 5;
            let list = Rect { width: area.width - width - 1, ..area };
            return (list, Some(Rect { x: list.right() + 1, width, ..area }));
        }
        let height = LINES.min(area.height / 2);
        let list = Rect { height: area.height - height, ..area };
        (list, Some(Rect { x: area.x + 1, y: list.bottom(), width: area.width.saturating_sub(2), height }))
    }

    /// Draws the preview.
    pub(super) fn draw_preview(&self, buf: &mut Buffer, area: Rect, cx: &DrawCx<'_>) {
        let lines = match &self.preview.details {
            Some(details) => lines(details, cx),
            None if self.preview.of.is_some() => vec![("reading…".to_owned(), cx.theme.dim)],
            None => Vec::new(),
        };
        let rule = "─".repeat(area.width.into());
        draw_text(buf, area.x, area.y, area.width, &rule, cx.theme.dim);
        let mut rows = (area.y + 1)..area.bottom();
        for (text, style) in lines {
            for line in wrap(&text, area.width.into()) {
                let Some(y) = rows.next() else { return };
                draw_text(buf, area.x, y, area.width, &line, style);
            }
        }
    }
}

/// The lines of the preview, before they are broken.
fn lines(details: &RequestDetails, cx: &DrawCx<'_>) -> Vec<(String, Style)> {
    let theme = cx.theme;
    let user = &details.user;
    let shown = |text: Option<&str>| text.map(str::to_owned).filter(|text| !text.is_empty());
    let name = user.get(&user::NAME).map(|name| name.text(cx.who.language()).to_owned());
    let email = user.get(&user::EMAIL).map(|email| {
        let confirmed = if user.is(&user::EMAIL_CONFIRMED) { "confirmed" } else { "not confirmed" };
        format!("{email} ({confirmed})")
    });
    let phone = shown(user.get(&user::PHONE_NUMBER));
    let mut lines = vec![(joined([name, shown(user.get(&user::COMPANY_NAME)), email, phone]), theme.title)];
    if let Some(request) = &details.request {
        lines.push((state(request, details, cx), theme.value));
    }
    if let Some(claim) = &details.claim {
        lines.push((format!("{} works on it", claim.login), theme.warn));
    }
    if let Some(message) = user.get(&user::REGISTRATION_MESSAGE) {
        lines.push((format!("“{message}”"), theme.value));
    }
    if let Some(code) = details.judged.as_ref().and_then(|judged| judged.diagnosis.sign_in()) {
        lines.push((format!("{FAILED} {code} {}: {}", code.title(), code.advice()), theme.bad));
    }
    lines.extend(details.warnings.iter().map(|warning| (format!("{WARNING} {warning}"), theme.warn)));
    lines.extend(proposed("Person", &details.proposals.persons, details, theme));
    lines.extend(proposed("Company", &details.proposals.companies, details, theme));
    let notes = details.notes.iter();
    lines.extend(notes.map(|note| (format!("{}: {}", note.login, note.text), theme.dim)));
    lines
}

fn joined(parts: impl IntoIterator<Item = Option<String>>) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// When the request was made, and what became of it: `Asked 3 d ago (web), again 2× · waits until 2026-12-24: an answer`.
fn state(request: &Request, details: &RequestDetails, cx: &DrawCx<'_>) -> String {
    let asked = match age(request.submitted_at, cx.today) {
        today if today == "today" => "Asked today".to_owned(),
        days => format!("Asked {days} ago"),
    };
    let again = details.repeated.map_or_else(String::new, |again| format!(", again {}×", again.times));
    let until = request.waiting_until.map_or_else(String::new, |day| format!(" until {day}"));
    let reason = request.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
    let state = match request.state {
        RequestState::Pending => String::new(),
        RequestState::Waiting => format!(" · waits{until}{reason}"),
        RequestState::Configured => " · configured".to_owned(),
        RequestState::Rejected => format!(" · rejected{reason}"),
    };
    format!("{asked} ({}){again}{state}", request.source.code())
}

/// The lines for the persons or companies that are proposed, or one that says that nobody is.
fn proposed(
    kind: &str,
    candidates: &[Candidate],
    details: &RequestDetails,
    theme: &Theme,
) -> Vec<(String, Style)> {
    if candidates.is_empty() {
        let is_open = details.request.as_ref().is_some_and(|request| request.state.is_open());
        let nothing = (format!("{kind}: nobody like this is known"), theme.dim);
        return if is_open && kind == "Person" { vec![nothing] } else { Vec::new() };
    }
    let line = |candidate: &Candidate| {
        let reasons: Vec<String> = candidate.reasons.iter().map(ToString::to_string).collect();
        let login = candidate.has_login.as_ref().map(|login| format!("; signs in as {login} already"));
        let text = format!(
            "{kind}: {} {} ({}): {}{}",
            candidate.party_code,
            candidate.shown,
            candidate.level.as_str(),
            reasons.join(", "),
            login.unwrap_or_default()
        );
        (text, theme.value)
    };
    candidates.iter().take(CANDIDATES).map(line).collect()
}

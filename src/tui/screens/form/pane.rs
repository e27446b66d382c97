//! The validation pane: in words, what is missing before a user may enter, and how to repair it (`docs/codes.md`, The
//! validation pane).

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::domain::account_request::{Repeated, RequestState};
use crate::domain::codes::{Code, CustomerFacts, State, Warning};
use crate::domain::model::instant::utc_date;
use crate::domain::model::text::{clean, width};
use crate::service::back_office::diagnosis::Judged;
use crate::tui::component::DrawCx;
use crate::tui::theme::{Theme, WARNING};
use crate::tui::widgets::text::{draw_text, wrap};

/// The height of the short form, in lines: a heading, the codes, the first problem.
pub const SHORT: u16 = 3;

/// A line of the pane that the cursor can go to.
pub enum Line<'a> {
    /// One code and its state.
    Code(Code, State),
    /// A customer of the user's without a location that serves it (CC007, `docs/codes.md`).
    Unserved(&'a CustomerFacts),
}

/// The height of the whole pane, in lines.
pub fn height(judged: Option<&Judged>) -> u16 {
    let lines = judged.map_or(1, |judged| lines(judged).count().max(judged.diagnosis.warnings.len() + 1));
    u16::try_from(lines).unwrap_or(u16::MAX).saturating_add(1)
}

fn confirmed(judged: &Judged) -> impl Iterator<Item = (Code, State)> {
    judged.diagnosis.states().filter(|(_, state)| *state != State::Unused)
}

/// All lines: the codes that the site asks, and below CC007 the customers that no location serves, even where another
/// customer lets the user in.
pub fn lines(judged: &Judged) -> impl Iterator<Item = Line<'_>> {
    confirmed(judged).flat_map(|(code, state)| {
        let about =
            (code == Code::CC007).then(|| judged.diagnosis.unserved(&judged.facts).map(Line::Unserved));
        std::iter::once(Line::Code(code, state)).chain(about.into_iter().flatten())
    })
}

/// Draws the pane, in its short form where there is no room for more. `unsaved` says that a draft was judged, not the
/// stored record.
pub fn draw(
    buf: &mut Buffer,
    area: Rect,
    judged: Option<&Judged>,
    unsaved: bool,
    selected: Option<usize>,
    cx: &DrawCx<'_>,
) {
    let Some(site) = cx.who.site() else {
        draw_text(
            buf,
            area.x,
            area.y,
            area.width,
            "CLIENT CENTER ACCESS · there is no active Client Center site",
            cx.theme.title,
        );
        return;
    };
    let when = if unsaved { "before saving" } else { "as saved" };
    let request = judged.map_or_else(String::new, request);
    let heading = format!("CLIENT CENTER ACCESS · site {} · {when}{request}", site.shown);
    draw_text(buf, area.x, area.y, area.width, &heading, cx.theme.title);
    let Some(judged) = judged else {
        draw_text(buf, area.x + 1, area.y + 1, area.width.saturating_sub(1), "judging…", cx.theme.dim);
        return;
    };
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    if area.height <= SHORT {
        draw_short(buf, body, judged, unsaved, cx);
    } else {
        draw_whole(buf, body, judged, unsaved, selected, cx);
    }
}

/// The state of the request, and whether it was repeated.
fn request(judged: &Judged) -> String {
    let mut text = match judged.request {
        Some(RequestState::Pending) => " · request pending".to_owned(),
        Some(RequestState::Waiting) => " · request waiting".to_owned(),
        Some(RequestState::Configured) => " · request configured".to_owned(),
        Some(RequestState::Rejected) => " · request rejected".to_owned(),
        None if judged.repeated.is_some() => " · asked for".to_owned(),
        None => String::new(),
    };
    // The reason is the longest and comes last: it may have no room.
    if let Some(Repeated { times, last_at }) = judged.repeated {
        let day = utc_date(last_at);
        text.push_str(&format!(", again {times}× until {day}"));
    }
    if let Some(reason) = &judged.reason {
        text.push_str(&format!(": {reason}"));
    }
    text
}

fn mark(state: State, theme: &Theme) -> (&'static str, Style) {
    match state {
        State::Ok => ("✓", theme.good),
        State::Failed => ("✗", theme.bad),
        State::Blocked(_) | State::Unused => ("·", theme.dim),
    }
}

fn draw_short(buf: &mut Buffer, area: Rect, judged: &Judged, unsaved: bool, cx: &DrawCx<'_>) {
    let codes: Vec<_> = confirmed(judged).collect();
    // A sign and a code, and one or two blanks, as there is room.
    let step = (area.width / u16::try_from(codes.len().max(1)).unwrap_or(1)).min(8);
    let columns = (area.x..area.right()).step_by(usize::from(step.max(1)));
    for ((code, state), x) in codes.into_iter().zip(columns) {
        let (sign, style) = mark(state, cx.theme);
        draw_text(buf, x, area.y, area.right() - x, &format!("{sign}{code}"), style);
    }
    if area.height < 2 {
        return;
    }
    let (text, style) = match judged.diagnosis.sign_in() {
        Some(code) => (problem(code, judged), cx.theme.bad),
        None if unsaved => {
            ("✓ Nothing is missing: once saved, this user can sign in.".to_owned(), cx.theme.good)
        }
        None => ("✓ Nothing is missing: this user can sign in.".to_owned(), cx.theme.good),
    };
    // While CC007 fails, the first problem names these customers already.
    let fails = judged.diagnosis.state(Code::CC007) == State::Failed;
    let unserved = judged.diagnosis.unserved(&judged.facts).filter(|_| !fails).map(unserved);
    let warnings = judged.diagnosis.warnings.iter().map(ToString::to_string);
    let warnings = match unserved.chain(warnings).collect::<Vec<_>>().as_slice() {
        [] => String::new(),
        [only] => format!("   {WARNING} {only}"),
        [first, rest @ ..] => format!("   {WARNING} (+{}) {first}", rest.len()),
    };
    draw_text(buf, area.x, area.y + 1, area.width, &format!("{text}{warnings}"), style);
}

fn unserved(customer: &CustomerFacts) -> String {
    format!("no location serves {}", customer.label())
}

fn problem(code: Code, judged: &Judged) -> String {
    format!("✗ {code} {}: {}  F8", code.title(), judged.diagnosis.words(code, &judged.facts))
}

/// The width of a sign, a code and its title, in columns.
const CODE: u16 = 25;

/// The least width of the outcome, however long the lines beside it are.
const OUTCOME: u16 = 29;

fn draw_whole(
    buf: &mut Buffer,
    area: Rect,
    judged: &Judged,
    unsaved: bool,
    selected: Option<usize>,
    cx: &DrawCx<'_>,
) {
    let lines: Vec<(String, String, Style)> =
        lines(judged).map(|line| words(&line, judged, cx.theme)).collect();
    let longest = lines.iter().map(|(head, rest, _)| columns(head).max(CODE) + columns(rest)).max();
    let left = (area.width * 3 / 5).max(40).max(longest.unwrap_or(0).min(area.width.saturating_sub(OUTCOME)));
    let left = left.min(area.width);
    // Where not all lines have room, the one with the cursor is in view.
    let first = selected.map_or(0, |line| (line + 1).saturating_sub(usize::from(area.height)));
    for (y, (line, (head, rest, style))) in
        (area.top()..area.bottom()).zip(lines.iter().enumerate().skip(first))
    {
        let indent = if rest.is_empty() { left } else { CODE };
        draw_text(buf, area.x, y, indent, head, *style);
        draw_text(buf, area.x + indent, y, left - indent, rest, *style);
        if selected == Some(line) {
            buf.set_style(Rect { y, height: 1, width: left, ..area }, cx.theme.selection);
        }
    }
    let room = Rect { x: area.x + left + 1, width: area.width.saturating_sub(left + 1), ..area };
    draw_outcome(buf, room, judged, unsaved, cx);
}

fn columns(text: &str) -> u16 {
    u16::try_from(width(&clean(text))).unwrap_or(u16::MAX)
}

/// The texts of a line: its sign and subject, and what is there or missing; and its style.
fn words(line: &Line<'_>, judged: &Judged, theme: &Theme) -> (String, String, Style) {
    match line {
        Line::Code(code, state) => {
            let (sign, style) = mark(*state, theme);
            let words = judged.diagnosis.words(*code, &judged.facts);
            (format!("{sign} {code} {}", code.title()), words, style)
        }
        Line::Unserved(customer) => {
            let (sign, style) = match judged.diagnosis.state(Code::CC007) {
                State::Failed => mark(State::Failed, theme),
                _ => (WARNING, theme.warn),
            };
            (format!("{sign} {}", unserved(customer)), String::new(), style)
        }
    }
}

/// Draws what a sign-in shows, now or after the draft is saved, what to do about it, and the warnings.
fn draw_outcome(buf: &mut Buffer, area: Rect, judged: &Judged, unsaved: bool, cx: &DrawCx<'_>) {
    let (shows, lets_in) = if unsaved {
        ("once saved, sign-in shows", "✓ once saved, sign-in lets this user in")
    } else {
        ("sign-in now shows", "✓ sign-in lets this user in")
    };
    let is_off = judged.diagnosis.warnings.contains(&Warning::UserInactive);
    let mut lines = match judged.diagnosis.sign_in() {
        _ if is_off => vec![("✗ this user is inactive and cannot sign in".to_owned(), cx.theme.bad)],
        Some(code) => vec![
            (format!("{shows} {code}"), cx.theme.bad),
            (format!("F8: {}", code.advice()), cx.theme.value),
        ],
        None => vec![(lets_in.to_owned(), cx.theme.good)],
    };
    lines.extend(judged.diagnosis.warnings.iter().map(|warning| (format!("! {warning}"), cx.theme.warn)));
    let mut y = area.y;
    for (text, style) in lines {
        for line in wrap(&text, usize::from(area.width)) {
            if y < area.bottom() {
                draw_text(buf, area.x, y, area.width, &line, style);
            }
            y += 1;
        }
    }
}

/// The line of this index.
pub fn line_at(judged: &Judged, number: usize) -> Option<Line<'_>> {
    lines(judged).nth(number)
}

/// The code that the line of this index is about.
pub fn code_at(judged: &Judged, number: usize) -> Option<Code> {
    line_at(judged, number).map(|line| match line {
        Line::Code(code, _) => code,
        Line::Unserved(_) => Code::CC007,
    })
}

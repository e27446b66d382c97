//! The validation pane: what is missing before a user may enter, in words, and how to repair it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::domain::access::{Code, State};
use crate::domain::request::RequestState;
use crate::service::access::Judged;
use crate::tui::component::DrawCx;
use crate::tui::theme::Theme;
use crate::tui::widgets::cells::{draw_text, wrap};

/// The lines of the short form: a heading, the codes, the first problem.
pub const SHORT: u16 = 3;

/// How many lines the whole pane takes.
pub fn height(judged: Option<&Judged>) -> u16 {
    let lines = judged.map_or(1, |judged| asked(judged).count().max(judged.diagnosis.warnings.len() + 1));
    u16::try_from(lines).unwrap_or(9) + 1
}

fn asked(judged: &Judged) -> impl Iterator<Item = (Code, State)> {
    judged.diagnosis.states().filter(|(_, state)| *state != State::Unused)
}

/// Draws the pane, the short form where there is no room for more. `unsaved` says that the draft was judged.
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
    let request = match judged.and_then(|judged| judged.request) {
        Some(RequestState::Pending) => " · request pending",
        Some(RequestState::Configured) => " · request configured",
        Some(RequestState::Rejected) => " · request rejected",
        None => "",
    };
    let heading = format!("CLIENT CENTER ACCESS · site {} · {when}{request}", site.shown);
    draw_text(buf, area.x, area.y, area.width, &heading, cx.theme.title);
    let Some(judged) = judged else {
        draw_text(buf, area.x + 1, area.y + 1, area.width, "judging…", cx.theme.dim);
        return;
    };
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    if area.height < height(Some(judged)) {
        draw_short(buf, body, judged, cx);
    } else {
        draw_whole(buf, body, judged, selected, cx);
    }
}

fn mark(state: State, theme: &Theme) -> (&'static str, Style) {
    match state {
        State::Ok => ("✓", theme.good),
        State::Failed => ("✗", theme.bad),
        State::Blocked(_) | State::Unused => ("·", theme.dim),
    }
}

fn draw_short(buf: &mut Buffer, area: Rect, judged: &Judged, cx: &DrawCx<'_>) {
    let mut x = area.x;
    for (code, state) in asked(judged) {
        let (sign, style) = mark(state, cx.theme);
        draw_text(buf, x, area.y, 8, &format!("{sign}{code}"), style);
        x += 8;
    }
    if area.height < 2 {
        return;
    }
    let (text, style) = match judged.diagnosis.sign_in() {
        Some(code) => (problem(code, judged), cx.theme.bad),
        None => ("✓ Nothing is missing: this user can sign in.".to_owned(), cx.theme.good),
    };
    let warnings = match judged.diagnosis.warnings.as_slice() {
        [] => String::new(),
        [only] => format!("   ! {only}"),
        [first, rest @ ..] => format!("   ! {first} (+{})", rest.len()),
    };
    draw_text(buf, area.x, area.y + 1, area.width, &format!("{text}{warnings}"), style);
}

fn problem(code: Code, judged: &Judged) -> String {
    format!("✗ {code} {}: {}  F8", code.title(), judged.diagnosis.words(code, &judged.facts))
}

/// The columns of a sign, a code and its title.
const CODE: u16 = 25;

fn draw_whole(buf: &mut Buffer, area: Rect, judged: &Judged, selected: Option<usize>, cx: &DrawCx<'_>) {
    let left = (area.width * 3 / 5).max(40).min(area.width);
    for (line, (code, state)) in asked(judged).enumerate() {
        let y = area.y + u16::try_from(line).unwrap_or_default();
        if y >= area.bottom() {
            break;
        }
        let (sign, style) = mark(state, cx.theme);
        draw_text(buf, area.x, y, CODE, &format!("{sign} {code} {}", code.title()), style);
        let words = match state {
            State::Blocked(earlier) => format!("after {earlier}"),
            State::Ok | State::Failed | State::Unused => judged.diagnosis.words(code, &judged.facts),
        };
        draw_text(buf, area.x + CODE, y, left.saturating_sub(CODE), &words, style);
        if selected == Some(line) {
            buf.set_style(Rect { y, height: 1, width: left, ..area }, cx.theme.selection);
        }
    }
    let room = Rect { x: area.x + left + 1, width: area.width.saturating_sub(left + 1), ..area };
    draw_outcome(buf, room, judged, cx);
}

/// What a sign-in would show, what to do about it, and the warnings.
fn draw_outcome(buf: &mut Buffer, area: Rect, judged: &Judged, cx: &DrawCx<'_>) {
    let mut lines = match judged.diagnosis.sign_in() {
        Some(code) => vec![
            (format!("sign-in now shows {code}"), cx.theme.bad),
            (format!("F8: {}", code.advice()), cx.theme.value),
        ],
        None => vec![("✓ sign-in lets this user in".to_owned(), cx.theme.good)],
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

/// The code in the line of that number.
pub fn code_at(judged: &Judged, line: usize) -> Option<Code> {
    asked(judged).nth(line).map(|(code, _)| code)
}

/// The code in that line, when it failed.
pub fn failed_at(judged: &Judged, line: usize) -> Option<Code> {
    code_at(judged, line).filter(|code| judged.diagnosis.state(*code) == State::Failed)
}

/// How many lines can be gone to.
pub fn lines(judged: Option<&Judged>) -> usize {
    judged.map_or(0, |judged| asked(judged).count())
}

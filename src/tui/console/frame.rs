//! Drawing the frame around the place in front: breadcrumb, menu, edge, ribbon, message line and footer.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect};
use ratatui::style::Style;

use crate::domain::account_request;
use crate::domain::model::text::{clean, width};
use crate::tui::command::{Action, Command, InFooter, OwnKey, shown_key};
use crate::tui::component::{DrawCx, Who};
use crate::tui::console::commands::InFront;
use crate::tui::console::{Console, LEAST, WIDE};
use crate::tui::message::{Notice, Tone};
use crate::tui::places::heading;
use crate::tui::theme::{FAILED, OK, Theme};
use crate::tui::widgets::popup::{Edge, draw_edge};
use crate::tui::widgets::text::{draw_right, draw_text, draw_wrapped, wrap};

/// The columns of the menu.
const MENU: u16 = 23;

/// The commands for which the footer leaves room.
const ALWAYS: [Action; 3] = [Action::CancelChanges, Action::Back, Action::Help];

impl Console {
    /// Draws everything.
    pub fn draw(&mut self, frame: &mut Frame<'_>) {
        self.is_dirty = false;
        let area = frame.area();
        self.size = area.as_size();
        if self.is_too_small() {
            draw_wrapped(frame.buffer_mut(), area, &self.too_small(), self.theme.value);
            return;
        }
        let line = |y: u16| Rect { y, height: 1, ..area };
        let front = self.in_front();
        if self.lock.is_some() {
            self.draw_lock(frame, Rect { height: area.height - 1, ..area });
            let footer = line(area.bottom() - 1).inner(Margin::new(1, 0));
            draw_footer(frame.buffer_mut(), footer, &footer_keys(Vec::new(), &front), &self.theme);
            return;
        }
        self.draw_breadcrumb(frame.buffer_mut(), line(area.y));
        let (said, said_style) = self.said(area.width);
        let high = u16::try_from(said.len()).unwrap_or(1);
        let body = Rect { y: area.y + 1, height: area.height - 2 - high, ..area };
        let content = self.draw_content(frame, body);
        self.draw_overlays(frame, content);
        for (y, text) in (body.bottom()..).zip(&said) {
            draw_text(frame.buffer_mut(), area.x + 1, y, area.width - 2, text, said_style);
        }
        let footer = self.draw_state(frame.buffer_mut(), line(area.bottom() - 1), front.is_open());
        let answers = self.layers.last().map(|top| top.component.answers()).unwrap_or_default();
        draw_footer(frame.buffer_mut(), footer, &footer_keys(answers, &front), &self.theme);
    }

    /// What is shown in a window that is too small: what it takes, and the question that waits, if there is one.
    fn too_small(&self) -> String {
        let (least, now) = (LEAST, self.size);
        let front = self.layers.last().filter(|_| self.lock.is_none());
        let asked = front.and_then(|front| front.component.question());
        let asked = asked.map(|asked| format!(" A question waits for a larger window: {asked}"));
        let asked = asked.unwrap_or_default();
        format!("ccdesk needs {least} characters; here are {now}. Nothing is lost.{asked}")
    }

    /// Draws the lock, and nothing of what it covers.
    fn draw_lock(&mut self, frame: &mut Frame<'_>, edge: Rect) {
        let Some(lock) = &mut self.lock else { return };
        draw_edge(frame.buffer_mut(), edge, Edge { title: &lock.component.title(), keys: "" }, &self.theme);
        let cx = DrawCx {
            who: &self.who,
            today: self.today,
            focused: true,
            shortest_password: self.shortest_password,
            requests: None,
            theme: &self.theme,
        };
        lock.component.draw(frame, edge.inner(Margin::new(1, 1)), &cx);
    }

    fn draw_breadcrumb(&self, buf: &mut Buffer, line: Rect) {
        let line = line.inner(Margin::new(1, 0));
        let mut right = match &self.who {
            Who::Nobody => {
                draw_text(buf, line.x, line.y, line.width, &self.database, self.theme.dim);
                return;
            }
            Who::Operator(operator) => {
                let company = operator.enterprise_company.as_ref();
                let company = company.map(|company| format!("{} ▾", company.shown));
                let site = operator.site.as_ref().map(|site| format!("site {} ▾", site.shown));
                let rest = [operator.login.clone(), self.database.clone()];
                company.into_iter().chain(site).chain(rest).collect::<Vec<_>>()
            }
            Who::Visitor(visitor) => {
                let switch = if visitor.clients.len() > 1 { " ▾" } else { "" };
                let client = visitor.client.as_ref();
                let client = client.map(|client| format!("{}{switch}", client.customer.shown));
                client.into_iter().chain([visitor.login.clone()]).collect()
            }
        };
        while right.len() > 1 && width(&clean(&right.join("  "))) > usize::from(line.width / 2) {
            right.pop();
        }
        let right = right.join("  ");
        let room = line.width / 2;
        let x = draw_right(buf, Rect { x: line.right() - room, width: room, ..line }, &right, self.theme.dim);
        let left = x.saturating_sub(line.x + 2);
        draw_text(buf, line.x, line.y, left, &self.breadcrumb(left.into()), self.theme.title);
    }

    /// The first part of every breadcrumb: `⌂`, or `Lagerta Ltd. - Client Center`.
    fn beginning(&self) -> String {
        self.who.visitor().map_or_else(|| "⌂".to_owned(), |visitor| heading(&visitor.center))
    }

    /// `⌂ / Setup / Security / Users`, in at most `columns` columns; where there is no room for all, the levels after
    /// the first are left out.
    fn breadcrumb(&self, columns: usize) -> String {
        let places = self.layers.iter().skip(1).filter(|layer| !layer.component.is_overlay());
        let mut levels: Vec<String> = places.map(|layer| layer.component.title()).collect();
        let beginning = self.beginning();
        let joined = |levels: &[String]| {
            std::iter::once(beginning.as_str())
                .chain(levels.iter().map(String::as_str))
                .collect::<Vec<_>>()
                .join(" / ")
        };
        let mut shown = joined(&levels);
        while levels.len() > 1 && width(&clean(&shown)) > columns {
            if levels[0] == "…" {
                levels.remove(1);
            } else {
                levels[0] = "…".to_owned();
            }
            shown = joined(&levels);
        }
        shown
    }

    /// Draws the menu and the place in front. Returns the area of both without the menu.
    fn draw_content(&mut self, frame: &mut Frame<'_>, body: Rect) -> Rect {
        let beside = self.who != Who::Nobody && !self.tree_is_hidden && body.width >= WIDE;
        let menu = Rect { width: MENU, ..body };
        let edge = if beside { Rect { x: body.x + MENU, width: body.width - MENU, ..body } } else { body };
        self.draw_front_place(frame, edge);
        if beside || self.tree_has_keys {
            let cursor = self.tree.draw(frame.buffer_mut(), menu, self.tree_has_keys, &self.theme);
            if self.tree_has_keys {
                frame.set_cursor_position(cursor);
            }
        }
        edge
    }

    fn draw_front_place(&mut self, frame: &mut Frame<'_>, edge: Rect) {
        let Some(at) = self.layers.iter().rposition(|layer| !layer.component.is_overlay()) else { return };
        let focused = at + 1 == self.layers.len() && !self.tree_has_keys;
        let component = &mut self.layers[at].component;
        let title = component.title();
        draw_edge(frame.buffer_mut(), edge, Edge { title: &title, keys: "" }, &self.theme);
        let mut room = edge.inner(Margin::new(1, 1));
        let mut commands = Vec::new();
        component.commands(&mut commands);
        if draw_ribbon(frame.buffer_mut(), Rect { height: 1, ..room }, &commands, &self.theme) {
            room = Rect { y: room.y + 1, height: room.height - 1, ..room };
        }
        component.draw(
            frame,
            room,
            &DrawCx {
                who: &self.who,
                today: self.today,
                focused,
                shortest_password: self.shortest_password,
                requests: self.requests,
                theme: &self.theme,
            },
        );
    }

    fn draw_overlays(&mut self, frame: &mut Frame<'_>, content: Rect) {
        let first =
            self.layers.iter().rposition(|layer| !layer.component.is_overlay()).map_or(0, |at| at + 1);
        let last = self.layers.len().saturating_sub(1);
        for (at, layer) in self.layers.iter_mut().enumerate().skip(first) {
            let cx = DrawCx {
                who: &self.who,
                today: self.today,
                focused: at == last,
                shortest_password: self.shortest_password,
                requests: self.requests,
                theme: &self.theme,
            };
            layer.component.draw(frame, content, &cx);
        }
    }

    /// Draws the state at the right of the last line: the export under way, that an answer takes long, or the number of pending requests,
    /// which gives way to the keys of an open list. Returns the area that is left for the keys.
    fn draw_state(&self, buf: &mut Buffer, line: Rect, is_open: bool) -> Rect {
        let line = line.inner(Margin::new(1, 0));
        let (text, style) = match (self.export_progress(), self.requests) {
            (Some(exporting), _) => (exporting, self.theme.warn),
            _ if self.is_waiting => ("working…".to_owned(), self.theme.warn),
            (_, Some(requests @ 1..)) if !is_open => (account_request::waiting(requests), self.theme.title),
            _ => return line,
        };
        Rect { width: draw_right(buf, line, &text, style).saturating_sub(line.x + 2), ..line }
    }

    /// The lines of the message, or while there is none, of the rule of the field with the cursor.
    fn said(&self, columns: u16) -> (Vec<String>, Style) {
        let columns = usize::from(columns.saturating_sub(2));
        let (text, style) = match &self.notice {
            Some(Notice { tone, text }) => {
                let (mark, style) = match tone {
                    Tone::Good => (OK, self.theme.good),
                    Tone::Plain => ("·", self.theme.value),
                    Tone::Bad => (FAILED, self.theme.bad),
                };
                (format!("{mark} {text}"), style)
            }
            None => {
                let rule = self.layers.last().and_then(|top| top.component.rule());
                (rule.filter(|_| !self.tree_has_keys).unwrap_or_default(), self.theme.dim)
            }
        };
        let mut lines = wrap(&text, columns);
        if lines.len() > MOST_LINES {
            lines.truncate(MOST_LINES);
            lines[MOST_LINES - 1] = "… the rest is among the messages: Ctrl+G M".to_owned();
        }
        (lines, style)
    }
}

/// Draws the place's commands that belong to the ribbon; one that cannot be given stands in parentheses. Returns
/// whether there were any.
fn draw_ribbon(buf: &mut Buffer, line: Rect, commands: &[Command], theme: &Theme) -> bool {
    let mut x = line.x + 1;
    let mut any = false;
    for command in commands.iter().filter(|command| command.in_ribbon) {
        any = true;
        let label = command.label();
        let (text, style) = match command.disabled {
            None => (label.to_owned(), theme.value),
            Some(_) => (format!("({label})"), theme.dim),
        };
        x += draw_text(buf, x, line.y, line.right().saturating_sub(x), &text, style) + 2;
    }
    any
}

/// The most lines of a message; a longer one is whole in the log.
const MOST_LINES: usize = 3;

/// The [`rank`] of what is done in a place daily.
const OF_THE_PLACE: u8 = 1;
/// The [`rank`] of what can be done wherever one is.
const OTHERS: u8 = 5;

/// How early the footer shows a command: what a place is for first, the ways out and the frame's own behind it, Quit
/// last.
fn rank(action: Action, is_frame: bool) -> u8 {
    use Action::{
        Approve, Back, CancelChanges, DropDown, Edit, FilterRow, Help, Mark, Menu, NextProblem, Open,
        Palette, Quit, SaveAndReload, Views,
    };
    match action {
        SaveAndReload | NextProblem | Open => 0,
        Edit | FilterRow | Views | Mark | Approve | DropDown => OF_THE_PLACE,
        Quit => 6,
        Help | Menu | Palette => 4,
        CancelChanges | Back => 3,
        _ if is_frame => OTHERS,
        _ => 2,
    }
}

/// A key in the footer.
struct FooterKey {
    key: String,
    label: String,
    /// Whether room is left for it.
    is_kept: bool,
}

impl FooterKey {
    fn own(own: &OwnKey) -> Self {
        Self { key: own.keys.to_owned(), label: own.label.to_owned(), is_kept: false }
    }

    /// The key of a command; `None` for one without a key.
    fn of(command: &Command, front: &InFront) -> Option<Self> {
        let key = shown_key(command, front.takes_text, &front.commands)?;
        // Lists are known by this key.
        let is_slash = command.action == Action::FilterRow && !front.takes_text;
        let key = if is_slash { "/".to_owned() } else { key.to_string() };
        Some(Self { key, label: short(command).to_owned(), is_kept: ALWAYS.contains(&command.action) })
    }

    /// The cells that it takes, with the gap behind it.
    fn columns(&self) -> usize {
        width(&self.key) + 1 + width(&clean(&self.label)) + 2
    }
}

/// The keys that work now, those of `answers` and of what is open first.
fn footer_keys(answers: Vec<(char, String)>, front: &InFront) -> Vec<FooterKey> {
    let answer =
        |(letter, label): (char, String)| FooterKey { key: letter.to_string(), label, is_kept: true };
    let own = |wanted: InFooter| front.own_keys.iter().filter(move |own| own.in_footer == wanted);
    let mut ranked: Vec<(u8, FooterKey)> = Vec::new();
    for (at, command) in front.commands.iter().enumerate().filter(|(_, it)| it.disabled.is_none()) {
        let Some(key) = FooterKey::of(command, front) else { continue };
        let rank = match command.action {
            // While a list is open, only its keys are about what is done now.
            Action::DropDown if front.is_open() => 0,
            _ if front.is_open() && !key.is_kept => OTHERS,
            action => rank(action, at < front.frame),
        };
        ranked.push((rank, key));
    }
    ranked.extend(own(InFooter::Later).map(|own| (OF_THE_PLACE, FooterKey::own(own))));
    ranked.sort_by_key(|(rank, _)| *rank);
    let first = answers.into_iter().map(answer).chain(own(InFooter::First).map(FooterKey::own));
    first.chain(ranked.into_iter().map(|(_, key)| key)).collect()
}

/// Draws the keys of the footer. What has no room is left out, and a shorter one behind it may still have room; the ways
/// out, help and menu are left room for.
fn draw_footer(buf: &mut Buffer, line: Rect, keys: &[FooterKey], theme: &Theme) {
    let mut reserved: usize = keys.iter().filter(|key| key.is_kept).map(FooterKey::columns).sum();
    let mut left = usize::from(line.width + 2);
    let mut x = line.x;
    for key in keys {
        let wanted = key.columns();
        reserved -= if key.is_kept { wanted } else { 0 };
        if wanted + if key.is_kept { 0 } else { reserved } > left {
            continue;
        }
        left -= wanted;
        x += draw_text(buf, x, line.y, line.right().saturating_sub(x), &key.key, theme.key) + 1;
        x += draw_text(buf, x, line.y, line.right().saturating_sub(x), &key.label, theme.value) + 2;
    }
}

/// The label of a command in the footer: its own, or the short form of the usual one.
fn short(command: &Command) -> &str {
    match (command.label.as_deref(), command.action) {
        (Some(label), _) => label,
        (None, Action::SaveAndReload) => "Save",
        (None, Action::DropDown) => "List",
        (None, Action::CancelChanges) => "Cancel",
        (None, Action::FilterRow) => "Filter",
        (None, Action::SelectByNavigator) => "Select",
        (None, Action::Approve) => "Approve",
        (None, Action::Reject) => "Reject",
        (None, Action::Sort) => "Sort",
        (None, _) => command.label(),
    }
}

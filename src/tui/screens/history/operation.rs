//! The entries of an operation. Enter opens the record of an entry; one change can be undone alone.

use ratatui::Frame;
use ratatui::layout::{Margin, Rect};

use super::undoing::{CanUndo, Undoing};
use crate::domain::model::format;
use crate::domain::model::history::{HistoryAction, HistorySeq, Operation, Undoes};
use crate::domain::model::history_text;
use crate::service::ServiceError;
use crate::service::api::back_office;
use crate::service::back_office::OperationEntry;
use crate::tui::command::{Action, Command};
use crate::tui::component::{Awaited, Component, Cx, DrawCx};
use crate::tui::message::{Effect, Event, Opening, Outcome, Screen, Slot, Tone};
use crate::tui::widgets::list::Chosen;
use crate::tui::widgets::text::draw_text;

/// How many entries before the last one the next page is asked for.
const AHEAD: usize = 20;

/// The entries of one operation.
pub struct OperationEntries {
    operation: Operation,
    /// `None` until the first page is read.
    entries: Option<Vec<OperationEntry>>,
    /// The entry behind which the next page begins; `None` when there is none, or it is asked for.
    more: Option<HistorySeq>,
    chosen: Chosen,
    undoing: Undoing,
}

impl OperationEntries {
    /// Opens an operation, and asks for the first of its entries.
    pub fn open(operation: Operation, cx: &mut Cx<'_>) -> Self {
        let (chosen, undoing) = (Chosen::default(), Undoing::Idle);
        let opened = Self { operation, entries: None, more: None, chosen, undoing };
        opened.ask(0, cx);
        opened
    }

    fn entries(&self) -> &[OperationEntry] {
        self.entries.as_deref().unwrap_or_default()
    }

    fn current(&self) -> Option<&OperationEntry> {
        self.entries().get(self.chosen.at)
    }

    fn ask(&self, after: HistorySeq, cx: &mut Cx<'_>) {
        let question = back_office::OperationEntries { operation: self.operation.id, after };
        cx.ask(Slot::History, question, move |opened: &mut Self, entries, cx| {
            opened.read(after == 0, entries, cx);
        });
    }

    fn read(&mut self, anew: bool, read: Result<Vec<OperationEntry>, ServiceError>, cx: &mut Cx<'_>) {
        let entries = self.entries.get_or_insert_default();
        match read {
            Ok(read) => {
                if anew {
                    entries.clear();
                }
                let is_full = read.len() == back_office::HISTORY_PAGE;
                self.more = read.last().map(|last| last.seq).filter(|_| is_full);
                entries.extend(read);
            }
            Err(error) => cx.say(Tone::Bad, error.to_string()),
        }
    }

    fn read_ahead(&mut self, cx: &mut Cx<'_>) {
        if self.chosen.at + AHEAD >= self.entries().len()
            && let Some(after) = self.more.take()
        {
            self.ask(after, cx);
        }
    }

    fn command(&mut self, action: Action, cx: &mut Cx<'_>) {
        let current = self.current().map(|entry| (entry.seq, entry.entry.entity, entry.entry.record));
        match (action, current) {
            (Action::Open, Some((_, entity, record))) => {
                cx.push(Effect::Push(Screen::Form(Opening::record(entity, record, false))));
            }
            (Action::UndoOperation, Some((seq, ..))) => {
                let undoes = Undoes { operation: self.operation.id, entry: Some(seq) };
                self.plan_undo(undoes, None, cx);
            }
            (Action::Reload, _) => self.ask(0, cx),
            _ => {}
        }
    }
}

/// An entry in a single line: the entity, the record, and what was done.
fn line_of(of: &OperationEntry, language: &str) -> String {
    let entry = &of.entry;
    let what = match entry.part {
        Some(part) => part.entity.plural,
        None => entry.action.as_str(),
    };
    let lines = history_text::lines(entry, language);
    let reason = entry.reason.as_deref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    let sign = if lines.is_empty() { "" } else { ": " };
    format!("{} “{}” {what}{sign}{}{reason}", entry.entity.name, of.shown, lines.join("; "))
}

impl CanUndo for OperationEntries {
    fn undoing(&mut self) -> &mut Undoing {
        &mut self.undoing
    }

    fn was_undone(&mut self, cx: &mut Cx<'_>) {
        self.ask(0, cx);
    }
}

impl Component for OperationEntries {
    fn title(&self) -> String {
        format::shown_instant(self.operation.at)
    }

    fn takes_text(&self) -> bool {
        false
    }

    fn commands(&self, out: &mut Vec<Command>) {
        let none = "There is no entry.";
        let current = self.current();
        let is_gone = current.is_some_and(|entry| entry.entry.action == HistoryAction::Deleted);
        let open = Command::of(Action::Open).labelled("Open record").only_if(current.is_some(), none);
        out.push(open.only_if(!is_gone, "The record was removed."));
        let undo = Command::of(Action::UndoOperation).labelled("Undo this change").ribbon();
        out.push(undo.only_if(current.is_some(), none));
        out.push(Command::of(Action::Reload).ribbon());
    }

    fn takes_now(&self, event: &Event, awaited: &Awaited<'_>) -> bool {
        let waits = awaited.any(|slot| matches!(slot, Slot::History | Slot::Preview | Slot::Write));
        !waits || matches!(event, Event::Command(Action::Reload))
    }

    fn handle(&mut self, event: Event, cx: &mut Cx<'_>) {
        match event {
            Event::Command(action) => self.command(action, cx),
            Event::Key(key) => {
                let length = self.entries().len();
                self.chosen.key(&key, length, |_| true);
                self.read_ahead(cx);
            }
            Event::Returned(Outcome::Written) => self.ask(0, cx),
            Event::Returned(outcome) => {
                self.undo_answered(&outcome, cx);
            }
            Event::Paste(_) => cx.say_not_pasted(),
            Event::VisitorChanged => {}
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let area = area.inner(Margin { horizontal: 1, vertical: 0 });
        let (who, purpose) = (&self.operation.who, &self.operation.purpose);
        draw_text(frame.buffer_mut(), area.x, area.y, area.width, purpose, cx.theme.title);
        let by = match &self.operation.undone_by {
            Some(undo) => format!("by {who}; undone by {} on {}", undo.who, format::shown_instant(undo.at)),
            None => format!("by {who}"),
        };
        draw_text(frame.buffer_mut(), area.x, area.y + 1, area.width, &by, cx.theme.dim);
        let room = Rect { y: area.y + 3, height: area.height.saturating_sub(3), ..area };
        if self.entries.is_none() {
            draw_text(frame.buffer_mut(), room.x, room.y, room.width, "reading…", cx.theme.dim);
        }
        let length = self.entries().len();
        let view = self.chosen.view(length, room.height);
        for (y, at) in (room.top()..room.bottom()).zip(view) {
            let line = Rect { y, height: 1, ..room };
            let text = line_of(&self.entries()[at], cx.who.language());
            draw_text(frame.buffer_mut(), line.x, y, line.width, &text, cx.theme.value);
            if at == self.chosen.at {
                frame.buffer_mut().set_style(line, cx.theme.selection);
                if cx.focused {
                    frame.set_cursor_position(line.as_position());
                }
            }
        }
        if cx.focused && length == 0 {
            frame.set_cursor_position(room.as_position());
        }
    }
}

//! The history of all records, by operation: who did what, when and what for. Enter opens the entries of an operation; an
//! operation can be undone.

pub mod operation;
mod undoing;

use ratatui::Frame;
use ratatui::layout::{Margin, Rect};

use crate::domain::entities;
use crate::domain::model::format;
use crate::domain::model::history::{
    HistoryAction, Operation, OperationCursor, OperationFilter, OperationPage, Undoes,
};
use crate::domain::model::history_text;
use crate::service::ServiceError;
use crate::service::api::back_office;
use crate::tui::command::{Action, Command};
use crate::tui::component::{Awaited, Component, Cx, DrawCx};
use crate::tui::message::{AskScreen, Effect, Event, MenuScreen, Outcome, Screen, Slot, Tone};
use crate::tui::widgets::list::Chosen;
use crate::tui::widgets::text::{draw_right, draw_text};

use undoing::{CanUndo, Undoing};

/// How many operations before the last one the next page is asked for.
const AHEAD: usize = 20;

/// The most characters of a login, and of a time.
const LONGEST_LOGIN: usize = 64;
const LONGEST_TIME: usize = 30;

/// What the operations can be filtered by, in the order of the menu.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Operator,
    Entity,
    Action,
    Since,
    Before,
}

impl By {
    const ALL: [Self; 5] = [Self::Operator, Self::Entity, Self::Action, Self::Since, Self::Before];

    fn label(self) -> &'static str {
        match self {
            Self::Operator => "Operator",
            Self::Entity => "Entity",
            Self::Action => "Action",
            Self::Since => "Since",
            Self::Before => "Before",
        }
    }
}

/// What the layer above asks for a filter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Filtering {
    Nothing,
    /// By what.
    By,
    /// Its value.
    Value(By),
}

/// The list of operations.
pub struct History {
    filter: OperationFilter,
    filtering: Filtering,
    /// `None` until the first page is read.
    operations: Option<Vec<Operation>>,
    /// Where the next page begins; `None` when there is none, or it is asked for.
    more: Option<OperationCursor>,
    chosen: Chosen,
    undoing: Undoing,
}

impl History {
    /// Opens the list, and asks for its first page.
    pub fn open(cx: &mut Cx<'_>) -> Self {
        let opened = Self {
            filter: OperationFilter::default(),
            filtering: Filtering::Nothing,
            operations: None,
            more: None,
            chosen: Chosen::default(),
            undoing: Undoing::Idle,
        };
        opened.ask(None, cx);
        opened
    }

    fn operations(&self) -> &[Operation] {
        self.operations.as_deref().unwrap_or_default()
    }

    fn current(&self) -> Option<&Operation> {
        self.operations().get(self.chosen.at)
    }

    fn ask(&self, after: Option<OperationCursor>, cx: &mut Cx<'_>) {
        let question = back_office::Operations { filter: self.filter.clone(), after };
        cx.ask(Slot::History, question, move |history: &mut Self, page, cx| {
            history.read(after.is_some(), page, cx);
        });
    }

    /// Reads the list from its beginning.
    fn restart(&mut self, cx: &mut Cx<'_>) {
        self.more = None;
        self.ask(None, cx);
    }

    fn read(&mut self, goes_on: bool, page: Result<OperationPage, ServiceError>, cx: &mut Cx<'_>) {
        match page {
            Ok(page) => {
                let operations = self.operations.get_or_insert_default();
                if !goes_on {
                    operations.clear();
                    self.chosen = Chosen::default();
                }
                operations.extend(page.operations);
                self.more = page.more_before;
            }
            Err(error) => {
                self.operations.get_or_insert_default();
                cx.say(Tone::Bad, error.to_string());
            }
        }
    }

    fn read_ahead(&mut self, cx: &mut Cx<'_>) {
        if self.chosen.at + AHEAD >= self.operations().len()
            && let Some(after) = self.more.take()
        {
            self.ask(Some(after), cx);
        }
    }

    /// The filter in words.
    fn filter_line(&self) -> String {
        let filter = &self.filter;
        let parts = [
            filter.who.as_ref().map(|who| format!("by {who}")),
            filter.entity.map(|entity| entity.plural.to_owned()),
            filter.action.map(|action| action.as_str().to_owned()),
            filter.from.map(|from| format!("since {}", format::shown_instant(from))),
            filter.before.map(|before| format!("before {}", format::shown_instant(before))),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() { "Everything that was done".to_owned() } else { parts.join(" · ") }
    }

    /// Asks for the value of a filter.
    fn ask_value(&mut self, by: By, cx: &mut Cx<'_>) {
        self.filtering = Filtering::Value(by);
        let words = |question: &str, most| {
            Screen::Ask(AskScreen { title: by.label().to_owned(), question: question.to_owned(), most })
        };
        let choices = |labels: Vec<String>| Screen::Menu(MenuScreen::choices(by.label(), labels, None));
        cx.push(Effect::Push(match by {
            By::Operator => words("Whose operations? A login, “command line” or “import”.", LONGEST_LOGIN),
            By::Entity => choices(entities::all().map(|entity| entity.plural.to_owned()).collect()),
            By::Action => choices(HistoryAction::ALL.map(|action| action.as_str().to_owned()).to_vec()),
            By::Since => words("Since when? 2024-04-01, or 2024-04-01T13:25:00Z.", LONGEST_TIME),
            By::Before => words("Before when? 2024-04-01, or 2024-04-01T13:25:00Z.", LONGEST_TIME),
        }));
    }

    /// Takes the answer of a layer that asked for a filter.
    fn filter_answered(&mut self, outcome: &Outcome, cx: &mut Cx<'_>) {
        let filtering = std::mem::replace(&mut self.filtering, Filtering::Nothing);
        match (filtering, outcome) {
            (Filtering::By, Outcome::Answer(at)) => {
                if let Some(by) = By::ALL.get(*at) {
                    self.ask_value(*by, cx);
                }
                return;
            }
            (Filtering::Value(By::Entity), Outcome::Answer(at)) => {
                self.filter.entity = entities::all().nth(*at);
            }
            (Filtering::Value(By::Action), Outcome::Answer(at)) => {
                self.filter.action = HistoryAction::ALL.get(*at).copied();
            }
            (Filtering::Value(By::Operator), Outcome::Words(login)) => self.filter.who = Some(login.clone()),
            (Filtering::Value(by @ (By::Since | By::Before)), Outcome::Words(typed)) => {
                let Some(at) = history_text::read_time(typed) else {
                    let sentence = format!("“{typed}” is no time; type 2024-04-01, or 2024-04-01T13:25:00Z.");
                    cx.say(Tone::Bad, sentence);
                    return;
                };
                let filtered = if by == By::Since { &mut self.filter.from } else { &mut self.filter.before };
                *filtered = Some(at);
            }
            _ => return,
        }
        self.restart(cx);
    }

    fn command(&mut self, action: Action, cx: &mut Cx<'_>) {
        match action {
            Action::Open => {
                if let Some(operation) = self.current() {
                    cx.push(Effect::Push(Screen::Operation(Box::new(operation.clone()))));
                }
            }
            Action::UndoOperation => {
                if let Some(operation) = self.current().map(|operation| operation.id) {
                    self.plan_undo(Undoes { operation, entry: None }, None, cx);
                }
            }
            Action::FilterRow => {
                self.filtering = Filtering::By;
                let labels = By::ALL.map(|by| by.label().to_owned());
                cx.push(Effect::Push(Screen::Menu(MenuScreen::choices("Filter by", labels, None))));
            }
            Action::ClearFilters => {
                self.filter = OperationFilter::default();
                self.restart(cx);
            }
            Action::Reload => self.restart(cx),
            _ => {}
        }
    }

    fn draw_row(&self, frame: &mut Frame<'_>, line: Rect, at: usize, cx: &DrawCx<'_>) {
        let operation = &self.operations()[at];
        let undone = operation.undone_by.as_ref().map(|undo| format!("undone by {}", undo.who));
        let style = if undone.is_some() { cx.theme.dim } else { cx.theme.value };
        let columns = Columns::of(line);
        let buf = frame.buffer_mut();
        let at = format::shown_instant(operation.at);
        draw_text(buf, columns.when.x, line.y, columns.when.width, &at, style);
        draw_text(buf, columns.who.x, line.y, columns.who.width, &operation.who, style);
        let count = Rect { y: line.y, height: 1, ..columns.records };
        draw_right(buf, count, &operation.records.to_string(), style);
        let purpose = if operation.purpose.is_empty() { "(not kept)" } else { &operation.purpose };
        let text = match undone {
            Some(undone) => format!("{undone}: {purpose}"),
            None => purpose.to_owned(),
        };
        draw_text(buf, columns.purpose.x, line.y, columns.purpose.width, &text, style);
    }
}

/// The columns of the list.
struct Columns {
    when: Rect,
    who: Rect,
    records: Rect,
    purpose: Rect,
}

impl Columns {
    fn of(line: Rect) -> Self {
        let column = |x: u16, width: u16| Rect { x: line.x + x, width, ..line };
        let rest = line.width.saturating_sub(49);
        Self { when: column(0, 20), who: column(22, 16), records: column(39, 7), purpose: column(49, rest) }
    }
}

impl CanUndo for History {
    fn undoing(&mut self) -> &mut Undoing {
        &mut self.undoing
    }

    fn was_undone(&mut self, cx: &mut Cx<'_>) {
        self.restart(cx);
    }
}

/// Why a command about an operation cannot be given.
const NONE: &str = "There is no operation.";

impl Component for History {
    fn title(&self) -> String {
        "History".to_owned()
    }

    fn takes_text(&self) -> bool {
        false
    }

    fn commands(&self, out: &mut Vec<Command>) {
        let current = self.current();
        out.push(Command::of(Action::Open).labelled("Open operation").only_if(current.is_some(), NONE));
        let is_undone = current.is_some_and(|operation| operation.undone_by.is_some());
        let undo = Command::of(Action::UndoOperation).ribbon().only_if(current.is_some(), NONE);
        out.push(undo.only_if(!is_undone, "It is undone already; undo the undo to do it again."));
        out.push(Command::of(Action::FilterRow).labelled("Filter…").ribbon());
        let is_filtered = self.filter != OperationFilter::default();
        out.push(Command::of(Action::ClearFilters).only_if(is_filtered, "Nothing is filtered."));
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
                let length = self.operations().len();
                self.chosen.key(&key, length, |_| true);
                self.read_ahead(cx);
            }
            Event::Returned(Outcome::Written) => self.restart(cx),
            Event::Returned(outcome) => {
                if !self.undo_answered(&outcome, cx) {
                    self.filter_answered(&outcome, cx);
                }
            }
            Event::Paste(_) => cx.say_not_pasted(),
            Event::VisitorChanged => {}
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let area = area.inner(Margin { horizontal: 1, vertical: 0 });
        let line = Rect { height: 1, ..area };
        draw_text(frame.buffer_mut(), area.x, area.y, area.width, &self.filter_line(), cx.theme.dim);
        let columns = Columns::of(line);
        for (column, label) in [
            (columns.when, "When"),
            (columns.who, "Who"),
            (columns.records, "Records"),
            (columns.purpose, "What for"),
        ] {
            draw_text(frame.buffer_mut(), column.x, area.y + 1, column.width, label, cx.theme.label);
        }
        let room = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
        if self.operations().is_empty() {
            let sentence = if self.operations.is_none() { "reading…" } else { "Nothing was done so." };
            draw_text(frame.buffer_mut(), room.x, room.y, room.width, sentence, cx.theme.dim);
            if cx.focused {
                frame.set_cursor_position(room.as_position());
            }
            return;
        }
        let length = self.operations().len();
        let view = self.chosen.view(length, room.height);
        for (y, at) in (room.top()..room.bottom()).zip(view) {
            let line = Rect { y, height: 1, ..room };
            self.draw_row(frame, line, at, cx);
            if at == self.chosen.at {
                frame.buffer_mut().set_style(line, cx.theme.selection);
                if cx.focused {
                    frame.set_cursor_position(line.as_position());
                }
            }
        }
    }
}

//! The navigator: the list every entity has, with its named views, filter row, search box and order.

mod export;
mod filters;
mod preview;
mod row_actions;
mod views;

use std::collections::BTreeMap;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::model::query::{Arrangement, Filter, ListQuery, Page, Row, Sort};
use crate::domain::model::record::{Draft, Record};
use crate::domain::model::schema::{EntityDef, FieldDef};
use crate::domain::model::value::{RecordId, Reference};
use crate::domain::rights;
use crate::service::ServiceError;
use crate::tui::command::{Action, Command};
use crate::tui::component::{Awaited, Component, Cx, DrawCx, Who};
use crate::tui::message::{Effect, Event, HelpTopic, Opening, Outcome, Screen, Tone};
use crate::tui::screens::row_action::RowAction;
use crate::tui::widgets::grid::{Grid, GridOwner, HasGrids, Heading};
use crate::tui::widgets::text::draw_text;
use crate::tui::widgets::text_box::{Edit, TextBox};

use filters::FilterBox;
use preview::Preview;
use views::Views;

/// Where the keys go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Focus {
    Rows,
    Filter(FilterBox),
    Search,
}

/// What a list is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// To work with its rows: every command is available.
    Works,
    /// To choose one row.
    Picks,
    /// As a part of a place, which has its own commands.
    IsPart,
}

/// What was asked for with the layer above, so that its outcome can be understood.
#[derive(Clone, Debug, PartialEq)]
enum Asking {
    /// A value for a filter box.
    Filter(FilterBox),
    /// A view.
    View,
    /// The file for an export.
    FileName,
    /// Whether a row action is to be carried out, or why.
    RowAction(RowAction),
}

/// The list of an entity.
pub struct Navigator {
    title: &'static str,
    grid: Grid,
    /// The number of rows without a filter, once known.
    all: Option<i64>,
    /// Filters that the list was opened with and that no filter box shows.
    fixed: Vec<Filter>,
    filter_boxes: BTreeMap<FilterBox, TextBox>,
    search: TextBox,
    focus: Focus,
    /// The messages at filter boxes.
    refused: BTreeMap<FilterBox, String>,
    views: Views,
    preview: Preview,
    purpose: Purpose,
    asking: Option<Asking>,
    /// Whether a row action is under way.
    is_acting: bool,
    /// `Some` when rows have come (`true`) or could not be read (`false`) since this was last taken.
    rows_read: Option<bool>,
    /// Why this operator may not create or change records of this entity; `None` when it is allowed.
    barred: Option<&'static str>,
    is_administrator: bool,
}

impl Navigator {
    /// The list of an entity. Users are judged at the operator's site.
    pub fn open(entity: &'static EntityDef, cx: &mut Cx<'_>) -> Self {
        Self::with(ListQuery::all(entity), Purpose::Works, cx)
    }

    /// The same list, in one of its named views.
    pub fn in_view(entity: &'static EntityDef, view: &str, cx: &mut Cx<'_>) -> Self {
        let mut list = Self::open(entity, cx);
        list.turn_view(|views| views.show(view), cx);
        list
    }

    /// A list to choose one record from.
    pub fn pick(query: ListQuery, cx: &mut Cx<'_>) -> Self {
        Self::with(query, Purpose::Picks, cx)
    }

    /// A list that is part of a place, with that place's title and its own columns.
    pub fn within(
        title: &'static str,
        query: ListQuery,
        headings: &'static [Heading],
        cx: &mut Cx<'_>,
    ) -> Self {
        let mut list = Self::with(query, Purpose::IsPart, cx);
        list.title = title;
        list.grid.headings = headings;
        list
    }

    fn with(mut query: ListQuery, purpose: Purpose, cx: &mut Cx<'_>) -> Self {
        let entity = query.entity;
        query.judged_at = judged_at(entity, cx.who);
        let mut views = match purpose {
            Purpose::Works => Views::of(entity, query.judged_at, cx.today),
            Purpose::Picks | Purpose::IsPart => Views::none(entity),
        };
        views.count_all(query.judged_at, cx);
        let fixed = query.filters.clone();
        let search = TextBox::new(&query.search, None);
        let mut grid = Grid::new(GridOwner::of::<Self>(), query, 0, &[]);
        grid.restart(cx);
        Self {
            title: entity.plural,
            grid,
            all: None,
            fixed,
            filter_boxes: BTreeMap::new(),
            search,
            focus: Focus::Rows,
            refused: BTreeMap::new(),
            views,
            preview: Preview::default(),
            purpose,
            asking: None,
            is_acting: false,
            rows_read: None,
            barred: rights::record_denial(entity, None).filter(|_| !cx.who.is_administrator()),
            is_administrator: cx.who.is_administrator(),
        }
    }

    fn entity(&self) -> &'static EntityDef {
        self.grid.query.entity
    }

    /// The row with the cursor; `None` while the rows of another filter are awaited.
    pub fn current(&self) -> Option<&Row> {
        self.grid.current().filter(|_| !self.grid.is_waiting())
    }

    /// Whether rows are awaited that replace what is shown.
    pub fn is_waiting(&self) -> bool {
        self.grid.is_waiting()
    }

    /// A row as a record, with the fields that the columns show.
    pub fn record_of(&self, row: &Row) -> Record {
        self.grid.record_of(row)
    }

    /// Reads the list again and goes to a record, wherever it is now.
    pub fn show(&mut self, id: RecordId, cx: &mut Cx<'_>) {
        self.focus = Focus::Rows;
        self.grid.show(id, cx);
    }

    fn is_filtered(&self) -> bool {
        self.filter_boxes.values().any(|typed| !typed.text().is_empty()) || !self.search.text().is_empty()
    }

    /// The number of rows without anything in a filter box, once known.
    fn all(&self) -> Option<i64> {
        if self.views.is_empty() { self.all } else { self.views.count() }
    }

    fn note_all(&mut self) {
        if let Some(count) = self.grid.count().filter(|_| !self.is_filtered()) {
            self.all = Some(count);
            self.views.know(count);
        }
    }

    /// Reads the rows and the counts again, for the operator's present site.
    fn reload(&mut self, cx: &mut Cx<'_>) {
        let judged_at = judged_at(self.entity(), cx.who);
        if self.purpose == Purpose::Works && judged_at.is_some() != self.grid.query.judged_at.is_some() {
            // With a site there are views that judge, and without one there are none.
            let shown = self.views.view().map_or("", |view| view.name);
            self.views = Views::of(self.entity(), judged_at, cx.today);
            self.views.show(shown);
        }
        self.grid.query.judged_at = judged_at;
        self.forget_preview();
        self.grid.reload(cx);
        self.views.count_all(judged_at, cx);
    }

    fn open_current(&mut self, edit: bool, cx: &mut Cx<'_>) {
        let Some(row) = self.grid.current() else { return };
        if self.purpose == Purpose::Picks && !edit {
            let shown = String::new();
            cx.push(Effect::Pop(Outcome::Chosen(Reference { id: row.id, shown })));
            return;
        }
        let opening = Opening::record(row.entity, row.id, edit);
        cx.push(Effect::Push(Screen::Form(opening)));
    }

    fn perform(&mut self, action: Action, cx: &mut Cx<'_>) {
        match action {
            Action::Open => self.open_current(false, cx),
            Action::Edit => self.open_current(true, cx),
            Action::New => {
                let draft = Draft::new(self.entity());
                cx.push(Effect::Push(Screen::Form(Opening::new(draft))));
            }
            Action::Reload => self.reload(cx),
            // From a filter box it goes on to the search box, and from there back.
            Action::FilterRow if matches!(self.focus, Focus::Filter(_)) => self.focus = Focus::Search,
            Action::FilterRow => {
                let at = FilterBox::Column(self.grid.column().map_or("", |field| field.property));
                let order = self.boxes_in_order();
                if let Some(&first) = order.iter().find(|other| **other == at).or(order.first()) {
                    self.focus_box(first);
                }
            }
            Action::Search => self.focus = Focus::Search,
            Action::ClearFilters => {
                self.filter_boxes.clear();
                self.search = TextBox::new("", None);
                self.focus = Focus::Rows;
                self.filter(cx);
            }
            Action::Clear if self.focus == Focus::Rows => self.perform(Action::ClearFilters, cx),
            Action::Clear => {
                match self.focus {
                    Focus::Filter(at) => self.filter_boxes.entry(at).or_default().set(""),
                    Focus::Search => self.search.set(""),
                    Focus::Rows => {}
                }
                self.filter(cx);
            }
            Action::Views => {
                self.asking = Some(Asking::View);
                cx.push(Effect::Push(Screen::Menu(self.views.menu())));
            }
            Action::NextView => self.turn_view(|views| views.step(true), cx),
            Action::PreviousView => self.turn_view(|views| views.step(false), cx),
            Action::Approve => self.approve(cx),
            Action::Reject => self.begin(|row, line| RowAction::Reject(row.id, line), cx),
            Action::Wait => self.begin(|row, line| RowAction::Wait(row.id, line), cx),
            Action::AddNote => self.begin(|row, line| RowAction::Note(row.id, line), cx),
            Action::Preview => self.toggle_preview(),
            Action::Reopen => self.begin(|row, line| RowAction::Reopen(row.id, line), cx),
            Action::Remove => self.begin(RowAction::remove, cx),
            Action::Export => self.ask_file_name(cx),
            Action::Sort => self.grid.sort(false, cx),
            Action::SortAlso => self.grid.sort(true, cx),
            Action::DropDown => {
                if let Focus::Filter(at) = self.focus {
                    self.drop_down(at, cx);
                }
            }
            Action::Back if self.focus == Focus::Rows => cx.push(Effect::Pop(Outcome::Cancelled)),
            Action::Back => self.focus = Focus::Rows,
            Action::Help => {
                if let Some(field) = self.grid.column() {
                    cx.push(Effect::Push(Screen::Help(HelpTopic::Field(field))));
                }
            }
            _ => {}
        }
    }

    fn turn_view(&mut self, turn: impl FnOnce(&mut Views), cx: &mut Cx<'_>) {
        turn(&mut self.views);
        self.arrange();
        self.filter(cx);
    }

    /// Gives the list the columns and the order of its view. Filter boxes of columns that it has no longer are emptied.
    fn arrange(&mut self) {
        let arrangement = self.views.view().and_then(|view| view.arrangement);
        let usual = ListQuery::all(self.entity());
        let (columns, sort) = match arrangement {
            Some(Arrangement { columns, oldest_first: field }) => {
                (columns.to_vec(), vec![Sort { field, descending: false }])
            }
            None => (usual.columns, usual.sort),
        };
        self.grid.ages = arrangement.map(|arrangement| arrangement.oldest_first);
        if self.grid.query.columns == columns {
            return;
        }
        let is_shown = |property: &str| columns.iter().any(|field| field.property == property);
        self.filter_boxes.retain(|at, _| match at {
            FilterBox::Access => true,
            FilterBox::Column(property) => is_shown(property),
        });
        self.grid.query.columns = columns;
        self.grid.query.sort = sort;
        // Behind the age, which nobody filters by.
        self.grid.go_to_column(usize::from(arrangement.is_some()));
    }

    fn key(&mut self, key: &KeyEvent, cx: &mut Cx<'_>) {
        if self.focus == Focus::Rows {
            return self.row_key(key, cx);
        }
        match key.code {
            KeyCode::Enter | KeyCode::Down => self.focus = Focus::Rows,
            KeyCode::Tab => self.next_box(true),
            KeyCode::BackTab => self.next_box(false),
            _ => {
                let changed = match self.focus {
                    Focus::Filter(at) => self.filter_boxes.get_mut(&at).map(|typed| typed.key(key)),
                    _ => Some(self.search.key(key)),
                };
                if changed.is_some_and(Edit::is_change) {
                    self.filter(cx);
                }
            }
        }
    }

    fn row_key(&mut self, key: &KeyEvent, cx: &mut Cx<'_>) {
        let column = self.grid.column_index();
        match key.code {
            KeyCode::Down | KeyCode::Char('j') => drop(self.grid.step(1, cx)),
            KeyCode::Char('k') => drop(self.grid.step(-1, cx)),
            KeyCode::Up => {
                let moved = self.grid.step(-1, cx);
                if !moved {
                    self.perform(Action::FilterRow, cx);
                }
            }
            KeyCode::PageDown => self.grid.page(1, cx),
            KeyCode::PageUp => self.grid.page(-1, cx),
            KeyCode::Home => self.grid.home(cx),
            KeyCode::End => self.grid.end(cx),
            KeyCode::Right | KeyCode::Tab => self.grid.go_to_column(column + 1),
            KeyCode::Left | KeyCode::BackTab => self.grid.go_to_column(column.saturating_sub(1)),
            _ => {}
        }
    }

    fn returned(&mut self, outcome: Outcome, cx: &mut Cx<'_>) {
        match (self.asking.take(), outcome) {
            (_, Outcome::Written) => self.reload(cx),
            (Some(Asking::Filter(at)), Outcome::Answer(index)) => {
                if let Some(value) = self.values(at).get(index) {
                    self.filter_boxes.insert(at, TextBox::new(value, None));
                    self.filter(cx);
                }
            }
            (Some(Asking::View), Outcome::Answer(index)) => {
                self.turn_view(|views| views.show_at(index), cx);
            }
            (Some(Asking::FileName), Outcome::Words(name)) => self.export(&name, cx),
            (Some(Asking::RowAction(row_action)), outcome) => self.answered(row_action, outcome, cx),
            _ => {}
        }
    }

    /// Whether rows have come since this was last asked: `Some(false)` when they could not be read.
    pub fn take_rows_read(&mut self) -> Option<bool> {
        self.rows_read.take()
    }

    fn draw_title(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let counted = match (self.grid.count(), self.all()) {
            (Some(count), Some(all)) if self.is_filtered() => format!("{count} of {all}"),
            (Some(count), _) => count.to_string(),
            (None, _) => "…".to_owned(),
        };
        let busy = if self.grid.is_waiting() { "  reading…" } else { "" };
        let title = format!("{}  {counted}{busy}", self.title.to_uppercase());
        draw_text(frame.buffer_mut(), area.x, area.y, area.width, &title, cx.theme.title);
        let width = 30.min(area.width / 2);
        let search_area = Rect { x: area.right() - width, y: area.y, width, height: 1 };
        let focused = cx.focused && self.focus == Focus::Search;
        frame.buffer_mut().set_style(search_area, cx.theme.input);
        if self.search.text().is_empty() && !focused {
            // Only the columns that are shown are searched.
            let is_shown = |field: &&&FieldDef| {
                self.purpose != Purpose::IsPart || self.grid.query.columns.contains(*field)
            };
            let searched = self.entity().search.iter().filter(is_shown);
            let names: Vec<&str> = searched.map(|field| field.label).collect();
            let hint = format!("Search {}", names.join(", "));
            draw_text(
                frame.buffer_mut(),
                search_area.x,
                search_area.y,
                search_area.width,
                &hint,
                cx.theme.dim,
            );
            return;
        }
        let cursor = self.search.draw(frame.buffer_mut(), search_area, cx.theme.input);
        if focused {
            frame.set_cursor_position(cursor);
        }
    }

    /// Draws the list with `free` blank lines between its header and its rows. Returns their area.
    pub fn draw_around(&mut self, frame: &mut Frame<'_>, area: Rect, free: u16, cx: &DrawCx<'_>) -> Rect {
        let area = area.inner(ratatui::layout::Margin { horizontal: 1, vertical: 0 });
        let views = u16::from(!self.views.is_empty());
        if area.height < 4 + views {
            return Rect::default();
        }
        self.draw_title(frame, area, cx);
        self.views.draw(frame.buffer_mut(), Rect { y: area.y + 1, height: 1, ..area }, cx);
        self.grid.nothing = match self.views.view() {
            _ if self.is_filtered() && self.focus == Focus::Rows => {
                "Nothing matches the filter. Ctrl+U clears it.".to_owned()
            }
            _ if self.is_filtered() => "Nothing matches the filter.".to_owned(),
            Some(view) => format!("Nothing here: {} shows {}.", view.name, view.shows),
            None => "No data".to_owned(),
        };
        let sentence = match self.focus {
            Focus::Filter(at) => self.refused.get(&at).cloned(),
            _ => self.refused.values().next().cloned(),
        };
        let last = u16::from(sentence.is_some());
        let list = Rect { y: area.y + 1 + views, height: area.height - 1 - views - last, ..area };
        let above = (1 + free).min(list.height - 1);
        let column_areas = self.grid.draw(frame.buffer_mut(), list, above, cx);
        self.draw_filters(frame, list, &column_areas, cx);
        if let Some(sentence) = sentence {
            draw_text(frame.buffer_mut(), area.x, area.bottom() - 1, area.width, &sentence, cx.theme.bad);
        }
        if cx.focused && self.focus == Focus::Rows {
            frame.set_cursor_position(self.grid.cursor_position(list, above));
        }
        Rect { y: list.y + 2, height: above - 1, ..list }
    }
}

/// The site at which rows are judged: the operator's for users, none for other entities.
fn judged_at(entity: &EntityDef, who: &Who) -> Option<RecordId> {
    who.site().filter(|_| entity.judged).map(|site| site.id)
}

impl HasGrids for Navigator {
    fn rows_read(&mut self, _grid: usize, rows: Result<Page, ServiceError>, cx: &mut Cx<'_>) {
        self.rows_read = Some(rows.is_ok());
        match rows {
            Ok(page) => {
                self.grid.take(page, cx);
                self.note_all();
                self.follow_cursor(cx);
            }
            Err(error) => {
                self.grid.give_up();
                cx.say(Tone::Bad, error.to_string());
            }
        }
    }

    fn rows_counted(&mut self, _grid: usize, count: Result<i64, ServiceError>, cx: &mut Cx<'_>) {
        match count {
            Ok(count) => {
                self.grid.take_count(count);
                self.note_all();
            }
            Err(error) => cx.say(Tone::Bad, error.to_string()),
        }
    }
}

impl Component for Navigator {
    fn title(&self) -> String {
        self.title.to_owned()
    }

    fn takes_text(&self) -> bool {
        self.focus != Focus::Rows
    }

    fn commands(&self, out: &mut Vec<Command>) {
        let row = self.grid.current().is_some() || self.grid.is_waiting();
        let nothing = "There is no row here.";
        let picks = self.purpose == Purpose::Picks;
        let filtering = matches!(self.focus, Focus::Filter(at) if !self.values(at).is_empty());
        out.push(Command::of(Action::Back));
        if self.focus == Focus::Rows {
            let open = Command::of(Action::Open).only_if(row, nothing);
            out.push(if picks { open.labelled("Choose") } else { open });
            out.push(Command::of(Action::Edit).ribbon().only_if(row, nothing).unless(self.barred));
            self.row_action_commands(out);
            if self.is_filtered() {
                out.push(Command::of(Action::Clear).labelled("Clear filters"));
            }
            out.push(Command::of(Action::Sort));
            out.push(Command::of(Action::SortAlso));
        } else {
            out.push(Command::of(Action::Clear));
        }
        if !picks {
            out.push(Command::of(Action::New).ribbon().unless(self.barred));
        }
        out.push(Command::of(Action::Reload).ribbon());
        if !self.views.is_empty() {
            out.extend([Action::Views, Action::NextView, Action::PreviousView].map(Command::of));
        }
        if self.is_queue() && self.focus == Focus::Rows {
            out.push(Command::of(Action::Preview));
        }
        if self.purpose == Purpose::Works {
            out.push(Command::of(Action::Export));
        }
        out.push(Command::of(Action::FilterRow));
        out.push(Command::of(Action::Search));
        out.push(Command::of(Action::ClearFilters).only_if(self.is_filtered(), "There is no filter."));
        if filtering {
            out.push(Command::of(Action::DropDown));
        }
        out.push(Command::of(Action::Help));
    }

    fn takes_now(&self, event: &Event, _awaited: &Awaited<'_>) -> bool {
        let is_about_row = |action: &Action| {
            use Action::{
                AddNote, Approve, Edit, Mark, Menu, Open, Palette, Reject, Reload, Remove, Reopen, Wait,
            };
            [AddNote, Approve, Edit, Mark, Menu, Open, Palette, Reject, Reload, Remove, Reopen, Wait]
                .contains(action)
        };
        let settled = !self.is_acting && !self.grid.is_replacing();
        match event {
            Event::Command(action) => settled || !is_about_row(action),
            Event::Key(key) if self.focus == Focus::Rows => !self.is_acting && self.grid.takes_now(key),
            _ => true,
        }
    }

    fn handle(&mut self, event: Event, cx: &mut Cx<'_>) {
        match event {
            Event::Command(action) => self.perform(action, cx),
            Event::Key(key) => self.key(&key, cx),
            Event::Paste(text) => {
                let edit = match self.focus {
                    Focus::Filter(at) => self.filter_boxes.get_mut(&at).map(|typed| typed.paste(&text)),
                    Focus::Search => Some(self.search.paste(&text)),
                    Focus::Rows => None,
                };
                if edit.is_some_and(Edit::is_change) {
                    self.filter(cx);
                }
            }
            Event::Returned(outcome) => self.returned(outcome, cx),
            Event::VisitorChanged => {}
        }
        self.follow_cursor(cx);
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let (list, preview) = self.split(area);
        self.draw_around(frame, list, 0, cx);
        if let Some(preview) = preview {
            self.draw_preview(frame.buffer_mut(), preview, cx);
        }
    }
}

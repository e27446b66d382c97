//! The filter row of a list: a filter box for each column, applied while it is typed.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::codes::Code;
use crate::domain::model::query::{EMPTY_WORD, Filter};
use crate::domain::model::schema::{FieldDef, Kind};
use crate::domain::model::text::fold;
use crate::tui::component::{Cx, DrawCx};
use crate::tui::message::{Effect, MenuScreen, Screen};
use crate::tui::widgets::grid::{ACCESS, ColumnArea};
use crate::tui::widgets::text_box::TextBox;

use super::{Asking, Focus, Navigator};

/// The text for "nothing fails" in the filter box of the Access column.
const FINE: &str = "ok";

/// A filter box: that of the Access column, or of a column by the property of its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum FilterBox {
    Access,
    Column(&'static str),
}

impl Navigator {
    /// Reads all filter boxes and lists the rows anew. A box that cannot be read is marked and filters nothing.
    pub(super) fn filter(&mut self, cx: &mut Cx<'_>) {
        self.refused.clear();
        let mut filters = [self.fixed.clone(), self.views.filters(cx.today)].concat();
        for (&at, typed) in &self.filter_boxes {
            let read = match at {
                FilterBox::Access => read_access(typed.text()),
                FilterBox::Column(property) => match self.column_of(property) {
                    Some((_, field)) => Filter::read(field, typed.text(), cx.language()),
                    None => Ok(None),
                },
            };
            match read {
                Ok(filter) => filters.extend(filter),
                Err(sentence) => {
                    self.refused.insert(at, sentence);
                }
            }
        }
        let search = self.search.text().trim().to_owned();
        if filters == self.grid.query.filters && search == self.grid.query.search {
            return;
        }
        self.grid.query.filters = filters;
        self.grid.query.search = search;
        self.grid.restart(cx);
    }

    /// The column of a property: its index and its field; `None` where the list does not show it.
    fn column_of(&self, property: &str) -> Option<(usize, &'static FieldDef)> {
        let columns = self.grid.query.columns.iter().copied().enumerate();
        columns.into_iter().find(|(_, field)| field.property == property)
    }

    /// The filter boxes from left to right: access first, then the columns that can be filtered.
    pub(super) fn boxes_in_order(&self) -> Vec<FilterBox> {
        let access = self.grid.query.judged_at.map(|_| FilterBox::Access);
        let is_filterable = |field: &&FieldDef| !matches!(field.kind, Kind::Secret | Kind::Json);
        let columns = self.grid.query.columns.iter().copied().filter(is_filterable);
        access.into_iter().chain(columns.map(|field| FilterBox::Column(field.property))).collect()
    }

    /// Moves the focus to a filter box.
    pub(super) fn focus_box(&mut self, at: FilterBox) {
        if let FilterBox::Column(property) = at
            && let Some((index, _)) = self.column_of(property)
        {
            self.grid.go_to_column(index);
        }
        self.filter_boxes.entry(at).or_insert_with(|| TextBox::new("", None));
        self.focus = Focus::Filter(at);
    }

    /// Moves the focus to the next filter box, or the one before; around at the ends.
    pub(super) fn next_box(&mut self, forward: bool) {
        let Focus::Filter(at) = self.focus else { return };
        let order = self.boxes_in_order();
        let here = order.iter().position(|other| *other == at).unwrap_or_default();
        let step = if forward { here + 1 } else { here + order.len() - 1 };
        self.focus_box(order[step % order.len()]);
    }

    /// The values that a filter box takes, where they are few.
    pub(super) fn values(&self, at: FilterBox) -> Vec<String> {
        let mut values: Vec<String> = match at {
            FilterBox::Access => {
                Code::ALL.iter().map(|code| code.as_str().to_owned()).chain([FINE.to_owned()]).collect()
            }
            FilterBox::Column(property) => match self.column_of(property).map(|(_, field)| &field.kind) {
                Some(Kind::Bool) => vec!["Yes".to_owned(), "No".to_owned()],
                Some(Kind::Choice(choices)) => choices.iter().map(|choice| choice.label.to_owned()).collect(),
                _ => Vec::new(),
            },
        };
        if matches!(at, FilterBox::Column(_)) {
            values.push(EMPTY_WORD.to_owned());
        }
        values
    }

    /// Opens the list of values that a filter box takes.
    pub(super) fn drop_down(&mut self, at: FilterBox, cx: &mut Cx<'_>) {
        self.asking = Some(Asking::Filter(at));
        let values = self.values(at);
        let typed = fold(self.filter_boxes.get(&at).map_or("", TextBox::text).trim());
        let current = values.iter().position(|value| !typed.is_empty() && fold(value).starts_with(&typed));
        cx.push(Effect::Push(Screen::Menu(MenuScreen::choices("Filter", values, current))));
    }

    /// Draws the row of filter boxes above the columns.
    pub(super) fn draw_filters(
        &mut self,
        frame: &mut Frame<'_>,
        area: Rect,
        column_areas: &[ColumnArea],
        cx: &DrawCx<'_>,
    ) {
        let y = area.y + 1;
        let access = self.grid.query.judged_at.map(|_| (FilterBox::Access, area.x, ACCESS));
        let properties: Vec<&'static str> =
            self.grid.query.columns.iter().map(|field| field.property).collect();
        let columns = column_areas
            .iter()
            .map(|shown| (FilterBox::Column(properties[shown.column]), shown.x, shown.width));
        for (at, x, width) in access.into_iter().chain(columns) {
            let field_area = Rect { x, y, width, height: 1 };
            let focused = cx.focused && self.focus == Focus::Filter(at);
            let style = if self.refused.contains_key(&at) { cx.theme.bad } else { cx.theme.input };
            frame.buffer_mut().set_style(field_area, style);
            let Some(typed) = self.filter_boxes.get_mut(&at) else { continue };
            let cursor = typed.draw(frame.buffer_mut(), field_area, style);
            if focused {
                frame.set_cursor_position(cursor);
            }
        }
    }
}

/// Reads the filter box of the Access column: the beginning of a code, or `ok`.
fn read_access(typed: &str) -> Result<Option<Filter>, String> {
    let typed = fold(typed.trim());
    if typed.is_empty() {
        return Ok(None);
    }
    let codes = Code::ALL.into_iter().filter(|code| fold(code.as_str()).contains(&typed)).map(Some);
    let fine = [FINE, "✓"].iter().any(|word| word.starts_with(&typed)).then_some(None);
    let wanted: Vec<Option<Code>> = codes.chain(fine).collect();
    if wanted.is_empty() {
        return Err(format!("Access is a code such as CC002, or {FINE}."));
    }
    Ok(Some(Filter::Access(wanted)))
}

//! The named views of a list: filters that it can be narrowed to before anything is typed.

use jiff::civil::Date;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::entities;
use crate::domain::model::query::{Filter, ListQuery, View};
use crate::domain::model::schema::EntityDef;
use crate::domain::model::text::width;
use crate::domain::model::value::RecordId;
use crate::service::ServiceError;
use crate::service::api::back_office;
use crate::tui::component::{Cx, DrawCx};
use crate::tui::message::{MenuEntry, MenuScreen, Outcome, Slot, Tone};
use crate::tui::screens::navigator::Navigator;
use crate::tui::widgets::text::draw_text;

/// Marks the view that is shown.
const SHOWN: &str = "▸";
/// Separates two views.
const BETWEEN: &str = " · ";

impl Navigator {
    fn view_counted(&mut self, index: usize, count: Result<i64, ServiceError>, cx: &mut Cx<'_>) {
        match count {
            Ok(count) => self.views.take(index, count, self.grid.query.judged_at, cx),
            Err(error) => cx.say(Tone::Bad, error.to_string()),
        }
    }
}

/// The views of a list, which one is shown, and the number of rows of each.
pub(super) struct Views {
    entity: &'static EntityDef,
    views: Vec<&'static View>,
    counts: Vec<Option<i64>>,
    shown: usize,
    /// The index of the view being counted. They are counted one after another, so that the rows need not wait for
    /// them.
    counting: Option<usize>,
}

impl Views {
    /// No views.
    pub(super) fn none(entity: &'static EntityDef) -> Self {
        Self { entity, views: Vec::new(), counts: Vec::new(), shown: 0, counting: None }
    }

    /// The views of an entity; without a site, only those that judge nobody. The last one is shown.
    pub(super) fn of(entity: &'static EntityDef, judged_at: Option<RecordId>, today: Date) -> Self {
        let judges =
            |view: &View| (view.filters)(today).iter().any(|filter| matches!(filter, Filter::Access(_)));
        let views: Vec<_> =
            entities::views_of(entity).iter().filter(|view| judged_at.is_some() || !judges(view)).collect();
        let (counts, shown) = (vec![None; views.len()], views.len().saturating_sub(1));
        Self { entity, views, counts, shown, counting: None }
    }

    /// Whether the entity has no named views.
    pub(super) fn is_empty(&self) -> bool {
        self.views.is_empty()
    }

    /// The view that is shown.
    pub(super) fn view(&self) -> Option<&'static View> {
        self.views.get(self.shown).copied()
    }

    /// Shows the view of this name, if there is one.
    pub(super) fn show(&mut self, name: &str) {
        self.shown = self.views.iter().position(|view| view.name == name).unwrap_or(self.shown);
    }

    /// Shows the view of this index.
    pub(super) fn show_at(&mut self, index: usize) {
        self.shown = index.min(self.views.len().saturating_sub(1));
    }

    /// Shows the next view or the one before, in a circle.
    pub(super) fn step(&mut self, forward: bool) {
        let step = if forward { 1 } else { self.views.len().saturating_sub(1) };
        self.shown = (self.shown + step) % self.views.len().max(1);
    }

    /// The filters of the view that is shown.
    pub(super) fn filters(&self, today: Date) -> Vec<Filter> {
        self.view().map(|view| (view.filters)(today)).unwrap_or_default()
    }

    /// The number of rows of the view that is shown, once known.
    pub(super) fn count(&self) -> Option<i64> {
        self.counts.get(self.shown).copied().flatten()
    }

    /// Takes the number of rows of the view that is shown.
    pub(super) fn know(&mut self, count: i64) {
        if let Some(known) = self.counts.get_mut(self.shown) {
            *known = Some(count);
        }
    }

    /// Counts all views again; the present numbers stay until then.
    pub(super) fn count_all(&mut self, judged_at: Option<RecordId>, cx: &mut Cx<'_>) {
        self.begin(0, judged_at, cx);
    }

    fn begin(&mut self, index: usize, judged_at: Option<RecordId>, cx: &mut Cx<'_>) {
        self.counting = self.views.get(index).map(|view| {
            let query =
                ListQuery { filters: (view.filters)(cx.today), judged_at, ..ListQuery::all(self.entity) };
            let then = move |list: &mut Navigator, count: Result<i64, ServiceError>, cx: &mut Cx<'_>| {
                list.view_counted(index, count, cx);
            };
            cx.ask(Slot::View(index), back_office::Count { query }, then);
            index
        });
    }

    /// Takes the number of rows of a view, and counts the next one. A number that was not asked for last is dropped.
    pub(super) fn take(&mut self, index: usize, count: i64, judged_at: Option<RecordId>, cx: &mut Cx<'_>) {
        if self.counting == Some(index) {
            self.counts[index] = Some(count);
            self.begin(index + 1, judged_at, cx);
        }
    }

    /// `Pending 9`
    fn label(&self, index: usize, counted: bool) -> String {
        let name = self.views[index].name;
        let sign = if index == self.shown { SHOWN } else { "" };
        match self.counts[index] {
            Some(count) if counted => format!("{sign}{name} {count}"),
            None if counted => format!("{sign}{name} …"),
            _ => format!("{sign}{name}"),
        }
    }

    /// The names with their numbers, as much as fits: with the numbers of as many views as have room, the first ones
    /// and the shown one before the others, else only the views around it.
    fn pieces(&self, columns: usize) -> Vec<(usize, String)> {
        let with = |counted: &dyn Fn(usize) -> bool| -> Vec<(usize, String)> {
            (0..self.views.len()).map(|index| (index, self.label(index, counted(index)))).collect()
        };
        let taken = |pieces: &[(usize, String)]| -> usize {
            pieces.iter().map(|(_, piece)| width(piece) + width(BETWEEN)).sum::<usize>()
        };
        let fits = |pieces: &[(usize, String)]| taken(pieces) <= columns + width(BETWEEN);
        let counted_first = |first: usize| with(&|index| index < first || index == self.shown);
        if let Some(pieces) = (0..=self.views.len()).rev().map(counted_first).find(|pieces| fits(pieces)) {
            return pieces;
        }
        let mut short = with(&|index| index == self.shown);
        while !fits(&short) && short[0].0 != self.shown {
            short.remove(0);
        }
        short
    }

    /// `Pending 9 · Blocked 31 · ▸All 43`
    pub(super) fn draw(&self, buf: &mut Buffer, line: Rect, cx: &DrawCx<'_>) {
        let mut x = line.x;
        for (at, (index, piece)) in self.pieces(line.width.into()).into_iter().enumerate() {
            if at > 0 {
                x += draw_text(buf, x, line.y, line.right().saturating_sub(x), BETWEEN, cx.theme.dim);
            }
            let style = if index == self.shown { cx.theme.title } else { cx.theme.value };
            x += draw_text(buf, x, line.y, line.right().saturating_sub(x), &piece, style);
        }
    }

    /// The views to choose from.
    pub(super) fn menu(&self) -> MenuScreen {
        let entry = |(index, view): (usize, &&'static View)| MenuEntry {
            letter: u32::try_from(index + 1).ok().and_then(|number| char::from_digit(number, 10)),
            label: self.label(index, true).trim_start_matches(SHOWN).to_owned(),
            note: view.shows.to_owned(),
            enabled: true,
            choice: Outcome::Answer(index),
        };
        let entries = self.views.iter().enumerate().map(entry).collect();
        MenuScreen { title: "Views".to_owned(), entries, current: Some(self.shown) }
    }
}

//! Moving the cursor in a form: fields, columns, panels.

use crossterm::event::{KeyCode, KeyEvent};

use crate::domain::entities;
use crate::domain::model::schema::Panel;
use crate::tui::command::{Action, Command};
use crate::tui::component::{Awaited, Cx};
use crate::tui::message::{Event, Slot};

use super::panels::PanelState;
use super::{Focus, Form};

impl Form {
    /// Takes what was typed into a drop-down in full, and shows what is wrong with the field that is left, when its text
    /// cannot be read.
    pub(super) fn leave_field(&mut self, cx: &mut Cx<'_>) {
        self.take_named(cx);
        let Some(field) = self.field() else { return };
        if let Some(sentence) = self.record.why_unread(field, cx.language()) {
            self.record.mark(field, sentence);
        }
    }

    /// Moves the focus; the field that loses it is read first.
    pub(super) fn go_to(&mut self, focus: Focus, cx: &mut Cx<'_>) {
        if focus != self.cursor.focus {
            self.leave_field(cx);
            self.cursor.focus = focus;
        }
        self.open_editor(cx);
    }

    /// Goes to the next field that can be edited; in view mode to the next link. After the last one come the panels.
    pub(super) fn next_stop(&mut self, forward: bool, cx: &mut Cx<'_>) {
        let Focus::Field(here) = self.cursor.focus else { return self.next_panel(forward, cx) };
        let editing = self.is_editing();
        let stops: Vec<usize> = self
            .fields()
            .enumerate()
            .filter(|(_, field)| {
                if editing { self.can_edit(field) && !field.no_tab_stop } else { field.target().is_some() }
            })
            .map(|(index, _)| index)
            .collect();
        let next = if forward {
            stops.iter().find(|index| **index > here)
        } else {
            stops.iter().rev().find(|index| **index < here)
        };
        match next {
            Some(index) => self.go_to(Focus::Field(*index), cx),
            None => self.next_panel(forward, cx),
        }
    }

    /// Goes up or down: through the fields of a column, then the panels.
    pub(super) fn step(&mut self, by: isize, cx: &mut Cx<'_>) {
        match self.cursor.focus {
            Focus::Panel(_) => {
                let moved = self.panel().is_some_and(|panel| panel.step(by, cx));
                if !moved {
                    self.next_panel(by > 0, cx);
                }
            }
            Focus::Pane(line) => {
                let lines =
                    self.walk.judged.as_deref().map_or(0, |judged| super::pane::lines(judged).count());
                match line.checked_add_signed(by).filter(|to| *to < lines) {
                    Some(to) => self.cursor.focus = Focus::Pane(to),
                    None => self.next_panel(by > 0, cx),
                }
            }
            Focus::Field(here) => {
                let left = self.view.layout.columns[0].len();
                let total = left + self.view.layout.columns[1].len();
                let column = if !self.view.is_wide {
                    0..total
                } else if here < left {
                    0..left
                } else {
                    left..total
                };
                match here.checked_add_signed(by).filter(|to| column.contains(to)) {
                    Some(to) => self.go_to(Focus::Field(to), cx),
                    None if by.abs() > 1 => {
                        let to = if by > 0 { column.end.saturating_sub(1) } else { column.start };
                        self.go_to(Focus::Field(to), cx);
                    }
                    None if by > 0 => self.next_panel(true, cx),
                    None => {}
                }
            }
        }
    }

    /// Goes to the other column, at about the same height.
    pub(super) fn sideways(&mut self, right: bool, cx: &mut Cx<'_>) {
        if let Some((_, grid)) = self.panel().and_then(|panel| panel.related()) {
            let column = grid.column_index();
            grid.go_to_column(if right { column + 1 } else { column.saturating_sub(1) });
            return;
        }
        let [left, other] = [self.view.layout.columns[0].len(), self.view.layout.columns[1].len()];
        let Focus::Field(here) = self.cursor.focus else { return };
        if right && here < left && other > 0 {
            self.go_to(Focus::Field(left + here.min(other - 1)), cx);
        } else if !right && here >= left && left > 0 {
            self.go_to(Focus::Field((here - left).min(left - 1)), cx);
        }
    }

    /// Whether an event that moves in or among the panels can be handled now: the rows it would reach have come, and
    /// it is known whether a panel that shows itself is one of the stops.
    pub(super) fn panels_take(&self, event: &Event, awaited: &Awaited<'_>) -> bool {
        let may_show_itself =
            |(index, panel): (usize, &PanelState)| !panel.shown && awaited.has(Slot::Rows(index));
        let panels =
            || self.panels.iter().enumerate().filter_map(|(index, panel)| Some((index, panel.as_ref()?)));
        match (event, self.cursor.focus) {
            (Event::Command(Action::NextPanel | Action::PreviousPanel | Action::Panel(_)), _) => {
                !panels().any(may_show_itself)
            }
            (Event::Key(key), focus) if moves(key) => {
                let own = if let Focus::Panel(index) = focus { self.panel_at(index) } else { None };
                own.is_none_or(|panel| panel.takes_now(key)) && !panels().any(may_show_itself)
            }
            (
                Event::Command(Action::Open | Action::New | Action::Remove | Action::Menu | Action::Palette),
                Focus::Panel(index),
            ) => {
                let rows = self.panel_at(index).and_then(PanelState::related_ref);
                rows.is_none_or(|(_, grid)| !grid.is_replacing())
            }
            _ => true,
        }
    }

    /// The stops of F6: the fields, then each panel shown.
    pub(super) fn panel_stops(&self) -> Vec<Focus> {
        let mut stops = vec![Focus::Field(0)];
        for (index, panel) in entities::panels_of(self.entity()).iter().enumerate() {
            match panel {
                Panel::ClientCenterAccess => stops.push(Focus::Pane(0)),
                _ if self.panel_at(index).is_some_and(|panel| panel.shown) => stops.push(Focus::Panel(index)),
                _ => {}
            }
        }
        stops
    }

    /// Goes to a panel by its number; the fields are number 1.
    pub(super) fn go_to_panel(&mut self, number: u8, cx: &mut Cx<'_>) {
        if let Some(stop) = self.panel_stops().get(usize::from(number).saturating_sub(1)) {
            self.go_to(*stop, cx);
        }
    }

    /// Adds the commands of the panel that has the focus.
    pub(super) fn panel_commands(&self, out: &mut Vec<Command>) {
        for (number, stop) in (1..=9).zip(self.panel_stops()) {
            let title = match stop {
                Focus::Field(_) => self.entity().name,
                Focus::Pane(_) => Panel::ClientCenterAccess.title(),
                Focus::Panel(index) => entities::panels_of(self.entity())[index].title(),
            };
            let go = Command::of(Action::Panel(number)).labelled(format!("Go to {title}"));
            out.push(go.only_if(stop != self.cursor.focus, "The cursor is there."));
        }
    }

    /// Moves the focus to the next of fields, pane and panels, or to the one before; around at the ends.
    pub(super) fn next_panel(&mut self, forward: bool, cx: &mut Cx<'_>) {
        let stops = self.panel_stops();
        let same = |stop: &Focus| match (stop, self.cursor.focus) {
            (Focus::Field(_), Focus::Field(_)) | (Focus::Pane(_), Focus::Pane(_)) => true,
            (stop, focus) => *stop == focus,
        };
        let here = stops.iter().position(same).unwrap_or_default();
        let step = if forward { here + 1 } else { here + stops.len() - 1 };
        self.go_to(stops[step % stops.len()], cx);
    }
}

/// Whether a key moves the cursor from field to field, or from row to row.
fn moves(key: &KeyEvent) -> bool {
    matches!(
        key.code,
        KeyCode::Up
            | KeyCode::Down
            | KeyCode::Tab
            | KeyCode::BackTab
            | KeyCode::Enter
            | KeyCode::PageUp
            | KeyCode::PageDown
    )
}

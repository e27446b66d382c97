//! Moving about a form: fields, columns, panels.

use crate::domain::entities;
use crate::domain::model::schema::Panel;
use crate::tui::command::{Action, Command};
use crate::tui::component::Cx;

use super::{Focus, Form};

impl Form {
    /// Says what is wrong with a field that is left while its text is no value yet.
    pub(super) fn leave_field(&mut self, cx: &mut Cx<'_>) {
        let Some(field) = self.field() else { return };
        let Some(text) = self.unread.get(field.property).cloned() else { return };
        let sentence = self.why_unread(field, &text, cx.language());
        self.mark(field, sentence);
    }

    pub(super) fn go_to(&mut self, focus: Focus, cx: &mut Cx<'_>) {
        if focus != self.focus {
            self.leave_field(cx);
            self.focus = focus;
        }
        self.open_editor(cx);
    }

    /// The next field that can be edited; in view mode the next link. Past the last one: the panels.
    pub(super) fn next_stop(&mut self, forward: bool, cx: &mut Cx<'_>) {
        let Focus::Field(here) = self.focus else { return self.next_panel(forward, cx) };
        let editing = self.is_editing();
        let stops: Vec<usize> = self
            .fields()
            .enumerate()
            .filter(|(_, field)| if editing { self.can_edit(field) } else { field.target().is_some() })
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

    /// Up and down: the fields of a column, then the panels.
    pub(super) fn step(&mut self, by: isize, cx: &mut Cx<'_>) {
        match self.focus {
            Focus::Panel(_) => {
                let moved = self.panel().is_some_and(|panel| panel.step(by, cx));
                if !moved {
                    self.next_panel(by > 0, cx);
                }
            }
            Focus::Pane(line) => {
                let lines = self.judged.as_deref().map_or(0, |judged| super::pane::lines(judged).count());
                match line.checked_add_signed(by).filter(|to| *to < lines) {
                    Some(to) => self.focus = Focus::Pane(to),
                    None => self.next_panel(by > 0, cx),
                }
            }
            Focus::Field(here) => {
                let left = self.layout.columns[0].len();
                let total = left + self.layout.columns[1].len();
                let column = if !self.is_wide {
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

    /// Left and right: the other column, at about the same height.
    pub(super) fn sideways(&mut self, right: bool, cx: &mut Cx<'_>) {
        if let Some((_, grid)) = self.panel().and_then(|panel| panel.related()) {
            let column = grid.column_index();
            grid.go_to_column(if right { column + 1 } else { column.saturating_sub(1) });
            return;
        }
        let [left, other] = [self.layout.columns[0].len(), self.layout.columns[1].len()];
        let Focus::Field(here) = self.focus else { return };
        if right && here < left && other > 0 {
            self.go_to(Focus::Field(left + here.min(other - 1)), cx);
        } else if !right && here >= left && left > 0 {
            self.go_to(Focus::Field((here - left).min(left - 1)), cx);
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

    /// To a panel by its number; the fields are number 1.
    pub(super) fn go_to_panel(&mut self, number: u8, cx: &mut Cx<'_>) {
        if let Some(stop) = self.panel_stops().get(usize::from(number).saturating_sub(1)) {
            self.go_to(*stop, cx);
        }
    }

    pub(super) fn panel_commands(&self, out: &mut Vec<Command>) {
        for (number, stop) in (1..=9).zip(self.panel_stops()) {
            let title = match stop {
                Focus::Field(_) => self.entity().name,
                Focus::Pane(_) => Panel::ClientCenterAccess.title(),
                Focus::Panel(index) => entities::panels_of(self.entity())[index].title(),
            };
            out.push(Command::of(Action::Panel(number)).labelled(format!("Go to {title}")));
        }
    }

    pub(super) fn next_panel(&mut self, forward: bool, cx: &mut Cx<'_>) {
        let stops = self.panel_stops();
        let same = |stop: &Focus| match (stop, self.focus) {
            (Focus::Field(_), Focus::Field(_)) | (Focus::Pane(_), Focus::Pane(_)) => true,
            (stop, focus) => *stop == focus,
        };
        let here = stops.iter().position(same).unwrap_or_default();
        let step = if forward { here + 1 } else { here + stops.len() - 1 };
        self.go_to(stops[step % stops.len()], cx);
    }
}

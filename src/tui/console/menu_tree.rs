//! The menu: every place that whoever is signed in can go to, as a tree.

use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::{Margin, Rect};
use ratatui::widgets::{Clear, Widget};

use crate::tui::component::Who;
use crate::tui::places::{Node, nodes_of};
use crate::tui::theme::Theme;
use crate::tui::widgets::list::Chosen;
use crate::tui::widgets::popup::{Edge, draw_edge};
use crate::tui::widgets::text::draw_text;

/// The tree and its chosen line.
pub(super) struct MenuTree {
    nodes: Vec<Node>,
    chosen: Chosen,
}

impl MenuTree {
    /// The menu of an operator or a visitor, with the first line chosen.
    pub(super) fn of(who: &Who) -> Self {
        Self { nodes: nodes_of(who), chosen: Chosen::default() }
    }

    /// Moves the choice.
    pub(super) fn key(&mut self, key: &KeyEvent) {
        self.chosen.key(key, self.nodes.len(), |_| true);
    }

    /// Its lines.
    pub(super) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The chosen line; `None` when the menu is empty.
    pub(super) fn current(&self) -> Option<Node> {
        self.nodes.get(self.chosen.at).copied()
    }

    /// Draws the tree. Returns the cursor's column and line.
    pub(super) fn draw(&mut self, buf: &mut Buffer, area: Rect, focused: bool, theme: &Theme) -> (u16, u16) {
        Clear.render(area, buf);
        let keys = if focused { "↑↓ Enter Esc" } else { "" };
        draw_edge(buf, area, Edge { title: "Menu", keys }, theme);
        let room = area.inner(Margin::new(1, 1));
        let view = self.chosen.view(self.nodes.len(), room.height);
        let mut cursor = (room.x, room.y);
        for (y, at) in (room.top()..room.bottom()).zip(view) {
            let node = self.nodes[at];
            let indent = 1 + node.depth();
            let style = if matches!(node, Node::Module(_)) { theme.title } else { theme.value };
            draw_text(buf, room.x + indent, y, room.width.saturating_sub(indent), node.label(), style);
            if at == self.chosen.at && focused {
                buf.set_style(Rect { y, height: 1, ..room }, theme.selection);
                cursor = (room.x + indent, y);
            }
        }
        cursor
    }
}

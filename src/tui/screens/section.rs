//! A section of the menu as cards: one card for each of its lists; for a whole module, one for each section.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::domain::model::schema::EntityDef;
use crate::tui::command::{Action, Command};
use crate::tui::component::{Component, Cx, DrawCx};
use crate::tui::message::{Effect, Event, Screen};
use crate::tui::places::{Node, nodes};
use crate::tui::widgets::list::Chosen;
use crate::tui::widgets::text::draw_text;

/// The height of a card in lines, one of them blank.
const CARD: u16 = 3;

/// One card.
pub struct Card {
    title: String,
    about: String,
    /// The screens it opens, one on top of the other.
    path: Vec<Screen>,
}

impl Card {
    /// The card of a menu node, with the names of the nodes below it. It opens the screens from Home down to it.
    fn of(node: Node, nodes: &[Node]) -> Self {
        let about = match node {
            Node::Entity(_, _, entity) => entity.menu.as_ref().map_or("", |menu| menu.about).to_owned(),
            Node::History(..) => "What was done, by whom, when and what for; taking it back".to_owned(),
            Node::Section(module, section) => names(nodes, |other| is_in(other, module, section)),
            Node::ClientPlace(_) => String::new(),
            Node::Module(module) => {
                names(nodes, |other| matches!(other, Node::Section(of, _) if of == module))
            }
        };
        Self { title: node.label().to_owned(), about, path: node.path() }
    }

    /// The card of a named view of a list.
    pub fn of_view(entity: &'static EntityDef, view: &'static str, title: String, about: String) -> Self {
        let of_entity = |node: &Node| matches!(node, Node::Entity(_, _, other) if other.is(entity));
        let mut path = nodes().into_iter().find(of_entity).map(Node::path).unwrap_or_default();
        path.pop();
        path.push(Screen::View(entity, view));
        Self { title, about, path }
    }

    /// The same card, opened from the level above: it opens its own screen alone.
    fn opened_from_above(mut self) -> Self {
        self.path.drain(..self.path.len() - 1);
        self
    }

    /// The cards of a module's sections.
    pub fn of_module(module: &str) -> Vec<Self> {
        let sections = cards(|node| matches!(node, Node::Section(of, _) if of == module));
        sections.map(Self::opened_from_above).collect()
    }

    /// The cards of a section's lists.
    pub fn of_section(module: &str, section: &str) -> Vec<Self> {
        cards(|node| is_in(node, module, section)).map(Self::opened_from_above).collect()
    }

    /// The cards of every list, for Home; entities that the codes judge come first.
    pub fn of_everything() -> Vec<Self> {
        let is_judged = |node: &Node| matches!(node, Node::Entity(_, _, entity) if entity.judged);
        let judged = cards(move |node| is_judged(&node));
        judged.chain(cards(move |node| matches!(node, Node::Entity(..)) && !is_judged(&node))).collect()
    }
}

/// Whether a node is a place of this section.
fn is_in(node: Node, module: &str, section: &str) -> bool {
    matches!(node, Node::Entity(of, within, _) | Node::History(of, within) if (of, within) == (module, section))
}

fn cards(wanted: impl Fn(Node) -> bool) -> impl Iterator<Item = Card> {
    let nodes = nodes();
    nodes.clone().into_iter().filter(move |node| wanted(*node)).map(move |node| Card::of(node, &nodes))
}

fn names(nodes: &[Node], wanted: impl Fn(Node) -> bool) -> String {
    let labels: Vec<&str> = nodes.iter().filter(|node| wanted(**node)).map(|node| node.label()).collect();
    labels.join(" · ")
}

/// Cards one below the other, one of them chosen.
pub struct Cards {
    cards: Vec<Card>,
    chosen: Chosen,
}

impl Cards {
    /// Cards with the first one chosen.
    pub fn new(cards: Vec<Card>) -> Self {
        Self { cards, chosen: Chosen::default() }
    }

    /// Replaces the card of this index.
    pub fn put(&mut self, at: usize, card: Card) {
        if let Some(chosen) = self.cards.get_mut(at) {
            *chosen = card;
        }
    }

    /// Whether there is no card.
    pub fn is_empty(&self) -> bool {
        self.cards.is_empty()
    }

    /// Handles Enter and the keys that go up and down.
    pub fn handle(&mut self, event: &Event, cx: &mut Cx<'_>) {
        match event {
            Event::Command(Action::Open) => {
                let path = self.cards.get(self.chosen.at).map(|card| card.path.clone()).unwrap_or_default();
                cx.push(Effect::PushPath(path));
            }
            Event::Key(key) => {
                self.chosen.key(key, self.cards.len(), |_| true);
            }
            _ => {}
        }
    }

    /// Draws the cards that have room.
    pub fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let view = self.chosen.view(self.cards.len(), area.height / CARD);
        for (y, at) in (area.top()..area.bottom()).step_by(CARD.into()).zip(view) {
            let (card, room) = (&self.cards[at], area.width.saturating_sub(4));
            let chosen = at == self.chosen.at;
            let buf = frame.buffer_mut();
            let mark = if chosen { "▸" } else { " " };
            draw_text(buf, area.x + 1, y, 1, mark, cx.theme.title);
            draw_text(buf, area.x + 3, y, room, &card.title, cx.theme.link);
            draw_text(buf, area.x + 3, y + 1, room, &card.about, cx.theme.dim);
            if chosen && cx.focused {
                frame.set_cursor_position((area.x + 3, y));
            }
        }
    }
}

/// The place of a section, or of a whole module.
pub struct Section {
    title: &'static str,
    cards: Cards,
}

impl Section {
    /// A section of a module; an empty `section` is the module.
    pub fn new(module: &'static str, section: &'static str) -> Self {
        if section.is_empty() {
            Self { title: module, cards: Cards::new(Card::of_module(module)) }
        } else {
            Self { title: section, cards: Cards::new(Card::of_section(module, section)) }
        }
    }
}

impl Component for Section {
    fn title(&self) -> String {
        self.title.to_owned()
    }

    fn takes_text(&self) -> bool {
        false
    }

    fn commands(&self, out: &mut Vec<Command>) {
        out.push(Command::of(Action::Open).only_if(!self.cards.is_empty(), "There is nothing to open."));
    }

    fn handle(&mut self, event: Event, cx: &mut Cx<'_>) {
        self.cards.handle(&event, cx);
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        self.cards.draw(frame, area, cx);
    }
}

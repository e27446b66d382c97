//! The places there are: of the back office modules, their sections, and the entities in them, as the schema places
//! them; of a Client Center those that are open.

use crate::domain::codes::Place;
use crate::domain::entities;
use crate::domain::model::schema::EntityDef;
use crate::service::client_center::{Client, ClientCenter};
use crate::tui::component::Who;
use crate::tui::message::Screen;

/// What the Client Center's own places are headed with: `Lagerta Ltd. - Client Center`.
pub fn heading(center: &ClientCenter) -> String {
    let whose = if center.company.is_empty() { &center.site.shown } else { &center.company };
    format!("{whose} - Client Center")
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node {
    /// A module, such as Setup.
    Module(&'static str),
    /// A section of a module, such as Security.
    Section(&'static str, &'static str),
    /// An entity, such as Users, in its module and section.
    Entity(&'static str, &'static str, &'static EntityDef),
    /// A place of a Client Center.
    ClientPlace(Place),
}

impl Node {
    /// What it says.
    pub fn label(self) -> &'static str {
        match self {
            Self::Module(label) | Self::Section(_, label) => label,
            Self::Entity(_, _, entity) => entity.plural,
            Self::ClientPlace(place) => place.label(),
        }
    }

    /// The places from the beginning down to it, as the breadcrumb shows them; none for the beginning itself.
    pub fn path(self) -> Vec<Screen> {
        match self {
            Self::Module(module) => vec![Screen::Section(module, "")],
            Self::Section(module, section) => {
                vec![Screen::Section(module, ""), Screen::Section(module, section)]
            }
            Self::Entity(module, section, entity) => {
                let mut path = Self::Section(module, section).path();
                path.push(Screen::Navigator(entity));
                path
            }
            Self::ClientPlace(Place::Home) => Vec::new(),
            Self::ClientPlace(place) => vec![Screen::ClientPlace(place)],
        }
    }

    /// How deep it lies.
    pub fn depth(self) -> u16 {
        match self {
            Self::Module(_) | Self::ClientPlace(_) => 0,
            Self::Section(..) => 1,
            Self::Entity(..) => 2,
        }
    }
}

/// Every place of the back office: modules, sections and entities, each by name.
pub fn nodes() -> Vec<Node> {
    let placed = |entity: &'static EntityDef| {
        entity.menu.as_ref().map(|menu| (menu.module, menu.section, entity.plural, entity))
    };
    let mut entities: Vec<_> = entities::all().filter_map(placed).collect();
    entities.sort_unstable_by_key(|&(module, section, plural, _)| (module, section, plural));
    let mut nodes = Vec::new();
    let (mut last_module, mut last_section) = ("", "");
    for (module, section, _, entity) in entities {
        if module != last_module {
            nodes.push(Node::Module(module));
        }
        if (module, section) != (last_module, last_section) {
            nodes.push(Node::Section(module, section));
        }
        nodes.push(Node::Entity(module, section, entity));
        (last_module, last_section) = (module, section);
    }
    nodes
}

/// Whether a place of a Client Center is one of this console too.
pub fn is_here(place: Place) -> bool {
    matches!(place, Place::Home | Place::UserManagement | Place::CustomerProfile)
}

/// The places for whoever is here: a visitor has the places of this console that are open at the customer chosen.
pub fn nodes_of(who: &Who) -> Vec<Node> {
    match who {
        Who::Nobody => Vec::new(),
        Who::Operator(_) => nodes(),
        Who::Visitor(visitor) => {
            let open = visitor.client.iter().flat_map(Client::places);
            open.filter(|place| is_here(*place)).map(Node::ClientPlace).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_menu_has_the_order_of_the_frame() {
        let lines: Vec<String> =
            nodes().iter().map(|node| " ".repeat(node.depth().into()) + node.label()).collect();
        let modules: Vec<_> = lines.iter().filter(|line| !line.starts_with(' ')).collect();
        assert_eq!(modules, ["CRM", "General", "Setup"]);
        let users = lines.iter().position(|line| line == "  Users").expect("Users");
        assert_eq!(lines[users - 1], " Security");
    }
}

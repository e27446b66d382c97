//! The places that can be gone to: in the back office modules, their sections and the entities in them, as the schema
//! orders them; in a Client Center those that are open to the visitor.

use crate::domain::codes::Place;
use crate::domain::entities;
use crate::domain::model::schema::EntityDef;
use crate::service::client_center::{Client, ClientCenter};
use crate::tui::component::Who;
use crate::tui::message::Screen;

/// The heading of a Client Center: `Lagerta Ltd. - Client Center`.
pub fn heading(center: &ClientCenter) -> String {
    let whose = if center.company.is_empty() { &center.site.shown } else { &center.company };
    format!("{whose} - Client Center")
}

/// One place, as a node of the menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node {
    /// A module, such as Setup.
    Module(&'static str),
    /// A section of a module, such as Security.
    Section(&'static str, &'static str),
    /// An entity, such as Users, in its module and section.
    Entity(&'static str, &'static str, &'static EntityDef),
    /// The history of all records, in its module and section.
    History(&'static str, &'static str),
    /// A place of a Client Center.
    ClientPlace(Place),
}

impl Node {
    /// Its name.
    pub fn label(self) -> &'static str {
        match self {
            Self::Module(label) | Self::Section(_, label) => label,
            Self::Entity(_, _, entity) => entity.plural,
            Self::History(..) => "History",
            Self::ClientPlace(place) => place.label(),
        }
    }

    /// The screens from the first level down to it, as the breadcrumb shows them; empty for Home.
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
            Self::History(module, section) => {
                let mut path = Self::Section(module, section).path();
                path.push(Screen::History);
                path
            }
            Self::ClientPlace(Place::Home) => Vec::new(),
            Self::ClientPlace(place) => vec![Screen::ClientPlace(place)],
        }
    }

    /// Its depth in the menu tree; 0 for the first level.
    pub fn depth(self) -> u16 {
        match self {
            Self::Module(_) | Self::ClientPlace(_) => 0,
            Self::Section(..) => 1,
            Self::Entity(..) | Self::History(..) => 2,
        }
    }
}

/// The module and section of [`Node::History`].
const HISTORY: (&str, &str) = ("Setup", "Security");

/// Every place of the back office, in the order of the menu: modules, sections, and the places in them, each sorted by
/// name.
pub fn nodes() -> Vec<Node> {
    let placed = |entity: &'static EntityDef| {
        entity
            .menu
            .as_ref()
            .map(|menu| (menu.module, menu.section, Node::Entity(menu.module, menu.section, entity)))
    };
    let history = (HISTORY.0, HISTORY.1, Node::History(HISTORY.0, HISTORY.1));
    let mut places: Vec<_> = entities::all().filter_map(placed).chain([history]).collect();
    places.sort_unstable_by_key(|&(module, section, node)| (module, section, node.label()));
    let mut nodes = Vec::new();
    let (mut last_module, mut last_section) = ("", "");
    for (module, section, node) in places {
        if module != last_module {
            nodes.push(Node::Module(module));
        }
        if (module, section) != (last_module, last_section) {
            nodes.push(Node::Section(module, section));
        }
        nodes.push(node);
        (last_module, last_section) = (module, section);
    }
    nodes
}

/// Whether the console has this place of a Client Center.
pub fn is_here(place: Place) -> bool {
    matches!(place, Place::Home | Place::UserManagement | Place::CustomerProfile)
}

/// The places for whoever is signed in. A visitor has the places that are open to the role at the chosen customer.
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
        let security = lines.iter().position(|line| line == " Security").expect("Security");
        assert_eq!(lines[security + 1..], ["  History", "  Rejection Reasons", "  Users"]);
    }
}

//! The places of a Client Center that this console has.

mod access_editor;
pub(super) mod home;
mod profile;
#[cfg(test)]
mod tests;
mod user_management;

use crate::domain::codes::Place;
use crate::tui::component::{Component, Cx};

/// Opens a place at the customer that was chosen. Without one, and for a place that this console does not have,
/// that is Home.
pub fn open(place: Place, cx: &mut Cx<'_>) -> Box<dyn Component> {
    let client = cx.who.visitor().and_then(|visitor| visitor.client.clone());
    match (place, client) {
        (Place::UserManagement, Some(client)) => Box::new(user_management::UserManagement::open(client, cx)),
        (Place::CustomerProfile, Some(_)) => Box::new(profile::Profile::open(cx)),
        (_, client) => Box::new(home::Home::new(client)),
    }
}

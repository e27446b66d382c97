//! The places of a Client Center.

mod access_editor;
pub(super) mod home;
mod profile;
#[cfg(test)]
mod tests;
mod user_management;

use crate::domain::codes::Place;
use crate::tui::component::{Component, Cx};

/// Opens a place for the chosen customer. Opens Home when none is chosen, or when the console does not have the
/// place.
pub fn open(place: Place, cx: &mut Cx<'_>) -> Box<dyn Component> {
    let client = cx.who.visitor().and_then(|visitor| visitor.client.clone());
    match (place, client) {
        (Place::UserManagement, Some(client)) => Box::new(user_management::UserManagement::open(client, cx)),
        (Place::CustomerProfile, Some(_)) => Box::new(profile::Profile::open(cx)),
        (_, client) => Box::new(home::Home::new(client)),
    }
}

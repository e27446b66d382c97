//! The screens of the console: its places, and the overlays above them.

pub mod access_fields;
pub mod ask;
pub mod client_center;
pub mod client_centers;
pub mod create_account;
pub mod customize;
pub mod form;
pub mod grant;
pub mod history;
pub mod home;
pub mod lock;
pub mod navigator;
pub mod not_active;
pub mod password;
pub mod reset_code;
pub mod row_action;
pub mod section;
pub mod select_client;
pub mod sign_in;
pub mod sign_in_preview;
pub mod sites;
#[cfg(test)]
mod tests;

use crate::tui::component::{Component, Cx};
use crate::tui::message::Screen;
use crate::tui::screens::customize::Customize;
use crate::tui::screens::form::Form;
use crate::tui::screens::navigator::Navigator;
use crate::tui::widgets::menu::Menu;
use crate::tui::widgets::palette::Palette;
use crate::tui::widgets::question::Asked;
use crate::tui::widgets::reader::Reader;

/// Makes the component of a screen. It asks its first questions at once.
pub fn open(screen: Screen, cx: &mut Cx<'_>) -> Box<dyn Component> {
    match screen {
        Screen::SignIn => Box::new(sign_in::SignIn::open(cx)),
        Screen::ClientPlace(place) => client_center::open(place, cx),
        Screen::Home => Box::new(home::Home::open(cx)),
        Screen::ClientCenters => Box::new(client_centers::ClientCenters::open(cx)),
        Screen::ClientCenterSignIn(center) => Box::new(sign_in::SignIn::client_center(center)),
        Screen::CreateAccount => Box::new(create_account::CreateAccount::new()),
        Screen::NotActive(center, code) => Box::new(not_active::NotActive::new(center, code)),
        Screen::SelectClient => Box::new(select_client::SelectClient::open(cx)),
        Screen::ChoosePassword(purpose) => Box::new(password::Password::new(purpose)),
        Screen::Lock(reason) => Box::new(lock::Lock::new(reason)),
        Screen::ResetCode(login, code) => Box::new(reset_code::ResetCode::new(login, code)),
        Screen::Section(module, section) => Box::new(section::Section::new(module, section)),
        Screen::Menu(menu) => Box::new(Menu::new(menu)),
        Screen::Question(question) => Box::new(Asked::new(question)),
        Screen::Ask(screen) => Box::new(ask::Ask::new(screen, "")),
        Screen::FileName(screen, proposed) => Box::new(ask::Ask::new(screen, &proposed)),
        Screen::Help(topic) => Box::new(Reader::help(&topic)),
        Screen::Palette(offer) => Box::new(Palette::new(offer)),
        Screen::Messages(notices) => Box::new(Reader::messages(notices)),
        Screen::History => Box::new(history::History::open(cx)),
        Screen::Operation(operation) => Box::new(history::operation::OperationEntries::open(*operation, cx)),
        Screen::Sites => Box::new(sites::Sites::open(cx)),
        Screen::Navigator(entity) => Box::new(Navigator::open(entity, cx)),
        Screen::View(entity, view) => Box::new(Navigator::in_view(entity, view, cx)),
        Screen::Pick(query) => Box::new(Navigator::pick(query, cx)),
        Screen::Form(opening) => Box::new(Form::open(opening, false, cx)),
        Screen::Approve(entity, user) => Box::new(Form::approve(entity, user, cx)),
        Screen::New(opening) => Box::new(Form::open(opening, true, cx)),
        Screen::Grant(user) => Box::new(grant::Grant::open(user, cx)),
        Screen::SignInPreview(user) => Box::new(sign_in_preview::SignInPreview::open(user, cx)),
        Screen::Customize(screen) => Box::new(Customize::new(screen)),
    }
}

//! A form whose first question fails.

use super::scripted::{fails_at_first, operator, started};
use crate::domain::entities::user;
use crate::domain::model::record::Draft;
use crate::tui::message::{Opening, Screen};

#[tokio::test]
async fn a_form_that_could_not_be_read_is_read_again() {
    let mut back_office = started(fails_at_first(), |console| {
        console.sign_in(operator("mkoleva"));
        console.push(Screen::Form(Opening::new(Draft::new(&user::USER))));
    });
    back_office
        .resize(120, 40)
        .settle()
        .await
        .sees("could not be read")
        .sees_no("reading…")
        .keys("<F5>")
        .await
        .sees_no("could not be read")
        .sees("not saved yet");
}

//! The form in which a field keeps a value, whoever gives it: a form, an imported file or a command (`docs/domain.md`,
//! Notation).

use super::schema::{FieldDef, Kind};
use super::text;
use super::value::{MultiLang, Value};

/// The value as the field keeps it. A text has no blanks at either end ([`text::trim`]), one of several lines none at
/// its end; a text of blanks alone is [`Value::Empty`]. A text that is unique is composed ([`text::composed`]), so that
/// it is judged and measured as it is compared. Every other value stays as it is.
pub fn normalised(field: &FieldDef, value: Value) -> Value {
    match (&field.kind, value) {
        (Kind::Text { .. }, Value::Text(given)) if field.unique => {
            Value::text(text::composed(text::trim(&given)))
        }
        (Kind::Text { .. }, Value::Text(given)) => Value::text(text::trim(&given)),
        (Kind::Lines { .. } | Kind::Json, Value::Text(given)) => Value::text(text::trim_end(&given)),
        (Kind::Multi { .. }, Value::Multi(given)) => {
            let trimmed = given.iter().map(|(tag, given)| (tag.to_owned(), text::trim(given).to_owned()));
            Value::multi(trimmed.collect::<MultiLang>())
        }
        (_, value) => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entities::{party, person, user, web_site};

    #[test]
    fn a_field_keeps_no_blanks_around_a_text() {
        let text = |field, given: &str| normalised(field, Value::text(given));
        assert_eq!(text(&party::PARTY_CODE.def, "00126\u{a0} "), Value::text("00126"));
        assert_eq!(text(&user::EMAIL.def, "a\u{301}nn@mail.example"), Value::text("ánn@mail.example"));
        assert_eq!(text(&user::NOTES.def, "  - one\n\n"), Value::text("  - one"));
        assert_eq!(text(&user::COMPANY_NAME.def, " e\u{301} "), Value::text("e\u{301}"), "as it was given");
        for field in [&party::PARTY_CODE.def, &user::NOTES.def, &web_site::SETTINGS_JSON.def] {
            assert_eq!(text(field, "\u{3000}\n\t"), Value::Empty, "{field:?}");
        }
        let name: MultiLang = [("en", " Ann\u{a0}"), ("bg", "\u{2003}")]
            .map(|(tag, text)| (tag.into(), text.into()))
            .into_iter()
            .collect();
        let kept = normalised(&person::FIRST_NAME.def, Value::multi(name));
        assert_eq!(kept, Value::multi(MultiLang::new("en", "Ann")));
    }
}

//! The known keys of a field with a JSON object: help while the cursor is in one, completion, and the look-up of records
//! whose ids they hold.

use crate::domain::model::json_keys;
use crate::domain::model::query::{Filter, ListQuery};
use crate::domain::model::record::Fields;
use crate::domain::model::schema::{FieldDef, KeyKind, KnownKey};
use crate::domain::model::value::{RecordId, Value};
use crate::tui::command::{Action, Command};
use crate::tui::component::Cx;
use crate::tui::message::{Effect, MenuScreen, Outcome, Screen, Tone};

use super::editor::Editor;
use super::{Asking, Form};

/// A note below a field.
pub(super) enum Note {
    /// What the cursor is in.
    Help(String),
    /// What looks wrong, and is no error.
    Warning(String),
}

/// What can be filled in where the cursor is.
pub(super) enum Offer {
    /// The id of a record, for this key.
    Id(&'static KnownKey),
    /// One of these words.
    Words(Vec<&'static str>),
}

impl Offer {
    /// The command that fills it in.
    pub(super) fn command(&self) -> Command {
        let command = Command::of(Action::DropDown);
        match self {
            Self::Id(KnownKey { kind: KeyKind::Record(entity, _) | KeyKind::Records(entity), .. }) => {
                command.labelled(format!("Choose {}", entity.name))
            }
            Self::Id(_) => command,
            Self::Words(words) => {
                command.labelled("Complete").only_if(!words.is_empty(), "Nothing is known that fits here.")
            }
        }
    }
}

impl Form {
    /// The field with known keys that is edited, its text, and the cursor as a byte of it.
    fn json(&self) -> Option<(&'static FieldDef, String, usize)> {
        let field = self.field().filter(|field| !field.known_keys.is_empty())?;
        match &self.cursor.editor {
            Some(Editor::Lines(lines)) => Some((field, lines.text(), lines.cursor())),
            _ => None,
        }
    }

    /// What can be filled in where the cursor is; `None` outside of a field with known keys.
    pub(super) fn offer(&self) -> Option<Offer> {
        let (field, text, cursor) = self.json()?;
        let here = json_keys::at(&text, cursor);
        let key =
            here.key.filter(|_| here.in_value).and_then(|name| json_keys::known(field.known_keys, &name));
        match key {
            Some(key) if matches!(key.kind, KeyKind::Record(..) | KeyKind::Records(_)) => {
                Some(Offer::Id(key))
            }
            _ => Some(Offer::Words(json_keys::completions(field.known_keys, &text, cursor))),
        }
    }

    /// Fills in the only word that fits, or offers those that do, or the records whose ids a key holds.
    pub(super) fn complete(&mut self, cx: &mut Cx<'_>) {
        match self.offer() {
            Some(Offer::Id(key)) => self.choose_id(key, cx),
            Some(Offer::Words(words)) => match words[..] {
                [] => cx.say(Tone::Plain, "Nothing is known that fits here."),
                [word] => self.fill_word(word, cx),
                _ => {
                    let labels = words.iter().map(|word| (*word).to_owned());
                    let screen = MenuScreen::choices("Complete", labels, None);
                    self.asking = Some(Asking::Word(words));
                    cx.push(Effect::Push(Screen::Menu(screen)));
                }
            },
            None => {}
        }
    }

    /// Opens the list of the records whose id this key can hold.
    pub(super) fn choose_id(&mut self, key: &'static KnownKey, cx: &mut Cx<'_>) {
        let query = match key.kind {
            KeyKind::Record(entity, (field, texts)) => {
                let texts = texts.iter().map(|text| Value::text(*text)).collect();
                ListQuery { filters: vec![Filter::OneOf(field, texts)], ..ListQuery::all(entity) }
            }
            KeyKind::Records(entity) => ListQuery::all(entity),
            KeyKind::Bool | KeyKind::Int | KeyKind::Text | KeyKind::Object => return,
        };
        self.asking = Some(Asking::Id(key.name));
        cx.push(Effect::Push(Screen::Pick(query)));
    }

    /// Writes the id that was chosen for a key.
    pub(super) fn fill_id(&mut self, name: &str, id: RecordId, cx: &mut Cx<'_>) {
        let Some((field, text, cursor)) = self.json() else { return };
        if let Some(key) = json_keys::known(field.known_keys, name) {
            self.fill(field, json_keys::fill_id(&text, cursor, key, &id.to_string()), cx);
        }
    }

    /// Writes a word in place of what the cursor is in.
    pub(super) fn fill_word(&mut self, word: &str, cx: &mut Cx<'_>) {
        if let Some((field, text, cursor)) = self.json() {
            self.fill(field, json_keys::complete(&text, cursor, word), cx);
        }
    }

    fn fill(&mut self, field: &'static FieldDef, filled: json_keys::Filled, cx: &mut Cx<'_>) {
        if let Some(Editor::Lines(lines)) = &mut self.cursor.editor {
            lines.replace(&filled.text, filled.cursor);
            self.typed(field, filled.text, cx);
        }
    }

    /// The notes below a field with known keys: about the key that the cursor is in, and what looks wrong.
    pub(super) fn notes(&self, field: &FieldDef) -> Vec<Note> {
        if field.known_keys.is_empty() {
            return Vec::new();
        }
        let mut notes = Vec::new();
        if let Some((_, text, cursor)) = self.json().filter(|(edited, ..)| *edited == field) {
            let name = json_keys::at(&text, cursor).key.unwrap_or_default();
            notes.extend(
                json_keys::known(field.known_keys, &name)
                    .map(|key| Note::Help(format!("{}: {}", key.name, key.help))),
            );
        }
        if let Value::Text(text) = self.record.draft().value(field) {
            notes.extend(json_keys::warnings(field.known_keys, text).into_iter().map(Note::Warning));
        }
        notes
    }

    /// Takes what was chosen from a list of [`Form::complete`].
    pub(super) fn completed(&mut self, asked: Asking, outcome: Outcome, cx: &mut Cx<'_>) {
        match (asked, outcome) {
            (Asking::Word(words), Outcome::Answer(index)) => {
                if let Some(word) = words.get(index) {
                    self.fill_word(word, cx);
                }
            }
            (Asking::Id(name), Outcome::Chosen(record)) => self.fill_id(name, record.id, cx),
            _ => {}
        }
    }
}

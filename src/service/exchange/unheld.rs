//! What is said of the properties that no field holds: lists and passwords in them, at any depth.

use serde_json::Value as Json;

use crate::service::exchange::password::{HIDDEN, PASSWORD};
use crate::service::exchange::properties::Properties;

/// The most names that one sentence has.
const MOST_NAMED: usize = 20;

/// Lists and passwords among the properties that no field holds, by their names: `Portal.Users`.
#[derive(Default)]
pub(super) struct Unheld {
    /// The lists, which are kept.
    pub lists: Vec<String>,
    /// The passwords, which are replaced.
    pub passwords: Vec<String>,
}

impl Unheld {
    /// Those of these properties.
    pub(super) fn of(extra: &Properties) -> Self {
        let hidden = Json::from(HIDDEN).to_string();
        let mut unheld = Self::default();
        for (name, text) in extra.iter().filter(|(_, text)| text.contains('[') || text.contains(&hidden)) {
            unheld.add(name, name, &serde_json::from_str(text).unwrap_or_default(), false);
        }
        unheld
    }

    /// Adds what the value of a property has. `path` is its name behind those of the objects around it; in a list the
    /// list has been named already.
    fn add(&mut self, path: &str, name: &str, value: &Json, is_in_list: bool) {
        match value {
            Json::String(text) if text == HIDDEN && name.eq_ignore_ascii_case(PASSWORD) => {
                self.passwords.push(path.to_owned());
            }
            Json::Array(values) => {
                if !is_in_list {
                    self.lists.push(path.to_owned());
                }
                values.iter().for_each(|value| self.add(path, "", value, true));
            }
            Json::Object(values) => {
                for (name, value) in values {
                    self.add(&format!("{path}.{name}"), name, value, is_in_list);
                }
            }
            _ => {}
        }
    }
}

/// The first names, and how many more there are.
pub(super) fn enumerated(names: &[String]) -> String {
    match names.len().checked_sub(MOST_NAMED) {
        None | Some(0) => names.join(", "),
        Some(more) => format!("{} and {more} more", names[..MOST_NAMED].join(", ")),
    }
}

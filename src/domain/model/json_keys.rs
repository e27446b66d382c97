//! The keys that a field with a JSON object is known to have ([`KnownKey`]): what the cursor is in, what can be filled
//! in there, and what looks wrong. It works on text that is being typed, well formed or not.

use std::ops::Range;

use serde_json::{Map, Value as Json};

use super::schema::{KeyKind, KnownKey};

/// How many typing errors a key may have to count as another key.
const MOST_ERRORS: usize = 2;

/// What the cursor is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtCursor {
    /// The key of the outermost object whose name or value it is; `None` where a key is to be typed.
    pub key: Option<String>,
    /// Whether it is in a value.
    pub in_value: bool,
    /// The bytes of the word or string that the cursor is in or at; empty where there is none.
    pub token: Range<usize>,
}

/// The text with the cursor, as a byte, after something was filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// The text.
    pub text: String,
    /// The cursor.
    pub cursor: usize,
}

/// A piece of JSON: a string with its quotes, a word such as `true`, or one structural character.
struct Token {
    range: Range<usize>,
    is_string: bool,
}

/// The pieces of a text, without blanks. A string that is not closed ends with its line.
fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some((start, c)) = rest.next() {
        let mut end = start + c.len_utf8();
        let is_string = c == '"';
        if is_string {
            let mut escaped = false;
            while let Some((at, next)) = rest.next_if(|(_, next)| *next != '\n') {
                end = at + next.len_utf8();
                if next == '"' && !escaped {
                    break;
                }
                escaped = next == '\\' && !escaped;
            }
        } else if is_word(c) {
            while let Some((at, next)) = rest.next_if(|(_, next)| is_word(*next)) {
                end = at + next.len_utf8();
            }
        }
        if !c.is_whitespace() {
            tokens.push(Token { range: start..end, is_string });
        }
    }
    tokens
}

fn is_word(c: char) -> bool {
    !c.is_whitespace() && !matches!(c, '"' | '{' | '}' | '[' | ']' | ':' | ',')
}

/// A string without its quotes.
fn unquoted(text: &str) -> &str {
    let text = text.strip_prefix('"').unwrap_or(text);
    text.strip_suffix('"').unwrap_or(text)
}

/// What the cursor, a byte of the text, is in.
pub fn at(text: &str, cursor: usize) -> AtCursor {
    let (mut depth, mut key, mut in_value) = (0_usize, None, false);
    for Token { range, is_string } in tokens(text) {
        if cursor < range.start {
            break;
        }
        let word = &text[range.clone()];
        let is_structure = matches!(word, "{" | "}" | "[" | "]" | ":" | ",");
        let names = is_string && depth == 1 && !in_value;
        if names {
            key = Some(unquoted(word).to_owned());
        }
        // Behind the closing quote of a key, the colon is to come.
        if cursor <= range.end && !is_structure {
            return AtCursor { key, in_value, token: range };
        }
        match word {
            "{" | "[" if cursor >= range.end => depth += 1,
            "}" | "]" if cursor >= range.end => depth = depth.saturating_sub(1),
            ":" if depth == 1 && cursor >= range.end => in_value = true,
            "," if depth == 1 && cursor >= range.end => (key, in_value) = (None, false),
            _ => {}
        }
    }
    AtCursor { key: key.filter(|_| in_value), in_value, token: cursor..cursor }
}

/// The known key of this name.
pub fn known(keys: &'static [KnownKey], name: &str) -> Option<&'static KnownKey> {
    keys.iter().find(|key| key.name == name)
}

/// The words that complete what the cursor is in: names of keys that the object lacks, or the values of a yes-or-no
/// key. Those that begin with what is typed before the cursor, ignoring case.
pub fn completions(keys: &'static [KnownKey], text: &str, cursor: usize) -> Vec<&'static str> {
    let here = at(text, cursor);
    let typed = text.get(here.token.start..cursor.min(here.token.end)).unwrap_or_default();
    let typed = unquoted(typed).to_lowercase();
    let begins = |word: &&'static str| word.to_lowercase().starts_with(&typed);
    match (here.in_value, &here.key) {
        (true, Some(name)) => match known(keys, name).map(|key| &key.kind) {
            Some(KeyKind::Bool) => ["true", "false"].into_iter().filter(begins).collect(),
            _ => Vec::new(),
        },
        (true, None) => Vec::new(),
        (false, _) => {
            let present: Vec<&str> = names(text).map(|(_, name)| name).collect();
            let free = |name: &&'static str| !present.contains(name) || here.key.as_deref() == Some(*name);
            keys.iter().map(|key| key.name).filter(begins).filter(free).collect()
        }
    }
}

/// The names of the keys of the outermost object, each with the index of its token.
fn names(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let (mut depth, mut in_value) = (0_usize, false);
    tokens(text).into_iter().enumerate().filter_map(move |(index, Token { range, is_string })| {
        let word = &text[range];
        let name = (is_string && depth == 1 && !in_value).then(|| (index, unquoted(word)));
        match word {
            "{" | "[" => depth += 1,
            "}" | "]" => depth = depth.saturating_sub(1),
            ":" if depth == 1 => in_value = true,
            "," if depth == 1 => in_value = false,
            _ => {}
        }
        name
    })
}

/// The text with a completion in place of what the cursor is in. A name gets its quotes and a colon.
pub fn complete(text: &str, cursor: usize, word: &str) -> Filled {
    let here = at(text, cursor);
    if here.in_value {
        return replaced(text, here.token, word);
    }
    let named = format!("\"{word}\"");
    if text.trim().is_empty() {
        let Filled { text, cursor } = replaced("{\n  \n}", 4..4, &format!("{named}: "));
        return Filled { text, cursor };
    }
    let has_colon = text[here.token.end..].trim_start().starts_with(':');
    replaced(text, here.token, &if has_colon { named } else { format!("{named}: ") })
}

fn replaced(text: &str, range: Range<usize>, by: &str) -> Filled {
    let cursor = range.start + by.len();
    let mut text = text.to_owned();
    text.replace_range(range, by);
    Filled { text, cursor }
}

/// The text with the id of a record filled in for a key. Where the value is a list, the id takes the place of what the
/// cursor is in. Otherwise it becomes the value, the key is added where it is missing, and so are the keys that go with
/// it ([`KnownKey::along`]).
pub fn fill_id(text: &str, cursor: usize, key: &KnownKey, id: &str) -> Filled {
    let id = format!("\"{id}\"");
    let here = at(text, cursor);
    if matches!(key.kind, KeyKind::Records(_)) {
        return replaced(text, here.token, &id);
    }
    let mut filled = set(text, key.name, &id, true);
    for (name, value) in key.along {
        let cursor = filled.cursor;
        let with = set(&filled.text, name, value, false);
        filled = Filled { cursor, ..with };
    }
    filled
}

/// The text with a value for a key of the outermost object. A value that is there is replaced if `replaces`.
fn set(text: &str, name: &str, value: &str, replaces: bool) -> Filled {
    let all = tokens(text);
    let Some((index, _)) = names(text).find(|(_, found)| *found == name) else {
        return added(text, name, value);
    };
    if !replaces {
        return Filled { text: text.to_owned(), cursor: text.len() };
    }
    let next = |offset: usize| {
        all.get(index + offset).map(|token| (token.range.clone(), &text[token.range.clone()]))
    };
    match (next(1), next(2)) {
        (Some((_, ":")), Some((range, word))) if !matches!(word, "{" | "[" | "}" | ",") => {
            replaced(text, range, value)
        }
        (Some((colon, ":")), Some((range, "}" | ","))) => {
            replaced(text, colon.end..range.start, &format!(" {value}"))
        }
        // The text ends behind the colon, or there is none yet.
        (Some((colon, ":")), None) => replaced(text, colon.end..text.len(), &format!(" {value}")),
        (word, _) if word.as_ref().is_none_or(|(_, word)| *word != ":") => {
            let end = all.get(index).map_or(text.len(), |name| name.range.end);
            replaced(text, end..end, &format!(": {value}"))
        }
        _ => Filled { text: text.to_owned(), cursor: text.len() },
    }
}

/// The text with a key added at the end of the outermost object, on a line of its own; what is not closed stays so.
fn added(text: &str, name: &str, value: &str) -> Filled {
    let line = format!("\n  \"{name}\": {value}");
    let all = tokens(text);
    let Some(last) = all.last() else {
        return Filled { cursor: 1 + line.len(), text: format!("{{{line}\n}}") };
    };
    let close = match &text[last.range.clone()] {
        "}" => last,
        word => {
            let comma = if matches!(word, "{" | ",") { "" } else { "," };
            return replaced(text, last.range.end..last.range.end, &format!("{comma}{line}"));
        }
    };
    let before = all.len().checked_sub(2).and_then(|index| all.get(index));
    let is_first = before.is_none_or(|token| matches!(&text[token.range.clone()], "{" | ","));
    let from = before.map_or(close.range.start, |token| token.range.end);
    let comma = if is_first { "" } else { "," };
    let end =
        if text[from..close.range.start].contains('\n') { &text[from..close.range.start] } else { "\n" };
    let by = format!("{comma}{line}");
    let cursor = from + by.len();
    let Filled { text, .. } = replaced(text, from..close.range.start, &format!("{by}{end}"));
    Filled { text, cursor }
}

/// What looks wrong in an object, one sentence each: keys that are unknown but close to a known one, and values of
/// another type. Nothing of an object that is not well formed, and of keys that are not known at all.
pub fn warnings(keys: &'static [KnownKey], text: &str) -> Vec<String> {
    let Ok(object) = serde_json::from_str::<Map<String, Json>>(text) else { return Vec::new() };
    object
        .iter()
        .filter_map(|(name, value)| match known(keys, name) {
            Some(key) if !has_type(&key.kind, value) => {
                Some(format!("{name} takes {}.", type_name(&key.kind)))
            }
            Some(_) => None,
            None => {
                let close =
                    keys.iter().find(|key| is_close(name, key.name) && !object.contains_key(key.name))?;
                Some(format!("{name} is not known; is it {}?", close.name))
            }
        })
        .collect()
}

fn is_close(name: &str, known: &str) -> bool {
    name.eq_ignore_ascii_case(known) || strsim::osa_distance(name, known) <= MOST_ERRORS
}

fn has_type(kind: &KeyKind, value: &Json) -> bool {
    match kind {
        KeyKind::Bool => value.is_boolean(),
        KeyKind::Int => value.as_i64().is_some(),
        KeyKind::Text | KeyKind::Record(..) => value.is_string(),
        KeyKind::Records(_) => value.as_array().is_some_and(|list| list.iter().all(Json::is_string)),
        KeyKind::Object => value.is_object(),
    }
}

fn type_name(kind: &KeyKind) -> String {
    match kind {
        KeyKind::Bool => "true or false".to_owned(),
        KeyKind::Int => "a whole number".to_owned(),
        KeyKind::Text => "a text in quotes".to_owned(),
        KeyKind::Record(of, _) => format!("the Id of a {} in quotes", of.name),
        KeyKind::Records(of) => format!("a list of Ids of {}", of.plural),
        KeyKind::Object => "an object in braces".to_owned(),
    }
}

#[cfg(test)]
mod tests;

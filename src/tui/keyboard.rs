//! Cyrillic and Greek keyboards: under them a command answers to the same key as under a Latin one.
//!
//! A terminal sends what a key types, not which key it is, and the same letter lies on different keys: `ф` is B under
//! Bulgarian BDS, F under Bulgarian phonetic and A under Russian. So a letter is a command only once the keyboard is
//! known. Text boxes take letters as they are.

mod tables;

use serde::Deserialize;

/// A keyboard that types Cyrillic or Greek letters. The configuration names it in lower case, its words joined by
/// hyphens: `bulgarian-bds`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keyboard {
    /// Bulgarian by the standard BDS 5237, as typists have it.
    BulgarianBds,
    /// Bulgarian phonetic with the letters where they traditionally are: Я on Q, В on W.
    BulgarianPhonetic,
    /// Bulgarian phonetic by BDS 5237:2006: Ч on Q, Ш on W.
    BulgarianNewPhonetic,
    /// Russian ЙЦУКЕН.
    Russian,
    /// Ukrainian ЙЦУКЕН.
    Ukrainian,
    /// Serbian Cyrillic.
    Serbian,
    /// Macedonian.
    Macedonian,
    /// Greek.
    Greek,
}

impl Keyboard {
    /// Every keyboard.
    pub const ALL: [Self; 8] = [
        Self::BulgarianBds,
        Self::BulgarianPhonetic,
        Self::BulgarianNewPhonetic,
        Self::Russian,
        Self::Ukrainian,
        Self::Serbian,
        Self::Macedonian,
        Self::Greek,
    ];

    /// Its name in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BulgarianBds => "bulgarian-bds",
            Self::BulgarianPhonetic => "bulgarian-phonetic",
            Self::BulgarianNewPhonetic => "bulgarian-new-phonetic",
            Self::Russian => "russian",
            Self::Ukrainian => "ukrainian",
            Self::Serbian => "serbian",
            Self::Macedonian => "macedonian",
            Self::Greek => "greek",
        }
    }

    /// Its name on the screen.
    pub const fn label(self) -> &'static str {
        match self {
            Self::BulgarianBds => "Bulgarian (BDS)",
            Self::BulgarianPhonetic => "Bulgarian (phonetic)",
            Self::BulgarianNewPhonetic => "Bulgarian (new phonetic)",
            Self::Russian => "Russian",
            Self::Ukrainian => "Ukrainian",
            Self::Serbian => "Serbian (Cyrillic)",
            Self::Macedonian => "Macedonian",
            Self::Greek => "Greek",
        }
    }

    /// The keyboard that the configuration calls so.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|keyboard| keyboard.name() == name)
    }

    /// What the key that types this character types on the Latin keyboard; `None` when no key types it, or two do, or
    /// the key is no command.
    pub fn latin(self, typed: char) -> Option<char> {
        let [characters, keys] = match self {
            Self::BulgarianBds => tables::BULGARIAN_BDS,
            Self::BulgarianPhonetic => tables::BULGARIAN_PHONETIC,
            Self::BulgarianNewPhonetic => tables::BULGARIAN_NEW_PHONETIC,
            Self::Russian => tables::RUSSIAN,
            Self::Ukrainian => tables::UKRAINIAN,
            Self::Serbian => tables::SERBIAN,
            Self::Macedonian => tables::MACEDONIAN,
            Self::Greek => tables::GREEK,
        };
        characters.chars().zip(keys.chars()).find(|(character, _)| *character == typed).map(|(_, key)| key)
    }
}

/// Whether a character is a letter of the scripts that these keyboards type, Cyrillic or Greek, on whatever key.
pub fn is_foreign(typed: char) -> bool {
    matches!(typed, '\u{370}'..='\u{52F}') && typed.is_alphabetic()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_character_of_a_keyboard_has_one_key() {
        for keyboard in Keyboard::ALL {
            let typed: Vec<char> =
                ('\0'..='\u{52F}').filter(|typed| keyboard.latin(*typed).is_some()).collect();
            let mut keys: Vec<char> = typed.iter().filter_map(|typed| keyboard.latin(*typed)).collect();
            keys.sort_unstable();
            keys.dedup();
            assert_eq!(keys.len(), typed.len(), "{keyboard:?}");
            let foreign = typed.iter().filter(|typed| is_foreign(**typed)).count();
            assert!(foreign >= 48, "{keyboard:?} has {foreign} letters");
        }
    }

    #[test]
    fn the_same_letter_lies_on_different_keys() {
        let keys_of = |typed| Keyboard::ALL.map(|keyboard| keyboard.latin(typed).unwrap_or('-'));
        let keys = |typed| keys_of(typed).into_iter().collect::<String>();
        assert_eq!(keys('ф'), "bffaaff-");
        assert_eq!(keys('а'), "daaffaa-");
        assert_eq!(keys('х'), "nhh[[hh-");
        assert_eq!(keys('з'), "pzzppzz-");
        assert_eq!(keys('ъ'), "cyy]----");
    }

    #[test]
    fn a_keyboard_is_known_by_its_name() {
        for keyboard in Keyboard::ALL {
            assert_eq!(Keyboard::named(keyboard.name()), Some(keyboard));
            let quoted = format!("\"{}\"", keyboard.name());
            assert_eq!(serde_json::from_str::<Keyboard>(&quoted).ok(), Some(keyboard), "{quoted}");
        }
        assert_eq!(Keyboard::named("dvorak"), None);
    }

    #[test]
    fn what_stands_on_two_keys_is_none_of_them_and_a_command_stays_what_it_is() {
        assert_eq!(Keyboard::Greek.latin('Σ'), None);
        assert_eq!(Keyboard::Serbian.latin('ж'), None);
        for keyboard in Keyboard::ALL {
            for command in "/?:[]<> +-0123456789abcxyzABCXYZ".chars() {
                assert_eq!(keyboard.latin(command), None, "{keyboard:?} {command}");
            }
        }
    }
}

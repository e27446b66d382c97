//! Names of persons and companies as words that can be compared, whatever their order, script, case and diacritics.

use strsim::osa_distance;

use super::romanise::spellings;
use crate::domain::model::value::{MultiLang, Value};

/// A name of a person or a company as its words, in the order in which they are written, to be compared with others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name {
    /// The words, each with its spellings; none is empty.
    pub(super) words: Vec<Vec<String>>,
}

/// How much two names are alike, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Likeness {
    /// Two names.
    Other,
    /// The first and the last words are the same, and those between them are not.
    OtherMiddle,
    /// One has some of the words of the other.
    Part,
    /// The words are the same but for a letter or two in one of them, or an initial in place of one.
    Similar,
    /// The same, but one leaves out words between the first and the last.
    Shorter,
    /// The same words.
    Same,
}

/// The shortest word that may have an error in one letter; in a word of twice as many there may be two.
const SHORTEST_WITH_ERROR: usize = 5;

impl Name {
    /// The name in a text; without words for a text that has none.
    pub(super) fn of(text: &str) -> Self {
        Self {
            words: words(text)
                .map(|word| spellings(&word))
                .filter(|spellings| !spellings.is_empty())
                .collect(),
        }
    }

    /// Whether there is nothing to compare.
    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The name as one word.
    pub(super) fn joined(&self) -> String {
        self.words.iter().map(|word| word[0].as_str()).collect()
    }

    /// How much this name is like another. Both ways give the same.
    pub(super) fn likeness(&self, other: &Self) -> Likeness {
        if self.is_empty() || other.is_empty() {
            return Likeness::Other;
        }
        let (short, long) = if self.words.len() <= other.words.len() { (self, other) } else { (other, self) };
        let pairs = short.pairs(long);
        let exact = pairs.iter().flatten().filter(|pair| pair.1 == Alike::Same).count();
        let is_longer = long.words.len() > short.words.len();
        if exact == short.words.len() {
            if !is_longer {
                return Likeness::Same;
            }
            let has_ends =
                [0, long.words.len() - 1].iter().all(|end| pairs.iter().flatten().any(|pair| pair.0 == *end));
            return if exact >= 2 && has_ends { Likeness::Shorter } else { Likeness::Part };
        }
        if self.joined() == other.joined() {
            return Likeness::Same;
        }
        if !is_longer && exact >= 1 && pairs.iter().all(Option::is_some) {
            return Likeness::Similar;
        }
        if !is_longer && pairs.len() == 1 && pairs[0].is_some_and(|pair| pair.1 == Alike::Similar) {
            return Likeness::Similar;
        }
        let are_ends_same = || {
            let same = |one: &[String], other: &[String]| alike(one, other) == Some(Alike::Same);
            let ends = |name: &Self| [name.words[0].clone(), name.words[name.words.len() - 1].clone()];
            let ([first, last], [other_first, other_last]) = (ends(short), ends(long));
            same(&first, &other_first) && same(&last, &other_last)
        };
        if short.words.len() >= 3 && are_ends_same() {
            return Likeness::OtherMiddle;
        }
        if exact >= 2 { Likeness::Part } else { Likeness::Other }
    }

    /// For each word the position of the word of `long` that it is like, each of those once: the same words first.
    fn pairs(&self, long: &Self) -> Vec<Option<(usize, Alike)>> {
        let mut pairs = vec![None; self.words.len()];
        let mut is_free = vec![true; long.words.len()];
        for wanted in [Alike::Same, Alike::Similar, Alike::Initial] {
            for (at, word) in self.words.iter().enumerate() {
                if pairs[at].is_some() {
                    continue;
                }
                let fits =
                    |other: &usize| is_free[*other] && alike(word, &long.words[*other]) == Some(wanted);
                if let Some(other) = (0..long.words.len()).find(fits) {
                    is_free[other] = false;
                    pairs[at] = Some((other, wanted));
                }
            }
        }
        pairs
    }
}

/// How two words are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Alike {
    Same,
    Similar,
    Initial,
}

fn alike(word: &[String], other: &[String]) -> Option<Alike> {
    if word.iter().any(|spelling| other.contains(spelling)) {
        return Some(Alike::Same);
    }
    let (one, two) = (&word[0], &other[0]);
    if one.len() == 1 || two.len() == 1 {
        return (one.chars().next() == two.chars().next()).then_some(Alike::Initial);
    }
    // A number with another digit is another number.
    let digits = |word: &str| word.chars().filter(char::is_ascii_digit).collect::<String>();
    let errors = one.len().min(two.len()) / SHORTEST_WITH_ERROR;
    let is_similar = errors > 0 && digits(one) == digits(two) && osa_distance(one, two) <= errors.min(2);
    is_similar.then_some(Alike::Similar)
}

/// The words of a text. A full stop ends a word, but letters that are each followed by one are a single word: `S.A.`,
/// `d.o.o.`. An apostrophe does not end one.
pub(super) fn words(text: &str) -> impl Iterator<Item = String> {
    let is_joint = |c: char| matches!(c, '.' | '\'' | '’' | '׳' | '״' | '`' | '´' | '"');
    let parts = text.split(move |c: char| !c.is_alphanumeric() && !is_joint(c) && !is_mark(c));
    parts
        .flat_map(|part| {
            let pieces: Vec<&str> = part.split('.').filter(|piece| !piece.is_empty()).collect();
            if pieces.iter().all(|piece| piece.chars().filter(|c| !is_mark(*c)).count() == 1) {
                vec![pieces.concat()]
            } else {
                pieces.into_iter().map(str::to_owned).collect()
            }
        })
        .filter(|word| word.chars().any(char::is_alphanumeric))
}

/// Whether a character belongs to the letter before it.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

/// The texts of a value in all its languages, each once.
pub(super) fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Text(text) => vec![text],
        Value::Multi(text) => texts_of(text),
        _ => Vec::new(),
    }
}

/// The texts of a text in several languages, each once.
fn texts_of(text: &MultiLang) -> Vec<&str> {
    let mut texts: Vec<&str> = Vec::new();
    for (_, text) in text.iter() {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}

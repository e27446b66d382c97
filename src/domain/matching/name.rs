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
        let order = self.words.len().cmp(&other.words.len()).then_with(|| self.words.cmp(&other.words));
        let (short, long) = if order.is_le() { (self, other) } else { (other, self) };
        let is_longer = long.words.len() > short.words.len();
        let mut pairs = Pairs::of(short, long);
        pairs.find(Alike::Same);
        let exact = pairs.count();
        if exact == short.words.len() {
            if !is_longer {
                return Likeness::Same;
            }
            let has_ends = [0, long.words.len() - 1].iter().all(|end| pairs.has(*end));
            return if exact >= 2 && has_ends { Likeness::Shorter } else { Likeness::Part };
        }
        if self.letters().eq(other.letters()) {
            return Likeness::Same;
        }
        if !is_longer && (exact >= 1 || short.words.len() == 1) {
            pairs.find(Alike::Similar);
            if exact >= 1 {
                pairs.find(Alike::Initial);
            }
            if pairs.count() == short.words.len() {
                return Likeness::Similar;
            }
        }
        let is_same = |at: usize, in_long: usize| alike(&short.words[at], &long.words[in_long], Alike::Same);
        let are_ends_same = || is_same(0, 0) && is_same(short.words.len() - 1, long.words.len() - 1);
        if short.words.len() >= 3 && are_ends_same() {
            return Likeness::OtherMiddle;
        }
        if exact >= 2 { Likeness::Part } else { Likeness::Other }
    }

    /// The letters of all words, in their usual spelling.
    fn letters(&self) -> impl Iterator<Item = u8> + '_ {
        self.words.iter().flat_map(|word| word[0].bytes())
    }
}

/// The words of two names that are alike, each paired once.
struct Pairs<'a> {
    short: &'a Name,
    long: &'a Name,
    /// For each word of the short name the position of its pair in the long one.
    found: Vec<Option<usize>>,
}

impl<'a> Pairs<'a> {
    fn of(short: &'a Name, long: &'a Name) -> Self {
        Self { short, long, found: vec![None; short.words.len()] }
    }

    /// Pairs the words that have none yet, and are alike in this way.
    fn find(&mut self, wanted: Alike) {
        for (at, word) in self.short.words.iter().enumerate() {
            if self.found[at].is_none() {
                let fits = |other: &usize| !self.has(*other) && alike(word, &self.long.words[*other], wanted);
                self.found[at] = (0..self.long.words.len()).find(fits);
            }
        }
    }

    /// Whether a word of the long name has its pair.
    fn has(&self, in_long: usize) -> bool {
        self.found.contains(&Some(in_long))
    }

    fn count(&self) -> usize {
        self.found.iter().flatten().count()
    }
}

/// How two words are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Alike {
    Same,
    Similar,
    Initial,
}

/// Whether two words are alike in this way.
fn alike(word: &[String], other: &[String], how: Alike) -> bool {
    let (one, two) = (word[0].as_str(), other[0].as_str());
    let is_initial = one.len() == 1 || two.len() == 1;
    match how {
        Alike::Same => word.iter().any(|spelling| other.contains(spelling)),
        Alike::Initial => is_initial && one.as_bytes()[0] == two.as_bytes()[0],
        Alike::Similar => {
            let errors = (one.len().min(two.len()) / SHORTEST_WITH_ERROR).min(2);
            // A number with another digit is another number.
            let digits = |word: &str| word.chars().filter(char::is_ascii_digit).collect::<String>();
            errors > 0
                && one.len().abs_diff(two.len()) <= errors
                && digits(one) == digits(two)
                && osa_distance(one, two) <= errors
        }
    }
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

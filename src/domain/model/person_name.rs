//! Splitting a full name into first, middle and last name (`docs/domain.md`, Users).

/// Words that begin a last name wherever they stand behind the first name, in capitals too: `Jan van der Berg`.
const PARTICLES: [&str; 19] = [
    "bin", "das", "de", "del", "della", "den", "der", "des", "di", "dos", "du", "ibn", "ten", "ter", "van",
    "vom", "von", "zum", "zur",
];

/// Words that begin a last name only in small letters, because in capitals they are given names: `Al`, `Ben`.
const SMALL_PARTICLES: [&str; 13] =
    ["af", "al", "av", "ben", "da", "do", "e", "el", "la", "le", "los", "y", "zu"];

/// What follows a comma without being a given name.
const SUFFIXES: [&str; 7] = ["jr", "sr", "ii", "iii", "iv", "phd", "md"];

/// The parts of a full name; a part that the name does not have is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonName {
    /// The first name: `Jan`.
    pub first: String,
    /// The names between the first and the last: `Willem`.
    pub middle: String,
    /// The last name with its particles: `van der Berg`.
    pub last: String,
}

impl PersonName {
    /// Splits a full name. Behind the last name and a comma stand first and middle name (`van der Berg, Jan Willem`);
    /// otherwise the first word is the first name, and the last name begins with the first particle behind it, or is the
    /// last word. A single word is the first name; a name that begins with a particle in small letters is a last name.
    pub fn split(full: &str) -> Self {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<String>>();
        match full.split_once(',') {
            Some((name, suffix)) if is_suffix(suffix) => {
                let Self { first, middle, last } = Self::of_words(&words(name));
                let suffixed = [last, words(suffix).join(" ")];
                Self { first, middle, last: joined(&suffixed) }
            }
            Some((last, given)) if !last.trim().is_empty() && !given.trim().is_empty() => {
                let given = words(given);
                let (first, middle) =
                    given.split_first().map_or((String::new(), String::new()), |(first, middle)| {
                        (first.clone(), middle.join(" "))
                    });
                Self { first, middle, last: words(last).join(" ") }
            }
            _ => Self::of_words(&words(full.trim_matches(|c: char| c == ',' || c.is_whitespace()))),
        }
    }

    fn of_words(words: &[String]) -> Self {
        let [first, others @ ..] = words else { return Self::default() };
        if !others.is_empty() && is_particle(first) && first.chars().all(char::is_lowercase) {
            return Self { last: words.join(" "), ..Self::default() };
        }
        let begins =
            others.split_last().and_then(|(_, before)| before.iter().position(|word| is_particle(word)));
        let at = begins.unwrap_or(others.len().saturating_sub(1));
        let (middle, last) = others.split_at(at);
        Self { first: first.clone(), middle: middle.join(" "), last: last.join(" ") }
    }
}

fn is_particle(word: &str) -> bool {
    PARTICLES.contains(&word.to_lowercase().as_str()) || SMALL_PARTICLES.contains(&word)
}

fn is_suffix(text: &str) -> bool {
    let word = text.trim().trim_end_matches('.').replace('.', "").to_lowercase();
    SUFFIXES.contains(&word.as_str())
}

/// The parts that are not blank, with one blank between them.
pub fn joined<T: AsRef<str>>(parts: &[T]) -> String {
    let filled: Vec<&str> =
        parts.iter().map(|part| part.as_ref().trim()).filter(|part| !part.is_empty()).collect();
    filled.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_name_has_a_first_a_middle_and_a_last_name() {
        let table = [
            ("Chris Armstrong", ["Chris", "", "Armstrong"]),
            ("  Anna  Maria\u{a0}Silva ", ["Anna", "Maria", "Silva"]),
            ("Prince", ["Prince", "", ""]),
            ("", ["", "", ""]),
            (" , ", ["", "", ""]),
            // Particles belong to the last name.
            ("Jan Willem van der Berg", ["Jan", "Willem", "van der Berg"]),
            ("Jan Van Den Berg", ["Jan", "", "Van Den Berg"]),
            ("Anna Maria de Silva", ["Anna", "Maria", "de Silva"]),
            ("Juan de la Cruz y García", ["Juan", "", "de la Cruz y García"]),
            ("Ludwig van Beethoven", ["Ludwig", "", "van Beethoven"]),
            ("van der Berg", ["", "", "van der Berg"]),
            ("Osama bin Saeed", ["Osama", "", "bin Saeed"]),
            // Given names that look like particles.
            ("Van Morrison", ["Van", "", "Morrison"]),
            ("Mary Ben Stiller", ["Mary", "Ben", "Stiller"]),
            ("Mary ben Avraham", ["Mary", "", "ben Avraham"]),
            ("Jan van", ["Jan", "", "van"]),
            // The last name first, and a comma behind it.
            ("van der Berg, Jan Willem", ["Jan", "Willem", "van der Berg"]),
            ("Armstrong,Chris", ["Chris", "", "Armstrong"]),
            ("Smith Jones, Mary Ann Lee", ["Mary", "Ann Lee", "Smith Jones"]),
            ("Armstrong,", ["Armstrong", "", ""]),
            (", Chris", ["Chris", "", ""]),
            ("John Q. Smith, Jr.", ["John", "Q.", "Smith Jr."]),
            ("Mary Poe, Ph.D.", ["Mary", "", "Poe Ph.D."]),
            ("Живко Петров Иванов", ["Живко", "Петров", "Иванов"]),
        ];
        for (full, parts) in table {
            let PersonName { first, middle, last } = PersonName::split(full);
            assert_eq!([first, middle, last], parts, "{full}");
        }
    }

    #[test]
    fn blank_parts_leave_no_blanks() {
        assert_eq!(joined(&["Chris", " ", "", " Armstrong"]), "Chris Armstrong");
        assert_eq!(joined(&["", " "]), "");
    }
}

//! Names of persons: without titles, compared in any order, script and with or without a middle name.

use super::name::{Likeness, Name};

/// Words beside a name that belong to nobody's: titles and forms of address, as they are compared.
const TITLES: [&str; 22] = [
    "mr", "mrs", "ms", "mis", "dr", "prof", "ing", "inz", "dipl", "phd", "md", "jr", "sr", "hr", "fr", "her",
    "frau", "sir", "mag", "arh", "adv", "gn",
];

impl Name {
    /// The name of a person in a text, without titles.
    pub fn of_person(text: &str) -> Self {
        let all = Self::of(text);
        let words: Vec<_> =
            all.words.iter().filter(|word| !TITLES.contains(&word[0].as_str())).cloned().collect();
        if words.is_empty() { all } else { Self { words } }
    }
}

/// How much a person of these names is like one of the others: as the two that are most alike.
pub(super) fn likeness(names: &[Name], others: &[Name]) -> Likeness {
    let all = names.iter().flat_map(|name| others.iter().map(move |other| name.likeness(other)));
    // Names with another middle name say that these are two persons, unless they are the same in another language.
    all.max().unwrap_or(Likeness::Other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(one: &str, other: &str) -> Likeness {
        let found = Name::of_person(one).likeness(&Name::of_person(other));
        assert_eq!(
            found,
            Name::of_person(other).likeness(&Name::of_person(one)),
            "{one} and {other}, the other way round"
        );
        found
    }

    #[test]
    fn a_name_is_the_same_in_any_order_script_and_case() {
        for (one, other) in [
            ("Lucy Harper", "HARPER, Lucy"),
            ("Цветелина Йорданова", "Jordanova Cvetelina"),
            ("Γεωργίου Ελένη", "Eleni Georgiou"),
            ("Çağlar Şahin", "caglar sahin"),
            ("Hans Müller", "Dr. Hans Mueller"),
            ("Anna-Maria Silva", "Anna Maria Silva"),
            ("Annamaria Silva", "Anna Maria Silva"),
            ("Siobhán O'Brien", "Siobhan OBrien"),
            ("佐藤 陽翔", "陽翔 佐藤"),
        ] {
            assert_eq!(like(one, other), Likeness::Same, "{one} and {other}");
        }
    }

    #[test]
    fn a_middle_name_may_be_left_out_but_another_one_is_somebody_else() {
        let table = [
            ("Живко Петров Иванов", "Zhivko Ivanov", Likeness::Shorter),
            ("Иванов Живко", "Живко Петров Иванов", Likeness::Shorter),
            ("Живко Петров", "Живко Петров Иванов", Likeness::Part),
            ("Живко Петров Иванов", "Живко Колев Иванов", Likeness::OtherMiddle),
            ("Живко П. Иванов", "Живко Петров Иванов", Likeness::Similar),
            ("L. Harper", "Lucy Harper", Likeness::Similar),
            ("Lucy Harpre", "Lucy Harper", Likeness::Similar),
            ("Ivan Petrov", "Ivana Petrova", Likeness::Other),
            ("Ivan Petrov", "Ivan Petrova", Likeness::Similar),
            ("Maria Petrova", "Elena Petrova", Likeness::Other),
            ("Lucy", "Lucy Harper", Likeness::Part),
            ("", "Lucy Harper", Likeness::Other),
        ];
        for (one, other, expected) in table {
            assert_eq!(like(one, other), expected, "{one} and {other}");
        }
    }

    #[test]
    fn of_several_languages_the_most_alike_counts() {
        let names: Vec<Name> = ["陽翔 佐藤", "Haruto Sato"].map(Name::of_person).into();
        assert_eq!(likeness(&names, &[Name::of_person("Sato Haruto")]), Likeness::Same);
        assert_eq!(likeness(&names, &[]), Likeness::Other);
    }
}

//! How people write names of their own and of their companies: in another script or order, without diacritics, with an
//! error.

use fastrand::Rng;

/// One of several, by chance.
pub(crate) fn any<T: Clone>(rng: &mut Rng, of: &[T]) -> T {
    of[rng.usize(0..of.len())].clone()
}

/// True in so many of a hundred cases.
pub(crate) fn chance(rng: &mut Rng, of_hundred: u8) -> bool {
    rng.u8(0..100) < of_hundred
}

/// A person's name as somebody writes it, from one of its spellings.
pub(crate) fn person_name(rng: &mut Rng, names: &[String]) -> String {
    let mut name = any(rng, names);
    if chance(rng, 30) {
        name = romanised(rng, &name);
    }
    if chance(rng, 15) {
        let mut words: Vec<&str> = name.split(' ').collect();
        words.rotate_right(1);
        name = words.join(if chance(rng, 50) { " " } else { ", " });
    }
    match rng.u8(0..10) {
        0 => name.to_uppercase(),
        1 => name.to_lowercase(),
        _ => name,
    }
}

/// Latin letters with or without diacritics, or in another of the usual romanisations.
pub(crate) fn romanised(rng: &mut Rng, text: &str) -> String {
    let table: &[(&str, &str)] = match rng.u8(0..3) {
        0 => &[("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"), ("Ö", "Oe"), ("Ü", "Ue"), ("Ä", "Ae")],
        1 => &[
            ("ä", "a"),
            ("ö", "o"),
            ("ü", "u"),
            ("ş", "s"),
            ("ç", "c"),
            ("ğ", "g"),
            ("ı", "i"),
            ("é", "e"),
            ("è", "e"),
            ("ô", "o"),
            ("î", "i"),
            ("ł", "l"),
            ("ó", "o"),
            ("ø", "o"),
        ],
        _ => &[
            ("Ts", "C"),
            ("ts", "c"),
            ("Zh", "Ž"),
            ("zh", "ž"),
            ("Sh", "Š"),
            ("sh", "š"),
            ("ch", "č"),
            ("Ya", "Ja"),
            ("ya", "ja"),
            ("Yo", "Jo"),
            ("yu", "ju"),
            ("ou", "u"),
        ],
    };
    table.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// A text with one small error in a word of six letters or more: a letter left out, doubled, replaced or swapped.
pub(crate) fn mistyped(rng: &mut Rng, text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let is_inside = |at: &usize| {
        let word = |c: &char| c.is_alphabetic();
        (2..letters.len().saturating_sub(3)).contains(at) && letters[at - 2..at + 3].iter().all(word)
    };
    let places: Vec<usize> = (0..letters.len()).filter(is_inside).collect();
    if places.is_empty() {
        return text.to_owned();
    }
    let at = any(rng, &places);
    let mut changed = letters;
    match rng.u8(0..4) {
        0 => drop(changed.remove(at)),
        1 => changed.insert(at, changed[at]),
        2 => changed[at] = if changed[at] == 'e' { 'a' } else { 'e' },
        _ => changed.swap(at, at + 1),
    }
    changed.into_iter().collect()
}

/// The endings of company names that people leave out or replace.
const FORMS: [&str; 20] = [
    " Ltd.",
    " GmbH",
    " SARL",
    " S.L.",
    " Sp. z o.o.",
    " ApS",
    " OOD",
    " ООД",
    " EPE",
    " ΕΠΕ",
    " A.Ş.",
    " LLC",
    " K.K.",
    " Co. Ltd.",
    " Pvt. Ltd.",
    " შპს",
    " ՍՊԸ",
    " ذ.م.م",
    " בע״מ",
    " प्रा. लि.",
];

/// A company's name as somebody claims it, from one of its spellings.
pub(crate) fn company_name(rng: &mut Rng, names: &[String]) -> String {
    let mut name = any(rng, names);
    if let Some(form) = FORMS.iter().find(|form| name.ends_with(*form)).filter(|_| chance(rng, 60)) {
        name.truncate(name.len() - form.len());
        if chance(rng, 40) {
            name.push_str(any(rng, &[" Ltd", " ltd.", ", Ltd.", " GmbH", " OOD", " ЕООД", " LLC"]));
        }
    }
    if chance(rng, 25) {
        name = romanised(rng, &name);
    }
    if chance(rng, 15) {
        name = name.replace(" & ", any(rng, &[" and ", " und ", " и ", "&", "-"]));
    }
    if chance(rng, 8) {
        name = mistyped(rng, &name);
    }
    match rng.u8(0..8) {
        0 => name.to_uppercase(),
        1 => name.to_lowercase(),
        _ => name,
    }
}

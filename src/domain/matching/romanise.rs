//! Words of names as they sound: in Latin letters, and one spelling for the usual romanisations of each script, so that
//! `Цветелина`, `Tsvetelina` and `Cvetelina` are one word. What comes out serves comparison only and is never shown.

use any_ascii::any_ascii_char;
use unicode_normalization::UnicodeNormalization;

use crate::domain::model::text::is_hidden;

/// The most spellings of one word: a letter with two usual romanisations doubles them.
const MOST_SPELLINGS: usize = 4;

/// The spellings of one word without blanks, in small Latin letters and digits; at most four, the usual one first. Empty
/// for a word of signs alone.
pub(super) fn spellings(word: &str) -> Vec<String> {
    if word.is_ascii() {
        return Some(reduce(&word.to_ascii_lowercase()))
            .filter(|word| !word.is_empty())
            .into_iter()
            .collect();
    }
    let letters: Vec<char> =
        word.nfkd().flat_map(char::to_lowercase).filter(|c| !is_hidden(*c)).nfc().collect();
    let mut found = vec![String::new()];
    let mut at = 0;
    while at < letters.len() {
        let (taken, latin) = greek(&letters, at).or_else(|| cyrillic(&letters, at)).unwrap_or((1, &[]));
        let other;
        let latin: &[&str] = if latin.is_empty() {
            other = any_ascii_char(letters[at]).to_ascii_lowercase();
            &[&other]
        } else {
            latin
        };
        let few = found.len() * latin.len() <= MOST_SPELLINGS;
        let latin = if few { latin } else { &latin[..1] };
        found =
            latin.iter().flat_map(|latin| found.iter().map(move |begun| format!("{begun}{latin}"))).collect();
        at += taken;
    }
    let mut reduced: Vec<String> = Vec::new();
    for spelling in found {
        let spelling = reduce(&spelling);
        if !spelling.is_empty() && !reduced.contains(&spelling) {
            reduced.push(spelling);
        }
    }
    reduced
}

/// The number of letters read at a position of a Cyrillic word, and how they are written in Latin letters: by the
/// Bulgarian law for transliteration and ISO 9, which [`reduce`] makes one where they only differ in signs. `ъ` is written
/// in two ways.
fn cyrillic(letters: &[char], at: usize) -> Option<(usize, &'static [&'static str])> {
    let latin: &[&str] = match letters[at] {
        'а' => &["a"],
        'б' => &["b"],
        'в' => &["v"],
        'г' | 'ґ' | 'ѓ' => &["g"],
        'д' | 'ђ' => &["d"],
        'е' | 'ё' | 'э' | 'є' => &["e"],
        'ж' => &["zh"],
        'з' => &["z"],
        'и' | 'й' | 'і' | 'ї' | 'ј' | 'ы' | 'ѝ' => &["i"],
        'к' | 'ќ' => &["k"],
        'л' => &["l"],
        'љ' => &["li"],
        'м' => &["m"],
        'н' => &["n"],
        'њ' => &["ni"],
        'о' => &["o"],
        'п' => &["p"],
        'р' => &["r"],
        'с' => &["s"],
        'т' => &["t"],
        'ћ' => &["ch"],
        'у' => &["u"],
        'ў' => &["v"],
        'ф' => &["f"],
        'х' => &["h"],
        'ц' => &["ts"],
        'ч' => &["ch"],
        'џ' => &["dzh"],
        'ѕ' => &["dz"],
        'ш' => &["sh"],
        'щ' => &["sht"],
        'ъ' => &["a", "u"],
        'ь' if letters.get(at + 1) == Some(&'о') => &["i"],
        'ь' => &[""],
        'ю' => &["iu"],
        'я' => &["ia"],
        _ => return None,
    };
    Some((1, latin))
}

/// The number of letters read at a position of a Greek word, and how they are written in Latin letters (ELOT 743). `χ` is
/// written in two ways.
fn greek(letters: &[char], at: usize) -> Option<(usize, &'static [&'static str])> {
    let first = plain_greek(letters[at])?;
    let second = letters.get(at + 1).copied().and_then(plain_greek);
    let has_diaeresis = letters.get(at + 1).is_some_and(|c| matches!(c, 'ϊ' | 'ΐ' | 'ϋ' | 'ΰ'));
    if let Some(second) = second.filter(|_| !has_diaeresis) {
        let third = letters.get(at + 2).copied().and_then(plain_greek);
        let is_voiceless = third.is_none_or(|third| "θκξπσςτφχψ".contains(third));
        let both: Option<&'static [&'static str]> = match (first, second) {
            ('ο', 'υ') => Some(&["u"]),
            ('α', 'υ') => Some(if is_voiceless { &["af"] } else { &["av"] }),
            ('ε', 'υ') => Some(if is_voiceless { &["ef"] } else { &["ev"] }),
            ('η', 'υ') => Some(if is_voiceless { &["if"] } else { &["iv"] }),
            ('μ', 'π') => Some(&["b"]),
            ('ν', 'τ') if at == 0 => Some(&["d"]),
            ('γ', 'κ' | 'γ') => Some(&["g"]),
            _ => None,
        };
        if let Some(both) = both {
            return Some((2, both));
        }
    }
    let latin: &[&str] = match first {
        'α' => &["a"],
        'β' => &["v"],
        'γ' => &["g"],
        'δ' => &["d"],
        'ε' => &["e"],
        'ζ' => &["z"],
        'η' | 'ι' | 'υ' => &["i"],
        'θ' => &["th"],
        'κ' => &["k"],
        'λ' => &["l"],
        'μ' => &["m"],
        'ν' => &["n"],
        'ξ' => &["ks"],
        'ο' | 'ω' => &["o"],
        'π' => &["p"],
        'ρ' => &["r"],
        'σ' | 'ς' => &["s"],
        'τ' => &["t"],
        'φ' => &["f"],
        'χ' => &["ch", "h"],
        'ψ' => &["ps"],
        _ => return None,
    };
    Some((1, latin))
}

/// A Greek small letter without accents; `None` for any other character.
fn plain_greek(c: char) -> Option<char> {
    let base = std::iter::once(c).nfd().next()?;
    matches!(base, 'α'..='ω').then_some(base)
}

/// The number of letters at the beginning of a Latin word that are written in several ways, and what stands for all of
/// them; a single letter that is written in one way stands for itself.
fn written_alike(rest: &[u8]) -> (usize, &str) {
    match rest {
        [b's', b'h', b'c', b'h', ..] => (4, "st"),
        [b't', b's', b'c', b'h', ..] => (4, "c"),
        [b's', b'h', b't', ..] => (3, "st"),
        [b'd', b'z', b'h', ..] => (3, "dz"),
        [b's', b'c', b'h', ..] => (3, "s"),
        [b'c', b'h', b'r', ..] => (3, "hr"),
        [b'c', b'h' | b'z', ..] | [b't', b's' | b'z', ..] => (2, "c"),
        [b'c', b'k', ..] => (2, "k"),
        [b's', b'h' | b'z', ..] => (2, "s"),
        [b'z', b'h', ..] => (2, "z"),
        [b'k', b'h', ..] => (2, "h"),
        [b'g', b'h' | b'k', ..] | [b'n', b'g', ..] => (2, "g"),
        [b't', b'h', ..] => (2, "t"),
        [b'p', b'h', ..] => (2, "f"),
        [b'd', b'j', ..] => (2, "d"),
        [b'q', b'u', ..] => (2, "kv"),
        [b'o' | b'u', b'u', ..] | [b'u', b'e', ..] => (2, "u"),
        [b'o', b'e', ..] => (2, "o"),
        [b'a', b'e', ..] => (2, "a"),
        [b'e', b'i' | b'y', ..] | [b'i', b'e', ..] => (2, "i"),
        [b'm', b'p' | b'b', ..] => (2, "b"),
        [b'c', b't' | b'l' | b'r' | b'd' | b'n' | b'm', ..] | [b'q', ..] => (1, "k"),
        [b'x', ..] => (1, "ks"),
        [b'w', ..] => (1, "v"),
        [b'y' | b'j', ..] => (1, "i"),
        [first, ..] if first.is_ascii_alphanumeric() => {
            (1, std::str::from_utf8(&rest[..1]).unwrap_or_default())
        }
        _ => (1, ""),
    }
}

/// A word in Latin letters with one spelling for letters that are written in several ways, in letters and digits only.
/// Double letters are single ones.
fn reduce(latin: &str) -> String {
    let mut reduced = String::with_capacity(latin.len());
    let mut rest = latin.as_bytes();
    while !rest.is_empty() {
        let (taken, written) = written_alike(rest);
        for c in written.chars() {
            if c.is_ascii_digit() || !reduced.ends_with(c) {
                reduced.push(c);
            }
        }
        rest = &rest[taken..];
    }
    reduced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_romanisations_of_a_name_are_one_word() {
        let table: [&[&str]; 36] = [
            &["Цветелина", "Tsvetelina", "Cvetelina", "Tzvetelina"],
            &["Йорданова", "Yordanova", "Jordanova", "Iordanova"],
            &["Щърбанов", "Shtarbanov", "Shturbanov", "Štarbanov"],
            &["Юлия", "Yulia", "Julia", "Yuliya", "Julija", "Iuliia"],
            &["Кънчев", "Kanchev", "Kunchev", "Kančev"],
            &["Жечо", "Zhecho", "Žečo", "Zecho"],
            &["Чакъров", "Chakarov", "Čakarov", "Cakarov"],
            &["Христо", "Hristo", "Khristo", "Christo"],
            &["Гьошев", "Gyoshev", "Gioshev", "Gjošev"],
            &["София", "Sofia", "Sofiya", "Sophia"],
            &["Хрущёв", "Khrushchev", "Hrushtev", "Хрущев"],
            &["Ђорђевић", "Đorđević", "Djordjevic", "Dordevic"],
            &["Љубић", "Ljubić", "Ljubic", "Ljubich"],
            &["Γεωργίου", "Georgiou", "Georgiu"],
            &["Χαράλαμπος", "Charalampos", "Haralambos", "ΧΑΡΑΛΑΜΠΟΣ"],
            &["Ευάγγελος", "Evangelos"],
            &["Ευθυμίου", "Efthymiou"],
            &["Παπαδόπουλος", "Papadopoulos", "Papadopulos"],
            &["Ξένια", "Xenia", "Ksenia"],
            &["Ντίνος", "Dinos"],
            &["Ειρήνη", "Eirini", "Irini"],
            &["Τζίμης", "Tzimis"],
            &["Αύγουστος", "Avgoustos"],
            &["Ψαρρός", "Psarros"],
            &["Çağlar", "Caglar", "Chaglar", "ÇAĞLAR"],
            &["Şahin", "Sahin", "Shahin", "ŞAHİN"],
            &["Işık", "Isik", "IŞIK"],
            &["Müller", "Mueller", "Muller", "MÜLLER", "Mu\u{308}ller"],
            &["Großmann", "Grossmann", "GROSSMANN"],
            &["Schröder", "Schroeder", "Schroder"],
            &["Weiß", "Weiss"],
            &["Østergård", "Oestergaard", "Ostergard"],
            &["Łukasz", "Lukasz"],
            &["Виктор", "Viktor", "Victor"],
            &["O'Brien", "OBrien", "O’Brien"],
            &["Вагнер", "Wagner", "Vagner"],
        ];
        for names in table {
            let expected = spellings(names[0]);
            for name in names {
                let shared = spellings(name).iter().any(|spelling| expected.contains(spelling));
                assert!(shared, "{}: {expected:?}, {name}: {:?}", names[0], spellings(name));
            }
        }
    }

    #[test]
    fn other_names_stay_others() {
        let table = [
            ("Петров", "Петрова"),
            ("Ivan", "Ivana"),
            ("Georgiev", "Georgieva"),
            ("Müller", "Möller"),
            ("Petko", "Петър"),
            ("Şahin", "Çahin"),
            ("佐藤", "鈴木"),
            ("კაპანაძე", "ბერიძე"),
        ];
        for (one, other) in table {
            let (one, other) = (spellings(one), spellings(other));
            assert!(!one.iter().any(|spelling| other.contains(spelling)), "{one:?} {other:?}");
        }
    }

    #[test]
    fn a_word_of_signs_has_no_spelling_and_none_has_more_than_four() {
        assert_eq!(spellings("—&"), [] as [&str; 0]);
        assert!(spellings("ъаъбъвъгъд").len() <= MOST_SPELLINGS);
    }
}

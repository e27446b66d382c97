//! Telephone numbers, e-mail addresses, and registration and VAT numbers, in the forms in which they are compared.

use std::collections::BTreeSet;

use crate::domain::model::mail_domain;
use crate::domain::model::text::{self, email_domain};

/// The fewest digits of a telephone number that says whose it is, and the digits at its end that are compared: the country
/// and area in front of them are written in many ways.
const PHONE_DIGITS: usize = 8;

/// The fewest and the most digits of a registration or VAT number.
const NUMBER_DIGITS: std::ops::RangeInclusive<usize> = 6..=16;

/// The most numbers that are read out of one text.
const MOST_NUMBERS: usize = 8;

/// The end of a telephone number, in digits; `None` when it has too few of them, or the same ones only.
pub(super) fn phone(text: &str) -> Option<String> {
    let digits: Vec<char> = text.chars().filter_map(ascii_digit).collect();
    let end = &digits[digits.len().checked_sub(PHONE_DIGITS)?..];
    end.iter().any(|digit| *digit != end[0]).then(|| end.iter().collect())
}

/// The domain of an address where only people of one company or organisation get addresses; `None` for that of a free mail
/// or disposable service.
pub(super) fn company_domain(email: &str) -> Option<String> {
    let domain = text::key(email_domain(email)?);
    mail_domain::is_of_company(&domain).then_some(domain)
}

/// A registration or VAT number: its digits, and the letters in front of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Number {
    /// The digits.
    pub(super) digits: String,
    letters: String,
}

impl Number {
    /// The number in a field that has one; `None` for a text with too few or too many digits.
    pub(super) fn of(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter_map(ascii_digit).collect();
        let letters =
            text.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_uppercase()).collect();
        NUMBER_DIGITS.contains(&digits.len()).then_some(Self { digits, letters })
    }

    /// Whether both are one number: letters that only one of them has do not count.
    pub(super) fn is(&self, other: &Self) -> bool {
        let have_both = !self.letters.is_empty() && !other.letters.is_empty();
        self.digits == other.digits && (!have_both || self.letters == other.letters)
    }

    /// The numbers that stand in a text, at most eight: digits, with blanks and signs between them or without.
    pub(super) fn all_in(text: &str) -> BTreeSet<Self> {
        let is_sign = |c: char| matches!(c, ' ' | '.' | '-' | '/' | '\u{A0}');
        let mut found = BTreeSet::new();
        let runs = text.split(|c: char| !is_sign(c) && ascii_digit(c).is_none());
        for run in runs {
            for part in std::iter::once(run).chain(run.split(is_sign)) {
                found.extend(Self::of(part).filter(|_| found.len() < MOST_NUMBERS));
            }
        }
        found
    }
}

/// A decimal digit of any script that writes numbers as we do, as one of ASCII.
fn ascii_digit(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10),
        '٠'..='٩' => char::from_digit(u32::from(c) - u32::from('٠'), 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_telephone_number_is_the_same_with_and_without_its_country() {
        for text in ["+359 88 812 3456", "0888123456", "00359888123456", "(088) 812-34-56"] {
            assert_eq!(phone(text).as_deref(), Some("88123456"), "{text}");
        }
        assert_eq!(phone("5550100"), None, "too few digits");
        assert_eq!(phone("00000000000"), None, "nobody's number");
    }

    #[test]
    fn the_domain_of_a_free_mail_service_is_of_no_company() {
        assert_eq!(company_domain("Lucy@Trailhead.Example").as_deref(), Some("trailhead.example"));
        for email in ["lucy@gmail.com", "lucy@mailinator.com", "lucy", "@trailhead.example", ""] {
            assert_eq!(company_domain(email), None, "{email}");
        }
    }

    #[test]
    fn numbers_are_read_out_of_a_sentence() {
        let stored = Number::of("BG207410010").expect("a number");
        for text in [
            "BG207410010",
            "ЕИК 207410010",
            "our VAT is BG 207 410 010, thanks",
            "207-410-010",
            "ЕИК:207410010.",
        ] {
            assert!(Number::all_in(text).iter().any(|number| number.is(&stored)), "{text}");
        }
        assert!(!stored.is(&Number::of("GB207410010").expect("a number")));
        assert!(stored.is(&Number::of("207410010").expect("a number")));
        assert!(Number::all_in("we order 12 pumps on 5/6").is_empty());
        assert_eq!(Number::of("12345"), None);
    }
}

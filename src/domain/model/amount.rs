//! Amounts as operators type them, with the separators of their language.

use rust_decimal::Decimal;

use super::value::AMOUNT_PLACES;

/// Why a typed text is not taken as an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotRead {
    /// It is no amount in any language.
    NoAmount,
    /// It can be either of these amounts: the first with decimals, the second with thousands.
    Ambiguous(Decimal, Decimal),
}

/// Reads an amount. `language` is that of the operator, a code of ISO 639-1 in small letters.
///
/// A point and a comma separate the decimals or the thousands; blanks and apostrophes separate thousands. Where both
/// occur, or one of them more than once, or three digits do not follow, only one reading is possible, and it is taken in
/// every language. The rest, such as `1,250`, is read as thousands where the language writes them so. Otherwise it could
/// be meant either way.
///
/// # Errors
/// [`NotRead`].
pub fn read(text: &str, language: &str) -> Result<Decimal, NotRead> {
    let (sign, digits) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(digits) => ("-", digits.trim_start()),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let amount = |whole: &str, decimals: &str| {
        let whole = without_separators(whole).ok_or(NotRead::NoAmount)?;
        decimal(sign, &whole, decimals).ok_or(NotRead::NoAmount)
    };
    let Some((whole, decimals)) = digits.rsplit_once(['.', ',']) else { return amount(digits, "") };
    let separator = if digits[whole.len()..].starts_with('.') { '.' } else { ',' };
    let is_repeated = whole.contains(separator);
    if is_repeated && whole.contains(if separator == '.' { ',' } else { '.' }) {
        return Err(NotRead::NoAmount);
    }
    if is_repeated {
        return amount(digits, "");
    }
    let is_group = decimals.len() == 3 && (1..=3).contains(&whole.len()) && !whole.starts_with('0');
    if !is_group || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return amount(whole, decimals);
    }
    match decimal_separator(language) {
        Some(decimal) if decimal != separator => amount(digits, ""),
        _ => Err(NotRead::Ambiguous(amount(whole, decimals)?, amount(digits, "")?)),
    }
}

/// The digits of a whole number without the separators of its thousands; `None` unless there are groups of three digits
/// between separators of one kind. No digits at all are a zero.
fn without_separators(whole: &str) -> Option<String> {
    let is_separator = |c: char| c.is_whitespace() || matches!(c, '.' | ',' | '\'' | '’');
    let mut kinds = whole.chars().filter(|c| is_separator(*c));
    let first = kinds.next();
    let of_one_kind = kinds.all(|kind| Some(kind) == first);
    let mut groups = whole.split(is_separator);
    let leading = groups.next().unwrap_or_default();
    let has_leading = first.is_none() || (1..=3).contains(&leading.len());
    let is_whole = of_one_kind && has_leading && groups.all(|group| group.len() == 3);
    is_whole.then(|| whole.chars().filter(|c| !is_separator(*c)).collect())
}

/// The exact decimal of these digits. Zeros at the end do not count as decimal places.
fn decimal(sign: &str, whole: &str, decimals: &str) -> Option<Decimal> {
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && decimals.is_empty()) || !are_digits(whole) || !are_digits(decimals) {
        return None;
    }
    let point = if decimals.is_empty() { "" } else { "." };
    let amount = Decimal::from_str_exact(&format!("{sign}0{whole}{point}{decimals}")).ok()?;
    Some(if amount.scale() > AMOUNT_PLACES { amount.normalize() } else { amount })
}

/// The character between whole number and decimals in texts of a language; `None` for a language of which it is not
/// known.
fn decimal_separator(language: &str) -> Option<char> {
    Some(match language {
        "en" | "zh" | "ja" | "ko" | "th" | "he" | "hi" | "bn" | "ta" | "ms" | "ga" | "cy" | "mt" | "sw" => {
            '.'
        }
        "az" | "be" | "bg" | "bs" | "ca" | "cs" | "da" | "de" | "el" | "es" | "et" | "eu" | "fi" | "fr"
        | "gl" | "hr" | "hu" | "hy" | "id" | "is" | "it" | "ka" | "kk" | "lt" | "lv" | "mk" | "nb" | "nl"
        | "nn" | "no" | "pl" | "pt" | "ro" | "ru" | "sk" | "sl" | "sq" | "sr" | "sv" | "tr" | "uk" | "vi" => {
            ','
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_as(text: &str, language: &str) -> String {
        match read(text, language) {
            Ok(amount) => amount.to_string(),
            Err(NotRead::NoAmount) => "no amount".to_owned(),
            Err(NotRead::Ambiguous(decimals, thousands)) => format!("{decimals} or {thousands}"),
        }
    }

    #[test]
    fn thousands_and_decimals_are_those_of_the_language() {
        for (text, english, german, unknown) in [
            ("1,250", "1250", "1.25 or 1250", "1.25 or 1250"),
            ("1.250", "1.25 or 1250", "1250", "1.25 or 1250"),
            ("-999,000", "-999000", "-999 or -999000", "-999 or -999000"),
        ] {
            for (language, expected) in
                [("en", english), ("de", german), ("bg", german), ("xx", unknown), ("", unknown)]
            {
                assert_eq!(read_as(text, language), expected, "{text} in {language}");
            }
        }
    }

    #[test]
    fn what_has_one_reading_is_taken_in_every_language() {
        for (text, amount) in [
            ("1250", "1250.0"),
            ("1250.5", "1250.5"),
            ("1250,50", "1250.5"),
            ("1,250.00", "1250"),
            ("1.250,75", "1250.75"),
            ("1,250,000", "1250000.0"),
            ("1.250.000,5", "1250000.50"),
            ("1 250", "1250.0"),
            ("1\u{202f}250,5", "1250.50"),
            ("1\u{a0}250.500", "1250.5"),
            ("1'250.50", "1250.5"),
            ("1’250’000", "1250000.0"),
            ("0,250", "0.25"),
            (".500", "0.5"),
            ("1250.500", "1250.5"),
            ("\u{2212}3,5", "-3.50"),
            ("+3", "3.0"),
            ("5.", "5.0"),
        ] {
            for language in ["en", "de", "xx"] {
                let read = read(text, language).map(|amount| amount.normalize().to_string());
                let expected = amount.parse::<Decimal>().map(|amount| amount.normalize().to_string());
                assert_eq!(read.ok(), expected.ok(), "{text} in {language}");
            }
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in [
            "",
            "-",
            ".",
            ",",
            "1,25,000",
            "1 25",
            "1.2.3",
            "1,250.00,1",
            "12 34.5",
            "1,250'000",
            "1_250",
            "1e3",
            "٣",
            "1.25.",
            "abc",
            "1.250 EUR",
            "--1",
            "1.250.000.00",
        ] {
            assert_eq!(read_as(text, "en"), "no amount", "{text}");
        }
    }
}

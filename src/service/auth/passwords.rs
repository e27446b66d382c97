//! Rules for new passwords (`docs/promises.md`, 1; NIST 800-63B-4, 3.1.1).

use zeroize::Zeroizing;
use zxcvbn::feedback::Feedback;
use zxcvbn::{Score, zxcvbn};

use crate::domain::entities::user;
use crate::domain::model::text;
use crate::domain::rules::Issue;
use crate::service::Policy;
use crate::service::auth::Secret;

/// Well-known phrases, one a line; a line that begins with `#` is a comment.
const WELL_KNOWN: &str = include_str!("../../../assets/passwords/well-known.txt");

/// The lowest score of a new password: more than ten thousand million guesses.
const GOOD: Score = Score::Four;

const MADE_OF_KNOWN: &str = "This password is made of the login, the name, the e-mail or the company; choose one that \
                             nobody can guess from them.";

/// The fewest characters of a known word; shorter words occur in any sentence.
const SHORTEST_WORD: usize = 3;

/// Checks a new password: its length, whether it is a well-known phrase, how easily it is guessed, and whether it is
/// made of `known`, the owner's login, name, e-mail and company. `None` when it is good. Runs on a blocking thread,
/// because the check takes computing time.
pub(crate) async fn check_password(policy: &Policy, password: &Secret, known: &[&str]) -> Option<Issue> {
    let (shortest, password) = (policy.min_password_length, password.clone());
    let known: Vec<String> = known.iter().map(|word| (*word).to_owned()).collect();
    let judged = tokio::task::spawn_blocking(move || objection(shortest, &password, &known)).await;
    let unjudged = |_| Some("The password could not be checked; choose another.".to_owned());
    judged.unwrap_or_else(unjudged).map(|sentence| Issue::at(&user::PASSWORD.def, sentence))
}

fn objection(shortest: usize, password: &Secret, known: &[String]) -> Option<String> {
    let normalised = password.normalised();
    // Keyboards compose characters differently: of the two counts the lower one.
    let length = password.expose().chars().count().min(normalised.chars().count());
    if length < shortest {
        return Some(format!("A password needs at least {shortest} characters; this has {length}."));
    }
    if length > Secret::LONGEST {
        return Some(format!("A password has at most {} characters; this has {length}.", Secret::LONGEST));
    }
    let known = words(known);
    let left = remainder(&normalised, &known);
    if left < Policy::MIN_PASSWORD_LENGTH && left < remainder(&normalised, &[]) {
        return Some(MADE_OF_KNOWN.to_owned());
    }
    if is_well_known(&normalised) {
        return Some("Everybody knows this phrase; choose several unrelated words.".to_owned());
    }
    let alone = zxcvbn(&normalised, &[]);
    if alone.score() < GOOD {
        let why = alone.feedback().and_then(Feedback::warning);
        let why = why.map(|why| why.to_string()).unwrap_or_default();
        let why = why.trim_end_matches('.');
        let why = if why.is_empty() { String::new() } else { format!(" ({why})") };
        return Some(format!("This password is easily guessed{why}; choose several unrelated words."));
    }
    let inputs: Vec<&str> = known.iter().map(String::as_str).collect();
    (zxcvbn(&normalised, &inputs).score() < GOOD).then(|| MADE_OF_KNOWN.to_owned())
}

/// The number of characters, blanks aside, that are left of a password without the known words, which are found
/// whatever their case and accents.
fn remainder(password: &str, known: &[String]) -> usize {
    let mut left = Zeroizing::new(text::fold(password));
    for word in known.iter().rev() {
        left = Zeroizing::new(left.replace(&text::fold(word), ""));
    }
    left.chars().filter(|letter| !letter.is_whitespace()).count()
}

/// Whether a password contains a well-known phrase and fewer than [`Policy::MIN_PASSWORD_LENGTH`] other letters and
/// digits.
fn is_well_known(password: &str) -> bool {
    let bare = |text: &str| -> Zeroizing<String> {
        Zeroizing::new(text::fold(text).chars().filter(|letter| letter.is_alphanumeric()).collect())
    };
    let typed = bare(password);
    let phrases = WELL_KNOWN.lines().filter(|line| !line.starts_with('#')).map(bare);
    phrases.filter(|phrase| typed.contains(phrase.as_str())).any(|phrase| {
        let left = typed.chars().count() - phrase.chars().count();
        left < Policy::MIN_PASSWORD_LENGTH
    })
}

/// The known texts as they are, without blanks, and word by word; the shortest first.
fn words(known: &[String]) -> Vec<String> {
    let pieces = known.iter().flat_map(|text| {
        let words = text.split(|letter: char| !letter.is_alphanumeric());
        let joined: String = text.split_whitespace().collect();
        words.map(str::to_owned).chain([text.clone(), joined])
    });
    let mut pieces: Vec<String> = pieces.filter(|word| word.chars().count() >= SHORTEST_WORD).collect();
    pieces.sort_unstable_by_key(|word| word.chars().count());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 4] = ["maria.koleva", "Maria Koleva", "maria.koleva@lagerta.example", "Lagerta Ltd."];

    fn judged(password: &str) -> String {
        let known = KNOWN.map(str::to_owned);
        objection(15, &Secret::new(password.to_owned()), &known).unwrap_or_default()
    }

    #[test]
    fn promise_1_a_new_password_is_refused_with_the_reason() {
        for (password, said) in [
            ("", "at least 15 characters; this has 0"),
            ("fourteen chars", "at least 15 characters; this has 14"),
            ("               ", "easily guessed"),
            ("aaaaaaaaaaaaaaaaaaaa", "easily guessed"),
            ("passwordpassword", "easily guessed"),
            ("Password123456789", "easily guessed"),
            ("123456789012345", "easily guessed"),
            ("qwertyuiopasdfgh", "easily guessed"),
            ("Password1234567!", "easily guessed"),
            ("mynameisoliver12", "easily guessed"),
            ("Correct-Horse-Battery-Staple", "Everybody knows"),
            ("thisismypassword", "Everybody knows"),
            ("YouNeverWalkAlone!", "Everybody knows"),
            ("ihatepasswords123", "Everybody knows"),
            ("to be or not to be", "Everybody knows"),
            ("client center 2026", "Everybody knows"),
            ("обичам те много 1", "Everybody knows"),
            ("maria.koleva.maria", "made of the login"),
            ("MariaKoleva2026!", "made of the login"),
            ("Lagerta Ltd. 2026", "made of the login"),
            ("maria koleva 26", "made of the login"),
            ("maria.koleva@lagerta.example", "made of the login"),
        ] {
            assert!(judged(password).contains(said), "{password}: {}", judged(password));
        }
    }

    #[test]
    fn promise_1_any_characters_make_a_password() {
        let long = "abc def ghi ".repeat(10) + "the end.";
        assert_eq!(long.chars().count(), 128);
        for password in [
            "nine green bottles",
            "correct horse battery",
            "cafe\u{301} au lait, toujours",
            "петнайсет зелени бутилки",
            "三匹の子豚が藁の家を建てた日の夕方",
            "🐎🔋📎🧷🍋🥨🛶🎷🪁🧿🪢🥌🛷🎲🪀",
            &long,
        ] {
            assert_eq!(judged(password), "", "{password}");
        }
    }

    #[test]
    fn promise_1_characters_count_however_they_are_composed() {
        assert!(judged(&"e\u{301}".repeat(8)).contains("this has 8"));
        assert!(judged("\u{fdfa}").contains("this has 1"));
        assert!(judged(&"x".repeat(1025)).contains("at most 1024"));
    }
}

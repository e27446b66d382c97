//! Domains of e-mail addresses that say nothing about the company of their owner.

use std::collections::HashSet;
use std::sync::LazyLock;

/// The free mail services, one a line; `#` begins a comment.
const FREE: &str = include_str!("../../../assets/matching/free-mail.txt");

/// The services that give addresses for a few minutes, in the same form.
const DISPOSABLE: &str = include_str!("../../../assets/matching/disposable-mail.txt");

static FREE_DOMAINS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| domains(FREE));
static DISPOSABLE_DOMAINS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| domains(DISPOSABLE));

fn domains(list: &'static str) -> HashSet<&'static str> {
    list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

/// Whether a domain is that of a well-known free mail service, ignoring case (`docs/codes.md`, Warnings).
pub fn is_free_mail(domain: &str) -> bool {
    FREE_DOMAINS.contains(domain.to_ascii_lowercase().as_str())
}

/// Whether a domain is that of a company or an organisation, ignoring case: neither that of a well-known free mail service,
/// nor of one that gives addresses for a few minutes.
pub fn is_of_company(domain: &str) -> bool {
    !is_free_mail(domain) && !DISPOSABLE_DOMAINS.contains(domain.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_and_disposable_domains_are_of_no_company() {
        assert!(is_free_mail("Gmail.com") && is_free_mail("abv.bg") && !is_of_company("GMAIL.com"));
        assert!(!is_free_mail("mailinator.com") && !is_of_company("Mailinator.com"));
        assert!(!is_free_mail("offroad.example") && is_of_company("offroad.example"));
    }

    #[test]
    fn the_lists_are_domains_in_small_letters_each_once() {
        for list in [FREE, DISPOSABLE] {
            let lines: Vec<&str> =
                list.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
            assert_eq!(lines.len(), domains(list).len(), "one stands twice");
            for line in lines {
                let is_domain = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '.' | '-');
                assert!(line.contains('.') && line.chars().all(is_domain), "{line}");
            }
        }
    }
}

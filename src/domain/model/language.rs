//! Languages: the tags that a user may have (`docs/domain.md`, Users), and the language in which such a user reads.

/// The codes of ISO 639-1, in order.
const ISO_639_1: &str = "\
    aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en \
    eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja \
    jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb \
    nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq \
    sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

/// Whether a text is a language of ISO 639-1, alone or with a region of ISO 3166-1 behind a hyphen: `bg`, `en-GB`. Case
/// is ignored.
pub fn is_known(tag: &str) -> bool {
    let (language, region) =
        tag.split_once('-').map_or((tag, None), |(language, region)| (language, Some(region)));
    let is_language = ISO_639_1.split(' ').any(|code| code.eq_ignore_ascii_case(language));
    is_language && region.is_none_or(is_region)
}

fn is_region(text: &str) -> bool {
    rust_iso3166::ALL.iter().any(|country| country.alpha2.eq_ignore_ascii_case(text))
}

/// The language without its region, in lower case: texts in several languages are not told apart by region. `en` for
/// `en-GB`.
pub fn without_region(tag: &str) -> String {
    tag.split('-').next().unwrap_or_default().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_known_with_and_without_region() {
        for tag in ["aa", "bg", "zu", "EN", "en-GB", "pt-br", "uk-UA"] {
            assert!(is_known(tag), "{tag}");
        }
        for tag in [
            "", "b", "xx", "bg ", "klingon", "tlh", "en_GB", "en-", "en-XX", "en-GBR", "-GB", "en-GB-x",
            "a b", "aa ab",
        ] {
            assert!(!is_known(tag), "{tag}");
        }
    }

    #[test]
    fn a_region_does_not_matter_to_texts() {
        assert_eq!(["en", "EN-gb", ""].map(without_region), ["en", "en", ""]);
    }
}

//! The tables of the keyboards: the characters that each types, and below them the keys of the Latin keyboard beside
//! it, one for one.
//!
//! Read off xkb-data 2.35.1 with libxkbcommon, levels 1 and 2 of the letter and punctuation keys, against `us`
//! (Serbian against `rs(latin)`, whose Z and Y are exchanged). Only keys that can be a command are here: letters and
//! `/ ? : [ ] < >`. A character that stands on two keys, such as the Greek Σ, belongs to none of them. A character that
//! is a command of its own, such as `:`, stays what it is on whatever key it stands.

/// `bg`.
pub(super) const BULGARIAN_BDS: [&str; 2] = [
    ",уеишщксдзц;ьяаожгтнвюйъэфхпбыУЕИШЩКСДЗѝЯАОЖГТНВМЮЙЪЭФХПРЛБ",
    "qwertyuiop[]asdfghjklzxcvbnm/QWERTYUIOPASDFGHJKL:ZXCVBNM<>?",
];

/// `bg(phonetic)`.
pub(super) const BULGARIAN_PHONETIC: [&str; 2] = [
    "явертъуиопшщасдфгхйклзьцжбнмЯВЕРТЪУИОПАСДФГХЙКЛЗѝЦЖБНМ",
    "qwertyuiop[]asdfghjklzxcvbnmQWERTYUIOPASDFGHJKLZXCVBNM",
];

/// `bg(bas_phonetic)`.
pub(super) const BULGARIAN_NEW_PHONETIC: [&str; 2] = [
    "чшертъуиопящасдфгхйклзжцвбнмЧШЕРТЪУИОПАСДФГХЙКЛЗЖЦВБНМ",
    "qwertyuiop[]asdfghjklzxcvbnmQWERTYUIOPASDFGHJKLZXCVBNM",
];

/// `ru`.
pub(super) const RUSSIAN: [&str; 2] = [
    "йцукенгшщзхъфывапролдячсмить.ЙЦУКЕНГШЩЗФЫВАПРОЛДЖЯЧСМИТЬБЮ,",
    "qwertyuiop[]asdfghjklzxcvbnm/QWERTYUIOPASDFGHJKL:ZXCVBNM<>?",
];

/// `ua`.
pub(super) const UKRAINIAN: [&str; 2] = [
    "йцукенгшщзхїфівапролдячсмить.ЙЦУКЕНГШЩЗФІВАПРОЛДЖЯЧСМИТЬБЮ,",
    "qwertyuiop[]asdfghjklzxcvbnm/QWERTYUIOPASDFGHJKL:ZXCVBNM<>?",
];

/// `rs`, beside `rs(latin)`.
pub(super) const SERBIAN: [&str; 2] = [
    "љњертуиопшђасдфгхјклзџцвбнмЉЊЕРТУИОПАСДФГХЈКЛЧЗЏЦВБНМ",
    "qwertuiop[]asdfghjklzxcvbnmQWERTUIOPASDFGHJKL:ZXCVBNM",
];

/// `mk`.
pub(super) const MACEDONIAN: [&str; 2] = [
    "љњертѕуиопшѓасдфгхјклзџцвбнмЉЊЕРТЅУИОПАСДФГХЈКЛЧЗЏЦВБНМ;",
    "qwertyuiop[]asdfghjklzxcvbnmQWERTYUIOPASDFGHJKL:ZXCVBNM<",
];

/// `gr`.
pub(super) const GREEK: [&str; 2] = [
    ";ςερτυθιοπασδφγηξκλζχψωβνμΕΡΤΥΘΙΟΠΑΔΦΓΗΞΚΛΖΧΨΩΒΝΜ",
    "qwertyuiopasdfghjklzxcvbnmERTYUIOPADFGHJKLZXCVBNM",
];

//! Field descriptions that carry the Rust type of their values, and the functions that build them.

use std::marker::PhantomData;

use super::choice::Choices;
use super::schema::{EntityDef, FieldDef, Initial, Kind, KnownKey, Within};

/// The description of a field, typed by the values that the field holds: `record.get(&user::LOGIN)` is an
/// `Option<&str>`. `T` is one of the markers below or an enumeration.
pub struct Field<T> {
    /// The untyped description.
    pub def: FieldDef,
    values: PhantomData<fn() -> T>,
}

/// Marker of a text field: one line, several lines, or JSON.
pub struct Text;
/// Marker of a field with one text in several languages.
pub struct Multi;
/// Marker of a yes-or-no field.
pub struct Bool;
/// Marker of a field with a whole number.
pub struct Int;
/// Marker of a field with an amount of money.
pub struct Amount;
/// Marker of a field with a calendar date.
pub struct Date;
/// Marker of a field with an instant, UTC.
pub struct Instant;
/// Marker of a field that refers to another record.
pub struct Ref;
/// Marker of a secret field, whose value is never read.
pub struct Secret;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $of:ty),*) -> $marker:ty = $kind:expr;)*) => {$(
        impl Field<$marker> {
            $(#[$doc])*
            pub const fn $name(
                property: &'static str, label: &'static str, column: &'static str $(, $arg: $of)*
            ) -> Self {
                Self::new(property, label, column, $kind)
            }
        }
    )*};
}

kinds! {
    /// A field with one line of text of at most `max` code points.
    text(max: usize) -> Text = Kind::Text { max };
    /// A field with several lines of text of at most `max` code points in all.
    lines(max: usize) -> Text = Kind::Lines { max };
    /// A field with a JSON object as text.
    json() -> Text = Kind::Json;
    /// A field with one text in several languages of at most `max` code points each.
    multi(max: usize) -> Multi = Kind::Multi { max };
    /// A yes-or-no field; the default is no.
    bool() -> Bool = Kind::Bool;
    /// A field with a whole number of `min` or more.
    int(min: i64) -> Int = Kind::Int { min, max: i64::MAX };
    /// A field with an amount of money.
    amount() -> Amount = Kind::Amount;
    /// A field with a calendar date.
    date() -> Date = Kind::Date;
    /// A field with an instant, UTC.
    instant() -> Instant = Kind::Instant;
    /// A field that refers to a record of the entity `target`.
    reference(target: &'static EntityDef) -> Ref = Kind::Ref(target);
    /// A secret field, which has no column.
    secret() -> Secret = Kind::Secret;
}

impl<T: Choices> Field<T> {
    /// A field with one value of the enumeration `T`.
    pub const fn choice(property: &'static str, label: &'static str, column: &'static str) -> Self {
        Self::new(property, label, column, Kind::Choice(T::CHOICES))
    }
}

impl Field<Int> {
    /// Sets the greatest number allowed.
    #[must_use]
    pub const fn at_most(mut self, max: i64) -> Self {
        if let Kind::Int { min, .. } = self.def.kind {
            self.def.kind = Kind::Int { min, max };
        }
        self
    }

    /// Makes the number a count of days before today, shown with the date of that day.
    #[must_use]
    pub const fn days_back(mut self) -> Self {
        self.def.days_back = true;
        self
    }

    /// Sets the word that an empty number is shown as, such as `unlimited`. Typing the word empties the field.
    #[must_use]
    pub const fn empty_means(mut self, word: &'static str) -> Self {
        self.def.empty_word = word;
        self
    }
}

impl Field<Date> {
    /// Makes the date the last day of something, which is shown as `ended 2026-05-31` when it is over.
    #[must_use]
    pub const fn last_day(mut self) -> Self {
        self.def.last_day = true;
        self
    }
}

impl Field<Text> {
    /// Names the keys that a JSON object is known to have.
    #[must_use]
    pub const fn known_keys(mut self, keys: &'static [KnownKey]) -> Self {
        self.def.known_keys = keys;
        self
    }
}

impl Field<Amount> {
    /// Names the reference to the currency of the amount, in the same record.
    #[must_use]
    pub const fn in_currency(mut self, currency: &'static FieldDef) -> Self {
        self.def.in_currency = Some(currency);
        self
    }
}

impl Field<Ref> {
    /// Asks for confirmation before a record is chosen that looks like another
    /// ([`FieldDef::look_alikes`]).
    #[must_use]
    pub const fn asking_about_look_alikes(mut self) -> Self {
        self.def.asks_about_look_alikes = true;
        self
    }

    /// Forbids cycles: following the reference from record to record must never lead back to the first record.
    #[must_use]
    pub const fn acyclic(mut self) -> Self {
        self.def.acyclic = true;
        self
    }
}

impl<T> Field<T> {
    const fn new(property: &'static str, label: &'static str, column: &'static str, kind: Kind) -> Self {
        let default = if matches!(kind, Kind::Bool) { Initial::Bool(false) } else { Initial::Empty };
        Self {
            def: FieldDef {
                property,
                label,
                column,
                kind,
                required: false,
                read_only: false,
                untracked: false,
                fixed: None,
                unique: false,
                keyed: false,
                look_alikes: false,
                asks_about_look_alikes: false,
                numbered: false,
                default,
                within: None,
                acyclic: false,
                in_currency: None,
                empty_word: "",
                days_back: false,
                last_day: false,
                administrators_only: None,
                no_tab_stop: false,
                known_keys: &[],
                after_change: "",
                help: "",
            },
            values: PhantomData,
        }
    }

    /// Makes the field required.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.def.required = true;
        self
    }

    /// Makes the field computed or set by the program; an operator cannot edit it.
    #[must_use]
    pub const fn read_only(mut self) -> Self {
        self.def.read_only = true;
        self
    }

    /// Makes the field one that the program alone writes, outside of saves: without a new version of the record and
    /// without history.
    #[must_use]
    pub const fn untracked(mut self) -> Self {
        self.def.untracked = true;
        self.read_only()
    }

    /// Keeps the value that a record was created with; `why` is the sentence with which a change is refused.
    #[must_use]
    pub const fn fixed(mut self, why: &'static str) -> Self {
        self.def.fixed = Some(why);
        self
    }

    /// Makes the value unique, ignoring case and blanks at either end. Any number of records may leave it empty.
    #[must_use]
    pub const fn unique(mut self) -> Self {
        self.def.unique = true;
        self.keyed()
    }

    /// Makes the field usable in a [`UniqueKey`](super::schema::UniqueKey): the table gets a column with the text in
    /// the form that is compared ([`text::key`](super::text::key)). Without effect on fields that hold no text.
    #[must_use]
    pub const fn keyed(mut self) -> Self {
        self.def.keyed = matches!(self.def.kind, Kind::Text { .. } | Kind::Multi { .. });
        self
    }

    /// Makes the field unique and numbered: left empty, it takes the next number of its series when saved.
    #[must_use]
    pub const fn numbered(mut self) -> Self {
        self.def.numbered = true;
        self.unique()
    }

    /// Makes look-alikes findable: the table gets a column with the [`skeleton`](super::text::skeleton) of the text.
    #[must_use]
    pub const fn look_alikes(mut self) -> Self {
        self.def.look_alikes = true;
        self
    }

    /// Lets only administrators change the field; `why` is the sentence with which others are refused.
    #[must_use]
    pub const fn administrators_only(mut self, why: &'static str) -> Self {
        self.def.administrators_only = Some(why);
        self
    }

    /// Leaves the field out when a form goes from field to field by Tab, so that nobody changes it on the way.
    #[must_use]
    pub const fn no_tab_stop(mut self) -> Self {
        self.def.no_tab_stop = true;
        self
    }

    /// Sets the default of the field in a new record.
    #[must_use]
    pub const fn initially(mut self, initial: Initial) -> Self {
        self.def.default = initial;
        self
    }

    /// Limits the records to which the reference may refer.
    #[must_use]
    pub const fn within(mut self, within: Within) -> Self {
        self.def.within = Some(within);
        self
    }

    /// Sets the sentence that is said after a save which changed the field.
    #[must_use]
    pub const fn after_change(mut self, sentence: &'static str) -> Self {
        self.def.after_change = sentence;
        self
    }

    /// Sets the help text, which F1 shows.
    #[must_use]
    pub const fn help(mut self, help: &'static str) -> Self {
        self.def.help = help;
        self
    }
}

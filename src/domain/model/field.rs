//! Fields with the Rust type of their values, and how they are described.

use std::marker::PhantomData;

use super::choice::Choices;
use super::schema::{EntityDef, FieldDef, Initial, Kind, Within};

/// A field with the Rust type of its values: `record.get(&user::LOGIN)` is an `Option<&str>`.
pub struct Field<T> {
    /// The description.
    pub def: FieldDef,
    holds: PhantomData<fn() -> T>,
}

/// Marks fields of text, in one line, several, or as JSON.
pub struct Text;
/// Marks fields of multi-language text.
pub struct Multi;
/// Marks yes-or-no fields.
pub struct Bool;
/// Marks whole numbers.
pub struct Int;
/// Marks money.
pub struct Amount;
/// Marks calendar dates.
pub struct Date;
/// Marks moments.
pub struct Instant;
/// Marks references.
pub struct Ref;
/// Marks what is never read.
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
    /// One line of text.
    text(max: usize) -> Text = Kind::Text { max };
    /// Several lines of text.
    lines(max: usize) -> Text = Kind::Lines { max };
    /// A JSON object as text.
    json() -> Text = Kind::Json;
    /// Text in several languages.
    multi(max: usize) -> Multi = Kind::Multi { max };
    /// Yes or no; `false` unless told otherwise.
    bool() -> Bool = Kind::Bool;
    /// A whole number from `min` on.
    int(min: i64) -> Int = Kind::Int { min, max: i64::MAX };
    /// Money.
    amount() -> Amount = Kind::Amount;
    /// A calendar date.
    date() -> Date = Kind::Date;
    /// A moment.
    instant() -> Instant = Kind::Instant;
    /// Another record.
    reference(target: &'static EntityDef) -> Ref = Kind::Ref(target);
    /// A secret, which has no column.
    secret() -> Secret = Kind::Secret;
}

impl<T: Choices> Field<T> {
    /// One of a few values.
    pub const fn choice(property: &'static str, label: &'static str, column: &'static str) -> Self {
        Self::new(property, label, column, Kind::Choice(T::CHOICES))
    }
}

impl Field<Int> {
    /// The greatest number allowed.
    #[must_use]
    pub const fn at_most(mut self, max: i64) -> Self {
        if let Kind::Int { min, .. } = self.def.kind {
            self.def.kind = Kind::Int { min, max };
        }
        self
    }

    /// Counts days before today: it is shown with the date that it reaches back to.
    #[must_use]
    pub const fn days_back(mut self) -> Self {
        self.def.days_back = true;
        self
    }

    /// The word for an empty number; it can be typed, too.
    #[must_use]
    pub const fn empty_means(mut self, word: &'static str) -> Self {
        self.def.empty_word = word;
        self
    }
}

impl Field<Ref> {
    /// Must not lead back to the record itself, over however many others.
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
                unique: false,
                keyed: false,
                look_alikes: false,
                numbered: false,
                default,
                within: None,
                acyclic: false,
                empty_word: "",
                days_back: false,
                administrators_only: None,
                help: "",
            },
            holds: PhantomData,
        }
    }

    /// Refused when empty.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.def.required = true;
        self
    }

    /// Never typed.
    #[must_use]
    pub const fn read_only(mut self) -> Self {
        self.def.read_only = true;
        self
    }

    /// No two records share it, ignoring case.
    #[must_use]
    pub const fn unique(mut self) -> Self {
        self.def.unique = true;
        self.keyed()
    }

    /// Part of a [`UniqueKey`](super::schema::UniqueKey) of its entity.
    #[must_use]
    pub const fn keyed(mut self) -> Self {
        self.def.keyed = matches!(self.def.kind, Kind::Text { .. } | Kind::Multi { .. });
        self
    }

    /// Unique, and the next number is taken when it is empty.
    #[must_use]
    pub const fn numbered(mut self) -> Self {
        self.def.numbered = true;
        self.unique()
    }

    /// Can be taken for another that looks the same.
    #[must_use]
    pub const fn look_alikes(mut self) -> Self {
        self.def.look_alikes = true;
        self
    }

    /// Changed by administrators alone; `why` is the sentence that others are told.
    #[must_use]
    pub const fn administrators_only(mut self, why: &'static str) -> Self {
        self.def.administrators_only = Some(why);
        self
    }

    /// What a new record begins with.
    #[must_use]
    pub const fn initially(mut self, initial: Initial) -> Self {
        self.def.default = initial;
        self
    }

    /// Limits which records the reference may refer to.
    #[must_use]
    pub const fn within(mut self, within: Within) -> Self {
        self.def.within = Some(within);
        self
    }

    /// What F1 says.
    #[must_use]
    pub const fn help(mut self, help: &'static str) -> Self {
        self.def.help = help;
        self
    }
}

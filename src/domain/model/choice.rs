//! Enumerations: the values among which a field chooses, each declared once with code, API name and label.

/// One value of an enumeration.
pub struct Choice {
    /// The code in the database: `EXT`.
    pub code: &'static str,
    /// The name in the Domain API: `ExternalCommunityUser`.
    pub api: &'static str,
    /// The label on screen: `External (Community) User`.
    pub label: &'static str,
}

/// A Rust enumeration whose values a field can hold; implemented by the macro `choices!`.
pub trait Choices: Copy + 'static {
    /// Every value, in the order of the selection list.
    const CHOICES: &'static [Choice];

    /// The value of a database code.
    fn from_code(code: &str) -> Option<Self>;
}

/// Declares an enumeration from lines `Value = "code", "api", "label";`: the type with `ALL`, `code`, `api`, `label`
/// and `from_code`, its implementation of [`Choices`], and its conversion into a [`Value`](super::value::Value).
macro_rules! choices {
    (
        $(#[$of_type:meta])*
        $name:ident { $($(#[$of_value:meta])* $value:ident = $code:literal, $api:literal, $label:literal;)+ }
    ) => {
        $(#[$of_type])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$of_value])* $value,)+
        }

        impl $name {
            /// Every value, in the order of the selection list.
            pub const ALL: [Self; [$($code),+].len()] = [$(Self::$value),+];

            const fn choice(self) -> &'static $crate::domain::model::choice::Choice {
                &<Self as $crate::domain::model::choice::Choices>::CHOICES[self as usize]
            }

            /// The code in the database, usually two or three letters.
            pub const fn code(self) -> &'static str {
                self.choice().code
            }

            /// The name in the Domain API and in imported files.
            pub const fn api(self) -> &'static str {
                self.choice().api
            }

            /// The label on screen.
            pub const fn label(self) -> &'static str {
                self.choice().label
            }

            /// The value of a database code.
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|value| value.code() == code)
            }
        }

        impl $crate::domain::model::choice::Choices for $name {
            const CHOICES: &'static [$crate::domain::model::choice::Choice] =
                &[$($crate::domain::model::choice::Choice { code: $code, api: $api, label: $label }),+];

            fn from_code(code: &str) -> Option<Self> {
                Self::from_code(code)
            }
        }

        impl From<$name> for $crate::domain::model::value::Value {
            fn from(value: $name) -> Self {
                Self::Code(value.code())
            }
        }
    };
}

pub(in crate::domain) use choices;

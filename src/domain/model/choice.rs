//! Enumerations: the values that a field chooses among, each written once as code, API name and label.

/// One value of an enumeration.
pub struct Choice {
    /// As it stands in the database: `EXT`.
    pub code: &'static str,
    /// As the Domain API spells it: `ExternalCommunityUser`.
    pub api: &'static str,
    /// As it is shown: `External (Community) User`.
    pub label: &'static str,
}

/// A Rust enumeration whose values a field can hold; implemented by the macro `choices!`.
pub trait Choices: Copy + 'static {
    /// Every value, in the order in which they are offered.
    const CHOICES: &'static [Choice];

    /// The value stored under a code.
    fn from_code(code: &str) -> Option<Self>;
}

/// Declares an enumeration with its codes, API names and labels: the type, `ALL`, `code`, `api`, `label`, `from_code`,
/// its [`Choices`], and its conversion into a [`Value`](super::value::Value).
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
            /// Every value, in the order in which they are offered.
            pub const ALL: [Self; [$($code),+].len()] = [$(Self::$value),+];

            const fn choice(self) -> &'static $crate::domain::model::choice::Choice {
                &<Self as $crate::domain::model::choice::Choices>::CHOICES[self as usize]
            }

            /// The code in the database: two or three letters, mostly.
            pub const fn code(self) -> &'static str {
                self.choice().code
            }

            /// The name in the Domain API and in files.
            pub const fn api(self) -> &'static str {
                self.choice().api
            }

            /// What people call it.
            pub const fn label(self) -> &'static str {
                self.choice().label
            }

            /// The value stored under a code.
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

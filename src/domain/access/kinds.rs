//! Kinds of users, and the roles of External Access (`domain.md`), by the codes they are stored under. Their
//! names and labels stand in the schema.

/// What kind of user a login stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UserType {
    /// One of our own people.
    InternalUser,
    /// Somebody of another company; what a local account request makes.
    ExternalCommunityUser,
    /// A user that stands for something else and never signs in.
    VirtualUserNoLogin,
    /// The system itself.
    SystemUserNoLogin,
    /// Another application.
    ApplicationUserNoLogin,
    /// An internal user who was invited and has not yet come.
    InvitationInternalNoLogin,
    /// An external user who was invited and has not yet come.
    InvitationExternalNoLogin,
}

impl UserType {
    /// Every user type.
    pub const ALL: [Self; 7] = [
        Self::InternalUser,
        Self::ExternalCommunityUser,
        Self::VirtualUserNoLogin,
        Self::SystemUserNoLogin,
        Self::ApplicationUserNoLogin,
        Self::InvitationInternalNoLogin,
        Self::InvitationExternalNoLogin,
    ];

    /// The code in the database and on screen.
    pub fn code(self) -> &'static str {
        match self {
            Self::InternalUser => "INT",
            Self::ExternalCommunityUser => "EXT",
            Self::VirtualUserNoLogin => "VIR",
            Self::SystemUserNoLogin => "SYS",
            Self::ApplicationUserNoLogin => "APP",
            Self::InvitationInternalNoLogin => "INI",
            Self::InvitationExternalNoLogin => "INE",
        }
    }

    /// The user type stored under a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Whether users of this type can sign in at all.
    pub fn can_sign_in(self) -> bool {
        matches!(self, Self::InternalUser | Self::ExternalCommunityUser)
    }
}

/// What an external user may do for a customer. Each role includes the ones before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// L10: home and the customer's profile.
    Basic,
    /// L20: orders too, without prices, discounts and amounts.
    Orders,
    /// L30: orders with prices, discounts and amounts.
    #[default]
    OrdersWithPrices,
    /// L40: invoices, payments and files too.
    Billing,
    /// L80: may manage the customer's other users.
    Admin,
    /// L90: as `Admin`, and nobody can take it away.
    Owner,
}

impl Role {
    /// Every role, the least first.
    pub const ALL: [Self; 6] =
        [Self::Basic, Self::Orders, Self::OrdersWithPrices, Self::Billing, Self::Admin, Self::Owner];

    /// The code in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::Basic => "L10",
            Self::Orders => "L20",
            Self::OrdersWithPrices => "L30",
            Self::Billing => "L40",
            Self::Admin => "L80",
            Self::Owner => "L90",
        }
    }

    /// The role stored under a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }
}

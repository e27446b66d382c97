//! Kinds of users (`domain.md`), by the codes they are stored under. Their names and labels stand in the schema.

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

//! What speaks for and against a candidate, in words.

use std::fmt;

/// A reason for or against a candidate. Its `Display` is a short text that can contain stored text: clean it
/// ([`text::clean`](crate::domain::model::text::clean)) before it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The names have the same words.
    SameName,
    /// The names have the same words but for a middle name that one leaves out.
    SameNameShorter,
    /// The names are the same but for a small error or an initial.
    SimilarName,
    /// Both have a word in common, or more.
    PartOfName,
    /// First and last name are the same, and the middle names differ.
    OtherMiddleName,
    /// The person belongs to the company that is claimed.
    SameCompany,
    /// The person belongs to a company whose name is like the claim.
    SimilarCompany,
    /// The person belongs to another company than the one that is claimed.
    OtherCompany(String),
    /// The confirmed e-mail has the domain of the candidate's company.
    SameDomain,
    /// The same, where the e-mail is not confirmed.
    SameDomainUnconfirmed,
    /// The same, where the logins of the domain are of several companies.
    SharedDomain,
    /// The domain of the e-mail is that of another company.
    DomainOf(String),
    /// A login with the same telephone number.
    SamePhone,
    /// A login that is the confirmed e-mail.
    SameEmail,
    /// A login that is the e-mail, which is not confirmed.
    SameEmailUnconfirmed,
    /// A login of the same name, at the same domain.
    LoginOfSameName(String),
    /// Another system knows both by the same id.
    SameExternalId,
    /// The claim has the company's name.
    ClaimedName,
    /// The claim is like the company's name.
    SimilarClaim,
    /// The company's registration or VAT number stands in the request.
    NumberGiven,
    /// The registration or VAT number in the request is that of another company.
    NumberOf(String),
    /// For the same claim this company was chosen before.
    ChosenForClaim,
    /// A person of the same name belongs to the company.
    PersonOfName,
    /// Another company has the same registration number: a branch.
    HasBranches,
    /// Login or e-mail look like those of another user, or mix scripts.
    LooksLikeAnother,
    /// The candidate is not in use any more.
    Inactive,
}

/// A family of reasons that depend on one another: two reasons are independent when they are of two families.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Family {
    Name,
    Company,
    Address,
    Phone,
    Number,
    ExternalId,
}

/// What a reason weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// It counts towards a certain proposal.
    Strong(Family),
    /// It speaks for the candidate, and does not count.
    Weak,
    /// It contradicts.
    Against,
    /// It is only to be known.
    Note,
}

impl Reason {
    /// What the reason weighs.
    pub(super) fn weight(&self) -> Weight {
        match self {
            Self::SameName | Self::SameNameShorter | Self::PersonOfName => Weight::Strong(Family::Name),
            Self::SameCompany
            | Self::ClaimedName
            | Self::SimilarClaim
            | Self::SimilarCompany
            | Self::ChosenForClaim => Weight::Strong(Family::Company),
            Self::SameDomain | Self::SameEmail => Weight::Strong(Family::Address),
            Self::SamePhone => Weight::Strong(Family::Phone),
            Self::NumberGiven => Weight::Strong(Family::Number),
            Self::SameExternalId => Weight::Strong(Family::ExternalId),
            Self::SimilarName
            | Self::PartOfName
            | Self::SameDomainUnconfirmed
            | Self::SharedDomain
            | Self::SameEmailUnconfirmed
            | Self::LoginOfSameName(_) => Weight::Weak,
            Self::OtherMiddleName
            | Self::OtherCompany(_)
            | Self::DomainOf(_)
            | Self::NumberOf(_)
            | Self::HasBranches
            | Self::LooksLikeAnother => Weight::Against,
            Self::Inactive => Weight::Note,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SameName => f.write_str("same name"),
            Self::SameNameShorter => f.write_str("same name, one without the middle name"),
            Self::SimilarName => f.write_str("similar name"),
            Self::PartOfName => f.write_str("part of the name"),
            Self::OtherMiddleName => f.write_str("but another middle name"),
            Self::SameCompany => f.write_str("same company"),
            Self::SimilarCompany => f.write_str("company with a similar name"),
            Self::OtherCompany(company) => write!(f, "but belongs to {company}"),
            Self::SameDomain => f.write_str("confirmed e-mail of the same domain"),
            Self::SameDomainUnconfirmed => f.write_str("e-mail of the same domain, not confirmed"),
            Self::SharedDomain => f.write_str("e-mail of the same domain, which other companies have too"),
            Self::DomainOf(company) => write!(f, "but the e-mail has the domain of {company}"),
            Self::SamePhone => f.write_str("same phone"),
            Self::SameEmail => f.write_str("a login with the same e-mail"),
            Self::SameEmailUnconfirmed => f.write_str("a login with the same e-mail, not confirmed"),
            Self::LoginOfSameName(login) => write!(f, "login {login} of the same name at the same domain"),
            Self::SameExternalId => f.write_str("same external id"),
            Self::ClaimedName => f.write_str("claimed by its name"),
            Self::SimilarClaim => f.write_str("claimed by a similar name"),
            Self::NumberGiven => f.write_str("its registration or VAT number is given"),
            Self::NumberOf(company) => write!(f, "but the number given is that of {company}"),
            Self::ChosenForClaim => f.write_str("chosen for the same claim before"),
            Self::PersonOfName => f.write_str("a person of the same name belongs to it"),
            Self::HasBranches => f.write_str("but another branch has the same name"),
            Self::LooksLikeAnother => f.write_str("but login or e-mail look like another's"),
            Self::Inactive => f.write_str("not active any more"),
        }
    }
}

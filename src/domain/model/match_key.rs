//! What an entity gives to find its records by when a request for an account is compared with them
//! ([`matching`](crate::domain::matching)).

use super::schema::FieldDef;

/// What a field of an entity says to whoever looks for the person or the company of a request.
#[derive(Clone, Copy, Debug)]
pub enum MatchKey {
    /// The field has the name of a person, who belongs to the party in the reference beside it.
    PersonName(&'static FieldDef, &'static FieldDef),
    /// The field has the name of a company.
    CompanyName(&'static FieldDef),
    /// The field has a registration or VAT number of a company.
    CompanyNumber(&'static FieldDef),
    /// The field has the name of the company that the owner of a login claims to work for.
    ClaimedCompany(&'static FieldDef),
    /// The field has an e-mail address, whose domain may be that of a company.
    EmailDomain(&'static FieldDef),
    /// The field has a login, which may be an e-mail address: another than the one in the field beside it.
    Login(&'static FieldDef, &'static FieldDef),
    /// The field has a telephone number.
    Phone(&'static FieldDef),
}

impl MatchKey {
    /// The fields that are read.
    pub fn fields(&self) -> impl Iterator<Item = &'static FieldDef> {
        let (first, second) = match *self {
            Self::PersonName(field, other) | Self::Login(field, other) => (field, Some(other)),
            Self::CompanyName(field)
            | Self::CompanyNumber(field)
            | Self::ClaimedCompany(field)
            | Self::EmailDomain(field)
            | Self::Phone(field) => (field, None),
        };
        [Some(first), second].into_iter().flatten()
    }
}

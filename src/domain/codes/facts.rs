//! What is known of a user and a site when the codes are judged.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::domain::entities::external_access::Role;
use crate::domain::entities::user::UserType;
use crate::domain::entities::web_site::AccessRules;
use crate::domain::model::value::{RecordId, Reference};

/// Everything that [`diagnose`](super::diagnose) looks at.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// The moment of judging, for lockouts.
    pub now: Timestamp,
    /// The operator's date, for customers that begin and end.
    pub today: Date,
    /// The user *u*.
    pub user: UserFacts,
    /// The site *s*, shared by all users judged at it.
    pub site: Arc<SiteFacts>,
}

/// A user, stored or as the form in front of the operator has it.
#[derive(Clone, Debug, PartialEq)]
pub struct UserFacts {
    /// The user.
    pub id: RecordId,
    /// Login.
    pub login: String,
    /// The full name, in the operator's language.
    pub name: String,
    /// E-mail address.
    pub email: Option<String>,
    /// The company the applicant claims to work for.
    pub company_name: Option<String>,
    /// What kind of user it is.
    pub user_type: UserType,
    /// Whether the user is switched on.
    pub active: bool,
    /// Whether the e-mail address was confirmed.
    pub email_confirmed: bool,
    /// The end of a lockout.
    pub locked_until: Option<Timestamp>,
    /// Another login that looks the same ([`skeleton`](crate::domain::model::text::skeleton)).
    pub resembles: Option<String>,
    /// The user's person *P*.
    pub person: Option<PersonFacts>,
    /// All the user's rows of External Access, on customers of any enterprise company.
    pub grants: Vec<GrantFacts>,
}

/// A person.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonFacts {
    /// The person.
    pub id: RecordId,
    /// How the person is shown.
    pub shown: String,
    /// Is Active.
    pub active: bool,
    /// The parent party *T*.
    pub parent: Option<PartyFacts>,
}

/// A party that a person belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct PartyFacts {
    /// The party.
    pub id: RecordId,
    /// How the party is shown.
    pub shown: String,
    /// Is Active.
    pub active: bool,
    /// The customers whose party this is, *C(T)*; one per enterprise company at the most.
    pub customers: Vec<CustomerFacts>,
}

/// A customer.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomerFacts {
    /// The customer.
    pub id: RecordId,
    /// The party's name.
    pub shown: String,
    /// The customer's number.
    pub number: String,
    /// The enterprise company that sells to this customer.
    pub enterprise_company: Option<Reference>,
    /// The location that serves this customer.
    pub location: Option<Reference>,
    /// Active.
    pub active: bool,
    /// The first day.
    pub from_date: Option<Date>,
    /// The last day.
    pub thru_date: Option<Date>,
}

/// One row of Customers - External Access.
#[derive(Clone, Debug, PartialEq)]
pub struct GrantFacts {
    /// The customer that grants access.
    pub customer: CustomerFacts,
    /// What the user may do.
    pub role: Role,
    /// How many days back the user sees; nothing means without limit.
    pub days_back: Option<i64>,
}

/// A Client Center web site, stored or as the form has it.
#[derive(Clone, Debug, PartialEq)]
pub struct SiteFacts {
    /// The web site.
    pub id: RecordId,
    /// Relative URL, such as `cc`.
    pub relative_url: String,
    /// The enterprise company *E*.
    pub enterprise_company: Option<Reference>,
    /// The text of `SettingsJson`.
    pub settings: Option<String>,
    /// The rule set that this site applies.
    pub rules: AccessRules,
    /// Is Active.
    pub active: bool,
    /// The document types whose `EntityName` is `Crm_Sales_SalesOrders`.
    pub sales_order_types: Vec<RecordId>,
}

impl Facts {
    /// *T*: the party that the user's person belongs to.
    pub fn parent_party(&self) -> Option<&PartyFacts> {
        self.user.person.as_ref()?.parent.as_ref()
    }

    /// *C(T)*: the customers whose party is the parent party.
    pub fn customers(&self) -> &[CustomerFacts] {
        self.parent_party().map_or(&[], |party| &party.customers)
    }

    /// *A*: the parent party's customer with the site's enterprise company.
    pub fn agreement(&self) -> Option<&CustomerFacts> {
        self.customers().iter().find(|customer| self.site.sells_to(customer))
    }

    /// *G*: the user's external access to customers of the site's enterprise company.
    pub fn granted(&self) -> impl Iterator<Item = &GrantFacts> {
        self.user.grants.iter().filter(|grant| self.site.sells_to(&grant.customer))
    }
}

impl CustomerFacts {
    /// Name and number as in the Client Center: `Olivia Green #00028`.
    pub fn label(&self) -> String {
        format!("{} #{}", self.shown, self.number)
    }
}

impl SiteFacts {
    /// Whether a customer is one of this site's enterprise company.
    fn sells_to(&self, customer: &CustomerFacts) -> bool {
        self.enterprise_company.is_some() && customer.enterprise_company == self.enterprise_company
    }

    /// The settings as text; none is an empty text.
    pub(super) fn settings_text(&self) -> &str {
        self.settings.as_deref().unwrap_or_default()
    }
}

//! The input of [`diagnose`](super::diagnose): what the codes depend on. The letters *u*, *s*, *P*, *T*, *E*, *C(T)*,
//! *A* and *G* are those of `docs/codes.md`, Facts.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::domain::entities::external_access::{Role, has_ended};
use crate::domain::entities::user::UserType;
use crate::domain::entities::web_site::AccessRules;
use crate::domain::model::instant::Instant;
use crate::domain::model::schema::FieldDef;
use crate::domain::model::value::{RecordId, Reference};

/// The facts on one user and one site from which [`diagnose`](super::diagnose) judges the codes.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// The current time, with which the end of a lockout is compared.
    pub now: Timestamp,
    /// The current date, UTC, with which the first and last days of customers and the last days of accesses are compared.
    pub today: Date,
    /// The user *u*.
    pub user: UserFacts,
    /// The site *s*, shared by the facts of all users who are judged there.
    pub site: Arc<SiteFacts>,
}

/// The facts on a user, from the stored record or from the draft in a form.
#[derive(Clone, Debug, PartialEq)]
pub struct UserFacts {
    /// The id of the user.
    pub id: RecordId,
    /// The login.
    pub login: String,
    /// The full name, in the operator's language.
    pub name: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// The company that the applicant claims to work for; nobody has checked it.
    pub company_name: Option<String>,
    /// The type of the user.
    pub user_type: UserType,
    /// Active.
    pub active: bool,
    /// Whether the e-mail address was confirmed.
    pub email_confirmed: bool,
    /// The end of the lockout, which may be in the past; `None` when there was none.
    pub locked_until: Option<Instant>,
    /// Another user's login or e-mail that looks like one of this user's, where there is one.
    pub resembles: Option<LookAlike>,
    /// The user's person *P*.
    pub person: Option<PersonFacts>,
    /// All external-access rows of the user, on customers of any enterprise company.
    pub grants: Vec<GrantFacts>,
}

/// A text of another record with the same [`skeleton`](crate::domain::model::text::skeleton).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookAlike {
    /// The field of the other record that has the text.
    pub field: &'static FieldDef,
    /// The text.
    pub text: String,
}

/// The facts on a person.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonFacts {
    /// The id of the person.
    pub id: RecordId,
    /// The display text of the person.
    pub shown: String,
    /// Is Active.
    pub active: bool,
    /// The parent party *T*.
    pub parent: Option<PartyFacts>,
}

/// The facts on a party to which a person belongs.
#[derive(Clone, Debug, PartialEq)]
pub struct PartyFacts {
    /// The id of the party.
    pub id: RecordId,
    /// The display text of the party.
    pub shown: String,
    /// Is Active.
    pub active: bool,
    /// *C(T)*: the customers whose Party is this party, at most one for each enterprise company and one without.
    pub customers: Vec<CustomerFacts>,
}

/// The facts on a customer.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomerFacts {
    /// The id of the customer.
    pub id: RecordId,
    /// The display text of the customer's party.
    pub shown: String,
    /// The number of the customer: `00028`.
    pub number: String,
    /// The enterprise company that sells to this customer.
    pub enterprise_company: Option<Reference>,
    /// The location that serves this customer.
    pub location: Option<Reference>,
    /// Active.
    pub active: bool,
    /// The first day of the agreement.
    pub from_date: Option<Date>,
    /// The last day of the agreement; `None` when it has no end.
    pub thru_date: Option<Date>,
}

/// The facts on one row of Customers - External Access.
#[derive(Clone, Debug, PartialEq)]
pub struct GrantFacts {
    /// The customer whose data the user may see.
    pub customer: CustomerFacts,
    /// The role of the user.
    pub role: Role,
    /// How many days back the user may see; `None` is unlimited.
    pub days_back: Option<i64>,
    /// The id of the row.
    pub id: RecordId,
    /// The last day on which the access opens anything; `None` when it has no end.
    pub valid_until: Option<Date>,
}

/// The facts on a Client Center web site, from the stored record or from the draft in a form.
#[derive(Clone, Debug, PartialEq)]
pub struct SiteFacts {
    /// The id of the web site.
    pub id: RecordId,
    /// The name of the site ([`web_site::name`]): its relative URL, such as `cc`, or its host.
    ///
    /// [`web_site::name`]: crate::domain::entities::web_site::name
    pub name: String,
    /// The enterprise company *E*.
    pub enterprise_company: Option<Reference>,
    /// The text of `SettingsJson`.
    pub settings: Option<String>,
    /// The rule set, which determines the codes that are judged.
    pub rules: AccessRules,
    /// Is Active.
    pub active: bool,
    /// The ids of the document types for sales orders (CC009).
    pub sales_order_types: Vec<RecordId>,
}

impl Facts {
    /// *T*: the parent party of the user's person.
    pub fn parent_party(&self) -> Option<&PartyFacts> {
        self.user.person.as_ref()?.parent.as_ref()
    }

    /// *C(T)*: the customers whose Party is *T*.
    pub fn customers(&self) -> &[CustomerFacts] {
        self.parent_party().map_or(&[], |party| &party.customers)
    }

    /// *A*: the customer in *C(T)* whose enterprise company is that of the site.
    pub fn agreement(&self) -> Option<&CustomerFacts> {
        self.customers().iter().find(|customer| self.site.has_customer(customer))
    }

    /// *G*: the user's external-access rows on customers of the site's enterprise company that have not ended.
    pub fn granted(&self) -> impl Iterator<Item = &GrantFacts> {
        self.of_company().filter(|grant| !has_ended(grant.valid_until, self.today))
    }

    /// The user's external-access rows on customers of the site's enterprise company that have ended, each with its last
    /// day. They open nothing.
    pub fn ended(&self) -> impl Iterator<Item = (&GrantFacts, Date)> {
        let ended = |grant: &&GrantFacts| has_ended(grant.valid_until, self.today);
        self.of_company().filter(ended).filter_map(|grant| Some((grant, grant.valid_until?)))
    }

    fn of_company(&self) -> impl Iterator<Item = &GrantFacts> {
        self.user.grants.iter().filter(|grant| self.site.has_customer(&grant.customer))
    }
}

impl CustomerFacts {
    /// The display text of the customer, party and number: `Olivia Green #00028`.
    pub fn label(&self) -> String {
        format!("{} #{}", self.shown, self.number)
    }
}

impl SiteFacts {
    /// Whether the customer's enterprise company is that of the site; `false` when the site has none.
    fn has_customer(&self, customer: &CustomerFacts) -> bool {
        self.enterprise_company.is_some() && customer.enterprise_company == self.enterprise_company
    }

    /// The text of `SettingsJson`; empty when the site has none.
    pub(super) fn settings_text(&self) -> &str {
        self.settings.as_deref().unwrap_or_default()
    }
}

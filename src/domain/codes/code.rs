//! The record, texts and dependencies of each code, and the codes of each rule set (`docs/codes.md`).

use crate::domain::entities::web_site::AccessRules;
use crate::domain::model::code::Code;

/// The kind of record on which a code is repaired (`docs/codes.md`, The table, column About).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// The user, or the user's person.
    User,
    /// The person's parent party, or one of its customers.
    Party,
    /// The web site.
    Site,
    /// A row of Customers - External Access.
    Access,
}

impl Owner {
    /// The owner's name in `docs/codes.md`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Party => "party",
            Self::Site => "site",
            Self::Access => "access",
        }
    }
}

impl Code {
    /// The kind of record on which the code is repaired.
    pub fn owner(self) -> Owner {
        match self {
            Self::CC002 | Self::CC003 => Owner::User,
            Self::CC004 | Self::CC006 | Self::CC007 => Owner::Party,
            Self::CC005 | Self::CC008 | Self::CC009 => Owner::Site,
            Self::CC010 => Owner::Access,
        }
    }

    /// What the code requires, in one or two words: `Parent party`.
    pub fn title(self) -> &'static str {
        match self {
            Self::CC002 => "Person",
            Self::CC003 => "Parent party",
            Self::CC004 => "Customer",
            Self::CC005 => "Site company",
            Self::CC006 => "Agreement",
            Self::CC007 => "Location",
            Self::CC008 => "Settings",
            Self::CC009 => "New orders",
            Self::CC010 => "External access",
        }
    }

    /// One sentence that tells the operator how to repair the code.
    pub fn advice(self) -> &'static str {
        match self {
            Self::CC002 => "Give the login a person.",
            Self::CC003 => "Name the company the person comes in for.",
            Self::CC004 => "Make the parent party a customer.",
            Self::CC005 => "Set the web site's enterprise company.",
            Self::CC006 => "Give the party a customer agreement with the site's enterprise company.",
            Self::CC007 => "Choose the location that serves the customer.",
            Self::CC008 => "Correct the web site's settings.",
            Self::CC009 => "Set both properties for new orders, and name a sales order document type.",
            Self::CC010 => "Add the user to External Access with a role.",
        }
    }

    /// The help text: what the code means and where it is repaired.
    pub fn help(self) -> &'static str {
        match self {
            Self::CC002 => {
                "A login says who signs in, a person says who that is. Choose the person in the user's Person \
                 field, or create a new one from the user's full name; the user's Name then follows the person."
            }
            Self::CC003 => {
                "People enter the Client Center for a company. Open the person and set Parent Party to the \
                 company, or other unit, that the person belongs to."
            }
            Self::CC004 => {
                "Only customers have a Client Center. Open the person's parent party, add the Customers panel \
                 with Customize form if it is hidden, and create a customer with the site's enterprise company \
                 and the location that serves it."
            }
            Self::CC005 => {
                "A Client Center belongs to one of our enterprise companies, whose customers may enter it. Set \
                 Enterprise Company on the web site. Until then nobody can enter this site."
            }
            Self::CC006 => {
                "The party is a customer, but not of the enterprise company this site belongs to. If one of its \
                 customers has an empty Enterprise Company, fill it; otherwise create a customer with that \
                 enterprise company."
            }
            Self::CC007 => {
                "Each customer is served by a location of the enterprise company. Set Serviced By Enterprise \
                 Company Location on the customer; only locations of its enterprise company are offered. Where \
                 the site goes by external access, one customer with a location is enough to enter."
            }
            Self::CC008 => {
                "The web site's Settings must be empty or one well-formed JSON object: no property twice in an \
                 object, and nothing after it. The message names the line and column of the error."
            }
            Self::CC009 => {
                "New orders need two properties in the web site's Settings: IsNewOrderEnabled, and \
                 NewOrderDocumentType with the Id of a document type for sales orders, whose Entity Name is \
                 Crm_Sales_Orders, Crm_Sales_SalesOrders or SalesOrders. Set both, or neither."
            }
            Self::CC010 => {
                "This site is entered by external access. Open a customer of the site's enterprise company and \
                 add the user to External Access with a role."
            }
        }
    }

    /// The codes that must be ok before this code can be judged, in the order in which they are repaired
    /// (`docs/codes.md`, The table, column Waits for).
    pub(super) fn waits_for(self, rules: AccessRules) -> &'static [Self] {
        match (self, rules) {
            (Self::CC002 | Self::CC005 | Self::CC008, _) => &[],
            (Self::CC003, _) => &[Self::CC002],
            (Self::CC004, _) => &[Self::CC002, Self::CC003],
            (Self::CC006, _) => &[Self::CC002, Self::CC003, Self::CC004, Self::CC005],
            (Self::CC007, AccessRules::Person) => {
                &[Self::CC002, Self::CC003, Self::CC004, Self::CC005, Self::CC006]
            }
            (Self::CC007, AccessRules::ExternalAccess) => &[Self::CC005, Self::CC010],
            (Self::CC009, _) => &[Self::CC008],
            (Self::CC010, _) => &[Self::CC005],
        }
    }
}

impl AccessRules {
    /// Whether the rule set includes a code (`docs/codes.md`, Rule sets).
    pub fn includes(self, code: Code) -> bool {
        match self {
            Self::Person => code != Code::CC010,
            Self::ExternalAccess => code == Code::CC005 || code >= Code::CC007,
        }
    }
}

//! The places of a Client Center, and which role opens which (`docs/domain.md`, roles).

use crate::domain::entities::external_access::Role;

impl Role {
    /// Whether it manages the customer's users: adds them, changes and ends their access (`docs/domain.md`, roles).
    pub fn manages_users(self) -> bool {
        self.opens(Place::UserManagement)
    }

    /// Whether a place of the Client Center is there for this role.
    pub fn opens(self, place: Place) -> bool {
        self >= place.least()
    }
}

/// A place of a Client Center, or something that its places show only to some.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// What can be done here.
    Home,
    /// The customer's own data.
    CustomerProfile,
    /// The customer's orders.
    Orders,
    /// Ordering.
    NewOrder,
    /// Price, discount and amount in orders.
    Prices,
    /// Invoices.
    Invoices,
    /// What is to be paid.
    DuePayments,
    /// What was paid.
    PaymentHistory,
    /// Files in the customer's profile.
    Files,
    /// Who else may see the customer's data.
    UserManagement,
}

impl Place {
    /// Every place, in the order of a Client Center's menu.
    pub const ALL: [Self; 10] = [
        Self::Home,
        Self::Orders,
        Self::NewOrder,
        Self::Prices,
        Self::Invoices,
        Self::DuePayments,
        Self::PaymentHistory,
        Self::Files,
        Self::UserManagement,
        Self::CustomerProfile,
    ];

    /// What it is called.
    pub fn label(self) -> &'static str {
        match self {
            Self::Home => "Home",
            Self::CustomerProfile => "Customer Profile",
            Self::Orders => "Orders",
            Self::NewOrder => "New Order",
            Self::Prices => "Prices, discounts and amounts",
            Self::Invoices => "Invoices",
            Self::DuePayments => "Due Payments",
            Self::PaymentHistory => "Payment History",
            Self::Files => "Files in Customer Profile",
            Self::UserManagement => "User Management",
        }
    }

    /// The least role that opens it (`docs/domain.md`, roles).
    pub fn least(self) -> Role {
        match self {
            Self::Home | Self::CustomerProfile => Role::Basic,
            Self::Orders | Self::NewOrder => Role::Orders,
            Self::Prices => Role::OrdersWithPrices,
            Self::Invoices | Self::DuePayments | Self::PaymentHistory | Self::Files => Role::Billing,
            Self::UserManagement => Role::Admin,
        }
    }

    /// Whether it is open at a site: to this role, or without one at a site of version 24, which knows no roles
    /// and no User Management.
    pub fn is_open_to(self, role: Option<Role>) -> bool {
        role.map_or(self != Self::UserManagement, |role| role.opens(self))
    }
}

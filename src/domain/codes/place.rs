//! The parts of a Client Center, and the role that each requires (`docs/domain.md`, Roles).

use crate::domain::entities::external_access::Role;

impl Role {
    /// Whether the role may add users to the customer and change or end their access (`docs/domain.md`, Roles).
    pub fn manages_users(self) -> bool {
        self.opens(Place::UserManagement)
    }

    /// Whether the role may use a part of the Client Center.
    pub fn opens(self, place: Place) -> bool {
        self >= place.required_role()
    }
}

/// A part of a Client Center that depends on the visitor's role: a page, or data shown on a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// The start page, which lists what the visitor can do.
    Home,
    /// The customer's master data.
    CustomerProfile,
    /// The customer's orders.
    Orders,
    /// The entry of a new order.
    NewOrder,
    /// Prices, discounts and amounts in orders.
    Prices,
    /// Invoices.
    Invoices,
    /// The payments that are due.
    DuePayments,
    /// The payments that were made.
    PaymentHistory,
    /// The files in Customer Profile.
    Files,
    /// The users who may see the customer's data, and their access.
    UserManagement,
}

impl Place {
    /// Every part, in the order of a Client Center's menu.
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

    /// The name on screen: `Due Payments`.
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

    /// The lowest role that may use the part (`docs/domain.md`, Roles).
    pub fn required_role(self) -> Role {
        match self {
            Self::Home | Self::CustomerProfile => Role::Basic,
            Self::Orders | Self::NewOrder => Role::Orders,
            Self::Prices => Role::OrdersWithPrices,
            Self::Invoices | Self::DuePayments | Self::PaymentHistory | Self::Files => Role::Billing,
            Self::UserManagement => Role::Admin,
        }
    }

    /// Whether a visitor may use the part. `role` is `None` at a site of version 24, which has no roles: there every
    /// part but User Management is open (`docs/domain.md`, Roles).
    pub fn is_open_to(self, role: Option<Role>) -> bool {
        role.map_or(self != Self::UserManagement, |role| role.opens(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parts that each role opens beside those of the roles before it (`docs/domain.md`, Roles).
    const OPENED: [(Role, &[Place]); 6] = [
        (Role::Basic, &[Place::Home, Place::CustomerProfile]),
        (Role::Orders, &[Place::Orders, Place::NewOrder]),
        (Role::OrdersWithPrices, &[Place::Prices]),
        (Role::Billing, &[Place::Invoices, Place::DuePayments, Place::PaymentHistory, Place::Files]),
        (Role::Admin, &[Place::UserManagement]),
        (Role::Owner, &[]),
    ];

    #[test]
    fn each_role_opens_its_parts_and_those_of_the_roles_before_it() {
        assert_eq!(OPENED.map(|(role, _)| role), Role::ALL);
        for (at, (role, _)) in OPENED.into_iter().enumerate() {
            let opened: Vec<Place> = OPENED[..=at].iter().flat_map(|(_, places)| *places).copied().collect();
            for place in Place::ALL {
                assert_eq!(role.opens(place), opened.contains(&place), "{role:?}, {place:?}");
                assert_eq!(place.is_open_to(Some(role)), role.opens(place), "{role:?}, {place:?}");
            }
        }
    }

    #[test]
    fn only_an_admin_or_an_owner_manages_users() {
        let managing = Role::ALL.into_iter().filter(|role| role.manages_users());
        assert_eq!(Vec::from_iter(managing), [Role::Admin, Role::Owner]);
    }

    #[test]
    fn a_site_without_roles_opens_everything_but_user_management() {
        let closed = Place::ALL.into_iter().filter(|place| !place.is_open_to(None));
        assert_eq!(Vec::from_iter(closed), [Place::UserManagement]);
    }

    #[test]
    fn the_menu_tells_the_parts_apart() {
        for (at, place) in Place::ALL.into_iter().enumerate() {
            assert!(!place.label().is_empty());
            assert!(Place::ALL[..at].iter().all(|other| other.label() != place.label()), "{place:?}");
        }
    }
}

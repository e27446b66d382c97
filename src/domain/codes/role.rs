//! The roles of External Access, what each opens in a Client Center, and how far back it looks (`domain.md`).

use jiff::Span;
use jiff::civil::Date;

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

    /// Whether it manages the customer's users: adds them, changes and ends their access (`domain.md`, roles).
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

    /// The least role that opens it (`domain.md`, roles).
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

/// The most days back that an access can be limited to; more is as good as unlimited.
pub const MOST_DAYS_BACK: i64 = 36_500;

/// The oldest date that somebody who may look so many days back sees today; `None` is unlimited.
pub fn oldest_visible(days_back: Option<i64>, today: Date) -> Option<Date> {
    days_back.and_then(|days| today.checked_sub(Span::new().try_days(days).ok()?).ok())
}

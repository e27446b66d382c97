//! The keys that the settings of a Client Center are known to have (`docs/domain.md`, Web Sites).

use super::settings::{IS_NEW_ORDER_ENABLED, NEW_ORDER_DOCUMENT_TYPE};
use crate::domain::entities::document_type::{self, DOCUMENT_TYPE};
use crate::domain::model::schema::{KeyKind, KnownKey};

const fn key(name: &'static str, kind: KeyKind, help: &'static str) -> KnownKey {
    KnownKey { name, kind, along: &[], help }
}

/// The known keys, in the order in which they are offered.
pub(super) static KNOWN_KEYS: [KnownKey; 12] = [
    key(
        IS_NEW_ORDER_ENABLED,
        KeyKind::Bool,
        "Whether users can place new orders; it goes with NewOrderDocumentType.",
    ),
    KnownKey {
        name: NEW_ORDER_DOCUMENT_TYPE,
        kind: KeyKind::Record(
            &DOCUMENT_TYPE,
            (&document_type::ENTITY_NAME.def, &document_type::SALES_ORDERS),
        ),
        along: &[(IS_NEW_ORDER_ENABLED, "true")],
        help: "The Id of the sales order document type of new orders; it goes with IsNewOrderEnabled.",
    },
    key("IsOrdersEnabled", KeyKind::Bool, "Whether users see their orders."),
    key(
        "OrderDocumentTypes",
        KeyKind::Records(&DOCUMENT_TYPE),
        "The document types of the orders that are shown.",
    ),
    key(
        "InvoiceDocumentTypes",
        KeyKind::Records(&DOCUMENT_TYPE),
        "The document types of the invoices that are shown.",
    ),
    key("HideLines", KeyKind::Bool, "Whether the lines of orders and invoices are left out."),
    key("HideCustomerProducts", KeyKind::Bool, "Whether the customer's own products are left out."),
    key("HideDistributionChannel", KeyKind::Bool, "Whether the distribution channel is left out."),
    key("DefaultStore", KeyKind::Text, "The code of the store that new orders are served from."),
    key(
        "AvailabilityMax",
        KeyKind::Int,
        "The greatest availability that is shown; a greater one is shown as more than it.",
    ),
    key("SiteChannel", KeyKind::Text, "The code of the distribution channel whose products the site offers."),
    key("RateLimits", KeyKind::Object, "How many requests the site answers in a time."),
];

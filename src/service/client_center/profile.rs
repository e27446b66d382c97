//! The customer's own data, as far as the visitor's role opens them.

use super::Visit;
use super::visit::Present;
use crate::domain::codes::Place;
use crate::domain::entities::{customer, external_access};
use crate::domain::model::format;
use crate::domain::model::record::Fields;
use crate::domain::model::schema::FieldDef;
use crate::domain::model::value::Value;
use crate::service::ServiceError;
use crate::storage::records;

/// What the profile shows of the customer, each with the place that a visitor has to have: terms go with what
/// they are terms of (`domain.md`, roles).
const SHOWN: [(&FieldDef, Place); 11] = [
    (&customer::PARTY.def, Place::CustomerProfile),
    (&customer::NUMBER.def, Place::CustomerProfile),
    (&customer::CUSTOMER_TYPE.def, Place::CustomerProfile),
    (&customer::ENTERPRISE_COMPANY.def, Place::CustomerProfile),
    (&customer::SERVICED_BY.def, Place::CustomerProfile),
    (&customer::FROM_DATE.def, Place::CustomerProfile),
    (&customer::THRU_DATE.def, Place::CustomerProfile),
    (&customer::DEFAULT_DELIVERY_TERM_DAYS.def, Place::Orders),
    (&customer::DEFAULT_CURRENCY.def, Place::Prices),
    (&customer::CREDIT_LIMIT.def, Place::Prices),
    (&customer::DEFAULT_PAYMENT_TERM_DAYS.def, Place::DuePayments),
];

impl Visit {
    /// What the customer's profile shows: each label with its text, in order. What is empty is left out. At the end
    /// stand the visitor's own role and how far back it looks.
    ///
    /// # Errors
    /// [`ServiceError::SignedOut`], [`ServiceError::Denied`].
    pub async fn profile(&self) -> Result<Vec<(&'static str, String)>, ServiceError> {
        self.recording_refusals(async {
            let mut conn = self.db.read().await?;
            let Present { visitor, client } = self.at(&mut conn, Place::CustomerProfile).await?;
            let language = &visitor.language;
            let record = records::load(&mut conn, &customer::CUSTOMER, client.customer.id, language).await?;
            let record = record.ok_or(ServiceError::NotFound)?;
            let mut lines: Vec<(&'static str, String)> = SHOWN
                .into_iter()
                .filter(|(field, place)| place.is_open_to(client.role) && !record.value(field).is_empty())
                .map(|(field, _)| (field.label, shown(field, record.value(field), language)))
                .collect();
            if let Some(role) = client.role {
                let role = Value::Code(role.code());
                let days = external_access::shown_days_back(client.days_back, client.oldest);
                lines.push(("Your Role", shown(&external_access::ROLE.def, &role, language)));
                lines.push((external_access::DAYS_BACK_ACCESS.def.label, days));
            }
            Ok(lines)
        })
        .await
    }
}

fn shown(field: &FieldDef, value: &Value, language: &str) -> String {
    format::shown(field, value, language).into_owned()
}

//! Customer Profile: the data of the chosen customer that the visitor's role opens.

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

/// The fields of Customer Profile, each with the [`Place`] that has to be open to the visitor. The delivery term needs
/// Orders; currency and credit limit need prices; the payment term needs Due Payments (`docs/domain.md`, Roles).
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
    /// The lines of Customer Profile in order, each a label and a text. Empty fields are left out. Where the site
    /// knows roles, the last lines are the visitor's role, the days back and, if there is one, the last day of the
    /// access.
    ///
    /// # Errors
    /// [`ServiceError::SignedOut`] when the visitor is not admitted any more, [`ServiceError::Denied`] when no
    /// customer is chosen.
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
                let last =
                    client.valid_until.map(|last| (external_access::VALID_UNTIL.def.label, last.to_string()));
                lines.extend(last);
            }
            Ok(lines)
        })
        .await
    }
}

fn shown(field: &FieldDef, value: &Value, language: &str) -> String {
    format::shown(field, value, language).into_owned()
}

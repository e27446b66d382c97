//! The check with which each method of [`Visit`] begins, and choosing a customer.

use super::{Client, ClientCenter, Visit, Visitor, gate};
use crate::domain::codes::Place;
use crate::domain::entities::{external_access, user};
use crate::domain::model::format;
use crate::domain::model::history::HistoryAction;
use crate::domain::model::value::{RecordId, Value};
use crate::service::write::{self, WriteContext};
use crate::service::{ServiceError, auth};
use crate::storage::db::Session;

/// The visitor and the chosen customer, as judged at the beginning of a method.
pub(super) struct Present {
    /// The visitor.
    pub(super) visitor: Visitor,
    /// The chosen customer.
    pub(super) client: Client,
}

impl Visit {
    /// Chooses another of the visitor's customers, and returns the visitor. The visitor's next sign-in at this site
    /// chooses the same customer.
    ///
    /// # Errors
    /// [`ServiceError::SignedOut`] when the visitor is not admitted any more, [`ServiceError::Denied`] for a customer
    /// that is not one of the visitor's.
    pub async fn choose(&self, customer: RecordId) -> Result<Visitor, ServiceError> {
        self.recording_refusals(async {
            let mut tx = self.db.begin().await?;
            let visitor = self.by_now(&mut tx).await?;
            let Some(client) = visitor.clients.iter().find(|client| client.customer.id == customer) else {
                let sentence = "You have no access to this customer; choose one of those offered.";
                return Err(ServiceError::Denied(sentence.to_owned()));
            };
            let (site, user) = (visitor.center.site.id, self.token.user);
            let noted = async {
                super::note_choice(&mut tx, &self.world, user, site, client, None).await?;
                Ok(tx.commit().await?)
            };
            write::unless_read_only(noted.await)?;
            let client = Some(client.clone());
            Ok(Visitor { client, ..visitor })
        })
        .await
    }

    /// The visitor as judged now. Customers, roles and days back may have changed since the sign-in.
    ///
    /// # Errors
    /// [`ServiceError::SignedOut`] when the visitor is not admitted any more, or has no access to the chosen customer
    /// any more.
    pub async fn current(&self) -> Result<Visitor, ServiceError> {
        let mut conn = self.db.read().await?;
        match self.who.client {
            Some(_) => Ok(self.at(&mut conn, Place::Home).await?.visitor),
            None => self.by_now(&mut conn).await,
        }
    }

    /// The visitor as judged now. Of the stored visit it uses session token, site and chosen customer, and judges each
    /// again; `client` is `None` when the chosen customer is not open to the visitor any more.
    async fn by_now(&self, s: &mut Session) -> Result<Visitor, ServiceError> {
        let site = self.who.center.site.id;
        let (principal, site) = auth::principal_and_site(s, &self.world, &self.token, site).await?;
        let Some(site) = site.filter(|site| site.active) else {
            return Err(ServiceError::SignedOut(gate::CLOSED.to_owned()));
        };
        let center = ClientCenter::of(&site);
        let judged = gate::judge(s, &self.world, self.token.user, site, &principal.language).await?;
        let clients = judged.map_err(|code| {
            ServiceError::SignedOut(format!("Your account is not active here any more (error {code})."))
        })?;
        let chosen = self.who.client.as_ref().map(|client| client.customer.id);
        let client = clients.iter().find(|client| Some(client.customer.id) == chosen).cloned();
        let (login, name, language) = (principal.login, principal.name, principal.language);
        Ok(Visitor { login, name, language, center, clients, client })
    }

    /// The visitor and the chosen customer as judged now.
    ///
    /// # Errors
    /// [`ServiceError::SignedOut`] when the visitor is not admitted any more, [`ServiceError::Denied`] when no
    /// customer is chosen or the visitor's role does not open `place`.
    pub(super) async fn at(&self, s: &mut Session, place: Place) -> Result<Present, ServiceError> {
        let visitor = self.by_now(s).await?;
        let Some(client) = visitor.client.clone() else {
            return Err(match &self.who.client {
                None => ServiceError::Denied("Choose a customer first.".to_owned()),
                Some(Client { customer, .. }) => ServiceError::SignedOut(format!(
                    "Your access to {} has ended; sign in again to go on.",
                    customer.shown
                )),
            });
        };
        if place.is_open_to(client.role) {
            return Ok(Present { visitor, client });
        }
        let sentence = match client.role {
            None => format!("This Client Center has no {}.", place.label()),
            Some(role) => {
                let role = Value::Code(role.code());
                let role = format::shown(&external_access::ROLE.def, &role, &visitor.language);
                format!("{} is not open to the role {role}.", place.label())
            }
        };
        Err(ServiceError::Denied(sentence))
    }

    /// Awaits `step`, and records a refusal in the history of the visitor's user (`docs/promises.md`, 9). It stays a
    /// refusal when that fails, which the log then says.
    pub(super) async fn recording_refusals<T>(
        &self,
        step: impl Future<Output = Result<T, ServiceError>>,
    ) -> Result<T, ServiceError> {
        let result = step.await;
        let why = match &result {
            // `NotFound` too: it is the answer for the records of another customer.
            Err(refused @ (ServiceError::Denied(_) | ServiceError::NotFound)) => Some(refused.to_string()),
            Err(refused) => refused.forbids().map(str::to_owned),
            Ok(_) => None,
        };
        if let Some(why) = why
            && let Err(error) = self.write_refusal(&why).await
        {
            tracing::warn!("a refusal could not be written into history: {error}");
        }
        result
    }

    async fn write_refusal(&self, why: &str) -> Result<(), ServiceError> {
        let mut tx = self.db.begin().await?;
        let principal = auth::principal(&mut tx, &self.world, &self.token).await?;
        let context = WriteContext::new(&self.world, &principal.login, &principal.language);
        write::note(&mut tx, &context, &user::USER, self.token.user, HistoryAction::Refused, why).await?;
        write::commit(tx, &self.db, &context, "Refused").await
    }
}

//! A console whose connection to the service can break.

use std::sync::{Arc, Mutex};

use ccdesk::domain::account_request::Source;
use ccdesk::service::ServiceError;
use ccdesk::service::api::{BackOfficeRequest, Reply, Request, ServiceSession};
use ccdesk::service::back_office::SiteChoice;
use ccdesk::tui::console::Console;
use ccdesk::tui::runtime::Answer;
use ccdesk::tui::screens;
use ccdesk::tui::testing::Harness;

use crate::company::{Company, OPERATOR, SCREEN, origin, theme};

/// When a request is lost.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lost {
    /// On the way to the service, which never hears of it.
    Request,
    /// On the way back: the service has carried it out.
    Answer,
}

/// Which requests are lost, when, and what the console is answered.
struct Fault {
    concerns: fn(&BackOfficeRequest) -> bool,
    lost: Lost,
    error: ServiceError,
}

/// The connection between the console and the service.
#[derive(Clone, Default)]
pub struct Line(Arc<Mutex<Option<Fault>>>);

impl Line {
    /// A console of an operator over the demo company, and its connection, which works.
    pub async fn of(company: &Company) -> (Harness<Unreliable>, Self) {
        let back_office = company.back_office(OPERATOR).await;
        let mut console = Console::new(screens::open, theme(), "acme.db");
        console.sign_in(back_office.who.clone());
        let session = ServiceSession::of_operator(back_office, origin(), Source::Console);
        let line = Self::default();
        let service = Unreliable { session, line: line.clone() };
        (Harness::new(console, Arc::new(service), SCREEN.0, SCREEN.1), line)
    }

    /// From now on these requests do not reach the service.
    pub fn breaks(&self, error: impl Into<ServiceError>, concerns: fn(&BackOfficeRequest) -> bool) {
        self.set(Some(Fault { concerns, lost: Lost::Request, error: error.into() }));
    }

    /// From now on these requests are carried out, and their answers do not reach the console.
    pub fn loses_answers(&self, error: impl Into<ServiceError>, concerns: fn(&BackOfficeRequest) -> bool) {
        self.set(Some(Fault { concerns, lost: Lost::Answer, error: error.into() }));
    }

    /// From now on everything is answered.
    pub fn works(&self) {
        self.set(None);
    }

    fn set(&self, fault: Option<Fault>) {
        *self.0.lock().expect("one at a time") = fault;
    }

    fn fault(&self, request: &Request) -> Option<(Lost, ServiceError)> {
        let Request::BackOffice(request) = request else { return None };
        let fault = self.0.lock().expect("one at a time");
        let fault = fault.as_ref().filter(|fault| (fault.concerns)(request))?;
        Some((fault.lost, fault.error.clone()))
    }
}

/// The service by way of a [`Line`].
pub struct Unreliable {
    session: ServiceSession,
    line: Line,
}

impl Answer for Unreliable {
    async fn answer(&self, request: Request) -> Result<Reply, ServiceError> {
        match self.line.fault(&request) {
            None => self.session.answer(request).await,
            Some((lost, error)) => {
                if lost == Lost::Answer {
                    self.session.answer(request).await?;
                }
                Err(error)
            }
        }
    }

    fn choose_site(&self, site: &SiteChoice) {
        self.session.choose_site(site);
    }
}

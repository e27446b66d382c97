//! Carries out what the console asks of the service: the only caller of it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::{AbortHandle, JoinError, JoinSet};
use tokio::time::timeout;

use crate::service::ServiceError;
use crate::service::api::{Reply, Request, ServiceSession};
use crate::service::auth::SiteChoice;
use crate::tui::message::{LayerId, Slot, Ticket, When};

/// Whoever answers requests: a session of the service, or a script in a test.
pub trait Answer: Send + Sync + 'static {
    /// Answers one request.
    ///
    /// # Errors
    /// As the service says.
    fn answer(&self, request: Request) -> impl Future<Output = Result<Reply, ServiceError>> + Send;

    /// From now on users are judged at this site.
    fn choose_site(&self, site: &SiteChoice);
}

impl Answer for ServiceSession {
    async fn answer(&self, request: Request) -> Result<Reply, ServiceError> {
        self.answer(request).await
    }

    fn choose_site(&self, site: &SiteChoice) {
        self.choose_site(site);
    }
}

/// Requests under way.
///
/// A newer read of a slot replaces the older one, which is aborted; a write is never aborted.
pub struct Runtime<A> {
    service: Arc<A>,
    tasks: JoinSet<(Ticket, Result<Reply, ServiceError>)>,
    reads: HashMap<(LayerId, Slot), AbortHandle>,
    /// How long a question waits for a newer one of its slot ([`When::AfterPause`]).
    pause: Duration,
    /// Ends the waiting.
    hurry: Arc<Notify>,
}

impl<A: Answer> Runtime<A> {
    /// With nothing under way. A question that waits for a pause in the typing waits so long.
    pub fn new(service: Arc<A>, pause: Duration) -> Self {
        let hurry = Arc::new(Notify::new());
        Self { service, tasks: JoinSet::new(), reads: HashMap::new(), pause, hurry }
    }

    /// Begins to answer. Needs a tokio runtime around it.
    pub fn run(&mut self, ticket: Ticket, request: Request, when: When) {
        let service = Arc::clone(&self.service);
        let is_write = request.is_write();
        let waits = (when == When::AfterPause && !self.pause.is_zero())
            .then(|| (self.pause, Arc::clone(&self.hurry)));
        let task = self.tasks.spawn(async move {
            if let Some((pause, hurry)) = waits {
                // Either way it is time.
                drop(timeout(pause, hurry.notified()).await);
            }
            (ticket, service.answer(request).await)
        });
        if !is_write && let Some(older) = self.reads.insert((ticket.layer, ticket.slot), task) {
            older.abort();
        }
    }

    /// Puts the questions that wait for a pause to the service now.
    pub fn hurry(&self) {
        self.hurry.notify_waiters();
    }

    /// Gives up the reads of a layer that is closed.
    pub fn forget(&mut self, layer: LayerId) {
        for (_, read) in self.reads.extract_if(|(asked_by, _), _| *asked_by == layer) {
            read.abort();
        }
    }

    /// From now on users are judged at this site.
    pub fn choose_site(&self, site: &SiteChoice) {
        self.service.choose_site(site);
    }

    /// How many answers are still to come.
    pub fn outstanding(&self) -> usize {
        self.tasks.len()
    }

    /// The next answer; waits for ever when nothing is under way. Nothing is lost when it is dropped half-way.
    ///
    /// # Panics
    /// When answering panicked: the console must not go on as if nothing had happened.
    pub async fn next(&mut self) -> (Ticket, Result<Reply, ServiceError>) {
        loop {
            match self.tasks.join_next().await {
                Some(joined) => {
                    if let Some(answered) = finished(joined) {
                        return answered;
                    }
                }
                None => std::future::pending().await,
            }
        }
    }

    /// The next answer, or `None` once nothing is under way.
    ///
    /// # Panics
    /// As [`Runtime::next`].
    pub async fn next_outstanding(&mut self) -> Option<(Ticket, Result<Reply, ServiceError>)> {
        while let Some(joined) = self.tasks.join_next().await {
            if let Some(answered) = finished(joined) {
                return Some(answered);
            }
        }
        None
    }

    /// Gives up all reads and waits for the writes under way.
    pub async fn finish(&mut self) {
        for (_, read) in self.reads.drain() {
            read.abort();
        }
        while self.tasks.join_next().await.is_some() {}
    }
}

/// The answer of a task that was not aborted.
fn finished<T>(joined: Result<T, JoinError>) -> Option<T> {
    match joined {
        Ok(answered) => Some(answered),
        Err(error) if error.is_cancelled() => None,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use tokio::sync::Notify;

    use super::*;
    use crate::domain::entities::user::USER;
    use crate::domain::model::query::ListQuery;
    use crate::domain::model::record::Draft;
    use crate::service::api::Question;
    use crate::service::api::back_office::{Count, Save};
    use crate::service::api::sign_in::{OperatorsExist, SignOut};

    /// Answers at once what is asked about the session, and everything else when it is told to go on.
    #[derive(Default)]
    struct Slow {
        go_on: Notify,
        done: Mutex<Vec<Request>>,
    }

    impl Answer for Slow {
        async fn answer(&self, request: Request) -> Result<Reply, ServiceError> {
            if !matches!(request, Request::SignIn(_)) {
                self.go_on.notified().await;
            }
            self.done.lock().unwrap().push(request);
            Ok(OperatorsExist::reply(true))
        }

        fn choose_site(&self, _: &SiteChoice) {}
    }

    fn ticket(slot: Slot, serial: u64) -> Ticket {
        Ticket { layer: LayerId(1), slot, serial }
    }

    fn count() -> Request {
        Count { query: ListQuery::all(&USER) }.into()
    }

    fn save() -> Request {
        Save { draft: Draft::new(&USER), confirmed: false }.into()
    }

    #[tokio::test]
    async fn a_newer_read_takes_the_place_of_the_older() {
        let mut runtime = Runtime::new(Arc::new(Slow::default()), Duration::ZERO);
        runtime.run(ticket(Slot::Count(0), 1), count(), When::Now);
        runtime.run(ticket(Slot::Count(0), 2), OperatorsExist {}.into(), When::Now);
        let answered = runtime.next_outstanding().await.map(|(ticket, _)| ticket.serial);
        assert_eq!(answered, Some(2));
        assert!(runtime.next_outstanding().await.is_none());
    }

    #[tokio::test]
    async fn a_write_under_way_is_neither_replaced_nor_forgotten() {
        let service = Arc::new(Slow::default());
        let mut runtime = Runtime::new(Arc::clone(&service), Duration::ZERO);
        runtime.run(ticket(Slot::Write, 1), save(), When::Now);
        runtime.run(ticket(Slot::Write, 2), SignOut {}.into(), When::Now);
        runtime.run(ticket(Slot::Record, 3), count(), When::Now);
        runtime.forget(LayerId(1));
        assert_eq!(runtime.next().await.0.serial, 2);
        service.go_on.notify_one();
        runtime.finish().await;
        assert_eq!(*service.done.lock().unwrap(), [SignOut {}.into(), save()]);
        assert_eq!(runtime.outstanding(), 0);
    }
}

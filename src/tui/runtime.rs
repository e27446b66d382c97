//! Carries out what the console asks of the service: the only caller of it.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::task::{AbortHandle, JoinError, JoinSet};

use crate::service::ServiceError;
use crate::service::auth::SiteChoice;
use crate::tui::message::{LayerId, Reply, Request, Slot, Ticket};

/// Whoever answers requests: the service, or a script in a test.
pub trait Answer: Send + Sync + 'static {
    /// Answers one request.
    ///
    /// # Errors
    /// As the service says.
    fn answer(&self, request: Request) -> impl Future<Output = Result<Reply, ServiceError>> + Send;

    /// From now on users are judged at this site.
    fn move_to(&self, site: &SiteChoice);
}

/// Requests under way.
///
/// A newer read of a slot replaces the older one, which is aborted; a write is never aborted.
pub struct Runtime<A> {
    service: Arc<A>,
    tasks: JoinSet<(Ticket, Result<Reply, ServiceError>)>,
    reads: HashMap<(LayerId, Slot), AbortHandle>,
}

impl<A: Answer> Runtime<A> {
    /// With nothing under way.
    pub fn new(service: Arc<A>) -> Self {
        Self { service, tasks: JoinSet::new(), reads: HashMap::new() }
    }

    /// Begins to answer. Needs a tokio runtime around it.
    pub fn run(&mut self, ticket: Ticket, request: Request) {
        let service = Arc::clone(&self.service);
        let task = self.tasks.spawn(async move { (ticket, service.answer(request).await) });
        if ticket.slot != Slot::Write
            && let Some(older) = self.reads.insert((ticket.layer, ticket.slot), task)
        {
            older.abort();
        }
    }

    /// Gives up the reads of a layer that is closed.
    pub fn forget(&mut self, layer: LayerId) {
        for (_, read) in self.reads.extract_if(|(asked_by, _), _| *asked_by == layer) {
            read.abort();
        }
    }

    /// From now on users are judged at this site.
    pub fn move_to(&self, site: &SiteChoice) {
        self.service.move_to(site);
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

    /// Answers `Begin` at once, and everything else when it is told to go on.
    #[derive(Default)]
    struct Slow {
        go_on: Notify,
        done: Mutex<Vec<Request>>,
    }

    impl Answer for Slow {
        async fn answer(&self, request: Request) -> Result<Reply, ServiceError> {
            if request != Request::Begin {
                self.go_on.notified().await;
            }
            self.done.lock().unwrap().push(request);
            Ok(Reply::Begin { operators_exist: true })
        }

        fn move_to(&self, _: &SiteChoice) {}
    }

    fn ticket(slot: Slot, serial: u64) -> Ticket {
        Ticket { layer: LayerId(1), slot, serial }
    }

    #[tokio::test]
    async fn a_newer_read_takes_the_place_of_the_older() {
        let mut runtime = Runtime::new(Arc::new(Slow::default()));
        runtime.run(ticket(Slot::Count(0), 1), Request::Count(ListQuery::all(&USER)));
        runtime.run(ticket(Slot::Count(0), 2), Request::Begin);
        let answered = runtime.next_outstanding().await.map(|(ticket, _)| ticket.serial);
        assert_eq!(answered, Some(2));
        assert!(runtime.next_outstanding().await.is_none());
    }

    #[tokio::test]
    async fn a_write_under_way_is_neither_replaced_nor_forgotten() {
        let service = Arc::new(Slow::default());
        let mut runtime = Runtime::new(Arc::clone(&service));
        runtime.run(ticket(Slot::Write, 1), Request::Sites);
        runtime.run(ticket(Slot::Write, 2), Request::Begin);
        runtime.run(ticket(Slot::Record, 3), Request::Count(ListQuery::all(&USER)));
        runtime.forget(LayerId(1));
        assert_eq!(runtime.next().await.0.serial, 2);
        service.go_on.notify_one();
        runtime.finish().await;
        assert_eq!(*service.done.lock().unwrap(), [Request::Begin, Request::Sites]);
        assert_eq!(runtime.outstanding(), 0);
    }
}

//! The runtime: carries out the console's requests. Nothing else calls the service.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::{AbortHandle, JoinError, JoinSet};
use tokio::time::timeout;

use crate::service::ServiceError;
use crate::service::api::{Reply, Request, ServiceSession};
use crate::service::back_office::SiteChoice;
use crate::tui::message::{LayerId, Slot, Ticket, When};

/// Something that answers requests: a session of the service, or a script in a test.
pub trait Answer: Send + Sync + 'static {
    /// Answers one request.
    ///
    /// # Errors
    /// The service's error, when the request is refused or could not be carried out.
    fn answer(&self, request: Request) -> impl Future<Output = Result<Reply, ServiceError>> + Send;

    /// Judges users at this site from now on.
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

/// How long aborted tasks may take to end. A task that takes longer is left running.
const ABORT: Duration = Duration::from_millis(250);

/// The outcome of a write that was under way when the console ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WriteOutcome {
    /// It was carried out.
    Saved,
    /// It was not carried out; this sentence says why.
    NotSaved(String),
    /// Not known: the connection was lost at the commit.
    Unknown(String),
    /// It was given up before it was answered.
    GivenUp,
    /// It could not be aborted: it may run to the end of the program.
    LeftBehind,
}

impl WriteOutcome {
    fn of(answer: Result<Reply, ServiceError>) -> Self {
        match answer {
            Ok(_) => Self::Saved,
            Err(error) if error.is_outcome_unknown() => Self::Unknown(error.to_string()),
            Err(error) => Self::NotSaved(error.to_string()),
        }
    }
}

/// Requests under way.
///
/// A newer read of a slot aborts the older one. A write is aborted by [`Runtime::finish`] alone.
pub struct Runtime<A> {
    service: Arc<A>,
    tasks: JoinSet<(Ticket, Result<Reply, ServiceError>)>,
    reads: HashMap<(LayerId, Slot), AbortHandle>,
    /// The writes that are not answered yet, and for each whether it saves something that was typed or decided. The
    /// outcome of the others, such as a sign-in, is not reported when the console ends.
    writes: HashMap<Ticket, bool>,
    /// How long a question with [`When::AfterPause`] waits for a newer one of its slot.
    pause: Duration,
    /// Ends that waiting early.
    hurry: Arc<Notify>,
}

impl<A: Answer> Runtime<A> {
    /// A runtime with no request under way. `pause` is how long a question with [`When::AfterPause`] waits.
    pub fn new(service: Arc<A>, pause: Duration) -> Self {
        let (reads, writes, hurry) = (HashMap::new(), HashMap::new(), Arc::new(Notify::new()));
        Self { service, tasks: JoinSet::new(), reads, writes, pause, hurry }
    }

    /// Starts a request. Must be called within a tokio runtime.
    pub fn run(&mut self, ticket: Ticket, request: Request, when: When) {
        let service = Arc::clone(&self.service);
        let is_write = request.is_write();
        if is_write {
            self.writes.insert(ticket, request.saves());
        }
        // Made here and not in the task, which may not have run yet when `hurry` is called.
        let pause = (when == When::AfterPause && !self.pause.is_zero())
            .then(|| timeout(self.pause, Arc::clone(&self.hurry).notified_owned()));
        let task = self.tasks.spawn(async move {
            if let Some(pause) = pause {
                // The pause is over or was cut short.
                drop(pause.await);
            }
            (ticket, service.answer(request).await)
        });
        if !is_write && let Some(older) = self.reads.insert((ticket.layer, ticket.slot), task) {
            older.abort();
        }
    }

    /// Asks the service now what waits for a pause in typing.
    pub fn hurry(&self) {
        self.hurry.notify_waiters();
    }

    /// Aborts the reads of a layer that was closed.
    pub fn forget(&mut self, layer: LayerId) {
        for (_, read) in self.reads.extract_if(|(asked_by, _), _| *asked_by == layer) {
            read.abort();
        }
    }

    /// Judges users at this site from now on.
    pub fn choose_site(&self, site: &SiteChoice) {
        self.service.choose_site(site);
    }

    /// The number of requests that are not answered yet.
    pub fn outstanding(&self) -> usize {
        self.tasks.len()
    }

    /// The number of writes that are not answered yet.
    pub fn outstanding_writes(&self) -> usize {
        self.writes.len()
    }

    /// The next answer; waits for ever when nothing is under way. Cancel safe: nothing is lost when the future is
    /// dropped.
    ///
    /// # Panics
    /// When the task that answers has panicked: the console must not go on as if nothing had happened.
    pub async fn next(&mut self) -> (Ticket, Result<Reply, ServiceError>) {
        match self.next_outstanding().await {
            Some(answered) => answered,
            None => std::future::pending().await,
        }
    }

    /// The next answer, or `None` once nothing is under way.
    ///
    /// # Panics
    /// As [`Runtime::next`].
    pub async fn next_outstanding(&mut self) -> Option<(Ticket, Result<Reply, ServiceError>)> {
        while let Some(joined) = self.tasks.join_next().await {
            if let Some((ticket, answer)) = finished(joined) {
                self.writes.remove(&ticket);
                return Some((ticket, answer));
            }
        }
        None
    }

    /// Ends all requests: aborts the reads, waits up to `patience` for the writes, then aborts those too. Returns the
    /// outcome of each write that saves. Takes at most a quarter of a second more than `patience`.
    pub async fn finish(&mut self, patience: Duration) -> Vec<WriteOutcome> {
        let mut outcomes = Vec::new();
        // What is left after this is aborted; what does not end even then is left running.
        let _ = timeout(patience, self.writes_answered(&mut outcomes)).await;
        self.tasks.abort_all();
        let have_ended = timeout(ABORT, self.ended(&mut outcomes)).await.is_ok();
        let given_up = || if have_ended { WriteOutcome::GivenUp } else { WriteOutcome::LeftBehind };
        outcomes.extend(self.writes.drain().filter(|(_, saves)| *saves).map(|_| given_up()));
        outcomes
    }

    /// Aborts all reads, waits until the writes are answered, and adds the outcome of each to `outcomes`. Cancel
    /// safe: nothing is lost when the future is dropped.
    pub async fn writes_answered(&mut self, outcomes: &mut Vec<WriteOutcome>) {
        for (_, read) in self.reads.drain() {
            read.abort();
        }
        while !self.writes.is_empty()
            && let Some(joined) = self.tasks.join_next().await
        {
            outcomes.extend(self.outcome(joined));
        }
    }

    /// Waits until nothing is under way.
    async fn ended(&mut self, outcomes: &mut Vec<WriteOutcome>) {
        while let Some(joined) = self.tasks.join_next().await {
            outcomes.extend(self.outcome(joined));
        }
    }

    /// The outcome of a write that saves, from its ended task; `None` for other requests. A task that panicked counts
    /// as given up.
    fn outcome(
        &mut self,
        joined: Result<(Ticket, Result<Reply, ServiceError>), JoinError>,
    ) -> Option<WriteOutcome> {
        let (ticket, answer) = joined.ok()?;
        self.writes.remove(&ticket).filter(|saves| *saves).map(|_| WriteOutcome::of(answer))
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
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Notify;
    use tokio::time::Instant;
    use uuid::Uuid;

    use super::*;
    use crate::domain::entities::user::USER;
    use crate::domain::model::history::OperationId;
    use crate::domain::model::query::ListQuery;
    use crate::domain::model::record::Draft;
    use crate::service::api::back_office::{Count, Save};
    use crate::service::api::sign_in::{OperatorsExist, SignOut, Unlock};
    use crate::service::api::{Question, SignInRequest};
    use crate::service::auth::Secret;
    use crate::storage::error::StorageError;

    /// A service that answers questions about the session at once, and everything else once it is released.
    #[derive(Default)]
    struct Slow {
        go_on: Notify,
        done: Mutex<Vec<Request>>,
    }

    impl Answer for Slow {
        async fn answer(&self, request: Request) -> Result<Reply, ServiceError> {
            let is_quick = matches!(
                request,
                Request::SignIn(SignInRequest::OperatorsExist(_) | SignInRequest::SignOut(_))
            );
            if !is_quick {
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
        Save { draft: Draft::new(&USER), confirmed: false, reason: None }.into()
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
        let outcomes = runtime.finish(Duration::from_secs(60)).await;
        assert_eq!(outcomes, [WriteOutcome::Saved]);
        assert_eq!(*service.done.lock().unwrap(), [SignOut {}.into(), save()]);
        assert_eq!(runtime.outstanding(), 0);
    }

    #[tokio::test]
    async fn promise_32_a_write_that_is_not_answered_is_given_up_when_patience_ends() {
        let service = Arc::new(Slow::default());
        let mut runtime = Runtime::new(Arc::clone(&service), Duration::ZERO);
        runtime.run(ticket(Slot::Write, 1), save(), When::Now);
        runtime.run(ticket(Slot::Write, 2), Unlock { password: Secret::default() }.into(), When::Now);
        runtime.run(ticket(Slot::Record, 3), count(), When::Now);
        assert_eq!(runtime.outstanding_writes(), 2);
        let outcomes = runtime.finish(Duration::ZERO).await;
        assert_eq!(outcomes, [WriteOutcome::GivenUp], "unlocking is worth no word");
        assert!(service.done.lock().unwrap().is_empty());
        assert_eq!((runtime.outstanding(), runtime.outstanding_writes()), (0, 0));
    }

    #[test]
    fn what_is_not_known_is_never_called_not_saved() {
        let of = |error: StorageError| WriteOutcome::of(Err(error.into()));
        assert!(matches!(of(StorageError::CommitUnknown), WriteOutcome::Unknown(_)));
        assert!(matches!(of(StorageError::NotCommitted), WriteOutcome::NotSaved(_)));
        let operation = OperationId(Uuid::from_u128(7));
        let WriteOutcome::Unknown(sentence) = WriteOutcome::of(Err(ServiceError::OutcomeUnknown(operation)))
        else {
            panic!("it may have been saved");
        };
        assert!(sentence.contains(&operation.to_string()), "{sentence}");
        assert!(matches!(of(StorageError::Busy), WriteOutcome::NotSaved(_)));
        assert_eq!(WriteOutcome::of(Ok(SignOut::reply(()))), WriteOutcome::Saved);
    }

    /// A service that answers everything at once.
    #[derive(Default)]
    struct Quick {
        heard: AtomicUsize,
    }

    impl Answer for Quick {
        async fn answer(&self, _: Request) -> Result<Reply, ServiceError> {
            self.heard.fetch_add(1, Ordering::SeqCst);
            Ok(Count::reply(0))
        }

        fn choose_site(&self, _: &SiteChoice) {}
    }

    const PAUSE: Duration = Duration::from_millis(150);

    #[tokio::test(start_paused = true)]
    async fn a_question_after_a_pause_in_typing_is_sent_when_the_pause_is_over() {
        let service = Arc::new(Quick::default());
        let mut runtime = Runtime::new(Arc::clone(&service), PAUSE);
        let begun = Instant::now();
        runtime.run(ticket(Slot::Codes, 1), count(), When::AfterPause);
        let too_early = timeout(PAUSE - Duration::from_millis(1), runtime.next()).await;
        assert!(too_early.is_err());
        assert_eq!(service.heard.load(Ordering::SeqCst), 0, "it is not even asked");
        assert_eq!(runtime.next().await.0.serial, 1);
        assert_eq!(begun.elapsed(), PAUSE);
    }

    #[tokio::test(start_paused = true)]
    async fn of_the_questions_asked_while_somebody_types_the_service_hears_the_last() {
        let service = Arc::new(Quick::default());
        let mut runtime = Runtime::new(Arc::clone(&service), PAUSE);
        for serial in 1..=5 {
            runtime.run(ticket(Slot::Codes, serial), count(), When::AfterPause);
            assert!(timeout(PAUSE / 2, runtime.next()).await.is_err(), "each letter begins a new pause");
        }
        assert_eq!(runtime.next_outstanding().await.map(|(ticket, _)| ticket.serial), Some(5));
        assert!(runtime.next_outstanding().await.is_none());
        assert_eq!(service.heard.load(Ordering::SeqCst), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn promise_33_what_waits_for_a_pause_is_sent_at_once_when_keys_wait_for_its_answer() {
        let mut runtime = Runtime::new(Arc::new(Quick::default()), PAUSE);
        let begun = Instant::now();
        runtime.run(ticket(Slot::Codes, 1), count(), When::AfterPause);
        assert!(timeout(PAUSE / 3, runtime.next()).await.is_err());
        runtime.hurry();
        assert_eq!(runtime.next().await.0.serial, 1);
        assert_eq!(begun.elapsed(), PAUSE / 3);

        runtime.run(ticket(Slot::Codes, 2), count(), When::AfterPause);
        runtime.hurry();
        assert_eq!(runtime.next().await.0.serial, 2);
        assert_eq!(begun.elapsed(), PAUSE / 3, "also when its task has not run yet");

        runtime.run(ticket(Slot::Codes, 3), count(), When::AfterPause);
        assert_eq!(runtime.next().await.0.serial, 3);
        assert_eq!(begun.elapsed(), PAUSE / 3 + PAUSE, "a later question waits again");
    }
}

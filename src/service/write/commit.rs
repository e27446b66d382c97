//! Carrying out a transaction: its commit, found out about where the answer is lost, and again where the database undid it.

use crate::domain::model::history::OperationId;
use crate::service::ServiceError;
use crate::service::write::WriteContext;
use crate::storage::db::{Db, Engine, Tx};
use crate::storage::error::StorageError;
use crate::storage::operations::OperationHead;
use crate::storage::{history, operations};

/// How often a step is carried out that the database rolls back for the sake of others.
const MOST_ATTEMPTS: usize = 4;

/// Carries out a step that writes one transaction, and again from its beginning when the database rolled it back for the
/// sake of another one (a deadlock), or because the tables were changed since a statement was prepared. The step begins
/// the transaction, and a new operation, itself.
///
/// # Errors
/// Those of the step; of the last one when the database rolls it back four times.
pub(in crate::service) async fn repeated<T, F>(mut step: impl FnMut() -> F) -> Result<T, ServiceError>
where
    F: Future<Output = Result<T, ServiceError>>,
{
    let mut left = MOST_ATTEMPTS;
    loop {
        left -= 1;
        // Boxed, because it is large and every future around it would be as large.
        match Box::pin(step()).await {
            Err(ServiceError::Storage(error)) if left > 0 && error.asks_to_repeat() => {}
            done => return done,
        }
    }
}

/// The result of recording something, where a database that can only be read does without.
pub(in crate::service) fn unless_read_only(recorded: Result<(), ServiceError>) -> Result<(), ServiceError> {
    match recorded {
        Err(ServiceError::Storage(error)) if *error == StorageError::ReadOnly => Ok(()),
        recorded => recorded,
    }
}

/// Records the context's operation with its purpose, one line in plain words, and commits its transaction
/// ([`commit_all`]).
///
/// # Errors
/// As [`commit_all`].
pub(in crate::service) async fn commit(
    tx: Tx,
    db: &Db,
    context: &WriteContext<'_>,
    purpose: &str,
) -> Result<(), ServiceError> {
    let head = OperationHead { at: context.now, login: context.login, purpose, undoes: None };
    commit_all(tx, db, &[context.operation], &head).await
}

/// Records operations that were written at the same time for the same purpose, and commits the transaction of all of them.
/// When the answer to the commit is lost, the database is asked whether the first operation was written
/// (`docs/promises.md`, 32): a commit that is still under way is waited for.
///
/// # Errors
/// [`ServiceError::OutcomeUnknown`] when the database cannot be asked; after any other, nothing was written.
pub(in crate::service) async fn commit_all(
    mut tx: Tx,
    db: &Db,
    written: &[OperationId],
    head: &OperationHead<'_>,
) -> Result<(), ServiceError> {
    operations::record(&mut tx, written, head).await?;
    let Some(&operation) = written.first() else { return Ok(tx.commit().await?) };
    // Boxed, as above.
    db.commit_of(operation, Box::pin(confirmed(tx, db, operation))).await
}

async fn confirmed(tx: Tx, db: &Db, operation: OperationId) -> Result<(), ServiceError> {
    match tx.commit().await {
        // SQLite has rolled back here what it may find in its log when the file is opened again.
        Err(StorageError::CommitUnknown) if db.engine() == Engine::Sqlite => {
            Err(ServiceError::OutcomeUnknown(operation))
        }
        Err(StorageError::CommitUnknown) => match db.count_unanswered(is_written(db, operation)).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(StorageError::NotCommitted.into()),
            Err(_) => Err(ServiceError::OutcomeUnknown(operation)),
        },
        done => Ok(done?),
    }
}

async fn is_written(db: &Db, operation: OperationId) -> Result<bool, StorageError> {
    let mut tx = db.begin().await?;
    history::is_written(&mut tx, operation).await
}

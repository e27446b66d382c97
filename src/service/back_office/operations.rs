//! The history of all records, by operation (`docs/domain.md`, History).

use crate::domain::model::history::{
    HistorySeq, NumberedEntry, OperationCursor, OperationFilter, OperationId, OperationPage,
};
use crate::service::ServiceError;
use crate::service::back_office::BackOffice;
use crate::storage::{history, operations};

impl BackOffice {
    /// The operations that the filter selects, newest first: at most `limit`, and only those before `after`
    /// ([`OperationPage::more_before`]) if given.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn operations(
        &self,
        filter: &OperationFilter,
        after: Option<OperationCursor>,
        limit: usize,
    ) -> Result<OperationPage, ServiceError> {
        let mut conn = self.read().await?;
        Ok(operations::page(&mut conn, filter, after, limit).await?)
    }

    /// The entries of an operation in the order of writing: at most `limit`, and only those after the entry `after`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn entries_of_operation(
        &self,
        operation: OperationId,
        after: HistorySeq,
        limit: usize,
    ) -> Result<Vec<NumberedEntry>, ServiceError> {
        let mut conn = self.read().await?;
        Ok(history::page_of_operation(&mut conn, operation, after, limit).await?)
    }
}

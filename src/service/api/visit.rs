//! What a visitor of a Client Center asks.

use super::question::questions;
use super::session::ServiceSession;
use crate::domain::model::query::{ListQuery, Page, PageCursor};
use crate::domain::model::value::RecordId;
use crate::service::ServiceError;
use crate::service::client_center::{FoundUser, Managing, Visit, Visitor};

async fn choose(
    session: &ServiceSession,
    visit: &Visit,
    customer: RecordId,
) -> Result<Box<Visitor>, ServiceError> {
    let visitor = visit.choose(customer).await?;
    session.visitor_chose(&visit.token, visitor.clone());
    Ok(Box::new(visitor))
}

async fn current(visit: &Visit) -> Result<Box<Visitor>, ServiceError> {
    visit.current().await.map(Box::new)
}

questions! {
    /// A question of a visitor of a Client Center.
    VisitRequest -> VisitReply, asked of (session: &ServiceSession, visit: &Visit);

    /// A page of User Management: the accesses to the customer that was chosen.
    read Rows {
        /// The list, of columns that User Management shows.
        query: ListQuery,
        /// Where the page begins.
        cursor: PageCursor,
        /// The most rows.
        limit: u16,
    } -> Page = |it| visit.rows(&it.query, &it.cursor, usize::from(it.limit));

    /// How many rows the list has.
    read Count {
        /// The list.
        query: ListQuery,
    } -> i64 = |it| visit.count(&it.query);

    /// The visitor as of now: customers, roles and days back may have changed since the sign-in.
    read CurrentVisitor {} -> Box<Visitor> = |_it| current(visit);

    /// The profile of the customer that was chosen: labels and texts.
    read Profile {} -> Vec<(&'static str, String)> = |_it| visit.profile();

    /// The user with exactly this e-mail.
    read FindUser {
        /// The e-mail as it was typed.
        email: String,
    } -> FoundUser = |it| visit.find_user(&it.email);

    /// Shows another of the visitor's customers, and remembers the choice.
    write ChooseCustomer {
        /// The customer.
        customer: RecordId,
    } -> Box<Visitor> = |it| choose(session, visit, it.customer);

    /// Adds, changes or ends an access in User Management.
    save ManageAccess {
        /// What is to be done.
        change: Managing,
        /// Whether the visitor has confirmed what this would ask about.
        confirmed: bool,
    } -> () = |it| visit.manage(&it.change, it.confirmed);
}

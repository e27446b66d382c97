//! A database that can only be read, such as a standby.

use std::sync::Arc;

use ccdesk::domain::entities::user;
use ccdesk::domain::model::record::Draft;
use ccdesk::domain::model::value::Value;
use ccdesk::service::ServiceError;
use ccdesk::storage::db::{Create, Db};
use ccdesk::storage::error::StorageError;

use crate::settings::set_default;
use crate::support::Store;
use crate::{Clock, PASSWORD, WRONG, add_operator, refused, signed_in, stored, told};

pub(crate) async fn a_database_that_can_only_be_read_lets_operators_in_to_look(store: Store) {
    let world = Clock::default().world();
    let admin = add_operator(&store.db, 1, "admin", true).await;
    let before = told(&store.db, admin).await;
    set_default(&store.db, "default_transaction_read_only = on").await;
    let db = Db::open(&store.url, Create::MustExist).await.expect("it can be read");
    assert_eq!(
        db.warnings(),
        ["This database can only be read: sign in and look, but nothing can be changed or recorded."]
    );
    let unknown = refused(&db, &world, "terminal", "nobody", PASSWORD).await;
    assert_eq!(refused(&db, &world, "terminal", "admin", WRONG).await, unknown);
    let back_office = signed_in(&db, &world, "terminal", "admin", PASSWORD).await;
    let mut draft = Draft::of(Arc::new(stored(&db, admin).await));
    draft.set(&user::PHONE_NUMBER.def, Value::text("555"));
    let saved = back_office.save(&draft, true).await;
    assert_eq!(saved, Err(ServiceError::from(StorageError::ReadOnly)));
    assert_eq!(told(&store.db, admin).await, before, "nothing was recorded");
}

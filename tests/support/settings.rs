//! Settings of a PostgreSQL database.

use ccdesk::storage::db::Db;

/// Changes a setting of the database for sessions that begin later, as in `deadlock_timeout = '1s'`.
pub(crate) async fn set_default(db: &Db, setting: &str) {
    let mut tx = db.begin().await.expect("a transaction");
    let alter = "SELECT format('ALTER DATABASE %I SET ', current_database())";
    let alter = tx.fetch_one(alter, vec![]).await.expect("a name").text(0).expect("a text") + setting;
    tx.execute("CREATE TEMPORARY TABLE alter (sentence TEXT) ON COMMIT DROP", vec![]).await.expect("a table");
    tx.execute("INSERT INTO alter VALUES ($1)", vec![alter.into()]).await.expect("a row");
    tx.execute("DO $$ BEGIN EXECUTE (SELECT sentence FROM alter); END $$", vec![]).await.expect("a setting");
    tx.commit().await.expect("kept");
}

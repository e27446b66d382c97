//! A password that was typed is looked for wherever something is kept.

use std::fs;
use std::path::Path;

use ccdesk::domain::account_request::Source;
use ccdesk::service::auth::{Secret, SignInOutcome, change_password, choose_password, unlock};
use ccdesk::service::back_office::requests::{AccountForm, create_account};
use ccdesk::service::back_office::{first_operator, open_without_password, sign_in};
use ccdesk::storage::db::{Db, Engine};

use crate::support::Store;
use crate::{form, origin, user_of, world};

/// In small letters only, so that it is found folded too.
const CANARY: &str = "kanarienvogel im stollen";

/// Every column of text in which the canary is.
const WHERE: &str = "
    WITH texts AS MATERIALIZED (
        SELECT table_name, column_name FROM information_schema.columns
         WHERE table_schema = current_schema() AND data_type = 'text')
    SELECT table_name || '.' || column_name FROM texts
     WHERE position('kanarienvogel' IN lower(query_to_xml(
               format('SELECT %I AS c FROM %I', column_name, table_name), TRUE, FALSE, '')::text)) > 0";

async fn found_in(db: &Db, url: &str) -> Vec<String> {
    match db.engine() {
        Engine::Postgres => {
            let rows =
                db.read().await.expect("a connection").fetch_all(WHERE, vec![]).await.expect("an answer");
            rows.iter().map(|row| row.text(0).expect("a name")).collect()
        }
        Engine::Sqlite => {
            let file = Path::new(url.strip_prefix("sqlite:").expect("an address"));
            let beside = fs::read_dir(file.parent().expect("a directory")).expect("readable");
            let files: Vec<_> = beside.map(|entry| entry.expect("readable").path()).collect();
            assert!(files.iter().any(|path| path.to_string_lossy().ends_with("-wal")), "{files:?}");
            let holds = |path: &Path| {
                let bytes = fs::read(path).expect("readable").to_ascii_lowercase();
                bytes.windows(13).any(|window| window == b"kanarienvogel")
            };
            files.iter().filter(|path| holds(path)).map(|path| path.display().to_string()).collect()
        }
    }
}

pub(crate) async fn promise_03_a_password_is_found_in_no_text_of_the_database(Store { db, url, .. }: Store) {
    let (world, origin) = (world(), origin());
    let secret = |text: &str| Secret::new(text.to_owned());
    let canary = secret(CANARY);
    let back_office =
        first_operator(&db, &world, "maria", "Maria Koleva", &canary).await.expect("the administrator");
    let entered = sign_in(&db, &world, &origin, "maria", &canary).await.expect("the right password");
    let SignInOutcome::Granted(maria) = entered else { panic!("a one-time code?") };
    let longer = secret("kanarienvogel im blauen Stollen");
    change_password(&db, &world, &origin, &maria.token, &canary, &longer).await.expect("another password");
    let confirmed = AccountForm { password: canary.clone(), ..form("chris@mail.com") };
    for _ in 0..2 {
        create_account(&db, &world, &origin, Source::Web, &confirmed).await.expect("it is asked for");
    }
    let chris = user_of(&db, "chris@mail.com").await.expect("the user");
    let code = open_without_password(&db, &world, back_office.who.operator)
        .await
        .expect("a back office")
        .issue_reset(chris.id)
        .await;
    let code = code.expect("a one-time code");
    choose_password(&db, &world, &origin, "chris@mail.com", &code, &longer).await.expect("it is chosen");
    let refused = [
        ("maria", secret("Kanarienvogel im Käfig")),
        // The password in the box of the login.
        (CANARY, secret("maria")),
        ("kanarienvogel@mine.example", canary.clone()),
    ];
    for (login, password) in refused {
        assert!(sign_in(&db, &world, &origin, login, &password).await.is_err());
        assert!(unlock(&db, &world, &origin, login, &password).await.is_err());
        assert!(choose_password(&db, &world, &origin, login, &password, &longer).await.is_err());
    }
    let short = AccountForm { password: secret("kanarienvogel"), ..form("ann@mail.com") };
    assert!(create_account(&db, &world, &origin, Source::Web, &short).await.is_err());
    assert_eq!(found_in(&db, &url).await, Vec::<String>::new());
    // What is looked for is found where it is.
    let told = AccountForm { message: CANARY.to_owned(), ..form("tell@mail.com") };
    create_account(&db, &world, &origin, Source::Web, &told).await.expect("it is asked for");
    assert!(!found_in(&db, &url).await.is_empty());
}

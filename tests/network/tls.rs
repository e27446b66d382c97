//! Encrypted connections, with certificates that `openssl` makes for the test.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use ccdesk::storage::db::{Create, Db};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tempfile::TempDir;

use crate::session::{PATIENCE, Session};
use crate::support::postgres::{Installation, Keeper, PASSWORD};
use crate::support::run;
use crate::{free_port, own_installation};

/// Who may come how. The user `certified` needs a client's certificate.
const ADMISSION: &str = "
    local     all all                        password
    hostssl   all secure    0.0.0.0/0        password
    hostnossl all plain     0.0.0.0/0        password
    hostssl   all certified 0.0.0.0/0        password clientcert=verify-ca
    host      all ccdesk    0.0.0.0/0        password
";

/// Makes two authorities, and certificates of the first: for the server, one that has expired, one for another name, one
/// for a client; and one of the second authority for each of the two.
const CERTIFICATES: &str = r#"
    set -e
    key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }
    authority() {
        key "$1"
        openssl req -x509 -key "$1.key" -out "$1.crt" -days 30 -subj "/CN=$1"
    }
    certificate() { # name, authority, days, alternative name
        key "$1"
        openssl req -new -key "$1.key" -out "$1.csr" -subj "/CN=$1"
        printf 'subjectAltName=%s\n' "$4" > "$1.ext"
        openssl x509 -req -in "$1.csr" -CA "$2.crt" -CAkey "$2.key" -CAcreateserial -days "$3" -extfile "$1.ext" -out "$1.crt"
    }
    authority ours
    authority theirs
    certificate expired ours 0 DNS:localhost
    certificate server ours 30 DNS:localhost,IP:0.0.0.0
    certificate elsewhere ours 30 DNS:db.example
    certificate nameless ours 30 email:db@example
    certificate numbered ours 30 IP:192.0.2.7
    certificate strange theirs 30 DNS:localhost
    certificate client ours 30 DNS:client
    certificate intruder theirs 30 DNS:client
    printf 'no certificate' > nonsense.crt
    chmod 600 *.key
"#;

/// A server with TLS, reached by TCP.
struct Server {
    installation: Installation,
    port: u16,
    _keeper: Keeper,
}

impl Server {
    fn start() -> Option<Self> {
        let installation = own_installation()?;
        let made = installation
            .command("/bin/sh")
            .args(["-c", CERTIFICATES])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("a shell runs");
        assert!(made.success(), "openssl: {made}");
        fs::set_permissions(&installation.directory, fs::Permissions::from_mode(0o755)).expect("ours");
        fs::write(installation.directory.join("data/pg_hba.conf"), ADMISSION).expect("a file");
        let port = free_port();
        let folder = installation.directory.display();
        let keeper = installation.start(&format!(
            "-c listen_addresses=0.0.0.0 -p {port} -c ssl_ca_file='{folder}/ours.crt' -c ssl_key_file='{folder}/server.key'"
        ));
        Some(Self { installation, port, _keeper: keeper })
    }

    fn file(&self, name: &str) -> String {
        self.installation.directory.join(name).display().to_string()
    }

    async fn administrator(&self) -> PgConnection {
        let folder = self.installation.directory.display();
        let url = format!("postgres://ccdesk:{PASSWORD}@localhost:{}/postgres?host={folder}", self.port);
        PgConnection::connect(&url).await.expect("the server answers")
    }

    async fn run(&self, statement: String) {
        self.administrator().await.execute(AssertSqlSafe(statement)).await.expect("the server obeys");
    }

    /// Lets the server show a certificate, or none; returns when new connections find it so.
    async fn shows(&self, certificate: Option<&str>) {
        let Some(certificate) = certificate else {
            self.run("ALTER SYSTEM SET ssl = off".to_owned()).await;
            return self.reload("ssl", "off").await;
        };
        let (file, key) =
            (self.file(&format!("{certificate}.crt")), self.file(&format!("{certificate}.key")));
        // The options of the command line go before those of `ALTER SYSTEM`.
        let copied = self.file("server.key");
        if key != copied {
            fs::copy(&key, &copied).expect("a key");
        }
        self.run(format!("ALTER SYSTEM SET ssl_cert_file = '{file}'")).await;
        self.run("ALTER SYSTEM SET ssl = on".to_owned()).await;
        self.reload("ssl_cert_file", &file).await;
        self.reload("ssl", "on").await;
    }

    async fn reload(&self, setting: &str, value: &str) {
        self.run("SELECT pg_reload_conf()".to_owned()).await;
        loop {
            let show = sqlx::query_scalar::<_, String>(AssertSqlSafe(format!("SHOW {setting}")));
            if show.fetch_one(&mut self.administrator().await).await.expect("a setting") == value {
                return;
            }
        }
    }

    /// Opens the database; returns whether the connection is encrypted, or why there is none.
    async fn open(&self, user: &str, host: &str, parameters: &str) -> Result<bool, String> {
        let url = format!("postgres://{user}:{PASSWORD}@{host}:{}/acme?{parameters}", self.port);
        let db = Db::open(&url, Create::IfMissing).await.map_err(|error| error.to_string())?;
        let is_encrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        let row = db.read().await.expect("a connection").fetch_one(is_encrypted, vec![]).await;
        let is_encrypted = row.expect("an answer").bool(0).expect("yes or no");
        let is_exposed = db.warnings().iter().any(|warning| warning.contains("is not encrypted"));
        assert_eq!(is_exposed, !is_encrypted && host != "localhost", "{user}@{host} {parameters}");
        db.close().await;
        Ok(is_encrypted)
    }
}

#[test]
fn a_connection_is_as_safe_as_its_address_asks_for_or_says_why_not() {
    let Some(server) = Server::start() else { return };
    run(async {
        for user in ["secure", "plain", "certified"] {
            server.run(format!("CREATE ROLE {user} LOGIN SUPERUSER PASSWORD '{PASSWORD}'")).await;
        }
        server.run("CREATE DATABASE acme".to_owned()).await;
        without_tls(&server).await;
        others_can_read_along(&server);
        the_console_says_it_too(&server);
        server.shows(Some("server")).await;
        with_tls(&server).await;
        clients(&server).await;
        other_certificates(&server).await;
    });
}

async fn without_tls(server: &Server) {
    for (host, mode) in [("localhost", "sslmode=prefer"), ("0.0.0.0", "sslmode=allow"), ("0.0.0.0", "")] {
        assert_eq!(server.open("ccdesk", host, mode).await, Ok(false), "{host} {mode}");
    }
    for mode in ["require", "verify-full"] {
        let said = server.open("ccdesk", "localhost", &format!("sslmode={mode}")).await.expect_err(mode);
        let expected = format!(
            "postgres://ccdesk@localhost:{}/acme: no safe connection can be made: the server does not offer TLS; \
             turn it on there, or connect with sslmode=prefer",
            server.port
        );
        assert_eq!(said, expected);
    }
}

/// A command says on standard error that its connection is not encrypted.
fn others_can_read_along(server: &Server) {
    let home = TempDir::new().expect("a folder");
    let run = |host: &str| {
        let url = format!("postgres://ccdesk:{PASSWORD}@{host}:{}/acme", server.port);
        let mut command = Command::new(env!("CARGO_BIN_EXE_ccdesk"));
        command.env_clear().env("HOME", home.path()).env("CCDESK_DATABASE_URL", url);
        let output = command.args(["access", "list"]).output().expect("the program runs");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stderr).expect("a text")
    };
    assert_eq!(
        run("0.0.0.0"),
        "ccdesk: The connection to 0.0.0.0 is not encrypted, and others can read along; connect with \
         sslmode=verify-full.\n"
    );
    assert_eq!(run("localhost"), "", "it does not leave this machine");
}

/// The console says it when it opens.
fn the_console_says_it_too(server: &Server) {
    let url = format!("postgres://ccdesk:{PASSWORD}@0.0.0.0:{}/acme", server.port);
    let mut session = Session::start(&url);
    session.sees("The connection to 0.0.0.0 is not encrypted");
    session.press("\u{11}");
    session.has_ended(PATIENCE);
}

async fn with_tls(server: &Server) {
    let ours = format!("sslrootcert={}", server.file("ours.crt"));
    for (user, host, parameters, is_encrypted) in [
        ("ccdesk", "0.0.0.0", String::new(), true),
        ("ccdesk", "localhost", "sslmode=prefer".to_owned(), true),
        ("ccdesk", "localhost", "sslmode=disable".to_owned(), false),
        ("ccdesk", "localhost", "sslmode=allow".to_owned(), false),
        ("secure", "localhost", "sslmode=allow".to_owned(), true),
        ("plain", "localhost", "sslmode=prefer".to_owned(), false),
        ("ccdesk", "localhost", "sslmode=require".to_owned(), true),
        ("ccdesk", "localhost", format!("sslmode=require&{ours}"), true),
        ("ccdesk", "localhost", format!("sslmode=verify-ca&{ours}"), true),
        ("ccdesk", "localhost", format!("sslmode=verify-full&{ours}"), true),
        ("ccdesk", "0.0.0.0", format!("sslmode=verify-full&{ours}"), true),
    ] {
        assert_eq!(server.open(user, host, &parameters).await, Ok(is_encrypted), "{user} {parameters}");
    }
    let absent = server.file("absent.crt");
    let nonsense = server.file("nonsense.crt");
    for (parameters, sentence) in [
        (
            "sslmode=verify-full".to_owned(),
            "is not known here; name the authority's certificate with sslrootcert",
        ),
        (
            format!("sslmode=verify-ca&sslrootcert={}", server.file("theirs.crt")),
            "is not known here; name the authority's certificate with sslrootcert",
        ),
        (
            format!("sslmode=verify-full&sslrootcert={absent}"),
            "absent.crt is not there; name another file with sslrootcert",
        ),
        (
            format!("sslmode=verify-full&sslrootcert={nonsense}"),
            "nonsense.crt holds no certificate in PEM form; name another file with sslrootcert",
        ),
        (
            format!("sslcert={nonsense}&sslkey={nonsense}"),
            "nonsense.crt holds no certificate in PEM form; name another file with sslcert",
        ),
        (
            format!("sslcert={}&sslkey={nonsense}", server.file("client.crt")),
            "nonsense.crt holds no key in PEM form without a password; name another file with sslkey",
        ),
    ] {
        let said = server.open("ccdesk", "localhost", &parameters).await.expect_err(sentence);
        assert!(said.ends_with(sentence), "{said}");
    }
    let wrong = server.open("plain", "localhost", "sslmode=require").await.expect_err("not encrypted only");
    assert!(wrong.contains("lets nobody in by this user name from here"), "{wrong}");
}

async fn clients(server: &Server) {
    let client = |name: &str| {
        format!(
            "sslmode=require&sslcert={}&sslkey={}",
            server.file(&format!("{name}.crt")),
            server.file(&format!("{name}.key"))
        )
    };
    fs::set_permissions(server.file("client.key"), fs::Permissions::from_mode(0o644)).expect("ours");
    assert_eq!(server.open("certified", "localhost", &client("client")).await, Ok(true));
    for (parameters, sentence) in [
        (client("intruder"), "the server refused the client's certificate; name one that it accepts"),
        ("sslmode=require".to_owned(), "or only encrypted or with a client certificate"),
    ] {
        let said = server.open("certified", "localhost", &parameters).await.expect_err(sentence);
        assert!(said.contains(sentence), "{said}");
    }
}

/// The certificate is for the name of the host, whatever the address is to which the connection goes.
async fn by_another_address(server: &Server, ours: &str) {
    let verified = format!("hostaddr=127.0.0.1&sslmode=verify-full&{ours}");
    assert_eq!(server.open("ccdesk", "db.example", &verified).await, Ok(true));
    let other = server.open("ccdesk", "other.example", &verified).await.expect_err("another name");
    assert!(other.contains("is not for other.example but for db.example"), "{other}");
    let unverified = "hostaddr=127.0.0.1&sslmode=require";
    assert_eq!(server.open("ccdesk", "other.example", unverified).await, Ok(true));
    let closed = format!("hostaddr=127.0.0.2&port=1&sslmode=verify-full&{ours}");
    let silent = server.open("ccdesk", "db.example", &closed).await.expect_err("nobody is there");
    assert!(silent.ends_with("the database server does not answer; try again when it is back"), "{silent}");
}

async fn other_certificates(server: &Server) {
    let ours = format!("sslrootcert={}", server.file("ours.crt"));
    for (certificate, mode, sentence) in [
        (
            "elsewhere",
            "verify-full",
            Some("the server's certificate is not for localhost but for db.example; connect by that name"),
        ),
        ("elsewhere", "verify-ca", None),
        (
            "nameless",
            "verify-full",
            Some(
                "the server's certificate is for no host that it names (a Common Name does not count); have one made \
                 with the subjectAltName localhost",
            ),
        ),
        (
            "numbered",
            "verify-full",
            Some("the server's certificate is not for localhost but for 192.0.2.7; connect by that name"),
        ),
        (
            "ours",
            "verify-full",
            Some(
                "the server shows the certificate of an authority, as `openssl req -x509` makes one that signs itself; \
                 have one made for the server with basicConstraints=CA:FALSE, and name who signed it with sslrootcert",
            ),
        ),
        (
            "strange",
            "verify-full",
            Some(
                "who signed the server's certificate is not known here; name the authority's certificate with sslrootcert",
            ),
        ),
        ("strange", "prefer", None),
        ("expired", "verify-ca", Some("the server's certificate has expired; it has to be renewed there")),
    ] {
        server.shows(Some(certificate)).await;
        let opened = server.open("ccdesk", "localhost", &format!("sslmode={mode}&{ours}")).await;
        if certificate == "elsewhere" && mode == "verify-full" {
            by_another_address(server, &ours).await;
        }
        match (opened, sentence) {
            (Ok(is_encrypted), None) => assert!(is_encrypted, "{certificate} {mode}"),
            (Err(said), Some(sentence)) => assert!(said.ends_with(sentence), "{said}"),
            (opened, _) => panic!("{certificate} {mode}: {opened:?}"),
        }
    }
}

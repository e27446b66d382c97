//! pgbouncer between the stories and their server, in transaction mode.

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::Stdio;

use super::postgres::{Installation, Keeper, PASSWORD};

/// Runs pgbouncer until the test process closes its end of the pipe or ends.
const KEEPER: &str = r#"PATH="$PATH:/usr/sbin"; pgbouncer -q "$1" & read -r _; kill $!"#;

/// A running pgbouncer.
pub(crate) struct Pooler {
    directory: PathBuf,
    port: u16,
    keeper: Keeper,
}

impl Pooler {
    /// Starts pgbouncer before a server, with this port in the name of its socket, and these lines besides the usual
    /// settings.
    pub(crate) fn start(server: &Installation, port: u16, settings: &str) -> Self {
        let directory = server.directory.clone();
        let folder = directory.display();
        let configuration = format!(
            "[databases]\n* = host={folder} port=5432 user=ccdesk password={PASSWORD}\n\
             [pgbouncer]\nlisten_addr =\nunix_socket_dir = {folder}\nlisten_port = {port}\nauth_type = any\n\
             pool_mode = transaction\nserver_check_delay = 0\nmax_client_conn = 500\nlogfile = {folder}/pgbouncer.log\n{settings}\n"
        );
        let file = directory.join("pgbouncer.ini");
        fs::write(&file, configuration).expect("a file");
        let keeper = server
            .command("/bin/sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(file)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell runs");
        let mut pooler = Self { directory, port, keeper: Keeper(keeper) };
        while UnixStream::connect(pooler.directory.join(format!(".s.PGSQL.{port}"))).is_err() {
            let ended = pooler.keeper.0.try_wait().expect("our own child");
            assert_eq!(ended, None, "pgbouncer did not start");
            std::thread::yield_now();
        }
        pooler
    }

    /// The address of a database by way of the pooler.
    pub(crate) fn url(&self, database: &str) -> String {
        let (port, folder) = (self.port, self.directory.display());
        format!("postgres://ccdesk:{PASSWORD}@localhost:{port}/{database}?host={folder}")
    }
}

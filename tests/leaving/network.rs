//! A network between the program and a server on a socket of this machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UnixStream};
use tokio::sync::watch;

use crate::support::postgres::leave_out;

/// A network that can drop what is sent without either end noticing.
pub(crate) struct Network {
    /// The number of the first connection that still works.
    carried_from: Arc<watch::Sender<usize>>,
    connections: Arc<AtomicUsize>,
    /// How often a client has sent something. A small message is passed on in one piece.
    sent: Arc<AtomicUsize>,
}

impl Network {
    /// A network in front of the server with this address, and the address through it. Where the tests
    /// have not started the server themselves, it is [left out](leave_out), and this returns `None`.
    pub(crate) async fn before(url: &str) -> Option<(Self, String)> {
        let Some((address, directory)) = url.split_once("?host=") else {
            leave_out("a server named by CCDESK_TEST_POSTGRES is not reached through a network of our own");
            return None;
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("a port").port();
        let carried_from = Arc::new(watch::Sender::new(0));
        let connections = Arc::new(AtomicUsize::new(0));
        let sent = Arc::new(AtomicUsize::new(0));
        let network = Self {
            carried_from: Arc::clone(&carried_from),
            connections: Arc::clone(&connections),
            sent: Arc::clone(&sent),
        };
        let socket = format!("{directory}/.s.PGSQL.5432");
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let number = connections.fetch_add(1, Ordering::SeqCst);
                let server = UnixStream::connect(&socket).await.expect("the server listens");
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                tokio::spawn(carry(
                    from_client,
                    to_server,
                    number,
                    carried_from.subscribe(),
                    Some(Arc::clone(&sent)),
                ));
                tokio::spawn(carry(from_server, to_client, number, carried_from.subscribe(), None));
            }
        });
        let address = address.replace("@localhost", &format!("@127.0.0.1:{port}"));
        Some((network, address))
    }

    /// How often a client has sent something so far.
    pub(crate) fn sent(&self) -> usize {
        self.sent.load(Ordering::SeqCst)
    }

    /// Drops everything on the present connections from now on; new ones work.
    pub(crate) fn forget(&self) {
        self.carried_from.send_replace(self.connections.load(Ordering::SeqCst));
    }

    /// Drops everything from now on.
    pub(crate) fn swallow(&self) {
        self.carried_from.send_replace(usize::MAX);
    }
}

/// Passes on what one end sends to the other, until this connection is dropped; then neither end notices.
async fn carry(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    number: usize,
    mut carried_from: watch::Receiver<usize>,
    count: Option<Arc<AtomicUsize>>,
) {
    let mut piece = vec![0; 16 * 1024];
    loop {
        let carried_no_more = async { carried_from.wait_for(|first| number < *first).await.map(drop) };
        tokio::select! {
            biased;
            _ = carried_no_more => std::future::pending().await,
            read = from.read(&mut piece) => match read {
                Ok(length @ 1..) => {
                    if let Some(count) = &count {
                        count.fetch_add(1, Ordering::SeqCst);
                    }
                    if to.write_all(&piece[..length]).await.is_err() {
                        return;
                    }
                }
                Ok(0) | Err(_) => return,
            },
        }
    }
}

//! A way to a server at another network address than its name has (`hostaddr`). The driver checks a certificate for the
//! host that it connects to; through a Unix socket of this program it connects under the name, to any address.

use std::io;
use std::net::IpAddr;

use tempfile::TempDir;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpStream, UnixListener};

/// Makes a Unix socket, in a directory that only its owner can enter, for one connection, which goes on to this address
/// and port. The directory is needed until the connection is made.
///
/// # Errors
/// When the socket cannot be made.
pub(super) fn to(address: IpAddr, port: u16) -> io::Result<TempDir> {
    let directory = tempfile::Builder::new().prefix("ccdesk-").tempdir()?;
    let listener = UnixListener::bind(directory.path().join(format!(".s.PGSQL.{port}")))?;
    tokio::spawn(async move {
        let Ok((mut near, _)) = listener.accept().await else { return };
        drop(listener);
        // Where the server cannot be reached, the driver finds its connection closed.
        let Ok(mut far) = TcpStream::connect((address, port)).await else { return };
        let _ = far.set_nodelay(true);
        let _ = copy_bidirectional(&mut near, &mut far).await;
    });
    Ok(directory)
}

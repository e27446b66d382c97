//! The signals that end an import or an export.

use std::{fs, io};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::service::exchange::Stop;

/// The signals that ask the program to end.
pub(super) struct Signals {
    /// Is requested as soon as a signal arrives.
    pub(super) stop: Stop,
    number: watch::Receiver<Option<u8>>,
    watching: JoinHandle<()>,
}

impl Signals {
    /// Watches for SIGINT, SIGTERM and SIGHUP, which from now on only request [`Signals::stop`]. SIGHUP stays ignored where
    /// the program was started so, as by `nohup`.
    pub(super) fn watch() -> io::Result<Self> {
        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let mut hang_up =
            if is_ignored(SignalKind::hangup()) { None } else { Some(signal(SignalKind::hangup())?) };
        let (send, number) = watch::channel(None);
        let stop = Stop::default();
        let asked = stop.clone();
        let watching = tokio::spawn(async move {
            let arrived = tokio::select! {
                _ = interrupt.recv() => SignalKind::interrupt(),
                _ = terminate.recv() => SignalKind::terminate(),
                () = next(hang_up.as_mut()) => SignalKind::hangup(),
            };
            asked.request();
            // Without a receiver the command has ended.
            let _ = send.send(u8::try_from(arrived.as_raw_value()).ok());
        });
        Ok(Self { stop, number, watching })
    }

    /// Completes when a signal arrives.
    pub(super) async fn stopped(&self) {
        let mut number = self.number.clone();
        if number.wait_for(Option::is_some).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// The number of the signal that has arrived.
    pub(super) fn arrived(&self) -> Option<u8> {
        *self.number.borrow()
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

/// Completes when the signal arrives, if it is watched for.
async fn next(signal: Option<&mut Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

/// Whether the program was started with a signal ignored; `false` where the system does not say so.
fn is_ignored(kind: SignalKind) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    mask >> (kind.as_raw_value() - 1) & 1 == 1
}

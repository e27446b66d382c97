//! A PostgreSQL server that is stopped for a while, like a machine that hangs.

use std::fs;
use std::path::Path;
use std::process::Command;

use rustix::process::{Pid, Signal, kill_process};

use crate::support::postgres::leave_out;

/// A server whose processes are all stopped (SIGSTOP) until this is dropped.
pub(crate) struct Frozen(Vec<Pid>);

impl Frozen {
    /// Stops the server with this address. Where the tests have not started the server themselves, it is
    /// [left out](leave_out), and this returns `None`.
    pub(crate) fn server_of(url: &str) -> Option<Self> {
        let directory = url.split_once("?host=").map(|(_, directory)| Path::new(directory));
        let Some(directory) = directory.filter(|directory| directory.join("data/postmaster.pid").exists())
        else {
            leave_out("a server named by CCDESK_TEST_POSTGRES is not stopped");
            return None;
        };
        let file = fs::read_to_string(directory.join("data/postmaster.pid")).expect("it runs");
        let server: i32 = file.lines().next().and_then(|line| line.parse().ok()).expect("its process");
        let mut frozen = Self(Vec::new());
        // First the main process, which starts all others.
        frozen.stop(server);
        let all = Command::new("ps").args(["-A", "-o", "pid=,ppid="]).output().expect("ps runs").stdout;
        for line in String::from_utf8_lossy(&all).lines() {
            let numbers: Vec<i32> =
                line.split_whitespace().filter_map(|number| number.parse().ok()).collect();
            if let [process, parent] = numbers[..]
                && parent == server
            {
                frozen.stop(process);
            }
        }
        Some(frozen)
    }

    fn stop(&mut self, process: i32) {
        let process = Pid::from_raw(process).expect("a process");
        self.0.push(process);
        kill_process(process, Signal::STOP).expect("it is ours");
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        for process in self.0.drain(..) {
            // A process that has ended needs no signal.
            let _ = kill_process(process, Signal::CONT);
        }
    }
}

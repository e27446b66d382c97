//! The memory that an export takes, whatever the number of records (`docs/promises.md`, 26).

use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};

use ccdesk::service::back_office::BackOffice;

use crate::support::run;
use crate::{file, imported, opened, world};

/// The memory by which many times as many records may take more, in KiB: pages of longer texts, and what the allocator keeps.
const MORE: u64 = 8 * 1024;

/// The most memory, in KiB, that the program takes while it exports a database with so many generated users, and the bytes
/// that it writes.
fn peak(users: u64, format: &str) -> (u64, usize) {
    let home = tempfile::tempdir().expect("a directory");
    let address = format!("sqlite:{}", home.path().join("many.db").display());
    run(async {
        let db = opened(&address).await;
        imported(&db, file("assets/demo/company.json")).await;
        BackOffice::for_command_line(&db, &world())
            .generate(users, 7, |_| {})
            .await
            .expect("generated users");
        db.close().await;
    });
    let mut command = Command::new(env!("CARGO_BIN_EXE_ccdesk"));
    command.env_clear().env("HOME", home.path()).stdout(Stdio::piped());
    let mut child =
        command.args(["--db", &address, "export", "users", "--format", format]).spawn().expect("it runs");
    let status = format!("/proc/{}/status", child.id());
    let (mut peak, mut written) = (0, 0);
    let mut out = child.stdout.take().expect("piped");
    let mut bytes = vec![0; 1 << 16];
    loop {
        let read = out.read(&mut bytes).expect("a pipe");
        let now = fs::read_to_string(&status).unwrap_or_default();
        let line = now.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(now.unwrap_or_default());
        written += read;
        if read == 0 {
            break;
        }
    }
    assert!(child.wait().expect("it ends").success());
    assert!(peak > 0, "{status} says nothing");
    println!("{format}: {users} users, {written} bytes, at most {peak} KiB");
    (peak, written)
}

fn takes_no_more_memory(few: u64, many: u64) {
    for format in ["jsonl", "csv", "xlsx"] {
        let ((little, short), (much, long)) = (peak(few, format), peak(many, format));
        assert!(long > 4 * short, "{format}: {short} and {long} bytes");
        assert!(much < little + MORE, "{format}: {little} KiB and {much} KiB");
    }
}

#[test]
fn promise_26_six_times_as_many_users_take_no_more_memory() {
    takes_no_more_memory(1500, 9000);
}

/// A million rows; `cargo nextest run --release --test export --run-ignored only --no-capture memory` tells it.
#[test]
#[ignore = "takes minutes, and gigabytes of disk"]
fn promise_26_a_million_users_take_no_more_memory() {
    takes_no_more_memory(100_000, 1_000_000);
}

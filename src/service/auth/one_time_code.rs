//! One-time codes: how they are made, kept and recognised.

use ctutils::CtEq;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::domain::model::value::RecordId;
use crate::service::World;
use crate::service::auth::Secret;
use crate::storage::credentials::Account;

/// What a one-time code is made of: 32 letters and digits, none of which is taken for another.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// The characters of a code, 100 bits, and of each of its groups.
const LENGTH: usize = 20;
const GROUP: usize = 5;

/// Whether what was typed is the account's one-time code, in time.
pub(super) fn opens(account: &Account, typed: &Secret, now: Timestamp) -> bool {
    let hash = hash_of(account.user, typed);
    account
        .reset
        .as_ref()
        .is_some_and(|code| code.ends_at > now && code.hash.as_bytes().ct_eq(hash.as_bytes()).to_bool())
}

/// The hash of a code as somebody types it, in groups or without, in whichever case. A code cannot be guessed, so
/// that a quick hash keeps it.
pub(super) fn hash_of(user: RecordId, typed: &Secret) -> String {
    let mut hash = Sha256::new();
    hash.update(b"ccdesk one-time code");
    hash.update(user.0.as_bytes());
    for byte in typed.expose().bytes().filter(u8::is_ascii_alphanumeric) {
        hash.update([byte.to_ascii_uppercase()]);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A code nobody has yet, as it is read out: `ABCDE-FGHJK-LMNPQ-RSTUV`.
pub(super) fn new_code(world: &World) -> Secret {
    let mut chance = zeroize::Zeroizing::new([0; LENGTH]);
    (world.random)(chance.as_mut_slice());
    let mut code = String::with_capacity(LENGTH + LENGTH / GROUP);
    for (at, byte) in chance.iter().enumerate() {
        if at > 0 && at % GROUP == 0 {
            code.push('-');
        }
        code.push(char::from(ALPHABET[usize::from(byte % 32)]));
    }
    Secret::new(code)
}

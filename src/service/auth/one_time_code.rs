//! One-time codes: generating, hashing and checking them.

use ctutils::CtEq;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::domain::model::value::RecordId;
use crate::service::World;
use crate::service::auth::Secret;
use crate::storage::credentials::Account;

/// The characters of a one-time code: 32 letters and digits that are not mistaken for one another.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// The number of characters of a code; each is 5 bits, all of them 100 (`docs/promises.md`, 5).
const LENGTH: usize = 20;
/// The number of characters of each group of a code.
const GROUP: usize = 5;

/// Whether `typed` is the account's one-time code and the code has not expired.
pub(super) fn opens(account: &Account, typed: &Secret, now: Timestamp) -> bool {
    let hash = hash_of(account.user, typed);
    account
        .reset
        .as_ref()
        .is_some_and(|code| code.ends_at > now && code.hash.as_bytes().ct_eq(hash.as_bytes()).to_bool())
}

/// The SHA-256 hash of a user's code, in hexadecimal; case and separators do not matter. A fast hash is enough, since
/// 100 random bits cannot be guessed.
pub(super) fn hash_of(user: RecordId, typed: &Secret) -> String {
    let mut hash = Sha256::new();
    hash.update(b"ccdesk one-time code");
    hash.update(user.0.as_bytes());
    for byte in typed.expose().bytes().filter(u8::is_ascii_alphanumeric) {
        hash.update([byte.to_ascii_uppercase()]);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A new random code: `ABCDE-FGHJK-LMNPQ-RSTUV`.
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

//! Password hashes (`docs/promises.md`, 2): Argon2id for new passwords; older formats verify once and are then
//! replaced.
//!
//! A hash may come from an import and is not trusted: one with excessive cost parameters verifies nothing.

use std::num::NonZero;
use std::sync::{Arc, LazyLock};

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Argon2, Params, PasswordHash};
use base64ct::{Base64, Encoding};
use ctutils::CtEq;
use md5::{Digest, Md5};
use pbkdf2::pbkdf2_hmac;
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use tokio::sync::Semaphore;

use crate::domain::entities::user::PasswordFormat;
use crate::service::ServiceError;
use crate::service::auth::Secret;

/// The format code of new hashes.
pub(crate) const NEW_FORMAT: &str = PasswordFormat::Argon2id.code();

/// The most memory of an Argon2id hash, in KiB.
const MOST_MEMORY: u32 = 256 * 1024;
/// The most iterations over the memory of an Argon2id hash.
const MOST_PASSES: u32 = 16;
/// The most threads of an Argon2id hash.
const MOST_LANES: u32 = 16;

/// The least memory times iterations of an Argon2id hash, in KiB, as OWASP asks. A hash with less is replaced.
const LEAST_WORK: u32 = 5 * 7168;
/// The least memory of an Argon2id hash, in KiB, as OWASP asks. A hash with less is replaced.
const LEAST_MEMORY: u32 = 7168;

/// The most iterations of a PBKDF2 hash; OWASP asks for 1,300,000 with SHA-1.
const MOST_ITERATIONS: u32 = 1_500_000;
/// The lengths of the salt of a PBKDF2 hash, in bytes; ASP.NET Core Identity makes 16.
const SALT_LENGTHS: std::ops::RangeInclusive<usize> = 16..=64;
/// The lengths of the key of a PBKDF2 hash, in bytes; ASP.NET Core Identity makes 32.
const KEY_LENGTHS: std::ops::RangeInclusive<usize> = 16..=64;

/// A parsed password hash.
enum StoredHash<'a> {
    Argon2id(Box<PasswordHash>, Params),
    AspNetCoreV3 { hasher: Pbkdf2, iterations: u32, salt: &'a [u8], key: &'a [u8] },
    Md5(&'a [u8]),
}

/// The pseudo-random functions of ASP.NET Core Identity, by their numbers there.
#[derive(Clone, Copy)]
enum Pbkdf2 {
    Sha1 = 0,
    Sha256 = 1,
    Sha512 = 2,
}

/// The bytes of a hash that is written in hexadecimal (MD5) or base64.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let is_md5_in_hex = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_md5_in_hex {
        let digits = (0..32).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok());
        return digits.collect();
    }
    // No format that is parsed below is longer.
    if text.len() > 256 { None } else { Base64::decode_vec(text).ok() }
}

impl<'a> StoredHash<'a> {
    /// Parses an Argon2id hash in the PHC string format. `None` when its parameters exceed the limits.
    fn argon2id(text: &str) -> Option<Self> {
        let hash = PasswordHash::new(text).ok().filter(|_| text.starts_with("$argon2id$"))?;
        let params = Params::try_from(&hash).ok()?;
        let fits = params.m_cost() <= MOST_MEMORY
            && params.t_cost() <= MOST_PASSES
            && params.p_cost() <= MOST_LANES
            && hash.salt.is_some()
            && hash.hash.is_some();
        fits.then(|| Self::Argon2id(Box::new(hash), params))
    }

    /// Parses 16 bytes of MD5, or a hash of ASP.NET Core Identity (`PasswordHasher`): `0x01 | function | iterations |
    /// length of the salt | salt | key`, each number of 32 bits, big-endian. `None` when its parameters exceed the
    /// limits.
    fn older(bytes: &'a [u8]) -> Option<Self> {
        if bytes.len() == Md5::output_size() {
            return Some(Self::Md5(bytes));
        }
        let [1, rest @ ..] = bytes else { return None };
        let (function, rest) = number(rest)?;
        let (iterations, rest) = number(rest)?;
        let (salt_length, rest) = number(rest)?;
        let (salt, key) = rest.split_at_checked(usize::try_from(salt_length).ok()?)?;
        let hasher = match function {
            0 => Pbkdf2::Sha1,
            1 => Pbkdf2::Sha256,
            2 => Pbkdf2::Sha512,
            _ => return None,
        };
        let fits = (1..=MOST_ITERATIONS).contains(&iterations)
            && SALT_LENGTHS.contains(&salt.len())
            && KEY_LENGTHS.contains(&key.len());
        fits.then_some(Self::AspNetCoreV3 { hasher, iterations, salt, key })
    }

    /// Whether this is a hash of the password. The older formats hash the text as typed, without NFKC.
    fn verifies(&self, password: &Secret) -> bool {
        let typed = password.expose().as_bytes();
        match self {
            Self::Argon2id(hash, _) => {
                Argon2::default().verify_password(password.normalised().as_bytes(), &**hash).is_ok()
            }
            Self::AspNetCoreV3 { hasher, iterations, salt, key } => {
                let mut made = vec![0; key.len()];
                match hasher {
                    Pbkdf2::Sha1 => pbkdf2_hmac::<Sha1>(typed, salt, *iterations, &mut made),
                    Pbkdf2::Sha256 => pbkdf2_hmac::<Sha256>(typed, salt, *iterations, &mut made),
                    Pbkdf2::Sha512 => pbkdf2_hmac::<Sha512>(typed, salt, *iterations, &mut made),
                }
                made.as_slice().ct_eq(key).to_bool()
            }
            Self::Md5(sum) => Md5::digest(typed).as_slice().ct_eq(sum).to_bool(),
        }
    }

    fn format(&self) -> &'static str {
        match self {
            Self::Argon2id(..) => NEW_FORMAT,
            Self::AspNetCoreV3 { .. } => PasswordFormat::AspNetCoreV3.code(),
            Self::Md5(_) => PasswordFormat::Md5.code(),
        }
    }

    /// Whether the hash is strong enough to stay; another is replaced.
    fn is_current(&self) -> bool {
        match self {
            Self::Argon2id(_, params) => {
                params.m_cost() >= LEAST_MEMORY
                    && params.m_cost().saturating_mul(params.t_cost()) >= LEAST_WORK
            }
            Self::AspNetCoreV3 { .. } | Self::Md5(_) => false,
        }
    }
}

fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (first, rest) = bytes.split_first_chunk()?;
    Some((u32::from_be_bytes(*first), rest))
}

/// The code of the format of a hash that a sign-in here can verify; `None` for any other text.
pub(crate) fn format_of(text: &str) -> Option<&'static str> {
    match StoredHash::argon2id(text) {
        Some(kept) => Some(kept.format()),
        None => StoredHash::older(&bytes(text)?).map(|kept| kept.format()),
    }
}

/// The outcome of a password check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Checked {
    /// The password is wrong.
    Wrong,
    /// The password is right. `renewed` is a new hash of it if the stored one is to be replaced.
    Right { renewed: Option<String> },
}

/// The most hashes that are computed at once, however many cores there are: each takes the memory that its parameters
/// ask for.
const MOST_AT_ONCE: usize = 4;

/// The limit on password hashing in this process: as many computations at once as there are cores, at most
/// [`MOST_AT_ONCE`]. More would slow all of them down, and many sign-ins at once could exhaust memory.
static HASHING: LazyLock<Hashing> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    Hashing::new(cores.min(MOST_AT_ONCE))
});

/// Runs slow computations on blocking threads, a limited number at once; the others wait.
struct Hashing(Arc<Semaphore>);

impl Hashing {
    fn new(at_once: usize) -> Self {
        Self(Arc::new(Semaphore::new(at_once)))
    }

    /// The result of the computation; `None` when it panicked. A computation whose future is dropped runs on, and
    /// holds its permit to its end.
    async fn run<T: Send + 'static>(&self, compute: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let permit = Arc::clone(&self.0).acquire_owned().await.ok()?;
        let computed = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            compute()
        });
        computed.await.ok()
    }
}

/// Checks a password against a stored hash, on a blocking thread. Without a hash, or with an invalid one, the check
/// takes as long and the outcome is [`Checked::Wrong`].
pub(super) async fn check(password: &Secret, stored: Option<String>) -> Checked {
    let password = password.clone();
    let checked = HASHING.run(move || check_now(&password, stored.as_deref()));
    checked.await.unwrap_or(Checked::Wrong)
}

fn check_now(password: &Secret, stored: Option<&str>) -> Checked {
    let stored = stored.unwrap_or_default();
    let older = bytes(stored).unwrap_or_default();
    let kept = StoredHash::argon2id(stored).or_else(|| StoredHash::older(&older));
    if let Some(kept) = kept.as_ref().filter(|kept| kept.is_current()) {
        return if kept.verifies(password) { Checked::Right { renewed: None } } else { Checked::Wrong };
    }
    let is_right = kept.as_ref().is_some_and(|kept| kept.verifies(password));
    let was_slow = matches!(kept, Some(StoredHash::AspNetCoreV3 { .. }));
    // Computed also where it is not used, unless the check itself was as slow: the time must not tell an unknown login
    // from a known one.
    let renewed = if is_right || !was_slow { new(password) } else { None };
    if is_right { Checked::Right { renewed } } else { Checked::Wrong }
}

/// An Argon2id hash of a password with the default parameters of the crate, which are OWASP's.
fn new(password: &Secret) -> Option<String> {
    let hash = Argon2::default().hash_password(password.normalised().as_bytes());
    hash.ok().map(|hash| hash.to_string())
}

/// The hash of a new password, computed on a blocking thread.
///
/// # Errors
/// [`ServiceError::Denied`] when the hash cannot be computed.
pub(crate) async fn hashed(password: Secret) -> Result<String, ServiceError> {
    let hash = HASHING.run(move || new(&password)).await;
    hash.flatten().ok_or_else(|| {
        ServiceError::Denied("The password could not be kept; nothing was changed. Try again.".to_owned())
    })
}

#[cfg(test)]
mod tests;

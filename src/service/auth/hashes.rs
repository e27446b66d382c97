//! Password hashes (`docs/promises.md`, 2): Argon2id for new passwords; older formats verify once and are then
//! replaced.
//!
//! A hash may come from an import and is not trusted: one that takes more work than [`MOST`] verifies nothing. While a
//! database holds a hash in an older format, every check there does that much work, whatever is stored, so that its
//! time tells nothing (`docs/promises.md`, 4); otherwise every check does the work of a [`NEW`] hash.

use std::num::NonZero;
use std::sync::{Arc, LazyLock};

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, PasswordHash, Version};
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

/// The most iterations over the memory of an Argon2id hash.
const MOST_PASSES: u32 = 16;
/// The most threads of an Argon2id hash.
const MOST_LANES: u32 = 16;

/// The least memory times passes of an Argon2id hash, in KiB, as OWASP asks. A hash with less is replaced.
const LEAST_WORK: u32 = 5 * 7168;
/// The least memory of an Argon2id hash, in KiB, as OWASP asks. A hash with less is replaced.
const LEAST_MEMORY: u32 = 7168;

/// The most iterations of a PBKDF2 hash: those of ASP.NET Core Identity since version 7. Versions before had 10,000.
const MOST_ITERATIONS: u32 = 100_000;
/// The lengths of the salt of a PBKDF2 hash, in bytes; ASP.NET Core Identity makes 16.
const SALT_LENGTHS: std::ops::RangeInclusive<usize> = 16..=64;
/// The lengths of the key of a PBKDF2 hash, in bytes; ASP.NET Core Identity makes 32.
const KEY_LENGTHS: std::ops::RangeInclusive<usize> = 16..=64;

/// What computing hashes costs. Everything else in a check is small beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Work {
    /// The memory that Argon2id fills, in KiB, counted once for each pass.
    argon2: u32,
    /// The iterations of PBKDF2 with each [`Function`], by its number.
    pbkdf2: [u32; 3],
}

/// The work of a new hash.
const NEW: Work = Work { argon2: Params::DEFAULT_M_COST * Params::DEFAULT_T_COST, pbkdf2: [0; 3] };

/// The most work of a hash that is verified, of Argon2id and of each function of PBKDF2.
const MOST: Work = Work { pbkdf2: [MOST_ITERATIONS; 3], ..NEW };

impl Work {
    /// Whether a stored hash that takes this work is verified.
    fn is_affordable(self) -> bool {
        self.argon2 <= MOST.argon2 && self.pbkdf2.iter().zip(MOST.pbkdf2).all(|(own, most)| *own <= most)
    }

    /// Computes hashes of the password for nothing until `self` is `full`. Argon2id takes no less than 8 KiB: fewer are
    /// left out.
    fn fill(&mut self, full: Self, password: &[u8]) {
        let salt = [0; *SALT_LENGTHS.start()];
        let kib = full.argon2.saturating_sub(self.argon2);
        if kib >= Params::MIN_M_COST {
            let passes = kib.div_ceil(Params::DEFAULT_M_COST);
            // Each of the parameters is within what Argon2id takes.
            if let Ok(params) = Params::new(kib / passes, passes, 1, None) {
                let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
                let made = argon2.hash_password_into(password, &salt, &mut [0; Params::DEFAULT_OUTPUT_LEN]);
                std::hint::black_box(made.is_ok());
                self.argon2 += kib / passes * passes;
            }
        }
        for function in [Function::Sha1, Function::Sha256, Function::Sha512] {
            let left = full.pbkdf2[function as usize].saturating_sub(self.pbkdf2[function as usize]);
            let mut key = [0; *KEY_LENGTHS.start()];
            function.derive(password, &salt, left, &mut key, self);
            std::hint::black_box(key);
        }
    }
}

/// The pseudo-random functions of ASP.NET Core Identity, by their numbers there.
#[derive(Clone, Copy)]
enum Function {
    Sha1 = 0,
    Sha256 = 1,
    Sha512 = 2,
}

impl Function {
    /// The iterations that a key of this length takes: PBKDF2 begins anew for each block of the function's output.
    fn iterations(self, iterations: u32, key: usize) -> u32 {
        let block = match self {
            Self::Sha1 => Sha1::output_size(),
            Self::Sha256 => Sha256::output_size(),
            Self::Sha512 => Sha512::output_size(),
        };
        u32::try_from(key.div_ceil(block)).unwrap_or(u32::MAX).saturating_mul(iterations)
    }

    /// Derives a key by PBKDF2, and adds the iterations to `work`. None of them leaves the key as it is.
    fn derive(self, password: &[u8], salt: &[u8], iterations: u32, key: &mut [u8], work: &mut Work) {
        if iterations == 0 {
            return;
        }
        match self {
            Self::Sha1 => pbkdf2_hmac::<Sha1>(password, salt, iterations, key),
            Self::Sha256 => pbkdf2_hmac::<Sha256>(password, salt, iterations, key),
            Self::Sha512 => pbkdf2_hmac::<Sha512>(password, salt, iterations, key),
        }
        work.pbkdf2[self as usize] += self.iterations(iterations, key.len());
    }
}

/// A parsed password hash.
enum StoredHash {
    Argon2id(Box<PasswordHash>, Params),
    AspNetCoreV3 { function: Function, iterations: u32, salt: Vec<u8>, key: Vec<u8> },
    Md5(Vec<u8>),
}

/// Why a stored text verifies no password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unverifiable {
    /// It is no hash in a format known here.
    NoHash,
    /// It is one that takes more work than [`MOST`].
    TooCostly,
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

impl StoredHash {
    fn parse(text: &str) -> Result<Self, Unverifiable> {
        let parsed =
            if text.starts_with('$') { Self::argon2id(text) } else { bytes(text).and_then(Self::older) };
        let hash = parsed.ok_or(Unverifiable::NoHash)?;
        if hash.work().is_affordable() { Ok(hash) } else { Err(Unverifiable::TooCostly) }
    }

    /// Parses an Argon2id hash in the PHC string format.
    fn argon2id(text: &str) -> Option<Self> {
        let hash = PasswordHash::new(text).ok().filter(|_| text.starts_with("$argon2id$"))?;
        let params = Params::try_from(&hash).ok()?;
        let is_whole = hash.salt.is_some() && hash.hash.is_some();
        is_whole.then(|| Self::Argon2id(Box::new(hash), params))
    }

    /// Parses 16 bytes of MD5, or a hash of ASP.NET Core Identity (`PasswordHasher`): `0x01 | function | iterations |
    /// length of the salt | salt | key`, each number of 32 bits, big-endian.
    fn older(bytes: Vec<u8>) -> Option<Self> {
        if bytes.len() == Md5::output_size() {
            return Some(Self::Md5(bytes));
        }
        let [1, rest @ ..] = bytes.as_slice() else { return None };
        let (function, rest) = number(rest)?;
        let (iterations, rest) = number(rest)?;
        let (salt_length, rest) = number(rest)?;
        let (salt, key) = rest.split_at_checked(usize::try_from(salt_length).ok()?)?;
        let function = match function {
            0 => Function::Sha1,
            1 => Function::Sha256,
            2 => Function::Sha512,
            _ => return None,
        };
        let fits = iterations > 0 && SALT_LENGTHS.contains(&salt.len()) && KEY_LENGTHS.contains(&key.len());
        fits.then(|| Self::AspNetCoreV3 { function, iterations, salt: salt.to_vec(), key: key.to_vec() })
    }

    /// What verifying a password takes.
    fn work(&self) -> Work {
        let mut work = Work::default();
        match self {
            Self::Argon2id(_, params) => {
                let is_within = params.t_cost() <= MOST_PASSES && params.p_cost() <= MOST_LANES;
                let kib = params.m_cost().saturating_mul(params.t_cost());
                work.argon2 = if is_within { kib } else { u32::MAX };
            }
            Self::AspNetCoreV3 { function, iterations, key, .. } => {
                work.pbkdf2[*function as usize] = function.iterations(*iterations, key.len());
            }
            Self::Md5(_) => {}
        }
        work
    }

    /// Whether this is a hash of the password; adds what that took to `work`. The older formats hash the text as typed,
    /// without NFKC.
    fn verifies(&self, password: &Secret, work: &mut Work) -> bool {
        let typed = password.expose().as_bytes();
        match self {
            Self::Argon2id(hash, params) => {
                work.argon2 += params.m_cost() * params.t_cost();
                Argon2::default().verify_password(password.normalised().as_bytes(), &**hash).is_ok()
            }
            Self::AspNetCoreV3 { function, iterations, salt, key } => {
                let mut made = vec![0; key.len()];
                function.derive(typed, salt, *iterations, &mut made, work);
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

/// The code of the format of a hash that a sign-in here verifies; `None` for any other text, also for a hash that takes
/// too much work.
pub(crate) fn format_of(text: &str) -> Option<&'static str> {
    StoredHash::parse(text).ok().map(|hash| hash.format())
}

/// The outcome of a password check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Checked {
    /// The password is wrong, or none is stored.
    Wrong,
    /// The stored hash takes too much work and was not verified: its owner needs a one-time code.
    TooCostly,
    /// The password is right. The hash is to be replaced unless it `is_current`.
    Right { is_current: bool },
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

/// Checks a password against a stored hash, on a blocking thread. It takes as much work whatever is stored, also
/// nothing. `with_older` says that the database holds hashes in older formats.
pub(super) async fn check(password: &Secret, stored: Option<String>, with_older: bool) -> Checked {
    let password = password.clone();
    let full = if with_older { MOST } else { NEW };
    let checked = HASHING.run(move || check_now(&password, stored.as_deref(), full).0);
    checked.await.unwrap_or(Checked::Wrong)
}

/// The outcome of a check, and the work that it took: always `full`.
fn check_now(password: &Secret, stored: Option<&str>, full: Work) -> (Checked, Work) {
    let mut work = Work::default();
    let checked = match stored.map(StoredHash::parse) {
        None | Some(Err(Unverifiable::NoHash)) => Checked::Wrong,
        Some(Err(Unverifiable::TooCostly)) => Checked::TooCostly,
        Some(Ok(hash)) if hash.verifies(password, &mut work) => {
            Checked::Right { is_current: hash.is_current() }
        }
        Some(Ok(_)) => Checked::Wrong,
    };
    work.fill(full, password.normalised().as_bytes());
    (checked, work)
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

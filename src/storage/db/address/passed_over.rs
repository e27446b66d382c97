//! Parameters of `psql` that this program passes over where they change nothing, and refuses where they would.

use super::super::super::error::StorageError;
use super::wrong;

/// The values with which a parameter is passed over.
enum Harmless {
    /// Every one.
    Any,
    /// Whole numbers: times and counts of the client's end of a TCP connection, which the driver leaves to the system.
    Number,
    /// These, whatever the case of their letters.
    OneOf(&'static [&'static str]),
}

use Harmless::{Any, Number, OneOf};

/// Each parameter with its environment variable (none when that says nothing of a connection) and its harmless values.
const PASSED_OVER: [(&str, &str, Harmless); 26] = [
    // Names and options of methods of signing in that are not offered.
    ("gssdelegation", "", OneOf(&["0"])),
    ("gsslib", "", Any),
    ("krbsrvname", "", Any),
    // Text is exchanged as UTF-8, whatever else a terminal shows.
    ("client_encoding", "", OneOf(&["auto", "utf8", "utf-8", "unicode"])),
    ("channel_binding", "PGCHANNELBINDING", OneOf(&["prefer", "disable"])),
    ("gssencmode", "PGGSSENCMODE", OneOf(&["prefer", "disable"])),
    ("keepalives", "", Number),
    ("keepalives_count", "", Number),
    ("keepalives_idle", "", Number),
    ("keepalives_interval", "", Number),
    ("load_balance_hosts", "PGLOADBALANCEHOSTS", OneOf(&["disable"])),
    ("max_protocol_version", "PGMAXPROTOCOLVERSION", OneOf(&["3.0", "latest"])),
    ("min_protocol_version", "PGMINPROTOCOLVERSION", OneOf(&["3.0"])),
    ("replication", "", OneOf(&["false", "off", "no", "0"])),
    ("require_auth", "PGREQUIREAUTH", OneOf(&[])),
    ("requirepeer", "PGREQUIREPEER", OneOf(&[])),
    ("requiressl", "PGREQUIRESSL", OneOf(&["0"])),
    ("sslcertmode", "PGSSLCERTMODE", OneOf(&["allow"])),
    ("sslcompression", "PGSSLCOMPRESSION", OneOf(&["0"])),
    ("sslcrl", "PGSSLCRL", OneOf(&[])),
    ("sslcrldir", "PGSSLCRLDIR", OneOf(&[])),
    ("sslnegotiation", "PGSSLNEGOTIATION", OneOf(&["postgres"])),
    ("sslpassword", "", OneOf(&[])),
    ("sslsni", "PGSSLSNI", OneOf(&["1"])),
    ("ssl_min_protocol_version", "PGSSLMINPROTOCOLVERSION", OneOf(&["tlsv1", "tlsv1.1", "tlsv1.2"])),
    ("tcp_user_timeout", "", Number),
];

/// The name of a parameter, if it is one of these.
pub(super) fn name_of(parameter: &str) -> Option<&'static str> {
    PASSED_OVER.iter().find(|(name, ..)| *name == parameter).map(|(name, ..)| *name)
}

/// Refuses a parameter with a value that would change something. `value_of` gives the value of a parameter of this name,
/// or of the environment variable of the other.
///
/// # Errors
/// [`StorageError::AddressPart`], which names the parameter or the variable.
pub(super) fn check(
    value_of: impl Fn(&str, &str) -> Result<Option<(String, bool)>, StorageError>,
) -> Result<(), StorageError> {
    for (name, variable, harmless) in &PASSED_OVER {
        let Some((value, is_of_variable)) = value_of(name, variable)? else { continue };
        let is_harmless = match harmless {
            Any => true,
            Number => value.trim().parse::<i64>().is_ok(),
            OneOf(values) => values.contains(&value.to_lowercase().as_str()),
        };
        if !is_harmless {
            let name = if is_of_variable { variable } else { name };
            return Err(wrong(match harmless {
                Number => format!("{name} is a number"),
                _ => format!("{name} is not supported with this value; leave it out"),
            }));
        }
    }
    Ok(())
}

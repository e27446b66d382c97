//! What goes wrong with encrypted connections, in words that say what to do.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{AlertDescription, CertificateError};

use super::super::error::StorageError;
use super::address::Certificates;

/// Checks that the files for TLS can be read and hold what they should. The driver reads them again at each connection.
///
/// # Errors
/// [`StorageError::Encryption`], which names the file.
pub(super) fn check_files(certificates: &Certificates) -> Result<(), StorageError> {
    let has_certificate =
        |text: &[u8]| CertificateDer::pem_slice_iter(text).next().is_some_and(|found| found.is_ok());
    let has_key = |text: &[u8]| PrivateKeyDer::from_pem_slice(text).is_ok();
    if let Some(root) = &certificates.root {
        check_file("sslrootcert", root, "certificate in PEM form", has_certificate)?;
    }
    if let Some((certificate, key)) = &certificates.client {
        check_file("sslcert", certificate, "certificate in PEM form", has_certificate)?;
        check_file("sslkey", key, "key in PEM form without a password", has_key)?;
    }
    Ok(())
}

fn check_file(
    parameter: &str,
    path: &Path,
    what: &str,
    has_it: impl Fn(&[u8]) -> bool,
) -> Result<(), StorageError> {
    let path_shown = path.display();
    match fs::read(path) {
        Ok(text) if has_it(&text) => Ok(()),
        Ok(_) => Err(problem(format!("{path_shown} holds no {what}; name another file with {parameter}"))),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(problem(format!("{path_shown} is not there; name another file with {parameter}")))
        }
        Err(error) => Err(problem(format!("{path_shown} cannot be read ({})", error.kind()))),
    }
}

fn problem(sentence: impl Into<String>) -> StorageError {
    StorageError::Encryption(sentence.into())
}

/// The words of the driver for a server that declines TLS.
const NO_TLS: &str = "server does not support TLS";

/// Why there is no encryption with a server that declines TLS.
const DECLINED: &str = "the server does not offer TLS; turn it on there, or connect with sslmode=prefer";

/// Whether a connection failed because the server declines TLS.
pub(super) fn is_declined(failure: &StorageError) -> bool {
    matches!(failure, StorageError::Encryption(sentence) if sentence == DECLINED)
}

/// What is wrong with the encryption, when that is why a connection to `host` failed.
pub(super) fn problem_of(error: &sqlx::Error, host: &str) -> Option<StorageError> {
    match error {
        sqlx::Error::Tls(error) if error.to_string() == NO_TLS => Some(problem(DECLINED)),
        sqlx::Error::Tls(error) => match error.downcast_ref::<rustls::Error>() {
            Some(error) => Some(of_handshake(error, host)),
            None => Some(problem(error.to_string())),
        },
        sqlx::Error::Io(error) => {
            let error = error.get_ref()?.downcast_ref::<rustls::Error>()?;
            Some(of_handshake(error, host))
        }
        _ => None,
    }
}

fn of_handshake(error: &rustls::Error, host: &str) -> StorageError {
    problem(match error {
        rustls::Error::InvalidCertificate(error) => of_certificate(error, host),
        rustls::Error::AlertReceived(alert) if is_about_certificate(*alert) => {
            "the server refused the client's certificate; name one that it accepts with sslcert and sslkey"
                .to_owned()
        }
        rustls::Error::NoCertificatesPresented => "the server shows no certificate".to_owned(),
        other => format!("{other}; look into the server's log"),
    })
}

fn of_certificate(error: &CertificateError, host: &str) -> String {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "the server's certificate has expired; it has to be renewed there".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "the server's certificate is not valid yet; check the clocks of both machines".to_owned()
        }
        CertificateError::NotValidForName => format!("the server's certificate is not for {host}"),
        CertificateError::NotValidForNameContext { presented, .. } => {
            let names: Vec<&str> = presented.iter().filter_map(|name| name_of(name)).collect();
            match &names[..] {
                [] => format!(
                    "the server's certificate is for no host that it names (a Common Name does not count); have one made \
                     with the subjectAltName {host}"
                ),
                names => {
                    let names = names.join(", ");
                    format!("the server's certificate is not for {host} but for {names}; connect by that name")
                }
            }
        }
        CertificateError::UnknownIssuer => {
            "who signed the server's certificate is not known here; name the authority's certificate with sslrootcert"
                .to_owned()
        }
        CertificateError::Revoked => "the server's certificate was revoked; it has to be replaced".to_owned(),
        other if other.to_string().contains(AUTHORITY_ITSELF) => {
            "the server shows the certificate of an authority, as `openssl req -x509` makes one that signs itself; have \
             one made for the server with basicConstraints=CA:FALSE, and name who signed it with sslrootcert"
                .to_owned()
        }
        other => format!("the server's certificate cannot be verified ({other})"),
    }
}

/// The words of the library for a server's certificate that is one of an authority.
const AUTHORITY_ITSELF: &str = "CaUsedAsEndEntity";

/// The host in `DnsName("db.example")` or `IpAddress(192.0.2.7)`; other names are of no host.
fn name_of(presented: &str) -> Option<&str> {
    let name = presented.strip_prefix("DnsName(").or_else(|| presented.strip_prefix("IpAddress("))?;
    Some(name.trim_end_matches(')').trim_matches('"'))
}

fn is_about_certificate(alert: AlertDescription) -> bool {
    matches!(
        alert,
        AlertDescription::NoCertificate
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::AccessDenied
            | AlertDescription::DecryptError
            | AlertDescription::CertificateRequired
    )
}

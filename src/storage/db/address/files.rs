//! The files in which `psql` keeps services and passwords.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::super::super::error::StorageError;

/// The parameters of a service: the lines `NAME=VALUE` below `[SERVICE]`, in the first of these files that has it.
///
/// # Errors
/// [`StorageError::AddressPart`] when no file has the service, or a line of it is none of these.
pub(super) fn service(files: &[PathBuf], service: &str) -> Result<Vec<(String, String)>, StorageError> {
    for file in files {
        let text = match fs::read_to_string(file) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => {
                let sentence = format!("the service file {} cannot be read ({error})", file.display());
                return Err(StorageError::AddressPart(sentence));
            }
            Ok(text) => text,
        };
        let mut lines = text.lines().map(str::trim).enumerate();
        if !lines
            .any(|(_, line)| line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) == Some(service))
        {
            continue;
        }
        return lines
            .take_while(|(_, line)| !line.starts_with('['))
            .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
            .map(|(index, line)| match line.split_once('=') {
                Some((name, value)) => Ok((name.trim().to_owned(), value.trim().to_owned())),
                None => Err(StorageError::AddressPart(format!(
                    "line {} of {} is no NAME=VALUE",
                    index + 1,
                    file.display()
                ))),
            })
            .collect();
    }
    Err(StorageError::AddressPart(format!("there is no service `{service}`; look into ~/.pg_service.conf")))
}

/// The password of the first line `HOST:PORT:DATABASE:USER:PASSWORD` that fits; `*` fits everything, and `\` escapes. A
/// file that others can read is left alone, as `psql` does.
pub(super) fn password(file: &Path, of: [&str; 4]) -> Option<String> {
    let permissions = fs::metadata(file).ok()?.permissions();
    if permissions.mode() & 0o077 != 0 {
        tracing::warn!("{} is not used, because others can read it: make it 0600", file.display());
        return None;
    }
    let text = fs::read_to_string(file).ok()?;
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let mut rest = line;
        let fits = of.iter().all(|wanted| {
            let (field, after) = field(rest);
            rest = after;
            field == "*" || field == *wanted
        });
        // The colons of the password need no escape.
        fits.then(|| unescaped(rest)).filter(|password| !password.is_empty())
    })
}

/// The text up to the next `:` that is not escaped, and what follows it.
fn field(line: &str) -> (String, &str) {
    let mut is_escaped = false;
    let end = line.find(|c| {
        let is_end = c == ':' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        is_end
    });
    end.map_or_else(|| (unescaped(line), ""), |end| (unescaped(&line[..end]), &line[end + 1..]))
}

/// A text without the `\` before escaped characters.
fn unescaped(text: &str) -> String {
    let mut characters = text.chars();
    let next = || match characters.next() {
        Some('\\') => characters.next(),
        other => other,
    };
    std::iter::from_fn(next).collect()
}

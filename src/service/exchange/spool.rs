//! Objects that wait for others, in memory while they are few and in an unnamed temporary file when many.
//!
//! The last one in is the first one out: a file that names users before persons before companies is
//! then unwound from its end, in one round instead of three.

use std::io::{self, Read, Seek, SeekFrom, Write};

use serde_json::{Map, Value};
use tempfile::{SpooledTempFile, spooled_tempfile};

use crate::service::exchange::reader::Object;

/// How much waits in memory before it goes to a file.
const IN_MEMORY: usize = 8 << 20;

/// Each entry is followed by its length, so that it can be read from the end.
const TRAILER: i64 = size_of::<u32>() as i64;

/// An object that waits, and what it waits for.
pub(super) struct Waiting {
    /// The object.
    pub object: Object,
    /// What is missing: one sentence.
    pub missing: String,
}

/// A stack of waiting objects.
pub(super) struct Spool(SpooledTempFile);

impl Spool {
    /// A spool that holds nothing.
    pub(super) fn new() -> Self {
        Self(spooled_tempfile(IN_MEMORY))
    }

    /// Puts an object on top.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn push(&mut self, waiting: &Waiting) -> io::Result<()> {
        let Object { line, bytes, properties } = &waiting.object;
        let entry = serde_json::to_vec(&(line, bytes, properties, &waiting.missing))?;
        let length = u32::try_from(entry.len()).map_err(io::Error::other)?;
        self.0.write_all(&entry)?;
        self.0.write_all(&length.to_le_bytes())
    }

    /// Takes the object that was put there last; `None` when there is no more.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn pop(&mut self) -> io::Result<Option<Waiting>> {
        if self.0.stream_position()? == 0 {
            return Ok(None);
        }
        let mut length = [0; size_of::<u32>()];
        self.0.seek(SeekFrom::Current(-TRAILER))?;
        self.0.read_exact(&mut length)?;
        let length = u32::from_le_bytes(length);
        let start = self.0.seek(SeekFrom::Current(-TRAILER - i64::from(length)))?;
        let mut entry = vec![0; length as usize];
        self.0.read_exact(&mut entry)?;
        self.0.seek(SeekFrom::Start(start))?;
        self.0.set_len(start)?;
        let (line, bytes, properties, missing): (u64, usize, Map<String, Value>, String) =
            serde_json::from_slice(&entry)?;
        Ok(Some(Waiting { object: Object { line, bytes, properties }, missing }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn waiting(line: u64, text: &str) -> Waiting {
        let properties = json!({"n": text, "exact": 1}).as_object().cloned().unwrap_or_default();
        Waiting { object: Object { line, bytes: text.len(), properties }, missing: format!("{line}?") }
    }

    #[test]
    fn the_last_one_in_is_the_first_one_out_in_memory_and_on_disk() {
        let mut spool = Spool::new();
        let long = "x".repeat(IN_MEMORY / 4);
        for line in 1..=6 {
            spool.push(&waiting(line, &long)).unwrap();
        }
        assert_eq!(spool.pop().unwrap().unwrap().object, waiting(6, &long).object);
        spool.push(&waiting(7, "short")).unwrap();
        let mut lines = Vec::new();
        while let Some(waiting) = spool.pop().unwrap() {
            assert_eq!(waiting.missing, format!("{}?", waiting.object.line));
            lines.push(waiting.object.line);
        }
        assert_eq!(lines, [7, 5, 4, 3, 2, 1]);
    }
}

//! A stack of objects that wait for others: in memory up to 8 MiB, beyond that in an unnamed temporary file.
//!
//! Objects leave in reverse order. An input with users before their persons before their companies is thus resolved
//! in one round instead of three.

use std::io::{self, Read, Seek, SeekFrom, Write};

use tempfile::{SpooledTempFile, spooled_tempfile};

use crate::service::exchange::properties::Properties;
use crate::service::exchange::reader::Object;
use crate::service::exchange::trouble::Missing;

/// The most bytes held in memory; with more, all go to a file.
const IN_MEMORY: usize = 8 << 20;

/// The bytes after each entry that hold its length, so that entries can be read from the end.
const TRAILER: i64 = size_of::<u32>() as i64;

/// An object that waits for another record.
pub(super) struct Waiting {
    /// The object.
    pub object: Object,
    /// What is missing.
    pub missing: Missing,
}

/// A stack of waiting objects.
pub(super) struct Spool {
    file: SpooledTempFile,
    len: u64,
}

impl Spool {
    /// A spool that holds nothing.
    pub(super) fn new() -> Self {
        Self { file: spooled_tempfile(IN_MEMORY), len: 0 }
    }

    /// How many objects wait.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// Pushes an object. One with a lone surrogate does not wait.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn push(&mut self, waiting: &Waiting) -> io::Result<()> {
        let Object { line, properties, has_lone_surrogate: _ } = &waiting.object;
        let entry = serde_json::to_vec(&(line, properties.to_text(), &waiting.missing))?;
        let length = u32::try_from(entry.len()).map_err(io::Error::other)?;
        self.file.write_all(&entry)?;
        self.file.write_all(&length.to_le_bytes())?;
        self.len += 1;
        Ok(())
    }

    /// Pops the object that was pushed last; `None` when the spool is empty.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn pop(&mut self) -> io::Result<Option<Waiting>> {
        if self.file.stream_position()? == 0 {
            return Ok(None);
        }
        let mut length = [0; size_of::<u32>()];
        self.file.seek(SeekFrom::Current(-TRAILER))?;
        self.file.read_exact(&mut length)?;
        let length = u32::from_le_bytes(length);
        let start = self.file.seek(SeekFrom::Current(-TRAILER - i64::from(length)))?;
        let mut entry = vec![0; length as usize];
        self.file.read_exact(&mut entry)?;
        self.file.seek(SeekFrom::Start(start))?;
        self.file.set_len(start)?;
        self.len -= 1;
        let (line, properties, missing): (u64, String, Missing) = serde_json::from_slice(&entry)?;
        let properties = Properties::parse(&properties)?;
        let object = Object { line, properties, has_lone_surrogate: false };
        Ok(Some(Waiting { object, missing }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn waiting(line: u64, text: &str) -> Waiting {
        let properties = Properties::parse(&json!({"n": text, "exact": 1}).to_string()).expect("an object");
        let object = Object { line, properties, has_lone_surrogate: false };
        Waiting { object, missing: Missing::whole(format!("{line}?")) }
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
            assert_eq!(waiting.missing.sentence, format!("{}?", waiting.object.line));
            lines.push(waiting.object.line);
        }
        assert_eq!((lines, spool.len()), (vec![7, 5, 4, 3, 2, 1], 0));
    }
}

//! The encoding of the input: UTF-8 with or without a byte order mark, or UTF-16 with one, which is recoded.

use std::io::{self, BufReader, Cursor, Read};

/// The byte order mark of UTF-8.
const UTF_8: &[u8] = b"\xEF\xBB\xBF";

/// The byte order mark of UTF-16 with the low byte first.
const UTF_16_LITTLE: &[u8] = b"\xFF\xFE";

/// The byte order mark of UTF-16 with the high byte first.
const UTF_16_BIG: &[u8] = b"\xFE\xFF";

/// The first bytes of files that hold the input packed, and what they are.
const PACKED: [(&[u8], &str); 2] = [(b"\x1F\x8B", "gzip"), (b"PK\x03\x04", "a zip archive")];

/// The most bytes of UTF-8 that are recoded ahead.
const AHEAD: usize = 8 << 10;

/// The input as UTF-8, without its byte order mark. Bytes that are no text are passed on; a lone surrogate of UTF-16
/// becomes the three bytes that UTF-8 would have for its number.
///
/// # Errors
/// When the input cannot be read, or is packed; the sentence then names the format.
pub(super) fn as_utf8<'a>(input: impl Read + 'a) -> io::Result<Box<dyn Read + 'a>> {
    let mut input = BufReader::with_capacity(64 << 10, input);
    let mut start = Vec::with_capacity(4);
    input.by_ref().take(4).read_to_end(&mut start)?;
    if let Some((_, format)) = PACKED.iter().find(|(mark, _)| start.starts_with(mark)) {
        return Err(io::Error::other(format!("this is {format}; unpack it first")));
    }
    let after = |mark: &[u8]| Cursor::new(start[mark.len()..].to_vec());
    Ok(if start.starts_with(UTF_8) {
        Box::new(after(UTF_8).chain(input))
    } else if start.starts_with(UTF_16_LITTLE) {
        Box::new(Recoded::new(after(UTF_16_LITTLE).chain(input), u16::from_le_bytes))
    } else if start.starts_with(UTF_16_BIG) {
        Box::new(Recoded::new(after(UTF_16_BIG).chain(input), u16::from_be_bytes))
    } else {
        Box::new(Cursor::new(start).chain(input))
    })
}

/// UTF-16 that is read as UTF-8.
struct Recoded<R> {
    input: BufReader<R>,
    unit: fn([u8; 2]) -> u16,
    /// A unit that is read already.
    waiting: Option<u16>,
    /// What is recoded and not read yet.
    ready: Cursor<Vec<u8>>,
    /// What stands behind it that is no text.
    failed: Option<io::Error>,
}

impl<R: Read> Recoded<R> {
    fn new(input: R, unit: fn([u8; 2]) -> u16) -> Self {
        let input = BufReader::with_capacity(AHEAD, input);
        Self { input, unit, waiting: None, ready: Cursor::default(), failed: None }
    }

    /// The next code unit; `None` at the end.
    fn next_unit(&mut self) -> io::Result<Option<u16>> {
        let mut bytes = Vec::with_capacity(2);
        self.input.by_ref().take(2).read_to_end(&mut bytes)?;
        match bytes[..] {
            [] => Ok(None),
            [one, two] => Ok(Some((self.unit)([one, two]))),
            _ => Err(io::Error::other("the input ends in the middle of a character")),
        }
    }

    /// Recodes the next unit, and a second one that belongs to it; `false` at the end.
    fn recode_next(&mut self, ready: &mut Vec<u8>) -> io::Result<bool> {
        let Some(first) = self.waiting.take().map_or_else(|| self.next_unit(), |unit| Ok(Some(unit)))? else {
            return Ok(false);
        };
        let is_high = (0xD800..0xDC00).contains(&first);
        let second = if is_high { self.next_unit()? } else { None };
        match char::decode_utf16([first].into_iter().chain(second)).next() {
            Some(Ok(character)) => ready.extend(character.encode_utf8(&mut [0; 4]).bytes()),
            _ => {
                let [high, low] = first.to_be_bytes();
                ready.extend([0xE0 | high >> 4, 0x80 | (high & 0x0F) << 2 | low >> 6, 0x80 | low & 0x3F]);
                self.waiting = second;
            }
        }
        Ok(true)
    }
}

impl<R: Read> Read for Recoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.ready.read(buffer)?;
        if count > 0 || buffer.is_empty() {
            return Ok(count);
        }
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let mut ready = Vec::new();
        while ready.len() < AHEAD && self.failed.is_none() {
            match self.recode_next(&mut ready) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => self.failed = Some(error),
            }
        }
        self.ready = Cursor::new(ready);
        match self.ready.read(buffer)? {
            0 => self.failed.take().map_or(Ok(0), Err),
            count => Ok(count),
        }
    }
}

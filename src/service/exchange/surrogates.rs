//! Lone surrogates of the input, which are no characters: half an object's text must not end the whole input.

use std::cell::Cell;
use std::collections::VecDeque;
use std::io::{self, Read};
use std::ops::RangeInclusive;
use std::rc::Rc;

/// The first units of a surrogate pair.
const HIGH: RangeInclusive<u16> = 0xD800..=0xDBFF;

/// The second units of a surrogate pair.
const LOW: RangeInclusive<u16> = 0xDC00..=0xDFFF;

/// The bytes of an escaped unit: `\ud800`.
const ESCAPE: usize = 6;

/// JSON text in which each lone surrogate, escaped (`\ud800`) or written as the three bytes of its number, is replaced by
/// U+FFFD, written in as many bytes. `found` is set as soon as the first of these bytes is read.
pub(super) struct WithoutLoneSurrogates<R> {
    input: R,
    found: Rc<Cell<bool>>,
    /// Bytes that are read ahead.
    ahead: VecDeque<u8>,
    /// How many of them are judged already.
    judged: usize,
}

impl<R: Read> WithoutLoneSurrogates<R> {
    /// The text of `input`.
    pub(super) fn new(input: R, found: Rc<Cell<bool>>) -> Self {
        Self { input, found, ahead: VecDeque::new(), judged: 0 }
    }

    /// Reads until so many bytes are ahead; fewer at the end of the input.
    fn look_ahead(&mut self, count: usize) -> io::Result<()> {
        let missing = count.saturating_sub(self.ahead.len());
        let mut bytes = Vec::new();
        self.input.by_ref().take(missing as u64).read_to_end(&mut bytes)?;
        self.ahead.extend(bytes);
        Ok(())
    }

    /// The unit that is escaped from this byte on.
    fn escaped_unit(&self, start: usize) -> Option<u16> {
        let mut bytes = self.ahead.iter().skip(start);
        if (bytes.next(), bytes.next()) != (Some(&b'\\'), Some(&b'u')) {
            return None;
        }
        let digits: Option<Vec<u32>> = bytes.take(4).map(|digit| char::from(*digit).to_digit(16)).collect();
        let digits = digits.filter(|digits| digits.len() == 4)?;
        u16::try_from(digits.iter().fold(0, |unit, digit| unit << 4 | digit)).ok()
    }

    /// Judges the first bytes ahead, which begin with a backslash: how many belong together.
    fn judge_escape(&mut self) -> io::Result<usize> {
        self.look_ahead(ESCAPE)?;
        let Some(unit) = self.escaped_unit(0) else { return Ok(self.ahead.len().min(2)) };
        if HIGH.contains(&unit) {
            self.look_ahead(2 * ESCAPE)?;
            if self.escaped_unit(ESCAPE).is_some_and(|second| LOW.contains(&second)) {
                return Ok(2 * ESCAPE);
            }
        }
        if HIGH.contains(&unit) || LOW.contains(&unit) {
            self.replace(br"\ufffd");
        }
        Ok(ESCAPE)
    }

    /// Judges the first bytes ahead, which begin with `ED`: how many belong together.
    fn judge_bytes(&mut self) -> io::Result<usize> {
        self.look_ahead(3)?;
        let mut after = self.ahead.iter().skip(1);
        let is_surrogate = after.next().is_some_and(|byte| (0xA0..=0xBF).contains(byte))
            && after.next().is_some_and(|byte| (0x80..=0xBF).contains(byte));
        if !is_surrogate {
            return Ok(1);
        }
        self.replace("\u{fffd}".as_bytes());
        Ok(3)
    }

    fn replace(&mut self, by: &[u8]) {
        self.ahead.iter_mut().zip(by).for_each(|(byte, new)| *byte = *new);
        self.found.set(true);
    }
}

impl<R: Read> Read for WithoutLoneSurrogates<R> {
    /// Reads one byte at a time, so that nothing is found before it is read.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(next) = buffer.first_mut() else { return Ok(0) };
        if self.ahead.is_empty() {
            let count = self.input.read(std::slice::from_mut(next))?;
            if count == 0 || !matches!(*next, b'\\' | 0xED) {
                return Ok(count);
            }
            self.ahead.push_back(*next);
        }
        if self.judged == 0 {
            self.judged = match self.ahead.front() {
                Some(b'\\') => self.judge_escape()?,
                Some(0xED) => self.judge_bytes()?,
                _ => 1,
            };
        }
        if let Some(byte) = self.ahead.pop_front() {
            *next = byte;
        }
        self.judged -= 1;
        Ok(1)
    }
}

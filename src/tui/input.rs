//! Input from the terminal: keys, pastes and new sizes.
//!
//! A thread of its own reads the terminal and passes on everything there is, so that the event loop can handle all
//! that was typed before it draws. The bytes are decoded here and not by crossterm, for which a late report of the
//! terminal is text, or the beginning of a sequence that swallows every key after it.

pub mod decoder;

use std::collections::VecDeque;
use std::io::{self, Stdin};
use std::thread;

use crossterm::event::Event;
use crossterm::terminal;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, read};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use decoder::Decoder;

/// The most bytes that are read at once.
const READ: usize = 4096;

/// The inputs of the terminal, in order.
pub struct Input {
    events: UnboundedReceiver<Event>,
    /// The window has another size.
    resized: Signal,
}

impl Input {
    /// Starts the reading thread, which runs as long as the program: nothing else may read the terminal from here on.
    ///
    /// # Errors
    /// When no thread can be started, or no signal awaited.
    pub fn listen() -> io::Result<Self> {
        let (sender, events) = unbounded_channel();
        thread::Builder::new().name("input".to_owned()).spawn(move || {
            for event in Reader::default() {
                if sender.send(event).is_err() {
                    break;
                }
            }
        })?;
        Self::of(events)
    }

    /// Input that others send.
    ///
    /// # Errors
    /// When no signal can be awaited.
    pub(crate) fn of(events: UnboundedReceiver<Event>) -> io::Result<Self> {
        Ok(Self { events, resized: signal(SignalKind::window_change())? })
    }

    /// The next input; `None` when the terminal is gone.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            tokio::select! {
                biased;
                event = self.events.recv() => return event,
                Some(()) = self.resized.recv() => {
                    // A terminal that is gone has no size; that it is gone is read.
                    if let Ok((columns, lines)) = terminal::size() {
                        return Some(Event::Resize(columns, lines));
                    }
                }
            }
        }
    }
}

/// Reads the terminal on standard input.
pub struct Reader {
    terminal: Stdin,
    decoder: Decoder,
    read: VecDeque<Event>,
}

impl Default for Reader {
    fn default() -> Self {
        Self { terminal: io::stdin(), decoder: Decoder::default(), read: VecDeque::new() }
    }
}

impl Iterator for Reader {
    type Item = Event;

    /// Waits for the next key or paste; `None` when the other end of the terminal is closed. SIGHUP tells less of that:
    /// it may be ignored, or sent to another session.
    fn next(&mut self) -> Option<Event> {
        let mut bytes = [0; READ];
        while self.read.is_empty() {
            let decoded = match self.is_ready() {
                Ok(false) => self.decoder.give_up(),
                Ok(true) => match read(&self.terminal, &mut bytes) {
                    Ok(count @ 1..) => self.decoder.take(&bytes[..count]),
                    Err(Errno::INTR | Errno::AGAIN) => Vec::new(),
                    Ok(0) | Err(_) => return None,
                },
                Err(Errno::INTR) => Vec::new(),
                Err(_) => return None,
            };
            self.read.extend(decoded);
        }
        self.read.pop_front()
    }
}

impl Reader {
    /// Waits until there is something to read, or the terminal is closed; `false` when a key that has begun is not
    /// waited for any longer.
    fn is_ready(&self) -> Result<bool, Errno> {
        let patience = self.decoder.patience();
        let timeout = patience.and_then(|patience| Timespec::try_from(patience).ok());
        let mut terminal = [PollFd::new(&self.terminal, PollFlags::IN)];
        poll(&mut terminal, timeout.as_ref()).map(|ready| ready > 0)
    }
}

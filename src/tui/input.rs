//! What the terminal sends: keys, pastes, sizes.
//!
//! A thread of its own waits for the terminal and hands on all there is, so that the event loop can take everything
//! that was typed before it draws. The crate feature `use-dev-tty` belongs to this: the other way in which crossterm
//! waits is told only once that there is something to read, and leaves a key lying until the next one when the
//! window changes its size at the same moment, and what was typed ahead beyond a kilobyte too.

use std::{io, thread};

use crossterm::event::{self, Event};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// What the terminal sends, in order.
pub struct Input {
    events: UnboundedReceiver<Event>,
}

impl Input {
    /// Begins to listen. Ends with the program: nothing else may read the terminal from here on.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn listen() -> io::Result<Self> {
        let (sender, events) = unbounded_channel();
        thread::Builder::new().name("input".to_owned()).spawn(move || {
            while let Ok(event) = event::read() {
                if sender.send(event).is_err() {
                    break;
                }
            }
        })?;
        Ok(Self { events })
    }

    /// What comes next; `None` when the terminal is gone.
    pub async fn next(&mut self) -> Option<Event> {
        self.events.recv().await
    }
}

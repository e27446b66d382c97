//! Input from the terminal: keys, pastes and new sizes.
//!
//! A thread of its own reads the terminal and passes on everything there is, so that the event loop can handle all
//! that was typed before it draws. The crate feature `use-dev-tty` belongs to this: crossterm's other way of waiting
//! reports input only once, so it leaves a key unread until the next one when the window is resized at the same
//! moment, and also what was typed ahead beyond a kilobyte.

use std::{io, thread};

use crossterm::event::{self, Event};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// The inputs of the terminal, in order.
pub struct Input {
    events: UnboundedReceiver<Event>,
    /// Gets a message when the other end of the terminal is closed.
    gone: UnboundedReceiver<()>,
}

impl Input {
    /// Starts the reading thread, which runs as long as the program: nothing else may read the terminal from here on.
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
        let (hung_up, gone) = unbounded_channel();
        thread::Builder::new().name("hang-up".to_owned()).spawn(move || {
            if is_hung_up() {
                // Fails only when the program is ending already.
                let _ = hung_up.send(());
            }
        })?;
        Ok(Self { events, gone })
    }

    /// Input that a test sends.
    #[cfg(test)]
    pub(crate) fn of(events: UnboundedReceiver<Event>, gone: UnboundedReceiver<()>) -> Self {
        Self { events, gone }
    }

    /// The next input; `None` when the terminal is gone.
    pub async fn next(&mut self) -> Option<Event> {
        tokio::select! {
            biased;
            event = self.events.recv() => event,
            Some(()) = self.gone.recv() => None,
        }
    }
}

/// Blocks until the other end of the terminal is closed; returns `false` where that cannot be waited for. SIGHUP is
/// not enough: it may be ignored, or sent to another session. And crossterm takes a closed terminal for one without
/// input, and polls it in a busy loop.
fn is_hung_up() -> bool {
    let stdin = io::stdin();
    loop {
        // A poll for no events still reports a hang-up, and nothing else.
        let mut terminal = [PollFd::new(&stdin, PollFlags::empty())];
        match poll(&mut terminal, None) {
            Ok(0) | Err(Errno::INTR) => {}
            Ok(_) => return terminal[0].revents().intersects(PollFlags::HUP | PollFlags::ERR),
            Err(_) => return false,
        }
    }
}

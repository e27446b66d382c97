//! What the terminal sends: keys, pastes, sizes.
//!
//! A thread of its own waits for the terminal and hands on all there is, so that the event loop can take everything
//! that was typed before it draws. The crate feature `use-dev-tty` belongs to this: the other way in which crossterm
//! waits is told only once that there is something to read, and leaves a key lying until the next one when the
//! window changes its size at the same moment, and what was typed ahead beyond a kilobyte too.

use std::{io, thread};

use crossterm::event::{self, Event};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// What the terminal sends, in order.
pub struct Input {
    events: UnboundedReceiver<Event>,
    /// Told when nobody is at the other end of the terminal any more.
    gone: UnboundedReceiver<()>,
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
        let (hung_up, gone) = unbounded_channel();
        thread::Builder::new().name("hang-up".to_owned()).spawn(move || {
            if is_hung_up() {
                // Nobody listens where the program is ending already.
                let _ = hung_up.send(());
            }
        })?;
        Ok(Self { events, gone })
    }

    /// What comes next; `None` when the terminal is gone.
    pub async fn next(&mut self) -> Option<Event> {
        tokio::select! {
            biased;
            event = self.events.recv() => event,
            Some(()) = self.gone.recv() => None,
        }
    }
}

/// Waits until the other end of the terminal is closed; `false` where that cannot be waited for. SIGHUP does not always
/// tell: it may be ignored, or sent to another session; and crossterm takes a terminal that is gone for one that has
/// nothing to say, and asks it again at once for ever.
fn is_hung_up() -> bool {
    let stdin = io::stdin();
    loop {
        // A poll for no event hears of a hang-up all the same, and of nothing else.
        let mut terminal = [PollFd::new(&stdin, PollFlags::empty())];
        match poll(&mut terminal, None) {
            Ok(0) | Err(Errno::INTR) => {}
            Ok(_) => return terminal[0].revents().intersects(PollFlags::HUP | PollFlags::ERR),
            Err(_) => return false,
        }
    }
}

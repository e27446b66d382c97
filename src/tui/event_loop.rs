//! Waits for answers, input and signals, and draws when none of them is left to take.
//!
//! There is no tick: while nothing happens, nothing runs (invariant 4). There are two timers: one says "working…"
//! when an answer takes long, and stands only while one is awaited; the other locks the console when nobody touches
//! it, and stands only while somebody is signed in.

use std::io;
use std::time::Duration;

use crossterm::event::{Event as Input, EventStream};
use futures::StreamExt;
use jiff::{SignedDuration, Timestamp};
use signal_hook::consts::SIGTSTP;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, sleep_until};

use crate::service::World;
use crate::tui::Settings;
use crate::tui::console::{Console, Errand};
use crate::tui::layout_store::LayoutError;
use crate::tui::message::{Notice, Tone};
use crate::tui::runtime::{Answer, Runtime};
use crate::tui::terminal::Terminal;

/// How long an answer may take before the frame says so.
const PATIENCE: Duration = Duration::from_millis(300);

/// How the console ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The operator left.
    Quit,
    /// A signal of this number asked it to end.
    Signal(i32),
    /// The terminal was closed.
    TerminalGone,
}

/// Runs the console until it ends. Writes under way are waited for.
///
/// # Errors
/// When the terminal cannot be read or written.
pub async fn run<A: Answer>(
    console: &mut Console,
    runtime: &mut Runtime<A>,
    terminal: &mut Terminal,
    world: &World,
    settings: &Settings,
) -> io::Result<Ending> {
    let layouts = &settings.layouts;
    let mut touch = Touch::now(world);
    let mut input = EventStream::new();
    let mut signals = Signals::listen()?;
    let mut waiting_since = None;
    let ending = loop {
        for errand in console.take_errands() {
            match errand {
                Errand::Run(ticket, request) => runtime.run(ticket, request),
                Errand::Forget(layer) => runtime.forget(layer),
                Errand::AtSite(site) => runtime.move_to(&site),
                Errand::Copy(text) => terminal.copy(&text)?,
                Errand::SignedIn(login) => match layouts.load(&login) {
                    Ok(kept) => console.lay_out(kept),
                    Err(error) => console.notify(trouble(&error)),
                },
                Errand::KeepLayout { login, name, items } => {
                    if let Err(error) = layouts.keep(&login, &name, items) {
                        console.notify(trouble(&error));
                    }
                }
                Errand::Suspend => suspend(terminal, console)?,
                Errand::Quit => return finish(runtime, Ending::Quit).await,
            }
        }
        if runtime.outstanding() == 0 {
            waiting_since = None;
            console.show_waiting(false);
        } else {
            waiting_since.get_or_insert_with(Instant::now);
        }
        let patience_ends = waiting_since.map(|since| since + PATIENCE);
        let idle_from = settings.lock_after.map(|after| touch.at + after);
        tokio::select! {
            biased;
            (ticket, result) = runtime.next() => {
                console.set_today(world.today());
                console.reply(ticket, result);
            }
            event = input.next() => match event {
                Some(Ok(event)) => {
                    console.set_today(world.today());
                    touch.take(console, event, settings.lock_after, world);
                }
                Some(Err(_)) | None => break Ending::TerminalGone,
            },
            asked = signals.next() => match asked {
                Asked::ToEnd(number) => break Ending::Signal(number),
                Asked::ToStop => suspend(terminal, console)?,
            },
            () = long_enough(idle_from), if console.is_attended() => {
                console.nobody_touched(settings.lock_after.unwrap_or_default());
            }
            () = std::future::ready(()), if console.is_dirty() => terminal.draw(console)?,
            () = long_enough(patience_ends), if !console.is_waiting() => console.show_waiting(true),
        }
    };
    finish(runtime, ending).await
}

fn trouble(error: &LayoutError) -> Notice {
    Notice { tone: Tone::Bad, text: error.to_string() }
}

async fn finish<A: Answer>(runtime: &mut Runtime<A>, ending: Ending) -> io::Result<Ending> {
    runtime.finish().await;
    Ok(ending)
}

/// Stops until the shell lets the program go on; then everything is drawn again.
fn suspend(terminal: &mut Terminal, console: &mut Console) -> io::Result<()> {
    terminal.suspend()?;
    console.redraw();
    Ok(())
}

async fn long_enough(until: Option<Instant>) {
    match until {
        Some(until) => sleep_until(until).await,
        None => std::future::pending().await,
    }
}

/// When somebody last touched the console.
struct Touch {
    at: Instant,
    /// The same by the clock, which goes on while the machine sleeps.
    clock: Timestamp,
}

impl Touch {
    fn now(world: &World) -> Self {
        Self { at: Instant::now(), clock: (world.now)() }
    }

    /// Hands in what the terminal sent, but not the touch that wakes a console left alone for too long: it was
    /// not meant for what is in front then.
    fn take(&mut self, console: &mut Console, event: Input, lock_after: Option<Duration>, world: &World) {
        let is_touch = matches!(event, Input::Key(_) | Input::Paste(_) | Input::Mouse(_));
        let slept = SignedDuration::try_from(lock_after.unwrap_or(Duration::MAX))
            .is_ok_and(|after| (world.now)().duration_since(self.clock) >= after);
        if slept && console.is_attended() {
            console.nobody_touched(lock_after.unwrap_or_default());
        } else {
            console.handle_input(event);
        }
        if is_touch {
            *self = Self::now(world);
        }
    }
}

/// What a signal asks for.
enum Asked {
    ToEnd(i32),
    ToStop,
}

struct Signals {
    terminate: Signal,
    hang_up: Signal,
    interrupt: Signal,
    stop: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            stop: signal(SignalKind::from_raw(SIGTSTP))?,
        })
    }

    async fn next(&mut self) -> Asked {
        let ends = |kind: SignalKind| Asked::ToEnd(kind.as_raw_value());
        tokio::select! {
            _ = self.terminate.recv() => ends(SignalKind::terminate()),
            _ = self.hang_up.recv() => ends(SignalKind::hangup()),
            _ = self.interrupt.recv() => ends(SignalKind::interrupt()),
            _ = self.stop.recv() => Asked::ToStop,
        }
    }
}

//! Waits for answers, input and signals, and draws when none of them is left to take.
//!
//! There is no tick: while nothing happens, nothing runs (invariant 4). There are two timers: one says "working…"
//! when an answer takes long, and stands only while one is awaited; the other locks the console when nobody touches
//! it, and stands only while somebody is signed in.

use std::io;
use std::time::Duration;

use crossterm::event::Event;
use jiff::{SignedDuration, Timestamp};
use signal_hook::consts::SIGTSTP;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, sleep_until};

use crate::service::World;
use crate::tui::Settings;
use crate::tui::console::{Console, HostEffect};
use crate::tui::input::Input;
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
    let mut watch = Watch::new(settings.lock_after, world);
    let mut input = Input::listen()?;
    let mut signals = Signals::listen()?;
    let mut waiting_since = None;
    let ending = loop {
        for host_effect in console.take_host_effects() {
            match host_effect {
                HostEffect::Run(ticket, request, when) => runtime.run(ticket, request, when),
                HostEffect::Hurry => runtime.hurry(),
                HostEffect::Forget(layer) => runtime.forget(layer),
                HostEffect::AtSite(site) => runtime.choose_site(&site),
                HostEffect::Copy(text) => terminal.copy(&text)?,
                HostEffect::SignedIn(login) => match layouts.load(&login) {
                    Ok(kept) => console.lay_out(kept),
                    Err(error) => console.notify(trouble(&error)),
                },
                HostEffect::KeepLayout { login, name, items } => {
                    if let Err(error) = layouts.keep(&login, &name, items) {
                        console.notify(trouble(&error));
                    }
                }
                HostEffect::Suspend => suspend(terminal, console)?,
                HostEffect::Quit => return finish(runtime, Ending::Quit).await,
            }
        }
        if runtime.outstanding() == 0 {
            waiting_since = None;
            console.show_waiting(false);
        } else {
            waiting_since.get_or_insert_with(Instant::now);
        }
        let patience_ends = waiting_since.map(|since| since + PATIENCE);
        tokio::select! {
            biased;
            (ticket, result) = runtime.next() => {
                console.set_today(world.today());
                console.reply(ticket, result);
            }
            event = input.next() => match event {
                Some(event) => {
                    console.set_today(world.today());
                    watch.hand_in(event, console);
                }
                None => break Ending::TerminalGone,
            },
            asked = signals.next() => match asked {
                Asked::ToEnd(number) => break Ending::Signal(number),
                Asked::ToStop => suspend(terminal, console)?,
            },
            () = long_enough(watch.ends()), if console.is_attended() => watch.end(console),
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

/// Waits for a console that nobody touches any more.
struct Watch<'a> {
    /// How long nobody may touch it.
    after: Option<Duration>,
    world: &'a World,
    touched: Instant,
    /// The same by the clock, which goes on while the machine sleeps.
    touched_at: Timestamp,
}

impl<'a> Watch<'a> {
    fn new(after: Option<Duration>, world: &'a World) -> Self {
        Self { after, world, touched: Instant::now(), touched_at: (world.now)() }
    }

    /// When it has waited long enough.
    fn ends(&self) -> Option<Instant> {
        self.after.map(|after| self.touched + after)
    }

    fn is_over(&self) -> bool {
        let after = self.after.and_then(|after| SignedDuration::try_from(after).ok());
        after.is_some_and(|after| (self.world.now)().duration_since(self.touched_at) >= after)
    }

    /// Leaves nothing to see for whoever comes by.
    fn end(&self, console: &mut Console) {
        if let Some(after) = self.after {
            console.nobody_touched(after);
        }
    }

    /// Hands in what the terminal sent, but not the touch that wakes a console left alone for too long: it was
    /// not meant for what is in front then.
    fn hand_in(&mut self, event: Event, console: &mut Console) {
        let is_touch = matches!(event, Event::Key(_) | Event::Paste(_) | Event::Mouse(_));
        if self.is_over() && console.is_attended() {
            self.end(console);
        } else {
            console.handle_input(event);
        }
        if is_touch {
            *self = Self::new(self.after, self.world);
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use uuid::Uuid;

    use super::*;
    use crate::domain::model::value::RecordId;
    use crate::service::Policy;
    use crate::service::back_office::SignedIn;
    use crate::tui::screens;
    use crate::tui::testing::parse_keys;
    use crate::tui::theme::Theme;

    #[test]
    fn promise_6_the_key_that_wakes_a_console_left_alone_is_given_to_nobody() {
        let minutes = Arc::new(AtomicI64::new(0));
        let passed = Arc::clone(&minutes);
        let now = move || Timestamp::UNIX_EPOCH + SignedDuration::from_mins(passed.load(Ordering::SeqCst));
        let world = World { now: Arc::new(now), ..World::real(Policy::default()) };
        let mut console = Console::new(screens::open, Theme::plain(), "acme.db");
        console.sign_in(SignedIn {
            operator: RecordId(Uuid::nil()),
            login: "mkoleva".to_owned(),
            name: "Maria Koleva".to_owned(),
            language: "en".to_owned(),
            is_admin: true,
            enterprise_company: None,
            site: None,
        });
        let mut watch = Watch::new(Some(Duration::from_secs(15 * 60)), &world);
        let mut press = |keys: &str, console: &mut Console| {
            parse_keys(keys).into_iter().for_each(|key| watch.hand_in(Event::Key(key), console));
            console.is_attended()
        };
        minutes.store(14, Ordering::SeqCst);
        assert!(press("<Down>", &mut console));
        minutes.store(28, Ordering::SeqCst);
        assert!(press("<Down>", &mut console), "a key makes it wait anew");
        minutes.store(43, Ordering::SeqCst);
        assert!(!press("<C-q>", &mut console));
        assert!(!console.take_host_effects().contains(&HostEffect::Quit));
    }
}

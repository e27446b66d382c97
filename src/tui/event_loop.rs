//! Waits for answers, input and signals, and draws when none of them is left to take.
//!
//! There is no tick: while nothing happens, nothing runs (invariant 4). There are three timers: two say that an answer
//! takes long, and stand only while one is awaited; the other locks the console when nobody touches it, and stands
//! only while somebody is signed in.
//!
//! Leaving is always possible (`docs/promises.md` 32): the first Ctrl+Q waits for what is being saved, and goes on
//! listening while it waits; the second, a signal and a closed terminal give it up after a moment.

use std::io;
use std::time::Duration;

use crossterm::event::{Event, KeyEventKind};
use jiff::{SignedDuration, Timestamp};
use signal_hook::consts::SIGTSTP;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::service::World;
use crate::tui::Settings;
use crate::tui::command::{Action, Command, given_by};
use crate::tui::console::{Console, HostEffect};
use crate::tui::input::Input;
use crate::tui::layout_store::{LayoutError, LayoutWriter};
use crate::tui::message::{Notice, Tone};
use crate::tui::runtime::{Answer, Runtime, WriteOutcome};
use crate::tui::terminal::Terminal;

/// How long an answer may take before the frame says so.
const PATIENCE: Duration = Duration::from_millis(300);

/// How long the answer to a write may take before a message says how to leave without it.
const WRITE_PATIENCE: Duration = Duration::from_secs(3);

/// How long a write under way is still waited for after a signal, a closed terminal or an error.
const GRACE: Duration = Duration::from_secs(2);

/// How long layouts that were just changed may take to be written when the console is left.
const LAYOUT_GRACE: Duration = Duration::from_millis(500);

/// When the program ends after a signal even where the terminal itself does not let it go: one that takes nothing any
/// more stops whoever writes to it.
const LAST_RESORT: Duration = Duration::from_secs(4);

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

/// How the console ended, and what there is to say once the terminal is the shell's again.
pub struct Left {
    /// How it ended; an error when the terminal could not be read or written.
    pub ending: io::Result<Ending>,
    /// What became of the writes that were under way.
    pub writes: Vec<WriteOutcome>,
    /// Layouts that could not be kept.
    pub layouts: Vec<LayoutError>,
}

/// Runs the console until it ends. Writes under way are waited for: after Ctrl+Q until they are answered or Ctrl+Q is
/// pressed again, otherwise for `GRACE`.
pub async fn run<A: Answer>(
    console: &mut Console,
    runtime: &mut Runtime<A>,
    terminal: &mut Terminal,
    world: &World,
    settings: &Settings,
) -> Left {
    let mut layouts = match LayoutWriter::start(settings.layouts.clone()) {
        Ok(layouts) => layouts,
        Err(error) => return Left { ending: Err(error), writes: Vec::new(), layouts: Vec::new() },
    };
    let mut front = Front { console, runtime, terminal, layouts: &mut layouts, leaves_at_once: false };
    let mut writes = Vec::new();
    let ending = match Outside::listen() {
        Ok(mut outside) => match until_left(&mut front, &mut outside, world, settings.lock_after).await {
            Ok(Ending::Quit) if !front.leaves_at_once => {
                until_saved(&mut front, &mut outside, &mut writes).await
            }
            ending => ending,
        },
        Err(error) => Err(error),
    };
    let patience = if matches!(ending, Ok(Ending::Quit)) { Duration::ZERO } else { GRACE };
    writes.extend(runtime.finish(patience).await);
    let layouts = timeout(LAYOUT_GRACE, layouts.flush()).await.unwrap_or_default();
    Left { ending, writes, layouts }
}

async fn until_left<A: Answer>(
    front: &mut Front<'_, A>,
    outside: &mut Outside,
    world: &World,
    lock_after: Option<Duration>,
) -> io::Result<Ending> {
    let mut watch = Watch::new(lock_after, world);
    let mut waiting = Waiting::default();
    loop {
        if front.carry_out()? {
            return Ok(Ending::Quit);
        }
        let Front { console, runtime, terminal, layouts, .. } = front;
        waiting.look(runtime, console);
        tokio::select! {
            biased;
            (ticket, result) = runtime.next() => {
                console.set_today(world.today());
                console.reply(ticket, result);
            }
            event = outside.input.next() => match event {
                Some(event) => {
                    console.set_today(world.today());
                    watch.hand_in(event, console);
                }
                None => return Ok(Ending::TerminalGone),
            },
            asked = outside.signals.next() => match asked {
                Asked::ToEnd(number) => return Ok(Ending::Signal(number)),
                Asked::ToStop => suspend(terminal, console)?,
            },
            error = layouts.failure() => console.notify(trouble(&error)),
            () = long_enough(watch.ends()), if console.is_attended() => watch.end(console),
            () = std::future::ready(()), if console.is_dirty() => terminal.draw(console)?,
            () = long_enough(waiting.patience_ends()), if !console.is_waiting() => console.show_waiting(true),
            () = long_enough(waiting.write_patience_ends()) => waiting.say_how_to_leave(console),
        }
    }
}

/// After Ctrl+Q, waits until the writes under way are answered or Ctrl+Q is pressed again. What else is typed is not
/// meant for what is about to go.
async fn until_saved<A: Answer>(
    front: &mut Front<'_, A>,
    outside: &mut Outside,
    writes: &mut Vec<WriteOutcome>,
) -> io::Result<Ending> {
    let Front { console, runtime, terminal, .. } = front;
    if runtime.outstanding_writes() == 0 {
        return Ok(Ending::Quit);
    }
    console.notify(Notice { tone: Tone::Plain, text: LEAVING.to_owned() });
    loop {
        tokio::select! {
            biased;
            () = runtime.writes_answered(writes) => return Ok(Ending::Quit),
            event = outside.input.next() => match event {
                Some(event @ Event::Resize(..)) => console.handle_input(event),
                Some(event) if is_quit(&event) => return Ok(Ending::Quit),
                Some(_) => {}
                None => return Ok(Ending::TerminalGone),
            },
            asked = outside.signals.next() => match asked {
                Asked::ToEnd(number) => return Ok(Ending::Signal(number)),
                Asked::ToStop => suspend(terminal, console)?,
            },
            () = std::future::ready(()), if console.is_dirty() => terminal.draw(console)?,
        }
    }
}

/// What is said of a write that is not answered for [`WRITE_PATIENCE`].
const UNANSWERED: &str = "The database has not answered yet; Ctrl+Q waits, and Ctrl+Q again leaves.";

/// What is said after the first Ctrl+Q.
const LEAVING: &str = "Leaving once the database has answered; Ctrl+Q again leaves at once.";

fn is_quit(event: &Event) -> bool {
    let Event::Key(key) = event else { return false };
    key.kind != KeyEventKind::Release && given_by(key, true, &[Command::of(Action::Quit)]).is_some()
}

/// The console, and what carries out what it wants.
struct Front<'a, A> {
    console: &'a mut Console,
    runtime: &'a mut Runtime<A>,
    terminal: &'a mut Terminal,
    layouts: &'a mut LayoutWriter,
    /// Ctrl+Q was pressed again while an answer was awaited.
    leaves_at_once: bool,
}

impl<A: Answer> Front<'_, A> {
    /// Does what the console wants done outside; `true` when it wants to leave.
    fn carry_out(&mut self) -> io::Result<bool> {
        for host_effect in self.console.take_host_effects() {
            match host_effect {
                HostEffect::Run(ticket, request, when) => self.runtime.run(ticket, request, when),
                HostEffect::Hurry => self.runtime.hurry(),
                HostEffect::Forget(layer) => self.runtime.forget(layer),
                HostEffect::AtSite(site) => self.runtime.choose_site(&site),
                HostEffect::Copy(text) => self.terminal.copy(&text)?,
                HostEffect::SignedIn(login) => match self.layouts.load(&login) {
                    Ok(kept) => self.console.lay_out(kept),
                    Err(error) => self.console.notify(trouble(&error)),
                },
                HostEffect::KeepLayout { login, name, items } => self.layouts.keep(login, name, items),
                HostEffect::Suspend => suspend(self.terminal, self.console)?,
                HostEffect::Quit => return Ok(true),
                HostEffect::QuitAtOnce => {
                    self.leaves_at_once = true;
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

fn trouble(error: &LayoutError) -> Notice {
    Notice { tone: Tone::Bad, text: error.to_string() }
}

/// Stops until the shell lets the program go on; then everything is drawn again.
fn suspend(terminal: &mut Terminal, console: &mut Console) -> io::Result<()> {
    terminal.suspend()?;
    console.redraw();
    Ok(())
}

/// Since when answers are awaited.
#[derive(Default)]
struct Waiting {
    since: Option<Instant>,
    /// The same for writes, and whether it was said how to leave without them.
    writing_since: Option<Instant>,
    is_said: bool,
}

impl Waiting {
    fn look<A: Answer>(&mut self, runtime: &Runtime<A>, console: &mut Console) {
        if runtime.outstanding() == 0 {
            self.since = None;
            console.show_waiting(false);
        } else {
            self.since.get_or_insert_with(Instant::now);
        }
        if runtime.outstanding_writes() == 0 {
            (self.writing_since, self.is_said) = (None, false);
        } else {
            self.writing_since.get_or_insert_with(Instant::now);
        }
    }

    fn patience_ends(&self) -> Option<Instant> {
        self.since.map(|since| since + PATIENCE)
    }

    fn write_patience_ends(&self) -> Option<Instant> {
        self.writing_since.filter(|_| !self.is_said).map(|since| since + WRITE_PATIENCE)
    }

    fn say_how_to_leave(&mut self, console: &mut Console) {
        self.is_said = true;
        console.notify(Notice { tone: Tone::Plain, text: UNANSWERED.to_owned() });
    }
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

/// What comes from outside.
struct Outside {
    input: Input,
    signals: Signals,
}

impl Outside {
    fn listen() -> io::Result<Self> {
        tokio::spawn(end_at_last(Signals::listen()?));
        Ok(Self { input: Input::listen()?, signals: Signals::listen()? })
    }
}

/// Ends the program some time after a signal asked it to end, if it is still there.
async fn end_at_last(mut signals: Signals) {
    loop {
        if let Asked::ToEnd(number) = signals.next().await {
            sleep(LAST_RESORT).await;
            std::process::exit(128 + number);
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

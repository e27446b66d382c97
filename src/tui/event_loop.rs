//! The event loop: takes answers, input and signals as they come, and draws when there are none left to take.
//!
//! There is no tick: while nothing happens, nothing runs (invariant 4). Two timers run only while an answer is
//! awaited and show that it takes long; a third runs only while somebody is signed in and locks the console when no
//! key is pressed.
//!
//! Leaving is always possible (`docs/promises.md`, 32). The first Ctrl+Q waits for the writes under way, and still
//! listens; a second one, a signal or a closed terminal gives them up after `GRACE`.

use std::io;
use std::time::Duration;

use crossterm::event::{Event, KeyEventKind};
use jiff::{SignedDuration, Timestamp};
use rustix::io::Errno;
use signal_hook::consts::SIGTSTP;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::service::World;
use crate::tui::Settings;
use crate::tui::console::{Console, HostEffect};
use crate::tui::input::Input;
use crate::tui::layout_store::{LayoutError, LayoutWriter};
use crate::tui::message::{Notice, Tone};
use crate::tui::runtime::{Answer, Runtime, WriteOutcome};
use crate::tui::terminal::Display;

/// How long an answer may take before the frame shows that it takes long.
const PATIENCE: Duration = Duration::from_millis(300);

/// How long the answer to a write may take before a message says how to leave without it.
const WRITE_PATIENCE: Duration = Duration::from_secs(3);

/// How long the writes under way are waited for after a signal, a closed terminal or an error.
const GRACE: Duration = Duration::from_secs(2);

/// How long layouts that were changed last may take to be saved when the console ends.
const LAYOUT_GRACE: Duration = Duration::from_millis(500);

/// How long after a signal the process is ended even if it hangs: writing to a terminal that accepts nothing more
/// blocks.
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

/// How the console ended, and what is to be said once the shell has the terminal again.
pub struct Left {
    /// How it ended; an error when the terminal could not be read or written.
    pub ending: io::Result<Ending>,
    /// What became of the writes that were under way.
    pub writes: Vec<WriteOutcome>,
    /// Layouts that could not be saved.
    pub layouts: Vec<LayoutError>,
}

/// Runs the console until it ends. After Ctrl+Q the writes under way are waited for until they are answered or Ctrl+Q
/// is pressed again; after anything else, for `GRACE`.
pub async fn run<A: Answer, D: Display>(
    console: &mut Console,
    runtime: &mut Runtime<A>,
    terminal: &mut D,
    world: &World,
    settings: &Settings,
) -> Left {
    let layouts = LayoutWriter::start(settings.layouts.clone());
    match layouts.and_then(|layouts| Ok((layouts, Outside::listen()?))) {
        Ok((mut layouts, mut outside)) => {
            let front = Front { console, runtime, terminal, layouts: &mut layouts, leaves_at_once: false };
            until_ended(front, &mut outside, world, settings.lock_after).await
        }
        Err(error) => Left { ending: Err(error), writes: Vec::new(), layouts: Vec::new() },
    }
}

/// Runs the console until it ends, whatever ends it, and finishes the writes under way and the layouts.
async fn until_ended<A: Answer, D: Display>(
    mut front: Front<'_, A, D>,
    outside: &mut Outside,
    world: &World,
    lock_after: Option<Duration>,
) -> Left {
    let mut writes = Vec::new();
    let ending = match until_left(&mut front, outside, world, lock_after).await {
        Ok(Ending::Quit) if !front.leaves_at_once => until_saved(&mut front, outside, &mut writes).await,
        ending => ending,
    };
    let ending = ending.or_else(closed);
    let patience = if matches!(ending, Ok(Ending::Quit)) { Duration::ZERO } else { GRACE };
    writes.extend(front.runtime.finish(patience).await);
    let layouts = timeout(LAYOUT_GRACE, front.layouts.flush()).await.unwrap_or_default();
    Left { ending, writes, layouts }
}

/// A write to a terminal that has been closed fails, sometimes before its closing is read: both are the same ending.
fn closed(error: io::Error) -> io::Result<Ending> {
    match Errno::from_io_error(&error) {
        Some(Errno::IO | Errno::PIPE | Errno::NXIO) => Ok(Ending::TerminalGone),
        _ => Err(error),
    }
}

async fn until_left<A: Answer, D: Display>(
    front: &mut Front<'_, A, D>,
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
                console.set_now((world.now)());
                console.reply(ticket, result);
            }
            event = outside.input.next() => match event {
                Some(event) => {
                    console.set_now((world.now)());
                    watch.hand_in(event, console);
                }
                None => return Ok(Ending::TerminalGone),
            },
            asked = outside.signals.next() => match asked {
                Asked::ToEnd(number) => return Ok(Ending::Signal(number)),
                Asked::ToStop => suspend(*terminal, console)?,
            },
            error = layouts.failure() => console.notify(trouble(&error)),
            () = long_enough(watch.ends()), if console.is_attended() => watch.end(console),
            () = std::future::ready(()), if console.is_dirty() => terminal.draw(console)?,
            () = long_enough(waiting.patience_ends()), if !console.is_waiting() => console.show_waiting(true),
            () = long_enough(waiting.write_patience_ends()) => waiting.say_how_to_leave(console),
        }
    }
}

/// After Ctrl+Q, waits until the writes under way are answered or Ctrl+Q is pressed again. Other keys are dropped:
/// they were not meant for a console that ends.
async fn until_saved<A: Answer, D: Display>(
    front: &mut Front<'_, A, D>,
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
                Some(event) if is_quit(&event, console) => return Ok(Ending::Quit),
                Some(_) => {}
                None => return Ok(Ending::TerminalGone),
            },
            asked = outside.signals.next() => match asked {
                Asked::ToEnd(number) => return Ok(Ending::Signal(number)),
                Asked::ToStop => suspend(*terminal, console)?,
            },
            () = std::future::ready(()), if console.is_dirty() => terminal.draw(console)?,
        }
    }
}

/// The message about a write that is not answered within [`WRITE_PATIENCE`].
const UNANSWERED: &str = "The database has not answered yet; Ctrl+Q waits, and Ctrl+Q again leaves.";

/// The message after the first Ctrl+Q.
const LEAVING: &str = "Leaving once the database has answered; Ctrl+Q again leaves at once.";

fn is_quit(event: &Event, console: &Console) -> bool {
    let Event::Key(key) = event else { return false };
    key.kind != KeyEventKind::Release && console.is_quit(key)
}

/// The console, with everything that carries out its effects.
struct Front<'a, A, D> {
    console: &'a mut Console,
    runtime: &'a mut Runtime<A>,
    terminal: &'a mut D,
    layouts: &'a mut LayoutWriter,
    /// Ctrl+Q was pressed a second time while an answer was awaited.
    leaves_at_once: bool,
}

impl<A: Answer, D: Display> Front<'_, A, D> {
    /// Carries out the console's host effects; returns `true` when it wants to end.
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
                HostEffect::KeepKeyboard(keyboard) => self.layouts.keep_keyboard(keyboard),
                HostEffect::Repaint => {
                    self.terminal.repaint()?;
                    self.console.redraw();
                }
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

/// Suspends the program until the shell resumes it; then everything is drawn again.
fn suspend(terminal: &mut impl Display, console: &mut Console) -> io::Result<()> {
    terminal.suspend()?;
    console.redraw();
    Ok(())
}

/// Since when answers are awaited, to show that they take long.
#[derive(Default)]
struct Waiting {
    since: Option<Instant>,
    /// Since when the answer to a write is awaited, and whether the message about it was shown.
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

/// The idle timer, which locks the console.
struct Watch<'a> {
    /// The idle time after which it ends; `None` for never.
    after: Option<Duration>,
    world: &'a World,
    touched: Instant,
    /// The time of the last key by the wall clock, which goes on while the machine sleeps.
    touched_at: Timestamp,
}

impl<'a> Watch<'a> {
    fn new(after: Option<Duration>, world: &'a World) -> Self {
        Self { after, world, touched: Instant::now(), touched_at: (world.now)() }
    }

    /// When the idle time is over; `None` for never.
    fn ends(&self) -> Option<Instant> {
        self.after.map(|after| self.touched + after)
    }

    fn is_over(&self) -> bool {
        let after = self.after.and_then(|after| SignedDuration::try_from(after).ok());
        after.is_some_and(|after| (self.world.now)().duration_since(self.touched_at) >= after)
    }

    /// Locks the console, or signs the visitor out.
    fn end(&self, console: &mut Console) {
        if let Some(after) = self.after {
            console.nobody_touched(after);
        }
    }

    /// Gives an input to the console, except the key that wakes a console left alone for too long: it was not meant
    /// for what is in front then (`docs/promises.md`, 6).
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

/// What the event loop waits for: input, signals and a closed terminal.
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

/// Ends the process [`LAST_RESORT`] after a signal, if it still runs.
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

    use tokio::sync::Notify;
    use tokio::sync::mpsc::unbounded_channel;
    use uuid::Uuid;

    use super::*;
    use crate::domain::entities::user::USER;
    use crate::domain::model::record::Draft;
    use crate::domain::model::value::RecordId;
    use crate::service::api::back_office::Save;
    use crate::service::api::sign_in::SignOut;
    use crate::service::api::{Question, Reply, Request};
    use crate::service::back_office::SignedIn;
    use crate::service::back_office::SiteChoice;
    use crate::service::{Policy, ServiceError};
    use crate::tui::layout_store::LayoutStore;
    use crate::tui::message::{LayerId, Slot, Ticket, When};
    use crate::tui::screens;
    use crate::tui::testing::parse_keys;
    use crate::tui::theme::Theme;

    /// A service that answers once it is released.
    #[derive(Default)]
    struct Slow(Notify);

    impl Answer for Slow {
        async fn answer(&self, _: Request) -> Result<Reply, ServiceError> {
            self.0.notified().await;
            Ok(SignOut::reply(()))
        }

        fn choose_site(&self, _: &SiteChoice) {}
    }

    /// A display that cannot be written, and releases a service when that is found out.
    struct Full(Option<Arc<Slow>>);

    impl Display for Full {
        fn draw(&mut self, _: &mut Console) -> io::Result<()> {
            self.0.iter().for_each(|service| service.0.notify_one());
            Err(Errno::NOSPC.into())
        }

        fn copy(&mut self, _: &str) -> io::Result<()> {
            Ok(())
        }

        fn repaint(&mut self) -> io::Result<()> {
            Ok(())
        }

        fn suspend(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn promise_32_an_error_ends_the_console_and_the_write_under_way_is_reported() {
        for (is_answered, outcome) in [(true, WriteOutcome::Saved), (false, WriteOutcome::GivenUp)] {
            let service = Arc::new(Slow::default());
            let mut terminal = Full(is_answered.then(|| Arc::clone(&service)));
            let mut console = Console::new(screens::open, Theme::plain(), "acme.db");
            let mut runtime = Runtime::new(service, Duration::ZERO);
            let ticket = Ticket { layer: LayerId(1), slot: Slot::Write, serial: 1 };
            runtime.run(
                ticket,
                Save { draft: Draft::new(&USER), confirmed: false, reason: None }.into(),
                When::Now,
            );
            let mut layouts = LayoutWriter::start(LayoutStore::new("layouts.toml".into())).unwrap();
            let (_keys, events) = unbounded_channel();
            let mut outside =
                Outside { input: Input::of(events).unwrap(), signals: Signals::listen().unwrap() };
            let front = Front {
                console: &mut console,
                runtime: &mut runtime,
                terminal: &mut terminal,
                layouts: &mut layouts,
                leaves_at_once: false,
            };
            let begun = Instant::now();
            let left = until_ended(front, &mut outside, &World::real(Policy::default()), None).await;
            let error = left.ending.expect_err("it ends with what went wrong");
            assert_eq!(Errno::from_io_error(&error), Some(Errno::NOSPC));
            assert_eq!(left.writes, [outcome]);
            assert_eq!(begun.elapsed(), if is_answered { Duration::ZERO } else { GRACE });
        }
    }

    #[test]
    fn a_write_that_a_closed_terminal_refuses_is_no_fault_to_report() {
        for (number, ending) in [
            (Errno::IO, Some(Ending::TerminalGone)),
            (Errno::PIPE, Some(Ending::TerminalGone)),
            (Errno::NOSPC, None),
        ] {
            assert_eq!(closed(number.into()).ok(), ending, "{number}");
        }
    }

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

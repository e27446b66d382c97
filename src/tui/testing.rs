//! A console driven by a test: scripted keys through the real key handling, a drawing after each of them, and answers
//! from the real service or from a script. Nothing sleeps: a story settles by waiting for outstanding answers.

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use unicode_width::UnicodeWidthStr;

use crate::service::ServiceError;
use crate::service::api::{Reply, Request};
use crate::service::back_office::SiteChoice;
use crate::tui::console::{Console, HostEffect};
use crate::tui::message::{Slot, When};
use crate::tui::runtime::{Answer, Runtime};

/// A service whose answers a closure gives.
pub struct Script<F>(pub F);

impl<F> Answer for Script<F>
where
    F: Fn(Request) -> Result<Reply, ServiceError> + Send + Sync + 'static,
{
    async fn answer(&self, request: Request) -> Result<Reply, ServiceError> {
        (self.0)(request)
    }

    fn choose_site(&self, _: &SiteChoice) {}
}

/// A console, a screen in memory, and the service that answers it.
pub struct Harness<A> {
    /// The console itself.
    pub console: Console,
    /// The host effects other than requests, in order, such as copying, saving a layout and quitting.
    pub host_effects: Vec<HostEffect>,
    /// The questions that the service was asked, in order: the slot of each, and when it was to be sent.
    pub asked: Vec<(Slot, When)>,
    /// Whether [`Harness::keys`] waits for no answer between its keys.
    pub types_ahead: bool,
    terminal: Terminal<TestBackend>,
    /// The last frame as it is: the test backend keeps what once was in the second cell of a wide character.
    frame: Buffer,
    runtime: Runtime<A>,
}

impl<A: Answer> Harness<A> {
    /// A harness with a screen of this size, drawn once. Must be called within a tokio runtime.
    pub fn new(console: Console, service: Arc<A>, columns: u16, lines: u16) -> Self {
        let terminal = Terminal::new(TestBackend::new(columns, lines)).expect("a test backend");
        let mut made = Self {
            console,
            host_effects: Vec::new(),
            asked: Vec::new(),
            types_ahead: false,
            frame: Buffer::default(),
            terminal,
            runtime: Runtime::new(service, Duration::ZERO),
        };
        made.carry_out();
        made
    }

    /// Presses keys one by one, each only when everything asked before is answered. Blanks between keys mean nothing:
    /// `<C-g>n chris <Tab> <Enter>`; see [`parse_keys`].
    /// With [`Harness::types_ahead`], all of them at once, and then waits.
    pub async fn keys(&mut self, keys: &str) -> &mut Self {
        self.settle().await;
        for key in parse_keys(keys) {
            self.input(Input::Key(key));
            if !self.types_ahead {
                self.settle().await;
            }
        }
        self.settle().await
    }

    /// Presses keys one after another without waiting for answers.
    pub fn keys_at_once(&mut self, keys: &str) -> &mut Self {
        for key in parse_keys(keys) {
            self.input(Input::Key(key));
        }
        self
    }

    /// Types a text as it is, blanks included.
    pub async fn types(&mut self, text: &str) -> &mut Self {
        for letter in text.chars() {
            self.input(Input::Key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE)));
            self.settle().await;
        }
        self
    }

    /// Pastes a text.
    pub fn paste(&mut self, text: &str) -> &mut Self {
        self.input(Input::Paste(text.to_owned()));
        self
    }

    /// Resizes the screen.
    pub fn resize(&mut self, columns: u16, lines: u16) -> &mut Self {
        self.terminal.backend_mut().resize(columns, lines);
        self.input(Input::Resize(columns, lines));
        self
    }

    /// Handles one input of the terminal, and draws.
    pub fn input(&mut self, input: Input) {
        self.console.handle_input(input);
        self.carry_out();
    }

    /// Waits until nothing is outstanding.
    pub async fn settle(&mut self) -> &mut Self {
        while self.is_answered().await {}
        self
    }

    /// Waits for the next answer only; returns whether one was outstanding.
    pub async fn is_answered(&mut self) -> bool {
        let Some((ticket, result)) = self.runtime.next_outstanding().await else { return false };
        self.console.reply(ticket, result);
        self.carry_out();
        true
    }

    fn carry_out(&mut self) {
        for host_effect in self.console.take_host_effects() {
            match host_effect {
                HostEffect::Run(ticket, request, when) => {
                    self.asked.push((ticket.slot, when));
                    self.runtime.run(ticket, request, when);
                }
                HostEffect::Hurry => self.runtime.hurry(),
                HostEffect::Forget(layer) => self.runtime.forget(layer),
                HostEffect::AtSite(site) => self.runtime.choose_site(&site),
                other => self.host_effects.push(other),
            }
        }
        let drawn = self.terminal.draw(|frame| self.console.draw(frame)).expect("a test backend");
        self.frame = drawn.buffer.clone();
    }

    /// The text on the screen, line by line, without blanks at the ends.
    pub fn screen(&self) -> String {
        lines(&self.frame).join("\n")
    }

    /// The cells of the last frame.
    pub fn buffer(&self) -> &Buffer {
        &self.frame
    }

    /// The position of the cursor: column and line.
    pub fn cursor(&mut self) -> (u16, u16) {
        self.terminal.get_cursor_position().expect("a test backend").into()
    }

    /// The text of the cursor's line, from the cursor on.
    pub fn at_cursor(&mut self) -> String {
        let (column, line) = self.cursor();
        let area = self.buffer().area;
        (column..area.width).map(|x| self.buffer()[(x, line)].symbol()).collect()
    }

    /// Asserts that the text is on the screen.
    #[track_caller]
    pub fn sees(&mut self, text: &str) -> &mut Self {
        assert!(self.screen().contains(text), "“{text}” is not on the screen:\n{}", self.screen());
        self
    }

    /// Asserts that the text is not on the screen.
    #[track_caller]
    pub fn sees_no(&mut self, text: &str) -> &mut Self {
        assert!(!self.screen().contains(text), "“{text}” is on the screen:\n{}", self.screen());
        self
    }
}

/// The lines of a buffer, without blanks at their ends.
pub fn lines(buffer: &Buffer) -> Vec<String> {
    let line = |y: u16| {
        let mut text = String::new();
        let mut x = buffer.area.left();
        while x < buffer.area.right() {
            let symbol = buffer[(x, y)].symbol();
            text.push_str(symbol);
            // The cell behind a wide character is covered by it.
            x += u16::try_from(symbol.width().max(1)).unwrap_or(1);
        }
        text.trim_end().to_owned()
    };
    (buffer.area.top()..buffer.area.bottom()).map(line).collect()
}

/// Parses keys. A letter such as `a` is itself, blanks mean nothing, and names with modifiers stand between angle
/// brackets: `<C-g>`, `<A-b>`, `<S-F8>`, `<Tab>`, `<S-Tab>`, `<Enter>`, `<Esc>`, `<Space>`, `<BS>`, `<Del>`, `<lt>`.
///
/// # Panics
/// When a name is unknown.
pub fn parse_keys(keys: &str) -> Vec<KeyEvent> {
    let mut parsed = Vec::new();
    let mut rest = keys.trim_start();
    while let Some(first) = rest.chars().next() {
        let named = rest.strip_prefix('<').and_then(|inside| inside.split_once('>'));
        parsed.push(match named {
            Some((name, after)) => {
                rest = after;
                named_key(name)
            }
            None => {
                rest = &rest[first.len_utf8()..];
                KeyEvent::new(KeyCode::Char(first), KeyModifiers::NONE)
            }
        });
        rest = rest.trim_start();
    }
    parsed
}

fn named_key(name: &str) -> KeyEvent {
    let mut modifiers = KeyModifiers::NONE;
    let mut code = name;
    while let Some((modifier, after)) = code.split_once('-') {
        modifiers |= match modifier {
            "C" => KeyModifiers::CONTROL,
            "A" => KeyModifiers::ALT,
            "S" => KeyModifiers::SHIFT,
            _ => panic!("<{name}> is no key"),
        };
        code = after;
    }
    let code = match code {
        "Tab" if modifiers == KeyModifiers::SHIFT => KeyCode::BackTab,
        "Tab" => KeyCode::Tab,
        "Enter" => KeyCode::Enter,
        "Esc" => KeyCode::Esc,
        "Space" => KeyCode::Char(' '),
        "BS" => KeyCode::Backspace,
        "Del" => KeyCode::Delete,
        "Up" => KeyCode::Up,
        "Down" => KeyCode::Down,
        "Left" => KeyCode::Left,
        "Right" => KeyCode::Right,
        "Home" => KeyCode::Home,
        "End" => KeyCode::End,
        "PageUp" => KeyCode::PageUp,
        "PageDown" => KeyCode::PageDown,
        "lt" => KeyCode::Char('<'),
        function if function.len() > 1 && function.starts_with('F') => {
            KeyCode::F(function[1..].parse().unwrap_or_else(|_| panic!("<{name}> is no key")))
        }
        letter if letter.chars().count() == 1 => KeyCode::Char(letter.chars().next().unwrap_or_default()),
        _ => panic!("<{name}> is no key"),
    };
    KeyEvent::new(code, modifiers)
}

/// The bytes that a plain terminal sends for a key, as xterm does; for tests through a pseudo-terminal.
///
/// # Panics
/// When a plain terminal has no such key.
pub fn bytes_of(key: &KeyEvent) -> Vec<u8> {
    let mut bytes = Vec::new();
    if key.modifiers.contains(KeyModifiers::ALT) {
        bytes.push(0x1b);
    }
    match key.code {
        KeyCode::Char(letter) if key.modifiers.contains(KeyModifiers::CONTROL) => {
            bytes.push(u8::try_from(letter).expect("a control letter is ASCII") & 0x1f);
        }
        KeyCode::Char(letter) => bytes.extend(letter.encode_utf8(&mut [0; 4]).bytes()),
        KeyCode::Tab => bytes.push(b'\t'),
        KeyCode::Enter => bytes.push(b'\r'),
        KeyCode::Esc => bytes.push(0x1b),
        KeyCode::Backspace => bytes.push(0x7f),
        KeyCode::BackTab => bytes.extend(b"\x1b[Z"),
        KeyCode::Delete => bytes.extend(b"\x1b[3~"),
        KeyCode::Up => bytes.extend(b"\x1b[A"),
        KeyCode::Down => bytes.extend(b"\x1b[B"),
        KeyCode::Right => bytes.extend(b"\x1b[C"),
        KeyCode::Left => bytes.extend(b"\x1b[D"),
        KeyCode::Home => bytes.extend(b"\x1b[H"),
        KeyCode::End => bytes.extend(b"\x1b[F"),
        KeyCode::PageUp => bytes.extend(b"\x1b[5~"),
        KeyCode::PageDown => bytes.extend(b"\x1b[6~"),
        KeyCode::F(number @ 1..=4) => bytes.extend([0x1b, b'O', b'P' + number - 1]),
        KeyCode::F(number @ 5..=12) => {
            let code = [15, 17, 18, 19, 20, 21, 23, 24][usize::from(number - 5)];
            let shift = if key.modifiers.contains(KeyModifiers::SHIFT) { ";2" } else { "" };
            bytes.extend(format!("\x1b[{code}{shift}~").bytes());
        }
        other => panic!("a plain terminal has no key {other:?}"),
    }
    bytes
}

//! A text to read and scroll, such as help and the message log.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::domain::entities;
use crate::domain::model::format;
use crate::domain::model::schema::FieldDef;
use crate::domain::model::text::{clean, has_words, width};
use crate::tui::command::{Action, Command, OwnKey, key_names};
use crate::tui::component::{Component, Cx, DrawCx};
use crate::tui::message::{Effect, Event, HelpTopic, LogEntry, Offer, Outcome, Tone};
use crate::tui::theme::{FAILED, OK};
use crate::tui::widgets::popup::{Edge, draw_popup};
use crate::tui::widgets::scroll::Scroll;
use crate::tui::widgets::text::{draw_text, wrap};
use crate::tui::widgets::text_box::{Edit, TextBox};

/// The greatest width of a text, in columns.
const COLUMNS: usize = 76;

/// The text where no paragraph contains the words that were typed.
const NOTHING_FOUND: &str = "Nothing found; Backspace takes letters away.";

/// A text with a heading: paragraphs, some of them with a tone.
pub struct Reader {
    title: String,
    paragraphs: Vec<(Option<Tone>, String)>,
    scroll: Scroll,
    /// The words typed to find lines, where the text can be searched.
    search: Option<TextBox>,
    /// Whether Help leads on to every key of the place below.
    leads_to_keys: bool,
}

impl Reader {
    /// The help on a topic.
    pub fn help(topic: &HelpTopic) -> Self {
        let (title, lines) = match topic {
            HelpTopic::Field(field) => (field.label.to_owned(), about_field(field)),
            HelpTopic::Code(code) => (
                format!("{} {}", code.as_str(), code.title()),
                vec![code.advice().to_owned(), code.help().to_owned()],
            ),
            HelpTopic::Keys(offer) => ("Keys".to_owned(), about_keys(offer)),
        };
        let paragraphs = lines.into_iter().map(|line| (None, line)).collect();
        let is_keys = matches!(topic, HelpTopic::Keys(_));
        let search = is_keys.then(TextBox::default);
        Self { title, paragraphs, scroll: Scroll::default(), search, leads_to_keys: !is_keys }
    }

    /// The message log, the newest message first, each with its time.
    pub fn messages(entries: Vec<LogEntry>) -> Self {
        let paragraph = |LogEntry { at, notice }| {
            (Some(notice.tone), format!("{}  {}", format::shown_instant(at), notice.text))
        };
        let mut paragraphs: Vec<_> = entries.into_iter().rev().map(paragraph).collect();
        if paragraphs.is_empty() {
            paragraphs.push((None, "Nothing was said yet.".to_owned()));
        }
        let (scroll, search) = (Scroll::default(), Some(TextBox::default()));
        Self { title: "Messages".to_owned(), paragraphs, scroll, search, leads_to_keys: false }
    }

    /// The paragraphs that contain every word typed.
    fn found(&self) -> impl Iterator<Item = &(Option<Tone>, String)> {
        let typed = self.search.as_ref().map_or("", TextBox::text);
        self.paragraphs.iter().filter(move |(_, text)| has_words(text, typed))
    }

    fn search_anew(&mut self, edit: Edit) {
        if edit.is_change() {
            self.scroll = Scroll::default();
        }
    }
}

fn about_field(field: &FieldDef) -> Vec<String> {
    let mut lines = vec![field.help.to_owned()];
    if let Some(most) = field.max_length() {
        lines.push(format!("At most {most} characters."));
    }
    for (holds, sentence) in [
        (field.required, "It must not be empty."),
        (field.numbered, "Left empty, it takes the next number."),
        (field.unique, "No two records may share it."),
        (
            field.look_alikes,
            "A list shows ≈ before a login where login or e-mail looks like another's, or mixes scripts.",
        ),
        (field.read_only, "It is filled in by itself."),
        (is_critical(field), "! before it: whether somebody gets into a Client Center depends on it."),
        (field.fixed.is_some(), "It is chosen for a new record and kept."),
    ] {
        if holds {
            lines.push(sentence.to_owned());
        }
    }
    lines.retain(|line| !line.is_empty());
    lines
}

/// Whether a form marks the field because somebody's access depends on it.
fn is_critical(field: &FieldDef) -> bool {
    entities::all().any(|entity| entity.critical.contains(&field))
}

/// The keys that what is in front handles itself, then those of the commands, its own before the frame's.
fn about_keys(Offer { commands, frame, takes_text, own_keys }: &Offer) -> Vec<String> {
    let has_menu = commands.iter().any(|command| command.action == Action::Menu);
    let line = |command: &Command| {
        let letter = command.action.about().letter.filter(|_| has_menu);
        let letter = letter.map(|letter| format!("Ctrl+G {letter}"));
        let names = key_names(command, *takes_text, commands);
        let keys = names.into_iter().chain(letter).collect::<Vec<_>>().join("  ");
        let why_not = command.disabled.map(|why_not| format!(" ({why_not})")).unwrap_or_default();
        (!keys.is_empty()).then(|| format!("{keys:<28} {}{why_not}", command.label()))
    };
    let own_keys = own_keys.iter().map(|OwnKey { keys, label, .. }| format!("{keys:<28} {label}"));
    let (frame, own) = commands.split_at(*frame);
    own_keys.chain(own.iter().chain(frame).filter_map(line)).collect()
}

impl Component for Reader {
    fn title(&self) -> String {
        self.title.clone()
    }

    fn is_overlay(&self) -> bool {
        true
    }

    fn takes_text(&self) -> bool {
        self.search.is_some()
    }

    fn commands(&self, out: &mut Vec<Command>) {
        if self.leads_to_keys {
            out.push(Command::of(Action::Help).labelled("Every key here"));
        }
        out.push(Command::of(Action::Open).labelled("Close"));
        out.push(Command::of(Action::Back).labelled("Close"));
    }

    fn handle(&mut self, event: Event, cx: &mut Cx<'_>) {
        match event {
            Event::Command(Action::Help) => cx.push(Effect::Pop(Outcome::AllKeys)),
            Event::Command(_) => cx.push(Effect::Pop(Outcome::Cancelled)),
            Event::Key(key) if key.code == KeyCode::Enter => cx.push(Effect::Pop(Outcome::Cancelled)),
            Event::Key(key) => {
                let edit = self.search.as_mut().filter(|_| is_typed(&key)).map(|search| search.key(&key));
                match edit {
                    Some(edit) => self.search_anew(edit),
                    None => self.scroll.key(&key),
                }
            }
            Event::Paste(text) => {
                let edit = self.search.as_mut().map(|search| search.paste(&text));
                edit.into_iter().for_each(|edit| self.search_anew(edit));
            }
            _ => {}
        }
    }

    fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, cx: &DrawCx<'_>) {
        let most = COLUMNS.min(usize::from(area.width).saturating_sub(4));
        let lines: Vec<(Style, String)> = self
            .found()
            .flat_map(|(tone, text)| {
                let (mark, style) = match tone {
                    Some(Tone::Good) => (OK, cx.theme.good),
                    Some(Tone::Bad) => (FAILED, cx.theme.bad),
                    Some(Tone::Plain) => ("·", cx.theme.value),
                    None => ("", cx.theme.value),
                };
                let text = if mark.is_empty() { text.clone() } else { format!("{mark} {text}") };
                // A line that fits keeps its blanks: the keys in it are aligned in columns.
                let fits = width(&clean(&text)) <= most;
                let lines = if fits { vec![text] } else { wrap(&text, most) };
                lines.into_iter().map(move |line| (style, line))
            })
            .collect();
        let lines = if lines.is_empty() { vec![(cx.theme.dim, NOTHING_FOUND.to_owned())] } else { lines };
        let columns = lines.iter().map(|(_, line)| width(&clean(line))).max().unwrap_or(0);
        let can_search = self.search.is_some();
        let edge = Edge {
            title: &self.title,
            keys: if can_search { "type to search ↑↓ Esc" } else { "↑↓ Esc" },
        };
        let high = lines.len() + usize::from(can_search);
        let mut room = draw_popup(frame.buffer_mut(), area, (columns, high), edge, cx.theme);
        if let Some(search) = self.search.as_mut().filter(|_| room.height > 1) {
            let cursor = search.draw(frame.buffer_mut(), Rect { height: 1, ..room }, cx.theme.input);
            if cx.focused {
                frame.set_cursor_position(cursor);
            }
            room = Rect { y: room.y + 1, height: room.height - 1, ..room };
        }
        let view = self.scroll.view(lines.len(), room.height);
        for (y, (style, line)) in (room.top()..room.bottom()).zip(&lines[view]) {
            draw_text(frame.buffer_mut(), room.x, y, room.width, line, *style);
        }
        if cx.focused && !can_search {
            frame.set_cursor_position((room.x, room.y));
        }
    }
}

/// Whether a key is typed into the search, and does not scroll.
fn is_typed(key: &KeyEvent) -> bool {
    matches!(
        key.code,
        KeyCode::Char(_) | KeyCode::Backspace | KeyCode::Delete | KeyCode::Left | KeyCode::Right
    )
}

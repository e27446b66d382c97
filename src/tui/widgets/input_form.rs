//! A form of labelled input fields, one below the other, as for a sign-in, a request for an account or a new
//! password.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use zeroize::Zeroizing;

use crate::domain::model::schema::FieldDef;
use crate::domain::model::text::trim;
use crate::domain::rules::Issue;
use crate::service::auth::Secret;
use crate::tui::command::{Action, Command, InFooter, OwnKey};
use crate::tui::component::{Cx, DrawCx, is_for_text};
use crate::tui::message::{Effect, Event, MenuScreen, Outcome, Screen};
use crate::tui::theme::FAILED;
use crate::tui::widgets::multi_line::{self, MultiLine};
use crate::tui::widgets::secret_box::{self, SecretBox};
use crate::tui::widgets::text::{draw_text, draw_wrapped, wrap};
use crate::tui::widgets::text_box::{self, Edit, TextBox};

/// The least width of the labels, in cells.
const LABELS: usize = 18;
/// The greatest width of the input fields, in cells.
const FIELD_WIDTH: u16 = 40;
/// The reason why a command is not available while an answer is awaited.
pub const WAITING: &str = "Waiting for the database.";
/// The height of an input field for several lines of text.
const LINES: u16 = 3;

/// The content of an input field.
enum Content {
    Text(TextBox),
    Lines(Box<MultiLine>),
    Secret(SecretBox),
    /// A list of values with their texts, and the index of the chosen one.
    Choice(&'static [(&'static str, &'static str)], usize),
}

impl Content {
    fn key(&mut self, key: &KeyEvent) -> Edit {
        match self {
            Self::Text(text) => text.key(key),
            Self::Lines(lines) => lines.key(key),
            Self::Secret(secret) => secret.key(key),
            Self::Choice(choices, at) => {
                *at = match key.code {
                    KeyCode::Up => at.saturating_sub(1),
                    KeyCode::Down => (*at + 1).min(choices.len() - 1),
                    _ => return Edit::Ignored,
                };
                Edit::Changed
            }
        }
    }

    /// Empties it. A choice is never empty.
    fn clear(&mut self) -> Edit {
        match self {
            Self::Text(text) => text.set(""),
            Self::Lines(lines) => lines.clear(),
            Self::Secret(secret) => secret.clear(),
            Self::Choice(..) => return Edit::Ignored,
        }
        Edit::Changed
    }

    fn paste(&mut self, text: &str) -> Edit {
        match self {
            Self::Text(into) => into.paste(text),
            Self::Lines(lines) => lines.paste(text),
            Self::Secret(secret) => secret.paste(text),
            Self::Choice(..) => Edit::Ignored,
        }
    }

    /// The text without the blanks around it, or the value chosen; empty for a password.
    fn text(&self) -> String {
        match self {
            Self::Text(text) => trim(text.text()).to_owned(),
            Self::Lines(lines) => trim(&lines.text()).to_owned(),
            Self::Secret(_) => String::new(),
            Self::Choice(choices, at) => choices[*at].0.to_owned(),
        }
    }

    /// Whether it is empty. A choice never is.
    fn is_empty(&self) -> bool {
        match self {
            Self::Secret(secret) => secret.is_empty(),
            _ => self.text().is_empty(),
        }
    }

    fn lines(&self) -> u16 {
        if matches!(self, Self::Lines(_)) { LINES } else { 1 }
    }

    fn draw(&mut self, buf: &mut Buffer, field_area: Rect, cx: &DrawCx<'_>) -> Position {
        match self {
            Self::Text(text) => text.draw(buf, field_area, cx.theme.input),
            Self::Lines(lines) => lines.draw(buf, field_area, cx.theme.input),
            Self::Secret(secret) => secret.draw(buf, field_area, cx.theme.input),
            Self::Choice(choices, at) => {
                buf.set_style(field_area, cx.theme.input);
                let said = format!("{} ▾", choices[*at].1);
                draw_text(buf, field_area.x, field_area.y, field_area.width, &said, cx.theme.input);
                field_area.as_position()
            }
        }
    }
}

/// An input field with its label.
pub struct InputField {
    /// The property by which an issue of the service names it, or a name of its own.
    name: &'static str,
    label: &'static str,
    content: Content,
    is_required: bool,
    /// The name of the field whose text must be repeated here.
    repeats: Option<&'static str>,
    /// The text that is shown while it is empty.
    hint: &'static str,
    /// Whether a new password is chosen in it, whose length is said.
    is_new_secret: bool,
    /// What is wrong with what was typed.
    wrong: Option<String>,
}

impl InputField {
    fn new(name: &'static str, label: &'static str, content: Content) -> Self {
        Self {
            name,
            label,
            content,
            is_required: false,
            repeats: None,
            hint: "",
            is_new_secret: false,
            wrong: None,
        }
    }

    /// A field for one line of text, as long as `field` allows.
    pub fn text(field: &FieldDef, label: &'static str) -> Self {
        Self::new(field.property, label, Content::Text(TextBox::new("", field.max_length())))
    }

    /// A field for several lines of text, as long as `field` allows.
    pub fn lines(field: &FieldDef, label: &'static str) -> Self {
        Self::new(field.property, label, Content::Lines(Box::new(MultiLine::new("", field.max_length()))))
    }

    /// A field that chooses one value from a list of values and their texts; at first the first one.
    pub fn choice(
        field: &FieldDef,
        label: &'static str,
        choices: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self::new(field.property, label, Content::Choice(choices, 0))
    }

    /// A field for a password, which is required.
    pub fn secret(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Content::Secret(SecretBox::default())).required()
    }

    /// A field for a new password, which is required; below it stands how long it must be.
    pub fn new_secret(name: &'static str, label: &'static str) -> Self {
        Self { is_new_secret: true, ..Self::secret(name, label) }
    }

    /// A required field in which the password of the field `name` is repeated.
    pub fn repeated(name: &'static str, label: &'static str) -> Self {
        let content = Content::Secret(SecretBox::default());
        Self { repeats: Some(name), ..Self::new("", label, content).required() }
    }

    /// The same field, required.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.is_required = true;
        self
    }

    /// The same field, with a text that is shown while it is empty.
    #[must_use]
    pub fn hinting(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }

    /// The lines below the field: what is wrong, or otherwise the rule of a new password.
    fn below(&self, columns: u16, shortest_password: Option<usize>) -> Vec<String> {
        let shortest = shortest_password.filter(|_| self.is_new_secret);
        let rule = || Some(format!("At least {} characters; several unrelated words.", shortest?));
        let below = self.wrong.as_ref().map(|sentence| format!("{FAILED} {sentence}")).or_else(rule);
        below.map_or_else(Vec::new, |sentence| wrap(&sentence, columns.into()))
    }

    fn height(&self, columns: u16, shortest_password: Option<usize>) -> u16 {
        let below = self.below(columns, shortest_password).len();
        self.content.lines() + u16::try_from(below).unwrap_or(0)
    }
}

/// Input fields, one of which has the cursor.
pub struct InputForm {
    inputs: Vec<InputField>,
    at: usize,
    /// The index of the first field in view.
    top: usize,
    is_waiting: bool,
}

impl InputForm {
    /// A form with the cursor in the first field.
    pub fn new(inputs: Vec<InputField>) -> Self {
        Self { inputs, at: 0, top: 0, is_waiting: false }
    }

    /// Adds the commands of the form; `send` is the label of the command that sends it.
    pub fn commands(&self, send: &str, out: &mut Vec<Command>) {
        let ready = !self.inputs.is_empty() && !self.is_waiting;
        out.push(Command::of(Action::SaveAndReload).labelled(send).only_if(ready, WAITING));
        if self.is_waiting {
            // The answer has to find the place that asked.
            out.push(Command::of(Action::Back).only_if(false, WAITING));
        }
        match self.inputs.get(self.at).map(|labelled| &labelled.content) {
            Some(Content::Choice(..)) => out.push(Command::of(Action::DropDown)),
            Some(content) => {
                let clear = Command::of(Action::Clear).only_if(!content.is_empty(), "The box is empty.");
                out.push(clear.only_if(!self.is_waiting, WAITING));
            }
            None => {}
        }
    }

    /// The keys that the field with the cursor handles itself.
    pub fn own_keys(&self) -> Vec<OwnKey> {
        match self.inputs.get(self.at).map(|labelled| &labelled.content) {
            Some(Content::Text(_)) => text_box::KEYS.to_vec(),
            Some(Content::Lines(_)) => [&text_box::KEYS[..], &multi_line::KEYS].concat(),
            Some(Content::Secret(_)) => secret_box::KEYS.to_vec(),
            Some(Content::Choice(..)) => vec![OwnKey::of("Space", "Drop down").in_footer(InFooter::Later)],
            None => Vec::new(),
        }
    }

    /// Handles an event. Returns whether the form is to be sent: by command, or by Enter in the last field.
    pub fn take(&mut self, event: Event, cx: &mut Cx<'_>) -> bool {
        match event {
            Event::Command(Action::SaveAndReload) => return true,
            Event::Command(Action::Clear) => drop(self.edit(Content::clear)),
            Event::Command(Action::DropDown) => self.drop_down(cx),
            Event::Returned(Outcome::Answer(chosen)) => {
                if let Some(InputField { content: Content::Choice(_, at), .. }) = self.inputs.get_mut(self.at)
                {
                    *at = chosen;
                }
            }
            Event::Key(key) => return self.key(&key, cx),
            Event::Paste(text) => {
                let text = Zeroizing::new(text);
                self.edit(|content| content.paste(&text));
            }
            _ => {}
        }
        false
    }

    fn drop_down(&self, cx: &mut Cx<'_>) {
        cx.effects.extend(self.choices().map(|choices| Effect::Push(Screen::Menu(choices))));
    }

    fn key(&mut self, key: &KeyEvent, cx: &mut Cx<'_>) -> bool {
        let last = self.inputs.len().saturating_sub(1);
        match key.code {
            KeyCode::Tab => self.go(1),
            KeyCode::BackTab => self.go(last),
            code if self.edit(|content| content.key(key)) == Edit::Ignored => match code {
                KeyCode::Enter if self.at == last => return true,
                KeyCode::Enter | KeyCode::Down => self.go(1),
                KeyCode::Up => self.go(last),
                KeyCode::Char(' ') if key.modifiers.is_empty() => self.drop_down(cx),
                _ => self.say_no_text(key, cx),
            },
            _ => {}
        }
        false
    }

    fn say_no_text(&self, key: &KeyEvent, cx: &mut Cx<'_>) {
        if let Some(InputField { label, content: Content::Choice(..), .. }) = self.inputs.get(self.at)
            && is_for_text(key)
        {
            cx.say_no_text(label, "Space drops its list");
        }
    }

    fn go(&mut self, steps: usize) {
        self.at = (self.at + steps) % self.inputs.len().max(1);
    }

    /// Changes the content of the field with the cursor. A change removes the message at that field; a change of a
    /// password also the one at its repetition.
    fn edit(&mut self, change: impl FnOnce(&mut Content) -> Edit) -> Edit {
        let is_waiting = self.is_waiting;
        let Some(labelled) = self.inputs.get_mut(self.at).filter(|_| !is_waiting) else { return Edit::Moved };
        let edit = change(&mut labelled.content);
        if edit.is_change() {
            let is_secret = matches!(labelled.content, Content::Secret(_));
            labelled.wrong = edit.refused().map(|refused| refused.to_string());
            let repeating = self.inputs.iter_mut().filter(|other| is_secret && other.repeats.is_some());
            repeating.for_each(|other| other.wrong = None);
        }
        edit
    }

    fn choices(&self) -> Option<MenuScreen> {
        let InputField { label, content: Content::Choice(choices, at), .. } = self.inputs.get(self.at)?
        else {
            return None;
        };
        Some(MenuScreen::choices(label, choices.iter().map(|(_, name)| (*name).to_owned()), Some(*at)))
    }

    /// Begins to send the form, if it can be sent; until [`InputForm::answered`] nothing can be typed then. Otherwise
    /// marks the fields that are missing or wrong, goes to the first, and returns `false`.
    pub fn send(&mut self) -> bool {
        if self.is_waiting || self.inputs.is_empty() {
            return false;
        }
        for at in 0..self.inputs.len() {
            let wrong = self.missing(at);
            self.inputs[at].wrong = wrong;
        }
        let first = self.inputs.iter().position(|labelled| labelled.wrong.is_some());
        self.at = first.unwrap_or(self.at);
        self.is_waiting = first.is_none();
        self.is_waiting
    }

    /// What is wrong with the field of this index, as far as it is known without the service.
    fn missing(&self, at: usize) -> Option<String> {
        let InputField { label, content, is_required, repeats, .. } = &self.inputs[at];
        let differs = |name: &str| match (self.find(name), content) {
            (Some(InputField { content: Content::Secret(first), .. }), Content::Secret(again)) => {
                !again.is_same(first)
            }
            _ => false,
        };
        match repeats {
            Some(name) => differs(name).then(|| "The two passwords differ.".to_owned()),
            None => (*is_required && content.is_empty()).then(|| format!("{label} is required.")),
        }
    }

    /// Takes no input until [`InputForm::answered`], as after [`InputForm::send`].
    pub fn wait(&mut self) {
        self.is_waiting = true;
    }

    /// Whether the answer is awaited.
    pub fn is_waiting(&self) -> bool {
        self.is_waiting
    }

    /// Handles that the answer has come: input is taken again.
    pub fn answered(&mut self) {
        self.is_waiting = false;
    }

    /// Whether anything was typed.
    pub fn is_touched(&self) -> bool {
        let typed = |labelled: &InputField| {
            !matches!(labelled.content, Content::Choice(..)) && !labelled.content.is_empty()
        };
        self.inputs.iter().any(typed)
    }

    fn find(&self, name: &str) -> Option<&InputField> {
        self.inputs.iter().find(|labelled| labelled.name == name)
    }

    /// The text of the field `name`, without the blanks around it.
    pub fn text(&self, name: &str) -> String {
        self.find(name).map(|labelled| labelled.content.text()).unwrap_or_default()
    }

    /// The password in the field `name`.
    pub fn secret(&self, name: &str) -> Secret {
        match self.find(name) {
            Some(InputField { content: Content::Secret(secret), .. }) => secret.secret(),
            _ => Secret::default(),
        }
    }

    /// Sets the text of the field `name`, and puts the cursor into the field after it.
    pub fn fill(&mut self, name: &str, text: &str) {
        let Some(at) = self.inputs.iter().position(|labelled| labelled.name == name) else { return };
        if let Content::Text(content) = &mut self.inputs[at].content {
            content.set(text);
        }
        self.at = at;
        self.go(1);
    }

    /// Empties every password field.
    pub fn forget(&mut self) {
        for labelled in &mut self.inputs {
            if let Content::Secret(secret) = &mut labelled.content {
                secret.clear();
            }
        }
    }

    /// Shows at the password field `name` why it was refused, and empties it and its repetition.
    pub fn refuse(&mut self, name: &str, sentence: impl Into<String>) {
        let Some(at) = self.inputs.iter().position(|labelled| labelled.name == name) else { return };
        self.at = at;
        self.inputs[at].wrong = Some(sentence.into());
        for labelled in self.inputs.iter_mut().filter(|it| it.name == name || it.repeats == Some(name)) {
            if let Content::Secret(secret) = &mut labelled.content {
                secret.clear();
            }
        }
    }

    /// Shows at each field what the service found wrong with it; an issue of no field is shown at the first one. The
    /// cursor goes to the first field that is wrong. What was typed stays.
    pub fn mark(&mut self, issues: Vec<Issue>) {
        for issue in issues {
            let named = self.inputs.iter().position(|labelled| Some(labelled.name) == issue.property);
            if let Some(labelled) = self.inputs.get_mut(named.unwrap_or(0)) {
                labelled.wrong.get_or_insert(issue.message);
            }
        }
        let wrong = self.inputs.iter().position(|labelled| labelled.wrong.is_some());
        self.at = wrong.unwrap_or(self.at);
    }

    /// Draws the fields below the text `said`; where they do not all have room, those around the cursor.
    pub fn draw(&mut self, frame: &mut Frame<'_>, area: Rect, said: &str, cx: &DrawCx<'_>) {
        let room = Rect { x: area.x + 2, width: area.width.saturating_sub(4), ..area };
        let head = Rect { y: room.y + 1, height: (room.height / 2).saturating_sub(1), ..room };
        let head = 2 + draw_wrapped(frame.buffer_mut(), head, said, cx.theme.value).max(2);
        let room = Rect { y: room.y + head, height: room.height.saturating_sub(head), ..room };
        let longest = self.inputs.iter().map(|labelled| labelled.label.len() + 2).max().unwrap_or(0);
        let labels = u16::try_from(longest.max(LABELS)).unwrap_or(room.width).min(room.width);
        let columns = room.width.saturating_sub(labels);
        let heights: Vec<u16> =
            self.inputs.iter().map(|labelled| labelled.height(columns, cx.shortest_password)).collect();
        let shown = self.view(&heights, room.height);
        let mut y = room.y;
        for at in shown.clone() {
            let high = heights[at].min(room.bottom().saturating_sub(y));
            self.draw_box(frame, Rect { y, height: high, ..room }, (at, labels), cx);
            y += high;
        }
        let buf = frame.buffer_mut();
        if shown.start > 0 {
            draw_text(buf, room.right(), room.y, 1, "▴", cx.theme.dim);
        }
        if shown.end < self.inputs.len() {
            draw_text(buf, room.right(), room.bottom().saturating_sub(1), 1, "▾", cx.theme.dim);
        } else if self.is_waiting && y + 1 < room.bottom() {
            draw_text(buf, room.x, y + 1, room.width, "Checking…", cx.theme.dim);
        }
    }

    /// The range of fields in view, with the one that has the cursor.
    fn view(&mut self, heights: &[u16], room: u16) -> std::ops::Range<usize> {
        let high = |inputs: &[u16]| inputs.iter().sum::<u16>();
        self.top = self.top.min(self.at);
        while self.top < self.at && high(&heights[self.top..=self.at]) > room {
            self.top += 1;
        }
        while self.top > 0 && high(&heights[self.top - 1..]) <= room {
            self.top -= 1;
        }
        let last =
            (self.at..heights.len()).take_while(|last| high(&heights[self.top..=*last]) <= room).last();
        self.top..heights.len().min(last.unwrap_or(self.at) + 1)
    }

    fn draw_box(&mut self, frame: &mut Frame<'_>, room: Rect, (at, labels): (usize, u16), cx: &DrawCx<'_>) {
        // Where every field is required, none is marked so.
        let marks_required = self.inputs.iter().any(|labelled| !labelled.is_required);
        let is_focused = self.at == at;
        let labelled = &mut self.inputs[at];
        let buf = frame.buffer_mut();
        let style = if is_focused { cx.theme.focused_label } else { cx.theme.label };
        if marks_required && labelled.is_required {
            draw_text(buf, room.x - 1, room.y, 1, "•", style);
        }
        draw_text(buf, room.x, room.y, labels - 1, labelled.label, style);
        let columns = room.width.saturating_sub(labels);
        let high = labelled.content.lines().min(room.height);
        let field_area = Rect { x: room.x + labels, width: FIELD_WIDTH.min(columns), height: high, ..room };
        let cursor = labelled.content.draw(buf, field_area, cx);
        if labelled.content.is_empty() {
            draw_wrapped(buf, field_area, labelled.hint, cx.theme.dim);
        }
        let style = if labelled.wrong.is_some() { cx.theme.bad } else { cx.theme.dim };
        for (y, line) in
            (field_area.bottom()..room.bottom()).zip(labelled.below(columns, cx.shortest_password))
        {
            draw_text(buf, field_area.x, y, columns, &line, style);
        }
        if is_focused && cx.focused {
            frame.set_cursor_position(cursor);
        }
    }
}

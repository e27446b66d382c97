//! The commands that can be given now, those of the place in front and those of the frame; and carrying them out.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::tui::command::{Action, Command, InFooter, OwnKey, given_by};
use crate::tui::component::Who;
use crate::tui::console::navigation::Leaving;
use crate::tui::console::{Console, HostEffect, WIDE};
use crate::tui::message::{ChoosePassword, Event, HelpTopic, MenuScreen, Offer, Screen, Tone};
use crate::tui::places::Node;
use crate::tui::widgets::menu::entries_of;

/// The commands in front; the first `frame` of them are the frame's own.
pub(super) struct InFront {
    /// In the order of the menu.
    pub(super) commands: Vec<Command>,
    /// How many of the first commands are the frame's.
    pub(super) frame: usize,
    /// Whether letters without a modifier are text there, not commands.
    pub(super) takes_text: bool,
    /// The keys that the layer in front handles itself.
    pub(super) own_keys: Vec<OwnKey>,
}

impl InFront {
    /// Whether a list is open, whose keys come before all others.
    pub(super) fn is_open(&self) -> bool {
        self.own_keys.iter().any(|own| own.in_footer == InFooter::First)
    }

    /// The same commands, for a layer that lists them.
    fn offer(self) -> Offer {
        let Self { commands, frame, takes_text, own_keys } = self;
        Offer { commands, frame, takes_text, own_keys }
    }
}

impl Console {
    /// Carries out a key: as a command where one has it, otherwise in the component in front.
    pub(super) fn key(&mut self, key: &KeyEvent) {
        let front = self.in_front();
        let key = match self.on_latin(key, front.takes_text) {
            Ok(key) => key,
            Err(letter) => return self.ask_keyboard_of(letter),
        };
        let given = given_by(&key, front.takes_text, &front.commands).map(|command| command.action);
        let control = key.modifiers == KeyModifiers::CONTROL;
        if control && key.code == KeyCode::Char('l') {
            return self.host_effects.push(HostEffect::Repaint);
        }
        if self.is_too_small() {
            // Where the window is too small to draw, only Quit is carried out.
            if given == Some(Action::Quit) {
                self.give(Action::Quit);
            }
            return;
        }
        let is_modified = key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        match (given, key.code) {
            (Some(action), _) => self.give(action),
            // In a text it takes back what was typed.
            (None, KeyCode::Char('z')) if control && !front.takes_text => {
                self.host_effects.push(HostEffect::Suspend);
            }
            (None, KeyCode::Char('c')) if control && self.lock.is_none() => {
                self.say(Tone::Plain, "Ctrl+Q leaves the program.");
            }
            // With Ctrl or Alt it is another key than the letter.
            (None, KeyCode::Char(_)) if is_modified && !front.takes_text => {}
            (None, _) if self.is_in_tree() => self.tree.key(&key),
            (None, _) => self.deliver_to_front(Event::Key(key)),
        }
    }

    /// The action that a key gives in the place in front; `None` for a key that is no command there.
    pub(super) fn action_of(&self, key: &KeyEvent) -> Option<Action> {
        let front = self.in_front();
        let key = self.on_latin(key, front.takes_text).ok()?;
        given_by(&key, front.takes_text, &front.commands).map(|command| command.action)
    }

    /// Whether a key is the one of Quit, whatever is in front.
    pub fn is_quit(&self, key: &KeyEvent) -> bool {
        let key = self.on_latin(key, true);
        key.is_ok_and(|key| given_by(&key, true, &[Command::of(Action::Quit)]).is_some())
    }

    /// The commands that can be given now. An overlay offers its own alone; while the menu tree has the keys, only
    /// the frame's are offered.
    pub(super) fn in_front(&self) -> InFront {
        if let Some(lock) = &self.lock {
            let mut commands = Vec::new();
            lock.component.commands(&mut commands);
            let (takes_text, own_keys) = (lock.component.takes_text(), lock.component.own_keys());
            return InFront { commands, frame: 0, takes_text, own_keys };
        }
        let Some(top) = self.layers.last() else {
            let commands = vec![Command::of(Action::Quit)];
            return InFront { commands, frame: 1, takes_text: false, own_keys: Vec::new() };
        };
        let mut commands = Vec::new();
        if !top.component.is_overlay() {
            self.frame_commands(&mut commands);
        }
        if self.tree_has_keys {
            // These two are about the place below the tree.
            commands.retain(|command| ![Action::Menu, Action::Palette].contains(&command.action));
            // They come before the frame's own: the footer shows commands in this order.
            let own = [Command::of(Action::Open), Command::of(Action::Back).labelled("Leave menu")];
            commands.splice(0..0, own);
            return InFront { frame: commands.len(), commands, takes_text: false, own_keys: Vec::new() };
        }
        let mut own = Vec::new();
        top.component.commands(&mut own);
        commands.retain(|command| !own.iter().any(|other| other.action == command.action));
        let frame = commands.len();
        commands.extend(own);
        let (takes_text, own_keys) = (top.component.takes_text(), top.component.own_keys());
        InFront { commands, frame, takes_text, own_keys }
    }

    /// The commands of what is in front, as help and the palette list them.
    pub fn offer(&self) -> Offer {
        self.in_front().offer()
    }

    /// The path of the type of the layer in front: `ccdesk::tui::screens::home::Home`; `None` without any layer.
    pub fn type_in_front(&self) -> Option<&'static str> {
        let front = self.lock.as_ref().or(self.layers.last());
        front.map(|layer| layer.component.type_name())
    }

    fn frame_commands(&self, out: &mut Vec<Command>) {
        let deep = self.layers.len() > 1;
        out.extend([Action::Help, Action::Messages, Action::Keyboard, Action::Menu].map(Command::of));
        if deep && !self.tree_has_keys {
            out.push(Command::of(Action::Back));
        }
        out.push(Command::of(Action::Quit));
        if self.who != Who::Nobody {
            let beside = self.size.width >= WIDE;
            out.extend([
                Command::of(Action::Palette),
                Command::of(Action::ToggleMenu).only_if(beside, "Alt+M opens it here."),
            ]);
            out.extend(self.switch_command());
            out.extend([
                Command::of(Action::Breadcrumb).only_if(deep, "This is the first level."),
                Command::of(Action::ChangePassword),
                Command::of(Action::SignOut),
            ]);
            if !self.tree_has_keys {
                out.push(Command::of(Action::GoToMenu));
                let labelled = |node: &Node| format!("Go to {}", node.label());
                let places = (0..).zip(self.tree.nodes());
                out.extend(
                    places.map(|(line, node)| Command::of(Action::GoTo(line)).labelled(labelled(node))),
                );
            }
        }
    }

    /// Carries out an action, or shows why it cannot be carried out.
    pub(super) fn give(&mut self, action: Action) {
        let front = self.in_front();
        let Some(at) = front.commands.iter().rposition(|command| command.action == action) else { return };
        if action == Action::Reload {
            self.count_requests();
        }
        match front.commands[at].disabled {
            Some(why_not) => self.say(Tone::Plain, why_not),
            None if at >= front.frame => self.deliver_to_front(Event::Command(action)),
            None => self.perform(action, front),
        }
    }

    fn perform(&mut self, action: Action, front: InFront) {
        match action {
            Action::Help => self.push(Screen::Help(HelpTopic::Keys(front.offer()))),
            Action::Palette => self.push(Screen::Palette(front.offer())),
            Action::Messages => self.push(Screen::Messages(self.log.iter().cloned().collect())),
            Action::Keyboard => self.choose_keyboard(),
            Action::SwitchSite if self.who.visitor().is_some() => self.leave(Leaving::SwitchCustomer),
            Action::SwitchSite => self.push(Screen::Sites),
            Action::ChangePassword => self.push(Screen::ChoosePassword(ChoosePassword::Change)),
            Action::SignOut => self.leave(Leaving::SignOut),
            Action::Menu => {
                let title = self.layers.last().map(|top| top.component.title()).unwrap_or_default();
                let (frame, own) = front.commands.split_at(front.frame);
                let lettered = frame.iter().filter(|command| command.action.about().letter.is_some());
                let commands: Vec<Command> = own.iter().chain(lettered).cloned().collect();
                let entries = entries_of(&commands, front.takes_text);
                self.push(Screen::Menu(MenuScreen { title, entries, current: None }));
            }
            Action::GoToMenu => self.tree_has_keys = true,
            Action::GoTo(line) => {
                if let Some(node) = self.tree.nodes().get(usize::from(line)) {
                    self.leave(Leaving::Go(node.path()));
                }
            }
            Action::ToggleMenu => self.tree_is_hidden = !self.tree_is_hidden,
            Action::Open => {
                if let Some(node) = self.tree.current() {
                    self.leave(Leaving::Go(node.path()));
                }
            }
            Action::Back if self.tree_has_keys => self.tree_has_keys = false,
            Action::Back => self.leave(Leaving::Close),
            Action::Breadcrumb => self.ask_level(),
            Action::Quit => self.leave(Leaving::Quit),
            _ => {}
        }
    }
}

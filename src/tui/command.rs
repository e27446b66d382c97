//! The one list of what can be done. Ribbon, footer, menus, palette, help and dispatch read it: a key that
//! does nothing is never shown, and a shown key always works.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Everything an operator can do by command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Explain the field, the code or the keys.
    Help,
    /// Go to edit mode.
    Edit,
    /// Go to the filter row.
    FilterRow,
    /// Go to the search box.
    Search,
    /// Take all filters away.
    ClearFilters,
    /// Sort by the column in front; again turns the order round.
    Sort,
    /// Add the column in front to the order.
    SortAlso,
    /// Drop the list of choices down.
    DropDown,
    /// Read again.
    Reload,
    /// The next panel.
    NextPanel,
    /// The panel before.
    PreviousPanel,
    /// A panel by its number, from 1 to 9.
    Panel(u8),
    /// The menu of what is focused.
    Menu,
    /// The next problem's place of repair.
    NextProblem,
    /// The problem before.
    PreviousProblem,
    /// Choose from a navigator.
    SelectByNavigator,
    /// Create a new record.
    New,
    /// Create a new record for the reference field.
    CreateNew,
    /// Make the field empty.
    Clear,
    /// Copy the value.
    Copy,
    /// Paste what was copied here.
    PasteValue,
    /// Write and stay.
    SaveAndReload,
    /// Write and close.
    SaveAndClose,
    /// Take the changes back and close.
    CancelChanges,
    /// Go back one level.
    Back,
    /// Open what is in front.
    Open,
    /// Show or hide the menu tree.
    ToggleMenu,
    /// Go to the menu tree.
    GoToMenu,
    /// Go to the place on that line of the menu tree.
    GoTo(u8),
    /// Which fields and panels a form shows.
    CustomizeForm,
    /// Every command by name.
    Palette,
    /// Choose the Client Center site for which users are judged; in a Client Center, the customer.
    SwitchSite,
    /// Go to a level of the breadcrumb.
    Breadcrumb,
    /// What was said so far.
    Messages,
    /// The named views of the list.
    Views,
    /// The next view.
    NextView,
    /// The view before.
    PreviousView,
    /// Mark the row, or take the mark away.
    Mark,
    /// Remove the record.
    Remove,
    /// See a request through: go to what is missing first.
    Approve,
    /// Turn a request down.
    Reject,
    /// Open a rejected request again.
    Reopen,
    /// Grant access to several customers in one step.
    GrantSeveral,
    /// What a sign-in of this user would come to.
    SignInPreview,
    /// Issue a one-time code, with which the owner chooses a password.
    IssueReset,
    /// Sign in to a Client Center.
    ClientCenter,
    /// Ask for an account.
    CreateAccount,
    /// Choose another password.
    ChangePassword,
    /// Leave the desk or the Client Center.
    SignOut,
    /// Leave the program.
    Quit,
}

/// How an action is called and given.
pub struct About {
    /// What it says.
    pub label: &'static str,
    /// Its keys that work everywhere; the first is shown.
    pub keys: &'static [Key],
    /// Its keys that work where letters are no text.
    pub list_keys: &'static [Key],
    /// Its letter in the menu of what is focused (Ctrl+G).
    pub letter: Option<char>,
}

/// A key with its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key(pub KeyModifiers, pub KeyCode);

const fn f(number: u8) -> Key {
    Key(KeyModifiers::NONE, KeyCode::F(number))
}
const fn shift_f(number: u8) -> Key {
    Key(KeyModifiers::SHIFT, KeyCode::F(number))
}
const fn ctrl(letter: char) -> Key {
    Key(KeyModifiers::CONTROL, KeyCode::Char(letter))
}
const fn alt(letter: char) -> Key {
    Key(KeyModifiers::ALT, KeyCode::Char(letter))
}
const fn ctrl_alt(letter: char) -> Key {
    Key(KeyModifiers::CONTROL.union(KeyModifiers::ALT), KeyCode::Char(letter))
}
const fn plain(letter: char) -> Key {
    Key(KeyModifiers::NONE, KeyCode::Char(letter))
}
const fn bare(code: KeyCode) -> Key {
    Key(KeyModifiers::NONE, code)
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 48] = [
        Self::Help,
        Self::Edit,
        Self::SaveAndReload,
        Self::SaveAndClose,
        Self::CancelChanges,
        Self::Back,
        Self::Open,
        Self::New,
        Self::CreateNew,
        Self::SelectByNavigator,
        Self::DropDown,
        Self::Clear,
        Self::Copy,
        Self::PasteValue,
        Self::Menu,
        Self::NextProblem,
        Self::PreviousProblem,
        Self::NextPanel,
        Self::PreviousPanel,
        Self::FilterRow,
        Self::Search,
        Self::ClearFilters,
        Self::Sort,
        Self::SortAlso,
        Self::Reload,
        Self::CustomizeForm,
        Self::SwitchSite,
        Self::Palette,
        Self::ToggleMenu,
        Self::GoToMenu,
        Self::Breadcrumb,
        Self::Messages,
        Self::Views,
        Self::NextView,
        Self::PreviousView,
        Self::Mark,
        Self::Remove,
        Self::Approve,
        Self::Reject,
        Self::Reopen,
        Self::GrantSeveral,
        Self::SignInPreview,
        Self::IssueReset,
        Self::ClientCenter,
        Self::CreateAccount,
        Self::ChangePassword,
        Self::SignOut,
        Self::Quit,
    ];

    /// Its label and keys (`screens.md`, Keys).
    pub const fn about(self) -> About {
        // `const` blocks, because keys are made by functions and must live as long as the program.
        macro_rules! say {
            ($label:literal, [$($key:expr),*], [$($list_key:expr),*], $letter:expr) => {
                About {
                    label: $label,
                    keys: const { &[$($key),*] },
                    list_keys: const { &[$($list_key),*] },
                    letter: $letter,
                }
            };
        }
        match self {
            Self::Help => say!("Help", [f(1)], [plain('?')], None),
            Self::Edit => say!("Edit", [f(2)], [plain('e')], Some('e')),
            Self::FilterRow => say!("Filter row", [f(3), ctrl('f')], [plain('/')], Some('f')),
            Self::Search => say!("Search box", [], [], Some('b')),
            Self::ClearFilters => say!("Clear filters", [], [], Some('u')),
            Self::Sort => say!("Sort by this column", [], [plain('s')], Some('o')),
            Self::SortAlso => say!("Then sort by this column", [], [plain('S')], Some('O')),
            Self::DropDown => {
                say!("Drop down", [f(4), Key(KeyModifiers::ALT, KeyCode::Down)], [], Some('l'))
            }
            Self::Reload => say!("Reload", [f(5), ctrl('r')], [], Some('r')),
            Self::NextPanel => say!("Next panel", [f(6)], [], None),
            Self::PreviousPanel => say!("Previous panel", [shift_f(6), f(18)], [], None),
            Self::Panel(number) => say!("Panel", [], [], Some((b'0' + number) as char)),
            Self::Menu => say!("Menu", [ctrl('g'), f(10)], [], None),
            Self::NextProblem => say!("Next problem", [f(8)], [], Some('p')),
            Self::PreviousProblem => say!("Previous problem", [shift_f(8), f(20)], [], Some('P')),
            Self::SelectByNavigator => say!("Select by navigator…", [f(9)], [], Some('s')),
            Self::New => say!("New", [ctrl('n')], [], Some('n')),
            Self::CreateNew => say!("Create new", [ctrl('n'), ctrl_alt('n')], [], Some('n')),
            Self::Clear => say!("Clear", [ctrl('u')], [], Some('c')),
            Self::Copy => say!("Copy", [ctrl_alt('c')], [], Some('y')),
            Self::PasteValue => say!("Paste", [ctrl_alt('v')], [], Some('v')),
            Self::SaveAndReload => say!("Save and reload", [ctrl('s')], [], Some('w')),
            Self::SaveAndClose => say!("Save and close", [], [], Some('x')),
            Self::CancelChanges => say!("Cancel changes and return", [bare(KeyCode::Esc)], [], Some('q')),
            Self::Back => say!("Back", [bare(KeyCode::Esc)], [], None),
            Self::Open => say!("Open", [f(12)], [bare(KeyCode::Enter)], Some('d')),
            Self::ToggleMenu => say!("Show or hide menu", [ctrl('b')], [], None),
            Self::GoTo(_) => say!("Go to a place", [], [], None),
            Self::GoToMenu => say!("Go to menu", [alt('m')], [plain('m')], None),
            Self::CustomizeForm => say!("Customize form", [], [], Some('k')),
            Self::Palette => say!("Commands", [ctrl('p')], [plain(':')], None),
            Self::SwitchSite => say!("Switch site", [ctrl('o')], [], Some('t')),
            Self::Breadcrumb => say!("Go back to a level", [alt('b')], [], Some('a')),
            Self::Messages => say!("Messages", [], [], Some('M')),
            Self::Views => say!("Views", [], [plain('v')], Some('V')),
            Self::NextView => say!("Next view", [], [plain(']')], None),
            Self::PreviousView => say!("Previous view", [], [plain('[')], None),
            Self::Mark => say!("Mark", [], [plain(' ')], Some('m')),
            Self::Remove => say!("Remove", [], [bare(KeyCode::Delete)], Some('D')),
            Self::Approve => say!("Approve request", [], [plain('a')], Some('A')),
            Self::Reject => say!("Reject request", [], [plain('x')], Some('X')),
            Self::Reopen => say!("Reopen request", [], [], Some('R')),
            Self::GrantSeveral => say!("Grant several customers", [], [], Some('g')),
            Self::SignInPreview => say!("Sign-in preview", [], [], Some('i')),
            Self::IssueReset => say!("Issue one-time code", [], [], Some('I')),
            Self::ClientCenter => say!("Client Center", [alt('c')], [], Some('C')),
            Self::CreateAccount => say!("Create local account", [alt('n')], [], Some('N')),
            Self::ChangePassword => say!("Change password", [], [], Some('W')),
            Self::SignOut => say!("Sign out", [], [], Some('Q')),
            Self::Quit => say!("Quit", [ctrl('q')], [], None),
        }
    }
}

impl Action {
    /// Its keys, without the plain letters where letters are text.
    fn keys(self, takes_text: bool) -> impl Iterator<Item = Key> {
        let about = self.about();
        let list_keys = if takes_text { &[] } else { about.list_keys };
        about.keys.iter().chain(list_keys).copied()
    }
}

/// An action as it stands now in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// What it does.
    pub action: Action,
    /// What it says here, when that is more than the action's own label: `Create new "Chris Armstrong"`.
    pub label: Option<String>,
    /// Why it cannot be given now.
    pub disabled: Option<&'static str>,
    /// Whether the ribbon shows it.
    pub in_ribbon: bool,
}

impl Command {
    /// A command that can be given.
    pub const fn of(action: Action) -> Self {
        Self { action, label: None, disabled: None, in_ribbon: false }
    }

    /// The same with a place in the ribbon.
    #[must_use]
    pub const fn ribbon(mut self) -> Self {
        self.in_ribbon = true;
        self
    }

    /// The same, with what it says here.
    #[must_use]
    pub fn labelled(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// The same, but only when `possible`; otherwise it says why not.
    #[must_use]
    pub const fn only_if(mut self, possible: bool, why_not: &'static str) -> Self {
        if !possible {
            self.disabled = Some(why_not);
        }
        self
    }

    /// The same, unless there is a reason why it cannot be given.
    #[must_use]
    pub const fn unless(mut self, why_not: Option<&'static str>) -> Self {
        if why_not.is_some() {
            self.disabled = why_not;
        }
        self
    }

    /// What it says.
    pub fn label(&self) -> &str {
        self.label.as_deref().unwrap_or(self.action.about().label)
    }
}

/// The command among `commands` that a key gives, enabled or not. Later commands win over earlier ones, so
/// that what is in front wins over what is around it.
pub fn given_by<'a>(key: &KeyEvent, takes_text: bool, commands: &'a [Command]) -> Option<&'a Command> {
    winner(normal(key), takes_text, commands)
}

fn winner(key: Key, takes_text: bool, commands: &[Command]) -> Option<&Command> {
    commands.iter().rev().find(|command| command.action.keys(takes_text).any(|own| own == key))
}

/// The keys that give `command` now: its own, without those that another of `commands` takes first.
pub fn keys_of(command: &Command, takes_text: bool, commands: &[Command]) -> Vec<Key> {
    let gives =
        |key: &Key| winner(*key, takes_text, commands).is_some_and(|won| won.action == command.action);
    command.action.keys(takes_text).filter(gives).collect()
}

/// The key by which a command is shown: Enter where it works, because everybody tries it first.
pub fn shown_key(command: &Command, takes_text: bool, commands: &[Command]) -> Option<Key> {
    let keys = keys_of(command, takes_text, commands);
    keys.iter().find(|key| **key == bare(KeyCode::Enter)).or(keys.first()).copied()
}

/// The letter that a key types into a menu: as it is, or the one on the same key of a Latin keyboard.
pub fn letter(key: &KeyEvent) -> Option<char> {
    match normal(key) {
        Key(KeyModifiers::NONE, KeyCode::Char(letter)) => Some(letter),
        _ => None,
    }
}

/// The key without what terminals add to it: the shift of a capital letter, the case of a control letter, and
/// a Cyrillic letter on a key whose Latin one is a command.
fn normal(key: &KeyEvent) -> Key {
    let mut modifiers = key.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
    let code = match key.code {
        KeyCode::Char(letter) => {
            modifiers -= KeyModifiers::SHIFT;
            let latin = latin_twin(letter);
            let commanding = modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
            KeyCode::Char(if commanding { latin.to_ascii_lowercase() } else { latin })
        }
        code => code,
    };
    Key(modifiers, code)
}

/// The Latin letter or bracket on the key that types this Cyrillic one, by the ЙЦУКЕН layout.
fn latin_twin(letter: char) -> char {
    const CYRILLIC: &str = "йцукенгшщзхъфывапролдячсмить";
    const LATIN: &str = "qwertyuiop[]asdfghjklzxcvbnm";
    let lower = letter.to_lowercase().next().unwrap_or(letter);
    let Some(index) = CYRILLIC.chars().position(|known| known == lower) else { return letter };
    let twin = LATIN.chars().nth(index).unwrap_or(letter);
    if letter.is_uppercase() { twin.to_ascii_uppercase() } else { twin }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.contains(KeyModifiers::CONTROL) {
            f.write_str("Ctrl+")?;
        }
        if self.0.contains(KeyModifiers::ALT) {
            f.write_str("Alt+")?;
        }
        if self.0.contains(KeyModifiers::SHIFT) {
            f.write_str("Shift+")?;
        }
        match self.1 {
            KeyCode::Char(' ') => f.write_str("Space"),
            KeyCode::Char(letter) if self.0.is_empty() => write!(f, "{letter}"),
            KeyCode::Char(letter) => write!(f, "{}", letter.to_ascii_uppercase()),
            KeyCode::F(18) => f.write_str("Shift+F6"),
            KeyCode::F(20) => f.write_str("Shift+F8"),
            KeyCode::F(number) => write!(f, "F{number}"),
            KeyCode::Down => f.write_str("↓"),
            KeyCode::Esc => f.write_str("Esc"),
            KeyCode::Enter => f.write_str("Enter"),
            other => write!(f, "{other}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::testing::parse_keys;

    /// Pairs that share a key on purpose: the second is offered only where it takes the place of the first.
    const TAKES_THE_PLACE: [(Action, Action); 2] =
        [(Action::New, Action::CreateNew), (Action::CancelChanges, Action::Back)];

    fn every_pair() -> impl Iterator<Item = (Action, Action)> {
        let pairs = Action::ALL
            .iter()
            .enumerate()
            .flat_map(|(at, first)| Action::ALL[at + 1..].iter().map(move |second| (*first, *second)));
        pairs.filter(|pair| !TAKES_THE_PLACE.contains(pair))
    }

    #[test]
    fn no_key_gives_two_commands() {
        for (first, second) in every_pair() {
            for key in first.keys(false) {
                assert!(!second.keys(false).any(|other| other == key), "{key}: {first:?} and {second:?}");
            }
        }
    }

    #[test]
    fn no_letter_of_the_menu_gives_two_commands() {
        for (first, second) in every_pair() {
            let letter = first.about().letter;
            assert!(
                letter.is_none() || letter != second.about().letter,
                "{letter:?}: {first:?} and {second:?}"
            );
        }
    }

    #[test]
    fn no_key_is_one_that_terminals_do_not_send() {
        for action in Action::ALL {
            for Key(modifiers, code) in action.keys(false) {
                let KeyCode::Char(letter) = code else {
                    let enter = code == KeyCode::Enter && modifiers.contains(KeyModifiers::CONTROL);
                    assert!(!enter, "{action:?}");
                    continue;
                };
                if modifiers.contains(KeyModifiers::CONTROL) {
                    assert!(
                        letter.is_ascii_lowercase() && !"imh".contains(letter),
                        "{action:?}: Ctrl+{letter}"
                    );
                    assert!(!modifiers.contains(KeyModifiers::SHIFT), "{action:?}");
                }
                if modifiers == KeyModifiers::ALT {
                    assert!(!letter.is_ascii_digit(), "{action:?}: Alt+{letter}");
                }
            }
        }
    }

    #[test]
    fn every_action_can_be_given_somehow() {
        for action in Action::ALL {
            assert!(action.keys(false).next().is_some() || action.about().letter.is_some(), "{action:?}");
        }
    }

    fn gives(key: &str, takes_text: bool, actions: &[Action]) -> Option<Action> {
        let commands: Vec<Command> = actions.iter().copied().map(Command::of).collect();
        given_by(&parse_keys(key)[0], takes_text, &commands).map(|command| command.action)
    }

    #[test]
    fn in_a_text_a_letter_is_text() {
        assert_eq!(gives("e", false, &[Action::Edit]), Some(Action::Edit));
        assert_eq!(gives("e", true, &[Action::Edit]), None);
        assert_eq!(gives("<F2>", true, &[Action::Edit]), Some(Action::Edit));
    }

    #[test]
    fn what_is_in_front_wins() {
        assert_eq!(gives("<C-n>", true, &[Action::New, Action::CreateNew]), Some(Action::CreateNew));
        let commands = [Command::of(Action::New), Command::of(Action::CreateNew)];
        assert!(keys_of(&commands[0], true, &commands).is_empty());
    }

    #[test]
    fn commands_answer_to_the_same_keys_under_a_cyrillic_layout() {
        assert_eq!(gives("<C-ы>", true, &[Action::SaveAndReload]), Some(Action::SaveAndReload));
        assert_eq!(gives("<C-Ы>", true, &[Action::SaveAndReload]), Some(Action::SaveAndReload));
        assert_eq!(gives("у", false, &[Action::Edit]), Some(Action::Edit));
        assert_eq!(gives("Ы", false, &[Action::Sort, Action::SortAlso]), Some(Action::SortAlso));
        assert_eq!(gives("ъ", false, &[Action::NextView, Action::PreviousView]), Some(Action::NextView));
        assert_eq!(gives("у", true, &[Action::Edit]), None);
    }

    #[test]
    fn keys_are_named_as_on_the_keyboard() {
        let named = |action: Action| action.keys(false).map(|key| key.to_string()).collect::<Vec<_>>();
        assert_eq!(named(Action::SaveAndReload), ["Ctrl+S"]);
        assert_eq!(named(Action::PreviousProblem)[0], "Shift+F8");
        assert_eq!(named(Action::Open), ["F12", "Enter"]);
        assert_eq!(named(Action::Copy), ["Ctrl+Alt+C"]);
    }
}

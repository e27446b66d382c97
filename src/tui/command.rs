//! The one list of what can be done. Ribbon, footer, menus, palette, help and dispatch read it: a key that
//! does nothing is never shown, and a shown key always works.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// The label of an action, and the keys that give it.
pub struct About {
    /// The label.
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

const ENTER: Key = Key(KeyModifiers::NONE, KeyCode::Enter);
const ESC: Key = Key(KeyModifiers::NONE, KeyCode::Esc);
const DELETE: Key = Key(KeyModifiers::NONE, KeyCode::Delete);
const ALT_DOWN: Key = Key(KeyModifiers::ALT, KeyCode::Down);

/// Makes [`Action`] and all that is known of each action from one table. The first part has a line for each action:
/// what it does, its name, its label, its keys, its keys where letters are no text, and its letter in the menu of
/// what is focused, or `-`. The second part has the actions with a number, which are not in [`Action::ALL`]: their
/// label, and their letter.
macro_rules! actions {
    (
        $($(#[$doc:meta])* $name:ident $label:literal [$($key:expr),*] [$($list_key:expr),*] $letter:tt;)*
        [numbered]
        $($(#[$numbered_doc:meta])* $numbered:ident($number:ident) $numbered_label:literal $numbered_letter:expr;)*
    ) => {
        /// Everything that somebody can do by command.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action {
            $($(#[$doc])* $name,)*
            $($(#[$numbered_doc])* $numbered(u8),)*
        }

        impl Action {
            /// Every action without a number.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its label, and the keys that give it (`docs/keys.md`).
            pub const fn about(self) -> About {
                // `const` blocks, because keys are made by functions and must live as long as the program.
                match self {
                    $(Self::$name => About {
                        label: $label,
                        keys: const { &[$($key),*] },
                        list_keys: const { &[$($list_key),*] },
                        letter: actions!(@letter $letter),
                    },)*
                    $(Self::$numbered($number) => About {
                        label: $numbered_label,
                        keys: &[],
                        list_keys: &[],
                        letter: $numbered_letter,
                    },)*
                }
            }
        }
    };
    (@letter -) => { None };
    (@letter $letter:literal) => { Some($letter) };
}

actions! {
    /// Explain the field, the code or the keys.
    Help              "Help"                      [f(1)]                      [plain('?')] -;
    /// Go to edit mode.
    Edit              "Edit"                      [f(2)]                      [plain('e')] 'e';
    /// Write and stay.
    SaveAndReload     "Save and reload"           [ctrl('s')]                 []           'w';
    /// Write and close.
    SaveAndClose      "Save and close"            []                          []           'x';
    /// Take the changes back and close.
    CancelChanges     "Cancel changes and return" [ESC]                       []           'q';
    /// Go back one level.
    Back              "Back"                      [ESC]                       []           -;
    /// Open the row or link under the cursor.
    Open              "Open"                      [f(12)]                     [ENTER]      'd';
    /// Create a new record.
    New               "New"                       [ctrl('n')]                 []           'n';
    /// Create a new record for the reference field.
    CreateNew         "Create new"                [ctrl('n'), ctrl_alt('n')]  []           'n';
    /// Choose from a navigator.
    SelectByNavigator "Select by navigator…"      [f(9)]                      []           's';
    /// Drop the list of choices down.
    DropDown          "Drop down"                 [f(4), ALT_DOWN]            []           'l';
    /// Make the field empty.
    Clear             "Clear"                     [ctrl('u')]                 []           'c';
    /// Copy the value.
    Copy              "Copy"                      [ctrl_alt('c')]             []           'y';
    /// Paste what was copied here.
    PasteValue        "Paste"                     [ctrl_alt('v')]             []           'v';
    /// List the commands of what is focused.
    Menu              "Menu"                      [ctrl('g'), f(10)]          []           -;
    /// Go to where the next problem is repaired.
    NextProblem       "Next problem"              [f(8)]                      []           'p';
    /// Go to where the problem before is repaired.
    PreviousProblem   "Previous problem"          [shift_f(8), f(20)]         []           'P';
    /// Go to the next panel.
    NextPanel         "Next panel"                [f(6)]                      []           -;
    /// Go to the panel before.
    PreviousPanel     "Previous panel"            [shift_f(6), f(18)]         []           -;
    /// Go to the filter row.
    FilterRow         "Filter row"                [f(3), ctrl('f')]           [plain('/')] 'f';
    /// Go to the search box.
    Search            "Search box"                []                          []           'b';
    /// Take all filters away.
    ClearFilters      "Clear filters"             []                          []           'u';
    /// Sort by the column under the cursor; again reverses the order.
    Sort              "Sort by this column"       []                          [plain('s')] 'o';
    /// Add the column under the cursor to the order.
    SortAlso          "Then sort by this column"  []                          [plain('S')] 'O';
    /// Read again.
    Reload            "Reload"                    [f(5), ctrl('r')]           []           'r';
    /// Choose the fields and panels that a form shows.
    CustomizeForm     "Customize form"            []                          []           'k';
    /// Choose the Client Center site for which users are judged; in a Client Center, the customer.
    SwitchSite        "Switch site"               [ctrl('o')]                 []           't';
    /// Find any command by its name.
    Palette           "Commands"                  [ctrl('p')]                 [plain(':')] -;
    /// Show or hide the menu tree.
    ToggleMenu        "Show or hide menu"         [ctrl('b')]                 []           -;
    /// Go to the menu tree.
    GoToMenu          "Go to menu"                [alt('m')]                  [plain('m')] -;
    /// Go to a level of the breadcrumb.
    Breadcrumb        "Go back to a level"        [alt('b')]                  []           'a';
    /// Choose the Cyrillic or Greek keyboard under which commands answer to their keys.
    Keyboard          "Keyboard"                  []                          []           'K';
    /// Show the messages so far.
    Messages          "Messages"                  []                          []           'M';
    /// Choose one of the named views of the list.
    Views             "Views"                     []                          [plain('v')] 'V';
    /// Show the next view.
    NextView          "Next view"                 []                          [plain(']'), plain('>')] -;
    /// Show the view before.
    PreviousView      "Previous view"             []                          [plain('['), plain('<')] -;
    /// Mark the row, or take the mark away.
    Mark              "Mark"                      []                          [plain(' ')] 'm';
    /// Write what the list shows to a file.
    Export            "Export what is shown"      []                          []           'E';
    /// Remove the record.
    Remove            "Remove"                    []                          [DELETE]     'D';
    /// Show or hide what is known of the row with the cursor.
    Preview           "Show or hide preview"      []                          [plain('p')] 'S';
    /// Put a request off until something has happened.
    Wait              "Put request off"           []                          [plain('w')] 'T';
    /// Write an internal note about a request.
    AddNote           "Add note"                  []                          [plain('n')] 'B';
    /// Approve a request: open the user at the first problem.
    Approve           "Approve request"           []                          [plain('a')] 'A';
    /// Reject a request.
    Reject            "Reject request"            []                          [plain('x')] 'X';
    /// Open a rejected request again.
    Reopen            "Reopen request"            []                          []           'R';
    /// Undo an operation, or one change in it.
    UndoOperation     "Undo operation"            []                          [plain('u')] 'U';
    /// Grant access to several customers in one step.
    GrantSeveral      "Grant several customers"   []                          []           'g';
    /// Show the outcome of a sign-in of this user, for each site.
    SignInPreview     "Sign-in preview"           []                          []           'i';
    /// Issue a one-time code, with which the owner chooses a password.
    IssueReset        "Issue one-time code"       []                          []           'I';
    /// Sign in to a Client Center.
    ClientCenter      "Client Center"             [alt('c')]                  []           'C';
    /// Ask for an account.
    CreateAccount     "Create local account"      [alt('n')]                  []           'N';
    /// Choose another password.
    ChangePassword    "Change password"           []                          []           'W';
    /// Leave the back office or the Client Center.
    SignOut           "Sign out"                  []                          []           'Q';
    /// Leave the program.
    Quit              "Quit"                      [ctrl('q')]                 []           -;

    [numbered]
    /// Go to a panel by its number, from 1 to 9.
    Panel(number) "Panel" Some((b'0' + number) as char);
    /// Open the menu entry of this line, counted from 0.
    GoTo(_line) "Go to a place" None;
}

impl Action {
    /// Its keys, without the plain letters where letters are text.
    fn keys(self, takes_text: bool) -> impl Iterator<Item = Key> {
        let about = self.about();
        let list_keys = if takes_text { &[] } else { about.list_keys };
        about.keys.iter().chain(list_keys).copied()
    }
}

/// An action with its label and state on the current screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The action.
    pub action: Action,
    /// The label on the current screen, when it is more than the action's own: `Create new "Chris Armstrong"`.
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

    /// The same, with a label of its own.
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

    /// The label.
    pub fn label(&self) -> &str {
        self.label.as_deref().unwrap_or(self.action.about().label)
    }
}

/// A key that what is in front handles itself, without a command, as the footer and the help name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnKey {
    /// The key, or keys that belong together: `↑↓`.
    pub keys: &'static str,
    /// What it does.
    pub label: &'static str,
    /// Whether the footer shows it too.
    pub in_footer: InFooter,
}

/// Where the footer shows a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InFooter {
    /// Before the commands.
    First,
    /// Behind the commands that the place is for, where there is room.
    Later,
    /// Nowhere.
    No,
}

impl OwnKey {
    /// A key that the help names.
    pub const fn of(keys: &'static str, label: &'static str) -> Self {
        Self { keys, label, in_footer: InFooter::No }
    }

    /// The same, in the footer too.
    #[must_use]
    pub const fn in_footer(self, in_footer: InFooter) -> Self {
        Self { in_footer, ..self }
    }
}

/// The command among `commands` that a key gives, enabled or not. Later commands win: those of
/// the frame are listed first.
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

/// The names of the keys that give `command` now. Keys that a terminal sends in two ways have one name.
pub fn key_names(command: &Command, takes_text: bool, commands: &[Command]) -> Vec<String> {
    let mut names: Vec<String> = keys_of(command, takes_text, commands).iter().map(Key::to_string).collect();
    names.dedup();
    names
}

/// The key by which a command is shown: Enter where it works, because everybody tries it first.
pub fn shown_key(command: &Command, takes_text: bool, commands: &[Command]) -> Option<Key> {
    let keys = keys_of(command, takes_text, commands);
    keys.iter().find(|key| **key == ENTER).or(keys.first()).copied()
}

/// The letter that a key types into a menu.
pub fn letter(key: &KeyEvent) -> Option<char> {
    match normal(key) {
        Key(KeyModifiers::NONE, KeyCode::Char(letter)) => Some(letter),
        _ => None,
    }
}

/// The key without what terminals add to it: the shift of a capital letter, and the case of a control letter.
fn normal(key: &KeyEvent) -> Key {
    let mut modifiers = key.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
    let code = match key.code {
        KeyCode::Char(letter) => {
            modifiers -= KeyModifiers::SHIFT;
            let commanding = modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
            KeyCode::Char(if commanding { letter.to_ascii_lowercase() } else { letter })
        }
        code => code,
    };
    Key(modifiers, code)
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
            KeyCode::Delete => f.write_str("Del"),
            other => write!(f, "{other}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::testing::parse_keys;

    /// Pairs that share a key, or a letter, on purpose: the second takes the place of the first where it is offered.
    const TAKES_THE_PLACE: [(Action, Action); 2] =
        [(Action::New, Action::CreateNew), (Action::CancelChanges, Action::Back)];

    fn shares_a_key(first: Action, second: Action) -> bool {
        first.keys(false).any(|key| second.keys(false).any(|other| other == key))
    }

    fn shares_the_letter(first: Action, second: Action) -> bool {
        first.about().letter.is_some_and(|letter| second.about().letter == Some(letter))
    }

    /// The letters that no action has in the menu.
    fn free_letters() -> String {
        let taken = |letter: &char| Action::ALL.iter().any(|action| action.about().letter == Some(*letter));
        ('a'..='z')
            .chain('A'..='Z')
            .filter(|letter| !taken(letter))
            .map(|letter| format!(" {letter}"))
            .collect()
    }

    #[test]
    fn no_key_and_no_letter_of_the_menu_gives_two_commands() {
        for (index, &first) in Action::ALL.iter().enumerate() {
            for &second in &Action::ALL[index + 1..] {
                let shares = [shares_a_key(first, second), shares_the_letter(first, second)];
                let is_meant = TAKES_THE_PLACE.contains(&(first, second));
                assert_eq!(
                    shares.contains(&true),
                    is_meant,
                    "[same key, same letter] of {first:?} and {second:?}: {shares:?}. Letters still free:{}",
                    free_letters()
                );
            }
        }
    }

    #[test]
    fn a_letter_of_the_menu_is_a_letter_and_a_panel_has_its_number() {
        for action in Action::ALL {
            let letter = action.about().letter;
            assert!(letter.is_none_or(|letter| letter.is_ascii_alphabetic()), "{action:?}: {letter:?}");
        }
        let panels: Vec<_> = (1..=9).map(|number| Action::Panel(number).about().letter).collect();
        assert_eq!(panels, ('1'..='9').map(Some).collect::<Vec<_>>());
    }

    /// The rows of the table of keys in `docs/keys.md`: label, keys, keys in lists, letter.
    fn documented() -> Vec<[String; 4]> {
        let keys = include_str!("../../docs/keys.md");
        let table = keys.lines().skip_while(|line| !line.starts_with("| Command | Keys |")).skip(2);
        let rows =
            table.take_while(|line| line.starts_with('|')).filter(|line| !line.starts_with("| Panel "));
        let cells = |line: &str| {
            let mut cells = line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned());
            std::array::from_fn(|_| cells.next().unwrap_or_default())
        };
        // What stands in brackets behind the label explains it.
        let plain = |[label, keys, list_keys, letter]: [String; 4]| {
            [label.split(" (").next().unwrap_or_default().to_owned(), keys, list_keys, letter]
        };
        rows.map(cells).map(plain).collect()
    }

    #[test]
    fn the_documentation_names_every_action_with_its_keys_and_the_free_letters() {
        let named = |keys: &[Key]| {
            let mut names: Vec<String> = keys.iter().map(Key::to_string).collect();
            // A key that terminals send in two ways has one name.
            names.dedup();
            names.join(", ")
        };
        let documented = documented();
        for action in Action::ALL {
            let about = action.about();
            let letter = about.letter.map(String::from).unwrap_or_default();
            let row = [about.label.to_owned(), named(about.keys), named(about.list_keys), letter];
            assert!(documented.contains(&row), "docs/keys.md has no row | {} |", row.join(" | "));
        }
        assert_eq!(documented.len(), Action::ALL.len(), "docs/keys.md has a row of no action");
        let free = format!("Letters that are still free in the menu:{}.", free_letters());
        assert!(include_str!("../../docs/keys.md").contains(&free), "docs/keys.md should say: {free}");
    }

    #[test]
    fn no_key_is_one_that_terminals_do_not_send() {
        for &action in Action::ALL {
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
    fn alt_and_a_letter_only_leads_somewhere() {
        // ESC and a letter that come together are Alt and the letter, meant or not.
        let is_alt =
            |Key(modifiers, code): Key| modifiers == KeyModifiers::ALT && matches!(code, KeyCode::Char(_));
        let with_alt: Vec<Action> =
            Action::ALL.iter().copied().filter(|action| action.keys(false).any(is_alt)).collect();
        let leading = [Action::GoToMenu, Action::Breadcrumb, Action::ClientCenter, Action::CreateAccount];
        assert_eq!(with_alt, leading);
    }

    #[test]
    fn every_action_can_be_given_somehow() {
        for &action in Action::ALL {
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
    fn keys_are_named_as_on_the_keyboard() {
        let named = |action: Action| action.keys(false).map(|key| key.to_string()).collect::<Vec<_>>();
        assert_eq!(named(Action::SaveAndReload), ["Ctrl+S"]);
        assert_eq!(named(Action::PreviousProblem)[0], "Shift+F8");
        assert_eq!(named(Action::Open), ["F12", "Enter"]);
        assert_eq!(named(Action::Copy), ["Ctrl+Alt+C"]);
    }
}

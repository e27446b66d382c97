//! Colours by meaning.
//!
//! Only the terminal's own 16 colours and modifiers, and no background but the reversed selection, so that
//! light and dark terminals both read well. Colour is never the only sign: a mark or a word goes with it.

use ratatui::style::{Color, Modifier, Style};

/// Marks what is as it should be.
pub const OK: &str = "✓";
/// Marks what is missing or wrong.
pub const FAILED: &str = "✗";
/// Marks what should be looked at.
pub const WARNING: &str = "!";
/// Marks what was changed and not yet saved.
pub const CHANGED: &str = "*";

/// The style of each meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    /// The name of a place, a panel, a pop-up.
    pub title: Style,
    /// The name of a field.
    pub label: Style,
    /// The name of the field that has the cursor.
    pub focused_label: Style,
    /// The value of a field.
    pub value: Style,
    /// A field that can be typed into.
    pub input: Style,
    /// What Enter opens.
    pub link: Style,
    /// A value not yet saved.
    pub changed: Style,
    /// What is missing, wrong or failed.
    pub bad: Style,
    /// What went well.
    pub good: Style,
    /// What should be looked at.
    pub warn: Style,
    /// What matters less: hints, what cannot be chosen.
    pub dim: Style,
    /// A key in the footer, a letter in a menu.
    pub key: Style,
    /// Borders.
    pub border: Style,
    /// The chosen line of the list that has the keys.
    pub selection: Style,
    /// The chosen line of a list that does not have the keys.
    pub dim_selection: Style,
}

impl Theme {
    /// The theme for terminals with colours. Warnings are magenta, because yellow is hard to read on a light
    /// background.
    pub const fn colours() -> Self {
        let plain = Self::plain();
        Self {
            link: Style::new().fg(Color::Cyan).add_modifier(Modifier::UNDERLINED),
            changed: plain.changed.fg(Color::Magenta),
            bad: plain.bad.fg(Color::Red),
            good: plain.good.fg(Color::Green),
            warn: plain.warn.fg(Color::Magenta),
            key: plain.key.fg(Color::Cyan),
            ..plain
        }
    }

    /// The theme without colours, for terminals that have none and for those who want none: modifiers only.
    pub const fn plain() -> Self {
        const NOTHING: Style = Style::new();
        const BOLD: Style = Style::new().add_modifier(Modifier::BOLD);
        const DIM: Style = Style::new().add_modifier(Modifier::DIM);
        Self {
            title: BOLD,
            label: NOTHING,
            focused_label: BOLD,
            value: NOTHING,
            input: Style::new().add_modifier(Modifier::UNDERLINED),
            link: Style::new().add_modifier(Modifier::UNDERLINED),
            changed: Style::new().add_modifier(Modifier::ITALIC),
            bad: BOLD,
            good: NOTHING,
            warn: BOLD,
            dim: DIM,
            key: BOLD,
            border: DIM,
            selection: Style::new().add_modifier(Modifier::REVERSED),
            dim_selection: BOLD,
        }
    }

    /// The theme that the environment asks for: `NO_COLOR` with any text in it turns colours off
    /// (<https://no-color.org>).
    pub fn of_environment(no_color: Option<&std::ffi::OsStr>) -> Self {
        if no_color.is_some_and(|asked| !asked.is_empty()) { Self::plain() } else { Self::colours() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(theme: &Theme) -> [Style; 15] {
        [
            theme.title,
            theme.label,
            theme.focused_label,
            theme.value,
            theme.input,
            theme.link,
            theme.changed,
            theme.bad,
            theme.good,
            theme.warn,
            theme.dim,
            theme.key,
            theme.border,
            theme.selection,
            theme.dim_selection,
        ]
    }

    #[test]
    fn no_color_leaves_no_colour_at_all() {
        let plain = Theme::of_environment(Some("1".as_ref()));
        assert!(all(&plain).iter().all(|style| style.fg.is_none() && style.bg.is_none()));
        assert_eq!(Theme::of_environment(Some("".as_ref())), Theme::colours());
        assert_eq!(Theme::of_environment(None), Theme::colours());
    }

    #[test]
    fn no_ground_is_painted_so_that_light_and_dark_terminals_read_well() {
        assert!(all(&Theme::colours()).iter().all(|style| style.bg.is_none()));
    }
}

//! Frames on terminals that see characters in different ways.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use ratatui::Viewport;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::*;
use crate::tui::widgets::text::draw_text;

const COLUMNS: u16 = 24;
const LINES: u16 = 4;

/// A terminal that understands what this program sends, and sees characters as wide as `width` says.
struct Model {
    cells: Vec<Vec<String>>,
    at: (usize, usize),
    pieces: fn(&str) -> Vec<&str>,
    width: fn(&str) -> usize,
}

impl Model {
    /// A terminal that takes a grapheme for as wide as its first code point (kitty).
    fn by_graphemes() -> Self {
        let first = |piece: &str| piece.chars().next().and_then(UnicodeWidthChar::width).unwrap_or(1).max(1);
        Self::new(|text| text.graphemes(true).collect(), first)
    }

    /// An old terminal that knows no combining character, nor any emoji: everything is one column wide.
    fn by_code_points() -> Self {
        Self::new(|text| text.split_inclusive(|_: char| true).collect(), |_| 1)
    }

    fn new(pieces: fn(&str) -> Vec<&str>, width: fn(&str) -> usize) -> Self {
        let line = vec![" ".to_owned(); COLUMNS.into()];
        Self { cells: vec![line; LINES.into()], at: (0, 0), pieces, width }
    }

    fn take(&mut self, output: &str) {
        let mut parts = output.split("\u{1b}[");
        self.print(parts.next().unwrap_or_default());
        for part in parts {
            let end = part.find(|c: char| c.is_ascii_alphabetic()).expect("a whole sequence");
            let parameters: Vec<usize> =
                part[..end].split(';').filter_map(|number| number.parse().ok()).collect();
            match (&part[end..=end], parameters.as_slice()) {
                ("H", [line, column]) => self.at = (line - 1, column - 1),
                ("J", [2]) => self.cells.iter_mut().for_each(|line| line.fill(" ".to_owned())),
                ("m" | "h" | "l", _) => {}
                other => panic!("{other:?} is not known"),
            }
            self.print(&part[end + 1..]);
        }
    }

    fn print(&mut self, text: &str) {
        for piece in (self.pieces)(text) {
            let (line, column) = self.at;
            let width = (self.width)(piece);
            // Without wrapping, what has no room stays in the last column.
            let column = column.min(usize::from(COLUMNS) - width.min(usize::from(COLUMNS)));
            self.cells[line][column] = piece.to_owned();
            self.cells[line][column + 1..column + width].fill(String::new());
            self.at.1 = (column + width).min(usize::from(COLUMNS) - 1);
        }
    }
}

/// What a screen wrote.
#[derive(Clone, Default)]
struct Written(std::rc::Rc<std::cell::RefCell<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Texts in which terminals differ: Devanagari, Thai, emoji with modifiers and joiners, Jamo, right to left, Chinese,
/// half-width Katakana, flags, and floods of combining marks.
fn texts() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "a",
        "Bc ",
        "  ",
        "e\u{301}",
        "न्दी",
        "क्षि",
        "हि",
        "กำ",
        "ที่",
        "👍🏽",
        "👩\u{200d}👧",
        "🇧🇬",
        "각",
        "ᄒ",
        "שלום",
        "سلام",
        "日本",
        "ｶﾞ",
        "☺\u{fe0f}",
        "🫩",
        "│",
        "…",
        "x\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}\u{308}\u{309}\u{30a}",
        "\u{301}",
        "\u{17d8}",
        "ព្រះ",
    ];
    vec(select(PIECES), 0..10).prop_map(|pieces| pieces.concat())
}

type Placed = (u16, u16, String, bool);

fn frames() -> impl Strategy<Value = Vec<Vec<Placed>>> {
    vec(vec((0..COLUMNS, 0..LINES, texts(), any::<bool>()), 0..5), 1..6)
}

fn draw(frame: &mut Frame<'_>, texts: &[Placed]) {
    for (x, y, text, is_chosen) in texts {
        let style = if *is_chosen { Style::new().add_modifier(Modifier::REVERSED) } else { Style::new() };
        draw_text(frame.buffer_mut(), *x, *y, COLUMNS - x, text, style);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_every_terminal_sees_alike_stands_where_it_was_drawn_and_nothing_stays_behind(frames in frames()) {
        let area = Rect::new(0, 0, COLUMNS, LINES);
        let written = Written::default();
        let options = TerminalOptions { viewport: Viewport::Fixed(area) };
        let mut screen = Screen::new(written.clone(), options).expect("a screen");
        let (rows, columns) = (NonZeroU16::new(LINES).expect("lines"), NonZeroU16::new(COLUMNS).expect("columns"));
        let mut common = vt100::Parser::new(rows, columns, 0);
        let mut models = [Model::by_graphemes(), Model::by_code_points()];
        for texts in frames.iter().chain([&Vec::new()]) {
            screen.draw(|frame| draw(frame, texts)).expect("drawn");
            let output = std::mem::take(&mut *written.0.borrow_mut());
            let output = String::from_utf8(output).expect("text");
            // It shows no replacement character.
            common.process(output.replace('\u{fffd}', "?").as_bytes());
            models.iter_mut().for_each(|model| model.take(&output));
            for (index, cell) in screen.shown.frame.content.iter().enumerate() {
                let (x, y) = (index % usize::from(COLUMNS), index / usize::from(COLUMNS));
                let line = &screen.shown.frame.content[y * usize::from(COLUMNS)..];
                let is_covered = (1..=x).any(|back| line[x - back].symbol().width() > back);
                if is_covered || is_uncertain(cell.symbol()) {
                    continue;
                }
                let there = common.screen().cell(y as u16, x as u16).expect("a cell").contents();
                let there = if there.is_empty() { " " } else { there };
                let symbol = cell.symbol().replace('\u{fffd}', "?");
                prop_assert_eq!(there, symbol, "common, column {} of line {}: {:?}", x, y, &frames);
                for model in &models {
                    prop_assert_eq!(&model.cells[y][x], cell.symbol(), "column {} of line {}: {:?}", x, y, &frames);
                }
            }
        }
    }
}

#[test]
fn an_unchanged_frame_sends_no_text() {
    let area = Rect::new(0, 0, COLUMNS, LINES);
    let written = Written::default();
    let mut screen =
        Screen::new(written.clone(), TerminalOptions { viewport: Viewport::Fixed(area) }).expect("a screen");
    let texts = vec![(0, 1, "हिन्दी".to_owned(), false)];
    screen.draw(|frame| draw(frame, &texts)).expect("drawn");
    assert!(String::from_utf8_lossy(&written.0.take()).contains("हि"));
    screen.draw(|frame| draw(frame, &texts)).expect("drawn");
    let again = String::from_utf8_lossy(&written.0.take()).into_owned();
    assert!(!again.contains("हि"), "{again:?}");
    screen.erase().expect("erased");
    screen.draw(|frame| draw(frame, &texts)).expect("drawn");
    assert!(String::from_utf8_lossy(&written.0.take()).contains("हि"));
}

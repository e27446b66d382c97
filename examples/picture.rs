//! Makes a picture of the real console: runs a command in a pseudo-terminal, presses keys, and writes the screen as
//! SVG.
//!
//! ```sh
//! cargo build --release
//! cargo run --example picture -- 'm<End><Enter>' target/release/ccdesk demo > picture.svg
//! ```
//!
//! The first argument is the keys, written as in the tests (`ccdesk::tui::testing::parse_keys`); the rest is the
//! command. The picture is taken when the screen has not changed for a second.

#[path = "../tests/support/pty.rs"]
mod pty;

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use ccdesk::tui::testing::{bytes_of, parse_keys};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use vt100::{Cell, Color, Parser, Screen};

use pty::output_of;

const COLUMNS: u16 = 120;
const LINES: u16 = 40;
/// How long the screen must not change before the picture is taken.
const STILL: Duration = Duration::from_secs(1);
/// The size of a cell in the picture's units.
const WIDE: f32 = 8.4;
const HIGH: f32 = 16.5;
const GROUND: &str = "#1b1e24";
const INK: &str = "#d8dce4";
/// The 16 colours of the picture's terminal.
const PALETTE: [&str; 16] = [
    "#2b2f38", "#e06c75", "#98c379", "#d7a65f", "#61afef", "#c678dd", "#56b6c2", "#c8ccd4", "#6b7280",
    "#ff7b86", "#b5e890", "#f0c674", "#82c6ff", "#e29cf5", "#7fd6e2", "#ffffff",
];

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(keys), Some(program)) = (arguments.next(), arguments.next()) else {
        bail!("usage: picture KEYS PROGRAM [ARGUMENT…]");
    };
    let size = PtySize { rows: LINES, cols: COLUMNS, pixel_width: 0, pixel_height: 0 };
    let pty = native_pty_system().openpty(size)?;
    // The pseudo-terminal looks relative paths up in PATH only.
    let program = std::fs::canonicalize(&program).map_or(program.into(), std::path::PathBuf::into_os_string);
    let mut command = CommandBuilder::new(program);
    command.args(arguments);
    command.env("TERM", "xterm-256color");
    command.cwd(std::env::current_dir()?);
    let mut child = pty.slave.spawn_command(command).context("the command does not start")?;
    drop(pty.slave);
    let output = output_of(pty.master.try_clone_reader()?);
    let mut input = pty.master.take_writer()?;
    let mut terminal = Parser::new(LINES.try_into()?, COLUMNS.try_into()?, 0);
    wait_until_still(&output, &mut terminal);
    for key in parse_keys(&keys) {
        input.write_all(&bytes_of(&key))?;
        input.flush()?;
        wait_until_still(&output, &mut terminal);
    }
    print!("{}", svg(terminal.screen()));
    child.kill()?;
    Ok(())
}

fn wait_until_still(output: &Receiver<Vec<u8>>, terminal: &mut Parser) {
    loop {
        match output.recv_timeout(STILL) {
            Ok(piece) => terminal.process(&piece),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn svg(screen: &Screen) -> String {
    let (width, height) = (f32::from(COLUMNS) * WIDE, f32::from(LINES) * HIGH);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace\" font-size=\"14\">\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"6\" fill=\"{GROUND}\"/>\n"
    );
    for line in 0..LINES {
        for column in 0..COLUMNS {
            if let Some(cell) = screen.cell(line, column) {
                draw_cell(&mut svg, cell, f32::from(column) * WIDE, f32::from(line) * HIGH);
            }
        }
    }
    if !screen.hide_cursor() {
        let (line, column) = screen.cursor_position();
        let (x, y) = (f32::from(column) * WIDE, f32::from(line) * HIGH);
        let _ =
            writeln!(svg, "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"2\" height=\"{HIGH}\" fill=\"{INK}\"/>");
    }
    svg.push_str("</svg>\n");
    svg
}

/// Draws one cell as a text of its own, so that the grid is kept with any font.
fn draw_cell(svg: &mut String, cell: &Cell, x: f32, y: f32) {
    let (mut ink, mut ground) = (colour(cell.fgcolor(), INK), colour(cell.bgcolor(), GROUND));
    if cell.inverse() {
        std::mem::swap(&mut ink, &mut ground);
    }
    // A little wider than the cell, so that no gap shows between two.
    let wide = WIDE + 0.3;
    if ground != GROUND {
        let _ = writeln!(
            svg,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{wide}\" height=\"{HIGH}\" fill=\"{ground}\"/>"
        );
    }
    // Drawn as a line, because not every viewer underlines a blank.
    if cell.underline() {
        let y = y + HIGH * 0.95;
        let _ =
            writeln!(svg, "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{wide}\" height=\"0.8\" fill=\"{ink}\"/>");
    }
    let text = cell.contents();
    if text.trim().is_empty() {
        return;
    }
    let mut style = String::new();
    for (holds, attribute) in [
        (cell.bold(), " font-weight=\"bold\""),
        (cell.italic(), " font-style=\"italic\""),
        (cell.dim(), " opacity=\"0.6\""),
    ] {
        if holds {
            style.push_str(attribute);
        }
    }
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    let baseline = y + HIGH * 0.74;
    let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{baseline:.1}\" fill=\"{ink}\"{style}>{text}</text>");
}

fn colour(colour: Color, otherwise: &'static str) -> &'static str {
    match colour {
        Color::Idx(number) => PALETTE.get(usize::from(number)).copied().unwrap_or(otherwise),
        Color::Default | Color::Rgb(..) => otherwise,
    }
}

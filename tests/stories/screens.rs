//! Every place as it looks, on a small and on a usual screen. A change of a screen is a change of its snapshot: look
//! at it as the clerk who will work with it.

use std::fs;

use ccdesk::tui::testing::lines;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::company::Story;
use crate::places::PLACES;

/// The places whose snapshots include the frame: breadcrumb, menu, keys and state. Those of the others leave it out,
/// so that a new menu line or a new key in the footer changes only these.
const FRAMED: [&str; 9] = [
    "first run",
    "sign in",
    "home",
    "menu",
    "users",
    "user edited",
    "user breadcrumb",
    "client center home",
    "client center menu",
];

#[tokio::test]
async fn each_place_looks_as_it_was_agreed() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_path("screens");
    let _bound = settings.bind_to_scope();
    for place in PLACES {
        for size in [(80, 24), (120, 40)] {
            let (_company, mut story) = place.reach(size).await;
            let picture = if FRAMED.contains(&place.name) { whole(&mut story) } else { unframed(&mut story) };
            insta::assert_snapshot!(format!("{} {}x{}", place.name, size.0, size.1), picture);
        }
    }
}

/// The whole screen, and the position of the cursor.
fn whole(story: &mut Story) -> String {
    let (x, y) = story.cursor();
    format!("{}\n\nThe cursor stands at {x}, {y}.", story.screen())
}

/// The place with its overlays and the message, and the position of the cursor, counted from the place's corner.
fn unframed(story: &mut Story) -> String {
    let (x, y) = story.cursor();
    let place = place_within(story.buffer());
    let mut picture = lines(&part(story.buffer(), place));
    let said = Rect { x: 0, y: place.bottom(), width: story.buffer().area.width, height: 1 };
    // Below the lock there are only its keys.
    if place.y > 0 {
        picture.extend(lines(&part(story.buffer(), said)).into_iter().filter(|line| !line.is_empty()));
    }
    let (x, y) = (x.saturating_sub(place.x), y.saturating_sub(place.y));
    format!("{}\n\nThe cursor stands at {x}, {y}.", picture.join("\n"))
}

/// The area of the place within the frame: below the breadcrumb, beside the menu, above the message and the keys. The
/// lock has only keys below it.
fn place_within(screen: &Buffer) -> Rect {
    let area = screen.area;
    if screen[(0, 0)].symbol() == "┌" {
        return Rect { height: area.height - 1, ..area };
    }
    let body = Rect { y: 1, height: area.height - 3, ..area };
    let has_menu = lines(screen)[1].starts_with("┌ Menu ");
    let corner = (0..area.width).find(|x| screen[(*x, 1)].symbol() == "┐").filter(|_| has_menu);
    let left = corner.map_or(0, |corner| corner + 1);
    Rect { x: left, width: area.width - left, ..body }
}

fn part(screen: &Buffer, area: Rect) -> Buffer {
    let mut part = Buffer::empty(area);
    for position in area.positions() {
        part[position] = screen[position].clone();
    }
    part
}

#[test]
fn no_picture_is_left_of_a_place_that_is_gone() {
    let pictures =
        fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stories/screens")).expect("pictures");
    let names = pictures.map(|file| file.expect("a file").file_name().to_string_lossy().into_owned());
    for name in names.filter(|name| name.ends_with(".snap")) {
        let place = name.rsplit_once(' ').map_or("", |(place, _)| place);
        assert!(PLACES.iter().any(|known| known.name == place), "tests/stories/screens/{name}");
    }
    for name in FRAMED {
        assert!(PLACES.iter().any(|known| known.name == name), "{name} is no place");
    }
}

#[tokio::test]
async fn the_frame_is_whole_on_the_smallest_screen() {
    let mut torn = Vec::new();
    for place in PLACES {
        let (_company, story) = place.reach((60, 16)).await;
        let screen = story.screen();
        let is_torn = |line: &&str| line.starts_with('│') && !line.ends_with(['│', '┐', '┘']);
        torn.extend(screen.lines().filter(is_torn).map(|line| format!("{}: {line}", place.name)));
    }
    assert!(torn.is_empty(), "{}", torn.join("\n"));
}

#[tokio::test]
async fn a_screen_too_small_says_so_and_loses_nothing() {
    let (_company, mut story) = PLACES[0].reach((80, 24)).await;
    story.resize(59, 24);
    assert_eq!(story.screen().trim_end(), "ccdesk needs 60x16 characters; here are 59x24. Nothing is\nlost.");
    story.resize(60, 16).sees("Create the administrator").sees("ada");
}

//! Every place as it looks, on a small and on a usual screen. A change of a screen is a change of its
//! snapshot: look at it as the clerk who will work with it.

use crate::places::PLACES;

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
            let (x, y) = story.cursor();
            let picture = format!("{}\n\nThe cursor stands at {x}, {y}.", story.screen());
            insta::assert_snapshot!(format!("{} {}x{}", place.name, size.0, size.1), picture);
        }
    }
}

#[tokio::test]
async fn a_screen_too_small_says_so_and_loses_nothing() {
    let (_company, mut story) = PLACES[0].reach((80, 24)).await;
    story.resize(59, 24);
    assert_eq!(story.screen().trim_end(), "ccdesk needs 60x16 characters; here are 59x24. Nothing is\nlost.");
    story.resize(60, 16).sees("Create the administrator").sees("ada");
}

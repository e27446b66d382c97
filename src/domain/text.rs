//! Text from outside: cleaning, folding and look-alikes.
pub fn split_name(_: &str) -> (String, String, String) {
    Default::default()
}

//! Records: read whole, found, and written.
//!
//! There is one write, [`save`]; whoever changes a record comes through it, with the version that was read.

mod find;
mod numbers;
mod read;
mod write;

pub use find::{FindBy, exists, find, is_below, most_pointed_at};
pub use read::{hold, load, read, shown};
pub use write::{SaveError, Saved, delete, insert_many, save, set_origin};

pub(super) use read::{MOST_IDS, Selection, some_fields};

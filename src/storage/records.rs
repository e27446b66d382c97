//! Finding, reading and writing records of every entity.
//!
//! [`save`] creates and changes a record, [`delete`] removes it; a change and a removal name the version that was read.
//! [`insert_many`] creates many records at once, for initial and generated data.

mod find;
pub(super) mod match_index;
mod numbers;
mod read;
mod write;

pub use find::{FindBy, exists, find, find_alike, find_up_to, is_below, most_referenced, referring};
pub use numbers::{Advanced, give_back};
pub use read::{created, load, lock, lock_all, read, shown};
pub use write::{SaveError, Saved, delete, insert_many, restore_origin, save, set_origin, version_of};

pub(super) use read::{MAX_IDS, Selection, common_columns, origin, some_fields};

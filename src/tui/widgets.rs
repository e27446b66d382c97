//! Pieces that screens are made of.

pub mod boxes;
pub mod canvas;
pub mod cells;
pub mod grid;
pub mod list;
pub mod menu;
pub mod multi_line;
pub mod palette;
pub mod popup;
pub mod question;
pub mod reader;
pub mod scroll;
pub mod secret_box;
pub mod text_box;

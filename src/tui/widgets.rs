//! The widgets that screens are made of.

pub mod canvas;
pub mod drop_down;
pub mod edit_buffer;
pub mod grid;
pub mod input_form;
pub mod list;
pub mod menu;
pub mod multi_line;
pub mod palette;
pub mod popup;
pub mod question;
pub mod reader;
pub mod scroll;
pub mod secret_box;
pub mod text;
pub mod text_box;

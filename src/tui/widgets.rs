//! Pieces that screens are made of.

pub mod grid;

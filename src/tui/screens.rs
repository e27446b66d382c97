//! The places of the console and what lies over them.

pub mod form;
pub mod navigator;

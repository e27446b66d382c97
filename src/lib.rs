//! `ccdesk`: a console in which back-office staff decide who may enter a company's Client Center.

pub mod cli;
pub mod config;
pub mod domain;
pub mod private;
pub mod service;
pub mod storage;
pub mod tui;

//! `ccdesk`: a console in which back-office staff decide who may enter a company's Client Center.

pub mod domain;
pub mod service;
pub mod storage;
pub mod tui;

//! The codes CC002 to CC010: who may enter a Client Center, and what is missing (`codes.md`).
pub struct SettingsError {
    pub line: usize,
    pub column: usize,
    pub message: String,
}
pub struct Settings;
pub fn check_settings(_: &str) -> Result<Settings, SettingsError> {
    Ok(Settings)
}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    CC002,
}

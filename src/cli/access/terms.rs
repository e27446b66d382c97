//! The terms of an access as the options of `ccdesk access` give them.

use anyhow::anyhow;
use jiff::civil::Date;

use crate::domain::codes::{MOST_DAYS_BACK, Role};
use crate::domain::entities::external_access::{DAYS_BACK_ACCESS, ROLE, UNLIMITED};
use crate::domain::model::format;
use crate::domain::model::value::{FALLBACK_LANGUAGE, Value};

/// The word for an access without an end.
pub(super) const NO_END: &str = "none";

/// The role; `None` when the option is missing.
pub(super) fn role(typed: Option<&str>) -> anyhow::Result<Option<Role>> {
    let Some(typed) = typed else { return Ok(None) };
    match format::read(&ROLE.def, typed, &Value::Empty, FALLBACK_LANGUAGE) {
        Ok(Value::Code(code)) => Ok(Role::from_code(code)),
        Ok(_) => Err(anyhow!("--role is empty; leave it out, or name a role such as L30")),
        Err(sentence) => Err(anyhow!("--role {typed}: {sentence}")),
    }
}

/// The days back: `None` when the option is missing, `Some(None)` for unlimited. An empty value is refused rather
/// than unlimited: a variable that a script left empty must not open everything.
pub(super) fn days_back(typed: Option<&str>) -> anyhow::Result<Option<Option<i64>>> {
    let Some(typed) = typed.map(str::trim) else { return Ok(None) };
    let field = &DAYS_BACK_ACCESS.def;
    let read = (!typed.is_empty()).then(|| format::read(field, typed, &Value::Empty, FALLBACK_LANGUAGE));
    match read {
        Some(Ok(Value::Int(days))) => Ok(Some(Some(days))),
        Some(Ok(_)) => Ok(Some(None)),
        Some(Err(_)) | None => {
            Err(anyhow!("--days “{typed}”: it takes whole days from 0 to {MOST_DAYS_BACK}, or {UNLIMITED}"))
        }
    }
}

/// The last day: `None` when the option is missing, `Some(None)` for no end. An empty value is refused, as that of the
/// days back.
pub(super) fn valid_until(typed: Option<&str>) -> anyhow::Result<Option<Option<Date>>> {
    let Some(typed) = typed.map(str::trim) else { return Ok(None) };
    if typed.eq_ignore_ascii_case(NO_END) {
        return Ok(Some(None));
    }
    let date = format::read_date(typed);
    date.map(|date| Some(Some(date))).ok_or_else(|| {
        anyhow!("--valid-until “{typed}”: it takes the last day, such as 2026-12-31, or {NO_END}")
    })
}

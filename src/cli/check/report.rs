//! One line of the answer: one user at one site.

use std::borrow::Cow;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::cli::report::Reported;
use crate::domain::codes::{Code, Diagnosis, State, Warning};
use crate::service::back_office::check::Finding;

impl Reported for Finding {
    fn headings() -> Vec<&'static str> {
        let names = ["Login", "Site", "Sign-in"].into_iter();
        names.chain(Code::ALL.iter().map(|code| code.as_str())).chain(["Warnings"]).collect()
    }

    /// The codes as signs: ✓ ok, ✗ failed, · blocked, blank where the site does not ask.
    fn table_row(&self) -> Vec<Cow<'_, str>> {
        let Self { login, site, diagnosis } = self;
        let is_off = diagnosis.warnings.contains(&Warning::UserInactive);
        let outcome = if is_off { "inactive" } else { sign_in(diagnosis).unwrap_or("✓") };
        let names = [login.as_str(), &site.name, outcome];
        let states = diagnosis.states().map(|(_, state)| match state {
            State::Ok => "✓",
            State::Failed => "✗",
            State::Blocked(_) => "·",
            State::Unused => "",
        });
        let warnings = Cow::Owned(warnings(diagnosis).join("; "));
        names.into_iter().chain(states).map(Cow::Borrowed).chain([warnings]).collect()
    }

    fn names() -> Vec<&'static str> {
        let names = ["login", "site", "rules"].into_iter();
        names.chain(Code::ALL.iter().map(|code| code.as_str())).chain(["sign_in", "warnings"]).collect()
    }

    fn csv_row(&self) -> Vec<Cow<'_, str>> {
        let Self { login, site, diagnosis } = self;
        let names = [login.as_str(), &site.name, site.rules.code()].into_iter();
        let states = diagnosis.states().map(|(_, state)| state.as_str());
        let sign_in = sign_in(diagnosis).unwrap_or_default();
        let warnings = Cow::Owned(warnings(diagnosis).join("; "));
        names.chain(states).chain([sign_in]).map(Cow::Borrowed).chain([warnings]).collect()
    }
}

fn sign_in(diagnosis: &Diagnosis) -> Option<&'static str> {
    diagnosis.sign_in().map(Code::as_str)
}

fn warnings(diagnosis: &Diagnosis) -> Vec<String> {
    diagnosis.warnings.iter().map(ToString::to_string).collect()
}

/// One line of `--format json`, with exactly these names in exactly this order.
#[derive(Serialize)]
struct Line<'a> {
    login: &'a str,
    site: &'a str,
    rules: &'static str,
    codes: Map<String, Value>,
    blocked_by: Map<String, Value>,
    sign_in: Option<&'static str>,
    warnings: Vec<String>,
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { login, site, diagnosis } = self;
        let states = diagnosis.states().map(|(code, state)| (code.to_string(), state.as_str().into()));
        let blocked = Code::ALL
            .into_iter()
            .filter_map(|code| Some((code.to_string(), diagnosis.blocked_by(code)?.as_str().into())));
        let line = Line {
            login,
            site: &site.name,
            rules: site.rules.code(),
            codes: states.collect(),
            blocked_by: blocked.collect(),
            sign_in: sign_in(diagnosis),
            warnings: warnings(diagnosis),
        };
        line.serialize(serializer)
    }
}

//! `ccdesk sign-in-preview`: the outcome that a sign-in of a user would have, without signing in.

use std::borrow::Cow;
use std::io::Write;
use std::process::ExitCode;

use serde::Serialize;

use super::open;
use super::report::{self, Format, Report, Reported, output};
use crate::config::Config;
use crate::domain::codes::{Code, Place, Role};
use crate::domain::entities::external_access;
use crate::service::World;
use crate::service::client_center::{Client, Preview, sign_in_preview};
use crate::storage::db::Create;

const EXAMPLES: &str = "\
Examples:
  ccdesk sign-in-preview admin@olivia-green.example
  ccdesk sign-in-preview chris_armstrong@mail.com --site cc26 --format json";

/// Says what a sign-in of a user would come to at each Client Center, and what it would open
///
/// Exit status: 0 when the user gets in somewhere, 1 when nowhere, 2 when it could not be said. Nothing is written.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Whose sign-in
    login: String,
    /// At which Client Center site, by its relative URL or else its host; without one, at every active site
    #[arg(long, value_name = "URL")]
    site: Option<String>,
    /// How to write the answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// The exit status when the user could sign in nowhere.
const NOWHERE: u8 = 1;

/// Runs `ccdesk sign-in-preview`: shows what a user would see when signing in to each Client Center site.
pub(super) async fn run(args: &Args, config: &Config) -> anyhow::Result<ExitCode> {
    let world = World::real(config.policy);
    let db = open(config, Create::MustExist, &world).await?;
    let previews = sign_in_preview(&db, &world, &args.login, args.site.as_deref()).await;
    db.close().await;
    let previews = previews?;
    let lines: Vec<Line<'_>> = previews.iter().map(|preview| Line::of(&args.login, preview)).collect();
    let mut out = output();
    match args.format {
        Format::Json => lines.iter().try_for_each(|line| report::json_line(&mut out, line))?,
        Format::Table | Format::Csv => {
            let rows: Vec<Row<'_>> = lines.iter().flat_map(Line::rows).collect();
            let mut report = Report::new(args.format, &mut out);
            report.write(&rows)?;
            report.finish::<Row<'_>>()?;
        }
    }
    out.flush()?;
    Ok(if previews.iter().any(Preview::gets_in) { ExitCode::SUCCESS } else { NOWHERE.into() })
}

/// One line of `--format json`, with exactly these names in exactly this order.
#[derive(Serialize)]
struct Line<'a> {
    login: &'a str,
    site: &'a str,
    rules: &'static str,
    company: &'a str,
    refused: Option<&'a str>,
    code: Option<&'static str>,
    customers: Vec<Customer<'a>>,
}

#[derive(Serialize)]
struct Customer<'a> {
    customer: &'a str,
    /// The role's code, as in files; a table has the label.
    role: Option<&'static str>,
    #[serde(skip)]
    label: Option<&'static str>,
    role_code: Option<&'static str>,
    days_back: Option<i64>,
    /// Whether `days_back` is `null` because there is no limit.
    unlimited: bool,
    oldest: Option<String>,
    places: Vec<&'static str>,
}

impl<'a> Line<'a> {
    fn of(login: &'a str, preview: &'a Preview) -> Self {
        Self {
            login,
            site: &preview.center.site.shown,
            rules: preview.center.rules.code(),
            company: &preview.center.company,
            refused: preview.refused.as_deref(),
            code: preview.code.map(Code::as_str),
            customers: preview.clients.iter().map(Customer::of).collect(),
        }
    }

    /// One row for each customer; a single row when there is none.
    fn rows(&self) -> Vec<Row<'_>> {
        if self.customers.is_empty() {
            return vec![Row { site: self, customer: None }];
        }
        self.customers.iter().map(|customer| Row { site: self, customer: Some(customer) }).collect()
    }
}

impl<'a> Customer<'a> {
    fn of(client: &'a Client) -> Self {
        Self {
            customer: &client.customer.shown,
            role: client.role.map(Role::api),
            label: client.role.map(Role::label),
            role_code: client.role.map(Role::code),
            days_back: client.days_back,
            unlimited: client.days_back.is_none(),
            oldest: client.oldest.map(|date| date.to_string()),
            places: client.places().map(Place::label).collect(),
        }
    }
}

/// One row of the table or the CSV: a customer at a site.
#[derive(Serialize)]
struct Row<'a> {
    site: &'a Line<'a>,
    customer: Option<&'a Customer<'a>>,
}

impl Row<'_> {
    /// The columns about the customer, the same in the table and the CSV.
    fn customer(&self) -> [Cow<'_, str>; 4] {
        let Some(customer) = self.customer else { return [const { Cow::Borrowed("") }; 4] };
        let role = customer.label.unwrap_or_default();
        let days = external_access::shown_days_back(customer.days_back, customer.oldest.as_deref());
        [customer.customer.into(), role.into(), days.into(), customer.places.join("; ").into()]
    }
}

impl Reported for Row<'_> {
    fn headings() -> Vec<&'static str> {
        vec!["Site", "Sign-in", "Customer", "Role", "Days Back Access", "Places"]
    }

    fn table_row(&self) -> Vec<Cow<'_, str>> {
        let objection_to: Vec<&str> = [self.site.refused, self.site.code].into_iter().flatten().collect();
        let sign_in: Cow<'_, str> =
            if objection_to.is_empty() { "✓".into() } else { objection_to.join("; ").into() };
        [self.site.site.into(), sign_in].into_iter().chain(self.customer()).collect()
    }

    fn names() -> Vec<&'static str> {
        vec![
            "login",
            "site",
            "rules",
            "company",
            "refused",
            "code",
            "customer",
            "role",
            "days_back",
            "places",
        ]
    }

    fn csv_row(&self) -> Vec<Cow<'_, str>> {
        let Line { login, site, rules, company, refused, code, .. } = self.site;
        let of_site = [login, site, rules, company, &refused.unwrap_or_default(), &code.unwrap_or_default()];
        of_site.into_iter().map(|text| Cow::Borrowed(*text)).chain(self.customer()).collect()
    }
}

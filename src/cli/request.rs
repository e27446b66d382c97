//! `ccdesk request`: asking for an account (`domain.md`, Requests).

use std::io::{self, Write};
use std::process::ExitCode;

use secrecy::ExposeSecret;

use super::password;
use crate::config::Config;
use crate::domain::request::Source;
use crate::domain::text::clean;
use crate::service::requests::{AccountForm, create_account};
use crate::service::{ServiceError, World, database};
use crate::storage::db::Create;

/// Asks for an account in the Client Centers
///
/// Exit status: 0 when it was done, 1 when it was refused, 2 when it could not be tried.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    Add(Add),
}

/// Asks for an account; an operator decides about it
///
/// The password is asked for twice and not shown. Where standard input is no terminal, it is its first line. The
/// answer is the same when the e-mail has an account already.
#[derive(Debug, clap::Args)]
struct Add {
    /// The address; it becomes the login
    #[arg(long)]
    email: String,
    /// The full name
    #[arg(long)]
    name: String,
    /// The telephone number
    #[arg(long, default_value = "")]
    phone: String,
    /// The language of texts: en, bg, de or fr
    #[arg(long, default_value = "")]
    language: String,
    /// The company that the applicant works for
    #[arg(long, default_value = "")]
    company: String,
    /// What whoever decides should know
    #[arg(long, default_value = "")]
    message: String,
}

/// It was refused.
const REFUSED: u8 = 1;

pub(super) async fn run(args: &Args, config: &Config) -> anyhow::Result<ExitCode> {
    let world = World::real(config.house);
    let db = database::open(config.database.expose_secret(), Create::MustExist, &world).await?;
    let done = match &args.what {
        What::Add(add) => {
            let form = add.form()?;
            let asked = create_account(&db, &world, &super::origin(), Source::CommandLine, &form).await;
            asked.map(|()| format!("The account {} was asked for; an operator decides about it.", add.email))
        }
    };
    db.close().await;
    tell(done)
}

impl Add {
    fn form(&self) -> anyhow::Result<AccountForm> {
        Ok(AccountForm {
            email: self.email.clone(),
            full_name: self.name.clone(),
            phone: self.phone.clone(),
            language: self.language.clone(),
            company: self.company.clone(),
            message: self.message.clone(),
            password: password::read_new()?,
        })
    }
}

/// Says what was done, or each thing that was wrong.
fn tell(done: Result<String, ServiceError>) -> anyhow::Result<ExitCode> {
    match done {
        Ok(sentence) => {
            writeln!(io::stdout(), "{}", clean(&sentence))?;
            Ok(ExitCode::SUCCESS)
        }
        Err(ServiceError::Invalid(issues)) => {
            for issue in issues {
                writeln!(io::stderr(), "{}", clean(&issue.message))?;
            }
            Ok(REFUSED.into())
        }
        Err(refused @ (ServiceError::Denied(_) | ServiceError::Conflict(_))) => {
            writeln!(io::stderr(), "{}", clean(&refused.to_string()))?;
            Ok(REFUSED.into())
        }
        Err(other) => Err(other.into()),
    }
}

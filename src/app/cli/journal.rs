//! `cashier journal`: reading the record, also while the firmware runs.

use super::{CliError, OrderArg, Out};
use crate::app::config::Config;
use crate::app::report::{Exit, Listed, Shown};
use crate::journal::Journal;
use clap::Subcommand;
use serde_json::json;

/// What to read.
#[derive(Subcommand)]
pub(super) enum JournalCommand {
    /// The orders, newest first.
    List {
        /// How many at most.
        #[arg(long)]
        limit: Option<u32>,
    },
    /// One order with its history.
    Show(OrderArg),
    /// Look for damage, tampering and impossible histories.
    Verify,
}

pub(super) fn journal(
    config: &Config,
    command: JournalCommand,
    out: Out,
) -> Result<Exit, CliError> {
    let journal = Journal::open_read_only(&config.journal)?;
    match command {
        JournalCommand::List { limit } => list(&journal, limit.unwrap_or(u32::MAX), out),
        JournalCommand::Show(args) => show(&journal, &args, out),
        JournalCommand::Verify => verify(&journal, out),
    }
}

fn list(journal: &Journal, limit: u32, out: Out) -> Result<Exit, CliError> {
    let orders = journal.list(limit, None)?;
    for finding in &orders.damaged {
        out.say(&finding.to_string());
    }
    let listed: Vec<Listed> = orders.items.iter().map(Listed::new).collect();
    let lines: Vec<String> = listed.iter().map(Listed::line).collect();
    out.print(&listed, &lines.join("\n"));
    Ok(Exit::Done)
}

fn show(journal: &Journal, args: &OrderArg, out: Out) -> Result<Exit, CliError> {
    let Some(entry) = journal.find(&args.order)? else {
        out.error(&CliError::Failed(format!("no order {} in this journal", args.order)));
        return Ok(Exit::Negative);
    };
    let shown = Shown::new(&entry, &journal.history(&args.order)?);
    let mut lines = vec![shown.listed.line()];
    let events = shown.history.iter();
    lines.extend(events.map(|it| format!("  {}  {:<14}  {}", it.at, it.kind, it.text)));
    out.print(&shown, &lines.join("\n"));
    Ok(Exit::Done)
}

fn verify(journal: &Journal, out: Out) -> Result<Exit, CliError> {
    let findings = journal.verify()?;
    let told: Vec<String> = findings.iter().map(ToString::to_string).collect();
    let sound = told.is_empty();
    let lines = if sound { "the journal is sound".to_owned() } else { told.join("\n") };
    out.print(&json!({ "sound": sound, "findings": told }), &lines);
    Ok(if sound { Exit::Done } else { Exit::Negative })
}

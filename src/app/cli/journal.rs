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
    /// The sales and refunds, newest first.
    List {
        /// How many at most.
        #[arg(long)]
        limit: Option<u32>,
    },
    /// One order with its history.
    Show(OrderArg),
    /// Every order with its history, newest first.
    Export,
    /// Compare a day with the gateway's books, and list every difference.
    Reconcile(super::reconcile::DayArgs),
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
        JournalCommand::Export => export(&journal, out),
        JournalCommand::Show(args) => show(&journal, &args, out),
        JournalCommand::Verify => verify(&journal, out),
        // It asks the gateway, too, so the caller has taken it out.
        JournalCommand::Reconcile(_) => Ok(Exit::Usage),
    }
}

fn list(journal: &Journal, limit: u32, out: Out) -> Result<Exit, CliError> {
    let orders = journal.list(limit, None)?;
    let refunds = journal.list_refunds(limit, None)?;
    for finding in orders.damaged.iter().chain(&refunds.damaged) {
        out.say(&finding.to_string());
    }
    // By the entries that opened them: the newest first, whatever the clock said.
    let sales = orders.items.iter().map(|sale| (sale.seq, Listed::new(sale)));
    let refunds = refunds.items.iter().map(|refund| (refund.seq, Listed::refund(refund)));
    let mut listed: Vec<(i64, Listed)> = sales.chain(refunds).collect();
    listed.sort_by_key(|(seq, _)| std::cmp::Reverse(*seq));
    listed.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let listed: Vec<Listed> = listed.into_iter().map(|(_, listed)| listed).collect();
    let lines: Vec<String> = listed.iter().map(Listed::line).collect();
    out.tell(&listed, &lines.join("\n"))?;
    Ok(Exit::Done)
}

fn show(journal: &Journal, args: &OrderArg, out: Out) -> Result<Exit, CliError> {
    let Some(entry) = journal.find(&args.order)? else {
        out.error(&CliError::Failed(format!("no order {} in this journal", args.order)));
        return Ok(Exit::Negative);
    };
    let shown = Shown::new(&entry, &journal.history(&args.order)?);
    out.tell(&shown, &shown.lines())?;
    Ok(Exit::Done)
}

fn export(journal: &Journal, out: Out) -> Result<Exit, CliError> {
    let orders = journal.list(u32::MAX, None)?;
    for finding in &orders.damaged {
        out.say(&finding.to_string());
    }
    let mut shown = Vec::with_capacity(orders.items.len());
    for summary in &orders.items {
        match journal.find(&summary.order)? {
            Some(entry) => shown.push(Shown::new(&entry, &journal.history(&summary.order)?)),
            None => out.say(&format!("order {} is listed but not there", summary.order)),
        }
    }
    let lines: Vec<String> = shown.iter().map(Shown::lines).collect();
    out.tell(&shown, &lines.join("\n"))?;
    Ok(if orders.damaged.is_empty() { Exit::Done } else { Exit::Failed })
}

fn verify(journal: &Journal, out: Out) -> Result<Exit, CliError> {
    let findings = journal.verify()?;
    let told: Vec<String> = findings.iter().map(ToString::to_string).collect();
    let sound = told.is_empty();
    let lines = if sound { "the journal is sound".to_owned() } else { told.join("\n") };
    out.tell(&json!({ "sound": sound, "findings": told }), &lines)?;
    Ok(if sound { Exit::Done } else { Exit::Negative })
}

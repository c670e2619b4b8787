//! `cashier report`: what was taken in a day, or since the last shift report.

use super::reconcile::{DayArgs, day_or_today};
use super::{CliError, Out, unwritten};
use crate::app::config::Config;
use crate::app::reconcile::{china_day, each_order};
use crate::app::report::Exit;
use crate::app::shift::{ShiftEnd, ShiftError};
use crate::app::takings::{Takings, Total};
use crate::journal::{Journal, State};
use crate::money::Fen;
use clap::{Args, Subcommand};
use serde::Serialize;

/// What to report.
#[derive(Subcommand)]
pub(super) enum ReportCommand {
    /// A day's takings.
    Day(DayArgs),
    /// The takings since the last shift report, which ends the shift.
    Shift(ShiftArgs),
}

/// What of the shift.
#[derive(Args)]
pub(super) struct ShiftArgs {
    /// Look, and let the shift go on.
    #[arg(long)]
    look: bool,
}

#[derive(Serialize)]
struct Told {
    report: &'static str,
    /// Nothing for a shift.
    day: Option<String>,
    #[serde(flatten)]
    takings: Takings,
    /// Rows of the journal that cannot be read, and are in no sum.
    unreadable: usize,
}

impl Told {
    fn lines(&self) -> String {
        let yuan = |fen: i64| Fen::new(fen).yuan().to_string();
        let line = |name: &str, total: &Total| {
            format!("{name:<12} {:>6}  {:>14}", total.count, yuan(total.amount_fen))
        };
        // Only what was taken can be left: a net beside other sums would be read as takings.
        let taken = |name: &str, total: &Total| {
            let (refunded, net) = (yuan(total.refunded_fen), yuan(total.net_fen));
            format!("{}  returned {refunded:>12}  net {net:>14}", line(name, total))
        };
        let takings = &self.takings;
        let title = self.day.clone().unwrap_or_else(|| "shift".to_owned());
        let mut lines = vec![title, taken("paid", &takings.paid)];
        lines.extend(takings.wallets.iter().map(|(name, it)| taken(&format!("  {name}"), it)));
        lines.push(line("not charged", &takings.not_charged));
        lines.push(line("unresolved", &takings.unresolved));
        if takings.discrepancies > 0 {
            lines.push(format!("discrepancies: {}", takings.discrepancies));
        }
        lines.join("\n")
    }
}

pub(super) fn report(config: &Config, command: &ReportCommand, out: Out) -> Result<Exit, CliError> {
    let journal = Journal::open_read_only(&config.journal)?;
    match command {
        ReportCommand::Day(args) => day(&journal, args, out),
        ReportCommand::Shift(args) => shift(config, &journal, args, out),
    }
}

fn day(journal: &Journal, args: &DayArgs, out: Out) -> Result<Exit, CliError> {
    let day = day_or_today(args.day)?.to_string();
    let mut takings = Takings::default();
    let damaged = each_order(journal, |order| {
        if china_day(order.created_at.unix_ms()) == day {
            takings.add(order);
        }
    })?;
    tell("day", Some(day), takings, &damaged, out)
}

fn shift(config: &Config, journal: &Journal, args: &ShiftArgs, out: Out) -> Result<Exit, CliError> {
    let failed = |error: ShiftError| CliError::Failed(error.to_string());
    let last = ShiftEnd::read(&config.journal).map_err(failed)?;
    let (mut takings, mut newest, mut open) = (Takings::default(), last.after_seq(), Vec::new());
    let damaged = each_order(journal, |order| {
        if last.is_before(order.seq, &order.order) {
            takings.add(order);
            newest = newest.max(order.seq);
            if matches!(order.state, State::Open | State::Parked) {
                open.push(order.order.clone());
            }
        }
    })?;
    // Told before it ends: a cut in between tells the same orders again, and loses none. What
    // nobody was told is told once more.
    let exit = tell("shift", None, takings, &damaged, out)?;
    if !args.look {
        ShiftEnd::new(newest, open).write(&config.journal).map_err(|error| {
            out.say("the shift goes on: its end was not kept");
            failed(error)
        })?;
    }
    Ok(exit)
}

fn tell(
    report: &'static str,
    day: Option<String>,
    takings: Takings,
    damaged: &[String],
    out: Out,
) -> Result<Exit, CliError> {
    for finding in damaged {
        out.say(finding);
    }
    let told = Told { report, day, takings, unreadable: damaged.len() };
    out.write(&told, &told.lines()).map_err(unwritten)?;
    Ok(if told.unreadable == 0 { Exit::Done } else { Exit::Failed })
}

//! `cashier journal reconcile`: our books and the gateway's, of one day (I20).

use super::{CliError, Out, errand, orders};
use crate::app::books::{Difference, Line, Returned, Standing};
use crate::app::clock::Clock;
use crate::app::config::Config;
use crate::app::http::Http;
use crate::app::reconcile::{self, ReconcileError, Reconciled, china_day};
use crate::app::report::Exit;
use crate::app::run::RunError;
use crate::gateway::operation::Date;
use crate::id::OrderId;
use crate::payment::Request;
use clap::Args;
use serde::Serialize;

/// Which day.
#[derive(Args)]
pub(super) struct DayArgs {
    /// The day in China, YYYY-MM-DD; today without it.
    #[arg(long, value_parser = day)]
    pub(super) day: Option<Date>,
}

fn day(text: &str) -> Result<Date, String> {
    Date::parse(text).ok_or_else(|| format!("{text:?} is no day: expected YYYY-MM-DD"))
}

/// How often people hear how far it is.
const PROGRESS_EVERY: usize = 20;

#[derive(Serialize)]
struct Told {
    day: String,
    orders: usize,
    agree: usize,
    differences: Vec<ToldDifference>,
    unknown: usize,
    by: &'static str,
    /// How many differences stand in the journal as discrepancies (I6).
    discrepancies: usize,
}

#[derive(Serialize)]
struct ToldDifference {
    order: String,
    kind: &'static str,
    ours: Option<Side>,
    theirs: Option<Side>,
}

/// What one side says.
#[derive(Serialize)]
struct Side {
    outcome: Option<&'static str>,
    amount_fen: Option<i64>,
    /// Nothing where it is not known how much.
    refunded_fen: Option<i64>,
}

impl Side {
    fn new(line: &Line) -> Side {
        let amount_fen = line.amount.map(|fen| fen.get());
        Side {
            outcome: match line.standing {
                Standing::Open => None,
                Standing::NotCharged => Some("not_charged"),
                Standing::Paid => Some("paid"),
            },
            amount_fen,
            refunded_fen: match line.returned {
                Returned::Exactly(fen) => Some(fen.get()),
                Returned::Everything => amount_fen,
                Returned::Part | Returned::Moving => None,
            },
        }
    }

    fn words(side: &Option<Side>) -> String {
        let Some(side) = side else { return "no such order".to_owned() };
        let yuan = |fen: Option<i64>| match fen {
            Some(fen) => crate::money::Fen::new(fen).yuan().to_string(),
            None => "?".to_owned(),
        };
        let returned = match side.refunded_fen {
            Some(0) => String::new(),
            fen => format!(", returned {}", yuan(fen)),
        };
        format!("{} {}{returned}", side.outcome.unwrap_or("open"), yuan(side.amount_fen))
    }
}

impl Told {
    fn lines(&self) -> String {
        let differences = self.differences.iter().map(|it| {
            let (ours, theirs) = (Side::words(&it.ours), Side::words(&it.theirs));
            format!("{}  {:<11}  ours: {ours}  gateway: {theirs}", it.order, it.kind)
        });
        let sum = format!(
            "{}: {} orders, {} agree, {} differences, {} unknown",
            self.day,
            self.orders,
            self.agree,
            self.differences.len(),
            self.unknown
        );
        differences.chain([sum]).collect::<Vec<String>>().join("\n")
    }
}

pub(super) async fn reconcile(
    config: &Config,
    day: Option<Date>,
    out: Out,
) -> Result<Exit, CliError> {
    let day = day_or_today(day)?;
    let http = Http::new(&config.http).map_err(RunError::Http)?;
    let progress = |at: usize, of: usize| {
        if at.is_multiple_of(PROGRESS_EVERY) {
            out.say(&format!("{at} of {of} orders"));
        }
    };
    let reading = reconcile::reconcile(config, &http, day, progress);
    let reconciled = tokio::select! {
        reconciled = reading => reconciled.map_err(told_as)?,
        () = super::stop() => {
            return Err(CliError::Failed("stopped before the books were compared".to_owned()));
        }
    };
    for remark in &reconciled.remarks {
        out.say(remark);
    }
    let discrepancies = raise(config, &reconciled.compared.differences, out).await?;
    let told = told(day, &reconciled, discrepancies);
    out.print(&told, &told.lines());
    Ok(exit(&reconciled))
}

/// The day that was asked for, or today's.
pub(super) fn day_or_today(day: Option<Date>) -> Result<Date, CliError> {
    let today = || {
        let now = i64::try_from(Clock::system().unix_ms()).unwrap_or(i64::MAX);
        Date::parse(&china_day(now))
    };
    day.or_else(today)
        .ok_or_else(|| CliError::Usage("the clock shows no day: give one with --day".to_owned()))
}

fn told_as(error: ReconcileError) -> CliError {
    match error {
        ReconcileError::Journal(error) => CliError::Journal(error),
        ReconcileError::Operation(error) => CliError::Usage(error.to_string()),
    }
}

fn told(day: Date, reconciled: &Reconciled, discrepancies: usize) -> Told {
    let compared = &reconciled.compared;
    let differences = compared.differences.iter().map(|it| ToldDifference {
        order: it.order.clone(),
        kind: it.kind.name(),
        ours: it.ours.as_ref().map(Side::new),
        theirs: it.theirs.as_ref().map(Side::new),
    });
    Told {
        day: day.to_string(),
        orders: compared.orders,
        agree: compared.agree,
        differences: differences.collect(),
        unknown: compared.unknown,
        by: reconciled.by.name(),
        discrepancies,
    }
}

/// A difference is certain, so it goes before what could not be asked about.
fn exit(reconciled: &Reconciled) -> Exit {
    let compared = &reconciled.compared;
    match (compared.differences.is_empty(), compared.unknown) {
        (false, _) => Exit::Negative,
        (true, 0) => Exit::Done,
        (true, _) if !reconciled.sent => Exit::Failed,
        (true, _) => Exit::Open,
    }
}

/// I6: ends that exclude each other are confirmed by a query and kept, once. Says how many are.
async fn raise(config: &Config, found: &[Difference], out: Out) -> Result<usize, CliError> {
    let contradicting: Vec<OrderId> = found
        .iter()
        .filter(|difference| difference.contradicts())
        .filter_map(|difference| OrderId::parse(&difference.order).ok())
        .collect();
    if contradicting.is_empty() {
        return Ok(0);
    }
    let mut errand = match errand(config) {
        Ok(errand) => errand,
        Err(error) => {
            out.say(&format!(
                "the discrepancies are not recorded: {error}; stop the terminal and reconcile again"
            ));
            return Ok(0);
        }
    };
    let mut kept = 0;
    for order in &contradicting {
        let exec = errand.charges_mut().exec_mut();
        let Some(entry) = exec.journal().find(order)? else { continue };
        let request = Request::Query { sale: entry.sale.clone() };
        let asked = exec.ask_once(&request, config.policy.query_timeout).await;
        let (verdict, _) = asked.map_err(|error| CliError::Usage(error.to_string()))?;
        match verdict {
            Ok(verdict) => {
                kept += usize::from(orders::audit(&mut errand, &entry, &verdict)?);
            }
            Err(_) => out.say(&format!("{order}: no answer, so it is not recorded yet")),
        }
    }
    errand.close();
    Ok(kept)
}

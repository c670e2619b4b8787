//! Cancels that are asked for by hand, once: Upay's revoke, and SOSOPAY's application (opType=ACO).
//!
//! The intent is journalled before it is sent (I1): a cancel's of an open order, a void's of a paid
//! one. What the answer says settles nothing; the query that follows does, and what stays open is
//! taken up by `query`, `resolve` and `run`.

use super::{check, usage};
use crate::app::cli::orders::{Patience, find, settle, told_as, unknown, void};
use crate::app::cli::{CliError, OrderArg, Out, errand};
use crate::app::config::Config;
use crate::app::errand::Errand;
use crate::app::exec::Came;
use crate::app::report::{Cancelled, Exit, Return, Told};
use crate::gateway::Operation;
use crate::id::OrderId;
use crate::journal::{Entry, State};
use crate::money::Fen;
use crate::payment::outcome::Outcome;
use crate::payment::{AskError, Decline, Doubt, DoubtKind, Record, Sale, Why};
use clap::Args;
use serde::Serialize;
use serde_json::{Map, Value};

/// Which order.
#[derive(Args)]
pub(crate) struct RevokeArgs {
    #[command(flatten)]
    order: OrderArg,
    /// If the order is paid, return all of the money; without it, nothing is reversed then.
    #[arg(long)]
    even_if_paid: bool,
}

/// What is asked of the gateway.
pub(in crate::app::cli) struct Asked {
    /// The operation.
    pub ask: fn(Sale) -> Operation,
    /// Whether a payment is to be returned.
    pub even_if_paid: bool,
}

/// What came of the asking, beside how the order stands.
#[derive(Serialize)]
struct Answered<T: Serialize> {
    #[serde(flatten)]
    stands: T,
    answer: Map<String, Value>,
}

pub(super) async fn revoke(config: &Config, args: &RevokeArgs, out: Out) -> Result<Exit, CliError> {
    let asked = Asked { ask: Operation::Revoke, even_if_paid: args.even_if_paid };
    ask_to_cancel(config, &args.order.order, &asked, out).await
}

pub(in crate::app::cli) async fn ask_to_cancel(
    config: &Config,
    order: &OrderId,
    asked: &Asked,
    out: Out,
) -> Result<Exit, CliError> {
    // Whether the gateway has the operation does not depend on the order.
    let amount = Fen::new(1);
    let (operator, subject) = (config.operator.clone(), config.merchant_name.clone());
    check(config, &(asked.ask)(Sale { order: order.clone(), amount, operator, subject }))?;
    let errand = errand(config)?;
    let Some(entry) = find(&errand, order)? else { return unknown(order, out) };
    match &entry.outcome {
        None => of_open(config, errand, &entry, asked, out).await,
        Some(outcome @ Outcome::Paid(payment)) => {
            let going_on = entry.summary.refunding > Fen::ZERO;
            let here = entry.summary.state == State::Paid && is_here(&entry);
            if asked.even_if_paid && here && !going_on {
                return of_paid(config, errand, &entry, asked, out).await;
            }
            errand.close();
            let asked = asked.even_if_paid && going_on;
            let (entry, returned) = void(config, order, payment, asked).await?;
            let sold = told_as(config, &entry, outcome);
            let cancelled = Cancelled::new(sold, &entry, &returned, config.locale);
            out.print(&cancelled, &cancelled.lines(config.locale));
            Ok(Exit::of_return(&returned))
        }
        Some(outcome @ (Outcome::NotCharged(_) | Outcome::Reversed(_))) => {
            errand.close();
            out.sold(&told_as(config, &entry, outcome), config.locale);
            Ok(Exit::Done)
        }
        Some(outcome @ Outcome::Unresolved(_)) => {
            errand.close();
            out.sold(&told_as(config, &entry, outcome), config.locale);
            Ok(Exit::Open)
        }
    }
}

fn is_here(entry: &Entry) -> bool {
    entry.summary.refunded < entry.summary.amount
}

/// Journals the intent, then asks once.
async fn ask(
    config: &Config,
    errand: &mut Errand,
    intent: &Record,
    operation: &Operation,
) -> Result<Came, CliError> {
    let exec = errand.charges_mut().exec_mut();
    exec.store(intent)
        .map_err(|_| CliError::Failed("the journal did not take the intent".to_owned()))?;
    let came = exec.operate(intent.order(), operation, config.policy.query_timeout).await;
    came.map_err(|error| usage(&error))
}

fn attempt_after(entry: &Entry) -> Result<u32, CliError> {
    let next = entry.cancels.checked_add(1);
    next.ok_or_else(|| CliError::Failed("the order was cancelled too often".to_owned()))
}

async fn of_open(
    config: &Config,
    mut errand: Errand,
    entry: &Entry,
    asked: &Asked,
    out: Out,
) -> Result<Exit, CliError> {
    let order = &entry.sale.order;
    // A payment that came meanwhile wins: it is not taken back by a cancel that was meant for none.
    let before = settle(config, &mut errand, order, Patience::OnlyAsk).await?;
    if let Outcome::Paid(_) | Outcome::NotCharged(_) | Outcome::Reversed(_) = before {
        errand.close();
        return Box::pin(ask_to_cancel(config, order, asked, out)).await;
    }
    errand.close();
    let mut errand = crate::app::cli::errand(config)?;
    let intent = Record::CancelIntent {
        order: order.clone(),
        attempt: attempt_after(entry)?,
        why: Decline::ours(Why::CancelledByCashier),
    };
    let operation = (asked.ask)(entry.sale.clone());
    let came = ask(config, &mut errand, &intent, &operation).await?;
    let outcome = match &came {
        Came::Unanswered(AskError::NotSent) => before,
        Came::Answered(_) | Came::Failed(_) | Came::Unanswered(_) => {
            settle(config, &mut errand, order, Patience::OnlyAsk).await?
        }
    };
    errand.close();
    let mut stands = told_as(config, entry, &outcome);
    if let Outcome::Unresolved(Doubt { kind: DoubtKind::StillPending, .. }) = outcome {
        stands.outcome = "pending";
    }
    let told = Told::new(operation.name(), &came, &config.merchant_id, config.locale);
    let lines = format!("{}\n{}", told.text(), stands.lines(config.locale));
    out.print(&Answered { stands, answer: told.object().clone() }, &lines);
    Ok(match (&outcome, &came) {
        (Outcome::NotCharged(_) | Outcome::Reversed(_), _) => Exit::Done,
        (Outcome::Paid(_), _) => Exit::Negative,
        (Outcome::Unresolved(_), Came::Unanswered(AskError::NotSent)) => Exit::Failed,
        (Outcome::Unresolved(_), _) => Exit::Open,
    })
}

async fn of_paid(
    config: &Config,
    mut errand: Errand,
    entry: &Entry,
    asked: &Asked,
    out: Out,
) -> Result<Exit, CliError> {
    let order = &entry.sale.order;
    let intent = Record::VoidIntent { order: order.clone(), attempt: attempt_after(entry)? };
    let operation = (asked.ask)(entry.sale.clone());
    let came = ask(config, &mut errand, &intent, &operation).await?;
    if let Came::Unanswered(AskError::NotSent) = came {
        tracing::warn!(%order, "the return was not sent; `resolve` goes on with it");
    } else {
        settle(config, &mut errand, order, Patience::OnlyAsk).await?;
    }
    let after = find(&errand, order)?;
    errand.close();
    let after = after.as_ref().unwrap_or(entry);
    let returned = match after.summary.state {
        State::Voided => Return::Done,
        State::Paid => Return::Kept(after.void_refused.clone()),
        State::Voiding | State::Open | State::Parked | State::NotCharged | State::Reversed => {
            Return::Open(Doubt::of(DoubtKind::StillPending))
        }
    };
    let outcome =
        entry.outcome.clone().unwrap_or(Outcome::Unresolved(Doubt::of(DoubtKind::Interrupted)));
    let stands = Cancelled::new(told_as(config, after, &outcome), after, &returned, config.locale);
    let told = Told::new(operation.name(), &came, &config.merchant_id, config.locale);
    let lines = format!("{}\n{}", told.text(), stands.lines(config.locale));
    out.print(&Answered { stands, answer: told.object().clone() }, &lines);
    Ok(match came {
        Came::Unanswered(AskError::NotSent) => Exit::Failed,
        Came::Answered(_) | Came::Failed(_) | Came::Unanswered(_) => Exit::of_return(&returned),
    })
}

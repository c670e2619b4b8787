//! `cashier query`, `cancel` and `resolve`: orders that exist already.

use super::{CliError, OrderArg, Out, errand, stop};
use crate::app::config::Config;
use crate::app::errand::{Errand, Turn};
use crate::app::report::{self, Exit, Queried, Sold};
use crate::id::OrderId;
use crate::journal::Entry;
use crate::payment::machine::contradiction;
use crate::payment::outcome::Outcome;
use crate::payment::{AskError, Doubt, DoubtKind, Event, Moment, Record, Request, Verdict};
use clap::Args;
use serde::Serialize;
use std::time::Duration;

/// Which order.
#[derive(Args)]
pub(super) struct OrderArgs {
    #[command(flatten)]
    order: OrderArg,
}

pub(super) async fn query(config: &Config, args: &OrderArgs, out: Out) -> Result<Exit, CliError> {
    let order = &args.order.order;
    let mut errand = errand(config)?;
    let Some(entry) = find(&errand, order)? else { return unknown(order, out) };
    let request = Request::Query { sale: entry.sale.clone() };
    let exec = errand.charges_mut().exec_mut();
    let (verdict, response) = exec
        .ask_once(&request, config.policy.query_timeout)
        .await
        .map_err(|error| CliError::Usage(error.to_string()))?;
    let state = response.as_ref().and_then(|response| exec.gateway().order_state(response));
    let (outcome, discrepancy) = match (&entry.outcome, &verdict) {
        (Some(outcome), Ok(verdict)) => {
            (outcome.clone(), audit(&mut errand, &entry, outcome, verdict)?)
        }
        (Some(outcome), Err(_)) => (outcome.clone(), false),
        (None, _) => (settle(config, &mut errand, order, Patience::OnlyAsk).await?, false),
    };
    let mut sold = told_as(config, &entry, &outcome);
    if let Outcome::Unresolved(Doubt { kind: DoubtKind::StillPending, .. }) = outcome {
        sold.outcome = "pending"; // The gateway is sure of it: the customer has not paid yet.
    }
    let mut refunded_fen = None;
    if let Ok(Verdict::Paid(payment)) = &verdict {
        refunded_fen = report::refunded(payment).map(|fen| fen.get());
        sold.gateway_order = payment.gateway_order.clone().or(sold.gateway_order);
    }
    let queried = Queried { sold, state, refunded_fen, discrepancy };
    out.print(&queried, &queried.lines(config.locale));
    errand.close();
    Ok(match (&outcome, verdict) {
        (Outcome::Unresolved(_), _) => Exit::Open,
        (_, Ok(_)) => Exit::Done,
        // How it ended stands in the journal; what the gateway says of it now was not to be had.
        (_, Err(AskError::NotSent)) => Exit::Failed,
        (_, Err(AskError::MaybeSent | AskError::Garbled)) => Exit::Open,
    })
}

/// I6: what the gateway says against a settled order is kept, once, and told.
fn audit(
    errand: &mut Errand,
    entry: &Entry,
    outcome: &Outcome,
    verdict: &Verdict,
) -> Result<bool, CliError> {
    let Some(found) = contradiction(outcome, verdict) else { return Ok(false) };
    if entry.discrepancies.iter().any(|known| known.found == found) {
        return Ok(true);
    }
    let record = Record::Discrepancy { order: entry.sale.order.clone(), found };
    let stored = errand.charges_mut().exec_mut().store(&record);
    stored.map_err(|_| CliError::Failed("the journal did not take the discrepancy".to_owned()))?;
    Ok(true)
}

pub(super) async fn cancel(config: &Config, args: &OrderArgs, out: Out) -> Result<Exit, CliError> {
    let order = &args.order.order;
    let mut errand = errand(config)?;
    let Some(entry) = find(&errand, order)? else { return unknown(order, out) };
    let outcome = match &entry.outcome {
        Some(outcome) => outcome.clone(),
        None => settle(config, &mut errand, order, Patience::Cancel).await?,
    };
    out.sold(&told_as(config, &entry, &outcome), config.locale);
    errand.close();
    Ok(match outcome {
        Outcome::NotCharged(_) | Outcome::Reversed(_) => Exit::Done,
        // A payment is not undone by a cancel; it is refunded.
        Outcome::Paid(_) => Exit::Negative,
        Outcome::Unresolved(_) => Exit::Open,
    })
}

/// What `resolve` did.
#[derive(Serialize)]
struct Resolved {
    settled: usize,
    open: usize,
}

pub(super) async fn resolve(config: &Config, out: Out) -> Result<Exit, CliError> {
    let mut errand = errand(config)?;
    let taken_up = errand.charges_mut().restore(&config.policy)?;
    for order in errand.charges().open_orders() {
        errand.handle(&order, Event::CancelPressed);
    }
    let until = errand.charges().doubt_ends() + patience(config);
    let mut stop = std::pin::pin!(stop());
    while errand.charges().open() > 0 {
        match errand.turn(Some(until), &mut stop).await {
            Turn::Shown(_) | Turn::Ended(..) | Turn::Heard => {}
            Turn::Stopped | Turn::Late | Turn::Idle => break,
        }
    }
    // What cannot be read stays open too, and so does what a failed journal did not take.
    let left = errand.charges().exec().journal().open_charges()?;
    let open = left.items.len() + left.damaged.len();
    let settled = taken_up.saturating_sub(left.items.len());
    let lines = format!("settled: {settled}\nopen: {open}");
    out.print(&Resolved { settled, open }, &lines);
    errand.close();
    Ok(if open == 0 { Exit::Done } else { Exit::Open })
}

/// How long `resolve` and `cancel` stay after every answer can be believed (I5): a reversal.
fn patience(config: &Config) -> Duration {
    config.policy.reverse_budget + config.policy.query_timeout
}

enum Patience {
    OnlyAsk,
    Cancel,
}

/// Drives one open charge until it ends, or until there is nothing more to hear for now.
async fn settle(
    config: &Config,
    errand: &mut Errand,
    order: &OrderId,
    patience_with: Patience,
) -> Result<Outcome, CliError> {
    const NEVER: Moment = Moment::from_ms(u64::MAX);
    let now = errand.charges().exec().clock().now();
    let charges = errand.charges_mut();
    let until = match patience_with {
        Patience::OnlyAsk => {
            charges.restore_one(order, &config.policy, |charge| charge.only_asking(NEVER))?;
            now + config.policy.query_timeout * 2
        }
        Patience::Cancel => {
            charges.restore_one(order, &config.policy, |charge| charge.only_asking(NEVER))?;
            errand.handle(order, Event::CancelPressed);
            errand.charges().doubt_ends() + patience(config)
        }
    };
    let mut stop = std::pin::pin!(stop());
    let mut heard = false;
    loop {
        match errand.turn(Some(until), &mut stop).await {
            Turn::Ended(_, outcome) => return Ok(outcome),
            Turn::Shown(_) => {}
            Turn::Heard => heard = true,
            Turn::Stopped | Turn::Late | Turn::Idle => break,
        }
        if let Patience::OnlyAsk = patience_with
            && heard
            && !errand.charges().is_resolving()
        {
            break;
        }
    }
    let doubt = errand.charges().get(order).map(|charge| charge.doubt().clone());
    Ok(Outcome::Unresolved(doubt.unwrap_or(Doubt::of(DoubtKind::Interrupted))))
}

fn find(errand: &Errand, order: &OrderId) -> Result<Option<Entry>, CliError> {
    Ok(errand.charges().exec().journal().find(order)?)
}

fn unknown(order: &OrderId, out: Out) -> Result<Exit, CliError> {
    let error = format!("no order {order} in this journal; `cashier journal list` shows them");
    out.error(&CliError::Failed(error));
    Ok(Exit::Negative)
}

fn told_as(config: &Config, entry: &Entry, outcome: &Outcome) -> Sold {
    let channel = report::channel_of(&entry.direction);
    Sold::new(entry.sale.order.as_str(), entry.sale.amount, channel, outcome, config.locale)
}

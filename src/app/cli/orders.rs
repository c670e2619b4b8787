//! `cashier query`, `cancel` and `resolve`: orders that exist already.

use super::gateway::{Asked, ask_to_cancel};
use super::{CliError, OrderArg, Out, errand, stop};
use crate::app::config::Config;
use crate::app::errand::{Errand, Turn};
use crate::app::report::{self, Cancelled, Exit, Queried, Return, Sold};
use crate::gateway::Operation;
use crate::gateway::operation::OrderKey;
use crate::id::OrderId;
use crate::journal::{Entry, State};
use crate::money::Fen;
use crate::payment::machine::contradiction;
use crate::payment::outcome::Outcome;
use crate::payment::{
    AskError, Charge, Doubt, DoubtKind, Event, Moment, Payment, Record, Request, Verdict,
};
use clap::Args;
use serde::Serialize;
use std::time::Duration;

/// Which order.
#[derive(Args)]
pub(super) struct QueryArgs {
    /// The order's number.
    #[arg(value_name = "ORDER")]
    number: String,
    /// Whose number it is. An order by the gateway's number or a voucher need not be in this
    /// journal, and nothing is settled by what is found.
    #[arg(long, value_enum, default_value = "ours")]
    by: By,
}

/// Whose number an order is looked up by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum By {
    /// Ours.
    Ours,
    /// The gateway's (Upay v2: sn).
    Gateway,
    /// A redeemed voucher's (SOSOPAY JSON).
    VerifyCode,
}

/// Which order, and what of it.
#[derive(Args)]
pub(super) struct CancelArgs {
    #[command(flatten)]
    order: OrderArg,
    /// If the order is paid, return all of the money; without it, nothing is reversed then.
    #[arg(long)]
    even_if_paid: bool,
    /// Apply for the cancellation (SOSOPAY JSON, opType=ACO), which the gateway may take its time
    /// for: not certain until a query says so.
    #[arg(long)]
    apply: bool,
}

pub(super) async fn query(config: &Config, args: &QueryArgs, out: Out) -> Result<Exit, CliError> {
    let key = match args.by {
        By::Ours => {
            let order = OrderId::parse(&args.number);
            let order = order.map_err(|error| CliError::Usage(format!("ORDER: {error}")))?;
            return query_ours(config, &order, out).await;
        }
        By::Gateway => OrderKey::Gateways(args.number.clone()),
        By::VerifyCode => OrderKey::VerifyCode(args.number.clone()),
    };
    super::gateway::ask(config, &Operation::Lookup(key), out).await
}

async fn query_ours(config: &Config, order: &OrderId, out: Out) -> Result<Exit, CliError> {
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
        (Some(outcome), Ok(verdict)) => (outcome.clone(), audit(&mut errand, &entry, verdict)?),
        (Some(outcome), Err(_)) => (outcome.clone(), false),
        (None, _) => (settle(config, &mut errand, order, Patience::OnlyAsk).await?, false),
    };
    let mut sold = told_as(config, &entry, &outcome);
    if let Outcome::Unresolved(Doubt { kind: DoubtKind::StillPending, .. }) = outcome {
        sold.outcome = "pending"; // The gateway is sure of it: the customer has not paid yet.
    }
    let voided = entry.summary.state == State::Voided;
    let mut refunded_fen = voided.then(|| entry.summary.refunded.get());
    if let Ok(Verdict::Paid(payment)) = &verdict {
        refunded_fen = report::refunded(payment).map(|fen| fen.get());
        sold.gateway_order = payment.gateway_order.clone().or(sold.gateway_order);
    }
    if refunded_fen.is_some_and(|back| back >= sold.amount_fen) {
        sold.advice = None; // All of it went back: there is nothing to hand over.
    }
    let queried = Queried::new(sold, state.as_ref(), refunded_fen, discrepancy, config.locale);
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
pub(super) fn audit(
    errand: &mut Errand,
    entry: &Entry,
    verdict: &Verdict,
) -> Result<bool, CliError> {
    let found = entry.end().and_then(|end| contradiction(&end, verdict));
    let Some(found) = found else { return Ok(false) };
    if entry.discrepancies.iter().any(|known| known.found.is_same(&found)) {
        return Ok(true);
    }
    let record = Record::Discrepancy { order: entry.sale.order.clone(), found };
    let stored = errand.charges_mut().exec_mut().store(&record);
    stored.map_err(|_| CliError::Failed("the journal did not take the discrepancy".to_owned()))?;
    Ok(true)
}

pub(super) async fn cancel(config: &Config, args: &CancelArgs, out: Out) -> Result<Exit, CliError> {
    let order = &args.order.order;
    if args.apply {
        let asked = Asked { ask: Operation::ApplyCancel, even_if_paid: args.even_if_paid };
        return ask_to_cancel(config, order, &asked, out).await;
    }
    let mut errand = errand(config)?;
    let Some(entry) = find(&errand, order)? else { return unknown(order, out) };
    let outcome = match &entry.outcome {
        Some(outcome) => outcome.clone(),
        None => settle(config, &mut errand, order, Patience::Cancel).await?,
    };
    errand.close();
    let exit = match &outcome {
        Outcome::Paid(payment) => {
            let (entry, returned) = void(config, order, payment, args.even_if_paid).await?;
            let sold = told_as(config, &entry, &outcome);
            let cancelled = Cancelled::new(sold, &entry, &returned, config.locale);
            out.print(&cancelled, &cancelled.lines(config.locale));
            return Ok(Exit::of_return(&returned));
        }
        Outcome::NotCharged(_) | Outcome::Reversed(_) => Exit::Done,
        Outcome::Unresolved(_) => Exit::Open,
    };
    out.sold(&told_as(config, &entry, &outcome), config.locale);
    Ok(exit)
}

/// Returns the payment of a paid order if that is `asked` for, and tells what became of it.
pub(super) async fn void(
    config: &Config,
    order: &OrderId,
    payment: &Payment,
    asked: bool,
) -> Result<(Entry, Return), CliError> {
    // On an executor of its own: an answer that is still on its way to the charge that was settled
    // must not be taken for one to the void.
    let mut errand = errand(config)?;
    let gone = || CliError::Failed(format!("order {order} is not in the journal any more"));
    let before = find(&errand, order)?.ok_or_else(gone)?;
    let here = before.summary.refunded < before.summary.amount;
    let known = match before.summary.state {
        State::Voided => Some(Return::Done),
        State::Paid if !here => Some(Return::Done),
        State::Paid if !asked => Some(Return::Kept(None)),
        State::Paid if before.summary.refunding > Fen::ZERO => Some(Return::RefundGoingOn),
        State::Voiding if !asked => Some(Return::Open(Doubt::of(DoubtKind::Interrupted))),
        State::Paid | State::Voiding => None,
        State::Open | State::Parked | State::NotCharged | State::Reversed => {
            Some(Return::Open(Doubt::of(DoubtKind::JournalFailed)))
        }
    };
    if let Some(known) = known {
        errand.close();
        return Ok((before, known));
    }
    if before.summary.state == State::Voiding {
        errand.charges_mut().restore_one(order, &config.policy, |charge| charge)?;
    } else {
        let now = errand.charges().exec().clock().now();
        errand.begin(Charge::void(now, before.as_open(), payment.clone(), config.policy.clone()));
    }
    let until = errand.charges().doubt_ends() + patience(config);
    let ended = drive(&mut errand, order, until, Patience::Cancel).await;
    let after = find(&errand, order)?.unwrap_or(before);
    errand.close();
    let returned = match (ended, after.summary.state) {
        (Outcome::Reversed(_) | Outcome::NotCharged(_), _) => Return::Done,
        (Outcome::Paid(_), _) => Return::Kept(after.void_refused.clone()),
        // Nothing was intended, so nothing was sent and nothing goes on.
        (Outcome::Unresolved(doubt), State::Paid) => Return::NotBegun(doubt),
        (Outcome::Unresolved(doubt), _) => Return::Open(doubt),
    };
    Ok((after, returned))
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
        // A QR that was handed out, too: nothing is to be left open, so what is not paid is closed.
        errand.handle(&order, Event::CancelPressed);
    }
    let until = errand.charges().doubt_ends() + patience(config);
    let mut stop = std::pin::pin!(stop());
    let waited = errand.charges().exec().clock().now() + config.policy.reverse_budget;
    while errand.charges().open() > 0 {
        // For what the gateway is sure to be doing nobody waits as long as for what is not known.
        let until = if errand.charges().only_waits() { until.min(waited) } else { until };
        match errand.turn(Some(until), &mut stop).await {
            Turn::Shown(_) | Turn::Ended(..) | Turn::RefundEnded(..) | Turn::Heard => {}
            Turn::Stopped | Turn::Late | Turn::Idle => break,
        }
    }
    // What cannot be read stays open too, and so does what a failed journal did not take.
    let journal = errand.charges().exec().journal();
    let (charges, refunds) = (journal.open_charges()?, journal.open_refunds()?);
    let left = charges.items.len() + refunds.items.len();
    let open = left + charges.damaged.len() + refunds.damaged.len();
    let settled = taken_up.saturating_sub(left);
    let lines = format!("settled: {settled}\nopen: {open}");
    out.print(&Resolved { settled, open }, &lines);
    errand.close();
    Ok(if open == 0 { Exit::Done } else { Exit::Open })
}

/// How long `resolve` and `cancel` stay after every answer can be believed (I5): a reversal.
fn patience(config: &Config) -> Duration {
    config.policy.reverse_budget + config.policy.query_timeout
}

pub(super) enum Patience {
    OnlyAsk,
    Cancel,
}

/// Drives one open charge until it ends, or until there is nothing more to hear for now.
pub(super) async fn settle(
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
    Ok(drive(errand, order, until, patience_with).await)
}

/// Drives the one charge, or void, that is alive.
async fn drive(
    errand: &mut Errand,
    order: &OrderId,
    until: Moment,
    patience_with: Patience,
) -> Outcome {
    let mut stop = std::pin::pin!(stop());
    let mut heard = false;
    loop {
        match errand.turn(Some(until), &mut stop).await {
            Turn::Ended(_, outcome) => return outcome,
            Turn::Shown(_) | Turn::RefundEnded(..) => {}
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
    Outcome::Unresolved(doubt.unwrap_or(Doubt::of(DoubtKind::Interrupted)))
}

pub(super) fn find(errand: &Errand, order: &OrderId) -> Result<Option<Entry>, CliError> {
    Ok(errand.charges().exec().journal().find(order)?)
}

pub(super) fn unknown(order: &OrderId, out: Out) -> Result<Exit, CliError> {
    let error = format!("no order {order} in this journal; `cashier journal list` shows them");
    out.error(&CliError::Failed(error));
    Ok(Exit::Negative)
}

pub(super) fn told_as(config: &Config, entry: &Entry, outcome: &Outcome) -> Sold {
    let channel = report::channel_of(&entry.direction);
    Sold::new(entry.sale.order.as_str(), entry.sale.amount, channel, outcome, config.locale)
}

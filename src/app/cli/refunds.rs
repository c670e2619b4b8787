//! `cashier refund` and `cashier refund-query`.

use super::{CliError, OrderArg, Out, errand, stop};
use crate::app::config::Config;
use crate::app::errand::{Errand, Turn};
use crate::app::report::{Exit, Refunded, refund_outcome};
use crate::app::words;
use crate::id::{OrderId, RefundId};
use crate::journal::{Entry, RefundEntry, Refusal};
use crate::money::Fen;
use crate::payment::refunding::refund_contradiction;
use crate::payment::{
    AskError, Decline, Record, Refund, RefundOutcome, RefundRequest, Refunding, Sale, Why,
};
use clap::Args;
use std::time::Duration;

/// How much of which order to give back.
#[derive(Args)]
pub(super) struct RefundArgs {
    #[command(flatten)]
    order: OrderArg,
    /// Yuan, such as 1.00; at most what is left of the payment.
    #[arg(long, value_parser = super::sale::amount, allow_negative_numbers = true)]
    amount: Fen,
    /// Our number of the refund. With the number of an earlier refund it is that refund, which is
    /// not given back twice; without one, a new number is made.
    #[arg(long, value_name = "NO", value_parser = RefundId::parse)]
    refund_no: Option<RefundId>,
}

/// Which refund.
#[derive(Args)]
pub(super) struct RefundQueryArgs {
    #[command(flatten)]
    order: OrderArg,
    /// Our number of the refund; without it, the last one of the order.
    #[arg(long, value_name = "NO", value_parser = RefundId::parse)]
    refund_no: Option<RefundId>,
}

/// How long what was open before gets for a first round when this refund is over.
const FIRST_ROUND_MAX: Duration = Duration::from_secs(10);

pub(super) async fn refund(config: &Config, args: RefundArgs, out: Out) -> Result<Exit, CliError> {
    let order = &args.order.order;
    let mut errand = errand(config)?;
    let Some(entry) = find(&errand, order)? else { return super::orders::unknown(order, out) };
    if let Some(known) = same_refund(&errand, &entry, &args)? {
        return repeated(config, errand, &known.refund.id.clone(), out).await;
    }
    is_within_the_rest(&entry, args.amount)?;
    errand.charges_mut().restore(&config.policy)?;
    if let Some(earlier) = entry.refunds.iter().find(|refund| refund.outcome.is_none()) {
        // One at a time: what was given back has to be certain before more is.
        finish(config, &mut errand, &earlier.refund.id).await;
    }
    let entry = find(&errand, order)?.unwrap_or(entry);
    is_within_the_rest(&entry, args.amount)?;
    let going_on = entry.refunds.iter().any(|refund| refund.outcome.is_none());
    let refusal = match entry.refundable {
        Err(refusal) => Some(refusal),
        Ok(_) if going_on => Some(Refusal::RefundGoingOn),
        Ok(_) => None,
    };
    if let Some(refusal) = refusal {
        let refused = Refunded::refused(&entry, args.amount, refusal, config.locale);
        out.print(&refused, &refused.lines(config.locale));
        errand.close();
        return Ok(Exit::Negative);
    }
    if !errand.charges().exec().may_sell() {
        return Err(CliError::Failed(format!(
            "the journal {} is damaged, so no refund starts: `cashier journal verify` tells how",
            config.journal.display()
        )));
    }
    let refund = new_refund(config, &entry, &args)?;
    let id = refund.id.clone();
    let checked =
        errand.charges().exec().gateway().check_refund(&RefundRequest::Apply(refund.clone()));
    checked.map_err(|error| CliError::Usage(format!("{error}; nothing was sent")))?;
    let now = errand.charges().exec().clock().now();
    errand.begin_refund(Refunding::begin(now, refund, config.policy.clone()));
    let outcome = finish(config, &mut errand, &id).await;
    conclude(config, errand, &entry, &id, outcome, out).await
}

/// I12: the amount is within what is left, with what is on its way taken as gone.
fn is_within_the_rest(entry: &Entry, amount: Fen) -> Result<(), CliError> {
    match entry.refundable {
        Ok(rest) if amount > rest => Err(CliError::Usage(format!(
            "--amount: at most {} yuan are left of the {} yuan paid, and {} were given; nothing \
             was sent",
            rest.yuan(),
            entry.summary.amount.yuan(),
            amount.yuan()
        ))),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// The earlier refund that is meant, if its number was given (I2).
fn same_refund<'a>(
    errand: &Errand,
    entry: &'a Entry,
    args: &RefundArgs,
) -> Result<Option<&'a RefundEntry>, CliError> {
    let Some(id) = &args.refund_no else { return Ok(None) };
    let other = |order: &OrderId, amount: Fen| {
        CliError::Usage(format!(
            "--refund-no: {id} is a refund of {} yuan of order {order}; choose another number; \
             nothing was sent",
            amount.yuan()
        ))
    };
    match entry.refunds.iter().find(|known| known.refund.id == *id) {
        Some(known) if known.refund.amount == args.amount => Ok(Some(known)),
        Some(known) => Err(other(&entry.summary.order, known.refund.amount)),
        None => match errand.charges().exec().journal().order_of_refund(id)? {
            Some(order) => {
                let owner = find(errand, &order)?;
                let known = owner.iter().flat_map(|owner| &owner.refunds);
                let mut known = known.filter(|known| known.refund.id == *id);
                Err(other(&order, known.next().map_or(Fen::ZERO, |known| known.refund.amount)))
            }
            None => Ok(None),
        },
    }
}

/// An earlier refund, asked for once more: it is finished if it is open, and told.
async fn repeated(
    config: &Config,
    mut errand: Errand,
    id: &RefundId,
    out: Out,
) -> Result<Exit, CliError> {
    errand.charges_mut().restore(&config.policy)?;
    let outcome = match errand.charges().refund(id) {
        Some(_) => finish(config, &mut errand, id).await,
        None => None,
    };
    let order = errand.charges().exec().journal().order_of_refund(id)?;
    let entry = match &order {
        Some(order) => find(&errand, order)?,
        None => None,
    };
    let entry = entry.ok_or_else(gone)?;
    conclude(config, errand, &entry, id, outcome, out).await
}

fn new_refund(config: &Config, entry: &Entry, args: &RefundArgs) -> Result<Refund, CliError> {
    let id = match &args.refund_no {
        Some(id) => id.clone(),
        None => new_refund_id().map_err(|error| {
            CliError::Failed(format!("no entropy for a refund number: {error}"))
        })?,
    };
    Ok(Refund {
        id,
        sale: Sale { operator: config.operator.clone(), ..entry.sale.clone() },
        amount: args.amount,
        refunded_before: entry.summary.refunded,
        gateway_order: entry.summary.gateway_order.clone(),
        subject: entry.sale.subject.clone(),
    })
}

/// A new number of a refund (I2).
fn new_refund_id() -> Result<RefundId, getrandom::Error> {
    let mut entropy = [0; 12];
    getrandom::fill(&mut entropy)?;
    Ok(RefundId::generate(entropy))
}

/// Drives a refund to its end, or until the cashier's part is over. Nothing if it was interrupted.
async fn finish(config: &Config, errand: &mut Errand, id: &RefundId) -> Option<RefundOutcome> {
    let parked = errand.charges().refund(id).is_some_and(Refunding::is_parked);
    let now = errand.charges().exec().clock().now();
    // One from before has had its time in front of a cashier; until all that can be proven is.
    let until = parked.then(|| {
        let ends = errand.charges().refund(id).map_or(now, Refunding::doubt_ends);
        ends + config.policy.query_timeout
    });
    let mut stop = std::pin::pin!(stop());
    loop {
        match errand.turn(until, &mut stop).await {
            Turn::RefundEnded(view, outcome) if view.id == *id => return Some(outcome),
            Turn::Shown(_) | Turn::Ended(..) | Turn::RefundEnded(..) | Turn::Heard => {}
            Turn::Stopped | Turn::Late | Turn::Idle => break,
        }
        if parked && errand.charges().refund(id).is_some_and(Refunding::is_going_on) {
            break;
        }
    }
    errand.charges().refund(id).filter(|_| parked).map(Refunding::open_outcome)
}

async fn conclude(
    config: &Config,
    mut errand: Errand,
    entry: &Entry,
    id: &RefundId,
    outcome: Option<RefundOutcome>,
    out: Out,
) -> Result<Exit, CliError> {
    let entry = find(&errand, &entry.summary.order)?.ok_or_else(gone)?;
    let known = entry.refunds.iter().find(|known| known.refund.id == *id);
    let Some(known) = known else {
        // The journal did not take the intent, so nothing was sent (I1).
        let path = config.journal.display();
        let error = format!("the journal {path} did not take the refund; nothing was sent");
        return Err(CliError::Failed(error));
    };
    let outcome = outcome.unwrap_or_else(|| refund_outcome(known));
    let mut refunded = Refunded::new(&entry, known, &outcome, config.locale);
    if let RefundOutcome::Refused(Decline { why: why @ Why::NeverSent, .. }) = &outcome {
        let unreachable = errand.charges().exec().unreachable();
        refunded.detail = refunded.detail.or_else(|| unreachable.map(ToString::to_string));
        if words::is_untrusted(*why, unreachable) {
            refunded.explain_untrusted(config.locale);
        }
    }
    out.print(&refunded, &refunded.lines(config.locale));
    // Whoever interrupted the refund does not want to wait for others.
    if outcome.is_final() {
        errand.first_round(FIRST_ROUND_MAX, stop()).await;
    }
    errand.close();
    Ok(Exit::of_refund(&outcome))
}

pub(super) async fn refund_query(
    config: &Config,
    args: &RefundQueryArgs,
    out: Out,
) -> Result<Exit, CliError> {
    let order = &args.order.order;
    let mut errand = errand(config)?;
    let Some(entry) = find(&errand, order)? else { return super::orders::unknown(order, out) };
    let wanted = entry.refunds.iter().rev().find(|known| match &args.refund_no {
        Some(id) => known.refund.id == *id,
        None => true,
    });
    let Some(known) = wanted else {
        let error = format!("order {order} has no such refund; `cashier journal show` tells more");
        out.error(&CliError::Failed(error));
        return Ok(Exit::Negative);
    };
    let id = known.refund.id.clone();
    let mut asked = Ok(());
    let outcome = match &known.outcome {
        Some(outcome) => {
            // A gateway that only tells the sum can answer for the last refund alone.
            let last = entry.refunds.last().is_some_and(|last| last.refund.id == id);
            if last {
                asked = audit(config, &mut errand, known, outcome).await?;
            }
            outcome.clone()
        }
        None => ask(config, &mut errand, &id).await?,
    };
    let entry = find(&errand, order)?.unwrap_or(entry);
    let known = entry.refunds.iter().find(|known| known.refund.id == id).ok_or_else(gone)?;
    let refunded = Refunded::new(&entry, known, &outcome, config.locale);
    out.print(&refunded, &refunded.lines(config.locale));
    errand.close();
    Ok(match (outcome.is_final(), asked) {
        (false, _) => Exit::Open,
        (true, Ok(())) => Exit::of_refund(&outcome),
        // How it ended stands in the journal; what the gateway says of it now was not to be had.
        (true, Err(AskError::NotSent)) => Exit::Failed,
        (true, Err(AskError::MaybeSent | AskError::Garbled)) => Exit::Open,
    })
}

/// Asks about an open refund until there is nothing more to hear for now.
async fn ask(
    config: &Config,
    errand: &mut Errand,
    id: &RefundId,
) -> Result<RefundOutcome, CliError> {
    errand.charges_mut().restore_refund(id, &config.policy)?;
    let until = errand.charges().exec().clock().now() + config.policy.query_timeout * 2;
    let mut stop = std::pin::pin!(stop());
    let mut heard = false;
    loop {
        match errand.turn(Some(until), &mut stop).await {
            Turn::RefundEnded(_, outcome) => return Ok(outcome),
            Turn::Heard => heard = true,
            Turn::Shown(_) | Turn::Ended(..) => {}
            Turn::Stopped | Turn::Late | Turn::Idle => break,
        }
        if heard && !errand.charges().is_resolving() {
            break;
        }
    }
    Ok(errand.charges().refund(id).ok_or_else(gone)?.open_outcome())
}

/// I6: what the gateway says against a settled refund is kept, once.
async fn audit(
    config: &Config,
    errand: &mut Errand,
    known: &RefundEntry,
    outcome: &RefundOutcome,
) -> Result<Result<(), AskError>, CliError> {
    let request = RefundRequest::Query(known.refund.clone());
    let exec = errand.charges_mut().exec_mut();
    let verdict = exec
        .ask_refund_once(&request, config.policy.query_timeout)
        .await
        .map_err(|error| CliError::Usage(error.to_string()))?;
    let verdict = match verdict {
        Ok(verdict) => verdict,
        Err(error) => return Ok(Err(error)),
    };
    let found = refund_contradiction(outcome, &verdict);
    if let Some(found) = found.filter(|found| !known.discrepancies.contains(found)) {
        let (order, id) = (known.refund.sale.order.clone(), known.refund.id.clone());
        let record = Record::RefundDiscrepancy { order, id, found };
        exec.store(&record)
            .map_err(|_| CliError::Failed("the journal did not take the discrepancy".to_owned()))?;
    }
    Ok(Ok(()))
}

fn gone() -> CliError {
    CliError::Failed("the refund is not in the journal any more".to_owned())
}

fn find(errand: &Errand, order: &OrderId) -> Result<Option<Entry>, CliError> {
    Ok(errand.charges().exec().journal().find(order)?)
}

//! The bodies of a refund's entries.

use super::form::{
    RefundDiscrepancy, RefundIntent, RefundParked, RefundSettled, StoredDoubt, StoredRefundFound,
    StoredRefundOutcome,
};
use super::{
    EntryKind, NUMBER_LEN_MAX, SALE_TEXT_LEN_MAX, VERSION, cut, get_decline, get_doubt, json,
    put_decline, put_doubt, read,
};
use crate::id::{OrderId, RefundId};
use crate::journal::error::Refusal;
use crate::money::Fen;
use crate::payment::record::RefundFound;
use crate::payment::{Doubt, Record, Refund, RefundOutcome, Sale};

/// The intent: all that a request repeats, so that a retry after a cut says the same.
pub(super) fn encode_intent(refund: &Refund) -> Result<(EntryKind, String), Refusal> {
    let texts = [&refund.sale.operator, &refund.sale.subject, &refund.subject];
    let numbers = refund.gateway_order.iter();
    if texts.into_iter().any(|text| text.len() > SALE_TEXT_LEN_MAX)
        || numbers.into_iter().any(|number| number.len() > NUMBER_LEN_MAX)
    {
        return Err(Refusal::TooLong);
    }
    let body = RefundIntent {
        v: VERSION,
        refund_no: refund.id.to_string(),
        amount_fen: refund.amount.get(),
        paid_fen: refund.sale.amount.get(),
        refunded_before_fen: refund.refunded_before.get(),
        operator: refund.sale.operator.clone(),
        sale_subject: refund.sale.subject.clone(),
        subject: refund.subject.clone(),
        gateway_order: refund.gateway_order.clone(),
    };
    Ok((EntryKind::RefundIntent, json(&body)))
}

pub(super) fn decode_intent(order: OrderId, body: &str) -> Result<Record, String> {
    let body: RefundIntent = read(body, |body: &RefundIntent| body.v)?;
    let refund = Refund {
        id: number(&body.refund_no)?,
        sale: Sale {
            order,
            amount: Fen::new(body.paid_fen),
            operator: body.operator,
            subject: body.sale_subject,
        },
        amount: Fen::new(body.amount_fen),
        refunded_before: Fen::new(body.refunded_before_fen),
        gateway_order: body.gateway_order,
        subject: body.subject,
    };
    Ok(Record::RefundIntent { refund })
}

pub(super) fn encode_parked(id: &RefundId, doubt: &Option<Doubt>) -> (EntryKind, String) {
    let doubt = doubt.as_ref().map(put_doubt);
    let body = RefundParked { v: VERSION, refund_no: id.to_string(), doubt };
    (EntryKind::RefundParked, json(&body))
}

pub(super) fn decode_parked(order: OrderId, body: &str) -> Result<Record, String> {
    let body: RefundParked = read(body, |body: &RefundParked| body.v)?;
    let doubt = body.doubt.map(|doubt: StoredDoubt| get_doubt(doubt)).transpose()?;
    Ok(Record::RefundParked { order, id: number(&body.refund_no)?, doubt })
}

pub(super) fn encode_settled(
    id: &RefundId,
    outcome: &RefundOutcome,
) -> Result<(EntryKind, String), Refusal> {
    let outcome = match outcome {
        RefundOutcome::Refunded { gateway_refund } => StoredRefundOutcome::Refunded {
            gateway_refund: gateway_refund.as_ref().map(|text| cut(text, NUMBER_LEN_MAX)),
        },
        RefundOutcome::Refused(why) => StoredRefundOutcome::Refused(put_decline(why)),
        RefundOutcome::Refunding | RefundOutcome::Unresolved(_) => return Err(Refusal::NotFinal),
    };
    let body = RefundSettled { v: VERSION, refund_no: id.to_string(), outcome };
    Ok((EntryKind::RefundSettled, json(&body)))
}

pub(super) fn decode_settled(order: OrderId, body: &str) -> Result<Record, String> {
    let body: RefundSettled = read(body, |body: &RefundSettled| body.v)?;
    let outcome = match body.outcome {
        StoredRefundOutcome::Refunded { gateway_refund } => {
            RefundOutcome::Refunded { gateway_refund }
        }
        StoredRefundOutcome::Refused(why) => RefundOutcome::Refused(get_decline(why)?),
    };
    Ok(Record::RefundSettled { order, id: number(&body.refund_no)?, outcome })
}

pub(super) fn encode_discrepancy(id: &RefundId, found: &RefundFound) -> (EntryKind, String) {
    let found = match found {
        RefundFound::Refunded => StoredRefundFound::Refunded,
        RefundFound::NotRefunded(why) => StoredRefundFound::NotRefunded(put_decline(why)),
    };
    let body = RefundDiscrepancy { v: VERSION, refund_no: id.to_string(), found };
    (EntryKind::RefundDiscrepancy, json(&body))
}

pub(super) fn decode_discrepancy(order: OrderId, body: &str) -> Result<Record, String> {
    let body: RefundDiscrepancy = read(body, |body: &RefundDiscrepancy| body.v)?;
    let found = match body.found {
        StoredRefundFound::Refunded => RefundFound::Refunded,
        StoredRefundFound::NotRefunded(why) => RefundFound::NotRefunded(get_decline(why)?),
    };
    Ok(Record::RefundDiscrepancy { order, id: number(&body.refund_no)?, found })
}

fn number(text: &str) -> Result<RefundId, String> {
    RefundId::parse(text).map_err(|error| error.to_string())
}

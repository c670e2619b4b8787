//! One order, read from its entries by the rules they were written by.

use super::WallTime;
use super::error::Refusal;
use super::read::{Contradiction, is_corrupt, text};
use super::standing::Standing;
use super::stored::{self, Content};
use super::verify::{Fault, Finding};
use crate::id::{OrderId, RefundId};
use crate::payment::record::{Direction, RefundFound};
use crate::payment::{Decline, Doubt, Outcome, Record, Refund, RefundOutcome, Sale};
use rusqlite::Connection;

/// What the entries of an order say.
pub(super) struct Told {
    pub sale: Sale,
    pub direction: Direction,
    pub outcome: Option<Outcome>,
    pub cancels: u32,
    pub parked: Option<Doubt>,
    pub void_refused: Option<Decline>,
    pub discrepancies: Vec<Contradiction>,
    /// Oldest first, as those of the standing.
    pub refunds: Vec<RefundTold>,
    pub standing: Standing,
}

/// What the entries of a refund say.
pub(super) struct RefundTold {
    pub refund: Refund,
    pub outcome: Option<RefundOutcome>,
    pub parked: Option<Option<Doubt>>,
    pub discrepancies: Vec<RefundFound>,
}

impl Told {
    fn refund(&mut self, id: &RefundId) -> Result<&mut RefundTold, Refusal> {
        let mut refunds = self.refunds.iter_mut();
        refunds.find(|told| told.refund.id == *id).ok_or(Refusal::UnknownRefund)
    }
}

/// Reads the entries of an order; where the index is malformed, without it (I11).
pub(super) fn replay_in_any_way(
    conn: &Connection,
    order: &OrderId,
) -> rusqlite::Result<Result<Told, Finding>> {
    match replay(conn, order, "entries") {
        Err(error) if is_corrupt(&error) => replay(conn, order, "entries NOT INDEXED"),
        // An index that has lost its rows looks like an order without entries.
        Ok(Err(finding)) if finding.seq.is_none() => replay(conn, order, "entries NOT INDEXED"),
        told => told,
    }
}

/// Reads the entries of an order, by the rules they were written by. Notes are for people and stop
/// nothing.
fn replay(
    conn: &Connection,
    order: &OrderId,
    entries: &str,
) -> rusqlite::Result<Result<Told, Finding>> {
    let sql = format!(
        "SELECT seq, at_ms, kind, body FROM {entries} \
         WHERE order_id = ? AND kind IS NOT 'note' ORDER BY seq"
    );
    let mut query = conn.prepare_cached(&sql)?;
    let mut rows = query.query([order.as_str()])?;
    let mut told: Option<Told> = None;
    while let Some(row) = rows.next()? {
        let seq: i64 = row.get(0)?;
        let finding = |fault, detail| Finding {
            fault,
            seq: Some(seq),
            order: Some(order.to_string()),
            detail,
        };
        let record = text(row, 2)
            .and_then(|kind| Ok((kind, text(row, 3)?)))
            .and_then(|(kind, body)| stored::decode(order, &kind, &body));
        let record = match record {
            Ok(Content::Record(record)) => record,
            Ok(Content::Note { .. }) => continue,
            Err(why) => return Ok(Err(finding(Fault::Body, why))),
        };
        let at = WallTime(row.get(1)?);
        told = match tell(told, record, seq, at) {
            Ok(told) => Some(told),
            Err(refusal) => return Ok(Err(finding(Fault::History, refusal.to_string()))),
        };
    }
    Ok(told.ok_or_else(|| Finding {
        fault: Fault::History,
        seq: None,
        order: Some(order.to_string()),
        detail: "the order has no entries".to_owned(),
    }))
}

fn tell(told: Option<Told>, record: Record, seq: i64, at: WallTime) -> Result<Told, Refusal> {
    let standing = Standing::next(told.as_ref().map(|told| &told.standing), &record, seq, at)?;
    let Some(mut told) = told else {
        return match record {
            Record::Opened { sale, direction } => Ok(Told {
                sale,
                direction,
                outcome: None,
                cancels: 0,
                parked: None,
                void_refused: None,
                discrepancies: Vec::new(),
                refunds: Vec::new(),
                standing,
            }),
            Record::CancelIntent { .. }
            | Record::Parked { .. }
            | Record::Settled { .. }
            | Record::VoidIntent { .. }
            | Record::Voided { .. }
            | Record::VoidRefused { .. }
            | Record::Discrepancy { .. }
            | Record::RefundIntent { .. }
            | Record::RefundParked { .. }
            | Record::RefundSettled { .. }
            | Record::RefundDiscrepancy { .. } => Err(Refusal::UnknownOrder),
        };
    };
    told.standing = standing;
    match record {
        Record::Opened { .. } => return Err(Refusal::OrderExists),
        Record::CancelIntent { attempt, .. } => told.cancels = attempt,
        Record::Parked { doubt, .. } => told.parked = Some(doubt),
        Record::Settled { outcome, .. } => told.outcome = Some(outcome),
        Record::VoidIntent { attempt, .. } => {
            told.cancels = attempt;
            told.void_refused = None;
        }
        Record::Voided { .. } => {}
        Record::VoidRefused { why, .. } => told.void_refused = Some(why),
        Record::Discrepancy { found, .. } => told.discrepancies.push(Contradiction { at, found }),
        Record::RefundIntent { refund } => told.refunds.push(RefundTold {
            refund,
            outcome: None,
            parked: None,
            discrepancies: Vec::new(),
        }),
        Record::RefundParked { id, doubt, .. } => told.refund(&id)?.parked = Some(doubt),
        Record::RefundSettled { id, outcome, .. } => told.refund(&id)?.outcome = Some(outcome),
        Record::RefundDiscrepancy { id, found, .. } => told.refund(&id)?.discrepancies.push(found),
    }
    Ok(told)
}

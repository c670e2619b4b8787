//! Reading refunds: what is open, the list, those of one order.

use super::error::JournalError;
use super::read::{Readable, open_rows, text};
use super::refunds::{RefundStanding, RefundState};
use super::replay::{RefundTold, replay_in_any_way};
use super::stored::get_channel;
use super::verify::{FINDINGS_MAX, Fault, Finding};
use super::{Journal, WallTime};
use crate::id::{OrderId, RefundId};
use crate::money::Fen;
use crate::payment::record::{OpenRefund, RefundFound};
use crate::payment::{Channel, Doubt, Refund, RefundOutcome};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// One refund in `journal list`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundSummary {
    /// The entry of its intent: to go on with the list from here.
    pub seq: i64,
    /// The order.
    pub order: OrderId,
    /// Our number of the refund.
    pub id: RefundId,
    /// Where it stands; [`RefundState::outcome`] has the words of `contract.md`.
    pub state: RefundState,
    /// What is given back.
    pub amount: Fen,
    /// The channel of the payment.
    pub channel: Channel,
    /// The gateway's number of the order, if it said one.
    pub gateway_order: Option<String>,
    /// How many times the gateway contradicted the end (I6).
    pub discrepancies: u32,
    /// When it was intended.
    pub created_at: WallTime,
}

/// All that is known of one refund: enough to go on with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundEntry {
    /// The refund, as it was intended.
    pub refund: Refund,
    /// Where it stands.
    pub state: RefundState,
    /// When it was intended.
    pub created_at: WallTime,
    /// How it ended, if it has.
    pub outcome: Option<RefundOutcome>,
    /// What it was last parked with, if it was: a doubt, or nothing if the gateway had accepted it.
    pub parked: Option<Option<Doubt>>,
    /// What contradicts its end, oldest first (I6).
    pub discrepancies: Vec<RefundFound>,
}

impl RefundEntry {
    pub(super) fn new(told: RefundTold, standing: &RefundStanding) -> RefundEntry {
        RefundEntry {
            refund: told.refund,
            state: standing.state,
            created_at: standing.created_at,
            outcome: told.outcome,
            parked: told.parked,
            discrepancies: told.discrepancies,
        }
    }

    /// Enough to go on with it.
    pub fn as_open(&self) -> OpenRefund {
        OpenRefund { refund: self.refund.clone(), parked: self.parked.clone() }
    }
}

impl Journal {
    /// The refunds that have no end yet, oldest first, to be resolved (I7). One that cannot be read
    /// is among the damaged, and a person has to look at it.
    pub fn open_refunds(&self) -> Result<Readable<OpenRefund>, JournalError> {
        // A plus sign keeps SQLite from using an index (read.rs).
        const WAYS: [&str; 2] = [
            "SELECT order_id FROM refunds WHERE state IN ('open', 'refunding', 'parked') \
             ORDER BY intended_seq",
            "SELECT order_id FROM refunds WHERE +state IN ('open', 'refunding', 'parked') \
             ORDER BY +intended_seq",
        ];
        let sqlite = || JournalError::sqlite("read the open refunds of", &self.path);
        let mut open = Readable { items: Vec::new(), damaged: Vec::new() };
        let orders = open_rows(&self.conn, WAYS, self.is_whole_file(), &mut open.damaged);
        for order in orders.map_err(sqlite())? {
            let finding = |fault, detail: String| Finding {
                fault,
                seq: None,
                order: Some(order.to_string()),
                detail,
            };
            match replay_in_any_way(&self.conn, &order) {
                Ok(Ok(told)) => {
                    let mut refunds = told.refunds.into_iter().filter(|it| it.outcome.is_none());
                    // One at a time (I12).
                    match refunds.next() {
                        Some(told) => {
                            open.items.push(OpenRefund { refund: told.refund, parked: told.parked })
                        }
                        None => open.damaged.push(finding(
                            Fault::Projection,
                            "a refund stands as open, but its entries have an end".to_owned(),
                        )),
                    }
                }
                Ok(Err(found)) => open.damaged.push(found),
                Err(error) => open.damaged.push(finding(Fault::File, error.to_string())),
            }
        }
        Ok(open)
    }

    /// The order that the refund with this number belongs to, if there is such a refund.
    pub fn order_of_refund(&self, id: &RefundId) -> Result<Option<OrderId>, JournalError> {
        let sqlite = || JournalError::sqlite("read", &self.path);
        let found: Option<String> = self
            .conn
            .prepare_cached("SELECT order_id FROM refunds WHERE refund_no = ?")
            .and_then(|mut query| query.query_row([id.as_str()], |row| row.get(0)).optional())
            .map_err(sqlite())?;
        Ok(found.and_then(|order| OrderId::parse(&order).ok()))
    }

    /// The newest `limit` refunds, newest first; those before the one with [`RefundSummary::seq`]
    /// `before`, to go on with a list.
    pub fn list_refunds(
        &self,
        limit: u32,
        before: Option<i64>,
    ) -> Result<Readable<RefundSummary>, JournalError> {
        let sqlite = || JournalError::sqlite("list", &self.path);
        let mut list = Readable { items: Vec::new(), damaged: Vec::new() };
        let sql = format!(
            "SELECT {REFUND}, order_id, channel, gateway_order \
             FROM refunds AS r JOIN charges AS c USING (order_id) \
             WHERE intended_seq < ? ORDER BY intended_seq DESC LIMIT ?"
        );
        let mut query = self.conn.prepare_cached(&sql).map_err(sqlite())?;
        let rows = query
            .query_map(params![before.unwrap_or(i64::MAX), limit], |row| Ok(try_summary(row)))
            .map_err(sqlite())?;
        for row in rows {
            match row.map_err(sqlite())? {
                Ok(summary) => list.items.push(summary),
                Err(detail) if list.damaged.len() < FINDINGS_MAX => list.damaged.push(Finding {
                    fault: Fault::Projection,
                    seq: None,
                    order: None,
                    detail,
                }),
                Err(_) => {}
            }
        }
        Ok(list)
    }
}

const REFUND: &str = "refund_no, intended_seq, r.created_at_ms, r.amount_fen, r.state, \
                      gateway_refund, r.discrepancies";

/// The refunds of an order, oldest first, or why one of them cannot be read.
pub(super) fn refunds_of(
    conn: &Connection,
    order: &OrderId,
) -> rusqlite::Result<Result<Vec<RefundStanding>, String>> {
    let sql = format!("SELECT {REFUND} FROM refunds AS r WHERE order_id = ? ORDER BY intended_seq");
    let mut query = conn.prepare_cached(&sql)?;
    let rows = query.query_map([order.as_str()], |row| Ok(try_refund(row)))?;
    rows.collect()
}

fn try_refund(row: &Row) -> Result<RefundStanding, String> {
    let broken = |error: rusqlite::Error| error.to_string();
    let state = text(row, 4)?;
    Ok(RefundStanding {
        id: RefundId::parse(&text(row, 0)?).map_err(|error| error.to_string())?,
        intended_seq: row.get(1).map_err(broken)?,
        created_at: WallTime(row.get(2).map_err(broken)?),
        amount: Fen::new(row.get(3).map_err(broken)?),
        state: RefundState::parse(&state).ok_or_else(|| format!("unknown state {state:?}"))?,
        gateway_refund: row.get(5).map_err(broken)?,
        discrepancies: row.get(6).map_err(broken)?,
    })
}

fn try_summary(row: &Row) -> Result<RefundSummary, String> {
    let refund = try_refund(row)?;
    Ok(RefundSummary {
        seq: refund.intended_seq,
        order: OrderId::parse(&text(row, 7)?).map_err(|error| error.to_string())?,
        id: refund.id,
        state: refund.state,
        amount: refund.amount,
        channel: get_channel(&text(row, 8)?)?,
        gateway_order: row.get(9).map_err(|error| error.to_string())?,
        discrepancies: refund.discrepancies,
        created_at: refund.created_at,
    })
}

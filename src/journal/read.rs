//! Reading: what is open, one order, the list, a history.
//!
//! One row that cannot be read hides no other (I11): it is named among the damaged.

use super::error::{JournalError, Refusal};
use super::refund_read::{RefundEntry, refunds_of};
use super::replay::replay_in_any_way;
use super::standing::{Standing, State};
use super::stored::{self, Content, get_channel};
use super::verify::{FINDINGS_MAX, Fault, Finding};
use super::{Journal, WallTime};
use crate::id::OrderId;
use crate::money::Fen;
use crate::payment::record::{Direction, Found, OpenCharge};
use crate::payment::{Channel, Decline, Doubt, Outcome, Payment, Sale, Why};
use rusqlite::{Connection, Row, params};

/// The most entries of one order that are read for people (I15).
const HISTORY_MAX: i64 = 10_000;

/// What could be read, and what could not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readable<T> {
    /// What could be read.
    pub items: Vec<T>,
    /// What could not, by name.
    pub damaged: Vec<Finding>,
}

/// One line of `journal list`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The entry that opened the order: to go on with the list from here.
    pub seq: i64,
    /// The order.
    pub order: OrderId,
    /// Where it stands; [`State::outcome`] has the words of `contract.md`.
    pub state: State,
    /// What is charged.
    pub amount: Fen,
    /// What has certainly been given back.
    pub refunded: Fen,
    /// What is on its way back: intended, and not ended (I12).
    pub refunding: Fen,
    /// The channel of the payment, or else the one that was expected.
    pub channel: Channel,
    /// The gateway's number of the order, if it said one.
    pub gateway_order: Option<String>,
    /// How many times the gateway contradicted the end (I6).
    pub discrepancies: u32,
    /// When it was opened.
    pub created_at: WallTime,
}

/// All that is known of one order: enough to go on with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The line of the list.
    pub summary: Summary,
    /// The sale.
    pub sale: Sale,
    /// How the customer was to pay.
    pub direction: Direction,
    /// How it ended, if it has.
    pub outcome: Option<Outcome>,
    /// How many cancels were intended.
    pub cancels: u32,
    /// The doubt it was last parked with, if it was.
    pub parked: Option<Doubt>,
    /// Why the last void was refused, if it was, and none was tried since.
    pub void_refused: Option<Decline>,
    /// What contradicts its end, oldest first (I6).
    pub discrepancies: Vec<Contradiction>,
    /// How much can be given back now, or why nothing can (I12).
    pub refundable: Result<Fen, Refusal>,
    /// What was given back or tried to, oldest first.
    pub refunds: Vec<RefundEntry>,
}

/// A contradiction of an order's end (I6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// When it was noticed.
    pub at: WallTime,
    /// What the gateway said.
    pub found: Found,
}

/// One entry about an order, for `journal show`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Its number.
    pub seq: i64,
    /// When it was written.
    pub at: WallTime,
    /// Its kind, as stored: one of [`super::EntryKind::name`].
    pub kind: String,
    /// What it says, or why that cannot be read.
    pub content: Result<Content, String>,
}

impl Entry {
    /// Enough to go on with it.
    pub fn as_open(&self) -> OpenCharge {
        let going_on = self.summary.state == State::Voiding;
        OpenCharge {
            sale: self.sale.clone(),
            direction: self.direction.clone(),
            cancels: self.cancels,
            parked: self.parked.clone(),
            paid: self.payment().filter(|_| going_on).cloned(),
        }
    }

    /// The end that the gateway may contradict (I6), if there is one now: of a payment that was
    /// returned that it is gone, and of one that is being returned none.
    pub fn end(&self) -> Option<Outcome> {
        match self.summary.state {
            State::Voiding => None,
            State::Voided => Some(Outcome::Reversed(Decline::ours(Why::CancelledByCashier))),
            State::Open | State::Parked | State::Paid | State::NotCharged | State::Reversed => {
                self.outcome.clone()
            }
        }
    }

    /// The payment, if the order was settled as paid.
    pub fn payment(&self) -> Option<&Payment> {
        payment(&self.outcome)
    }
}

/// The payment of an order that was settled as paid.
fn payment(outcome: &Option<Outcome>) -> Option<&Payment> {
    match outcome {
        Some(Outcome::Paid(payment)) => Some(payment),
        Some(Outcome::NotCharged(_) | Outcome::Reversed(_) | Outcome::Unresolved(_)) | None => None,
    }
}

impl Journal {
    /// The charges and voids that have no end yet, oldest first, to be resolved (I7). One that
    /// cannot be read is among the damaged, and a person has to look at it.
    pub fn open_charges(&self) -> Result<Readable<OpenCharge>, JournalError> {
        let sqlite = || JournalError::sqlite("read the open charges of", &self.path);
        let mut open = Readable { items: Vec::new(), damaged: Vec::new() };
        // A plus sign keeps SQLite from using an index; NOT INDEXED does not for this kind of
        // table.
        const WAYS: [&str; 2] = [
            "SELECT order_id FROM charges WHERE state IN ('open', 'parked', 'voiding') \
             ORDER BY opened_seq",
            "SELECT order_id FROM charges WHERE +state IN ('open', 'parked', 'voiding') \
             ORDER BY +opened_seq",
        ];
        let orders = open_rows(&self.conn, WAYS, self.is_whole_file(), &mut open.damaged);
        for order in orders.map_err(sqlite())? {
            match replay_in_any_way(&self.conn, &order) {
                Ok(Ok(told)) if !told.standing.state.is_final() => open.items.push(OpenCharge {
                    paid: payment(&told.outcome).cloned(),
                    sale: told.sale,
                    direction: told.direction,
                    cancels: told.cancels,
                    parked: told.parked,
                }),
                Ok(Ok(_)) => open.damaged.push(Finding {
                    fault: Fault::Projection,
                    seq: None,
                    order: Some(order.to_string()),
                    detail: "it stands as open, but its entries have an end".to_owned(),
                }),
                Ok(Err(finding)) => open.damaged.push(finding),
                Err(error) => open.damaged.push(Finding {
                    fault: Fault::File,
                    seq: None,
                    order: Some(order.to_string()),
                    detail: error.to_string(),
                }),
            }
        }
        Ok(open)
    }

    /// Whether nothing is known against the file, so that its indexes can be trusted.
    pub(super) fn is_whole_file(&self) -> bool {
        self.damage.iter().all(|finding| finding.fault != Fault::File)
    }

    /// One order, if there is such an order.
    pub fn find(&self, order: &OrderId) -> Result<Option<Entry>, JournalError> {
        let sqlite = || JournalError::sqlite("read", &self.path);
        let unreadable = |finding| JournalError::Unreadable { order: order.clone(), finding };
        // One view of the file for both queries, while a writer goes on.
        let view = self.conn.unchecked_transaction().map_err(sqlite())?;
        let Some(standing) = standing_of(&view, order).map_err(sqlite())? else {
            return Ok(None);
        };
        let standing = standing.map_err(unreadable)?;
        let told = replay_in_any_way(&view, order).map_err(sqlite())?.map_err(unreadable)?;
        let refunds = told.refunds.into_iter().zip(&standing.refunds);
        let refunds = refunds.map(|(told, standing)| RefundEntry::new(told, standing)).collect();
        let refunding = standing.refunding();
        Ok(Some(Entry {
            refundable: standing.refundable(),
            refunds,
            summary: summary(standing, refunding),
            sale: told.sale,
            direction: told.direction,
            outcome: told.outcome,
            cancels: told.cancels,
            parked: told.parked,
            void_refused: told.void_refused,
            discrepancies: told.discrepancies,
        }))
    }

    /// The newest `limit` orders, newest first; those before the one with [`Summary::seq`]
    /// `before`, to go on with a list.
    pub fn list(&self, limit: u32, before: Option<i64>) -> Result<Readable<Summary>, JournalError> {
        let sqlite = || JournalError::sqlite("list", &self.path);
        let mut list = Readable { items: Vec::new(), damaged: Vec::new() };
        let sql = format!(
            "SELECT {STANDING} FROM charges WHERE opened_seq < ? ORDER BY opened_seq DESC LIMIT ?"
        );
        let mut query = self.conn.prepare_cached(&sql).map_err(sqlite())?;
        let rows = query
            .query_map(params![before.unwrap_or(i64::MAX), limit], |row| {
                Ok(read_standing(row).and_then(|it| Ok(summary(it, refunding(row)?))))
            })
            .map_err(sqlite())?;
        for row in rows {
            match row.map_err(sqlite())? {
                Ok(summary) => list.items.push(summary),
                Err(finding) if list.damaged.len() < FINDINGS_MAX => list.damaged.push(finding),
                Err(_) => {}
            }
        }
        Ok(list)
    }

    /// All entries about an order, oldest first; empty if there is no such order.
    pub fn history(&self, order: &OrderId) -> Result<Vec<HistoryEntry>, JournalError> {
        let sqlite = || JournalError::sqlite("read the history in", &self.path);
        let sql = "SELECT seq, at_ms, kind, body FROM entries WHERE order_id = ? \
                   ORDER BY seq LIMIT ?";
        let mut query = self.conn.prepare_cached(sql).map_err(sqlite())?;
        let rows = query
            .query_map(params![order.as_str(), HISTORY_MAX], |row| {
                let (kind, body) = (text(row, 2), text(row, 3));
                let content = match (&kind, body) {
                    (Ok(kind), Ok(body)) => stored::decode(order, kind, &body),
                    (Err(why), _) => Err(why.clone()),
                    (_, Err(why)) => Err(why),
                };
                Ok(HistoryEntry {
                    seq: row.get(0)?,
                    at: WallTime(row.get(1).unwrap_or_default()),
                    kind: kind.unwrap_or_default(),
                    content,
                })
            })
            .map_err(sqlite())?;
        rows.collect::<rusqlite::Result<_>>().map_err(sqlite())
    }
}

/// The orders of what stands as open, oldest first; where the index is malformed, or the file is
/// not whole and the index may lack rows, in the second way, without it (I11).
pub(super) fn open_rows(
    conn: &Connection,
    ways: [&'static str; 2],
    whole_file: bool,
    damaged: &mut Vec<Finding>,
) -> rusqlite::Result<Vec<OrderId>> {
    let mut orders = Vec::new();
    for sql in ways.into_iter().skip(usize::from(!whole_file)) {
        orders.clear();
        let error = match read_open_orders(conn, sql, &mut orders, damaged) {
            Err(error) if is_corrupt(&error) => error,
            result => return result.map(|()| orders),
        };
        let detail = error.to_string();
        damaged.push(Finding { fault: Fault::File, seq: None, order: None, detail });
    }
    // The table itself is malformed: what was read before that place counts.
    Ok(orders)
}

fn read_open_orders(
    conn: &Connection,
    sql: &str,
    orders: &mut Vec<OrderId>,
    damaged: &mut Vec<Finding>,
) -> rusqlite::Result<()> {
    let mut query = conn.prepare_cached(sql)?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let (order, detail) = match text(row, 0) {
            Ok(text) => match OrderId::parse(&text) {
                Ok(order) => {
                    orders.push(order);
                    continue;
                }
                Err(error) => (Some(text), error.to_string()),
            },
            Err(why) => (None, why),
        };
        damaged.push(Finding { fault: Fault::Projection, seq: None, order, detail });
    }
    Ok(())
}

/// Whether SQLite finds its file malformed, as opposed to busy or out of reach.
pub(super) fn is_corrupt(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseCorrupt)
}

/// A column of text, or why it is none.
pub(super) fn text(row: &Row, column: usize) -> Result<String, String> {
    row.get(column).map_err(|error| error.to_string())
}

fn summary(standing: Standing, refunding: Fen) -> Summary {
    Summary {
        seq: standing.opened_seq,
        refunding,
        order: standing.order,
        state: standing.state,
        amount: standing.amount,
        refunded: standing.refunded,
        channel: standing.channel,
        gateway_order: standing.gateway_order,
        discrepancies: standing.discrepancies,
        created_at: standing.created_at,
    }
}

const STANDING: &str = "order_id, opened_seq, last_seq, created_at_ms, amount_fen, state, \
                        channel, gateway_order, refunded_fen, cancels, discrepancies, notes, \
                        found_paid, refunding_fen";

/// The row of an order, if there is one, and if it can be read.
pub(super) fn standing_of(
    conn: &Connection,
    order: &OrderId,
) -> rusqlite::Result<Option<Result<Standing, Finding>>> {
    let sql = format!("SELECT {STANDING} FROM charges WHERE order_id = ?");
    let mut query = conn.prepare_cached(&sql)?;
    let mut rows = query.query([order.as_str()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let (standing, refunding) = match (read_standing(row), refunding(row)) {
        (Ok(standing), Ok(refunding)) => (standing, refunding),
        (Err(finding), _) | (_, Err(finding)) => return Ok(Some(Err(finding))),
    };
    let projection = |detail| Finding {
        fault: Fault::Projection,
        seq: None,
        order: Some(order.to_string()),
        detail,
    };
    let standing = match refunds_of(conn, order)? {
        Ok(refunds) => Standing { refunds, ..standing },
        Err(detail) => return Ok(Some(Err(projection(detail)))),
    };
    if standing.refunding() != refunding {
        let detail = "what is on its way back is not the sum of its refunds".to_owned();
        return Ok(Some(Err(projection(detail))));
    }
    Ok(Some(Ok(standing)))
}

fn refunding(row: &Row) -> Result<Fen, Finding> {
    row.get(13).map(Fen::new).map_err(|error| Finding {
        fault: Fault::Projection,
        seq: None,
        order: text(row, 0).ok(),
        detail: error.to_string(),
    })
}

/// A row, without the order's refunds.
fn read_standing(row: &Row) -> Result<Standing, Finding> {
    try_standing(row).map_err(|detail| Finding {
        fault: Fault::Projection,
        seq: None,
        order: text(row, 0).ok(),
        detail,
    })
}

fn try_standing(row: &Row) -> Result<Standing, String> {
    let broken = |error: rusqlite::Error| error.to_string();
    let state = text(row, 5)?;
    Ok(Standing {
        order: OrderId::parse(&text(row, 0)?).map_err(|error| error.to_string())?,
        opened_seq: row.get(1).map_err(broken)?,
        last_seq: row.get(2).map_err(broken)?,
        created_at: WallTime(row.get(3).map_err(broken)?),
        amount: Fen::new(row.get(4).map_err(broken)?),
        state: State::parse(&state).ok_or_else(|| format!("unknown state {state:?}"))?,
        channel: get_channel(&text(row, 6)?)?,
        gateway_order: row.get(7).map_err(broken)?,
        refunded: Fen::new(row.get(8).map_err(broken)?),
        cancels: row.get(9).map_err(broken)?,
        discrepancies: row.get(10).map_err(broken)?,
        notes: row.get(11).map_err(broken)?,
        found_paid: row.get(12).map_err(broken)?,
        refunds: Vec::new(),
    })
}

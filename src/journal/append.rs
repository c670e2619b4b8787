//! Writing: one entry, one transaction, one sync.
//!
//! A refusal changes nothing. A failed write poisons the journal: the sync that failed may have
//! dropped what it was to write, and one that succeeds later says nothing about it (I10). From then
//! on not even the log is moved into the main file; the next process finds out what is on disk.

use super::chain::{Hash, Link};
use super::error::{JournalError, Refusal};
use super::read::standing_of;
use super::refunds::RefundStanding;
use super::schema;
use super::standing::Standing;
use super::stored::{self, EntryKind, put_channel};
use super::verify::{FINDINGS_MAX, Fault, Finding};
use super::{Journal, WallTime};
use crate::id::OrderId;
use crate::payment::{Record, Refund};
use rusqlite::{Connection, ErrorCode, OptionalExtension, TransactionBehavior, params};

/// How many notes of one order are kept (I15).
pub(super) const NOTES_MAX: u32 = 200;

/// How many entries the log takes before it is moved into the main file: a few MB.
const CHECKPOINT_EVERY: u32 = 256;

/// How many entries later it is tried again, if a reader was in the way.
const CHECKPOINT_AGAIN: u32 = 32;

impl Journal {
    /// Makes a record durable: returns only after it is synced (I1, I9). A record that cannot be
    /// true of its order is refused ([`JournalError::Refused`]) and changes nothing. After a failed
    /// write every later call fails with [`JournalError::Poisoned`] (I10). In a damaged journal no
    /// new order is opened and no refund intended ([`JournalError::Damaged`]), the others go on
    /// (I11).
    pub fn append(&mut self, record: &Record, at: WallTime) -> Result<(), JournalError> {
        self.writable()?;
        let order = record.order().clone();
        let begins = matches!(record, Record::Opened { .. } | Record::RefundIntent { .. });
        if let (true, Some(finding)) = (begins, self.damage.first()) {
            return Err(JournalError::Damaged {
                path: self.path.clone(),
                finding: finding.clone(),
            });
        }
        let (kind, body) = stored::encode(record)
            .map_err(|refusal| JournalError::Refused { order: order.clone(), refusal })?;
        if let Record::RefundIntent { refund } = record {
            self.refund_number_is_free(refund)?;
        }
        self.write(&order, kind, &body, at, |before, seq| Standing::next(before, record, seq, at))
    }

    /// Keeps the raw text of an answer, for people; durable as well, cut to a bound, and refused
    /// with [`Refusal::TooManyNotes`] when the order has its fill. The text must not hold a
    /// customer's code or a key: the caller masks it (I17).
    pub fn note(
        &mut self,
        order: &OrderId,
        operation: &str,
        text: &str,
        at: WallTime,
    ) -> Result<(), JournalError> {
        self.writable()?;
        let body = stored::encode_note(operation, text);
        self.write(order, EntryKind::Note, &body, at, |before, seq| {
            before.ok_or(Refusal::UnknownOrder)?.noted(seq, NOTES_MAX)
        })
    }

    /// I2: one number is one refund, of one order.
    fn refund_number_is_free(&self, refund: &Refund) -> Result<(), JournalError> {
        match self.order_of_refund(&refund.id)? {
            Some(order) if order != refund.sale.order => Err(JournalError::Refused {
                order: refund.sale.order.clone(),
                refusal: Refusal::RefundNumberTaken,
            }),
            Some(_) | None => Ok(()),
        }
    }

    fn writable(&self) -> Result<(), JournalError> {
        let path = || self.path.clone();
        if self.writer.is_none() {
            return Err(JournalError::OpenedForReading { path: path() });
        }
        match &self.poison {
            Some(cause) => Err(JournalError::Poisoned { path: path(), cause: cause.clone() }),
            None => Ok(()),
        }
    }

    fn write(
        &mut self,
        order: &OrderId,
        kind: EntryKind,
        body: &str,
        at: WallTime,
        next: impl FnOnce(Option<&Standing>, i64) -> Result<Standing, Refusal>,
    ) -> Result<(), JournalError> {
        match transact(&mut self.conn, order, kind, body, at, next) {
            Ok(()) => {
                self.checkpoint_when_due();
                Ok(())
            }
            Err(Failure::Refused(refusal)) => {
                Err(JournalError::Refused { order: order.clone(), refusal })
            }
            Err(Failure::Unreadable(finding)) => {
                self.add_damage(finding.clone());
                Err(JournalError::Unreadable { order: order.clone(), finding })
            }
            Err(Failure::Sqlite(error)) => Err(self.failed(order, error)),
        }
    }

    fn failed(&mut self, order: &OrderId, error: rusqlite::Error) -> JournalError {
        let code = error.sqlite_error_code();
        let error = JournalError::sqlite("write to", &self.path)(error);
        match code {
            // Nothing was written, and another program is the reason.
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {}
            // The file, not the disk: undone as a whole, and other orders may be sound (I11).
            Some(
                ErrorCode::DatabaseCorrupt
                | ErrorCode::ConstraintViolation
                | ErrorCode::TypeMismatch,
            ) => self.add_damage(Finding {
                fault: Fault::File,
                seq: None,
                order: Some(order.to_string()),
                detail: error.to_string(),
            }),
            _ => self.poison(error.to_string()),
        }
        error
    }

    fn add_damage(&mut self, finding: Finding) {
        if self.damage.len() < FINDINGS_MAX && !self.damage.contains(&finding) {
            self.damage.push(finding);
        }
    }

    pub(super) fn poison(&mut self, cause: String) {
        // Cannot fail on an open connection; were it to, the log would be moved when it ends.
        let _ = schema::leave_log(&self.conn);
        self.poison.get_or_insert(cause);
    }

    /// Bounds the log. The entry that was just written is durable in any case; a failure here is
    /// one for the entries to come.
    pub(super) fn checkpoint_when_due(&mut self) {
        self.since_checkpoint += 1;
        if self.since_checkpoint < CHECKPOINT_EVERY {
            return;
        }
        match schema::checkpoint(&self.conn, "PASSIVE") {
            Ok(true) => self.since_checkpoint = 0,
            Ok(false) => self.since_checkpoint = CHECKPOINT_EVERY - CHECKPOINT_AGAIN,
            Err(error) => {
                let error = JournalError::sqlite("move the log into", &self.path)(error);
                self.poison(error.to_string());
            }
        }
    }
}

enum Failure {
    Refused(Refusal),
    Unreadable(Finding),
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Failure {
        Failure::Sqlite(error)
    }
}

fn transact(
    conn: &mut Connection,
    order: &OrderId,
    kind: EntryKind,
    body: &str,
    at: WallTime,
    next: impl FnOnce(Option<&Standing>, i64) -> Result<Standing, Refusal>,
) -> Result<(), Failure> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let (last, previous) = head(&tx)?;
    let before = standing_of(&tx, order)?.transpose().map_err(Failure::Unreadable)?;
    let seq = last.saturating_add(1);
    let after = next(before.as_ref(), seq).map_err(Failure::Refused)?;
    let (order, kind, at_ms) = (order.as_str(), kind.name(), at.unix_ms());
    let hash = Link { seq, order, kind, body, at_ms }.hash(&previous);
    tx.prepare_cached(
        "INSERT INTO entries (seq, order_id, kind, body, at_ms, hash) VALUES (?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![seq, order, kind, body, at_ms, hash])?;
    if tx
        .prepare_cached("UPDATE head SET seq = ?, hash = ? WHERE one = 1")?
        .execute(params![seq, hash])?
        != 1
    {
        return Err(Failure::Unreadable(no_head()));
    }
    put(&tx, &after)?;
    Ok(tx.commit()?)
}

fn head(conn: &Connection) -> Result<(i64, Hash), Failure> {
    conn.prepare_cached("SELECT seq, hash FROM head")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?
        .ok_or_else(|| Failure::Unreadable(no_head()))
}

fn no_head() -> Finding {
    let detail = "the head row is missing".to_owned();
    Finding { fault: Fault::Head, seq: None, order: None, detail }
}

fn put(conn: &Connection, standing: &Standing) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "INSERT INTO charges (order_id, opened_seq, last_seq, created_at_ms, amount_fen, state, \
             channel, gateway_order, refunded_fen, refunding_fen, cancels, discrepancies, \
             found_paid, notes) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
         ON CONFLICT (order_id) DO UPDATE SET last_seq = excluded.last_seq, \
             state = excluded.state, channel = excluded.channel, \
             gateway_order = excluded.gateway_order, refunded_fen = excluded.refunded_fen, \
             refunding_fen = excluded.refunding_fen, \
             cancels = excluded.cancels, discrepancies = excluded.discrepancies, \
             found_paid = excluded.found_paid, notes = excluded.notes",
    )?
    .execute(params![
        standing.order.as_str(),
        standing.opened_seq,
        standing.last_seq,
        standing.created_at.unix_ms(),
        standing.amount.get(),
        standing.state.name(),
        put_channel(&standing.channel),
        standing.gateway_order,
        standing.refunded.get(),
        standing.refunding().get(),
        standing.cancels,
        standing.discrepancies,
        standing.found_paid,
        standing.notes,
    ])?;
    standing.refunds.iter().try_for_each(|refund| put_refund(conn, &standing.order, refund))
}

fn put_refund(conn: &Connection, order: &OrderId, refund: &RefundStanding) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "INSERT INTO refunds (refund_no, order_id, intended_seq, created_at_ms, amount_fen, state, \
             gateway_refund, discrepancies) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?) \
         ON CONFLICT (refund_no) DO UPDATE SET state = excluded.state, \
             gateway_refund = excluded.gateway_refund, discrepancies = excluded.discrepancies",
    )?
    .execute(params![
        refund.id.as_str(),
        order.as_str(),
        refund.intended_seq,
        refund.created_at.unix_ms(),
        refund.amount.get(),
        refund.state.name(),
        refund.gateway_refund,
        refund.discrepancies,
    ])?;
    Ok(())
}

//! Looking for damage: the file, the chain, the histories, and whether the table of charges says
//! what the entries say (I11).
//!
//! The whole is read in one view, so that a writer may go on meanwhile; memory is bounded by one
//! order's row and a fixed number of findings (I15).

use super::chain::{GENESIS, Hash, Link};
use super::error::JournalError;
use super::read::{is_corrupt, standing_of, text};
use super::standing::Standing;
use super::stored::{self, Content};
use super::{Journal, WallTime};
use crate::id::OrderId;
use rusqlite::{Connection, OptionalExtension, Row};
use std::fmt;

/// The most findings that are reported; where there are so many, the file is past mending.
pub(super) const FINDINGS_MAX: usize = 1000;

/// Up to this size the file and its indexes are checked whole at every start: a second or so of a
/// slow card.
const WHOLE_CHECK_BYTES_MAX: u64 = 32 << 20;

/// Up to this size the file is checked at every start, without comparing the indexes.
const QUICK_CHECK_BYTES_MAX: u64 = 128 << 20;

/// How many of the last entries are checked at every start.
const TAIL_ENTRIES: i64 = 1024;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is wrong with.
    pub fault: Fault,
    /// The entry, if it is about one.
    pub seq: Option<i64>,
    /// The order, if it is about one; as stored, which may be no order id.
    pub order: Option<String>,
    /// In words.
    pub detail: String,
}

/// What can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// SQLite finds its file malformed.
    File,
    /// The write-ahead log lost acknowledged entries.
    Log,
    /// The hash chain is broken: an entry was edited, removed, inserted or moved.
    Chain,
    /// The head is not the last entry: the tail was cut off, or entries were put behind it.
    Head,
    /// What an entry says cannot be read.
    Body,
    /// The entries of an order cannot have happened so.
    History,
    /// The table of charges says something else than the entries.
    Projection,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.fault {
            Fault::File => "file",
            Fault::Log => "log",
            Fault::Chain => "chain",
            Fault::Head => "head",
            Fault::Body => "entry",
            Fault::History => "history",
            Fault::Projection => "charge",
        })?;
        if let Some(seq) = self.seq {
            write!(f, ", entry {seq}")?;
        }
        if let Some(order) = &self.order {
            write!(f, ", order {}", order.escape_debug())?;
        }
        write!(f, ": {}", self.detail)
    }
}

/// Findings, up to a bound.
#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, fault: Fault, seq: Option<i64>, order: Option<&str>, detail: String) {
        if self.0.len() < FINDINGS_MAX {
            self.0.push(Finding { fault, seq, order: order.map(str::to_owned), detail });
        }
    }

    /// A malformed page ends one pass and is a finding; the other passes go on.
    fn pass(&mut self, result: rusqlite::Result<()>) -> rusqlite::Result<()> {
        match result {
            Err(error) if is_corrupt(&error) => {
                self.add(Fault::File, None, None, error.to_string());
                Ok(())
            }
            other => other,
        }
    }
}

impl Journal {
    /// Checks everything; empty means sound. Takes time in proportion to the journal.
    pub fn verify(&self) -> Result<Vec<Finding>, JournalError> {
        let sqlite = || JournalError::sqlite("verify", &self.path);
        let view = self.conn.unchecked_transaction().map_err(sqlite())?;
        let mut findings = Findings(super::log::finding(&self.path).into_iter().collect());
        let result = file(&view, "integrity_check", &mut findings);
        findings.pass(result).map_err(sqlite())?;
        let result = chain(&view, 1, &mut findings);
        findings.pass(result).map_err(sqlite())?;
        let result = histories(&view, &mut findings);
        findings.pass(result).map_err(sqlite())?;
        let result = strays(&view, &mut findings);
        findings.pass(result).map_err(sqlite())?;
        Ok(findings.0)
    }

    /// What a start has time for: the file unless it is large, the end of the chain, the open
    /// charges. Whatever keeps it from looking is a finding too.
    pub(super) fn check_at_start(&self) -> Vec<Finding> {
        let mut findings = Findings(super::log::finding(&self.path).into_iter().collect());
        let size = std::fs::metadata(&self.path).map(|file| file.len()).unwrap_or(0);
        let look = |findings: &mut Findings| {
            if size <= WHOLE_CHECK_BYTES_MAX {
                file(&self.conn, "integrity_check", findings)?;
            } else if size <= QUICK_CHECK_BYTES_MAX {
                file(&self.conn, "quick_check", findings)?;
            }
            let last: Option<i64> =
                self.conn.query_row("SELECT max(seq) FROM entries", [], |row| row.get(0))?;
            let from = last.unwrap_or(0).saturating_sub(TAIL_ENTRIES).max(1);
            chain(&self.conn, from, findings)
        };
        if let Err(error) = look(&mut findings) {
            findings.add(Fault::File, None, None, error.to_string());
        }
        match self.open_charges() {
            Ok(open) => findings.0.extend(open.damaged),
            Err(error) => findings.add(Fault::File, None, None, error.to_string()),
        }
        match self.open_refunds() {
            Ok(open) => findings.0.extend(open.damaged),
            Err(error) => findings.add(Fault::File, None, None, error.to_string()),
        }
        findings.0.truncate(FINDINGS_MAX);
        findings.0
    }
}

/// SQLite's own check.
fn file(conn: &Connection, pragma: &str, findings: &mut Findings) -> rusqlite::Result<()> {
    let mut query = conn.prepare(&format!("PRAGMA {pragma}(100)"))?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let said = text(row, 0).unwrap_or_else(|why| why);
        if said != "ok" {
            findings.add(Fault::File, None, None, said);
        }
    }
    Ok(())
}

/// The chain from entry `from` on, and the head. Each broken link is reported once: the next is
/// measured from what is stored.
fn chain(conn: &Connection, from: i64, findings: &mut Findings) -> rusqlite::Result<()> {
    let mut previous: Option<Hash> = match from {
        ..=1 => Some(GENESIS),
        _ => conn
            .query_row("SELECT hash FROM entries WHERE seq = ?", [from - 1], |row| row.get(0))
            .optional()?,
    };
    let mut last = from - 1;
    let mut query = conn.prepare(
        "SELECT seq, order_id, kind, body, at_ms, hash FROM entries WHERE seq >= ? ORDER BY seq",
    )?;
    let mut rows = query.query([from])?;
    while let Some(row) = rows.next()? {
        let seq: i64 = row.get(0)?;
        if seq != last + 1 {
            let detail = format!("it follows entry {last}: what was between is gone");
            findings.add(Fault::Chain, Some(seq), None, detail);
        }
        last = seq;
        let (stored, computed) = match link(row, seq, previous) {
            Ok(hashes) => hashes,
            Err(why) => {
                findings.add(Fault::Chain, Some(seq), text(row, 1).ok().as_deref(), why);
                previous = row.get(5).ok();
                continue;
            }
        };
        if computed.is_some_and(|computed| computed != stored) {
            let detail = "it is not what was written, or not where it was written".to_owned();
            findings.add(Fault::Chain, Some(seq), text(row, 1).ok().as_deref(), detail);
        }
        previous = Some(stored);
    }
    let head: Option<(i64, Vec<u8>)> = conn
        .query_row("SELECT seq, hash FROM head", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match head {
        None => findings.add(Fault::Head, None, None, "the head row is missing".to_owned()),
        Some((seq, _)) if seq > last => {
            let detail = format!("the entries end at {last}, {seq} were written: a tail is gone");
            findings.add(Fault::Head, Some(seq), None, detail);
        }
        Some((seq, _)) if seq < last => {
            let detail = format!("entries were put behind it, up to {last}");
            findings.add(Fault::Head, Some(seq), None, detail);
        }
        Some((seq, hash)) if previous.is_some_and(|last| hash != last) => {
            let detail = "the last entry is another than the one written last".to_owned();
            findings.add(Fault::Head, Some(seq), None, detail);
        }
        Some(_) => {}
    }
    Ok(())
}

/// The hash that an entry has, and the one that it should have if the one before it is known.
fn link(row: &Row, seq: i64, previous: Option<Hash>) -> Result<(Hash, Option<Hash>), String> {
    let (order, kind, body) = (text(row, 1)?, text(row, 2)?, text(row, 3)?);
    let at_ms: i64 = row.get(4).map_err(|error| error.to_string())?;
    let stored: Hash = row.get(5).map_err(|error| error.to_string())?;
    let link = Link { seq, order: &order, kind: &kind, body: &body, at_ms };
    Ok((stored, previous.map(|previous| link.hash(&previous))))
}

/// Replays every order's entries, by the rules they were written by.
fn histories(conn: &Connection, findings: &mut Findings) -> rusqlite::Result<()> {
    let mut query = conn
        .prepare("SELECT order_id, seq, kind, body, at_ms FROM entries ORDER BY order_id, seq")?;
    let mut rows = query.query([])?;
    let mut current: Option<Replayed> = None;
    while let Some(row) = rows.next()? {
        let (order, seq) = (text(row, 0).unwrap_or_default(), row.get(1)?);
        if current.as_ref().is_none_or(|current| current.text != order) {
            if let Some(done) = current.take() {
                done.compare(conn, findings)?;
            }
            match OrderId::parse(&order) {
                Ok(id) => {
                    current = Some(Replayed { text: order, id, standing: None, broken: false });
                }
                Err(error) => {
                    findings.add(Fault::History, Some(seq), Some(&order), error.to_string());
                    continue;
                }
            }
        }
        if let Some(current) = &mut current {
            current.replay(row, seq, findings);
        }
    }
    match current {
        Some(done) => done.compare(conn, findings),
        None => Ok(()),
    }
}

/// One order while its entries are replayed.
struct Replayed {
    text: String,
    id: OrderId,
    standing: Option<Standing>,
    /// Something was wrong already, so that what follows from it is not reported as well.
    broken: bool,
}

impl Replayed {
    fn replay(&mut self, row: &Row, seq: i64, findings: &mut Findings) {
        let kind = text(row, 2).unwrap_or_default();
        let content = text(row, 3).and_then(|body| stored::decode(&self.id, &kind, &body));
        let at = WallTime(row.get(4).unwrap_or_default());
        if let Err(why) = &content {
            findings.add(Fault::Body, Some(seq), Some(&self.text), why.clone());
        }
        let next = match content {
            Ok(Content::Record(record)) => Standing::next(self.standing.as_ref(), &record, seq, at),
            // A note counts whether it can be read or not.
            Ok(Content::Note { .. }) => self.noted(seq),
            Err(_) if kind == stored::EntryKind::Note.name() => self.noted(seq),
            Err(_) => {
                self.broken = true;
                return;
            }
        };
        match next {
            Ok(standing) => self.standing = Some(standing),
            Err(refusal) if !self.broken => {
                self.broken = true;
                findings.add(Fault::History, Some(seq), Some(&self.text), refusal.to_string());
            }
            Err(_) => {}
        }
    }

    fn noted(&self, seq: i64) -> Result<Standing, super::Refusal> {
        let standing = self.standing.as_ref().ok_or(super::Refusal::UnknownOrder)?;
        standing.noted(seq, u32::MAX)
    }

    fn compare(self, conn: &Connection, findings: &mut Findings) -> rusqlite::Result<()> {
        let Some(told) = self.standing.filter(|_| !self.broken) else { return Ok(()) };
        let detail = match standing_of(conn, &self.id)? {
            Some(Ok(kept)) if kept == told => return Ok(()),
            Some(Ok(kept)) => format!(
                "it stands as {} of {:?}, its entries say {} of {:?}",
                kept.state.name(),
                kept.amount,
                told.state.name(),
                told.amount
            ),
            Some(Err(finding)) => finding.detail,
            None => "it has entries, but no row".to_owned(),
        };
        findings.add(Fault::Projection, None, Some(&self.text), detail);
        Ok(())
    }
}

/// Rows of the table of charges that no entry accounts for.
fn strays(conn: &Connection, findings: &mut Findings) -> rusqlite::Result<()> {
    let mut query = conn.prepare(
        "SELECT order_id FROM (SELECT order_id FROM charges UNION SELECT order_id FROM refunds) \
         AS c WHERE NOT EXISTS (SELECT 1 FROM entries AS e WHERE e.order_id = c.order_id)",
    )?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let order = text(row, 0).unwrap_or_default();
        let detail = "it has a row, but no entries".to_owned();
        findings.add(Fault::Projection, None, Some(&order), detail);
    }
    Ok(())
}

//! The durable record: what was about to happen, what became of it, and nothing that is shown or
//! sent before it is here.
//!
//! This room owns one SQLite file, the write-ahead log and the lock beside it, and touches nothing
//! else; it knows the payment room's records and nothing of gateways or screens
//! (journal → payment → base). It keeps, of `design/invariants.md`:
//!
//! - I1, I9: [`Journal::append`] returns after the entry is synced (WAL, `synchronous=FULL`), in
//!   one transaction with where the order then stands.
//! - I2: an order id opens once.
//! - I6: an end is never rewritten; a contradiction is another entry.
//! - I8: one writer at a time, by a lock file; readers work beside it.
//! - I10: after a failed write nothing more is acknowledged, and nothing is synced again.
//! - I11: a hash chain and a head row over append-only entries; damage stops new sales, is reported
//!   by name, and hides nothing that can still be read.
//! - I12: a refund's intent is within what is left of the payment, one refund at a time for each
//!   order; the schema checks the sum once more.
//! - I14: wall-clock times are kept for people and order nothing.
//! - I15, I17: bodies are bounded; codes are masked.
//!
//! What the head row can detect: a tail cut off the entries, unless whoever cut it also moved the
//! head. A tail lost with a damaged write-ahead log is found by `log`. What neither can: the whole
//! file replaced by an older copy, which is whole in itself. The books (I20) and the gateway's
//! refusal of a known order id show that.
//!
//! Sources: SQLite's "Write-Ahead Logging", "Atomic Commit In SQLite" and "How To Corrupt An SQLite
//! Database File".
//!
//! Reading order: `schema`, `stored`, `log`, `still` for the format; `standing` for the rules;
//! `append`, `replay`, `read`, `verify`.

mod append;
mod chain;
mod error;
mod lock;
mod log;
mod read;
mod refund_read;
mod refunds;
mod replay;
mod schema;
mod standing;
mod still;
mod stored;
mod verify;

#[cfg(test)]
mod tests;

pub use error::{JournalError, Refusal};
pub use read::{Contradiction, Entry, HistoryEntry, Readable, Summary};
pub use refund_read::{RefundEntry, RefundSummary};
pub use refunds::RefundState;
pub use standing::State;
pub use stored::{Content, EntryKind};
pub use verify::{Fault, Finding};

use lock::WriterLock;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use still::Reading;

/// The wall clock in milliseconds since 1970, UTC. It is kept for people and decides nothing (I14).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct WallTime(i64);

impl WallTime {
    /// The time this many milliseconds after 1970, UTC.
    pub const fn from_unix_ms(ms: i64) -> WallTime {
        WallTime(ms)
    }

    /// Milliseconds since 1970, UTC.
    pub const fn unix_ms(self) -> i64 {
        self.0
    }
}

/// The journal, open for writing or for reading.
#[derive(Debug)]
pub struct Journal {
    // Dropped in this order: the connection ends before the lock is let go.
    conn: Connection,
    writer: Option<WriterLock>,
    /// How it is read, if it was opened for reading.
    reading: Option<Reading>,
    path: PathBuf,
    /// The write that failed, after which nothing is acknowledged (I10).
    poison: Option<String>,
    /// What is wrong with the file, after which no new sale is taken (I11).
    damage: Vec<Finding>,
    /// Entries since the log was last moved into the main file.
    since_checkpoint: u32,
}

/// A journal that nobody else writes, and that is not open yet.
#[derive(Debug)]
pub struct Claim {
    writer: WriterLock,
    path: PathBuf,
}

impl Claim {
    /// Opens it, as [`Journal::open`] does.
    pub fn open(self) -> Result<Journal, JournalError> {
        Journal::open_claimed(self)
    }
}

impl Journal {
    /// Opens the journal for writing; makes it where there is none, but not its folder. Fails when
    /// another writer has it, when the file is foreign, newer, or cannot be synced. Damage is no
    /// failure: see [`Journal::damage`].
    pub fn open(path: &Path) -> Result<Journal, JournalError> {
        Journal::claim(path)?.open()
    }

    /// Makes sure that no other writer has the journal, nor will have it, before it is opened.
    pub fn claim(path: &Path) -> Result<Claim, JournalError> {
        let path = schema::resolve(path)?;
        let writer = WriterLock::take(&path)?;
        Ok(Claim { writer, path })
    }

    fn open_claimed(claim: Claim) -> Result<Journal, JournalError> {
        let Claim { writer, path } = claim;
        if !schema::exists(&path, &Reading::Shared)? {
            schema::create(&path)?;
        }
        log::keep_if_damaged(&path)?;
        let conn = schema::open(&path)?;
        let mut journal = Journal::new(conn, Some(writer), path);
        journal.damage = journal.check_at_start();
        Ok(journal)
    }

    /// As [`Journal::open`], but makes nothing: none if [`Journal::open`] would make the journal,
    /// and an error if it could not.
    pub fn open_existing(path: &Path) -> Result<Option<Journal>, JournalError> {
        let path = schema::resolve(path)?;
        schema::can_write_beside(&path)?;
        if schema::exists(&path, &Reading::Shared)? {
            return Journal::open(&path).map(Some);
        }
        Ok(None)
    }

    /// Opens the journal for reading, beside a writer or alone, also where nothing can be written.
    pub fn open_read_only(path: &Path) -> Result<Journal, JournalError> {
        if !path.exists() {
            return Err(JournalError::Missing { path: path.to_owned() });
        }
        let path = schema::resolve(path)?;
        let reading = still::reading(&path)?;
        if !schema::exists(&path, &reading)? {
            return Err(JournalError::Missing { path });
        }
        let conn = schema::open_read_only(&path, &reading)?;
        let mut journal = Journal::new(conn, None, path);
        journal.reading = Some(reading);
        Ok(journal)
    }

    fn new(conn: Connection, writer: Option<WriterLock>, path: PathBuf) -> Journal {
        Journal {
            conn,
            writer,
            reading: None,
            path,
            poison: None,
            damage: Vec::new(),
            since_checkpoint: 0,
        }
    }

    /// Whether a write failed, so that nothing more is acknowledged (I10).
    pub fn is_poisoned(&self) -> bool {
        self.poison.is_some()
    }

    /// What is wrong with the file, as far as opening and writing have come upon it. While it is
    /// not empty, no new sale is taken, and open ones can still be settled (I11).
    pub fn damage(&self) -> &[Finding] {
        &self.damage
    }

    /// Where the journal is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Ends it: moves the log into the main file and lets go of the lock. Dropping does the same
    /// but cannot say what failed; nothing is lost then, since the log stays.
    pub fn close(self) -> Result<(), JournalError> {
        let Journal { conn, writer, reading, path, poison, .. } = self;
        let sqlite = || JournalError::sqlite("close", &path);
        if writer.is_some() && poison.is_none() {
            schema::checkpoint(&conn, "TRUNCATE").map_err(sqlite())?;
        }
        conn.close().map_err(|(_, error)| sqlite()(error))?;
        drop((writer, reading));
        Ok(())
    }
}

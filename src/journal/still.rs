//! Reading a journal where nothing can be written: a disk that became read-only, or one that was
//! taken out of a terminal and is looked at with care.
//!
//! SQLite reads a journal in WAL mode through an index file beside it, and makes that file if need
//! be. Where it cannot, the main file is read alone, as one that nobody changes ("Write-Ahead
//! Logging", section 4 "Read-Only Databases"; "Uniform Resource Identifiers", `immutable`). That is
//! right only if the log has no entries, and if nobody writes: the same disk may be mounted for
//! writing elsewhere, so a shared lock on the writer's lock file keeps writers away (I8).

use super::error::JournalError;
use super::lock::beside;
use super::schema::{can_write_beside, is_empty_or_missing};
use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::Path;

/// How a journal can be read.
#[derive(Debug)]
pub(super) enum Reading {
    /// With its log, beside a writer or alone.
    Shared,
    /// Its main file alone: nothing can be written there, and nobody writes.
    Still {
        /// Keeps writers away; none if no writer ever was there.
        _lock: Option<File>,
    },
}

/// How the journal at `path` can be read; an error if its last entries cannot.
pub(super) fn reading(path: &Path) -> Result<Reading, JournalError> {
    match can_write_beside(path) {
        Err(JournalError::ReadOnlyDisk { .. }) => {}
        // What else is wrong with the folder need not keep SQLite from reading.
        Ok(()) | Err(_) => return Ok(Reading::Shared),
    }
    let lock_path = beside(path, ".lock");
    let lock = match File::open(&lock_path) {
        Ok(lock) => match lock.try_lock_shared() {
            Ok(()) => Some(lock),
            // A writer elsewhere: it keeps a log and an index, and SQLite reads beside it.
            Err(TryLockError::WouldBlock) => return Ok(Reading::Shared),
            Err(TryLockError::Error(error)) => {
                return Err(JournalError::file("lock", &lock_path)(error));
            }
        },
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(JournalError::file("open the lock file", &lock_path)(error)),
    };
    let wal = beside(path, "-wal");
    if is_empty_or_missing(&wal)? {
        return Ok(Reading::Still { _lock: lock });
    }
    // Left by a writer that was killed. With its index beside it, SQLite reads it.
    if beside(path, "-shm").exists() {
        return Ok(Reading::Shared);
    }
    Err(JournalError::LogNotRead { path: path.to_owned(), wal })
}

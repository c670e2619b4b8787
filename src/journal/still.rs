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
    still(path)
}

/// As [`reading`], where nothing can be written.
fn still(path: &Path) -> Result<Reading, JournalError> {
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

#[cfg(test)]
mod tests {
    use super::super::lock::WriterLock;
    use super::*;

    #[test]
    fn i8_a_writer_is_kept_away_from_a_journal_that_is_read_still_and_read_beside_if_it_is_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let journal = folder.path().join("journal.db");
        let Reading::Still { _lock: None } = still(&journal).expect("no writer was ever there")
        else {
            panic!("there is no lock file to lock")
        };
        let writer = WriterLock::take(&journal).expect("the lock");
        assert!(matches!(still(&journal), Ok(Reading::Shared)), "beside the writer");
        drop(writer);
        let reading = still(&journal).expect("nobody writes");
        let error = WriterLock::take(&journal).expect_err("it is being read as if nobody wrote");
        assert!(matches!(error, JournalError::InUse { .. }), "{error}");
        drop(reading);
        WriterLock::take(&journal).expect("the lock");
    }

    #[test]
    fn i11_entries_in_a_log_are_never_left_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let journal = folder.path().join("journal.db");
        std::fs::write(beside(&journal, "-wal"), "").expect("an empty log");
        assert!(matches!(still(&journal), Ok(Reading::Still { .. })));
        std::fs::write(beside(&journal, "-wal"), "entries").expect("a log");
        let error = still(&journal).expect_err("they would be left out");
        assert!(matches!(error, JournalError::LogNotRead { .. }), "{error}");
        std::fs::write(beside(&journal, "-shm"), "").expect("an index");
        assert!(matches!(still(&journal), Ok(Reading::Shared)), "SQLite reads it with its index");
    }
}

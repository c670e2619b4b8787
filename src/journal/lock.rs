//! One writer at a time: an advisory lock on a file beside the journal.
//!
//! SQLite's own locks keep the file whole, but they would let `cashier run` and `cashier sale`
//! resolve the same charge twice (I8). This lock is held for as long as a writer lives, and the
//! kernel lets go of it when the process ends, however it ends. The lock file is never removed:
//! removing it would let two writers hold locks on two files of the same name.

use super::error::JournalError;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The lock, held until it is dropped.
#[derive(Debug)]
pub(super) struct WriterLock {
    file: File,
}

impl WriterLock {
    /// Takes the lock of the journal at `journal`, or says who has it. Does not wait.
    pub(super) fn take(journal: &Path) -> Result<WriterLock, JournalError> {
        let path = beside(journal, ".lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(JournalError::file("open the lock file", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(JournalError::InUse { pid: recorded(&mut file), path });
            }
            Err(TryLockError::Error(error)) => {
                return Err(JournalError::file("lock", &path)(error));
            }
        }
        // The pid only helps people; a disk too full for it is found out by the journal itself.
        let _ = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()));
        Ok(WriterLock { file })
    }
}

impl Drop for WriterLock {
    fn drop(&mut self) {
        // Closing alone is not enough: a child that is just being started has the file as well
        // until it runs its program, and would hold the lock for that long. Cannot fail on a held
        // lock.
        let _ = self.file.unlock();
    }
}

/// The path of a file that belongs to the journal.
pub(super) fn beside(journal: &Path, suffix: &str) -> PathBuf {
    let mut name = journal.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn recorded(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(16).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

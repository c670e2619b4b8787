//! Where the last shift ended: a small file beside the journal.
//!
//! It is written whole beside the old one and moved into its place, so that a cut leaves either
//! (I9). Losing it loses no order: the next shift report begins at the journal's first one.

use crate::id::OrderId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// The most that is read; far more than [`CARRIED_MAX`] orders take.
const FILE_LEN_MAX: u64 = 1024 * 1024;

/// How many open orders are carried over to the next shift.
const CARRIED_MAX: usize = 10_000;

/// The end of a shift.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShiftEnd {
    v: u32,
    /// The newest order that was counted, by [`crate::journal::Summary::seq`].
    after_seq: i64,
    /// Orders that were not certain then, and count again.
    carried: BTreeSet<String>,
}

/// The mark cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("cannot {operation} {path}, where the last shift's end is kept: {source}")]
pub struct ShiftError {
    operation: &'static str,
    path: PathBuf,
    source: std::io::Error,
}

impl ShiftEnd {
    /// The end of a shift that counted up to `after_seq`, with what was open then.
    pub fn new(after_seq: i64, open: impl IntoIterator<Item = OrderId>) -> ShiftEnd {
        let carried = open.into_iter().take(CARRIED_MAX).map(|order| order.to_string());
        ShiftEnd { v: 1, after_seq, carried: carried.collect() }
    }

    /// Whether an order counts for the shift after this end.
    pub fn is_before(&self, seq: i64, order: &OrderId) -> bool {
        seq > self.after_seq || self.carried.contains(order.as_str())
    }

    /// The newest order that was counted.
    pub fn after_seq(&self) -> i64 {
        self.after_seq
    }

    /// The end of the last shift; the beginning of everything if there was none.
    pub fn read(journal: &Path) -> Result<ShiftEnd, ShiftError> {
        let path = path(journal);
        let failed = |source| ShiftError { operation: "read", path: path.clone(), source };
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(ShiftEnd { v: 1, ..ShiftEnd::default() });
            }
            Err(error) => return Err(failed(error)),
        };
        let mut text = String::new();
        file.take(FILE_LEN_MAX).read_to_string(&mut text).map_err(failed)?;
        let end: ShiftEnd =
            serde_json::from_str(&text).map_err(|error| failed(std::io::Error::other(error)))?;
        match end.v {
            1 => Ok(end),
            v => Err(failed(std::io::Error::other(format!("version {v} is newer than this")))),
        }
    }

    /// Makes this the end of the last shift, durably.
    pub fn write(&self, journal: &Path) -> Result<(), ShiftError> {
        let path = path(journal);
        let failed = |source| ShiftError { operation: "write", path: path.clone(), source };
        let mut beside = path.clone().into_os_string();
        beside.push(".new");
        let beside = PathBuf::from(beside);
        let text =
            serde_json::to_vec(self).map_err(|error| failed(std::io::Error::other(error)))?;
        let write = || -> std::io::Result<()> {
            let mut options = OpenOptions::new();
            let mut file =
                options.write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
            file.write_all(&text)?;
            file.sync_all()?;
            std::fs::rename(&beside, &path)?;
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
        };
        write().map_err(failed)
    }
}

fn path(journal: &Path) -> PathBuf {
    let mut path = journal.as_os_str().to_owned();
    path.push(".shift");
    PathBuf::from(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(name: &str) -> OrderId {
        OrderId::parse(name).unwrap()
    }

    #[test]
    fn an_end_is_read_as_it_was_written_and_rubbish_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let journal = folder.path().join("journal.db");
        let first = ShiftEnd::read(&journal).unwrap();
        assert!(first.is_before(1, &order("A")));
        let end = ShiftEnd::new(7, [order("OPEN")]);
        end.write(&journal).unwrap();
        assert_eq!(ShiftEnd::read(&journal).unwrap(), end);
        assert!(end.is_before(8, &order("A")) && end.is_before(3, &order("OPEN")));
        assert!(!end.is_before(7, &order("A")));
        for rubbish in ["", "{}", "[]", "{\"v\":2,\"after_seq\":1,\"carried\":[]}", "\u{0}"] {
            std::fs::write(path(&journal), rubbish).unwrap();
            let error = ShiftEnd::read(&journal).unwrap_err().to_string();
            assert!(error.contains("journal.db.shift"), "{error}");
        }
    }
}

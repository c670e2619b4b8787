//! Looking at the write-ahead log before SQLite does (I11).
//!
//! After a power cut SQLite drops everything from the first frame of the log whose sum does not
//! fit. Rightly so for a torn tail: each commit is synced before the next begins, so at most one
//! transaction can be torn, and it was not acknowledged. But a bit that flips in an older part of
//! the log drops acknowledged entries in the same silent way, and the head with them. What tells
//! the two apart is a second commit behind the break. Such a log is copied aside, and as long as
//! the copy is there no new sale is taken: the entries in it can be read by a person and by nobody
//! else.
//!
//! A flip in the very last transaction, or in the commit mark of the one before it, looks like a
//! torn tail, and is taken for one.
//!
//! Source: SQLite, "Database File Format", section 4.1 "WAL File Format" and 4.2 "Checksum
//! Algorithm".

use super::error::JournalError;
use super::lock::beside;
use super::schema::{PAGE_BYTES, sync_folder};
use super::verify::{Fault, Finding};
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
const MAGIC: u32 = 0x377f_0682;

/// Copies a log aside that has lost acknowledged entries. Before the journal is opened for writing,
/// since opening empties the log.
pub(super) fn keep_if_damaged(journal: &Path) -> Result<(), JournalError> {
    let log = beside(journal, "-wal");
    let file = match File::open(&log) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(JournalError::file("open", &log)(error)),
    };
    let behind = commits_behind_break(BufReader::new(file));
    if behind.map_err(JournalError::file("read", &log))? < 2 || kept(journal).exists() {
        return Ok(());
    }
    let (part, copy) = (beside(journal, "-wal.damaged.new"), kept(journal));
    let keep = || {
        fs::copy(&log, &part)?;
        File::open(&part)?.sync_all()?;
        fs::rename(&part, &copy)
    };
    keep().map_err(JournalError::file("keep a copy of the damaged log in", &copy))?;
    sync_folder(journal.parent().unwrap_or(Path::new("/")))
}

/// The finding that stands as long as a damaged log is kept.
pub(super) fn finding(journal: &Path) -> Option<Finding> {
    let copy = kept(journal);
    copy.exists().then(|| Finding {
        fault: Fault::Log,
        seq: None,
        order: None,
        detail: format!(
            "the log was damaged, and entries that had been acknowledged are lost; what there was \
             is in {}; compare the gateway's list of orders, then move that file away",
            copy.display()
        ),
    })
}

fn kept(journal: &Path) -> PathBuf {
    beside(journal, "-wal.damaged")
}

/// How many commits of the log's present turn lie at or behind the first frame that does not fit.
/// Frames of an earlier turn have other salts and do not count. Holds one frame at a time.
fn commits_behind_break(mut log: impl Read) -> io::Result<u32> {
    let mut header = [0; HEADER];
    if !fill(&mut log, &mut header)? {
        return Ok(0);
    }
    let magic = word(&header, 0);
    let order = if magic & 1 == 0 { u32::from_le_bytes } else { u32::from_be_bytes };
    let mut sum = add((0, 0), header.get(..24).unwrap_or_default(), order);
    let mut sound = magic & !1 == MAGIC
        && word(&header, 8) as usize == PAGE_BYTES
        && sum == (word(&header, 24), word(&header, 28));
    // Where the header itself is broken, the first frame says which turn it is.
    let mut salts = sound.then(|| (word(&header, 16), word(&header, 20)));
    let mut commits = 0;
    let mut frame = vec![0; FRAME_HEADER + PAGE_BYTES];
    while fill(&mut log, &mut frame)? {
        let of_turn = (word(&frame, 8), word(&frame, 12))
            == *salts.get_or_insert((word(&frame, 8), word(&frame, 12)));
        if sound {
            sum = add(sum, frame.get(..8).unwrap_or_default(), order);
            sum = add(sum, frame.get(FRAME_HEADER..).unwrap_or_default(), order);
            sound = of_turn && sum == (word(&frame, 16), word(&frame, 20));
        }
        let is_commit = word(&frame, 4) != 0;
        if !sound && of_turn && is_commit {
            commits += 1;
        }
    }
    Ok(commits)
}

/// Fills the buffer; false if the file ends before.
fn fill(log: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match log.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

fn word(bytes: &[u8], at: usize) -> u32 {
    let bytes = bytes.get(at..).and_then(|bytes| bytes.first_chunk());
    bytes.copied().map(u32::from_be_bytes).unwrap_or_default()
}

fn add(sum: (u32, u32), bytes: &[u8], order: fn([u8; 4]) -> u32) -> (u32, u32) {
    let (pairs, _) = bytes.as_chunks::<8>();
    pairs.iter().fold(sum, |(a, b), [p, q, r, s, t, u, v, w]| {
        let a = a.wrapping_add(order([*p, *q, *r, *s])).wrapping_add(b);
        (a, b.wrapping_add(order([*t, *u, *v, *w])).wrapping_add(a))
    })
}

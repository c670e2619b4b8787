//! Why the journal could not do what it was asked, in words that name the operation, the file and
//! what to do next.

use super::verify::Finding;
use crate::id::OrderId;
use rusqlite::ErrorCode;
use std::path::{Path, PathBuf};

/// What went wrong at the journal.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// A record that cannot be true of its order: a bug of the caller. Nothing was written.
    #[error("the journal refuses the record of order {order}: {refusal}")]
    Refused {
        /// The order.
        order: OrderId,
        /// Why.
        refusal: Refusal,
    },
    /// An earlier write failed, so nothing more is acknowledged (I10).
    #[error(
        "the journal {path} takes no more entries, because an earlier write failed ({cause}); \
         put that right and restart the terminal: it goes on from what is on disk"
    )]
    Poisoned {
        /// The journal.
        path: PathBuf,
        /// The write that failed.
        cause: String,
    },
    /// The file is damaged: open charges can still be settled, new ones are not taken (I11).
    #[error(
        "the journal {path} is damaged ({finding}); it takes no new sales, open charges are \
         still settled; run `cashier journal verify`, keep a copy of the file, call service"
    )]
    Damaged {
        /// The journal.
        path: PathBuf,
        /// The first thing found.
        finding: Finding,
    },
    /// What the journal has of one order cannot be read; the others can (I11).
    #[error("the entries of order {order} cannot be read ({finding}); see `cashier journal show`")]
    Unreadable {
        /// The order.
        order: OrderId,
        /// What is wrong with them.
        finding: Finding,
    },
    /// Another process has the journal open for writing.
    #[error("the journal is in use by another process{}: {path} is locked; \
             stop it, or let it do the work", holder(.pid))]
    InUse {
        /// The lock file.
        path: PathBuf,
        /// The process that holds it, as far as it said.
        pid: Option<u32>,
    },
    /// The journal was opened for reading only.
    #[error("cannot write to the journal {path}: it was opened for reading")]
    OpenedForReading {
        /// The journal.
        path: PathBuf,
    },
    /// There is no journal to read.
    #[error(
        "there is no journal at {path}: nothing was sold yet, or [journal] path in the \
         configuration names another place than it did"
    )]
    Missing {
        /// The journal.
        path: PathBuf,
    },
    /// The folder of the journal is not there. It is not made: sales written to a journal in
    /// another place than the last ones would be looked for in vain.
    #[error(
        "there is no folder {folder} for the journal; correct [journal] path in the \
         configuration, or make the folder: mkdir -p {folder}"
    )]
    NoFolder {
        /// The folder.
        folder: PathBuf,
    },
    /// What is there is no file that could be a journal. It was left as it was.
    #[error(
        "{path} is {what}, and the journal is a file; let [journal] path in the configuration \
         name a file, such as {example}"
    )]
    NoFile {
        /// What stands there.
        path: PathBuf,
        /// What it is.
        what: &'static str,
        /// A path that would do.
        example: PathBuf,
    },
    /// The file is something else. It was left as it was.
    #[error(
        "{path} is not a journal of this program ({why}); it was left untouched; \
         check [journal] path in the configuration, or move the file away"
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it looks like.
        why: &'static str,
    },
    /// The journal's main file is gone or empty, but its write-ahead log is there.
    #[error(
        "{wal} has entries, but the journal it belongs to is gone or empty; \
         restore the journal beside it, or move the log away to begin anew without its entries"
    )]
    Orphan {
        /// The write-ahead log.
        wal: PathBuf,
    },
    /// The journal was written by a newer program.
    #[error(
        "the journal {path} has schema {found}, this program knows up to {known}; \
         install the newer program again"
    )]
    Newer {
        /// The journal.
        path: PathBuf,
        /// The schema in the file.
        found: i64,
        /// The newest schema that this program knows.
        known: i64,
    },
    /// A file or folder cannot be made, opened or synced.
    #[error("cannot {operation} {path}: {source}; check that it exists, its owner and the disk")]
    File {
        /// What was tried.
        operation: &'static str,
        /// With what.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// The file system can only be read.
    #[error(
        "cannot {operation} {path}: its file system is read-only; remount it for writing; if it \
         became read-only by itself, the disk is failing: check it before selling again"
    )]
    ReadOnlyDisk {
        /// What was tried.
        operation: &'static str,
        /// With what.
        path: PathBuf,
    },
    /// The last entries are in a log that only a process that may write beside it can read.
    #[error(
        "the journal {path} cannot be read where it is: its last entries are in {wal}, and \
         reading that needs a folder that can be written; copy both files to one, and let \
         [journal] path of a copy of the configuration name the copy"
    )]
    LogNotRead {
        /// The journal.
        path: PathBuf,
        /// Its write-ahead log.
        wal: PathBuf,
    },
    /// The file or its folder is closed to this user.
    #[error(
        "cannot {operation} the journal {path}: this user may not open it, or may not write in \
         its folder; use the user that the terminal runs as"
    )]
    Closed {
        /// What was tried.
        operation: &'static str,
        /// The journal.
        path: PathBuf,
    },
    /// No space left.
    #[error("cannot {operation} the journal {path}: the disk is full; free some space, restart")]
    DiskFull {
        /// What was tried.
        operation: &'static str,
        /// The journal.
        path: PathBuf,
    },
    /// Reading, writing or syncing failed.
    #[error(
        "cannot {operation} the journal {path}: the disk failed ({detail}); \
         check the storage before selling again"
    )]
    Io {
        /// What was tried.
        operation: &'static str,
        /// The journal.
        path: PathBuf,
        /// SQLite's words.
        detail: String,
    },
    /// The file system or the file is read-only.
    #[error(
        "cannot {operation} the journal {path}: it is read-only; \
         remount the file system for writing, or give the file to this user"
    )]
    ReadOnly {
        /// What was tried.
        operation: &'static str,
        /// The journal.
        path: PathBuf,
    },
    /// Another program holds SQLite's own lock. Nothing was written; it may be tried again.
    #[error("cannot {operation} the journal {path}: another program holds it; end that program")]
    Busy {
        /// What was tried.
        operation: &'static str,
        /// The journal.
        path: PathBuf,
    },
    /// SQLite finds its file malformed.
    #[error(
        "cannot {operation} the journal {path}: the file is malformed ({detail}); \
             keep a copy of it, call service"
    )]
    Corrupt {
        /// What was tried.
        operation: &'static str,
        /// The journal.
        path: PathBuf,
        /// SQLite's words.
        detail: String,
    },
    /// Anything else that SQLite says.
    #[error(
        "cannot {operation} the journal {path}: {source}; restart, and call service if it \
             stays so"
    )]
    Sqlite {
        /// What was tried.
        operation: &'static str,
        /// The journal.
        path: PathBuf,
        /// SQLite's words.
        source: rusqlite::Error,
    },
}

/// Why a record cannot be true of its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The order id is already taken (I2).
    #[error("the order exists already")]
    OrderExists,
    /// There is no such order.
    #[error("there is no such order")]
    UnknownOrder,
    /// The order has ended; its end is never rewritten (I6).
    #[error("the order is settled, and its end is never rewritten")]
    AlreadySettled,
    /// A contradiction of an end, before there is an end (I6).
    #[error("a discrepancy needs an end to contradict, and the order is still open")]
    NotSettled,
    /// A void or a refund of an order that is not paid.
    #[error("the order is not paid")]
    NotPaid,
    /// A void of an order whose money is not here any more (I12).
    #[error("the money of the order has gone back already")]
    AlreadyReturned,
    /// A refund of more than what was paid, less what was given back and what is on its way (I12).
    #[error("the refund is above what is left of the payment")]
    AboveRest,
    /// Another refund of the order has no end yet: gateways that only tell the sum could not say
    /// which of the two went back (I12).
    #[error("another refund of the order is going on")]
    RefundGoingOn,
    /// A refund of an order whose payment is being returned as a whole (I12).
    #[error("all of the payment is being returned")]
    Voiding,
    /// The number, with this amount: it is the same refund, and has its intent (I2).
    #[error("the refund is recorded already")]
    RefundExists,
    /// The number is that of another refund (I2).
    #[error("the number belongs to another refund")]
    RefundNumberTaken,
    /// There is no such refund of the order.
    #[error("the order has no such refund")]
    UnknownRefund,
    /// An intent that counts on another sum given back than the journal does.
    #[error("the refund is reckoned from another sum than has been given back")]
    RefundedBefore,
    /// The order has as many refunds as are kept (I15).
    #[error("the order has as many refunds as are kept")]
    TooManyRefunds,
    /// The end of a void that was never intended.
    #[error("no void of the order is going on")]
    NotVoiding,
    /// `Settled` with an outcome that is no end (I7).
    #[error("an unresolved charge is parked, not settled")]
    NotFinal,
    /// The payment is for another amount than the order (I3).
    #[error("the payment is for another amount than the order")]
    AmountMismatch,
    /// An amount that cannot be charged.
    #[error("the amount cannot be charged")]
    Amount,
    /// Cancels are counted from 1 without a gap (I1).
    #[error("cancels are counted from 1 without a gap")]
    CancelCount,
    /// A text of the sale, which a retry has to repeat as it is, is longer than any gateway takes.
    #[error("a text of the sale is too long")]
    TooLong,
    /// The order has as many notes as are kept (I15).
    #[error("the order has as many notes as are kept")]
    TooManyNotes,
}

fn holder(pid: &Option<u32>) -> String {
    pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default()
}

impl JournalError {
    pub(super) fn file(
        operation: &'static str,
        path: &Path,
    ) -> impl FnOnce(std::io::Error) -> JournalError {
        move |source| {
            let path = path.to_owned();
            match source.kind() {
                std::io::ErrorKind::ReadOnlyFilesystem => {
                    JournalError::ReadOnlyDisk { operation, path }
                }
                _ => JournalError::File { operation, path, source },
            }
        }
    }

    /// SQLite's error in our words.
    pub(super) fn sqlite(
        operation: &'static str,
        path: &Path,
    ) -> impl Fn(rusqlite::Error) -> JournalError {
        move |source| {
            let path = path.to_owned();
            let detail = source.to_string();
            match source.sqlite_error_code() {
                Some(ErrorCode::DiskFull) => JournalError::DiskFull { operation, path },
                Some(ErrorCode::SystemIoFailure) => JournalError::Io { operation, path, detail },
                Some(ErrorCode::CannotOpen) => JournalError::Closed { operation, path },
                Some(ErrorCode::ReadOnly) => JournalError::ReadOnly { operation, path },
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                    JournalError::Busy { operation, path }
                }
                Some(ErrorCode::NotADatabase) => {
                    JournalError::Foreign { path, why: "it is not a database" }
                }
                Some(ErrorCode::DatabaseCorrupt) => {
                    JournalError::Corrupt { operation, path, detail }
                }
                _ => JournalError::Sqlite { operation, path, source },
            }
        }
    }

    /// The refusal, if it is one: a bug of the caller, after which the journal goes on.
    pub fn refusal(&self) -> Option<Refusal> {
        if let JournalError::Refused { refusal, .. } = self { Some(*refusal) } else { None }
    }
}

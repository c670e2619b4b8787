//! The tables, how they came to be, and the settings of a connection.
//!
//! ```text
//! entries  append-only: the record itself, with its hash chain (chain.rs, stored.rs)
//! charges  one row per order: where it stands (standing.rs); made from the entries, in the same
//!          transaction, so that nothing has to be replayed to know it
//! refunds  one row per refund: where it stands (refunds.rs), made in the same way
//! head     one row: the last entry's number and hash, so that a cut tail shows
//! ```
//!
//! A new journal is made whole under another name, synced and renamed, so that a power cut leaves
//! either none or a whole one.

use super::error::JournalError;
use super::lock::beside;
use super::still::Reading;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The size of a page, set when a journal is made.
pub(super) const PAGE_BYTES: usize = 4096;

/// Says in the file's header whose it is ("CASH").
const APPLICATION_ID: i32 = 0x4341_5348;

/// How long another program's hold of SQLite's own lock is waited for.
const BUSY_WAIT: Duration = Duration::from_millis(1000);

/// Each takes the schema from its index to the next `user_version`. What stands here is never
/// changed, only added to.
const MIGRATIONS: [&str; 1] = [V1];

/// The newest schema that this program knows.
pub(super) const SCHEMA: i64 = MIGRATIONS.len() as i64;

const V1: &str = "
CREATE TABLE entries (
    seq      INTEGER PRIMARY KEY CHECK (seq >= 1),
    order_id TEXT NOT NULL CHECK (length(order_id) BETWEEN 1 AND 32),
    kind     TEXT NOT NULL CHECK (kind IN
        ('opened', 'cancel_intent', 'parked', 'settled', 'void_intent', 'voided', 'void_refused',
         'discrepancy', 'refund_intent', 'refund_parked', 'refund_settled', 'refund_discrepancy',
         'note')),
    body     TEXT NOT NULL CHECK (octet_length(body) BETWEEN 2 AND 65536),
    at_ms    INTEGER NOT NULL,
    hash     BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE INDEX entries_of_order ON entries (order_id, seq);
CREATE UNIQUE INDEX opened_once ON entries (order_id) WHERE kind = 'opened';
CREATE UNIQUE INDEX settled_once ON entries (order_id) WHERE kind = 'settled';
CREATE UNIQUE INDEX voided_once ON entries (order_id) WHERE kind = 'voided';

CREATE TABLE charges (
    order_id      TEXT PRIMARY KEY CHECK (length(order_id) BETWEEN 1 AND 32),
    opened_seq    INTEGER NOT NULL UNIQUE REFERENCES entries (seq),
    last_seq      INTEGER NOT NULL REFERENCES entries (seq) CHECK (last_seq >= opened_seq),
    created_at_ms INTEGER NOT NULL,
    amount_fen    INTEGER NOT NULL CHECK (amount_fen BETWEEN 1 AND 9999999999),
    state         TEXT NOT NULL CHECK (state IN
        ('open', 'parked', 'paid', 'not_charged', 'reversed', 'voiding', 'voided')),
    channel       TEXT NOT NULL,
    gateway_order TEXT,
    refunded_fen  INTEGER NOT NULL CHECK (refunded_fen BETWEEN 0 AND amount_fen),
    refunding_fen INTEGER NOT NULL
        CHECK (refunding_fen BETWEEN 0 AND amount_fen - refunded_fen),
    cancels       INTEGER NOT NULL CHECK (cancels >= 0),
    discrepancies INTEGER NOT NULL CHECK (discrepancies >= 0),
    found_paid    INTEGER NOT NULL CHECK (found_paid IN (0, 1)),
    notes         INTEGER NOT NULL CHECK (notes >= 0)
) STRICT, WITHOUT ROWID;
CREATE INDEX charges_open ON charges (opened_seq) WHERE state IN ('open', 'parked', 'voiding');

CREATE TABLE refunds (
    refund_no      TEXT PRIMARY KEY CHECK (length(refund_no) BETWEEN 1 AND 20),
    order_id       TEXT NOT NULL REFERENCES charges (order_id),
    intended_seq   INTEGER NOT NULL UNIQUE REFERENCES entries (seq),
    created_at_ms  INTEGER NOT NULL,
    amount_fen     INTEGER NOT NULL CHECK (amount_fen BETWEEN 1 AND 9999999999),
    state          TEXT NOT NULL CHECK (state IN
        ('open', 'refunding', 'parked', 'refunded', 'refused')),
    gateway_refund TEXT,
    discrepancies  INTEGER NOT NULL CHECK (discrepancies >= 0)
) STRICT, WITHOUT ROWID;
CREATE INDEX refunds_of_order ON refunds (order_id, intended_seq);
CREATE INDEX refunds_open ON refunds (intended_seq) WHERE state IN ('open', 'refunding', 'parked');

CREATE TABLE head (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    seq  INTEGER NOT NULL CHECK (seq >= 0),
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
INSERT INTO head VALUES (1, 0, zeroblob(32));

CREATE TRIGGER entries_are_kept BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are never deleted'); END;
CREATE TRIGGER entries_are_not_edited BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are never edited'); END;
CREATE TRIGGER entries_follow_the_head BEFORE INSERT ON entries
WHEN NEW.seq IS NOT (SELECT seq + 1 FROM head)
BEGIN SELECT RAISE(ABORT, 'an entry follows the head'); END;
CREATE TRIGGER charges_are_kept BEFORE DELETE ON charges
BEGIN SELECT RAISE(ABORT, 'charges are never deleted'); END;
CREATE TRIGGER ends_are_not_rewritten BEFORE UPDATE ON charges
WHEN NEW.state IS NOT OLD.state AND (OLD.state IN ('not_charged', 'reversed', 'voided')
    OR OLD.state = 'paid' AND NEW.state IS NOT 'voiding'
    OR OLD.state = 'voiding' AND NEW.state NOT IN ('paid', 'voided'))
BEGIN SELECT RAISE(ABORT, 'an end is never rewritten'); END;
CREATE TRIGGER sales_are_not_rewritten BEFORE UPDATE ON charges
WHEN NEW.order_id IS NOT OLD.order_id OR NEW.amount_fen IS NOT OLD.amount_fen
BEGIN SELECT RAISE(ABORT, 'a sale is never rewritten'); END;
CREATE TRIGGER refunds_are_kept BEFORE DELETE ON refunds
BEGIN SELECT RAISE(ABORT, 'refunds are never deleted'); END;
CREATE TRIGGER refunds_are_not_rewritten BEFORE UPDATE ON refunds
WHEN OLD.state IN ('refunded', 'refused') AND NEW.state IS NOT OLD.state
    OR NEW.refund_no IS NOT OLD.refund_no OR NEW.order_id IS NOT OLD.order_id
    OR NEW.amount_fen IS NOT OLD.amount_fen
BEGIN SELECT RAISE(ABORT, 'a refund is never rewritten'); END;
CREATE TRIGGER head_is_kept BEFORE DELETE ON head
BEGIN SELECT RAISE(ABORT, 'the head is never deleted'); END;
CREATE TRIGGER head_goes_forward BEFORE UPDATE ON head
WHEN NEW.seq IS NOT OLD.seq + 1
BEGIN SELECT RAISE(ABORT, 'the head goes forward'); END;
";

/// The journal's path with links followed, so that every way to the file finds the same lock. The
/// folder has to be there: making it would begin a second journal wherever a path is misspelt.
pub(super) fn resolve(path: &Path) -> Result<PathBuf, JournalError> {
    let no_file =
        |what, example| Err(JournalError::NoFile { path: path.to_owned(), what, example });
    match fs::metadata(path) {
        Ok(found) if found.is_file() => {
            path.canonicalize().map_err(JournalError::file("find", path))
        }
        Ok(found) if found.is_dir() => no_file("a folder", path.join("journal.db")),
        Ok(_) => no_file("a device, a pipe or a socket", PathBuf::from("journal.db")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let Some(name) = path.file_name() else {
                return no_file("no name of a file", path.join("journal.db"));
            };
            let folder = folder_of(path);
            match folder.canonicalize() {
                Ok(folder) => Ok(folder.join(name)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    Err(JournalError::NoFolder { folder: folder.to_owned() })
                }
                Err(error) => Err(JournalError::file("find the folder", folder)(error)),
            }
        }
        Err(error) => Err(JournalError::file("find", path)(error)),
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    }
}

/// Whether this user can make files in the folder of `path`. Makes nothing.
pub(super) fn can_write_beside(path: &Path) -> Result<(), JournalError> {
    use rustix::fs::{Access, access};
    let folder = folder_of(path);
    access(folder, Access::WRITE_OK | Access::EXEC_OK)
        .map_err(|errno| JournalError::file("make files in", folder)(errno.into()))
}

pub(super) fn sync_folder(folder: &Path) -> Result<(), JournalError> {
    let sync = || File::open(folder)?.sync_all();
    sync().map_err(JournalError::file("sync the folder", folder))
}

/// Whether there is a journal at `path`: the file is ours, or it is missing or empty. Anything else
/// is an error that leaves the file as it was.
///
/// SQLite is asked, read-only, rather than the file itself: closing a file drops every POSIX lock
/// that this process has on it, also those of another connection ("How To Corrupt", section 2.2).
pub(super) fn exists(path: &Path, reading: &Reading) -> Result<bool, JournalError> {
    if is_empty_or_missing(path)? {
        let wal = beside(path, "-wal");
        return if is_empty_or_missing(&wal)? {
            Ok(false)
        } else {
            Err(JournalError::Orphan { wal })
        };
    }
    let whose = || -> rusqlite::Result<i32> {
        let conn = connect_to_read(path, reading)?;
        conn.busy_timeout(BUSY_WAIT)?;
        leave_log(&conn)?;
        conn.pragma_query_value(None, "application_id", |row| row.get(0))
    };
    match whose().map_err(JournalError::sqlite("open", path))? {
        APPLICATION_ID => Ok(true),
        _ => Err(JournalError::Foreign {
            path: path.to_owned(),
            why: "it is another program's database",
        }),
    }
}

pub(super) fn is_empty_or_missing(path: &Path) -> Result<bool, JournalError> {
    match fs::metadata(path) {
        Ok(file) => Ok(file.len() == 0),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(JournalError::file("look at", path)(error)),
    }
}

fn connect_to_read(path: &Path, reading: &Reading) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    match reading {
        Reading::Shared => Connection::open_with_flags(path, flags),
        Reading::Still { .. } => {
            let flags = flags | OpenFlags::SQLITE_OPEN_URI;
            Connection::open_with_flags(still_uri(path), flags)
        }
    }
}

/// "file:/path?immutable=1", with what has a meaning in a URI escaped.
fn still_uri(path: &Path) -> PathBuf {
    let mut uri = b"file:".to_vec();
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'%' => uri.extend(b"%25"),
            b'?' => uri.extend(b"%3f"),
            b'#' => uri.extend(b"%23"),
            _ => uri.push(*byte),
        }
    }
    uri.extend(b"?immutable=1");
    PathBuf::from(OsString::from_vec(uri))
}

/// Makes a new journal, whole or not at all.
pub(super) fn create(path: &Path) -> Result<(), JournalError> {
    let new = beside(path, ".new");
    for left in ["", "-journal", "-wal", "-shm"] {
        match fs::remove_file(beside(&new, left)) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(JournalError::file("remove the remains of", &new)(error)),
        }
    }
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&new)
        .map_err(JournalError::file("make the file", &new))?;
    let sqlite = || JournalError::sqlite("make", path);
    let mut conn =
        Connection::open_with_flags(&new, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(sqlite())?;
    settle(&conn).map_err(sqlite())?;
    conn.pragma_update(None, "page_size", PAGE_BYTES as i64).map_err(sqlite())?;
    conn.pragma_update(None, "application_id", APPLICATION_ID).map_err(sqlite())?;
    migrate(&mut conn, &new)?;
    into_wal(&conn).map_err(sqlite())?;
    conn.close().map_err(|(_, error)| sqlite()(error))?;
    let file = File::open(&new).map_err(JournalError::file("open", &new))?;
    file.sync_all().map_err(JournalError::file("sync", &new))?;
    fs::rename(&new, path).map_err(JournalError::file("put in its place", path))?;
    sync_folder(folder_of(path))
}

/// Opens an existing journal for writing, migrated, with everything in its main file.
pub(super) fn open(path: &Path) -> Result<Connection, JournalError> {
    let sqlite = || JournalError::sqlite("open", path);
    let own = fs::Permissions::from_mode(0o600);
    let mode = fs::metadata(path).map_err(JournalError::file("look at", path))?;
    if mode.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(path, own).map_err(JournalError::file("close to others", path))?;
    }
    let mut conn =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(sqlite())?;
    settle(&conn).map_err(sqlite())?;
    into_wal(&conn).map_err(sqlite())?;
    migrate(&mut conn, path)?;
    // What a crashed writer left in the log goes into the main file and is synced anew: its pages
    // may be in memory only, if their sync was what failed (I10). A reader may delay that.
    checkpoint(&conn, "TRUNCATE").map_err(sqlite())?;
    Ok(conn)
}

/// Opens an existing journal for reading.
pub(super) fn open_read_only(path: &Path, reading: &Reading) -> Result<Connection, JournalError> {
    let sqlite = || JournalError::sqlite("open", path);
    let conn = connect_to_read(path, reading).map_err(sqlite())?;
    settle(&conn).map_err(sqlite())?;
    conn.pragma_update(None, "query_only", true).map_err(sqlite())?;
    leave_log(&conn).map_err(sqlite())?;
    match version(&conn).map_err(sqlite())? {
        found if found > SCHEMA => {
            Err(JournalError::Newer { path: path.to_owned(), found, known: SCHEMA })
        }
        _ => Ok(conn),
    }
}

fn settle(conn: &Connection) -> rusqlite::Result<()> {
    conn.busy_timeout(BUSY_WAIT)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "fullfsync", true)?;
    conn.pragma_update(None, "checkpoint_fullfsync", true)?;
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.pragma_update(None, "cell_size_check", true)?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    conn.pragma_update(None, "mmap_size", 0)?;
    // SQLite's own checkpoints hide a failed sync: append.rs makes them, and looks (I10).
    conn.pragma_update(None, "wal_autocheckpoint", 0)
}

fn into_wal(conn: &Connection) -> rusqlite::Result<()> {
    let mode: String =
        conn.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode.eq_ignore_ascii_case("wal") { Ok(()) } else { Err(rusqlite::Error::InvalidQuery) }
}

fn version(conn: &Connection) -> rusqlite::Result<i64> {
    conn.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn migrate(conn: &mut Connection, path: &Path) -> Result<(), JournalError> {
    let sqlite = || JournalError::sqlite("migrate", path);
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sqlite())?;
    let found = version(&tx).map_err(sqlite())?;
    if found > SCHEMA {
        return Err(JournalError::Newer { path: path.to_owned(), found, known: SCHEMA });
    }
    let done = usize::try_from(found).unwrap_or(0);
    for migration in MIGRATIONS.iter().skip(done) {
        tx.execute_batch(migration).map_err(sqlite())?;
    }
    if found < SCHEMA {
        tx.pragma_update(None, "user_version", SCHEMA).map_err(sqlite())?;
    }
    tx.commit().map_err(sqlite())
}

/// Moves the log into the main file, as far as readers allow.
pub(super) fn checkpoint(conn: &Connection, mode: &str) -> rusqlite::Result<bool> {
    let done = |row: &rusqlite::Row| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let (busy, log, moved): (i64, i64, i64) =
        conn.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], done)?;
    Ok(busy == 0 && log == moved)
}

/// Leaves the log as it is when the connection ends.
pub(super) fn leave_log(conn: &Connection) -> rusqlite::Result<()> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map(|_| ())
}

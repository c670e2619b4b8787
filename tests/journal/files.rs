//! The files: made whole, private, one writer at a time, nothing of others touched.

use crate::common::*;
use cashier::journal::{Journal, JournalError};
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

fn mode(path: &std::path::Path) -> u32 {
    fs::metadata(path).expect("a file").permissions().mode() & 0o777
}

#[test]
fn i8_a_second_writer_is_refused_by_name() {
    let place = Place::new();
    let mut first = place.open();
    let error = Journal::open(&place.path).expect_err("a second writer");
    let JournalError::InUse { path, pid } = &error else { panic!("{error}") };
    assert_eq!(pid, &Some(std::process::id()));
    assert!(path.ends_with("journal.db.lock"));
    assert!(error.to_string().contains("journal.db.lock"), "{error}");
    append(&mut first, &opened(1));
    first.close().expect("closed");
    append(&mut place.open(), &paid(1));
}

#[test]
fn i8_another_path_to_the_same_file_meets_the_same_lock() {
    let place = Place::with(&[opened(1)]);
    let link = place.beside(".link");
    std::os::unix::fs::symlink(&place.path, &link).expect("a link");
    let _first = place.open();
    let error = Journal::open(&link).expect_err("a second writer");
    assert!(matches!(error, JournalError::InUse { .. }), "{error}");
}

#[test]
fn readers_work_beside_a_writer_and_alone() {
    let place = Place::new();
    let mut writer = place.open();
    let reader = Journal::open_read_only(&place.path).expect("a reader");
    for n in 1..=300 {
        append(&mut writer, &opened(n));
    }
    assert_eq!(Told::by(&reader), Told::by(&writer));
    append(&mut writer, &paid(1));
    writer.close().expect("closed");
    assert_eq!(Told::by(&reader).open.len(), 299);
    drop(reader);
    let alone = Journal::open_read_only(&place.path).expect("a reader");
    assert_eq!(Told::by(&alone).open.len(), 299);
}

/// The POSIX locks that this process has on a file, as the kernel lists them.
fn locks(path: &std::path::Path) -> Vec<String> {
    let inode = format!(":{} ", fs::metadata(path).expect("a file").ino());
    let all = fs::read_to_string("/proc/locks").expect("the kernel's list");
    let of_file = all.lines().filter(|line| line.contains("POSIX") && line.contains(&inode));
    of_file.filter_map(|line| line.split_once("POSIX")).map(|(_, lock)| lock.to_owned()).collect()
}

#[test]
fn i8_a_reader_in_the_same_process_does_not_drop_the_writers_locks() {
    let place = Place::new();
    let mut writer = place.open();
    append(&mut writer, &opened(1));
    let held = locks(&place.path);
    assert!(!held.is_empty(), "SQLite holds a shared lock while the log is in use");
    drop(Journal::open_read_only(&place.path).expect("a reader"));
    Journal::open(&place.path).expect_err("a second writer");
    assert_eq!(locks(&place.path), held);
}

#[test]
fn reading_what_is_not_there_makes_nothing() {
    let place = Place::new();
    let error = Journal::open_read_only(&place.path).expect_err("nothing there");
    assert!(matches!(error, JournalError::Missing { .. }), "{error}");
    assert!(!place.path.exists() && !place.beside(".lock").exists());
}

#[test]
fn i17_the_journal_is_private() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal.db");
    let mut journal = Journal::open(&path).expect("made");
    append(&mut journal, &opened(1));
    for suffix in ["", "-wal", "-shm", ".lock"] {
        assert_eq!(mode(&beside(&path, suffix)), 0o600, "{suffix}");
    }
    drop(journal);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("opened to others");
    drop(Journal::open(&path).expect("opened"));
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn a_missing_folder_is_named_and_not_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let missing = folder.path().join("libb");
    for path in [missing.join("journal.db"), missing.join("deeper/journal.db")] {
        let opened = [Journal::open(&path).err(), Journal::open_existing(&path).err()];
        for error in opened {
            let error = error.expect("no folder");
            assert!(matches!(error, JournalError::NoFolder { .. }), "{error}");
            let said = error.to_string();
            assert!(said.contains("libb") && said.contains("[journal] path"), "{said}");
        }
    }
    assert!(!missing.exists());
    fs::write(folder.path().join("file"), "x").expect("a file");
    let error = Journal::open(&folder.path().join("file/journal.db")).expect_err("no folder");
    assert!(error.to_string().contains("file/journal.db"), "{error}");
}

#[test]
fn what_is_no_file_is_named_for_what_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("a socket");
    for (path, what) in [(folder.path(), "a folder"), (&socket, "a device, a pipe or a socket")] {
        for error in [Journal::open(path), Journal::open_read_only(path)] {
            let error = error.expect_err("no file");
            assert!(matches!(error, JournalError::NoFile { .. }), "{error}");
            assert!(error.to_string().contains(what), "{error}");
        }
    }
    let left = fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(left, 1, "nothing was made, and nothing replaced");
}

#[test]
fn looking_for_a_journal_makes_none() {
    let place = Place::new();
    let found = Journal::open_existing(&place.path).expect("a folder that can be written");
    assert!(found.is_none());
    assert_eq!(fs::read_dir(place.path.parent().expect("a folder")).expect("a list").count(), 0);
    append(&mut place.open(), &opened(1));
    let found = Journal::open_existing(&place.path).expect("opened").expect("there is one");
    assert_eq!(Told::by(&found).entries(), 1);
}

#[test]
fn a_file_that_is_no_journal_is_left_untouched() {
    let place = Place::new();
    for bytes in [b"merchant = 1\n".to_vec(), vec![0; 8192], b"SQLite format 3\0".to_vec()] {
        fs::write(&place.path, &bytes).expect("a file");
        for error in [Journal::open(&place.path), Journal::open_read_only(&place.path)] {
            let error = error.expect_err("no journal");
            assert!(matches!(error, JournalError::Foreign { .. }), "{error}");
            assert!(error.to_string().contains("journal.db"), "{error}");
        }
        assert_eq!(fs::read(&place.path).expect("a file"), bytes);
    }
}

#[test]
fn another_programs_database_is_left_untouched() {
    let place = Place::new();
    let other = Connection::open(&place.path).expect("a database");
    other.execute_batch("CREATE TABLE t (a); INSERT INTO t VALUES (1)").expect("a table");
    drop(other);
    let bytes = fs::read(&place.path).expect("a file");
    let error = Journal::open(&place.path).expect_err("no journal");
    assert!(matches!(error, JournalError::Foreign { .. }), "{error}");
    assert_eq!(fs::read(&place.path).expect("a file"), bytes);
}

/// Also what the newer program had not yet moved out of its log when it was cut off.
#[test]
fn i19_a_newer_programs_journal_is_refused_and_kept() {
    let place = Place::with(&[opened(1), paid(1), opened(2)]);
    let told = Told::by(&place.open());
    let is_written_by = |schema: i64| {
        let raw = Connection::open(&place.path).expect("a raw connection");
        raw.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).expect("set");
        raw.pragma_update(None, "user_version", schema).expect("another schema");
    };
    is_written_by(99);
    let log = fs::metadata(place.beside("-wal")).expect("a log").len();
    assert!(log > 0, "the newer program left no log");
    for error in [Journal::open(&place.path), Journal::open_read_only(&place.path)] {
        let error = error.expect_err("newer");
        assert!(matches!(error, JournalError::Newer { found: 99, known: 1, .. }), "{error}");
        assert!(error.to_string().ends_with("install the newer program again"), "{error}");
    }
    is_written_by(1);
    assert_eq!(Told::by(&place.open()), told);
}

#[test]
fn i11_a_log_without_its_journal_is_not_thrown_away() {
    let place = Place::new();
    let mut journal = place.open();
    append(&mut journal, &opened(1));
    let log = fs::read(place.beside("-wal")).expect("a log");
    drop(journal);
    for main in [None, Some("")] {
        fs::remove_file(&place.path).expect("removed");
        if let Some(bytes) = main {
            fs::write(&place.path, bytes).expect("an empty file");
        }
        fs::write(place.beside("-wal"), &log).expect("a log");
        let error = Journal::open(&place.path).expect_err("an orphan");
        assert!(matches!(error, JournalError::Orphan { .. }), "{error}");
        assert_eq!(fs::read(place.beside("-wal")).expect("a log"), log);
        fs::write(&place.path, "").expect("an empty file");
    }
}

#[test]
fn i9_a_cut_while_the_journal_is_made_leaves_none_or_a_whole_one() {
    let place = Place::new();
    for suffix in ["", "-journal", "-wal", "-shm"] {
        fs::write(beside(&place.beside(".new"), suffix), "torn").expect("remains");
    }
    fs::write(&place.path, "").expect("an empty file");
    append(&mut place.open(), &opened(1));
    assert!(!place.beside(".new").exists());
    assert_eq!(Told::by(&place.open()).entries(), 1);
}

#[test]
fn closing_leaves_everything_in_one_file() {
    let place = Place::new();
    let mut journal = place.open();
    append(&mut journal, &opened(1));
    journal.close().expect("closed");
    assert!(!place.beside("-wal").exists());
    let copy = Place::new();
    fs::copy(&place.path, &copy.path).expect("a copy");
    assert_eq!(Told::by(&copy.open()).entries(), 1);
}

#[test]
fn another_programs_hold_is_named_and_poisons_nothing() {
    let place = Place::with(&[opened(1)]);
    let mut journal = place.open();
    let other = Connection::open(&place.path).expect("a raw connection");
    other.execute_batch("BEGIN IMMEDIATE").expect("a hold");
    let error = journal.append(&paid(1), NOW).expect_err("held");
    assert!(matches!(error, JournalError::Busy { .. }), "{error}");
    assert!(!journal.is_poisoned());
    other.execute_batch("ROLLBACK").expect("let go");
    append(&mut journal, &paid(1));
}

#[test]
fn i15_the_log_is_bounded() {
    let place = Place::new();
    let mut journal = place.open();
    let mut most = 0;
    for n in 1..=800 {
        append(&mut journal, &opened(n));
        most = most.max(fs::metadata(place.beside("-wal")).expect("a log").len());
    }
    assert!(most < 12 << 20, "{most}");
    let moved = fs::metadata(&place.path).expect("a file").len();
    assert!(moved > 200 << 10, "{moved}");
    assert_eq!(Told::by(&journal).entries(), 800);
}

//! Power cuts (I9): the files as they may lie on the disk afterwards, opened again.
//!
//! SQLite syncs the log at each commit and the main file only in a checkpoint. So after a cut the
//! log is whole up to the last acknowledged entry, and behind that it is anything: cut off, torn in
//! the middle of a page, garbage. A cut in a checkpoint leaves the main file with some pages new
//! and some old, and the log whole.

use crate::common::*;
use cashier::journal::{Fault, Journal, JournalError};
use cashier::payment::Record;
use std::fs;

/// Bytes of the log's header, and of a frame: its own header and a page of 4096.
const HEADER: usize = 32;
const FRAME: usize = 24 + 4096;

/// A journal's files at one instant.
#[derive(Clone)]
struct Disk {
    main: Vec<u8>,
    log: Vec<u8>,
}

impl Disk {
    fn of(place: &Place) -> Disk {
        Disk {
            main: fs::read(&place.path).expect("the main file"),
            log: fs::read(place.beside("-wal")).unwrap_or_default(),
        }
    }

    /// What is there after the power is back, told by two recoveries in a row: they must agree.
    fn recovered(&self) -> Told {
        let place = Place::new();
        fs::write(&place.path, &self.main).expect("the main file");
        fs::write(place.beside("-wal"), &self.log).expect("the log");
        let once = Told::by(&place.open());
        assert_eq!(Told::by(&place.open()), once, "recovering twice");
        once
    }
}

/// A morning's work: several orders, every kind of record.
fn script() -> Vec<Record> {
    vec![
        opened(1),
        paid(1),
        opened(2),
        parked(2),
        opened(3),
        cancel(2, 1),
        cancel(3, 1),
        reversed(3),
        opened(4),
        not_charged(4),
        discrepancy(4),
        cancel(2, 2),
        paid(2),
        void(1, 1),
        intent(2, "A", 100, 0),
        voided(1),
        put_off(2, "A", None),
        refunded(2, "A"),
        intent(2, "B", 200, 100),
        opened(5),
    ]
}

/// The disk, and what the journal said, after nothing and after each acknowledged entry.
fn run() -> Vec<(Disk, Told)> {
    let place = Place::new();
    let mut journal = place.open();
    let mut instants = vec![(Disk::of(&place), Told::by(&journal))];
    for record in script() {
        append(&mut journal, &record);
        instants.push((Disk::of(&place), Told::by(&journal)));
    }
    instants
}

/// A small generator, so that each run tears at the same places.
fn numbers(mut seed: u64) -> impl FnMut() -> usize {
    move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize
    }
}

/// Recovers from a damaged log: at least what was acknowledged when the undamaged part was the
/// whole log, at most what was acknowledged at all, and exactly as it was then.
fn assert_prefix(instants: &[(Disk, Told)], disk: &Disk, undamaged: usize, what: &str) {
    let told = disk.recovered();
    let safe = instants.iter().filter(|(then, _)| then.log.len() <= undamaged).count() - 1;
    let entries = told.entries();
    assert!(entries >= safe, "{what}: {entries} of {safe} acknowledged entries");
    assert_eq!(told, instants[entries].1, "{what}");
}

#[test]
fn i9_a_cut_after_any_acknowledgement_loses_nothing() {
    for (entries, (disk, told)) in run().iter().enumerate() {
        assert_eq!(told.entries(), entries);
        assert_eq!(&disk.recovered(), told, "after {entries}");
    }
}

#[test]
fn i9_a_log_cut_off_between_pages_loses_only_what_was_not_acknowledged() {
    let instants = run();
    let last = &instants[instants.len() - 1].0;
    assert_eq!((last.log.len() - HEADER) % FRAME, 0, "the log's frames are as supposed");
    let mut disk = last.clone();
    for end in (HEADER..last.log.len()).step_by(FRAME).rev() {
        disk.log.truncate(end);
        assert_prefix(&instants, &disk, end, &format!("log cut at {end}"));
    }
}

#[test]
fn i9_a_log_cut_off_anywhere_loses_only_what_was_not_acknowledged() {
    let instants = run();
    let last = &instants[instants.len() - 1].0;
    let mut next = numbers(1);
    for _ in 0..60 {
        let end = next() % last.log.len();
        let mut disk = last.clone();
        disk.log.truncate(end);
        assert_prefix(&instants, &disk, end, &format!("log cut at {end}"));
    }
}

#[test]
fn i9_a_torn_write_loses_only_what_was_not_acknowledged() {
    let instants = run();
    let mut next = numbers(2);
    for pair in instants.windows(2) {
        let (synced, disk) = (pair[0].0.log.len(), &pair[1].0);
        for _ in 0..6 {
            // What was not synced lies there in any order, in part, or as garbage.
            let mut disk = disk.clone();
            let from = synced + next() % (disk.log.len() - synced);
            for byte in disk.log.iter_mut().skip(from).take(512) {
                *byte = byte.wrapping_add((next() % 255) as u8 + 1);
            }
            assert_prefix(&instants, &disk, from, &format!("log torn at {from}"));
        }
    }
}

#[test]
fn i11_a_log_that_lost_acknowledged_entries_stops_new_sales_and_is_kept() {
    let instants = run();
    let last = &instants[instants.len() - 1].0;
    // All but the last transaction was certainly synced: a break there is damage.
    let synced = instants[instants.len() - 2].0.log.len();
    let mut next = numbers(5);
    let mut places: Vec<_> = (0..80).map(|_| (next() % synced, next() % 8)).collect();
    // The last but one transaction, where only one commit lies behind its own.
    let short = instants[instants.len() - 3].0.log.len();
    places.extend((0..40).map(|_| (short + next() % (synced - short), next() % 8)));
    // A flip in the very mark or turn of that commit passes for a tear; it is known and documented.
    places.retain(|(at, _)| *at < short || !(4..16).contains(&(at.saturating_sub(HEADER) % FRAME)));
    places.extend([0, 3, 24, HEADER, HEADER + 4, HEADER + 8, HEADER + 23].map(|at| (at, 0)));
    for (at, bit) in places {
        let mut disk = last.clone();
        disk.log[at] ^= 1 << bit;
        let place = Place::new();
        fs::write(&place.path, &disk.main).expect("the main file");
        fs::write(place.beside("-wal"), &disk.log).expect("the log");
        // Twice: the damage does not heal by starting again.
        for _ in 0..2 {
            let mut journal = place.open();
            let found = journal.damage().iter().any(|finding| finding.fault == Fault::Log);
            assert!(found, "bit of byte {at}: {:?}", journal.damage());
            assert_eq!(journal.verify().expect("verified").len(), 1, "the rest is sound");
            let error = journal.append(&opened(77), NOW).expect_err("damaged");
            assert!(matches!(error, JournalError::Damaged { .. }), "{error}");
        }
        let kept = place.beside("-wal.damaged");
        assert_eq!(fs::read(&kept).expect("the kept log"), disk.log);
        fs::remove_file(kept).expect("moved away by a person");
        append(&mut place.open(), &opened(77));
    }
}

#[test]
fn i9_garbage_behind_the_log_changes_nothing() {
    let instants = run();
    let (last, told) = &instants[instants.len() - 1];
    let mut disk = last.clone();
    let mut next = numbers(3);
    disk.log.extend((0..3 * FRAME).map(|_| (next() % 256) as u8));
    assert_eq!(&disk.recovered(), told);
    // What an earlier, longer turn of the log left there: sound frames with other salts.
    let mut disk = last.clone();
    let mut earlier = last.log[HEADER..].to_vec();
    for frame in earlier.chunks_mut(FRAME) {
        frame[11] ^= 1;
    }
    disk.log.extend(earlier);
    assert_eq!(&disk.recovered(), told);
}

#[test]
fn i9_a_cut_in_a_checkpoint_loses_nothing() {
    let instants = run();
    let (before, told) = &instants[instants.len() - 1];
    let place = Place::new();
    fs::write(&place.path, &before.main).expect("the main file");
    fs::write(place.beside("-wal"), &before.log).expect("the log");
    place.open().close().expect("moved into the main file");
    let after = fs::read(&place.path).expect("the main file");
    assert_ne!(after, before.main);
    let mut next = numbers(4);
    for round in 0..40 {
        let mut disk = before.clone();
        disk.main.resize(after.len(), 0);
        for (page, new) in disk.main.chunks_mut(4096).zip(after.chunks(4096)) {
            match next() % 3 {
                0 => page.copy_from_slice(new),
                1 => page[..512].copy_from_slice(&new[..512]),
                _ => {}
            }
        }
        assert_eq!(&disk.recovered(), told, "round {round}");
    }
}

#[test]
fn i9_a_cut_in_the_recovery_loses_nothing() {
    let instants = run();
    let (disk, told) = &instants[instants.len() - 1];
    let place = Place::new();
    fs::write(&place.path, &disk.main).expect("the main file");
    fs::write(place.beside("-wal"), &disk.log).expect("the log");
    let journal = place.open();
    let cut = Disk::of(&place);
    assert_eq!(cut.log, b"", "opening moves the log into the main file");
    assert_eq!(&cut.recovered(), told);
    // The main file was synced before the log was emptied: with the old log it says the same.
    let between = Disk { main: cut.main, log: disk.log.clone() };
    assert_eq!(&between.recovered(), told);
    drop(journal);
}

#[test]
fn i9_a_reader_may_be_the_first_after_a_cut() {
    let instants = run();
    let (disk, told) = &instants[instants.len() - 1];
    let place = Place::new();
    fs::write(&place.path, &disk.main).expect("the main file");
    fs::write(place.beside("-wal"), &disk.log).expect("the log");
    let reader = Journal::open_read_only(&place.path).expect("a reader");
    assert_eq!(&Told::by(&reader), told);
    drop(reader);
    assert_eq!(fs::read(place.beside("-wal")).expect("the log"), disk.log, "left as it was");
    assert_eq!(&Told::by(&place.open()), told);
}

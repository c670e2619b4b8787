//! Faults that only a hand on the journal's own connection can provoke.

use super::*;
use crate::id::OrderId;
use crate::money::Fen;
use crate::payment::record::Direction;
use crate::payment::{Channel, Record, Sale};

const NOW: WallTime = WallTime::from_unix_ms(0);

fn opened(n: u32) -> Record {
    let order = OrderId::parse(&format!("order-{n}")).expect("an order id");
    let (operator, subject) = ("oper01".to_owned(), "比萨".repeat(50));
    let sale = Sale { order, amount: Fen::new(100), operator, subject };
    Record::Opened { sale, direction: Direction::Present { channel: Channel::Wechat } }
}

fn journal(folder: &tempfile::TempDir) -> Journal {
    Journal::open(&folder.path().join("journal.db")).expect("the journal opens")
}

/// Sells until there is no page left; how many were acknowledged, and what was said then.
fn fill(journal: &mut Journal) -> (u32, JournalError) {
    let pages: i64 = journal
        .conn
        .pragma_query_value(None, "page_count", |row| row.get(0))
        .expect("a count of pages");
    let _: i64 = journal
        .conn
        .pragma_update_and_check(None, "max_page_count", pages + 4, |row| row.get(0))
        .expect("a bound");
    for n in 1..1000 {
        if let Err(error) = journal.append(&opened(n), NOW) {
            return (n - 1, error);
        }
    }
    panic!("the bound has no effect");
}

#[test]
fn i10_a_full_disk_ends_all_writing_and_keeps_what_was_acknowledged() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut first = journal(&folder);
    let (sold, error) = fill(&mut first);
    assert!(matches!(error, JournalError::DiskFull { .. }), "{error}");
    assert!(first.is_poisoned());
    let _: i64 = first
        .conn
        .pragma_update_and_check(None, "max_page_count", 1_000_000, |row| row.get(0))
        .expect("space again");
    for record in [opened(sold + 1), opened(sold + 2)] {
        let error = first.append(&record, NOW).expect_err("poisoned");
        assert!(matches!(error, JournalError::Poisoned { .. }), "{error}");
    }
    let order = OrderId::parse("order-1").expect("an order id");
    let error = first.note(&order, "pay", "", NOW).expect_err("poisoned");
    assert!(error.to_string().contains("disk is full"), "{error}");
    assert_eq!(first.open_charges().expect("open charges").items.len(), sold as usize);
    drop(first);
    let mut second = journal(&folder);
    assert_eq!(second.verify().expect("verified"), []);
    assert_eq!(second.open_charges().expect("open charges").items.len(), sold as usize);
    second.append(&opened(sold + 1), NOW).expect("goes on from what is on disk");
}

#[test]
fn i10_a_poisoned_journal_does_not_sync_its_log_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("journal.db-wal");
    let mut poisoned = journal(&folder);
    let (sold, _) = fill(&mut poisoned);
    assert!(sold > 0);
    let before = std::fs::read(&log).expect("a log");
    poisoned.close().expect("closed");
    assert_eq!(std::fs::read(&log).expect("left behind"), before);
    let mut poisoned = journal(&folder);
    poisoned.append(&opened(sold + 1), NOW).expect("appended");
    let before = std::fs::read(&log).expect("a log");
    poisoned.poison("a test".to_owned());
    drop(poisoned);
    assert_eq!(std::fs::read(&log).expect("left behind"), before);
}

#[test]
fn i1_every_commit_is_synced_before_it_is_acknowledged() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = journal(&folder);
    let number = |pragma| -> i64 {
        journal.conn.pragma_query_value(None, pragma, |row| row.get(0)).expect(pragma)
    };
    assert_eq!(number("synchronous"), 2, "FULL");
    assert_eq!(number("fullfsync"), 1);
    assert_eq!(number("checkpoint_fullfsync"), 1);
    assert_eq!(number("foreign_keys"), 1);
    assert_eq!(number("wal_autocheckpoint"), 0, "a hidden checkpoint hides its failures");
    let mode: String =
        journal.conn.pragma_query_value(None, "journal_mode", |row| row.get(0)).expect("a mode");
    assert_eq!(mode, "wal");
}

#[test]
fn i10_a_log_that_cannot_be_moved_poisons_what_comes_next() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut journal = journal(&folder);
    journal.append(&opened(1), NOW).expect("appended");
    // A checkpoint inside of a transaction is an error of SQLite's.
    journal.conn.execute_batch("BEGIN; SELECT * FROM entries").expect("a transaction");
    journal.since_checkpoint = u32::MAX - 1;
    journal.checkpoint_when_due();
    assert!(journal.is_poisoned());
}

#[test]
fn i11_what_the_tables_refuse_is_damage_and_no_poison() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut journal = journal(&folder);
    journal.append(&opened(1), NOW).expect("appended");
    journal
        .conn
        .execute_batch("DROP TRIGGER head_goes_forward; UPDATE head SET seq = 0")
        .expect("a careless hand");
    let error = journal.append(&opened(2), NOW).expect_err("the number is taken");
    assert!(matches!(error, JournalError::Sqlite { .. }), "{error}");
    assert!(!journal.is_poisoned());
    assert_eq!(journal.damage().len(), 1);
    let error = journal.append(&opened(3), NOW).expect_err("damaged");
    assert!(matches!(error, JournalError::Damaged { .. }), "{error}");
}

#[test]
fn bodies_are_read_for_ever_as_they_were_written_first() {
    let order = OrderId::parse("order-1").expect("an order id");
    for (kind, body) in [
        (
            "opened",
            r#"{"v":1,"amount_fen":100,"operator":"o","subject":"s","direction":{"scan":{"code_kind":"barcode","masked":"28****4755","channel":"alipay"}}}"#,
        ),
        (
            "opened",
            r#"{"v":1,"amount_fen":100,"operator":"o","subject":"s","direction":{"present":{"channel":"unknown:9"}}}"#,
        ),
        (
            "cancel_intent",
            r#"{"v":1,"attempt":1,"why":{"why":"cancelled_by_cashier","said":null}}"#,
        ),
        ("parked", r#"{"v":1,"doubt":{"kind":"no_answer","said":"timeout"}}"#),
        (
            "settled",
            r#"{"v":1,"outcome":{"paid":{"amount_fen":100,"channel":"alipay","gateway_order":"7","trade_no":null,"returned":"part","returned_fen":5}}}"#,
        ),
        (
            "settled",
            r#"{"v":1,"outcome":{"not_charged":{"why":"insufficient_funds","said":null}}}"#,
        ),
        ("settled", r#"{"v":1,"outcome":{"reversed":{"why":"qr_expired","said":null}}}"#),
        (
            "discrepancy",
            r#"{"v":1,"found":{"paid":{"amount_fen":100,"channel":"jd","gateway_order":null,"trade_no":null,"returned":"unclear","returned_fen":null}}}"#,
        ),
        ("discrepancy", r#"{"v":1,"found":{"not_paid":{"why":"trade_closed","said":null}}}"#),
    ] {
        let content = stored::decode(&order, kind, body).unwrap_or_else(|why| panic!("{why}"));
        let Content::Record(record) = content else { panic!("{kind} is a note") };
        let (again, written) = stored::encode(&record).expect("encoded");
        assert_eq!((again.name(), written.as_str()), (kind, body));
    }
    let body = r#"{"v":1,"operation":"query","text":"{}"}"#;
    assert_eq!(stored::encode_note("query", "{}"), body);
    let note = Content::Note { operation: "query".to_owned(), text: "{}".to_owned() };
    assert_eq!(stored::decode(&order, "note", body), Ok(note));
}

proptest::proptest! {
    #[test]
    fn i15_no_body_panics(kind in "[a-z_]{0,14}", body in ".*") {
        let order = OrderId::parse("order-1").expect("an order id");
        for kind in [kind.as_str(), "opened", "settled", "note"] {
            let _ = stored::decode(&order, kind, &body);
        }
    }
}

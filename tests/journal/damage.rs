//! Damage (I11): whatever is done to the file is found, named, stops new sales, and hides nothing
//! that can still be read.

use crate::common::*;
use cashier::journal::{Fault, Finding, Journal, JournalError};
use std::fs;

/// Four orders; entries 1 to 9.
fn sold() -> Place {
    Place::with(&[
        opened(1),
        paid(1),
        opened(2),
        opened(3),
        parked(3),
        opened(4),
        cancel(3, 1),
        not_charged(4),
        discrepancy(4),
    ])
}

fn after(place: &Place, sql: &str) -> Vec<Finding> {
    let raw = place.raw();
    raw.pragma_update(None, "ignore_check_constraints", true).expect("no checks");
    raw.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    drop(raw);
    let journal = Journal::open_read_only(&place.path).expect("a reader");
    journal.verify().expect("verified")
}

fn faults(findings: &[Finding]) -> Vec<(Fault, Option<i64>)> {
    findings.iter().map(|finding| (finding.fault, finding.seq)).collect()
}

#[test]
fn i11_a_sound_journal_has_no_findings() {
    assert_eq!(after(&sold(), ""), []);
    assert_eq!(after(&Place::with(&[]), ""), []);
}

#[test]
fn i11_any_edited_column_of_an_entry_is_found() {
    for (set, of) in [
        ("at_ms = at_ms + 1", Fault::Chain),
        ("body = replace(body, '28****4755', '28****4756')", Fault::Chain),
        ("order_id = 'order-9'", Fault::Chain),
        ("kind = 'note'", Fault::Chain),
        ("hash = zeroblob(32)", Fault::Chain),
        ("hash = x'00'", Fault::Chain),
    ] {
        let findings = after(&sold(), &format!("UPDATE entries SET {set} WHERE seq = 3"));
        let found = faults(&findings);
        assert!(found.contains(&(of, Some(3))), "{set}: {findings:?}");
    }
}

#[test]
fn i11_an_edit_is_found_even_when_its_own_hash_is_made_to_fit() {
    // The hash of the entry behind it no longer follows.
    let findings = after(&sold(), "UPDATE entries SET hash = randomblob(32) WHERE seq = 3");
    assert_eq!(faults(&findings), [(Fault::Chain, Some(3)), (Fault::Chain, Some(4))]);
}

#[test]
fn i11_a_removed_entry_is_found() {
    for seq in 1..=8 {
        let findings = after(&sold(), &format!("DELETE FROM entries WHERE seq = {seq}"));
        let found = faults(&findings);
        assert!(found.contains(&(Fault::Chain, Some(seq + 1))), "{seq}: {findings:?}");
    }
}

#[test]
fn i11_a_tail_that_was_cut_off_is_found() {
    for from in 1..=9 {
        let findings = after(&sold(), &format!("DELETE FROM entries WHERE seq >= {from}"));
        assert!(faults(&findings).contains(&(Fault::Head, Some(9))), "{from}: {findings:?}");
    }
}

#[test]
fn i11_an_entry_put_behind_the_head_is_found() {
    let sql = "INSERT INTO entries SELECT 10, order_id, 'parked', body, at_ms, hash FROM entries \
               WHERE seq = 5";
    let findings = after(&sold(), sql);
    let found = faults(&findings);
    assert!(found.contains(&(Fault::Chain, Some(10))), "{findings:?}");
    assert!(found.contains(&(Fault::Head, Some(9))), "{findings:?}");
}

#[test]
fn i11_entries_that_changed_places_are_found() {
    let sql = "UPDATE entries SET seq = 99 WHERE seq = 3; UPDATE entries SET seq = 3 WHERE seq = 4;
               UPDATE entries SET seq = 4 WHERE seq = 99;";
    let found = faults(&after(&sold(), sql));
    assert!(found.contains(&(Fault::Chain, Some(3))) && found.contains(&(Fault::Chain, Some(4))));
}

#[test]
fn i11_a_head_that_was_moved_or_lost_is_found() {
    for (sql, seq) in [
        ("DELETE FROM head", None),
        ("UPDATE head SET seq = 8", Some(8)),
        ("UPDATE head SET seq = 10", Some(10)),
        ("UPDATE head SET hash = zeroblob(32)", Some(9)),
    ] {
        assert_eq!(faults(&after(&sold(), sql)), [(Fault::Head, seq)], "{sql}");
    }
}

#[test]
fn i11_a_charge_that_disagrees_with_its_entries_is_found() {
    for set in [
        "state = 'not_charged' WHERE order_id = 'order-1'",
        "state = 'paid' WHERE order_id = 'order-2'",
        "state = 'open' WHERE order_id = 'order-3'",
        "state = 'x' WHERE order_id = 'order-3'",
        "amount_fen = 1 WHERE order_id = 'order-1'",
        "refunded_fen = 1 WHERE order_id = 'order-1'",
        "channel = 'jd' WHERE order_id = 'order-1'",
        "channel = 'x' WHERE order_id = 'order-1'",
        "gateway_order = NULL WHERE order_id = 'order-1'",
        "cancels = 0 WHERE order_id = 'order-3'",
        "discrepancies = 0 WHERE order_id = 'order-4'",
        "notes = 1 WHERE order_id = 'order-4'",
        "created_at_ms = 0 WHERE order_id = 'order-4'",
        "last_seq = 8 WHERE order_id = 'order-4'",
        "order_id = 'order-9' WHERE order_id = 'order-4'",
    ] {
        let findings = after(&sold(), &format!("UPDATE charges SET {set}"));
        let found = faults(&findings);
        assert!(found.contains(&(Fault::Projection, None)), "{set}: {findings:?}");
    }
    let found = faults(&after(&sold(), "DELETE FROM charges WHERE order_id = 'order-2'"));
    assert_eq!(found, [(Fault::Projection, None)]);
}

#[test]
fn i11_a_history_that_cannot_have_happened_is_found() {
    for (sql, seq) in [
        // A payment of another amount (I3).
        ("UPDATE entries SET body = replace(body, '1001', '1002') WHERE seq = 2", 2),
        // An end before the beginning.
        ("UPDATE entries SET order_id = 'order-9' WHERE seq = 2", 2),
        // A cancel that was never intended before (I1).
        (
            "UPDATE entries SET body = replace(body, '\"attempt\":1', '\"attempt\":2') \
          WHERE seq = 7",
            7,
        ),
        // Something after the end (I6).
        ("UPDATE entries SET order_id = 'order-1' WHERE seq = 5", 5),
    ] {
        let findings = after(&sold(), sql);
        assert!(faults(&findings).contains(&(Fault::History, Some(seq))), "{sql}: {findings:?}");
    }
}

#[test]
fn i11_an_entry_that_cannot_be_read_hides_no_other_and_stops_new_sales() {
    let place = sold();
    let body = r#"{"v":1,"amount_fen":"#;
    let findings = after(&place, &format!("UPDATE entries SET body = '{body}' WHERE seq = 3"));
    assert!(faults(&findings).contains(&(Fault::Body, Some(3))), "{findings:?}");

    let mut journal = place.open();
    let open = journal.open_charges().expect("open charges");
    let orders: Vec<_> = open.items.iter().map(|open| open.sale.order.clone()).collect();
    assert_eq!(orders, [order(3)], "the sound one is still resolved");
    assert_eq!(open.damaged.len(), 1);
    assert_eq!(open.damaged[0].order.as_deref(), Some("order-2"));
    assert_eq!(journal.list(10, None).expect("a list").items.len(), 4);
    let history = journal.history(&order(2)).expect("a history");
    assert!(history[0].content.is_err());
    let error = journal.find(&order(2)).expect_err("not readable");
    assert!(matches!(error, JournalError::Unreadable { .. }), "{error}");

    assert!(!journal.damage().is_empty());
    let error = journal.append(&opened(5), NOW).expect_err("a damaged journal");
    assert!(matches!(error, JournalError::Damaged { .. }), "{error}");
    assert!(!journal.is_poisoned());
    append(&mut journal, &cancel(3, 2));
    append(&mut journal, &reversed(3));
    append(&mut journal, &discrepancy(3));
}

#[test]
fn i11_a_body_of_a_version_that_is_not_known_is_not_half_understood() {
    for (from, to) in
        [("\"v\":1", "\"v\":2"), ("\"subject\"", "\"topic\""), ("{\"v\"", "{\"x\":1,\"v\"")]
    {
        let sql =
            format!("UPDATE entries SET body = replace(body, '{from}', '{to}') WHERE seq = 3");
        let findings = after(&sold(), &sql);
        assert!(faults(&findings).contains(&(Fault::Body, Some(3))), "{sql}: {findings:?}");
    }
}

#[test]
fn i11_a_note_that_cannot_be_read_is_reported_and_stops_no_resolving() {
    let place = Place::with(&[opened(1)]);
    let mut journal = place.open();
    journal.note(&order(1), "pay", "{}", NOW).expect("noted");
    drop(journal);
    let findings = after(&place, "UPDATE entries SET body = '[]' WHERE seq = 2");
    assert_eq!(faults(&findings), [(Fault::Chain, Some(2)), (Fault::Body, Some(2))]);
    let mut journal = place.open();
    assert_eq!(journal.open_charges().expect("open charges").items.len(), 1);
    append(&mut journal, &paid(1));
}

#[test]
fn i11_a_row_that_stands_as_open_but_has_ended_is_not_resolved_again() {
    let place = sold();
    after(&place, "UPDATE charges SET state = 'open' WHERE order_id = 'order-1'");
    let open = place.open().open_charges().expect("open charges");
    assert!(open.items.iter().all(|open| open.sale.order != order(1)));
    assert_eq!(open.damaged.len(), 1);
}

#[test]
fn i11_without_a_head_nothing_is_written_and_nothing_poisoned() {
    let place = sold();
    after(&place, "DELETE FROM head");
    let mut journal = place.open();
    let error = journal.append(&paid(2), NOW).expect_err("no head");
    assert!(matches!(error, JournalError::Unreadable { .. }), "{error}");
    assert!(!journal.is_poisoned());
    assert_eq!(journal.history(&order(2)).expect("a history").len(), 1);
}

#[test]
fn i6_the_tables_themselves_refuse_to_be_rewritten() {
    let place = sold();
    let raw = rusqlite::Connection::open(&place.path).expect("a raw connection");
    for sql in [
        "UPDATE entries SET at_ms = 0 WHERE seq = 1",
        "DELETE FROM entries WHERE seq = 9",
        "INSERT INTO entries SELECT 11, order_id, 'note', body, at_ms, hash FROM entries LIMIT 1",
        "UPDATE charges SET state = 'open' WHERE order_id = 'order-1'",
        "UPDATE charges SET amount_fen = 1 WHERE order_id = 'order-2'",
        "DELETE FROM charges",
        "DELETE FROM head",
        "UPDATE head SET seq = 3",
    ] {
        let error = raw.execute_batch(sql).expect_err(sql).to_string();
        assert!(error.contains("never") || error.contains("head"), "{sql}: {error}");
    }
}

#[test]
fn i15_no_flipped_byte_of_the_file_panics_or_passes_for_a_sound_sale() {
    let place = sold();
    let sound = fs::read(&place.path).expect("the file");
    let told = Told::by(&place.open());
    let kept = told.histories.concat();
    let mut seed = 7_u64;
    for _ in 0..250 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut bytes = sound.clone();
        let at = (seed >> 33) as usize % bytes.len();
        bytes[at] ^= 1 << (seed % 8);
        let torn = Place::new();
        fs::write(&torn.path, &bytes).expect("a damaged file");
        let Ok(mut journal) = Journal::open(&torn.path) else { continue };
        let findings = journal.verify();
        for n in 1..=4 {
            let _ = journal.find(&order(n));
            let Ok(history) = journal.history(&order(n)) else { continue };
            // What verification does not complain about is what was written.
            let sound = findings.as_ref().is_ok_and(Vec::is_empty);
            let same = history.iter().all(|entry| kept.contains(entry));
            assert!(!sound || same, "byte {at}: {history:?}");
        }
        let _ = (journal.list(10, None), journal.open_charges());
        let _ = journal.append(&opened(9), NOW);
        let _ = journal.append(&paid(2), NOW);
    }
}

#[test]
fn i11_a_malformed_index_is_found_and_hides_no_open_charge() {
    for index in ["entries_of_order", "charges_open", "opened_once", "settled_once"] {
        let place = sold();
        let raw = place.raw();
        let page: i64 = raw
            .query_row("SELECT rootpage FROM sqlite_schema WHERE name = ?", [index], |row| {
                row.get(0)
            })
            .expect("an index");
        raw.close().expect("closed");
        for (what, garbage) in [("garbage", [0xAA; 4096]), ("an empty page", empty_index_page())] {
            let mut bytes = fs::read(&place.path).expect("the file");
            let start = (page as usize - 1) * 4096;
            bytes[start..start + 4096].copy_from_slice(&garbage);
            fs::write(&place.path, bytes).expect("damaged");
            let mut journal = place.open();
            let findings = journal.verify().expect("verified");
            let found = findings.iter().any(|finding| finding.fault == Fault::File);
            assert!(found, "{index}, {what}: {findings:?}");
            assert!(!journal.damage().is_empty(), "{index}, {what}");
            let error = journal.append(&opened(5), NOW).expect_err("a damaged journal");
            assert!(matches!(error, JournalError::Damaged { .. }), "{error}");
            assert!(!journal.is_poisoned());
            let open = journal.open_charges().expect("open charges");
            let orders: Vec<_> = open.items.iter().map(|open| open.sale.order.clone()).collect();
            assert_eq!(orders, [order(2), order(3)], "{index}, {what}");
        }
    }
}

/// A leaf of an index with nothing in it.
fn empty_index_page() -> [u8; 4096] {
    let mut page = [0; 4096];
    page[0] = 0x0a;
    page[5] = 0x10;
    page
}

#[test]
fn findings_are_told_in_words() {
    let findings = after(&sold(), "UPDATE entries SET at_ms = 0 WHERE seq = 3");
    let text = findings[0].to_string();
    assert!(
        text.starts_with("chain, entry 3, order order-2: it is not what was written"),
        "{text}"
    );
}

//! Which records are taken, and what is read back.

use crate::common::*;
use cashier::journal::{Content, Journal, JournalError, Refusal, State, WallTime};
use cashier::money::Fen;
use cashier::payment::outcome::Returned;
use cashier::payment::record::{Direction, Found, OpenCharge};
use cashier::payment::{
    Channel, CodeKind, CodeRules, Decline, Doubt, DoubtKind, Outcome, Record, Why,
};

fn refused(journal: &mut Journal, record: &Record) -> Refusal {
    let error = journal.append(record, NOW).expect_err("it should be refused");
    error.refusal().unwrap_or_else(|| panic!("{error}"))
}

#[test]
fn i1_what_was_appended_is_there_for_a_reader_at_once() {
    let place = Place::new();
    let mut journal = place.open();
    append(&mut journal, &opened(1));
    let reader = Journal::open_read_only(&place.path).expect("a reader");
    let entry = reader.find(&order(1)).expect("readable").expect("an entry");
    assert_eq!((entry.sale, entry.direction, entry.outcome), (sale(1), scan(), None));
}

#[test]
fn i7_an_open_charge_comes_back_with_all_that_is_needed_to_go_on() {
    let place = Place::new();
    let present = Direction::Present { channel: Channel::Unknown("9".to_owned()) };
    let doubt = Doubt { kind: DoubtKind::GatewayFault, said: Some("500 \"a\"\u{0}".to_owned()) };
    let mut journal = place.open();
    append(&mut journal, &opened(1));
    append(&mut journal, &opened(2));
    append(&mut journal, &paid(2));
    append(&mut journal, &Record::Opened { sale: sale(3), direction: present.clone() });
    append(&mut journal, &cancel(3, 1));
    append(&mut journal, &cancel(3, 2));
    append(&mut journal, &Record::Parked { order: order(3), doubt: doubt.clone() });
    drop(journal);
    let open = place.open().open_charges().expect("open charges");
    assert_eq!(open.damaged, []);
    let first =
        OpenCharge { sale: sale(1), direction: scan(), cancels: 0, parked: None, paid: None };
    let (direction, parked) = (present, Some(doubt));
    let second = OpenCharge { sale: sale(3), direction, cancels: 2, parked, paid: None };
    assert_eq!(open.items, [first, second]);
}

#[test]
fn i2_an_order_id_opens_once_and_for_ever() {
    let place = Place::with(&[opened(1)]);
    let mut journal = place.open();
    assert_eq!(refused(&mut journal, &opened(1)), Refusal::OrderExists);
    let mut other = sale(1);
    other.amount = Fen::new(5);
    let other = Record::Opened { sale: other, direction: scan() };
    assert_eq!(refused(&mut journal, &other), Refusal::OrderExists);
    append(&mut journal, &not_charged(1));
    assert_eq!(refused(&mut journal, &opened(1)), Refusal::OrderExists);
}

#[test]
fn i6_an_end_is_never_rewritten() {
    for end in [paid(1), not_charged(1), reversed(1)] {
        let place = Place::with(&[opened(1), end.clone()]);
        let mut journal = place.open();
        let before = Told::by(&journal);
        for late in [paid(1), not_charged(1), reversed(1), cancel(1, 1), parked(1)] {
            assert_eq!(refused(&mut journal, &late), Refusal::AlreadySettled, "{end:?} {late:?}");
        }
        assert_eq!(Told::by(&journal), before);
    }
}

#[test]
fn i6_a_contradiction_is_kept_beside_the_end() {
    let place = Place::with(&[opened(1), not_charged(1), discrepancy(1), discrepancy(1)]);
    let journal = place.open();
    let entry = journal.find(&order(1)).expect("readable").expect("an entry");
    assert_eq!(entry.outcome, Some(Outcome::NotCharged(Decline::ours(Why::InsufficientFunds))));
    assert_eq!(entry.discrepancies.len(), 2);
    assert_eq!(entry.discrepancies[0].found, Found::Paid(payment(1)));
    assert_eq!(entry.summary.discrepancies, 2);
    assert_eq!(entry.summary.gateway_order, payment(1).gateway_order, "to refund by");
    assert_eq!(journal.verify().expect("verified"), []);
}

#[test]
fn i6_a_contradiction_needs_an_end() {
    let place = Place::with(&[opened(1)]);
    assert_eq!(refused(&mut place.open(), &discrepancy(1)), Refusal::NotSettled);
}

#[test]
fn i7_unresolved_is_no_end() {
    let place = Place::with(&[opened(1)]);
    let unresolved = settled(1, Outcome::Unresolved(Doubt::of(DoubtKind::NoAnswer)));
    assert_eq!(refused(&mut place.open(), &unresolved), Refusal::NotFinal);
}

#[test]
fn i3_a_payment_of_another_amount_is_no_end() {
    let place = Place::with(&[opened(1)]);
    let other = settled(1, Outcome::Paid(payment(2)));
    assert_eq!(refused(&mut place.open(), &other), Refusal::AmountMismatch);
}

#[test]
fn i1_nothing_is_known_of_an_order_that_was_not_opened() {
    let place = Place::with(&[opened(2)]);
    let mut journal = place.open();
    for record in [cancel(1, 1), parked(1), paid(1), not_charged(1), discrepancy(1)] {
        assert_eq!(refused(&mut journal, &record), Refusal::UnknownOrder, "{record:?}");
    }
    let error = journal.note(&order(1), "pay", "{}", NOW).expect_err("no such order");
    assert_eq!(error.refusal(), Some(Refusal::UnknownOrder));
    assert_eq!(journal.find(&order(1)).expect("readable"), None);
    assert_eq!(journal.history(&order(1)).expect("readable"), []);
}

#[test]
fn i1_cancels_are_counted_without_a_gap() {
    let place = Place::with(&[opened(1)]);
    let mut journal = place.open();
    for attempt in [0, 2, u32::MAX] {
        assert_eq!(refused(&mut journal, &cancel(1, attempt)), Refusal::CancelCount);
    }
    append(&mut journal, &cancel(1, 1));
    assert_eq!(refused(&mut journal, &cancel(1, 1)), Refusal::CancelCount);
    append(&mut journal, &cancel(1, 2));
}

#[test]
fn an_amount_that_cannot_be_charged_is_refused() {
    let place = Place::new();
    let mut journal = place.open();
    for fen in [i64::MIN, -1, 0, 10_000_000_000, i64::MAX] {
        let mut sale = sale(1);
        sale.amount = Fen::new(fen);
        let record = Record::Opened { sale, direction: scan() };
        assert_eq!(refused(&mut journal, &record), Refusal::Amount, "{fen}");
    }
}

#[test]
fn a_refusal_changes_nothing_and_does_not_poison() {
    let place = Place::with(&[opened(1), paid(1), opened(2)]);
    let mut journal = place.open();
    let before = Told::by(&journal);
    for record in [opened(1), paid(1), paid(3), discrepancy(2), cancel(2, 7)] {
        refused(&mut journal, &record);
        assert!(!journal.is_poisoned());
        assert_eq!(Told::by(&journal), before);
    }
    append(&mut journal, &paid(2));
}

#[test]
fn i14_the_wall_clock_orders_nothing() {
    let place = Place::new();
    let mut journal = place.open();
    for (n, ms) in [(1, i64::MAX), (2, i64::MIN), (3, 0), (4, -1)] {
        journal.append(&opened(n), WallTime::from_unix_ms(ms)).expect("appended");
    }
    journal.append(&paid(1), WallTime::from_unix_ms(i64::MIN)).expect("appended");
    let told = Told::by(&journal);
    let orders: Vec<_> = told.list.iter().map(|line| line.order.clone()).collect();
    assert_eq!(orders, [order(4), order(3), order(2), order(1)], "newest first");
    let open: Vec<_> = told.open.iter().map(|open| open.sale.order.clone()).collect();
    assert_eq!(open, [order(2), order(3), order(4)], "oldest first");
    assert_eq!(told.list[3].created_at.unix_ms(), i64::MAX);
}

#[test]
fn the_list_is_in_the_words_of_the_contract_and_goes_on_where_it_ended() {
    let mut part = payment(4);
    part.returned = Returned::Part(Some(Fen::new(4)));
    let place = Place::with(&[
        opened(1),
        opened(2),
        parked(2),
        opened(3),
        paid(3),
        opened(4),
        settled(4, Outcome::Paid(part)),
        opened(5),
        not_charged(5),
        opened(6),
        reversed(6),
    ]);
    let journal = Journal::open_read_only(&place.path).expect("a reader");
    let all = journal.list(100, None).expect("a list").items;
    let outcomes: Vec<_> = all.iter().map(|line| (line.state, line.state.outcome())).collect();
    assert_eq!(
        outcomes,
        [
            (State::Reversed, Some("not_charged")),
            (State::NotCharged, Some("not_charged")),
            (State::Paid, Some("paid")),
            (State::Paid, Some("paid")),
            (State::Parked, Some("unresolved")),
            (State::Open, None),
        ]
    );
    let refunded: Vec<_> = all.iter().map(|line| line.refunded.get()).collect();
    assert_eq!(refunded, [0, 0, 4, 0, 0, 0]);
    assert_eq!(all[3].gateway_order, payment(3).gateway_order);
    assert_eq!((all[3].amount, all[3].created_at), (Fen::new(1003), NOW));
    let first = journal.list(4, None).expect("a list").items;
    let rest = journal.list(100, first.last().map(|line| line.seq)).expect("a list").items;
    assert_eq!([first, rest].concat(), all);
}

#[test]
fn a_history_tells_everything_in_the_order_it_happened() {
    let place = Place::with(&[opened(1), opened(2), cancel(1, 1), parked(1)]);
    let mut journal = place.open();
    journal.note(&order(1), "query", "{\"result_code\":\"200\"}", NOW).expect("noted");
    append(&mut journal, &reversed(1));
    append(&mut journal, &discrepancy(1));
    let history = journal.history(&order(1)).expect("a history");
    let told: Vec<_> = history.iter().map(|entry| entry.content.clone()).collect();
    let record = |record| Ok(Content::Record(record));
    let text = "{\"result_code\":\"200\"}".to_owned();
    assert_eq!(
        told,
        [
            record(opened(1)),
            record(cancel(1, 1)),
            record(parked(1)),
            Ok(Content::Note { operation: "query".to_owned(), text }),
            record(reversed(1)),
            record(discrepancy(1)),
        ]
    );
    let numbers: Vec<_> = history.iter().map(|entry| entry.seq).collect();
    assert_eq!(numbers, [1, 3, 4, 5, 6, 7]);
    assert_eq!(history[3].kind, "note");
}

#[test]
fn i15_what_a_gateway_says_is_cut_to_a_bound() {
    let place = Place::with(&[opened(1)]);
    let mut journal = place.open();
    let said = Some("\u{0}钱".repeat(1 << 20));
    let mut long = payment(1);
    long.trade_no.clone_from(&said);
    long.channel = Channel::Unknown("x".repeat(1 << 20));
    append(
        &mut journal,
        &Record::Parked { order: order(1), doubt: Doubt { kind: DoubtKind::Unreadable, said } },
    );
    append(&mut journal, &settled(1, Outcome::Paid(long)));
    journal.note(&order(1), &"q".repeat(1 << 20), &"\u{1}".repeat(1 << 20), NOW).expect("noted");
    let told = Told::by(&journal);
    assert!(format!("{told:?}").len() < 64 << 10, "{}", format!("{told:?}").len());
    let entry = journal.find(&order(1)).expect("readable").expect("an entry");
    assert!(entry.parked.and_then(|doubt| doubt.said).is_some_and(|said| said.ends_with('…')));
}

#[test]
fn i15_the_notes_of_an_order_are_bounded() {
    let place = Place::with(&[opened(1), opened(2)]);
    let mut journal = place.open();
    for n in 0..200 {
        journal.note(&order(1), "query", &n.to_string(), NOW).expect("noted");
    }
    let error = journal.note(&order(1), "query", "200", NOW).expect_err("its fill");
    assert_eq!(error.refusal(), Some(Refusal::TooManyNotes));
    journal.note(&order(2), "query", "another order", NOW).expect("noted");
    append(&mut journal, &paid(1));
    assert_eq!(journal.verify().expect("verified"), []);
}

#[test]
fn i2_a_sale_that_could_not_be_repeated_as_it_was_is_refused() {
    let place = Place::new();
    let mut journal = place.open();
    let mut long = sale(1);
    long.subject = "饼".repeat(171);
    let record = Record::Opened { sale: long, direction: scan() };
    assert_eq!(refused(&mut journal, &record), Refusal::TooLong);
}

#[test]
fn i17_a_customers_code_is_in_none_of_the_files() {
    const CODE: &str = "284214903060794755";
    let code = CodeRules::default().parse(CODE, CodeKind::Barcode).expect("a code");
    let masked = Direction::Scan {
        kind: CodeKind::Barcode,
        masked: code.to_string(),
        channel: code.channel().clone(),
    };
    let place = Place::new();
    let mut journal = place.open();
    append(&mut journal, &Record::Opened { sale: sale(1), direction: masked });
    for suffix in ["", "-wal"] {
        let bytes = std::fs::read(place.beside(suffix)).expect("a file");
        let holds = |text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
        assert!(!holds(CODE), "{suffix}");
        assert_eq!(holds("28****4755"), suffix == "-wal", "{suffix}");
    }
}

#[test]
fn a_reader_does_not_write() {
    let place = Place::with(&[opened(1)]);
    let mut reader = Journal::open_read_only(&place.path).expect("a reader");
    let error = reader.append(&paid(1), NOW).expect_err("a reader");
    assert!(matches!(error, JournalError::OpenedForReading { .. }), "{error}");
    let error = reader.note(&order(1), "pay", "", NOW).expect_err("a reader");
    assert!(matches!(error, JournalError::OpenedForReading { .. }), "{error}");
}

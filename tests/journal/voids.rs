//! A void is written beside the end of a paid order, and never over it.

use crate::common::*;
use cashier::journal::{Journal, Refusal, State};
use cashier::money::Fen;
use cashier::payment::outcome::Returned;
use cashier::payment::record::OpenCharge;
use cashier::payment::{Decline, Outcome, Record, Why};

fn refused(journal: &mut Journal, record: &Record) -> Refusal {
    let error = journal.append(record, NOW).expect_err("it should be refused");
    error.refusal().unwrap_or_else(|| panic!("{error}"))
}

#[test]
fn i6_a_voided_order_stays_paid_and_tells_what_went_back() {
    let place = Place::with(&[opened(1), cancel(1, 1), paid(1), void(1, 2), voided(1)]);
    let journal = place.open();
    let entry = journal.find(&order(1)).expect("readable").expect("an entry");
    assert_eq!(entry.outcome, Some(Outcome::Paid(payment(1))));
    assert_eq!((entry.summary.state, entry.summary.state.outcome()), (State::Voided, Some("paid")));
    assert_eq!((entry.summary.refunded, entry.cancels), (sale(1).amount, 2));
    assert_eq!(Told::by(&journal).open, []);
}

#[test]
fn i7_a_void_that_is_intended_is_open_until_it_ends() {
    let place = Place::with(&[opened(1), paid(1), void(1, 1), void(1, 2), parked(1)]);
    let mut journal = place.open();
    let entry = journal.find(&order(1)).expect("readable").expect("an entry");
    assert_eq!((entry.summary.state, entry.summary.refunded), (State::Voiding, Fen::ZERO));
    let Record::Parked { doubt, .. } = parked(1) else { panic!("as made") };
    let open = OpenCharge {
        sale: sale(1),
        direction: scan(),
        cancels: 2,
        parked: Some(doubt),
        paid: Some(payment(1)),
    };
    assert_eq!(Told::by(&journal).open, [open]);
    append(&mut journal, &void_refused(1));
    assert_eq!(Told::by(&journal).open, []);
    let entry = journal.find(&order(1)).expect("readable").expect("an entry");
    let why = Decline { why: Why::GatewayRefused, said: Some("EXPIRED".to_owned()) };
    assert_eq!((entry.summary.state, entry.void_refused), (State::Paid, Some(why)));
    append(&mut journal, &void(1, 3));
    append(&mut journal, &voided(1));
    assert_eq!(Told::by(&journal).list[0].state, State::Voided);
}

#[test]
fn only_what_is_paid_is_voided() {
    let place = Place::with(&[
        opened(1),
        opened(2),
        parked(2),
        opened(3),
        not_charged(3),
        opened(4),
        reversed(4),
    ]);
    let mut journal = place.open();
    for n in 1..=4 {
        assert_eq!(refused(&mut journal, &void(n, 1)), Refusal::NotPaid, "{n}");
        assert_eq!(refused(&mut journal, &voided(n)), Refusal::NotVoiding, "{n}");
        assert_eq!(refused(&mut journal, &void_refused(n)), Refusal::NotVoiding, "{n}");
    }
    assert_eq!(refused(&mut journal, &void(5, 1)), Refusal::UnknownOrder);
}

#[test]
fn i12_what_went_back_goes_back_once() {
    let mut all = payment(2);
    all.returned = Returned::Everything;
    let place = Place::with(&[
        opened(1),
        paid(1),
        void(1, 1),
        voided(1),
        opened(2),
        settled(2, Outcome::Paid(all)),
    ]);
    let mut journal = place.open();
    assert_eq!(refused(&mut journal, &void(1, 2)), Refusal::AlreadyReturned);
    assert_eq!(refused(&mut journal, &void(2, 1)), Refusal::AlreadyReturned);
    assert_eq!(refused(&mut journal, &voided(1)), Refusal::NotVoiding);
    append(&mut journal, &discrepancy(1));
    assert_eq!(Told::by(&journal).list[1].state, State::Voided);
}

#[test]
fn i1_i6_a_void_counts_its_cancels_on_and_rewrites_nothing() {
    let place = Place::with(&[opened(1), cancel(1, 1), paid(1)]);
    let mut journal = place.open();
    for attempt in [0, 1, 3, u32::MAX] {
        assert_eq!(refused(&mut journal, &void(1, attempt)), Refusal::CancelCount);
    }
    append(&mut journal, &void(1, 2));
    for late in [paid(1), not_charged(1), reversed(1), cancel(1, 3)] {
        assert_eq!(refused(&mut journal, &late), Refusal::AlreadySettled, "{late:?}");
    }
    assert_eq!(refused(&mut journal, &discrepancy(1)), Refusal::NotSettled);
    append(&mut journal, &voided(1));
    assert_eq!(journal.verify().expect("verified"), []);
}

#[test]
fn i6_the_file_itself_keeps_a_void_from_being_rewritten() {
    let place = Place::with(&[opened(1), paid(1), void(1, 1), voided(1), opened(2), paid(2)]);
    let raw = rusqlite::Connection::open(&place.path).expect("a connection");
    let put = |n: u32, state: &str| {
        let sql = "UPDATE charges SET state = ? WHERE order_id = ?";
        raw.execute(sql, rusqlite::params![state, order(n).as_str()])
    };
    for state in ["paid", "voiding", "open", "reversed"] {
        assert!(put(1, state).is_err(), "voided, then {state}");
    }
    for state in ["voided", "reversed", "not_charged", "open", "parked"] {
        assert!(put(2, state).is_err(), "paid, then {state}");
    }
}

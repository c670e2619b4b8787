//! Whatever happens in whatever order: the journal takes what can be true, refuses the rest, and
//! says the same however it is asked.

use crate::common::*;
use cashier::journal::{Content, Journal, State};
use cashier::money::Fen;
use cashier::payment::outcome::Returned;
use cashier::payment::record::{Direction, Found};
use cashier::payment::{
    Channel, CodeKind, Decline, Doubt, DoubtKind, Outcome, Payment, Record, Sale, Why,
};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// What a test knows of an order by itself, apart from the journal's own rules.
#[derive(Default)]
struct Known {
    end: Option<State>,
    parked: bool,
    cancels: u32,
    discrepancies: u32,
    voiding: bool,
    voided: bool,
}

/// Whether a record can be true of what is known, and what is known then.
fn learn(known: &mut BTreeMap<u32, Known>, n: u32, record: &Record) -> bool {
    let Some(order) = known.get_mut(&n) else {
        let new = matches!(record, Record::Opened { .. });
        if new {
            known.insert(n, Known::default());
        }
        return new;
    };
    let open = order.end.is_none();
    match record {
        Record::Opened { .. } => false,
        Record::CancelIntent { attempt, .. } => {
            let fits = open && *attempt == order.cancels + 1;
            order.cancels += u32::from(fits);
            fits
        }
        Record::Parked { .. } => {
            let fits = open || order.voiding;
            order.parked |= fits;
            fits
        }
        Record::Settled { outcome, .. } => {
            let end = match outcome {
                Outcome::Paid(payment) if payment.amount == sale(n).amount => Some(State::Paid),
                Outcome::Paid(_) | Outcome::Unresolved(_) => None,
                Outcome::NotCharged(_) => Some(State::NotCharged),
                Outcome::Reversed(_) => Some(State::Reversed),
            };
            let fits = open && end.is_some();
            if fits {
                order.end = end;
            }
            fits
        }
        Record::VoidIntent { attempt, .. } => {
            let paid = order.end == Some(State::Paid) && !order.voided;
            let fits = paid && *attempt == order.cancels + 1;
            order.voiding |= fits;
            order.cancels += u32::from(fits);
            fits
        }
        Record::Voided { .. } => {
            order.voided |= order.voiding;
            std::mem::take(&mut order.voiding)
        }
        Record::VoidRefused { .. } => std::mem::take(&mut order.voiding),
        Record::Discrepancy { .. } => {
            let fits = !open && !order.voiding;
            order.discrepancies += u32::from(fits);
            fits
        }
        // They have a model of their own (refunds.rs).
        Record::RefundIntent { .. }
        | Record::RefundParked { .. }
        | Record::RefundSettled { .. }
        | Record::RefundDiscrepancy { .. } => false,
    }
}

fn any_step() -> impl Strategy<Value = (u32, Record)> {
    (1..=3_u32, 0..18_u32).prop_map(|(n, what)| {
        let record = match what {
            0..=2 => opened(n),
            3 => cancel(n, 1),
            4 => cancel(n, 2),
            5 => parked(n),
            6 => paid(n),
            7 => settled(n, Outcome::Paid(payment(n + 1))),
            8 => not_charged(n),
            9 => reversed(n),
            10 => settled(n, Outcome::Unresolved(Doubt::of(DoubtKind::NoAnswer))),
            11 => void(n, 1),
            12 => void(n, 2),
            13 => voided(n),
            14 => void_refused(n),
            15 => paid(n),
            _ => discrepancy(n),
        };
        (n, record)
    })
}

fn assert_told(journal: &Journal, known: &BTreeMap<u32, Known>) {
    let told = Told::by(journal);
    assert_eq!(told.list.len(), known.len());
    for (n, known) in known {
        let entry = journal.find(&order(*n)).expect("readable").expect("an entry");
        let open = if known.parked { State::Parked } else { State::Open };
        let end = match (known.voiding, known.voided) {
            (true, _) => Some(State::Voiding),
            (false, true) => Some(State::Voided),
            (false, false) => known.end,
        };
        assert_eq!(entry.summary.state, end.unwrap_or(open));
        let returned = if known.voided { entry.summary.amount } else { Fen::ZERO };
        assert_eq!(entry.summary.refunded, returned);
        assert_eq!(entry.outcome.is_some(), known.end.is_some());
        assert_eq!((entry.cancels, entry.parked.is_some()), (known.cancels, known.parked));
        assert_eq!(entry.discrepancies.len(), known.discrepancies as usize);
        let open = told.open.iter().find(|open| open.sale.order == order(*n));
        assert_eq!(open.is_some(), known.end.is_none() || known.voiding);
        if let Some(open) = open {
            assert_eq!((open.cancels, &open.parked), (known.cancels, &entry.parked));
            assert_eq!(open.paid.as_ref(), entry.payment());
        }
    }
}

fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(any::<char>(), 0..12).prop_map(String::from_iter)
}

fn channel() -> impl Strategy<Value = Channel> {
    prop_oneof![
        proptest::sample::select(Channel::NAMED.to_vec()),
        text().prop_map(Channel::Unknown)
    ]
}

fn decline() -> impl Strategy<Value = Decline> {
    (proptest::sample::select(Why::ALL.to_vec()), proptest::option::of(text()))
        .prop_map(|(why, said)| Decline { why, said })
}

fn doubt() -> impl Strategy<Value = Doubt> {
    (proptest::sample::select(DoubtKind::ALL.to_vec()), proptest::option::of(text()))
        .prop_map(|(kind, said)| Doubt { kind, said })
}

fn any_payment(amount: i64) -> impl Strategy<Value = Payment> {
    let returned = prop_oneof![
        Just(Returned::Nothing),
        proptest::option::of(any::<i64>().prop_map(Fen::new)).prop_map(Returned::Part),
        Just(Returned::Everything),
        Just(Returned::Unclear),
    ];
    let number = || proptest::option::of(text());
    (channel(), number(), number(), returned).prop_map(
        move |(channel, gateway_order, trade_no, returned)| Payment {
            amount: Fen::new(amount),
            channel,
            gateway_order,
            trade_no,
            returned,
        },
    )
}

fn direction() -> impl Strategy<Value = Direction> {
    let kinds = vec![CodeKind::Barcode, CodeKind::Sonic, CodeKind::Nfc];
    prop_oneof![
        (proptest::sample::select(kinds), text(), channel())
            .prop_map(|(kind, masked, channel)| Direction::Scan { kind, masked, channel }),
        channel().prop_map(|channel| Direction::Present { channel }),
    ]
}

/// The whole life of one order, with any texts.
fn any_life() -> impl Strategy<Value = Vec<Record>> {
    let order = || order(1);
    (1..=9_999_999_999_i64).prop_flat_map(move |amount| {
        let outcome = prop_oneof![
            any_payment(amount).prop_map(Outcome::Paid),
            decline().prop_map(Outcome::NotCharged),
            decline().prop_map(Outcome::Reversed),
        ];
        let found = prop_oneof![
            any_payment(amount).prop_map(Found::Paid),
            decline().prop_map(Found::NotPaid)
        ];
        (text(), text(), direction(), decline(), doubt(), outcome, found, decline()).prop_map(
            move |(operator, subject, direction, why, doubt, outcome, found, refusal)| {
                let amount = Fen::new(amount);
                let sale = Sale { order: order(), amount, operator, subject };
                let paid = matches!(&outcome, Outcome::Paid(payment)
                    if payment.returned == Returned::Nothing);
                let mut life = vec![
                    Record::Opened { sale, direction },
                    Record::CancelIntent { order: order(), attempt: 1, why },
                    Record::Parked { order: order(), doubt },
                    Record::Settled { order: order(), outcome },
                ];
                if paid {
                    life.extend([
                        Record::VoidIntent { order: order(), attempt: 2 },
                        Record::VoidRefused { order: order(), why: refusal },
                        Record::VoidIntent { order: order(), attempt: 3 },
                        Record::Voided { order: order() },
                    ]);
                }
                life.push(Record::Discrepancy { order: order(), found });
                life
            },
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn i6_any_sequence_is_taken_as_far_as_it_can_be_true(
        steps in proptest::collection::vec(any_step(), 0..40),
        reopen in proptest::collection::vec(any::<bool>(), 40),
    ) {
        let place = Place::new();
        let mut journal = Some(place.open());
        let mut known = BTreeMap::new();
        for ((n, record), reopen) in steps.iter().zip(reopen) {
            if reopen {
                drop(journal.take());
            }
            let journal = journal.get_or_insert_with(|| place.open());
            let result = journal.append(record, NOW);
            match (learn(&mut known, *n, record), result) {
                (true, Ok(())) => {}
                (false, Err(error)) => prop_assert!(error.refusal().is_some(), "{error}"),
                (fits, result) => prop_assert!(false, "{record:?}: {fits}, {result:?}"),
            }
        }
        let last = journal.get_or_insert_with(|| place.open());
        assert_told(last, &known);
        drop(journal);
        assert_told(&place.open(), &known);
    }

    #[test]
    fn any_record_comes_back_as_it_went(life in any_life()) {
        let place = Place::with(&life);
        let journal = place.open();
        let history = journal.history(&order(1)).expect("a history");
        let told: Vec<_> = history.into_iter().map(|entry| entry.content).collect();
        let went: Vec<_> = life.into_iter().map(|record| Ok(Content::Record(record))).collect();
        prop_assert_eq!(told, went);
        prop_assert_eq!(journal.verify().expect("verified"), []);
    }

    #[test]
    fn i11_any_changed_byte_of_an_entry_is_found(
        seq in 1..=7_i64,
        column in proptest::sample::select(vec!["body", "order_id", "kind"]),
        at in any::<prop::sample::Index>(),
        flip in 1..=255_u8,
    ) {
        let place = Place::with(
            &[opened(1), cancel(1, 1), parked(1), paid(1), discrepancy(1), opened(2), paid(2)],
        );
        let raw = place.raw();
        raw.pragma_update(None, "ignore_check_constraints", true).expect("no checks");
        let sql = format!("SELECT CAST({column} AS BLOB) FROM entries WHERE seq = ?");
        let mut bytes: Vec<u8> = raw.query_row(&sql, [seq], |row| row.get(0)).expect("an entry");
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        let sql = format!("UPDATE entries SET {column} = CAST(? AS TEXT) WHERE seq = ?");
        raw.execute(&sql, rusqlite::params![bytes, seq]).expect("changed");
        drop(raw);
        let journal = Journal::open_read_only(&place.path).expect("a reader");
        let findings = journal.verify().expect("verified");
        prop_assert!(findings.iter().any(|finding| finding.seq == Some(seq)), "{findings:?}");
        // What is left is still told.
        prop_assert_eq!(journal.list(10, None).expect("a list").items.len(), 2);
        let histories = [1, 2].map(|n| journal.history(&order(n)).expect("a history").len());
        prop_assert!(histories.iter().sum::<usize>() >= 6);
    }
}

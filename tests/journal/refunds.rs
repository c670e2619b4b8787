//! Refunds in the journal: never more than was paid, one at a time, one number for one refund.

use crate::common::*;
use cashier::journal::{Content, Journal, JournalError, RefundState, Refusal};
use cashier::payment::record::{OpenRefund, RefundFound};
use cashier::payment::{Decline, Doubt, DoubtKind, Record, RefundOutcome, Why};
use proptest::prelude::*;

fn refusal(journal: &mut Journal, record: &Record) -> Option<Refusal> {
    journal.append(record, NOW).expect_err("it should be refused").refusal()
}

fn sums(journal: &Journal, n: u32) -> (i64, i64) {
    let summary = journal.find(&order(n)).expect("readable").expect("an order").summary;
    (summary.refunded.get(), summary.refunding.get())
}

#[test]
fn i12_no_more_is_given_back_than_was_paid() {
    // 10.01 were paid.
    let place = Place::with(&[opened(1), paid(1), intent(1, "A", 600, 0)]);
    let mut journal = place.open();
    assert_eq!(sums(&journal, 1), (0, 600));
    let above = intent(1, "B", 402, 0);
    assert_eq!(refusal(&mut journal, &above), Some(Refusal::AboveRest), "in flight counts");
    append(&mut journal, &refunded(1, "A"));
    assert_eq!(sums(&journal, 1), (600, 0));
    assert_eq!(refusal(&mut journal, &intent(1, "B", 402, 600)), Some(Refusal::AboveRest));
    append(&mut journal, &intent(1, "B", 401, 600));
    append(&mut journal, &refunded(1, "B"));
    assert_eq!(sums(&journal, 1), (1001, 0));
    assert_eq!(refusal(&mut journal, &intent(1, "C", 1, 1001)), Some(Refusal::AboveRest));
    assert_eq!(journal.verify().expect("verified"), []);
}

#[test]
fn i12_what_was_refused_can_be_given_back_after_all() {
    let place = Place::with(&[opened(1), paid(1), intent(1, "A", 1001, 0)]);
    let mut journal = place.open();
    append(&mut journal, &refused_by_gateway(1, "A"));
    assert_eq!(sums(&journal, 1), (0, 0));
    append(&mut journal, &intent(1, "B", 1001, 0));
}

#[test]
fn i12_one_refund_at_a_time() {
    let place = Place::with(&[opened(1), paid(1), intent(1, "A", 100, 0)]);
    let mut journal = place.open();
    assert_eq!(refusal(&mut journal, &intent(1, "B", 100, 0)), Some(Refusal::RefundGoingOn));
    assert_eq!(refusal(&mut journal, &void(1, 1)), Some(Refusal::RefundGoingOn));
    append(&mut journal, &refunded(1, "A"));
    assert_eq!(refusal(&mut journal, &intent(1, "B", 100, 0)), Some(Refusal::RefundedBefore));
}

#[test]
fn i12_only_what_is_paid_can_be_given_back() {
    for (before, why) in [
        (vec![opened(1)], Refusal::NotPaid),
        (vec![opened(1), parked(1)], Refusal::NotPaid),
        (vec![opened(1), not_charged(1)], Refusal::NotPaid),
        (vec![opened(1), paid(1), void(1, 1)], Refusal::Voiding),
        (vec![opened(1), paid(1), void(1, 1), voided(1)], Refusal::AlreadyReturned),
    ] {
        let place = Place::with(&before);
        let mut journal = place.open();
        assert_eq!(refusal(&mut journal, &intent(1, "A", 1, 0)), Some(why), "{before:?}");
        let found = journal.find(&order(1)).expect("readable").expect("an order");
        assert_eq!(found.refundable, Err(why));
    }
    let mut journal = Place::with(&[opened(2)]).open();
    assert_eq!(refusal(&mut journal, &intent(1, "A", 1, 0)), Some(Refusal::UnknownOrder));
}

/// I6: a payment that was found after all is there to be given back.
#[test]
fn i6_a_contradicted_order_can_be_refunded() {
    let place = Place::with(&[opened(1), reversed(1), discrepancy(1), intent(1, "A", 1001, 0)]);
    let mut journal = place.open();
    append(&mut journal, &refunded(1, "A"));
    assert_eq!(sums(&journal, 1), (1001, 0));
}

#[test]
fn i2_one_number_is_one_refund() {
    let before = [opened(1), paid(1), opened(2), paid(2), intent(1, "A", 100, 0)];
    let place = Place::with(&before);
    let mut journal = place.open();
    assert_eq!(refusal(&mut journal, &intent(1, "A", 100, 0)), Some(Refusal::RefundExists));
    assert_eq!(refusal(&mut journal, &intent(1, "A", 101, 0)), Some(Refusal::RefundNumberTaken));
    assert_eq!(refusal(&mut journal, &intent(2, "A", 100, 0)), Some(Refusal::RefundNumberTaken));
    append(&mut journal, &refunded(1, "A"));
    assert_eq!(refusal(&mut journal, &intent(1, "A", 100, 100)), Some(Refusal::RefundExists));
    assert_eq!(journal.order_of_refund(&number("A")).expect("readable"), Some(order(1)));
    assert_eq!(journal.order_of_refund(&number("B")).expect("readable"), None);
    assert_eq!(journal.list_refunds(9, None).expect("a list").items.len(), 1);
}

#[test]
fn i6_the_end_of_a_refund_is_never_rewritten() {
    let place = Place::with(&[opened(1), paid(1), intent(1, "A", 100, 0), refunded(1, "A")]);
    let mut journal = place.open();
    for late in [refused_by_gateway(1, "A"), refunded(1, "A"), put_off(1, "A", None)] {
        assert_eq!(refusal(&mut journal, &late), Some(Refusal::AlreadySettled), "{late:?}");
    }
    assert_eq!(refusal(&mut journal, &refunded(1, "B")), Some(Refusal::UnknownRefund));
    append(&mut journal, &intent(1, "B", 100, 100));
    for open in
        [RefundOutcome::Refunding, RefundOutcome::Unresolved(Doubt::of(DoubtKind::NoAnswer))]
    {
        assert_eq!(refusal(&mut journal, &ended(1, "B", open)), Some(Refusal::NotFinal));
    }
}

#[test]
fn i6_a_refund_that_happened_after_all_counts() {
    let found = |found| Record::RefundDiscrepancy { order: order(1), id: number("A"), found };
    let place = Place::with(&[opened(1), paid(1), intent(1, "A", 600, 0)]);
    let mut journal = place.open();
    assert_eq!(refusal(&mut journal, &found(RefundFound::Refunded)), Some(Refusal::NotSettled));
    append(&mut journal, &refused_by_gateway(1, "A"));
    append(&mut journal, &found(RefundFound::Refunded));
    append(&mut journal, &found(RefundFound::Refunded));
    assert_eq!(sums(&journal, 1), (600, 0), "once");
    assert_eq!(refusal(&mut journal, &intent(1, "B", 402, 600)), Some(Refusal::AboveRest));
    let entry = journal.find(&order(1)).expect("readable").expect("an order");
    assert_eq!(entry.refunds[0].discrepancies.len(), 2);
    assert_eq!(entry.refunds[0].state, RefundState::Refused, "the end stays");
}

#[test]
fn i7_an_open_refund_comes_back_with_all_that_is_needed_to_go_on() {
    let doubt = Doubt { kind: DoubtKind::GatewayFault, said: Some("500".to_owned()) };
    let place = Place::with(&[
        opened(1),
        paid(1),
        opened(2),
        paid(2),
        opened(3),
        paid(3),
        intent(2, "B", 200, 0),
        intent(1, "A", 100, 0),
        intent(3, "C", 300, 0),
        put_off(1, "A", Some(doubt.clone())),
        put_off(3, "C", None),
    ]);
    let journal = place.open();
    let open = journal.open_refunds().expect("readable");
    assert_eq!(open.damaged, []);
    let expected = [
        OpenRefund { refund: refund(2, "B", 200, 0), parked: None },
        OpenRefund { refund: refund(1, "A", 100, 0), parked: Some(Some(doubt)) },
        OpenRefund { refund: refund(3, "C", 300, 0), parked: Some(None) },
    ];
    assert_eq!(open.items, expected);
    assert_eq!(journal.open_charges().expect("readable").items, []);
    let listed = journal.list_refunds(2, None).expect("a list").items;
    let told: Vec<_> = listed.iter().map(|it| (it.id.as_str(), it.state.outcome())).collect();
    assert_eq!(told, [("C", Some("refunding")), ("A", Some("unresolved"))]);
    let rest = journal.list_refunds(9, Some(listed[1].seq)).expect("a list").items;
    assert_eq!((rest.len(), rest[0].state.outcome()), (1, None));
}

#[test]
fn i11_a_damaged_journal_begins_no_refund() {
    let place = Place::with(&[opened(1), paid(1)]);
    place.raw().execute("UPDATE entries SET at_ms = 1 WHERE seq = 1", []).expect("an edit");
    let mut journal = place.open();
    assert!(!journal.damage().is_empty());
    let error = journal.append(&intent(1, "A", 100, 0), NOW).expect_err("it is damaged");
    assert!(matches!(error, JournalError::Damaged { .. }), "{error}");
}

#[test]
fn i11_a_refund_that_was_edited_is_found() {
    for edit in [
        "UPDATE refunds SET amount_fen = 1",
        "UPDATE refunds SET state = 'refused'",
        "UPDATE charges SET refunding_fen = 0",
        "DELETE FROM refunds",
    ] {
        let place = Place::with(&[opened(1), paid(1), intent(1, "A", 100, 0)]);
        place.raw().execute(edit, []).expect("an edit");
        let journal = place.open();
        assert_ne!(journal.verify().expect("verified"), [], "{edit}");
    }
}

#[test]
fn i12_the_file_itself_refuses_more_than_was_paid() {
    let place = Place::with(&[opened(1), paid(1), intent(1, "A", 100, 0)]);
    let raw = place.raw();
    for edit in
        ["UPDATE charges SET refunding_fen = 1002", "UPDATE charges SET refunded_fen = 1000"]
    {
        raw.execute(edit, []).expect_err(edit);
    }
}

/// A step on one order that paid 10.01, and what a model of its own makes of it.
#[derive(Clone, Debug)]
enum Step {
    Intend(u8, i64),
    Park(u8),
    Refunded(u8),
    Refused(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..6_u8, 1..700_i64).prop_map(|(id, fen)| Step::Intend(id, fen)),
        1 => (0..6_u8).prop_map(Step::Park),
        2 => (0..6_u8).prop_map(Step::Refunded),
        1 => (0..6_u8).prop_map(Step::Refused),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn i12_any_sequence_of_refunds_stays_within_what_was_paid(
        steps in proptest::collection::vec(step(), 0..40),
        reopen in proptest::collection::vec(any::<bool>(), 40),
    ) {
        let place = Place::with(&[opened(1), paid(1)]);
        let mut journal = Some(place.open());
        let (mut gone, mut open, mut known) = (0_i64, None::<(u8, i64)>, Vec::<u8>::new());
        for (step, reopen) in steps.iter().zip(reopen) {
            if reopen {
                drop(journal.take());
            }
            let journal = journal.get_or_insert_with(|| place.open());
            let is_open = |id: &u8| open.is_some_and(|(open, _)| open == *id);
            let (fits, record) = match step {
                Step::Intend(id, fen) => {
                    let fits = !known.contains(id) && open.is_none() && gone + fen <= 1001;
                    (fits, intent(1, &format!("R{id}"), *fen, gone))
                }
                Step::Park(id) => (is_open(id), put_off(1, &format!("R{id}"), None)),
                Step::Refunded(id) => (is_open(id), refunded(1, &format!("R{id}"))),
                Step::Refused(id) => (is_open(id), refused_by_gateway(1, &format!("R{id}"))),
            };
            let taken = journal.append(&record, NOW);
            prop_assert_eq!(fits, taken.is_ok(), "{:?} {:?}", step, taken);
            if fits {
                match step {
                    Step::Intend(id, fen) => {
                        open = Some((*id, *fen));
                        known.push(*id);
                    }
                    Step::Park(_) => {}
                    Step::Refunded(_) => gone += open.take().map_or(0, |(_, fen)| fen),
                    Step::Refused(_) => open = None,
                }
            }
            prop_assert_eq!(sums(journal, 1), (gone, open.map_or(0, |(_, fen)| fen)));
        }
        let journal = journal.get_or_insert_with(|| place.open());
        prop_assert_eq!(journal.verify().expect("verified"), []);
        prop_assert_eq!(journal.open_refunds().expect("readable").items.len(), open.iter().count());
    }

    #[test]
    fn any_refund_comes_back_as_it_went(
        texts in proptest::collection::vec(proptest::option::of(".{0,12}"), 4),
        accepted: bool,
        went: bool,
    ) {
        let text = |at: usize| texts[at].clone();
        let mut wanted = refund(1, "A", 100, 0);
        wanted.subject = text(0).unwrap_or_default();
        wanted.gateway_order = text(1);
        let doubt = Doubt { kind: DoubtKind::Mismatch, said: text(2) };
        let outcome = if went {
            RefundOutcome::Refunded { gateway_refund: text(3) }
        } else {
            RefundOutcome::Refused(Decline { why: Why::RefundFailed, said: text(3) })
        };
        let found = RefundFound::NotRefunded(Decline { why: Why::RefundFailed, said: text(2) });
        let life = vec![
            opened(1),
            paid(1),
            Record::RefundIntent { refund: wanted },
            put_off(1, "A", (!accepted).then_some(doubt)),
            ended(1, "A", outcome),
            Record::RefundDiscrepancy { order: order(1), id: number("A"), found },
        ];
        let place = Place::with(&life);
        let journal = place.open();
        let history = journal.history(&order(1)).expect("a history");
        let told: Vec<_> = history.into_iter().map(|entry| entry.content).collect();
        let went: Vec<_> = life.into_iter().map(|record| Ok(Content::Record(record))).collect();
        prop_assert_eq!(told, went);
        prop_assert_eq!(journal.verify().expect("verified"), []);
    }
}

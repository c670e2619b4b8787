//! I1, I3, I10: what the journal does not hold is neither sent nor shown as certain.

use super::story::*;
use cashier::id::AskId;
use cashier::payment::{DoubtKind, Event, Timer};

const HALTED: [&str; 3] = ["signal unresolved", "show", "finish unresolved: journal_failed"];

#[test]
fn i10_a_charge_that_cannot_be_recorded_is_not_sent() {
    for story in [Story::recording(), Story::recording_qr().skip()] {
        let story = story.journal_fails().expect([
            "signal not_charged",
            "show",
            "finish not charged: journal_failed",
        ]);
        assert!(story.charge.is_done());
        assert_eq!(story.next(), None);
    }
}

#[test]
fn i10_a_cancel_that_cannot_be_recorded_is_not_sent() {
    Story::recording_cancel().journal_fails().expect(HALTED);
}

#[test]
fn i10_a_payment_that_cannot_be_recorded_is_not_shown_as_paid() {
    Story::charging().answers("pay", paid()).skip().journal_fails().expect(HALTED);
}

#[test]
fn i10_a_charge_that_cannot_be_parked_halts() {
    Story::charging()
        .answers("pay", unknown(DoubtKind::WalletUncertain))
        .skip()
        .journal_fails()
        .expect(HALTED);
}

#[test]
fn i10_a_contradiction_is_shown_though_it_cannot_be_recorded() {
    Story::settled_not_charged()
        .notified()
        .answers("query", paid())
        .skip()
        .journal_fails()
        .expect(["signal alarm", "show"])
        .shows("contradicted not charged: code_expired");
}

#[test]
fn i10_a_halted_charge_does_nothing_more() {
    let halted = || Story::charging().answers("pay", paid()).journal_fails().skip();
    halted().notified().expect_nothing();
    halted().cancel_key().expect_nothing();
    halted().scans(ALIPAY_CODE).expect_nothing();
    halted().stored().expect_nothing();
    let waiting = Story::recording_cancel().journal_fails().skip();
    let waiting = waiting.answers("pay", paid()).expect_nothing();
    // It is counted as open until the next start takes it up.
    assert!(waiting.charge.is_unresolved() && !waiting.charge.is_done());
}

#[test]
fn i1_nothing_happens_while_an_entry_is_written() {
    for story in [
        Story::recording(),
        Story::recording_qr().skip(),
        Story::recording_cancel(),
        Story::charging().answers("pay", paid()).skip(),
    ] {
        assert_eq!(story.next(), None);
        story
            .at(1_000_000)
            .catches_up()
            .notified()
            .cancel_key()
            .scans(ALIPAY_CODE)
            .expect_nothing();
    }
}

#[test]
fn events_that_came_while_an_entry_was_written_follow_it() {
    Story::recording_cancel()
        .answers("pay", PENDING)
        .notified()
        .expect_nothing()
        .stored()
        .expect(["ask cancel"])
        .waits_for(12_000, Timer::Ask);
}

#[test]
fn a_second_acknowledgement_is_nothing() {
    Story::charging().stored().expect_nothing().journal_fails().expect_nothing();
}

#[test]
fn i15_a_flood_while_an_entry_is_written_is_not_kept() {
    let size = |story: &Story| format!("{:?}", story.charge).len();
    let mut story = Story::recording();
    let before = size(&story);
    for n in 0..1_000_u64 {
        story = story.scans(&format!("2865{:014}", n)).notified().cancel_key();
        let ask = AskId(u32::try_from(n).expect("fits"));
        story = story.happens(Event::Answered { ask, result: PENDING });
    }
    assert!(size(&story) < before + 100, "{} bytes, then {}", before, size(&story));
}

#[test]
fn an_answer_that_came_while_an_entry_was_written_counts_once() {
    Story::recording_cancel()
        .answers("pay", PENDING)
        .answers_again("pay", paid())
        .stored()
        .expect(["ask cancel"]);
}

//! The return of a payment: query → cancel → query, and "paid" is where it begins.

use super::story::*;
use cashier::payment::{DoubtKind, Timer, Why};

const REFUSED: fn() -> Answer = || unknown(DoubtKind::AskAgain);

#[test]
fn a_payment_goes_back() {
    Story::voiding(0)
        .expect_nothing()
        .wakes(0, Timer::Resolve)
        .expect(["ask query"])
        .answers("query", paid())
        .expect(["store void 1"])
        .stored()
        .expect(["ask cancel"])
        .answers("cancel", reversed())
        .expect(["ask query"])
        .answers("query", reversed())
        .expect(["store voided"])
        .stored()
        .expect(["signal alarm", "show", "finish reversed: cancelled_by_cashier"]);
}

#[test]
fn every_answer_that_the_money_is_gone_ends_it() {
    for gone in [reversed(), paid_and(Returned::Everything), declined(Why::TradeClosed)] {
        for cancel in [reversed(), LOST, GARBLED, REFUSED(), NOT_FOUND, PENDING] {
            Story::voided(cancel).answers("query", gone.clone()).expect(["store voided"]);
        }
    }
}

#[test]
fn i1_it_counts_on_from_the_cancels_of_the_charge() {
    Story::voiding(3)
        .at(0)
        .catches_up()
        .answers("query", paid())
        .expect(["ask query", "store void 4"]);
}

#[test]
fn a_refusal_needs_two_queries_that_say_paid() {
    let story = Story::voided(REFUSED())
        .answers("query", paid())
        .expect_nothing()
        .wakes(1_000, Timer::Resolve)
        .expect(["ask query"])
        .answers("query", paid())
        .expect(["store void refused: gateway_refused"])
        .stored()
        .expect(["signal alarm", "show", "finish paid"]);
    assert!(story.charge.is_done());
}

#[test]
fn the_two_queries_must_follow_each_other() {
    Story::voided(REFUSED())
        .answers("query", paid())
        .wakes(1_000, Timer::Resolve)
        .answers("query", LOST)
        .wakes(3_000, Timer::Resolve)
        .answers("query", paid())
        .expect(["ask query", "ask query"]);
}

#[test]
fn i12_while_a_cancel_may_still_act_no_other_is_sent_and_nothing_is_refused() {
    for answer in [LOST, GARBLED, PENDING, unknown(DoubtKind::GatewayFault)] {
        let mut story = Story::voided(answer).answers("query", paid()).expect_nothing();
        while story.effects() != "store void 2" {
            let (at, _) = story.next().expect("an open void always waits for something");
            story = story.at(at).catches_up().skip();
            story = story.answers("query", paid());
        }
        assert!(story.now_ms() >= 80_000, "cancelled again at {} ms", story.now_ms());
    }
}

#[test]
fn i12_a_cancel_from_before_the_cut_may_still_act() {
    let story = Story::restored_void(1)
        .expect_nothing()
        .shows("unresolved: interrupted")
        .wakes(0, Timer::Resolve)
        .expect(["ask query"])
        .answers("query", paid())
        .expect_nothing();
    story.clone().at(80_000).catches_up().skip().answers("query", paid()).expect(["store void 2"]);
    story.at(80_000).catches_up().skip().answers("query", reversed()).expect(["store voided"]);
}

#[test]
fn a_cancel_that_never_left_is_tried_again() {
    Story::voided(NOT_SENT)
        .answers("query", paid())
        .wakes(1_000, Timer::Resolve)
        .expect(["ask query"])
        .answers("query", paid())
        .expect(["store void 2"]);
}

#[test]
fn a_paid_order_that_is_missing_proves_nothing() {
    let mut story = Story::voided(NOT_FOUND);
    for _ in 0..20 {
        story = story.answers("query", NOT_FOUND).expect_nothing();
        let (at, _) = story.next().expect("an open void always waits for something");
        story = story.at(at).catches_up().expect(["ask query"]);
    }
}

#[test]
fn nothing_is_intended_before_the_gateway_says_how_the_order_stands() {
    let answers =
        [LOST, NOT_SENT, GARBLED, PENDING, NOT_FOUND, unknown(DoubtKind::WalletUncertain)];
    for answer in answers {
        let story = Story::voiding(0).at(0).catches_up().skip();
        story.answers("query", answer).expect_nothing().waits_for(1_000, Timer::Resolve);
    }
}

#[test]
fn i1_money_that_is_gone_already_is_voided_with_an_intent_all_the_same() {
    for gone in [reversed(), paid_and(Returned::Everything)] {
        Story::voiding(0)
            .at(0)
            .catches_up()
            .answers("query", gone.clone())
            .expect(["ask query", "store void 1"])
            .stored()
            .answers("cancel", REFUSED())
            .expect(["ask cancel", "ask query"])
            .answers("query", gone)
            .expect(["store voided"]);
    }
}

#[test]
fn an_uncertain_wallet_is_asked_about_and_not_cancelled_again() {
    let mut story = Story::voided(unknown(DoubtKind::WalletUncertain));
    for _ in 0..20 {
        story = story.answers("query", unknown(DoubtKind::WalletUncertain)).expect_nothing();
        let (at, _) = story.next().expect("an open void always waits for something");
        story = story.at(at).catches_up().expect(["ask query"]);
    }
}

#[test]
fn i6_a_voided_order_that_the_gateway_says_is_paid_is_raised() {
    Story::voided(reversed())
        .answers("query", reversed())
        .stored()
        .notified()
        .skip()
        .answers("query", paid())
        .expect(["store discrepancy: paid"]);
}

#[test]
fn i6_a_voided_order_that_is_reversed_is_no_contradiction() {
    for answer in [reversed(), paid_and(Returned::Everything)] {
        Story::voided(reversed())
            .answers("query", reversed())
            .stored()
            .notified()
            .skip()
            .answers("query", answer)
            .expect_nothing();
    }
}

#[test]
fn i10_a_void_that_cannot_be_recorded_is_not_sent() {
    Story::recording_void().journal_fails().expect([
        "signal unresolved",
        "show",
        "finish unresolved: journal_failed",
    ]);
}

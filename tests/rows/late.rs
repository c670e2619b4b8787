//! I6: what comes after the end.

use super::story::*;
use cashier::payment::{DoubtKind, Timer, Why};

#[test]
fn i6_a_late_payment_is_confirmed_by_a_query_then_raised() {
    Story::reversing()
        .answers("query", declined(Why::TradeClosed))
        .stored()
        .skip()
        .answers("pay", paid())
        .expect(["ask query"])
        .answers("query", paid())
        .expect(["store discrepancy: paid"])
        .shows("not charged: trade_closed")
        .stored()
        .expect(["signal alarm", "show"])
        .shows("contradicted not charged: trade_closed");
}

#[test]
fn i6_a_late_payment_that_the_query_denies_is_no_discrepancy() {
    let story = Story::reversing()
        .answers("query", declined(Why::TradeClosed))
        .stored()
        .skip()
        .answers("pay", paid())
        .answers("query", declined(Why::TradeClosed))
        .expect(["ask query"]);
    assert!(story.charge.is_done());
}

#[test]
fn i6_a_payment_that_vanished_is_raised() {
    Story::settled_paid()
        .notified()
        .expect(["ask query"])
        .answers("query", reversed())
        .expect(["store discrepancy: not paid"])
        .stored()
        .expect(["signal alarm", "show"])
        .shows("contradicted paid");
}

#[test]
fn i6_the_same_contradiction_is_raised_once() {
    Story::settled_paid()
        .notified()
        .answers("query", reversed())
        .stored()
        .notified()
        .skip()
        .answers("query", reversed())
        .expect_nothing();
}

#[test]
fn i6_a_refund_of_ours_is_no_contradiction() {
    Story::settled_paid()
        .notified()
        .skip()
        .answers("query", paid_and(Returned::Everything))
        .expect_nothing();
}

#[test]
fn i13_a_settled_order_that_is_notified_is_asked_about_once_at_a_time() {
    Story::settled_paid()
        .notified()
        .expect(["ask query"])
        .notified()
        .expect_nothing()
        .answers("query", paid())
        .expect_nothing()
        .notified()
        .expect(["ask query"]);
}

#[test]
fn keys_and_scans_after_the_end_are_nothing() {
    Story::settled_paid().cancel_key().scans(ALIPAY_CODE).expect_nothing();
}

#[test]
fn a_charge_is_done_when_nothing_more_can_come_of_it() {
    assert!(Story::settled_paid().charge.is_done());
    let story = Story::reversing().answers("query", paid()).stored().skip();
    assert!(!story.charge.is_done(), "its pay call is still out");
    let story = story.wakes(87_000, Timer::Ask).expect_nothing();
    assert!(story.charge.is_done());
}

#[test]
fn i6_a_query_from_before_the_end_is_no_audit() {
    // It may tell how things stood before our cancel.
    Story::confirming()
        .wakes(1_000, Timer::Poll)
        .cancel_key()
        .answers_newest("query", PENDING)
        .stored()
        .answers("cancel", reversed())
        .answers_newest("query", reversed())
        .stored()
        .notified()
        .skip()
        .answers("query", paid())
        .expect_nothing()
        .answers("query", reversed())
        .expect_nothing();
}

#[test]
fn i6_a_suspicion_outlives_a_lost_audit() {
    let story = Story::reversing()
        .answers("query", declined(Why::TradeClosed))
        .stored()
        .skip()
        .answers("pay", paid())
        .expect(["ask query"])
        .answers("query", LOST)
        .expect_nothing();
    assert!(!story.charge.is_done());
    story
        .wakes(5_000, Timer::Poll)
        .expect(["ask query"])
        .answers("query", unknown(DoubtKind::GatewayFault))
        .expect_nothing()
        .wakes(15_000, Timer::Poll)
        .expect(["ask query"])
        .answers("query", paid())
        .expect(["store discrepancy: paid"]);
}

#[test]
fn i6_an_audit_that_is_never_answered_is_given_up() {
    let story = Story::settled_paid().notified().silence_until(24 * 3_600_000);
    assert!(story.charge.is_done(), "the comparison of the books is left (I20)");
    assert_eq!(story.effects().matches("ask query").count(), 12);
}

#[test]
fn i13_a_notification_for_a_sale_that_was_never_recorded_is_nothing() {
    let story = Story::awaiting_code().cancel_key().skip().notified().expect_nothing();
    assert!(story.charge.is_done());
}

//! In front of the cashier, and after the end: an event, and exactly the effects that follow.

use super::story::*;
use cashier::payment::{DoubtKind, Timer, Why};

#[test]
fn i1_the_intent_is_durable_before_anything_is_sent() {
    Story::recording()
        .expect(["show", "store intent R1"])
        .notified()
        .expect_nothing()
        .stored()
        .expect(["ask refund", "show"]);
}

#[test]
fn i10_without_an_intent_nothing_is_sent() {
    Story::recording()
        .skip()
        .journal_fails()
        .expect(["signal not_charged", "show", "finish refused: journal_failed"])
        .and_nothing_more();
}

#[test]
fn i3_refunded_is_durable_before_it_is_shown() {
    Story::applying()
        .answers("refund", REFUNDED)
        .expect(["store settled refunded"])
        .shows("applying")
        .stored()
        .expect(["signal refunded", "show", "finish refunded"])
        .and_nothing_more();
}

#[test]
fn i10_a_proof_that_cannot_be_kept_is_not_shown() {
    Story::applying()
        .answers("refund", REFUNDED)
        .skip()
        .journal_fails()
        .expect(["signal unresolved", "show", "finish unresolved: journal_failed"])
        .shows("unresolved: journal_failed");
}

#[test]
fn i4_a_refusal_of_the_only_apply_is_final() {
    Story::applying()
        .answers("refund", refused(Why::RefundNotAllowed))
        .expect(["store settled refused: refund_not_allowed"])
        .stored()
        .expect(["signal not_charged", "show", "finish refused: refund_not_allowed"])
        .and_nothing_more();
}

#[test]
fn what_never_left_gave_nothing_back() {
    Story::applying()
        .answers("refund", NOT_SENT)
        .expect(["store settled refused: never_sent"])
        .stored()
        .and_nothing_more();
}

#[test]
fn i12_accepted_is_not_refunded_and_is_asked_about_at_once() {
    Story::applying()
        .answers("refund", IN_PROGRESS)
        .expect(["show", "ask refund_query"])
        .answers("refund_query", REFUNDED)
        .expect(["store settled refunded"]);
}

#[test]
fn a_lost_answer_is_asked_about() {
    Story::applying()
        .answers("refund", LOST)
        .expect(["show"])
        .shows("confirming")
        .wakes(1_000, Timer::Poll)
        .expect(["ask refund_query"])
        .answers("refund_query", REFUNDED)
        .expect(["store settled refunded"]);
}

#[test]
fn an_unclear_answer_is_asked_about_at_once() {
    for kind in [DoubtKind::AskAgain, DoubtKind::GatewayFault, DoubtKind::UnknownCode] {
        Story::applying().answers("refund", unknown(kind)).expect(["show", "ask refund_query"]);
    }
    Story::applying().answers("refund", GARBLED).expect(["show"]).waits_for(1_000, Timer::Poll);
}

#[test]
fn a_slow_apply_is_asked_about_beside_it() {
    Story::applying()
        .wakes(10_000, Timer::Poll)
        .expect(["ask refund_query"])
        .answers("refund_query", REFUNDED)
        .expect(["store settled refunded"])
        .stored()
        .expect(["signal refunded", "show", "finish refunded"]);
}

#[test]
fn the_cashiers_part_ends_while_it_goes_on() {
    let story = Story::applying().answers("refund", IN_PROGRESS).skip();
    let story = story.queries_say_until(60_000, &IN_PROGRESS);
    assert_eq!(story.last(), "finish refunding");
    assert_eq!(story.count("store parked: refunding"), 1);
    story.shows("refunding");
}

#[test]
fn the_cashiers_part_ends_while_nothing_is_known() {
    let story = Story::confirming().queries_say_until(60_000, &LOST);
    assert_eq!(story.last(), "finish unresolved: no_answer");
    story.shows("unresolved: no_answer");
}

#[test]
fn an_uncertain_wallet_is_parked_at_once() {
    Story::applying()
        .answers("refund", unknown(DoubtKind::WalletUncertain))
        .expect(["store parked: wallet_uncertain"])
        .stored()
        .expect(["signal unresolved", "show", "finish unresolved: wallet_uncertain"]);
}

#[test]
fn i5_not_found_is_believed_only_later_than_anything_can_be_in_flight() {
    let story = Story::confirming().queries_say_until(79_999, &NOT_FOUND);
    assert_eq!(story.count("ask refund"), 0, "the first may still come");
    assert!(story.count("ask refund_query") > 2);
    // Then with the same number once more: `Story` holds each request to that.
    let story = story.skip().queries_say_until(80_000, &NOT_FOUND);
    assert_eq!(story.count("ask refund"), 1);
    story.answers("refund", REFUNDED).skip().stored().shows("refunded");
}

#[test]
fn i5_a_refund_that_was_given_up_late_may_arrive_as_late() {
    let story = Story::applying().at(20_000).answers("refund", LOST).skip();
    let story = story.queries_say_until(99_999, &NOT_FOUND);
    assert_eq!(story.count("ask refund"), 0, "what was written at 20 s may come to 100 s");
    let story = story.queries_say_until(100_000, &NOT_FOUND);
    assert_eq!(story.count("ask refund"), 1);
}

#[test]
fn i5_a_refund_that_is_still_waited_for_may_still_arrive() {
    let story = Story::applying().queries_say_until(84_999, &NOT_FOUND);
    assert_eq!(story.count("ask refund"), 0);
    story.shows("applying");
}

#[test]
fn i5_what_was_not_found_before_it_was_applied_for_again_does_not_count() {
    let story = Story::confirming().queries_say_until(80_000, &NOT_FOUND);
    let story = story.answers("refund", LOST).queries_say_until(200_000, &LOST);
    let (at, _) = story.next().expect("it goes on");
    let story = story.at(at).catches_up().skip();
    story.answers("refund_query", NOT_FOUND).expect_nothing();
}

#[test]
fn i7_a_refund_that_never_arrives_ends_in_front_of_the_cashier() {
    let story = Story::confirming().queries_say_until(80_000, &NOT_FOUND).skip();
    let story = story.answers("refund", LOST).queries_say_until(400_000, &NOT_FOUND);
    assert_eq!(story.count("ask refund"), 0, "bounded");
    story.shows("refused: never_arrived").and_nothing_more();
}

#[test]
fn i4_a_refusal_of_a_later_apply_may_be_the_echo_of_the_first() {
    let story = Story::confirming().queries_say_until(80_000, &NOT_FOUND).skip();
    story
        .answers("refund", refused(Why::AmountRejected))
        .expect(["show", "ask refund_query"])
        .answers("refund_query", REFUNDED)
        .expect(["store settled refunded"]);
}

#[test]
fn i4_a_refused_later_apply_that_queries_do_not_find_is_refused_so() {
    let story = Story::confirming().queries_say_until(80_000, &NOT_FOUND).skip();
    let story = story.answers("refund", refused(Why::RefundNoBalance));
    story
        .queries_say_until(400_000, &NOT_FOUND)
        .shows("refused: refund_no_balance")
        .and_nothing_more();
}

#[test]
fn where_no_query_can_decide_the_same_number_is_applied_for_once_more() {
    let undecided = unknown(DoubtKind::AskAgain);
    let story = Story::confirming().queries_say_until(200_000, &undecided);
    assert_eq!(story.count("ask refund"), 1);
    let story = story.skip().answers("refund", REFUNDED);
    assert_eq!(story.count("store settled refunded"), 1);
}

#[test]
fn a_late_answer_to_the_apply_ends_it_too() {
    Story::applying()
        .at(85_000)
        .catches_up()
        .skip()
        .answers("refund", REFUNDED)
        .expect(["store settled refunded"]);
}

#[test]
fn i15_the_same_answer_counts_once() {
    let story = Story::applying();
    let story = story.answers("refund", IN_PROGRESS).skip();
    let event =
        cashier::payment::RefundEvent::Answered { ask: cashier::id::AskId(0), result: REFUNDED };
    story.happens(event).expect_nothing();
}

#[test]
fn i6_a_contradiction_is_confirmed_by_a_query_then_raised() {
    Story::settled(REFUNDED)
        .notified()
        .expect(["ask refund_query"])
        .answers("refund_query", refused(Why::RefundFailed))
        .expect(["store discrepancy: not refunded"])
        .shows("refunded")
        .stored()
        .expect(["signal alarm", "show"])
        .shows("contradicted refunded");
    Story::settled(refused(Why::RefundNotAllowed))
        .notified()
        .skip()
        .answers("refund_query", REFUNDED)
        .expect(["store discrepancy: refunded"]);
}

#[test]
fn i6_a_refund_that_was_refused_and_seems_to_go_on_is_asked_about() {
    Story::applying()
        .wakes(10_000, Timer::Poll)
        .answers("refund", refused(Why::RefundNotAllowed))
        .stored()
        .skip()
        .answers("refund_query", IN_PROGRESS)
        .expect(["ask refund_query"])
        .answers("refund_query", REFUNDED)
        .expect(["store discrepancy: refunded"]);
}

#[test]
fn i6_a_query_from_before_the_end_is_no_audit() {
    Story::applying()
        .wakes(10_000, Timer::Poll)
        .answers("refund", REFUNDED)
        .stored()
        .notified()
        .skip()
        .answers("refund_query", refused(Why::RefundFailed))
        .expect_nothing()
        .answers("refund_query", REFUNDED)
        .expect_nothing()
        .and_nothing_more();
}

#[test]
fn i6_a_late_refusal_after_a_proof_is_asked_about_and_denied() {
    Story::applying()
        .wakes(10_000, Timer::Poll)
        .answers("refund_query", REFUNDED)
        .stored()
        .skip()
        .answers("refund", refused(Why::AmountRejected))
        .expect(["ask refund_query"])
        .answers("refund_query", REFUNDED)
        .expect_nothing()
        .and_nothing_more();
}

//! Parked and restored refunds (I7, I9).

use super::story::*;
use cashier::payment::{Doubt, DoubtKind, Timer, Why};

const DAY_MS: u64 = 86_400_000;

#[test]
fn i9_a_restored_refund_is_asked_about_and_not_applied_for() {
    Story::restored(None)
        .shows("unresolved: interrupted")
        .wakes(0, Timer::Resolve)
        .expect(["ask refund_query"])
        .answers("refund_query", REFUNDED)
        .expect(["store settled refunded"])
        .stored()
        .expect(["signal alarm", "show", "finish refunded"])
        .and_nothing_more();
}

#[test]
fn a_restored_refund_remembers_how_it_stood() {
    Story::restored(Some(None)).shows("refunding");
    Story::restored(Some(Some(Doubt::of(DoubtKind::Mismatch)))).shows("unresolved: mismatch");
}

#[test]
fn i5_a_restored_refund_that_never_arrived_is_refused_after_the_longest_flight() {
    let story = Story::restored(None).queries_say_until(79_999, &NOT_FOUND);
    assert_eq!(story.count("store settled refused: never_arrived"), 0);
    let story = story.queries_say_until(80_000, &NOT_FOUND);
    assert_eq!(story.count("ask refund"), 0, "nobody stands in front");
    story.shows("refused: never_arrived").and_nothing_more();
}

#[test]
fn i5_what_was_in_progress_between_two_not_founds_counts_anew() {
    let story = Story::restored(None).wakes(0, Timer::Resolve).answers("refund_query", NOT_FOUND);
    let story = story.at(80_000).catches_up().answers("refund_query", IN_PROGRESS);
    let story = story.at(200_000).catches_up().answers("refund_query", NOT_FOUND);
    assert_eq!(story.count("store settled refused: never_arrived"), 0);
    let (at, _) = story.next().expect("it goes on");
    story.at(at).catches_up().answers("refund_query", NOT_FOUND).stored().and_nothing_more();
}

#[test]
fn i12_refunding_goes_on_until_it_is_refunded() {
    let story = Story::restored(Some(None)).queries_say_until(DAY_MS, &IN_PROGRESS);
    story
        .shows("refunding")
        .queries_say_until(2 * DAY_MS, &REFUNDED)
        .shows("refunded")
        .and_nothing_more();
}

#[test]
fn refunding_goes_on_until_it_is_refused() {
    Story::parked()
        .queries_say_until(60_000, &refused(Why::RefundFailed))
        .shows("refused: refund_failed")
        .and_nothing_more();
}

#[test]
fn i7_the_waits_grow_to_a_cap_and_then_to_a_day() {
    let mut story = Story::restored(None);
    let mut last = 0;
    let mut waits = Vec::new();
    for _ in 0..104 {
        let (at, _) = story.next().expect("it is never given up");
        waits.push(at - last);
        last = at;
        story = story.at(at).catches_up().answers("refund_query", LOST).skip();
    }
    assert_eq!(waits[..6], [0, 2_000, 4_000, 8_000, 16_000, 32_000]);
    assert_eq!(waits[50], 600_000);
    assert_eq!(waits[103], DAY_MS);
}

#[test]
fn i13_a_notification_is_worth_a_query_at_once() {
    Story::parked().notified().waits_for(0, Timer::Resolve);
    // One that is out may not have seen what happened.
    let story = Story::parked().wakes(5_000, Timer::Resolve).notified();
    story.answers("refund_query", IN_PROGRESS).waits_for(5_000, Timer::Resolve);
}

#[test]
fn the_gateway_out_of_reach_takes_nothing_from_what_it_said() {
    Story::restored(Some(None)).queries_say_until(60_000, &LOST).shows("refunding");
}

#[test]
fn i4_a_refusal_may_be_the_echo_of_an_apply_from_before_the_cut() {
    let mut story = Story::restored(None);
    while story.count("ask refund") == 0 {
        let (at, _) = story.next().expect("it goes on");
        story = story.queries_say_until(at, &unknown(DoubtKind::AskAgain));
    }
    story.skip().answers("refund", refused(Why::AmountRejected)).expect_nothing();
}

#[test]
fn i5_the_end_of_the_doubt_is_known_to_whoever_waits_for_it() {
    let story = Story::restored(None);
    assert_eq!(story.refunding.doubt_ends(), cashier::payment::Moment::from_ms(80_000));
}

#[test]
fn a_parked_refund_that_no_query_decides_is_applied_for_a_few_times_and_never_again() {
    let undecided = unknown(DoubtKind::AskAgain);
    let mut story = Story::restored(None);
    for _ in 0..6 {
        let until = story.next().expect("it goes on").0 + 3_600_000;
        story = story.queries_say_until(until, &undecided);
    }
    assert_eq!(story.count("ask refund"), 2);
}

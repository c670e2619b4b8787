//! Query → cancel → query, and "paid" wins.

use super::story::*;
use cashier::payment::{DoubtKind, Timer, Why};

#[test]
fn the_cancel_key_before_the_scan_ends_it_at_once() {
    Story::awaiting_code().at(5_000).cancel_key().expect([
        "signal not_charged",
        "show",
        "finish not charged: cancelled_by_cashier",
    ]);
}

#[test]
fn timed_out_and_reversed() {
    let story = Story::confirming().at(60_000).catches_up().shows("reversing").skip();
    assert_eq!(story.open().first(), Some(&"query"));
    story
        .answers_newest("query", PENDING)
        .expect(["store cancel 1: cancelled_on_timeout"])
        .stored()
        .expect(["ask cancel"])
        .answers("cancel", reversed())
        .expect(["ask query"])
        .answers_newest("query", reversed())
        .expect(["store settled reversed: cancelled_on_timeout"])
        .stored()
        .expect(["signal not_charged", "show", "finish reversed: cancelled_on_timeout"]);
}

#[test]
fn the_cancel_key_reverses_what_was_sent() {
    Story::charging()
        .at(4_000)
        .cancel_key()
        .expect(["show", "ask query"])
        .shows("reversing")
        .answers("query", PENDING)
        .expect(["store cancel 1: cancelled_by_cashier"])
        .stored()
        .expect(["ask cancel"])
        .answers("cancel", reversed())
        .expect(["ask query"])
        .answers("query", reversed())
        .expect(["store settled reversed: cancelled_by_cashier"]);
}

#[test]
fn a_second_press_changes_nothing() {
    for story in [
        Story::reversing(),
        Story::recording_cancel(),
        Story::cancelling(),
        Story::cancelled(LOST),
        Story::parked(),
    ] {
        let next = story.next();
        let story = story.cancel_key().expect_nothing();
        assert_eq!(story.next(), next);
    }
}

#[test]
fn paid_before_the_cancel_left_wins() {
    Story::reversing().answers("query", paid()).expect(["store settled paid"]);
    Story::reversing().answers("pay", paid()).expect(["store settled paid"]);
}

#[test]
fn a_decline_of_the_charge_ends_a_reversal_too() {
    for story in [Story::reversing(), Story::cancelling(), Story::cancelled(LOST)] {
        story
            .answers("pay", declined(Why::CodeExpired))
            .expect(["store settled not charged: code_expired"]);
    }
}

#[test]
fn already_paid_says_the_gateway_to_the_cancel() {
    Story::cancelling()
        .answers("cancel", unknown(DoubtKind::AskAgain))
        .expect(["ask query"])
        .answers("query", paid())
        .expect(["store settled paid"]);
}

#[test]
fn paid_after_an_accepted_cancel_needs_two_queries() {
    Story::cancelled(reversed())
        .answers("query", paid())
        .expect_nothing()
        .wakes(1_000, Timer::Poll)
        .expect(["ask query"])
        .answers("query", paid())
        .expect(["store settled paid"]);
}

#[test]
fn paid_once_then_reversed_is_reversed() {
    Story::cancelled(reversed())
        .answers("query", paid())
        .wakes(1_000, Timer::Poll)
        .expect(["ask query"])
        .answers("query", reversed())
        .expect(["store settled reversed: cancelled_by_cashier"]);
}

#[test]
fn the_two_queries_must_follow_each_other() {
    Story::cancelled(reversed())
        .answers("query", paid())
        .wakes(1_000, Timer::Poll)
        .answers("query", LOST)
        .wakes(3_000, Timer::Poll)
        .answers("query", paid())
        .expect(["ask query", "ask query"]);
}

#[test]
fn an_order_that_lives_on_is_cancelled_again() {
    Story::cancelled(reversed())
        .answers("query", PENDING)
        .expect_nothing()
        .wakes(1_000, Timer::Poll)
        .expect(["ask query"])
        .answers("query", PENDING)
        .expect(["store cancel 2: cancelled_by_cashier"]);
}

#[test]
fn a_cancel_that_never_left_is_tried_again() {
    Story::cancelled(NOT_SENT)
        .answers("query", PENDING)
        .wakes(1_000, Timer::Poll)
        .expect(["ask query"])
        .answers("query", PENDING)
        .expect(["store cancel 2: cancelled_by_cashier"]);
}

#[test]
fn an_uncertain_wallet_is_not_cancelled() {
    Story::reversing()
        .answers("query", unknown(DoubtKind::WalletUncertain))
        .expect(["store parked: wallet_uncertain"])
        .stored()
        .expect(["signal unresolved", "show", "finish unresolved: wallet_uncertain"])
        .waits_for(1_000, Timer::Resolve);
}

#[test]
fn an_answer_from_before_the_reversal_moves_nothing() {
    Story::confirming()
        .wakes(1_000, Timer::Poll)
        .cancel_key()
        .expect(["ask query", "show", "ask query"])
        .answers("query", PENDING)
        .expect_nothing()
        .answers("query", PENDING)
        .expect(["store cancel 1: cancelled_by_cashier"]);
}

#[test]
fn i13_a_notification_hurries_a_reversal_that_pauses() {
    Story::cancelled(LOST)
        .answers("query", PENDING)
        .waits_for(1_000, Timer::Poll)
        .at(300)
        .notified()
        .expect_nothing()
        .wakes(300, Timer::Poll)
        .expect(["ask query"])
        .notified()
        .expect_nothing();
}

#[test]
fn i13_a_notification_while_a_question_is_out_brings_another_at_once() {
    for (story, timer) in [
        (Story::cancelled(LOST), Timer::Poll),
        (Story::restored(1).wakes(0, Timer::Resolve).skip(), Timer::Resolve),
    ] {
        story
            .notified()
            .expect_nothing()
            .answers("query", paid())
            .expect_nothing()
            .wakes(0, timer)
            .expect(["ask query"]);
    }
    Story::confirming()
        .wakes(1_000, Timer::Poll)
        .notified()
        .skip()
        .answers("query", PENDING)
        .wakes(1_000, Timer::Poll)
        .expect(["ask query"]);
}

#[test]
fn a_sale_cancelled_before_it_was_sent_is_not_sent() {
    for story in [Story::recording(), Story::recording_qr().skip()] {
        story
            .cancel_key()
            .expect_nothing()
            .stored()
            .expect(["store settled not charged: cancelled_by_cashier"])
            .stored()
            .expect(["signal not_charged", "show", "finish not charged: cancelled_by_cashier"]);
    }
}

#[test]
fn i3_paid_is_no_proof_while_a_cancel_is_out() {
    let story = Story::cancelling().answers("pay", paid()).expect_nothing();
    story
        .answers("cancel", reversed())
        .answers("query", reversed())
        .expect(["ask query", "store settled reversed: cancelled_by_cashier"]);
}

#[test]
fn i3_paid_from_before_a_cancel_proves_nothing_after_it() {
    for answer in [LOST, GARBLED, reversed(), NOT_FOUND, PENDING, unknown(DoubtKind::AskAgain)] {
        Story::confirming()
            .wakes(1_000, Timer::Poll)
            .cancel_key()
            .answers_newest("query", PENDING)
            .stored()
            .answers("cancel", answer)
            .skip()
            .answers("query", paid())
            .expect_nothing();
    }
}

#[test]
fn i3_a_lost_cancel_may_still_undo_a_payment_for_80_s() {
    let answers = [
        LOST,
        GARBLED,
        PENDING,
        unknown(DoubtKind::GatewayFault),
        unknown(DoubtKind::UnknownCode),
        unknown(DoubtKind::WalletUncertain),
    ];
    for answer in answers {
        let mut story = Story::cancelled(answer).answers("query", paid()).expect_nothing();
        while story.effects() != "store settled paid" {
            let (at, _) = story.next().expect("an open charge always waits for something");
            story = story.at(at).catches_up();
            if story.effects().starts_with("store parked") {
                story = story.stored();
            }
            story = story.skip();
            if story.open().contains(&"query") {
                story = story.answers("query", paid());
            }
        }
        assert!(story.now_ms() >= 80_000, "settled at {} ms", story.now_ms());
    }
}

#[test]
fn an_order_that_is_paid_is_not_cancelled_again() {
    let mut story = Story::cancelled(LOST).answers("query", paid()).expect_nothing();
    while story.next().is_some_and(|(at, _)| at < 30_000) {
        let (at, timer) = story.next().expect("as just seen");
        story = story.wakes(at, timer).answers("query", paid()).expect(["ask query"]);
    }
    story.at(30_000).catches_up().expect(["store parked: still_pending"]);
}

#[test]
fn i5_not_found_that_was_asked_too_early_is_not_believed_when_it_comes_late() {
    let story = Story::restored(0)
        .wakes(0, Timer::Resolve)
        .answers("query", NOT_FOUND)
        .stored()
        .answers("cancel", NOT_FOUND)
        .answers("query", NOT_FOUND)
        .at(79_000)
        .catches_up()
        .skip();
    // The request can still arrive at 79.9 s, after the gateway looked.
    let story = story.at(81_000).answers("query", NOT_FOUND).expect_nothing();
    let (at, _) = story.next().expect("a parked charge always waits for something");
    story
        .wakes(at, Timer::Resolve)
        .answers("query", NOT_FOUND)
        .expect(["ask query", "store settled not charged: never_arrived"]);
}

#[test]
fn i5_an_accepted_cancel_of_an_order_never_seen_proves_nothing_yet() {
    // Some wallets accept the cancel of an order they do not have; the pay call may yet arrive.
    Story::reversing()
        .answers("query", NOT_FOUND)
        .stored()
        .answers("cancel", reversed())
        .skip()
        .answers("query", NOT_FOUND)
        .expect_nothing()
        .answers("pay", LOST)
        .expect_nothing()
        .at(90_000)
        .catches_up()
        .stored()
        .skip()
        .answers("query", NOT_FOUND)
        .expect(["store settled reversed: cancelled_by_cashier"]);
}

#[test]
fn i5_a_charge_that_is_still_waited_for_may_still_arrive() {
    let story = Story::reversing()
        .answers("query", NOT_FOUND)
        .stored()
        .answers("cancel", NOT_FOUND)
        .answers("query", NOT_FOUND)
        .at(82_000)
        .catches_up()
        .stored()
        .skip();
    assert_eq!(story.open(), ["pay", "query"]);
    story.answers("query", NOT_FOUND).expect_nothing();
}

#[test]
fn i5_a_charge_that_was_given_up_late_may_arrive_as_late() {
    // What was written when the answer was given up at 20 s can be under way to 100 s.
    for (ms, believed) in [(99_999, false), (100_000, true)] {
        let story = Story::reversing()
            .answers("query", NOT_FOUND)
            .stored()
            .answers("cancel", NOT_FOUND)
            .answers("query", NOT_FOUND)
            .at(20_000)
            .answers("pay", LOST)
            .at(ms)
            .catches_up()
            .stored()
            .skip()
            .answers("query", NOT_FOUND);
        let settled = story.effects() == "store settled not charged: never_arrived";
        assert_eq!(settled, believed, "asked at {ms} ms: {}", story.effects());
    }
}

#[test]
fn an_accepted_cancel_of_an_order_that_was_seen_is_confirmed_by_not_found() {
    Story::cancelled(reversed())
        .answers("query", NOT_FOUND)
        .expect(["store settled reversed: cancelled_by_cashier"]);
}

#[test]
fn i5_an_order_that_arrives_after_an_accepted_cancel_was_not_cancelled_by_it() {
    // The query looked before the pay call arrived, and its answer came after the pay call's.
    Story::reversing()
        .answers("query", NOT_FOUND)
        .stored()
        .answers("cancel", reversed())
        .answers("pay", PENDING)
        .skip()
        .answers("query", NOT_FOUND)
        .expect_nothing();
}

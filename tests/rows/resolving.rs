//! I7: parked and restored charges go on until they end.

use super::story::*;
use cashier::payment::{DoubtKind, Timer};

#[test]
fn i7_a_gateway_that_is_down_gets_the_charge_parked_and_resolved_when_it_is_back() {
    let story = Story::confirming().silence_until(60_000).shows("reversing").skip();
    let story = story.silence_until(90_000);
    assert!(story.effects().ends_with(
        "store parked: no_answer, signal unresolved, show, finish unresolved: no_answer"
    ));
    let story = story.silence_until(3_600_000).skip();
    assert!(story.charge.is_parked());
    let (at, timer) = story.next().expect("a parked charge always waits for something");
    assert_eq!(timer, Timer::Resolve);
    story
        .wakes(at, Timer::Resolve)
        .expect(["ask query"])
        .answers("query", paid())
        .expect(["store settled paid"])
        .stored()
        .expect(["signal alarm", "show", "finish paid"]);
}

#[test]
fn i7_a_restored_charge_asks_at_once_and_ends_by_what_it_hears() {
    Story::restored(0)
        .expect_nothing()
        .shows("unresolved: interrupted")
        .wakes(0, Timer::Resolve)
        .expect(["ask query"])
        .answers("query", paid())
        .expect(["store settled paid"])
        .stored()
        .expect(["signal alarm", "show", "finish paid"]);
}

#[test]
fn i7_a_restored_charge_counts_its_cancels_on() {
    Story::restored(3)
        .wakes(0, Timer::Resolve)
        .answers("query", PENDING)
        .expect(["ask query", "store cancel 4: cancelled_on_timeout"]);
}

#[test]
fn i7_the_resolver_waits_longer_and_longer_and_daily_in_the_end() {
    let mut story = Story::restored(0);
    let mut rounds = 0;
    let mut pause_max_ms = 0;
    while rounds < 120 {
        let (at, timer) = story.next().expect("a parked charge always waits for something");
        let from = story.now_ms();
        if timer == Timer::Resolve && rounds > 0 {
            pause_max_ms = pause_max_ms.max(at - from);
        }
        if rounds == 99 {
            assert_eq!(pause_max_ms, 600_000);
        }
        story = story.at(at).catches_up().skip();
        story = match story.open().last() {
            Some(&"query") => {
                rounds += 1;
                story.answers_newest("query", LOST)
            }
            Some(operation) => panic!("{operation} was asked"),
            None => story,
        };
        if story.effects().contains("store") {
            story = story.stored().answers("cancel", LOST).skip();
        }
    }
    assert_eq!(pause_max_ms, 24 * 60 * 60 * 1_000);
}

#[test]
fn i7_a_notification_hurries_the_resolver() {
    let story = Story::parked();
    story.at(30_500).notified().expect_nothing().wakes(30_500, Timer::Resolve);
}

#[test]
fn i5_not_found_is_believed_only_when_no_request_can_be_under_way() {
    Story::restored(0)
        .wakes(0, Timer::Resolve)
        .answers("query", NOT_FOUND)
        .expect(["ask query", "store cancel 1: cancelled_on_timeout"])
        .stored()
        .answers("cancel", NOT_FOUND)
        .answers("query", NOT_FOUND)
        .expect(["ask cancel", "ask query"])
        .at(80_000)
        .catches_up()
        .answers("query", NOT_FOUND)
        .expect(["ask query", "store settled not charged: never_arrived"]);
}

#[test]
fn i5_one_not_found_is_not_believed_however_late() {
    for answer in [LOST, NOT_SENT, PENDING, unknown(DoubtKind::AskAgain)] {
        Story::restored(0)
            .at(90_000)
            .catches_up()
            .answers("query", PENDING)
            .stored()
            .answers("cancel", answer)
            .skip()
            .answers("query", NOT_FOUND)
            .expect_nothing();
    }
}

#[test]
fn an_uncertain_wallet_is_asked_about_and_never_cancelled() {
    let mut story = Story::restored(0);
    for _ in 0..20 {
        let (at, _) = story.next().expect("a parked charge always waits for something");
        story = story.at(at).catches_up();
        story = story.answers("query", unknown(DoubtKind::WalletUncertain)).expect(["ask query"]);
    }
}

#[test]
fn i5_a_restored_qr_stays_doubtful_for_its_life() {
    let ask_all = |story: Story| {
        story
            .wakes(0, Timer::Resolve)
            .answers("query", NOT_FOUND)
            .stored()
            .answers("cancel", NOT_FOUND)
            .skip()
    };
    let early = ask_all(Story::restored_qr()).answers("query", NOT_FOUND).at(319_999).catches_up();
    early.skip().answers("query", NOT_FOUND).expect_nothing();
    let late = ask_all(Story::restored_qr()).answers("query", NOT_FOUND).at(320_000).catches_up();
    late.skip().answers("query", NOT_FOUND).expect(["store settled not charged: never_arrived"]);
}

#[test]
fn i3_a_cancel_from_before_the_cut_may_still_undo_a_payment() {
    Story::restored(1).wakes(0, Timer::Resolve).answers("query", paid()).expect(["ask query"]);
    let story = Story::restored(1).wakes(0, Timer::Resolve).answers("query", paid());
    let story = story.at(80_000).catches_up().skip();
    story.answers("query", paid()).expect(["store settled paid"]);
}

/// An answer that came after the doubt had ended, to a question from before: nothing is to be
/// waited for any more.
#[test]
fn i7_an_answer_that_comes_when_the_doubt_has_ended_is_asked_for_again_at_once() {
    let story = Story::restored(1).silence_until(75_000).skip();
    let story = story.notified().at(75_000).catches_up().skip();
    assert_eq!(story.open(), ["query"]);
    story
        .at(81_000)
        .answers("query", paid())
        .expect_nothing()
        .wakes(81_000, Timer::Resolve)
        .answers("query", paid())
        .expect(["ask query", "store settled paid"]);
}

//! A sale that the customer scans.

use super::story::*;
use cashier::payment::record::{Direction, OpenCharge};
use cashier::payment::{Channel, Charge, DoubtKind, Moment, Policy, Timer};
use std::time::Duration;

#[test]
fn a_qr_is_recorded_fetched_shown_and_paid() {
    Story::recording_qr()
        .expect(["store opened"])
        .shows("fetching the QR")
        .stored()
        .expect(["ask precreate", "show"])
        .waits_for(20_000, Timer::Charge)
        .at(500)
        .answers("precreate", presented())
        .expect(["show"])
        .shows("presenting")
        .wakes(1_500, Timer::Poll)
        .expect(["ask query"])
        .answers("query", NOT_FOUND)
        .expect_nothing()
        .wakes(3_500, Timer::Poll)
        .expect(["ask query"])
        .answers("query", paid())
        .expect(["store settled paid"])
        .stored()
        .expect(["signal paid", "print", "show", "finish paid"]);
}

#[test]
fn a_qr_that_nobody_pays_is_closed_when_its_life_is_over() {
    let story = Story::presenting().at(239_999).catches_up().shows("presenting").skip();
    story
        .at(240_000)
        .catches_up()
        .shows("reversing")
        .skip()
        .answers_newest("query", PENDING)
        .expect(["store cancel 1: qr_expired"])
        .stored()
        .answers("cancel", reversed())
        .expect(["ask cancel", "ask query"])
        .answers_newest("query", reversed())
        .expect(["store settled reversed: qr_expired"]);
}

#[test]
fn a_qr_that_does_not_come_is_closed_and_never_shown() {
    for answer in [LOST, GARBLED, PENDING, NOT_FOUND, unknown(DoubtKind::AskAgain)] {
        Story::fetching_qr()
            .answers("precreate", answer)
            .expect(["show", "ask query"])
            .shows("reversing");
    }
    Story::fetching_qr()
        .wakes(20_000, Timer::Charge)
        .expect(["show", "ask query"])
        .answers("precreate", presented())
        .expect_nothing()
        .shows("reversing");
}

#[test]
fn a_qr_that_was_cancelled_closes_at_once_though_the_gateway_forgets_unscanned_ones() {
    Story::presenting()
        .at(30_000)
        .cancel_key()
        .answers("query", NOT_FOUND)
        .expect(["show", "ask query", "store cancel 1: cancelled_by_cashier"])
        .stored()
        .answers("cancel", reversed())
        .answers("query", NOT_FOUND)
        .expect(["ask cancel", "ask query", "store settled reversed: cancelled_by_cashier"]);
}

#[test]
fn i5_a_qr_that_the_gateway_does_not_know_stays_doubtful_for_its_life() {
    // An unscanned WeChat order can be "not found" while its QR is payable (protocol/README).
    let story = Story::presenting()
        .at(1_000)
        .cancel_key()
        .answers("query", NOT_FOUND)
        .stored()
        .answers("cancel", NOT_FOUND)
        .answers("query", NOT_FOUND)
        .skip();
    let story = story.at(31_000).catches_up().stored().skip();
    assert!(story.charge.is_parked());
    let story = doubt_until(story, 319_999);
    assert!(story.charge.is_parked(), "its QR lives to 240 s, and a request 80 s more");
    let story = doubt_until(story, 1_000_000);
    story.shows("not charged: never_arrived");
}

#[test]
fn i5_a_qr_that_is_shown_shortly_stays_doubtful_for_its_life() {
    // Upay v2 §3-6 has no field that would end it sooner.
    let policy = Policy { present_budget: Duration::from_secs(30), ..Policy::default() };
    let charge = Charge::present(Moment::default(), sale(), Channel::Wechat, policy);
    let story = Story::of(charge).stored().answers("precreate", presented()).skip();
    let story = story.at(30_000).catches_up().answers_newest("query", NOT_FOUND).stored();
    let story = story.answers("cancel", NOT_FOUND).answers_newest("query", NOT_FOUND).skip();
    let story = doubt_until(story, 319_999);
    assert!(story.charge.is_parked(), "a photograph of it can be paid to 240 s");
    doubt_until(story, 1_000_000).shows("not charged: never_arrived");
}

#[test]
fn i5_a_restored_qr_stays_doubtful_for_its_life_or_for_as_long_as_it_is_shown() {
    for (shown_s, doubtful_ms) in [(30, 320_000), (600, 680_000)] {
        let shown = Duration::from_secs(shown_s);
        let policy = Policy { present_budget: shown, ..Policy::default() };
        let direction = Direction::Present { channel: Channel::Wechat };
        let restored = OpenCharge { direction, ..open(0) };
        let story = Story::of(Charge::restore(Moment::default(), restored, policy));
        let story = doubt_until(story, doubtful_ms - 1);
        assert!(story.charge.is_parked(), "when it was shown is not known (I14)");
        doubt_until(story, 2_000_000).shows("not charged: never_arrived");
    }
}

/// A QR that nobody waits beside was open when the process ended.
fn handed_out(cancels: u32) -> Story {
    let direction = Direction::HandOut { channel: Channel::Wechat };
    let restored = OpenCharge { direction, ..open(cancels) };
    let story = Story::of(Charge::restore(Moment::default(), restored, Policy::default()));
    story.wakes(0, Timer::Resolve).skip()
}

#[test]
fn a_qr_that_was_handed_out_is_left_to_be_paid_and_then_cancelled() {
    let mut story = handed_out(0).answers("query", PENDING);
    while story.effects().is_empty() {
        let (at, _) = story.next().expect("an open charge always waits for something");
        story = story.at(at).catches_up().skip().answers("query", PENDING);
    }
    assert!(story.now_ms() >= 240_000, "cancelled at {} ms", story.now_ms());
    story.expect(["store cancel 1: cancelled_on_timeout"]);
}

#[test]
fn a_qr_that_was_handed_out_is_cancelled_at_once_if_that_is_wanted_or_was_begun() {
    let wanted = handed_out(0).answers("query", PENDING).cancel_key();
    let wanted = wanted.wakes(0, Timer::Resolve).skip().answers("query", PENDING);
    wanted.expect(["store cancel 1: cancelled_by_cashier"]);
    let begun = handed_out(1).answers("query", PENDING);
    begun.expect(["store cancel 2: cancelled_on_timeout"]);
}

/// Answers every question with "does not exist" until this time.
fn doubt_until(mut story: Story, ms: u64) -> Story {
    while let Some((at, _)) = story.next().filter(|(at, _)| *at <= ms) {
        story = story.at(at).catches_up();
        loop {
            let stores = story.effects().contains("store");
            story = story.skip();
            story = match ["cancel", "query"].into_iter().find(|it| story.open().contains(it)) {
                _ if stores => story.stored(),
                Some(asked) => story.answers_newest(asked, NOT_FOUND),
                None => break,
            };
        }
    }
    story
}

#[test]
fn i13_a_notification_brings_the_query_of_a_qr_forward() {
    Story::presenting().at(400).notified().expect_nothing().wakes(400, Timer::Poll);
    Story::fetching_qr().notified().expect_nothing().waits_for(20_000, Timer::Charge);
}

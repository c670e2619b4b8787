//! How a sale that scans the customer ends.

use super::story::*;
use cashier::payment::view::Stage;
use cashier::payment::{Decline, Doubt, DoubtKind, Outcome, Timer, Verdict, Why};

const PAID_ON_THE_SPOT: [&str; 4] = ["signal paid", "print", "show", "finish paid"];

#[test]
fn a_charge_is_recorded_then_sent_then_paid_then_recorded_then_shown() {
    Story::awaiting_code()
        .waits_for(60_000, Timer::AwaitCode)
        .at(3_000)
        .scans(ALIPAY_CODE)
        .expect(["signal accepted", "show", "store opened"])
        .shows("charging")
        .stored()
        .expect(["ask pay", "show"])
        .at(4_000)
        .answers("pay", paid())
        .expect(["store settled paid"])
        .shows("charging")
        .stored()
        .expect(PAID_ON_THE_SPOT)
        .shows("paid");
}

#[test]
fn nobody_scans() {
    Story::awaiting_code().wakes(60_000, Timer::AwaitCode).expect([
        "signal not_charged",
        "show",
        "finish not charged: await_timeout",
    ]);
}

#[test]
fn i16_one_scan_is_one_attempt() {
    Story::recording()
        .scans("134567890123456789")
        .expect_nothing()
        .stored()
        .expect(["ask pay", "show"])
        .scans("134567890123456789")
        .expect_nothing();
}

#[test]
fn a_decline_ends_it() {
    for why in Why::ALL {
        let settled = format!("store settled not charged: {}", why.name());
        let finish = format!("finish not charged: {}", why.name());
        Story::charging()
            .answers("pay", declined(why))
            .expect([settled.as_str()])
            .stored()
            .expect(["signal not_charged", "show", finish.as_str()]);
    }
}

#[test]
fn what_never_left_the_device_did_not_happen() {
    Story::charging()
        .answers("pay", NOT_SENT)
        .expect(["store settled not charged: never_sent"])
        .stored()
        .expect(["signal not_charged", "show", "finish not charged: never_sent"]);
}

#[test]
fn i4_what_proves_nothing_ends_nothing() {
    let answers = DoubtKind::ALL
        .into_iter()
        .filter(|kind| ![DoubtKind::WalletUncertain, DoubtKind::AskAgain].contains(kind))
        .map(unknown)
        .chain([LOST, GARBLED, PENDING, NOT_FOUND, presented()]);
    for answer in answers {
        Story::charging()
            .answers("pay", answer)
            .expect(["show"])
            .shows("confirming")
            .waits_for(1_000, Timer::Poll);
    }
}

#[test]
fn what_a_query_has_to_decide_is_asked_at_once_and_keeps_its_words() {
    let mut why = Doubt::of(DoubtKind::AskAgain);
    why.said = Some("FAIL: 余额不足".to_owned());
    let said = Decline { why: Why::TradeClosed, said: Some("FAIL: 余额不足".to_owned()) };
    let outcome = Outcome::NotCharged(said);
    let story = Story::charging()
        .answers("pay", Ok(Verdict::Unknown(why)))
        .expect(["show", "ask query"])
        .answers("query", declined(Why::TradeClosed))
        .expect(["store settled not charged: trade_closed"])
        .stored()
        .skip();
    assert_eq!(story.charge.view().stage, Stage::Ended(outcome));
}

#[test]
fn paid_while_it_is_confirmed() {
    Story::confirming()
        .wakes(1_000, Timer::Poll)
        .expect(["ask query"])
        .answers("query", PENDING)
        .expect_nothing()
        .wakes(3_000, Timer::Poll)
        .expect(["ask query"])
        .answers("query", unknown(DoubtKind::GatewayFault))
        .expect_nothing()
        .wakes(7_000, Timer::Poll)
        .expect(["ask query"])
        .answers("query", paid())
        .expect(["store settled paid"])
        .stored()
        .expect(PAID_ON_THE_SPOT);
}

#[test]
fn a_pay_call_held_for_80_s_is_asked_about_beside_it() {
    Story::charging()
        .wakes(10_000, Timer::Poll)
        .expect(["ask query"])
        .at(10_100)
        .answers("query", PENDING)
        .expect_nothing()
        .shows("charging")
        .wakes(12_100, Timer::Poll)
        .expect(["ask query"])
        .answers("query", paid())
        .expect(["store settled paid"])
        .stored()
        .expect(PAID_ON_THE_SPOT)
        .at(79_000)
        .answers("pay", paid())
        .expect_nothing();
}

#[test]
fn a_pay_call_that_never_answers_is_confirmed_after_85_s() {
    let story = Story::charging().at(84_999).catches_up().shows("charging").skip();
    story.at(85_000).catches_up().shows("confirming");
}

#[test]
fn paid_is_paid_even_when_the_customer_got_some_of_it_back() {
    Story::charging().answers("pay", paid_and(Returned::Part(None))).expect(["store settled paid"]);
}

#[test]
fn an_order_that_was_refunded_is_not_paid() {
    Story::confirming()
        .wakes(1_000, Timer::Poll)
        .answers("query", paid_and(Returned::Everything))
        .expect(["ask query", "store settled reversed: trade_closed"])
        .stored()
        .expect(["signal not_charged", "show", "finish reversed: trade_closed"]);
}

#[test]
fn an_uncertain_wallet_is_for_the_resolver_at_once() {
    for answer in [unknown(DoubtKind::WalletUncertain), paid_and(Returned::Unclear)] {
        Story::charging()
            .answers("pay", answer)
            .expect(["store parked: wallet_uncertain"])
            .shows("charging")
            .stored()
            .expect(["signal unresolved", "show", "finish unresolved: wallet_uncertain"])
            .waits_for(5_000, Timer::Resolve);
    }
}

#[test]
fn the_order_is_closed_at_the_gateway() {
    Story::confirming()
        .wakes(1_000, Timer::Poll)
        .answers("query", reversed())
        .expect(["ask query", "store settled reversed: trade_closed"]);
}

#[test]
fn i13_a_notification_only_brings_the_query_forward() {
    Story::charging()
        .at(2_000)
        .notified()
        .expect_nothing()
        .wakes(2_000, Timer::Poll)
        .expect(["ask query"])
        .notified()
        .notified()
        .expect_nothing();
    Story::confirming().notified().expect_nothing().waits_for(0, Timer::Poll);
    Story::awaiting_code().notified().expect_nothing().waits_for(60_000, Timer::AwaitCode);
}

#[test]
fn an_answer_counts_once() {
    Story::charging()
        .answers("pay", LOST)
        .expect(["show"])
        .answers_again("pay", paid())
        .expect_nothing()
        .shows("confirming");
}

use super::*;
use crate::customer::Wallet;

fn ledger() -> Ledger {
    Ledger::new(Rules {
        code_life_ms: 60_000,
        single_use_codes: true,
        refund: RefundScript::default(),
        cancel_application_ms: 5_000,
        max_orders: 1_000,
    })
}

fn scanned(no: &str, behaviour: Behaviour) -> NewOrder {
    NewOrder {
        merchant: "m".into(),
        merchant_no: no.into(),
        gateway_no: format!("g{no}"),
        third_no: format!("t{no}"),
        amount_fen: 100,
        wallet: Wallet::Alipay,
        code: Some(format!("code{no}")),
        qr: None,
        life_ms: Some(80_000),
        behaviour: Some(behaviour),
        details: Details::default(),
    }
}

fn refund(no: &str, fen: i64) -> NewRefund {
    NewRefund {
        no: no.into(),
        gateway_no: format!("r{no}"),
        fen,
        operator: String::new(),
        device: String::new(),
    }
}

fn standing(books: &mut Ledger, seq: Seq, at: u64) -> Standing {
    books.settled(seq, at).unwrap().standing()
}

#[test]
fn a_number_is_taken_once_and_a_code_pays_once() {
    let mut books = ledger();
    let first = books.open(scanned("1", Behaviour::Approve), 0).unwrap();
    assert_eq!(standing(&mut books, first, 0), Standing::Paid);
    assert_eq!(books.open(scanned("1", Behaviour::Approve), 1).unwrap_err(), NotOpened::Duplicate);
    let mut again = scanned("2", Behaviour::Approve);
    again.code = Some("code1".into());
    let second = books.open(again, 2).unwrap();
    assert_eq!(
        standing(&mut books, second, 2),
        Standing::Closed(Closed::Declined(Decline::InvalidCode))
    );
    assert_eq!(books.total_fen(2), 100);
}

#[test]
fn a_shown_code_dies_after_a_minute() {
    let mut books = ledger();
    books.show_code("code1", 0);
    books.show_code("code2", 0);
    let in_time = books.open(scanned("1", Behaviour::Approve), 60_000).unwrap();
    let late = books.open(scanned("2", Behaviour::Approve), 60_001).unwrap();
    assert_eq!(standing(&mut books, in_time, 60_001), Standing::Paid);
    assert_eq!(
        standing(&mut books, late, 60_001),
        Standing::Closed(Closed::Declined(Decline::ExpiredCode))
    );
}

#[test]
fn an_unanswered_payment_is_revoked_after_80_seconds() {
    let mut books = ledger();
    let never = books.open(scanned("1", Behaviour::Never), 0).unwrap();
    let last = books.open(scanned("2", Behaviour::ApproveAfter { ms: 80_000 }), 0).unwrap();
    let late = books.open(scanned("3", Behaviour::ApproveAfter { ms: 80_001 }), 0).unwrap();
    assert_eq!(standing(&mut books, never, 79_999), Standing::Pending);
    assert_eq!(standing(&mut books, never, 80_000), Standing::Revoked);
    assert_eq!(standing(&mut books, last, 90_000), Standing::Paid);
    assert_eq!(standing(&mut books, late, 90_000), Standing::Revoked);
    assert_eq!(books.total_fen(90_000), 100);
}

#[test]
fn a_cancel_of_a_paid_order_returns_the_money() {
    let mut books = ledger();
    let seq = books.open(scanned("1", Behaviour::Approve), 0).unwrap();
    assert_eq!(books.cancel(seq, false, 1), Cancelled::Reversed);
    assert_eq!(books.cancel(seq, false, 2), Cancelled::Already);
    assert_eq!(books.total_fen(2), 0);
    assert_eq!(books.settled(seq, 2).unwrap().reversed_fen, 100);
}

#[test]
fn a_payment_can_land_while_and_after_the_cancel() {
    let mut books = ledger();
    let during = books.open(scanned("1", Behaviour::PayOnCancel), 0).unwrap();
    assert_eq!(books.cancel(during, false, 1), Cancelled::Reversed);
    let after = books.open(scanned("2", Behaviour::PayLate { ms: 500 }), 0).unwrap();
    assert_eq!(books.cancel(after, false, 1_000), Cancelled::Aborted);
    assert_eq!(standing(&mut books, after, 1_499), Standing::Revoked);
    assert_eq!(standing(&mut books, after, 1_500), Standing::Paid);
    assert_eq!(books.total_fen(1_500), 100);
    assert_eq!(books.cancel(after, false, 2_000), Cancelled::Reversed);
    assert_eq!(books.total_fen(9_000), 0);
}

#[test]
fn a_late_payment_also_follows_the_gateways_own_revoke() {
    let mut books = ledger();
    let seq = books.open(scanned("1", Behaviour::PayLate { ms: 500 }), 0).unwrap();
    assert_eq!(standing(&mut books, seq, 80_499), Standing::Revoked);
    assert_eq!(standing(&mut books, seq, 80_500), Standing::Paid);
}

#[test]
fn an_application_to_cancel_is_carried_out_later() {
    let mut books = ledger();
    let seq = books.open(scanned("1", Behaviour::Approve), 0).unwrap();
    assert_eq!(books.cancel(seq, true, 1_000), Cancelled::Applied);
    assert_eq!(standing(&mut books, seq, 5_999), Standing::RevokeRequested);
    assert_eq!(books.total_fen(5_999), 100);
    assert_eq!(standing(&mut books, seq, 6_000), Standing::Revoked);
    assert_eq!(books.total_fen(6_000), 0);
}

#[test]
fn refunds_sum_to_what_was_paid_and_no_further() {
    let mut books = ledger();
    let seq = books.open(scanned("1", Behaviour::Approve), 0).unwrap();
    assert_eq!(books.refund(seq, refund("r1", 60), 1), Refunded::Taken(Some(RefundEnd::Refunded)));
    assert_eq!(standing(&mut books, seq, 1), Standing::PartlyRefunded);
    assert_eq!(books.refund(seq, refund("r1", 10), 2), Refunded::Conflict);
    assert_eq!(books.refund(seq, refund("r2", 41), 2), Refunded::TooMuch);
    assert_eq!(books.refund(seq, refund("r2", 40), 3), Refunded::Taken(Some(RefundEnd::Refunded)));
    assert_eq!(standing(&mut books, seq, 3), Standing::Refunded);
    assert_eq!(books.refund(seq, refund("r3", 1), 4), Refunded::TooMuch);
    assert_eq!(books.cancel(seq, false, 5), Cancelled::WrongState);
    let unpaid = books.open(scanned("2", Behaviour::Never), 5).unwrap();
    assert_eq!(books.refund(unpaid, refund("r4", 1), 6), Refunded::WrongState);
    assert_eq!(books.total_fen(6), 0);
}

#[test]
fn a_refund_may_take_its_time() {
    let mut books = ledger();
    books.rules_mut().refund.ms = 2_000;
    let seq = books.open(scanned("1", Behaviour::Approve), 0).unwrap();
    assert_eq!(books.refund(seq, refund("r1", 100), 1_000), Refunded::Taken(None));
    assert_eq!(standing(&mut books, seq, 2_999), Standing::Refunding);
    assert_eq!(standing(&mut books, seq, 3_000), Standing::Refunded);
}

#[test]
fn a_refund_that_fails_or_is_cancelled_gives_its_part_back() {
    let mut books = ledger();
    let seq = books.open(scanned("a", Behaviour::Approve), 0).unwrap();
    books.script_refund("r1", RefundScript { ms: 100, end: RefundEnd::Failed });
    books.script_refund("r2", RefundScript { ms: 0, end: RefundEnd::Canceled });
    assert_eq!(books.refund(seq, refund("r1", 100), 0), Refunded::Taken(None));
    assert_eq!(books.refund(seq, refund("x", 1), 99), Refunded::TooMuch);
    assert_eq!(standing(&mut books, seq, 100), Standing::RefundFailed);
    assert_eq!(books.total_fen(100), 100);
    let ended = books.refund(seq, refund("r2", 40), 100);
    assert_eq!(ended, Refunded::Taken(Some(RefundEnd::Canceled)));
    assert_eq!(standing(&mut books, seq, 100), Standing::Paid);
    assert_eq!(books.refund(seq, refund("r1", 1), 100), Refunded::Conflict);
    let ended = books.refund(seq, refund("r3", 100), 100);
    assert_eq!(ended, Refunded::Taken(Some(RefundEnd::Refunded)));
    assert_eq!(standing(&mut books, seq, 100), Standing::Refunded);
    assert_eq!(books.total_fen(100), 0);
}

#[test]
fn a_qr_is_closed_when_its_life_ends() {
    let mut books = ledger();
    let mut new = scanned("1", Behaviour::Never);
    new.code = None;
    new.qr = Some("weixin://x".into());
    new.behaviour = None;
    new.life_ms = Some(120_000);
    let seq = books.open(new, 0).unwrap();
    assert_eq!(books.find_qr("weixin://x", 0), Some(seq));
    assert_eq!(standing(&mut books, seq, 119_999), Standing::Pending);
    assert_eq!(standing(&mut books, seq, 120_000), Standing::Closed(Closed::Expired));
    assert!(!books.approve(seq, 120_001));
}

#[test]
fn one_merchant_cannot_see_the_order_of_another() {
    let mut books = ledger();
    books.open(scanned("1", Behaviour::Approve), 0).unwrap();
    assert!(books.find("m", Key::Gateway("g1"), 0).is_some());
    assert_eq!(books.find("other", Key::Gateway("g1"), 0), None);
    assert_eq!(books.find("other", Key::Merchant("1"), 0), None);
}

mod random_histories {
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Step {
        Open(u8, Behaviour),
        Cancel(u8, bool),
        Refund(u8, i64),
        Approve(u8),
        Wait(u16),
    }

    fn step() -> impl Strategy<Value = Step> {
        let behaviour = prop_oneof![
            Just(Behaviour::Approve),
            Just(Behaviour::Never),
            Just(Behaviour::PayOnCancel),
            Just(Behaviour::Decline(Decline::Refused)),
            (0..90_000_u64).prop_map(|ms| Behaviour::ApproveAfter { ms }),
            (0..9_000_u64).prop_map(|ms| Behaviour::PayLate { ms }),
        ];
        prop_oneof![
            (0..6_u8, behaviour).prop_map(|(no, behaviour)| Step::Open(no, behaviour)),
            (0..6_u8, any::<bool>()).prop_map(|(no, apply)| Step::Cancel(no, apply)),
            (0..6_u8, 1..120_i64).prop_map(|(no, fen)| Step::Refund(no, fen)),
            (0..6_u8).prop_map(Step::Approve),
            any::<u16>().prop_map(Step::Wait),
        ]
    }

    proptest! {
        #[test]
        fn no_order_ever_holds_less_than_nothing_or_more_than_its_amount(
            steps in prop::collection::vec(step(), 0..60)
        ) {
            let mut books = ledger();
            let mut now = 0;
            for (index, step) in steps.into_iter().enumerate() {
                let named = |books: &mut Ledger, no: u8| {
                    books.find("m", Key::Merchant(&no.to_string()), now)
                };
                match step {
                    Step::Open(no, behaviour) => {
                        let _ = books.open(scanned(&no.to_string(), behaviour), now);
                    }
                    Step::Cancel(no, apply) => {
                        if let Some(seq) = named(&mut books, no) {
                            books.cancel(seq, apply, now);
                        }
                    }
                    Step::Refund(no, fen) => {
                        if let Some(seq) = named(&mut books, no) {
                            books.refund(seq, refund(&format!("r{index}"), fen), now);
                        }
                    }
                    Step::Approve(no) => {
                        if let Some(seq) = named(&mut books, no) {
                            books.approve(seq, now);
                        }
                    }
                    Step::Wait(ms) => now += u64::from(ms),
                }
                for order in books.all(now) {
                    prop_assert!((0..=order.amount_fen).contains(&order.held_fen()));
                    if order.state == OrderState::Revoked {
                        prop_assert_eq!(order.held_fen(), 0);
                    }
                }
            }
        }
    }
}

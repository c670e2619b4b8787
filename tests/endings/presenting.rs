//! The customer scans the terminal: what a phone reads off the screen is what gets paid.

use crate::common::{Options, Shop, for_each_gateway};
use simulator::{Fault, FaultRule, Kind, Operation, State};

for_each_gateway!(
    paid_from_the_screen,
    paid_before_the_cancel_key_was_heard,
    declined_on_the_phone,
    nobody_scans_it,
    cancelled_by_the_cashier,
    another_wallet_is_chosen_with_the_arrows,
    the_qr_does_not_come,
    refused_by_the_gateway,
    a_qr_instead_of_a_scan,
);

async fn paid_from_the_screen(kind: Kind) {
    let shop = Shop::open(kind).await;
    let mut terminal = shop.terminal().await;
    let qr = shop.present(&mut terminal, "12.34").await;
    let phone = shop.control().phone_pay(&qr).expect("the phone knows it");
    assert_eq!(phone.amount_fen, 1234);
    let state = terminal.result("paid").await;
    assert_eq!(state["order"], phone.order.as_str());
    assert_eq!(state["qr"], serde_json::Value::Null, "a paid QR is not shown");
    shop.settled(Some(&terminal), &["paid"]).await;
    assert_eq!(shop.last().await["channel"], "wechat");
}

async fn paid_before_the_cancel_key_was_heard(kind: Kind) {
    let options = Options::of(kind).wait("poll_max_ms", 30_000).wait("poll_first_ms", 30_000);
    let shop = Shop::with(options).await;
    let mut terminal = shop.terminal().await;
    let qr = shop.present(&mut terminal, "12.34").await;
    shop.control().phone_pay(&qr).expect("the phone knows it");
    terminal.press("cancel").await;
    terminal.result("paid").await;
    shop.settled(Some(&terminal), &["paid"]).await;
    assert_eq!(shop.calls(Operation::Cancel), 0, "what is paid is not cancelled");
}

async fn declined_on_the_phone(kind: Kind) {
    let shop = Shop::open(kind).await;
    let mut terminal = shop.terminal().await;
    let qr = shop.present(&mut terminal, "12.34").await;
    let phone = shop.control().scan_qr(&qr).expect("the phone knows it");
    shop.control().decline(&phone.order).expect("it waits");
    terminal.result("not_charged").await;
    shop.settled(Some(&terminal), &["not_charged"]).await;
}

async fn nobody_scans_it(kind: Kind) {
    let shop = Shop::with(Options::of(kind).wait("present_budget_ms", 1_500)).await;
    let mut terminal = shop.terminal().await;
    terminal.type_amount("12.34").await;
    terminal.press("qr").await;
    terminal.result("not_charged").await;
    shop.settled(Some(&terminal), &["not_charged"]).await;
    assert_eq!(shop.last().await["reason_code"], "qr_expired");
    assert_eq!(shop.control().orders()[0].state, State::Revoked, "it cannot be paid any more");
}

async fn cancelled_by_the_cashier(kind: Kind) {
    let shop = Shop::open(kind).await;
    let mut terminal = shop.terminal().await;
    let qr = shop.present(&mut terminal, "12.34").await;
    terminal.press("cancel").await;
    terminal.result("not_charged").await;
    shop.settled(Some(&terminal), &["not_charged"]).await;
    shop.control().phone_pay(&qr).expect_err("a cancelled QR cannot be paid");
}

async fn another_wallet_is_chosen_with_the_arrows(kind: Kind) {
    let shop = Shop::open(kind).await;
    let mut terminal = shop.terminal().await;
    terminal.type_amount("5").await;
    terminal.press("down").await;
    terminal.press("qr").await;
    let state = terminal.until("a QR", |state| state["qr"].is_string()).await;
    shop.control().phone_pay(state["qr"].as_str().unwrap()).expect("the phone knows it");
    terminal.result("paid").await;
    shop.settled(Some(&terminal), &["paid"]).await;
    assert_eq!(shop.last().await["channel"], "alipay");
}

/// The order may exist, but nobody can see its QR: it is closed.
async fn the_qr_does_not_come(kind: Kind) {
    let shop = Shop::open(kind).await;
    shop.control().inject(FaultRule::nth(Operation::Precreate, 1, Fault::DropAnswer));
    let mut terminal = shop.terminal().await;
    terminal.type_amount("5").await;
    terminal.press("qr").await;
    terminal.result("not_charged").await;
    shop.settled(Some(&terminal), &["not_charged"]).await;
    assert_eq!(shop.control().orders()[0].state, State::Revoked);
}

async fn refused_by_the_gateway(kind: Kind) {
    let shop = Shop::open(kind).await;
    let code = match kind {
        Kind::Shouqianba => "ILLEGAL_SIGN",
        Kind::SosopayJson | Kind::SosopayXml => "INVALID_SIGN",
    };
    let refused = Fault::ErrorCode { code: code.to_owned(), processed: false };
    shop.control().inject(FaultRule::on(Operation::Precreate, refused));
    let mut terminal = shop.terminal().await;
    terminal.type_amount("5").await;
    terminal.press("qr").await;
    terminal.result("not_charged").await;
    shop.settled(Some(&terminal), &["not_charged"]).await;
    assert_eq!(shop.last().await["reason_code"], "bad_signature");
}

async fn a_qr_instead_of_a_scan(kind: Kind) {
    let shop = Shop::open(kind).await;
    let mut terminal = shop.terminal().await;
    terminal.type_amount("5").await;
    terminal.press("scan").await;
    terminal.screen("await_code").await;
    terminal.press("qr").await;
    let state = terminal.until("a QR", |state| state["qr"].is_string()).await;
    assert_eq!(state["amount_fen"], 500);
    shop.control().phone_pay(state["qr"].as_str().unwrap()).expect("the phone knows it");
    terminal.result("paid").await;
    shop.settled(Some(&terminal), &["paid"]).await;
}

//! A day at the counter: every way in, and the plug of a scanner.

use super::common::{ALIPAY, WECHAT};
use super::device::{Device, well};
use super::store::{MERCHANT, Store};
use simulator::State;
use ui::{Body, Outcome, OutcomeKind, Text, Wallet};

/// Seconds that a code is awaited for.
const AWAIT: u32 = 60;

#[tokio::test]
#[ignore = "boots QEMU; needs qemu-system-arm and the firmware for ARM: see the head of this file"]
async fn a_device_sells_by_each_of_its_ways_in() {
    let store = Store::open("selling").await;
    let mut device = store.bench.boot().await;
    idle(&mut device).await;

    // The keypad makes the amount, the serial scanner reads the code.
    ask_for_code(&mut device, "12.34").await;
    device.scan(&store.code(ALIPAY)).await;
    let order = store.ordered(&mut device, 0, State::Paid).await;
    assert_eq!((order.amount_fen, order.paid_fen), (1234, 1234));
    paid(&mut device, "paid-by-serial", "12.34", Wallet::Alipay, &order.order).await;
    leave(&mut device).await;

    // Without its scanner the device goes on with the other one, which is a keyboard.
    device.unplug_the_scanner().await;
    device.says(&["scanner", "/dev/ttyUSB0", "health=absent"]).await;
    ask_for_code(&mut device, "5").await;
    device.scan_with_the_wedge(&store.code(WECHAT)).await;
    let order = store.ordered(&mut device, 1, State::Paid).await;
    assert_eq!((order.amount_fen, order.paid_fen), (500, 500));
    paid(&mut device, "paid-by-wedge", "5.00", Wallet::Wechat, &order.order).await;
    leave(&mut device).await;

    // Plugged in again it is found by itself.
    device.plug_the_scanner().await;
    device.says(&["scanner", "/dev/ttyUSB0", "health=ready"]).await;
    ask_for_code(&mut device, "0.01").await;
    let code = store.control().show_code(simulator::Wallet::Alipay).expect("a code");
    device.scan(&store.code(&code)).await;
    let order = store.ordered(&mut device, 2, State::Paid).await;
    assert_eq!((order.amount_fen, order.paid_fen), (1, 1));
    paid(&mut device, "paid-by-serial-again", "0.01", Wallet::Alipay, &order.order).await;
    leave(&mut device).await;

    // The customer's phone reads the real screen.
    device.type_amount("88.8").await;
    device.press(&["f3"]).await;
    let read = device.reads_a_code().await;
    let order = store.ordered(&mut device, 3, State::Pending).await;
    assert_eq!(order.qr.as_deref(), Some(read.as_str()));
    store.control().phone_pay(&read).expect("the phone pays");
    paid(&mut device, "paid-by-phone", "88.80", Wallet::Wechat, &order.order).await;

    // A scan that nobody asked for does nothing, not even leave a result (I16).
    device.scan(&store.code("280000000000000001")).await;
    device.says(&["a scan that nobody awaits"]).await;
    leave(&mut device).await;

    let log = device.log();
    let disk = device.power_off().await;
    store.settled(&disk, log, &["paid", "paid", "paid", "paid"]).await;
    assert_eq!(store.control().ledger_total_fen(), 1234 + 500 + 1 + 8880);
}

pub async fn idle(device: &mut Device) {
    device.shows("idle", &well(), &[Body::Idle { merchant: MERCHANT.to_owned() }]).await;
}

/// Types an amount, and asks for the customer's code.
pub async fn ask_for_code(device: &mut Device, yuan: &str) {
    device.type_amount(yuan).await;
    let typed = Body::Amount { amount: yuan.to_owned(), wallet: Wallet::Wechat, problem: None };
    device.shows("amount", &well(), &[typed]).await;
    device.press(&["ret"]).await;
    let awaiting = |seconds_left| Body::AwaitCode {
        amount: written(yuan),
        seconds_left,
        caution: None,
    };
    let awaiting: Vec<Body> = (0..=AWAIT).rev().map(awaiting).collect();
    device.shows("await-code", &well(), &awaiting).await;
}

/// Waits for the green screen of that order.
pub async fn paid(device: &mut Device, what: &str, yuan: &str, wallet: Wallet, order: &str) {
    let outcome = Outcome {
        kind: OutcomeKind::Paid,
        amount: yuan.to_owned(),
        wallet: Some(wallet),
        reason: None,
        detail: None,
        advice: Some(Text::HandOverGoods),
        order: order.to_owned(),
    };
    device.shows(what, &well(), &[Body::Outcome(outcome)]).await;
}

/// Any key leaves a result.
pub async fn leave(device: &mut Device) {
    device.press(&["esc"]).await;
    idle(device).await;
}

/// Yuan as they are written, from what was typed.
fn written(typed: &str) -> String {
    let (yuan, fen) = typed.split_once('.').unwrap_or((typed, ""));
    format!("{yuan}.{fen:0<2}")
}

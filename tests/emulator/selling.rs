//! A day at the counter: every way in, and the plug of a scanner.

use super::common::{ALIPAY, WECHAT};
use super::device::{Device, well};
use super::store::{MERCHANT, Store};
use simulator::State;
use ui::{Body, Outcome, OutcomeKind, StatusBar, Text, Wallet};

/// Seconds that a code is awaited for.
const AWAIT: u32 = 60;

/// How often a sale is begun anew on a device that is too late for every stroke of a scanner.
const TRIES: usize = 5;

#[tokio::test]
#[ignore = "boots QEMU; needs qemu-system-arm and the firmware for ARM: see the head of this file"]
async fn a_device_sells_by_each_of_its_ways_in() {
    let store = Store::open("selling").await;
    let mut device = store.bench.boot().await;
    idle(&mut device).await;
    through_the_serial_scanner(&store, &mut device).await;
    through_the_wedge_while_the_other_is_away(&store, &mut device).await;
    through_the_serial_scanner_that_is_back(&store, &mut device).await;
    by_a_code_on_the_screen(&store, &mut device).await;

    // A scan that nobody asked for does nothing, not even leave a result (I16).
    device.scan(&store.code("280000000000000001")).await;
    device.says(&["a scan that nobody awaits"]).await;
    leave(&mut device, &well()).await;

    let log = device.log();
    let disk = device.power_off().await;
    store.settled(&disk, log, &["paid", "paid", "paid", "paid"]).await;
    assert_eq!(store.control().ledger_total_fen(), 1234 + 500 + 1 + 8880);
}

async fn through_the_serial_scanner(store: &Store, device: &mut Device) {
    ask_for_code(device, &well(), "12.34").await;
    device.scan(&store.code(ALIPAY)).await;
    let order = store.ordered(device, 0, State::Paid).await;
    assert_eq!((order.amount_fen, order.paid_fen), (1234, 1234));
    let outcome = paid("12.34", Wallet::Alipay, &order.order);
    device.shows("paid-by-serial", &well(), &[outcome]).await;
    leave(device, &well()).await;
}

/// The bar names what is missing, and the other scanner, which is a keyboard, sells.
async fn through_the_wedge_while_the_other_is_away(store: &Store, device: &mut Device) {
    device.unplug_the_scanner().await;
    device.says(&["scanner", "/dev/ttyUSB0", "health=absent"]).await;
    let missing = StatusBar { trouble: Some(Text::ScannerAbsent), ..well() };
    idle_with(device, &missing).await;
    let code = store.code(WECHAT);
    let is_read = || store.control().orders().len() > 1;
    for _ in 0..TRIES {
        ask_for_code(device, &missing, "5").await;
        if device.scan_with_the_wedge(&code, is_read).await {
            break;
        }
        let rest = Body::Idle { merchant: MERCHANT.to_owned() };
        device.press_until("idle", &["esc"], &missing, &rest).await;
    }
    let order = store.ordered(device, 1, State::Paid).await;
    assert_eq!((order.amount_fen, order.paid_fen), (500, 500));
    let outcome = paid("5.00", Wallet::Wechat, &order.order);
    device.shows("paid-by-wedge", &missing, &[outcome]).await;
    leave(device, &missing).await;
}

/// Plugged in again it is found by itself.
async fn through_the_serial_scanner_that_is_back(store: &Store, device: &mut Device) {
    device.plug_the_scanner().await;
    device.says(&["scanner", "/dev/ttyUSB0", "health=ready"]).await;
    idle(device).await;
    ask_for_code(device, &well(), "0.01").await;
    let code = store.control().show_code(simulator::Wallet::Alipay).expect("a code");
    device.scan(&store.code(&code)).await;
    let order = store.ordered(device, 2, State::Paid).await;
    assert_eq!((order.amount_fen, order.paid_fen), (1, 1));
    let outcome = paid("0.01", Wallet::Alipay, &order.order);
    device.shows("paid-by-serial-again", &well(), &[outcome]).await;
    leave(device, &well()).await;
}

/// The customer's phone reads the real screen.
async fn by_a_code_on_the_screen(store: &Store, device: &mut Device) {
    device.type_amount("88.8").await;
    device.press(&["f3"]).await;
    let read = device.reads_a_code().await;
    let order = store.ordered(device, 3, State::Pending).await;
    assert_eq!(order.qr.as_deref(), Some(read.as_str()));
    store.control().phone_pay(&read).expect("the phone pays");
    let outcome = paid("88.80", Wallet::Wechat, &order.order);
    device.shows("paid-by-phone", &well(), &[outcome]).await;
}

/// Waits for a device that is at rest, with nothing amiss.
pub async fn idle(device: &mut Device) {
    idle_with(device, &well()).await;
}

async fn idle_with(device: &mut Device, status: &StatusBar) {
    device.shows("idle", status, &[Body::Idle { merchant: MERCHANT.to_owned() }]).await;
}

/// Types an amount, and asks for the customer's code.
pub async fn ask_for_code(device: &mut Device, status: &StatusBar, yuan: &str) {
    device.type_amount(yuan).await;
    let typed = Body::Amount { amount: yuan.to_owned(), wallet: Wallet::Wechat, problem: None };
    device.shows("amount", status, &[typed]).await;
    device.press(&["ret"]).await;
    let awaiting = |seconds_left| Body::AwaitCode {
        amount: written(yuan),
        seconds_left,
        tap: false,
        caution: None,
    };
    let awaiting: Vec<Body> = (0..=AWAIT).rev().map(awaiting).collect();
    device.shows("await-code", status, &awaiting).await;
}

/// The green screen of an order.
pub fn paid(yuan: &str, wallet: Wallet, order: &str) -> Body {
    Body::Outcome(Outcome {
        kind: OutcomeKind::Paid,
        amount: yuan.to_owned(),
        wallet: Some(wallet),
        reason: None,
        detail: None,
        advice: Some(Text::HandOverGoods),
        order: order.to_owned(),
    })
}

/// Leaves what is shown for the next sale: any key does, unless it comes so early that it may have
/// been meant for the screen before.
pub async fn leave(device: &mut Device, status: &StatusBar) {
    let rest = Body::Idle { merchant: MERCHANT.to_owned() };
    device.press_until("idle", &["delete"], status, &rest).await;
}

/// Yuan as they are written, from what was typed.
fn written(typed: &str) -> String {
    let (yuan, fen) = typed.split_once('.').unwrap_or((typed, ""));
    format!("{yuan}.{fen:0<2}")
}

//! The power is cut in the middle of a charge, and the disk loses what it was not told to flush
//! (I7, I8, I9).

use super::common::{ALIPAY, WECHAT};
use super::device::well;
use super::selling::{ask_for_code, idle, leave, paid};
use super::store::Store;
use simulator::{Behaviour, Fault, FaultRule, Operation, State};
use ui::Wallet;

/// Longer than the test.
const FOR_EVER_MS: u64 = 3_600_000;

#[tokio::test]
#[ignore = "boots QEMU; needs qemu-system-arm and the firmware for ARM: see the head of this file"]
async fn a_charge_that_a_power_cut_interrupts_is_resolved_at_the_next_start() {
    let store = Store::open("cut").await;
    let mut said = String::new();

    // The customer has paid, and the answer is on its way when the light goes out.
    let mut device = store.bench.boot().await;
    idle(&mut device).await;
    let late = Fault::DelayAnswer { ms: FOR_EVER_MS };
    store.control().inject(FaultRule::nth(Operation::Pay, 1, late));
    ask_for_code(&mut device, &well(), "12.34").await;
    device.scan(&store.code(ALIPAY)).await;
    let first = store.ordered(&mut device, 0, State::Paid).await;
    said.push_str(&device.log());
    let (disk, left) = device.cut();
    assert!(left.flushes > 0 && left.kept > 0, "nothing was ever flushed: {left:?}");
    let (cuts, orders) = store.survives_each_cut(&disk).await;
    assert_eq!((cuts, orders), (left.flushes, vec![first.order.clone()]));
    println!("the cut left {} writes and took {}; {} tried", left.kept, left.lost, left.flushes);

    // What was paid is found to be, and the next customer is served. Their wallet asks for a
    // password, which is when the light goes out again.
    let mut device = store.bench.boot().await;
    device.says(&["open charge taken up", &first.order]).await;
    device.says(&["ended", &first.order, "outcome=\"paid\""]).await;
    leave(&mut device, &well()).await;
    let asked = store.code(WECHAT);
    assert!(store.control().customer(&asked, Behaviour::Password));
    ask_for_code(&mut device, &well(), "66").await;
    device.scan(&asked).await;
    let second = store.ordered(&mut device, 1, State::Pending).await;
    said.push_str(&device.log());
    device.cut();

    // Nobody waits for that password any more: it is taken back, and the third customer pays.
    let mut device = store.bench.boot().await;
    device.says(&["open charge taken up", &second.order]).await;
    device.says(&["ended", &second.order, "outcome=\"not_charged\""]).await;
    store.ordered(&mut device, 1, State::Revoked).await;
    leave(&mut device, &well()).await;
    ask_for_code(&mut device, &well(), "7.5").await;
    let code = store.control().show_code(simulator::Wallet::Alipay).expect("a code");
    device.scan(&store.code(&code)).await;
    let third = store.ordered(&mut device, 2, State::Paid).await;
    let outcome = paid("7.50", Wallet::Alipay, &third.order);
    device.shows("paid-after-cuts", &well(), &[outcome]).await;
    leave(&mut device, &well()).await;

    said.push_str(&device.log());
    let disk = device.power_off().await;
    store.settled(&disk, said, &["paid", "not_charged", "paid"]).await;
    assert_eq!(store.control().ledger_total_fen(), 1234 + 750);
}

//! The process is killed at each step of a refund (I9).

use crate::common::{Call, Gate, Options, Shop, for_each_gateway};
use crate::process::Running;
use crate::stories::{given_back, sold};
use serde_json::json;
use simulator::{Kind, Operation};

for_each_gateway!(
    the_refund_left_and_never_arrived,
    the_refund_left_and_arrives_after_the_cut,
    the_refund_was_carried_out_and_not_heard,
    a_cut_refund_is_picked_up_by_the_next_refund,
);

/// A refund of 1.00, stopped at the gate.
async fn at_the_gate(kind: Kind) -> (Shop, Gate, Running, Call, String) {
    let shop = Shop::with(Options::of(kind)).await;
    let order = sold(&shop).await;
    let mut gate = Gate::before(shop.simulator().address()).await;
    shop.reroute(gate.address);
    let running = Running::start(&shop, &["refund", &order, "--amount", "1.00"]);
    let call = gate.next().await;
    let what = call.what.trim_end_matches(" http/1.1");
    assert!(what.ends_with("/refund"), "{what}");
    (shop, gate, running, call, order)
}

async fn resolved(shop: &Shop, order: &str, outcome: &str, fen: i64) {
    assert_eq!(shop.outcomes().await, ["open", "paid"], "killed while it was open");
    shop.route_straight();
    for settled in [1, 0] {
        let resolved = shop.run(&["resolve"]).await;
        assert_eq!(resolved.exits(0).json(), json!({ "settled": settled, "open": 0 }));
        assert_eq!(given_back(shop, order), fen);
        shop.settled(None, &[outcome, "paid"]).await;
    }
}

async fn the_refund_left_and_never_arrived(kind: Kind) {
    let (shop, _gate, running, call, order) = at_the_gate(kind).await;
    running.kill(&shop).await;
    drop(call);
    resolved(&shop, &order, "refused", 0).await;
}

async fn the_refund_left_and_arrives_after_the_cut(kind: Kind) {
    let (shop, _gate, running, call, order) = at_the_gate(kind).await;
    running.kill(&shop).await;
    call.pass().await;
    resolved(&shop, &order, "refunded", 100).await;
}

async fn the_refund_was_carried_out_and_not_heard(kind: Kind) {
    let (shop, _gate, running, call, order) = at_the_gate(kind).await;
    call.process().await;
    running.kill(&shop).await;
    resolved(&shop, &order, "refunded", 100).await;
}

async fn a_cut_refund_is_picked_up_by_the_next_refund(kind: Kind) {
    let (shop, _gate, running, call, order) = at_the_gate(kind).await;
    call.process().await;
    running.kill(&shop).await;
    shop.route_straight();
    let refunded = shop.run(&["refund", &order, "--amount", "2.00"]).await.exits(0).json();
    assert_eq!((&refunded["amount_fen"], &refunded["refunded_fen"]), (&json!(200), &json!(300)));
    assert_eq!(given_back(&shop, &order), 300);
    assert_eq!(shop.calls(Operation::Refund), 2);
    shop.settled(None, &["refunded", "refunded", "paid"]).await;
}

//! Stopped in order, and two at a time.

use super::process::Running;
use crate::common::{ALIPAY, Gate, Shop, Step, WECHAT, for_each_gateway};
use serde_json::json;
use simulator::{Behaviour, Kind};

for_each_gateway!(a_sale_is_interrupted_by_sigterm, the_terminal_is_stopped_in_a_sale);

async fn a_sale_is_interrupted_by_sigterm(kind: Kind) {
    for signal in ["TERM", "INT"] {
        let shop = Shop::open(kind).await;
        let mut gate = Gate::before(shop.simulator().address()).await;
        shop.reroute(gate.address);
        shop.codes.lock().unwrap().push(ALIPAY.to_owned());
        let sale = Running::start(&shop, &["sale", "--amount", "12.34", "--code", ALIPAY]);
        let charge = gate.next_is(Step::Charge).await;
        charge.process().await;
        sale.signal(signal);
        let ran = sale.ended(&shop).await;
        assert_eq!(ran.exits(3).json()["outcome"], "unresolved");
        shop.route_straight();
        let resolved = shop.run(&["resolve"]).await;
        assert_eq!(resolved.exits(0).json(), json!({ "settled": 1, "open": 0 }));
        shop.settled(None, &["paid"]).await;
    }
}

async fn the_terminal_is_stopped_in_a_sale(kind: Kind) {
    let shop = Shop::open(kind).await;
    shop.control().customer(ALIPAY, Behaviour::Password);
    let mut terminal = shop.terminal().await;
    shop.sell(&mut terminal, "12.34", ALIPAY).await;
    let state = terminal.screen("confirming").await;
    assert!(terminal.stop().await.success());
    shop.control().approve(state["order"].as_str().unwrap()).expect("it waits");
    let mut terminal = shop.terminal().await;
    terminal.until("it is settled", |state| state["open"] == 0).await;
    shop.settled(Some(&terminal), &["paid"]).await;
}

#[tokio::test]
async fn a_second_process_on_the_same_journal_is_refused() {
    let shop = Shop::open(Kind::Shouqianba).await;
    let mut terminal = shop.terminal().await;
    for args in [
        &["sale", "--amount", "1", "--code", WECHAT][..],
        &["present", "--amount", "1"],
        &["resolve"],
        &["run"],
    ] {
        let ran = shop.run_for_people(args).await;
        ran.exits(4);
        assert!(ran.stderr.contains("in use by another process"), "{ran:#?}");
        assert!(ran.stderr.contains(&terminal.pid().to_string()), "it names it: {ran:#?}");
    }
    assert!(shop.control().requests().is_empty());
    // Reading is allowed beside it, and it sells on.
    shop.run(&["journal", "list"]).await.exits(0);
    shop.sell(&mut terminal, "12.34", ALIPAY).await;
    terminal.result("paid").await;
    shop.settled(Some(&terminal), &["paid"]).await;
}

//! `cashier query`, `cancel`, `resolve`, `journal` and `check`.

use crate::common::{ALIPAY, Options, Shop, for_each_gateway};
use serde_json::json;
use simulator::{Behaviour, BreakOff, Connectivity, Fault, FaultRule, Kind, Operation, State};

for_each_gateway!(
    a_handed_out_qr_is_cancelled,
    a_paid_order_is_not_cancelled,
    a_paid_order_is_returned_if_that_is_asked_for,
    a_query_finds_a_contradiction_and_keeps_it_once,
    the_journal_is_read,
    a_terminal_is_checked,
);

async fn a_handed_out_qr_is_cancelled(kind: Kind) {
    let shop = Shop::with(Options::of(kind).wait("present_budget_ms", 200)).await;
    let pending = shop.run(&["present", "--amount", "5", "--no-wait"]).await.exits(3).json();
    let order = pending["order"].as_str().unwrap();
    let cancelled = shop.run(&["cancel", order]).await;
    assert_eq!(cancelled.exits(0).json()["outcome"], "not_charged");
    assert_eq!(shop.control().order(order).unwrap().state, State::Revoked);
    shop.settled(None, &["not_charged"]).await;
}

async fn a_paid_order_is_not_cancelled(kind: Kind) {
    let shop = Shop::open(kind).await;
    // Paid in the journal already.
    shop.codes.lock().unwrap().push(ALIPAY.to_owned());
    let sold = shop.run(&["sale", "--amount", "5", "--code", ALIPAY]).await.exits(0).json();
    let cancelled = shop.run(&["cancel", sold["order"].as_str().unwrap()]).await;
    assert_eq!(cancelled.exits(1).json()["outcome"], "paid");
    // Found to be paid by the cancel.
    let pending = shop.run(&["present", "--amount", "5", "--no-wait"]).await.exits(3).json();
    shop.control().phone_pay(pending["qr"].as_str().unwrap()).expect("the phone knows it");
    let cancelled = shop.run(&["cancel", pending["order"].as_str().unwrap()]).await;
    assert_eq!(cancelled.exits(1).json()["outcome"], "paid");
    assert_eq!(shop.calls(Operation::Cancel), 0);
    shop.settled(None, &["paid", "paid"]).await;
}

async fn a_paid_order_is_returned_if_that_is_asked_for(kind: Kind) {
    let shop = Shop::open(kind).await;
    shop.codes.lock().unwrap().push(ALIPAY.to_owned());
    let sold = shop.run(&["sale", "--amount", "5", "--code", ALIPAY]).await.exits(0).json();
    let order = sold["order"].as_str().unwrap();
    for _ in 0..2 {
        shop.run(&["cancel", order, "--even-if-paid"]).await.exits(0).json();
        let at_gateway = shop.control().order(order).unwrap();
        assert_eq!((at_gateway.paid_fen, at_gateway.reversed_fen), (500, 500));
        assert_eq!(shop.calls(Operation::Cancel), 1, "returned once");
    }
    let listed = shop.listed().await;
    assert_eq!(listed[0]["refunded_fen"], 500, "{listed:?}");
    shop.settled(None, &["paid"]).await;
}

/// I6: the wallet's late payment of an order that ended without one.
async fn a_query_finds_a_contradiction_and_keeps_it_once(kind: Kind) {
    let shop = Shop::with(Options::of(kind).wait("confirm_budget_ms", 50)).await;
    shop.codes.lock().unwrap().push(ALIPAY.to_owned());
    shop.control().customer(ALIPAY, Behaviour::PayLate { ms: 1_500 });
    let sold = shop.run(&["sale", "--amount", "5", "--code", ALIPAY]).await.exits(1).json();
    let order = sold["order"].as_str().unwrap();
    // Until the payment lands the gateway agrees that there is none.
    while shop.run(&["query", order]).await.exits(0).json()["discrepancy"] == false {}
    for _ in 0..2 {
        let found = shop.run(&["query", order]).await.exits(0).json();
        assert_eq!(
            (&found["outcome"], &found["discrepancy"]),
            (&"not_charged".into(), &true.into())
        );
    }
    let listed = shop.listed().await;
    assert_eq!(
        (&listed[0]["outcome"], &listed[0]["discrepancies"]),
        (&"not_charged".into(), &1.into())
    );
    let verified = shop.run(&["journal", "verify"]).await;
    assert_eq!(verified.exits(0).json()["sound"], true);
}

async fn the_journal_is_read(kind: Kind) {
    let shop = Shop::open(kind).await;
    shop.run(&["journal", "list"]).await.exits(4);
    shop.codes.lock().unwrap().push(ALIPAY.to_owned());
    let sold = shop.run(&["sale", "--amount", "5", "--code", ALIPAY]).await.exits(0).json();
    let order = sold["order"].as_str().unwrap();
    let shown = shop.shown(order).await;
    let kinds: Vec<&str> =
        shown["history"].as_array().unwrap().iter().filter_map(|it| it["kind"].as_str()).collect();
    assert_eq!(kinds.first(), Some(&"opened"));
    assert!(kinds.contains(&"settled") && kinds.contains(&"note"), "{kinds:?}");
    assert_eq!(shown["kind"], "sale");
    shop.run(&["journal", "show", "NOSUCHORDER"]).await.exits(1);
    shop.run(&["query", "NOSUCHORDER"]).await.exits(1);
    shop.run(&["cancel", "NOSUCHORDER"]).await.exits(1);
    shop.run(&["journal", "show", "no such order!"]).await.exits(2);
    let exported = shop.run(&["journal", "export"]).await.exits(0).json();
    assert_eq!(exported, json!([shown]));
    let people = shop.run_for_people(&["journal", "list"]).await;
    assert!(people.exits(0).stdout.contains(order), "{people:?}");
    let resolved = shop.run(&["resolve"]).await;
    assert_eq!(resolved.exits(0).json(), json!({ "settled": 0, "open": 0 }));
}

async fn a_terminal_is_checked(kind: Kind) {
    let shop = Shop::open(kind).await;
    let good = shop.run(&["check"]).await.exits(0).json();
    assert_eq!(good["good"], true, "{good}");
    let told = good["checks"].as_array().unwrap().iter().find(|it| it["what"] == "gateway");
    let unproven = told.unwrap()["detail"].as_str().unwrap().contains("whether the key is right");
    assert_eq!(unproven, kind != Kind::Shouqianba, "a query of SOSOPAY's carries no sign: {good}");
    let bad_gateway = async |about: &str, detail: &str| {
        let told = shop.run(&["check"]).await.exits(4).json();
        let bad: Vec<&serde_json::Value> =
            told["checks"].as_array().unwrap().iter().filter(|it| it["good"] == false).collect();
        assert_eq!(bad.len(), 1, "{about}: {told}");
        assert_eq!(bad[0]["what"], "gateway", "{about}: {told}");
        assert!(bad[0]["detail"].as_str().unwrap().contains(detail), "{about}: {told}");
    };
    shop.control().inject(FaultRule::always(Fault::Garbage));
    bad_gateway("garbage", "answers, but not well (unreadable): ").await;
    let (code, to_do) = match kind {
        Kind::Shouqianba => ("ILLEGAL_SIGN", "; are gateway.terminal_sn and the key in "),
        Kind::SosopayJson | Kind::SosopayXml => {
            ("INVALID_SIGN", "; are merchant.id and the key in ")
        }
    };
    shop.control().clear_faults();
    let refused = Fault::ErrorCode { code: code.to_owned(), processed: false };
    shop.control().inject(FaultRule::always(refused));
    bad_gateway(code, code).await;
    bad_gateway(code, to_do).await;
    for (fault, detail) in [
        (
            Fault::Redirect,
            "does not answer like a gateway (HTTP 302, a redirect to captive.example.com, not \
             followed); is the address right?",
        ),
        (
            Fault::BrokenOff { how: BreakOff::Closed },
            "was reached and its answer broke off (HTTP 200, cut off after ",
        ),
        (Fault::DropAnswer, "was reached and did not answer in time"),
    ] {
        shop.control().clear_faults();
        shop.control().inject(FaultRule::always(fault.clone()));
        bad_gateway(&format!("{fault:?}"), detail).await;
    }
    shop.control().clear_faults();
    shop.control().set_connectivity(Connectivity::Cut);
    bad_gateway("cut", "").await;
    assert!(!shop.journal().exists(), "looking makes nothing");
    shop.run(&["resolve"]).await.exits(0);
    shop.settled(None, &[]).await;
}

/// Reading, and checking, do not take the journal from a running terminal.
#[cfg(feature = "panel")]
#[tokio::test]
async fn a_running_terminal_is_checked_and_read_beside_it() {
    let shop = Shop::open(Kind::Shouqianba).await;
    let mut terminal = shop.terminal().await;
    shop.sell(&mut terminal, "12.34", ALIPAY).await;
    terminal.result("paid").await;
    let told = shop.run(&["check"]).await;
    assert_eq!(told.exits(0).json()["good"], true, "{told:?}");
    for command in ["list", "verify", "export"] {
        shop.run(&["journal", command]).await.exits(0);
    }
    // Another terminal has no journal, so it leaves the screen to this one.
    let second = shop.run_for_people(&["run"]).await;
    let said = &second.exits(4).stderr;
    assert!(said.contains("is in use") && !said.contains("first frame"), "{second:#?}");
    terminal.rest().await;
    shop.settled(Some(&terminal), &["paid"]).await;
}

//! `cancel --apply` (SOSOPAY) and `gateway revoke` (Upay v2): asked once, settled by a query.

use crate::common::{ALIPAY, Options, Shop};
use simulator::{BreakOff, Fault, FaultRule, Kind, Operation, State};

#[tokio::test]
async fn i1_a_cancellation_that_was_applied_for_is_pending_until_a_query_says_so() {
    let mut options = Options::of(Kind::SosopayJson);
    // Nothing here ends because time passed: a loaded machine takes its time between two questions.
    options.settings.cancel_application_ms = 3_600_000;
    let shop = Shop::with(options).await;
    let pending = shop.run(&["present", "--amount", "5", "--no-wait"]).await.exits(3).json();
    let order = pending["order"].as_str().unwrap();
    let applied = shop.run(&["cancel", order, "--apply"]).await.exits(3).json();
    assert_eq!(applied["outcome"], "pending", "{applied}");
    assert_eq!(applied["answer"]["outcome"], "pending", "{applied}");
    assert_eq!(shop.calls(Operation::Cancel), 1, "asked once");
    let history = shop.shown(order).await["history"].clone();
    let kinds: Vec<&str> =
        history.as_array().unwrap().iter().filter_map(|it| it["kind"].as_str()).collect();
    assert!(kinds.contains(&"cancel_intent"), "{kinds:?}");
    assert_eq!(shop.run(&["query", order]).await.exits(3).json()["outcome"], "pending");
    assert!(shop.control().carry_out_cancel(order), "it was applied for");
    assert_eq!(shop.run(&["query", order]).await.exits(0).json()["outcome"], "not_charged");
    assert_eq!(shop.control().order(order).unwrap().state, State::Revoked);
    assert_eq!(shop.calls(Operation::Cancel), 1, "asked once");
    shop.settled(None, &["not_charged"]).await;
}

#[tokio::test]
async fn a_paid_order_is_not_applied_for_unless_that_is_asked_for() {
    let mut options = Options::of(Kind::SosopayJson);
    options.settings.cancel_application_ms = 0;
    let shop = Shop::with(options).await;
    let sold = shop.run(&["sale", "--amount", "5", "--code", ALIPAY]).await.exits(0).json();
    let order = sold["order"].as_str().unwrap();
    assert_eq!(shop.run(&["cancel", order, "--apply"]).await.exits(1).json()["outcome"], "paid");
    // Found to be paid by the question that comes before the cancel.
    let pending = shop.run(&["present", "--amount", "5", "--no-wait"]).await.exits(3).json();
    shop.control().phone_pay(pending["qr"].as_str().unwrap()).expect("the phone knows it");
    let late = pending["order"].as_str().unwrap();
    assert_eq!(shop.run(&["cancel", late, "--apply"]).await.exits(1).json()["outcome"], "paid");
    assert_eq!(shop.calls(Operation::Cancel), 0);

    let told = shop.run(&["cancel", order, "--apply", "--even-if-paid"]).await;
    assert!(matches!(told.status, 0 | 3), "{told:#?}");
    assert_eq!(shop.calls(Operation::Cancel), 1, "{told:#?}");
    shop.run(&["resolve"]).await.exits(0);
    assert_eq!(shop.control().order(order).unwrap().reversed_fen, 500);
    shop.settled(None, &["paid", "paid"]).await;
}

#[tokio::test]
async fn i1_an_order_is_revoked_by_hand() {
    let shop = Shop::open(Kind::Shouqianba).await;
    let pending = shop.run(&["present", "--amount", "5", "--no-wait"]).await.exits(3).json();
    let order = pending["order"].as_str().unwrap();
    let revoked = shop.run(&["gateway", "revoke", order]).await.exits(0).json();
    assert_eq!(revoked["outcome"], "not_charged", "{revoked}");
    assert_eq!(shop.calls(Operation::Revoke), 1);
    assert_eq!(shop.calls(Operation::Cancel), 0);
    // Again: it is settled, so nothing is sent.
    shop.run(&["gateway", "revoke", order]).await.exits(0);
    assert_eq!(shop.calls(Operation::Revoke), 1);

    let sold = shop.run(&["sale", "--amount", "5", "--code", ALIPAY]).await.exits(0).json();
    let paid = sold["order"].as_str().unwrap();
    assert_eq!(shop.run(&["gateway", "revoke", paid]).await.exits(1).json()["outcome"], "paid");
    let told = shop.run(&["gateway", "revoke", paid, "--even-if-paid"]).await.exits(0).json();
    assert_eq!((&told["reversed"], &told["refunded_fen"]), (&true.into(), &500.into()), "{told}");
    assert_eq!(shop.control().order(paid).unwrap().reversed_fen, 500);
    shop.run(&["gateway", "revoke", "NOSUCHORDER"]).await.exits(1);
    shop.settled(None, &["paid", "not_charged"]).await;
}

/// I4: a revoke whose answer is lost proves nothing by itself; the query that follows does.
#[tokio::test]
async fn a_revoke_whose_answer_is_lost_is_settled_by_a_query() {
    let shop = Shop::open(Kind::Shouqianba).await;
    let pending = shop.run(&["present", "--amount", "5", "--no-wait"]).await.exits(3).json();
    let broken = Fault::BrokenOff { how: BreakOff::Reset };
    shop.control().inject(FaultRule::on(Operation::Revoke, broken));
    let order = pending["order"].as_str().unwrap();
    let told = shop.run(&["gateway", "revoke", order]).await.exits(0).json();
    assert_eq!(told["answer"]["reason_code"], "no_answer", "{told}");
    let shown = shop.run(&["journal", "show", order]).await.exits(0).json();
    assert!(shown.to_string().contains("revoke: HTTP 200, cut off after 0 of "), "{shown}");
    shop.settled(None, &["not_charged"]).await;
}

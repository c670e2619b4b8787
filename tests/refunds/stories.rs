//! What a cashier or a script does with refunds.

use crate::common::{ALIPAY, Options, Ran, Shop, for_each_gateway, within};
use serde_json::{Value, json};
use simulator::{
    BreakOff, Connectivity, Fault, FaultRule, Kind, Operation, RefundEnd, RefundScript,
};

for_each_gateway!(
    parts_are_given_back_until_nothing_is_left,
    all_is_given_back_at_once,
    more_than_the_rest_is_refused_before_anything_is_sent,
    the_same_number_is_the_same_refund,
    a_number_of_another_refund_is_refused,
    a_lost_answer_is_asked_about,
    what_is_not_known_is_kept_and_resolved,
    refunding_becomes_refunded,
    a_second_refund_waits_for_the_first,
    what_the_gateway_refuses_gave_nothing_back,
    what_never_left_gave_nothing_back,
    what_is_not_paid_cannot_be_given_back,
    a_refund_is_asked_about,
    a_void_and_a_refund_exclude_each_other,
    a_late_end_is_told_at_the_terminal,
);

/// A paid sale of 12.34.
pub async fn sold(shop: &Shop) -> String {
    sold_with(shop, ALIPAY).await
}

async fn sold_with(shop: &Shop, code: &str) -> String {
    shop.codes.lock().unwrap().push(code.to_owned());
    let sold = shop.run(&["sale", "--amount", "12.34", "--code", code]).await.exits(0).json();
    sold["order"].as_str().expect("a number").to_owned()
}

pub async fn refund(shop: &Shop, order: &str, amount: &str) -> Ran {
    shop.run(&["refund", order, "--amount", amount]).await
}

/// What the gateway has given back of an order.
pub fn given_back(shop: &Shop, order: &str) -> i64 {
    shop.control().order(order).expect("an order").refunded_fen
}

async fn parts_are_given_back_until_nothing_is_left(kind: Kind) {
    let shop = Shop::open(kind).await;
    let order = sold(&shop).await;
    for (amount, fen, sum) in [("1.00", 100, 100), ("0.34", 34, 134), ("11.00", 1100, 1234)] {
        let refunded = refund(&shop, &order, amount).await.exits(0).json();
        assert_eq!(refunded["outcome"], "refunded", "{refunded}");
        assert_eq!(refunded["order"], order.as_str());
        assert_eq!(refunded["amount_fen"], fen);
        assert_eq!(refunded["refunded_fen"], sum);
        assert!(refunded["refund_no"].is_string() && refunded["gateway_order"].is_string());
        assert_eq!(given_back(&shop, &order), sum);
    }
    let listed = shop.listed().await;
    let kinds: Vec<&str> = listed.iter().map(|it| it["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["refund", "refund", "refund", "sale"]);
    assert_eq!(listed[0]["amount_fen"], 1100);
    assert_eq!(listed[0]["refunded_fen"], 1100);
    assert_eq!(listed[3]["refunded_fen"], 1234);
    shop.settled(None, &["refunded", "refunded", "refunded", "paid"]).await;
}

async fn all_is_given_back_at_once(kind: Kind) {
    let shop = Shop::open(kind).await;
    let order = sold(&shop).await;
    refund(&shop, &order, "12.34").await.exits(0);
    assert_eq!(given_back(&shop, &order), 1234);
    let queried = shop.run(&["query", &order]).await.exits(0).json();
    assert_eq!((&queried["outcome"], &queried["refunded_fen"]), (&json!("paid"), &json!(1234)));
    assert_eq!(queried["discrepancy"], false, "our own refund is no contradiction: {queried}");
    shop.settled(None, &["refunded", "paid"]).await;
}

async fn more_than_the_rest_is_refused_before_anything_is_sent(kind: Kind) {
    let shop = Shop::open(kind).await;
    let order = sold(&shop).await;
    let above = refund(&shop, &order, "12.35").await;
    let told = above.exits(2).json()["error"].as_str().unwrap().to_owned();
    for part in ["amount", "12.34", "12.35", "nothing was sent"] {
        assert!(told.contains(part), "{told}");
    }
    assert_eq!(shop.calls(Operation::Refund), 0);
    refund(&shop, &order, "2.34").await.exits(0);
    let told = refund(&shop, &order, "10.01").await.exits(2).json();
    assert!(told["error"].as_str().unwrap().contains("10.00"), "{told}");
    assert_eq!(shop.calls(Operation::Refund), 1);
    for wrong in ["0", "-1", "1.001", "x"] {
        refund(&shop, &order, wrong).await.exits(2);
    }
    shop.settled(None, &["refunded", "paid"]).await;
}

async fn the_same_number_is_the_same_refund(kind: Kind) {
    let shop = Shop::open(kind).await;
    let order = sold(&shop).await;
    for _ in 0..2 {
        let args = ["refund", &order, "--amount", "1.00", "--refund-no", "R-0001"];
        let refunded = shop.run(&args).await.exits(0).json();
        assert_eq!(refunded["refund_no"], "R-0001");
        assert_eq!(
            (&refunded["outcome"], &refunded["refunded_fen"]),
            (&json!("refunded"), &json!(100))
        );
    }
    assert_eq!(shop.calls(Operation::Refund), 1, "given back once");
    shop.settled(None, &["refunded", "paid"]).await;
}

async fn a_number_of_another_refund_is_refused(kind: Kind) {
    let shop = Shop::open(kind).await;
    let order = sold(&shop).await;
    let numbered = |order: String, amount: &'static str| {
        let shop = &shop;
        async move { shop.run(&["refund", &order, "--amount", amount, "--refund-no", "R1"]).await }
    };
    numbered(order.clone(), "1.00").await.exits(0);
    numbered(order.clone(), "2.00").await.exits(2);
    shop.codes.lock().unwrap().push("284214903060794756".to_owned());
    let other = shop.run(&["sale", "--amount", "5", "--code", "284214903060794756"]).await;
    let other = other.exits(0).json()["order"].as_str().unwrap().to_owned();
    let told = numbered(other, "1.00").await.exits(2).json();
    assert!(told["error"].as_str().unwrap().contains(&order), "{told}");
    shop.run(&["refund", &order, "--amount", "1", "--refund-no", "a number"]).await.exits(2);
    assert_eq!(shop.calls(Operation::Refund), 1);
}

async fn a_lost_answer_is_asked_about(kind: Kind) {
    let shop = Shop::open(kind).await;
    let order = sold(&shop).await;
    shop.control().inject(FaultRule::nth(Operation::Refund, 1, Fault::DropAnswer));
    let refunded = refund(&shop, &order, "1.00").await.exits(0).json();
    assert_eq!(refunded["outcome"], "refunded", "{refunded}");
    assert_eq!(given_back(&shop, &order), 100);
    // Of the second, too: XML v1 tells it from the first by its number alone.
    shop.control().inject(FaultRule::nth(Operation::Refund, 2, Fault::DropAnswer));
    refund(&shop, &order, "1.00").await.exits(0);
    assert_eq!(given_back(&shop, &order), 200);
    shop.settled(None, &["refunded", "refunded", "paid"]).await;
}

/// A shop whose cashier waits for nothing.
pub async fn impatient(kind: Kind) -> Shop {
    let options = Options::of(kind).wait("confirm_budget_ms", 50);
    Shop::with(options.wait("reverse_budget_ms", 50)).await
}

async fn what_is_not_known_is_kept_and_resolved(kind: Kind) {
    let shop = impatient(kind).await;
    let order = sold(&shop).await;
    // Nothing can be read in half an answer; what came of it is kept.
    let broken = Fault::BrokenOff { how: BreakOff::Closed };
    shop.control().inject(FaultRule::nth(Operation::Refund, 1, broken.clone()));
    for operation in [Operation::Query, Operation::RefundQuery] {
        shop.control().inject(FaultRule::on(operation, broken.clone()));
    }
    let unresolved = refund(&shop, &order, "1.00").await.exits(3).json();
    assert_eq!(unresolved["outcome"], "unresolved", "{unresolved}");
    assert!(unresolved["reason"].is_string() && unresolved["advice"].is_string());
    assert_eq!(shop.outcomes().await, ["unresolved", "paid"]);
    let told = shop.run_for_people(&["journal", "show", &order]).await.exits(0).stdout.clone();
    assert!(told.contains("refund: HTTP 200, cut off after "), "{told}");
    let above = refund(&shop, &order, "11.35").await;
    above.exits(2);
    shop.control().clear_faults();
    let resolved = shop.run(&["resolve"]).await;
    assert_eq!(resolved.exits(0).json(), json!({ "settled": 1, "open": 0 }));
    assert_eq!(given_back(&shop, &order), 100);
    shop.settled(None, &["refunded", "paid"]).await;
}

async fn refunding_becomes_refunded(kind: Kind) {
    let shop = impatient(kind).await;
    let order = sold(&shop).await;
    shop.control().refunds_take(3_600_000);
    let args = ["refund", &order, "--amount", "2.00", "--refund-no", "R2"];
    let going = shop.run(&args).await.exits(3).json();
    assert_eq!(going["outcome"], "refunding", "{going}");
    assert_eq!(going["refunded_fen"], 0, "refunding is not refunded (I12)");
    assert_eq!(shop.outcomes().await, ["refunding", "paid"]);
    let resolved = shop.run(&["resolve"]).await;
    assert_eq!(resolved.exits(3).json(), json!({ "settled": 0, "open": 1 }));
    let again = shop.run(&args).await;
    assert_eq!(again.exits(3).json()["outcome"], "refunding");
    let queried = shop.run(&["refund-query", &order]).await;
    assert_eq!(queried.exits(3).json()["outcome"], "refunding");
    assert_eq!(shop.calls(Operation::Refund), 1);
    shop.control().refund("R3", RefundScript { ms: 2_000, end: RefundEnd::Refunded });
    let other = sold_with(&shop, "284214903060794756").await;
    let args = ["refund", &other, "--amount", "2.00", "--refund-no", "R3"];
    assert_eq!(shop.run(&args).await.exits(3).json()["outcome"], "refunding");
    let done = async {
        loop {
            let queried = shop.run(&["refund-query", &other]).await;
            if queried.status != 3 {
                return queried;
            }
        }
    };
    let queried = within("it is refunded", done).await;
    assert_eq!(queried.exits(0).json()["refunded_fen"], 200);
    assert_eq!(given_back(&shop, &other), 200);
}

async fn a_second_refund_waits_for_the_first(kind: Kind) {
    let shop = impatient(kind).await;
    let order = sold(&shop).await;
    shop.control().refunds_take(3_600_000);
    refund(&shop, &order, "2.00").await.exits(3);
    let second = refund(&shop, &order, "1.00").await.exits(1).json();
    assert_eq!(second["outcome"], "refused", "{second}");
    assert_eq!(second["reason_code"], "refund_going_on");
    assert_eq!(shop.calls(Operation::Refund), 1);
    assert_eq!(shop.outcomes().await, ["refunding", "paid"]);
}

async fn what_the_gateway_refuses_gave_nothing_back(kind: Kind) {
    let shop = Shop::open(kind).await;
    let order = sold(&shop).await;
    shop.control().default_refund(RefundScript { ms: 0, end: RefundEnd::Canceled });
    let refused = refund(&shop, &order, "1.00").await;
    assert_eq!(refused.json()["outcome"], "refused", "{refused:?}");
    assert!(refused.json()["reason"].is_string());
    refused.exits(1);
    assert_eq!(given_back(&shop, &order), 0);
    shop.control().default_refund(RefundScript { ms: 0, end: RefundEnd::Refunded });
    refund(&shop, &order, "12.34").await.exits(0);
    shop.settled(None, &["refunded", "refused", "paid"]).await;
}

async fn what_never_left_gave_nothing_back(kind: Kind) {
    let shop = Shop::open(kind).await;
    let order = sold(&shop).await;
    let _nobody = shop.reroute_to_nobody();
    let refused = refund(&shop, &order, "1.00").await.exits(4).json();
    assert_eq!(refused["outcome"], "refused", "{refused}");
    assert_eq!(refused["reason_code"], "never_sent");
    shop.route_straight();
    refund(&shop, &order, "1.00").await.exits(0);
    shop.settled(None, &["refunded", "refused", "paid"]).await;
}

async fn what_is_not_paid_cannot_be_given_back(kind: Kind) {
    let shop = Shop::open(kind).await;
    refund(&shop, "NOSUCHORDER", "1.00").await.exits(1);
    let pending = shop.run(&["present", "--amount", "5", "--no-wait"]).await.exits(3).json();
    let order = pending["order"].as_str().unwrap();
    let refused = refund(&shop, order, "1.00").await.exits(1).json();
    let told: [&Value; 2] = [&refused["outcome"], &refused["reason_code"]];
    assert_eq!(told, [&json!("refused"), &json!("not_paid")]);
    assert_eq!(shop.calls(Operation::Refund), 0);
}

async fn a_refund_is_asked_about(kind: Kind) {
    let shop = Shop::open(kind).await;
    let order = sold(&shop).await;
    shop.run(&["refund-query", &order]).await.exits(1);
    refund(&shop, &order, "1.00").await.exits(0);
    let queried = shop.run(&["refund-query", &order]).await.exits(0).json();
    assert_eq!((&queried["outcome"], &queried["amount_fen"]), (&json!("refunded"), &json!(100)));
    assert_eq!(queried["discrepancy"], false);
    shop.control().set_connectivity(Connectivity::Refusing);
    let offline = shop.run(&["refund-query", &order]).await;
    assert!([3, 4].contains(&offline.status), "{offline:?}");
    assert_eq!(offline.json()["outcome"], "refunded", "the journal knows");
}

async fn a_void_and_a_refund_exclude_each_other(kind: Kind) {
    let shop = impatient(kind).await;
    let order = sold(&shop).await;
    shop.run(&["cancel", &order, "--even-if-paid"]).await.exits(0);
    let refused = refund(&shop, &order, "1.00").await.exits(1).json();
    assert_eq!(refused["reason_code"], "already_returned", "{refused}");
    assert_eq!(shop.calls(Operation::Refund), 0);
    shop.settled(None, &["paid"]).await;

    // And the other way round: what is on its way back cannot go back once more.
    let order = sold_with(&shop, "284214903060794756").await;
    let cancels = shop.calls(Operation::Cancel);
    shop.control().refunds_take(3_600_000);
    refund(&shop, &order, "1.00").await.exits(3);
    let by_hand: &[&str] = match kind {
        Kind::Shouqianba => &["gateway", "revoke", &order, "--even-if-paid"],
        Kind::SosopayJson => &["cancel", &order, "--even-if-paid", "--apply"],
        Kind::SosopayXml => &["cancel", &order, "--even-if-paid"],
    };
    for args in [&["cancel", &order, "--even-if-paid"], by_hand] {
        let kept = shop.run(args).await.exits(1).json();
        assert_eq!(kept["reason_code"], "refund_going_on", "{kept}");
        assert_eq!((&kept["outcome"], &kept["reversed"]), (&json!("paid"), &json!(false)));
    }
    let sent = [Operation::Cancel, Operation::Revoke].map(|operation| shop.calls(operation));
    assert_eq!(sent, [cancels, 0]);
    assert_eq!(shop.outcomes().await, ["refunding", "paid", "paid"]);
}

/// What was open is taken up by the terminal, counted, resolved and told.
async fn a_late_end_is_told_at_the_terminal(kind: Kind) {
    let shop = impatient(kind).await;
    let order = sold(&shop).await;
    shop.control().inject(FaultRule::nth(Operation::Refund, 1, Fault::DropAnswer));
    for operation in [Operation::Query, Operation::RefundQuery] {
        shop.control().inject(FaultRule::on(operation, Fault::DropAnswer));
    }
    refund(&shop, &order, "1.00").await.exits(3);
    let mut terminal = shop.terminal().await;
    terminal.until("it is counted", |state| state["open"] == 1).await;
    shop.control().clear_faults();
    terminal.until("it is settled", |state| state["open"] == 0).await;
    terminal.screen("notice").await;
    shop.settled(Some(&terminal), &["refunded", "paid"]).await;
}

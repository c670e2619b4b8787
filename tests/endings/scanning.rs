//! The merchant scans the customer.

use crate::common::{ALIPAY, Options, Shop, WECHAT, for_each_gateway};
use simulator::{Behaviour, Decline, Fault, FaultRule, Kind, Operation, State};

for_each_gateway!(
    paid_at_once,
    paid_although_our_clock_is_off,
    paid_while_polling,
    paid_while_the_charge_is_held,
    paid_before_the_cancel_key_was_heard,
    paid_in_the_instant_of_the_cancel,
    paid_after_the_cancel_was_answered,
    cancel_answered_by_already_paid,
    declined_for_lack_of_money,
    declined_on_the_phone,
    code_expired,
    timed_out_and_cancelled,
    cancelled_by_the_cashier,
);

async fn paid_at_once(kind: Kind) {
    let shop = Shop::open(kind).await;
    let mut terminal = shop.terminal().await;
    shop.sell(&mut terminal, "12.34", ALIPAY).await;
    let state = terminal.result("paid").await;
    assert_eq!(state["amount_fen"], 1234);
    // What is searched for secrets after each ending is everything that can be logged.
    assert!(terminal.log().contains(" DEBUG cashier::app::exec: ask"), "{}", terminal.log());
    shop.settled(Some(&terminal), &["paid"]).await;

    let sale = shop.last().await;
    assert_eq!((&sale["order"], &sale["amount_fen"]), (&state["order"], &1234.into()));
    assert_eq!(sale["channel"], "alipay");
    let at_gateway = shop.control().order(sale["order"].as_str().unwrap()).expect("the order");
    assert_eq!(sale["gateway_order"], at_gateway.gateway_order.as_str());
    assert_eq!(at_gateway.paid_fen, 1234);
    let receipts = terminal.receipts().await;
    assert_eq!(receipts.as_array().map(Vec::len), Some(1), "{receipts}");
    assert!(receipts.to_string().contains("¥12.34"), "{receipts}");
    terminal.rest().await;
}

/// I14: a wrong clock is signed around, and settles nothing.
async fn paid_although_our_clock_is_off(kind: Kind) {
    for seconds in [86_400, -315_360_000] {
        let shop = Shop::open(kind).await;
        shop.control().skew_clock(seconds);
        let mut terminal = shop.terminal().await;
        shop.sell(&mut terminal, "12.34", ALIPAY).await;
        terminal.result("paid").await;
        shop.settled(Some(&terminal), &["paid"]).await;
    }
}

async fn paid_while_polling(kind: Kind) {
    let shop = Shop::open(kind).await;
    shop.control().customer(WECHAT, Behaviour::Password);
    let mut terminal = shop.terminal().await;
    shop.sell(&mut terminal, "0.01", WECHAT).await;
    let state = terminal.screen("confirming").await;
    let order = state["order"].as_str().expect("an order");
    shop.control().approve(order).expect("it waits");
    terminal.result("paid").await;
    shop.settled(Some(&terminal), &["paid"]).await;
    assert_eq!(shop.last().await["channel"], "wechat");
    assert_eq!(shop.calls(Operation::Cancel), 0);
}

/// SOSOPAY holds a preOrder until the customer has decided (JSON zh §2.2); Upay answers at once.
async fn paid_while_the_charge_is_held(kind: Kind) {
    let mut options = Options::of(kind).wait("charge_doubt_ms", 20);
    options.settings.answer_at_once = false;
    let shop = Shop::with(options).await;
    shop.control().customer(ALIPAY, Behaviour::Password);
    let mut terminal = shop.terminal().await;
    shop.sell(&mut terminal, "158", ALIPAY).await;
    let order = shop.ordered(1).await;
    // The terminal has asked about it beside the call that is held.
    shop.books_until("a query", |_| (shop.calls(Operation::Query) > 0).then_some(())).await;
    shop.control().approve(&order).expect("it waits");
    terminal.result("paid").await;
    shop.settled(Some(&terminal), &["paid"]).await;
}

/// A shop that polls so slowly that the first query is that of the cancel.
fn slow_to_poll(kind: Kind) -> Options {
    Options::of(kind).wait("poll_max_ms", 30_000).wait("poll_first_ms", 30_000)
}

async fn paid_before_the_cancel_key_was_heard(kind: Kind) {
    let shop = Shop::with(slow_to_poll(kind)).await;
    shop.control().customer(ALIPAY, Behaviour::Password);
    let mut terminal = shop.terminal().await;
    shop.sell(&mut terminal, "7.77", ALIPAY).await;
    let state = terminal.screen("confirming").await;
    shop.control().approve(state["order"].as_str().unwrap()).expect("it waits");
    terminal.press("cancel").await;
    terminal.result("paid").await;
    shop.settled(Some(&terminal), &["paid"]).await;
    assert_eq!(shop.calls(Operation::Cancel), 0, "what is paid is not cancelled");
}

/// The gateway takes the cancel, and gives the money back that came in the same instant.
async fn paid_in_the_instant_of_the_cancel(kind: Kind) {
    let shop = Shop::open(kind).await;
    shop.control().customer(ALIPAY, Behaviour::PayOnCancel);
    let mut terminal = shop.terminal().await;
    shop.sell(&mut terminal, "7.77", ALIPAY).await;
    terminal.screen("confirming").await;
    terminal.press("cancel").await;
    terminal.result("not_charged").await;
    shop.settled(Some(&terminal), &["not_charged"]).await;
    let orders = shop.control().orders();
    assert_eq!((orders[0].paid_fen, orders[0].reversed_fen), (777, 777));
}

/// The wallet's fault: a payment lands after the cancel was answered as done. Paid wins.
async fn paid_after_the_cancel_was_answered(kind: Kind) {
    let shop = Shop::open(kind).await;
    shop.control().customer(ALIPAY, Behaviour::PayLate { ms: 0 });
    let mut terminal = shop.terminal().await;
    shop.sell(&mut terminal, "7.77", ALIPAY).await;
    terminal.screen("confirming").await;
    terminal.press("cancel").await;
    terminal.result("paid").await;
    shop.settled(Some(&terminal), &["paid"]).await;
    assert_eq!(shop.calls(Operation::Cancel), 1);
}

async fn cancel_answered_by_already_paid(kind: Kind) {
    let shop = Shop::with(slow_to_poll(kind).wait("poll_first_ms", 30_000)).await;
    let control = shop.control();
    control.customer(ALIPAY, Behaviour::Password);
    let mut terminal = shop.terminal().await;
    shop.sell(&mut terminal, "7.77", ALIPAY).await;
    let state = terminal.screen("confirming").await;
    // The query before the cancel fails, so the cancel goes out to an order that is paid.
    control.inject(FaultRule::nth(Operation::Query, 1, Fault::Http500 { processed: false }));
    let code = match kind {
        Kind::Shouqianba => "TRADE_HAS_SUCCESS",
        Kind::SosopayJson | Kind::SosopayXml => "FAIL",
    };
    let refused = Fault::ErrorCode { code: code.to_owned(), processed: false };
    control.inject(FaultRule::on(Operation::Cancel, refused));
    control.approve(state["order"].as_str().unwrap()).expect("it waits");
    terminal.press("cancel").await;
    terminal.result("paid").await;
    shop.settled(Some(&terminal), &["paid"]).await;
    assert_eq!(shop.calls(Operation::Cancel), 1);
}

async fn declined(kind: Kind, reason: Decline) -> (Shop, serde_json::Value) {
    let shop = Shop::open(kind).await;
    shop.control().customer(ALIPAY, Behaviour::Decline(reason));
    let mut terminal = shop.terminal().await;
    shop.sell(&mut terminal, "12.34", ALIPAY).await;
    terminal.result("not_charged").await;
    shop.settled(Some(&terminal), &["not_charged"]).await;
    assert_eq!(terminal.receipts().await.as_array().map(Vec::len), Some(0));
    let sale = shop.last().await;
    (shop, sale)
}

async fn declined_for_lack_of_money(kind: Kind) {
    let (_shop, sale) = declined(kind, Decline::InsufficientFunds).await;
    match kind {
        Kind::Shouqianba => assert_eq!(sale["reason_code"], "insufficient_funds"),
        // SOSOPAY says FAIL, and a query that the order is closed.
        Kind::SosopayJson | Kind::SosopayXml => assert_eq!(sale["reason_code"], "trade_closed"),
    }
}

async fn code_expired(kind: Kind) {
    let (_shop, sale) = declined(kind, Decline::ExpiredCode).await;
    match kind {
        Kind::Shouqianba => assert_eq!(sale["reason_code"], "code_expired"),
        Kind::SosopayJson | Kind::SosopayXml => assert_eq!(sale["reason_code"], "trade_closed"),
    }
}

async fn declined_on_the_phone(kind: Kind) {
    let shop = Shop::open(kind).await;
    shop.control().customer(ALIPAY, Behaviour::Password);
    let mut terminal = shop.terminal().await;
    shop.sell(&mut terminal, "12.34", ALIPAY).await;
    let state = terminal.screen("confirming").await;
    shop.control().decline(state["order"].as_str().unwrap()).expect("it waits");
    terminal.result("not_charged").await;
    shop.settled(Some(&terminal), &["not_charged"]).await;
    assert_eq!(shop.calls(Operation::Cancel), 0, "the gateway has closed it already");
}

async fn timed_out_and_cancelled(kind: Kind) {
    let shop = Shop::with(Options::of(kind).wait("confirm_budget_ms", 150)).await;
    shop.control().customer(ALIPAY, Behaviour::Never);
    let mut terminal = shop.terminal().await;
    shop.sell(&mut terminal, "12.34", ALIPAY).await;
    terminal.result("not_charged").await;
    shop.settled(Some(&terminal), &["not_charged"]).await;
    assert_eq!(shop.last().await["reason_code"], "cancelled_on_timeout");
    assert_eq!(shop.control().orders()[0].state, State::Revoked);
    assert_eq!(shop.calls(Operation::Cancel), 1);
}

async fn cancelled_by_the_cashier(kind: Kind) {
    let shop = Shop::open(kind).await;
    shop.control().customer(ALIPAY, Behaviour::Never);
    let mut terminal = shop.terminal().await;
    shop.sell(&mut terminal, "12.34", ALIPAY).await;
    terminal.screen("confirming").await;
    terminal.press("cancel").await;
    terminal.result("not_charged").await;
    shop.settled(Some(&terminal), &["not_charged"]).await;
    assert_eq!(shop.last().await["reason_code"], "cancelled_by_cashier");
    assert_eq!(shop.control().orders()[0].state, State::Revoked);
}

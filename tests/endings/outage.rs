//! The gateway is away: refused, or a black hole; for one call, or through a restart.

use crate::common::{ALIPAY, GUARD, Options, Shop, Terminal, WECHAT, for_each_gateway};
use simulator::{Behaviour, Connectivity, Fault, FaultRule, Kind, Operation};

for_each_gateway!(
    never_sent,
    paid_unheard_then_refused_through_a_restart,
    a_black_hole_through_a_restart,
    a_qr_is_paid_while_the_terminal_is_off,
    the_next_sale_goes_on_beside_a_parked_one,
    a_parked_one_is_told_of_when_the_cashier_is_free,
);

/// Short patience, so that what is not known is parked soon; enough of it with a call that this
/// surely leaves, on a busy machine too.
fn impatient(kind: Kind) -> Options {
    Options::of(kind)
        .wait("charge_timeout_ms", 1_500)
        .wait("query_timeout_ms", 1_000)
        .wait("confirm_budget_ms", 60)
        .wait("reverse_budget_ms", 120)
}

/// Nothing listens at the gateway's address any more.
async fn refusing(shop: &Shop) {
    shop.control().set_connectivity(Connectivity::Refusing);
    let address = shop.simulator().address();
    let closed = async {
        while tokio::net::TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(GUARD, closed).await.expect("the listener closes");
}

/// The terminal, stopped in order and started again.
async fn restarted(shop: &Shop, terminal: Terminal) -> Terminal {
    shop.said.lock().unwrap().extend([terminal.log(), terminal.states()]);
    assert!(terminal.stop().await.success());
    shop.terminal().await
}

async fn never_sent(kind: Kind) {
    let shop = Shop::open(kind).await;
    refusing(&shop).await;
    let mut terminal = shop.terminal().await;
    shop.sell(&mut terminal, "12.34", ALIPAY).await;
    terminal.result("not_charged").await;
    terminal.online(false).await;
    shop.settled(Some(&terminal), &["not_charged"]).await;
    assert_eq!(shop.last().await["reason_code"], "never_sent");
    assert!(shop.control().requests().is_empty());

    // And once it is back the same customer can pay.
    shop.control().set_connectivity(Connectivity::Online);
    terminal.rest().await;
    loop {
        shop.sell(&mut terminal, "12.34", ALIPAY).await;
        // The listener takes a moment to come back.
        if terminal.screen("result").await["outcome"] == "paid" {
            break;
        }
        terminal.rest().await;
    }
    assert_eq!(shop.control().ledger_total_fen(), 1234);
}

async fn paid_unheard_then_refused_through_a_restart(kind: Kind) {
    let shop = Shop::with(impatient(kind).wait("confirm_budget_ms", 60_000)).await;
    shop.control().inject(FaultRule::on(Operation::Pay, Fault::DropAnswer));
    shop.control().inject(FaultRule::on(Operation::Query, Fault::DropAnswer));
    let mut terminal = shop.terminal().await;
    shop.sell(&mut terminal, "12.34", ALIPAY).await;
    terminal.screen("confirming").await;
    refusing(&shop).await;
    terminal.press("cancel").await;
    let state = terminal.result("unresolved").await;
    assert_eq!((&state["open"], &state["online"]), (&1.into(), &false.into()));
    assert_eq!(shop.outcomes().await, ["unresolved"]);

    let mut terminal = restarted(&shop, terminal).await;
    let state = terminal.until("it is still open", |state| state["open"] == 1).await;
    assert_eq!(state["screen"], "notice", "whoever was cut off is told");
    // The terminal is free, and the next customer is told the truth at once.
    terminal.rest().await;
    shop.sell(&mut terminal, "1", WECHAT).await;
    terminal.result("not_charged").await;
    terminal.rest().await;

    shop.control().clear_faults();
    shop.control().set_connectivity(Connectivity::Online);
    terminal.until("it is settled", |state| state["open"] == 0).await;
    terminal.screen("notice").await;
    shop.settled(Some(&terminal), &["not_charged", "paid"]).await;
    assert_eq!(shop.control().ledger_total_fen(), 1234);
    terminal.rest().await;
}

async fn a_black_hole_through_a_restart(kind: Kind) {
    let shop = Shop::with(impatient(kind)).await;
    shop.control().set_connectivity(Connectivity::Silent);
    let mut terminal = shop.terminal().await;
    shop.sell(&mut terminal, "12.34", ALIPAY).await;
    terminal.result("unresolved").await;
    let mut terminal = restarted(&shop, terminal).await;
    terminal.until("it is still open", |state| state["open"] == 1).await;
    shop.control().set_connectivity(Connectivity::Online);
    terminal.until("it is settled", |state| state["open"] == 0).await;
    // The charge never arrived, and after a cancel and the longest flight that is certain (I5).
    shop.settled(Some(&terminal), &["not_charged"]).await;
    assert_eq!(shop.last().await["reason_code"], "never_arrived");
    assert!(shop.calls(Operation::Cancel) >= 1);
}

async fn a_qr_is_paid_while_the_terminal_is_off(kind: Kind) {
    let shop = Shop::open(kind).await;
    let mut terminal = shop.terminal().await;
    let qr = shop.present(&mut terminal, "12.34").await;
    shop.said.lock().unwrap().extend([terminal.log(), terminal.states()]);
    assert!(terminal.stop().await.success());
    shop.control().phone_pay(&qr).expect("the phone knows it");
    let mut terminal = shop.terminal().await;
    terminal.until("it is settled", |state| state["open"] == 0).await;
    shop.settled(Some(&terminal), &["paid"]).await;
    assert_eq!(shop.calls(Operation::Cancel), 0, "what is paid is not cancelled");
}

/// Every call about one order fails, as long as the test wants.
async fn parked(shop: &Shop, terminal: &mut Terminal) -> String {
    shop.control().customer(ALIPAY, Behaviour::Never);
    shop.control().inject(FaultRule::always(Fault::Http500 { processed: false }));
    shop.sell(terminal, "12.34", ALIPAY).await;
    let state = terminal.result("unresolved").await;
    let order = state["order"].as_str().expect("an order").to_owned();
    // One runtime serves the test and the gateway, so no call slips in between these two.
    shop.control().clear_faults();
    let stuck = FaultRule::always(Fault::Http500 { processed: false }).order(&order);
    shop.control().inject(stuck);
    order
}

async fn the_next_sale_goes_on_beside_a_parked_one(kind: Kind) {
    let shop = Shop::with(impatient(kind)).await;
    let mut terminal = shop.terminal().await;
    let order = parked(&shop, &mut terminal).await;
    terminal.press("clear").await;
    terminal.until("the till is free", |state| state["screen"] != "result").await;
    shop.sell(&mut terminal, "5", WECHAT).await;
    let state = terminal.result("paid").await;
    assert_eq!(state["open"], 1, "beside it the other one is open: {}", terminal.log());
    let listed = shop.listed().await;
    assert_eq!((&listed[0]["outcome"], &listed[0]["amount_fen"]), (&"paid".into(), &500.into()));
    assert_eq!(listed[1]["order"], order.as_str());
    assert_eq!(listed[1]["outcome"], "unresolved");

    shop.control().clear_faults();
    terminal.until("it is settled", |state| state["open"] == 0).await;
    shop.settled(Some(&terminal), &["paid", "not_charged"]).await;
}

async fn a_parked_one_is_told_of_when_the_cashier_is_free(kind: Kind) {
    let shop = Shop::with(impatient(kind)).await;
    let mut terminal = shop.terminal().await;
    parked(&shop, &mut terminal).await;
    terminal.press("clear").await;
    terminal.screen("idle").await;
    terminal.press("5").await;
    terminal.screen("amount").await;
    shop.control().clear_faults();
    let state = terminal.until("it is settled", |state| state["open"] == 0).await;
    assert_eq!(state["screen"], "amount", "the cashier is not interrupted");
    terminal.press("cancel").await;
    terminal.screen("notice").await;
    terminal.rest().await;
    shop.settled(Some(&terminal), &["not_charged"]).await;
}

//! SIGKILL at each step.

use super::process::Running;
use crate::common::{ALIPAY, Call, Gate, Options, Shop, Step, Terminal, WECHAT, for_each_gateway};
use serde_json::json;
use simulator::{Behaviour, Kind, Operation};

for_each_gateway!(
    before_anything_was_recorded,
    after_the_intent_before_anything_was_sent,
    the_charge_left_and_never_arrived,
    the_charge_left_and_arrives_after_the_cut,
    the_charge_was_carried_out_and_not_heard,
    while_the_customer_types_the_password,
    before_the_cancel_was_carried_out,
    after_the_cancel_was_carried_out,
    between_the_cancel_and_its_proof,
    after_the_outcome_was_stored,
    as_the_answer_comes_in,
    a_shown_qr,
    a_qr_that_was_asked_for,
    killed_again_and_again_while_resolving,
    while_a_paid_order_is_returned,
);

/// A shop whose calls stop at a gate.
async fn gated(options: Options) -> (Shop, Gate) {
    let shop = Shop::with(options).await;
    let gate = Gate::before(shop.simulator().address()).await;
    shop.reroute(gate.address);
    (shop, gate)
}

/// `cashier sale`, until its charge is at the gate.
async fn charging(kind: Kind, behaviour: Behaviour) -> (Shop, Gate, Running, Call) {
    let (shop, mut gate) = gated(Options::of(kind)).await;
    shop.control().customer(ALIPAY, behaviour);
    let sale = begin_sale(&shop);
    let charge = gate.next_is(Step::Charge).await;
    (shop, gate, sale, charge)
}

fn begin_sale(shop: &Shop) -> Running {
    shop.codes.lock().unwrap().push(ALIPAY.to_owned());
    Running::start(shop, &["sale", "--amount", "12.34", "--code", ALIPAY])
}

/// What is open is in the journal, and `resolve` settles it as it should.
async fn resolved(shop: &Shop, outcome: &str) {
    assert_eq!(shop.outcomes().await, ["open"], "killed while it was open");
    shop.route_straight();
    let resolved = shop.run(&["resolve"]).await;
    assert_eq!(resolved.exits(0).json(), json!({ "settled": 1, "open": 0 }));
    shop.settled(None, &[outcome]).await;
    // And once more: nothing is left to do (I9).
    let again = shop.run(&["resolve"]).await;
    assert_eq!(again.exits(0).json(), json!({ "settled": 0, "open": 0 }));
    shop.settled(None, &[outcome]).await;
}

async fn before_anything_was_recorded(kind: Kind) {
    let shop = Shop::open(kind).await;
    let mut terminal = shop.terminal().await;
    terminal.type_amount("12.34").await;
    terminal.press("enter").await;
    terminal.screen("await_code").await;
    terminal.kill().await;
    let mut terminal = shop.terminal().await;
    let state = terminal.screen("idle").await;
    assert_eq!(state["open"], 0);
    shop.settled(Some(&terminal), &[]).await;
    assert!(shop.control().requests().is_empty());
    shop.sell(&mut terminal, "12.34", ALIPAY).await;
    terminal.result("paid").await;
}

/// A gateway that takes the connection and then says nothing of TLS: the intent is stored (I1), and
/// not a byte of the request can have left.
async fn after_the_intent_before_anything_was_sent(kind: Kind) {
    let shop = Shop::open(kind).await;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let own = shop.simulator().address().to_string();
    let url = shop.simulator().base_url().replace(&own, &address.to_string());
    shop.reroute_to(url.replace("http://", "https://"), "");
    let sale = begin_sale(&shop);
    let (_connection, _) = listener.accept().await.expect("a connection");
    sale.kill(&shop).await;
    assert!(shop.control().requests().is_empty());
    resolved(&shop, "not_charged").await;
    assert_eq!(shop.last().await["reason_code"], "never_arrived");
}

async fn the_charge_left_and_never_arrived(kind: Kind) {
    let (shop, _gate, sale, charge) = charging(kind, Behaviour::Approve).await;
    sale.kill(&shop).await;
    drop(charge);
    resolved(&shop, "not_charged").await;
}

/// The request is still under way when the process is cut, and is carried out afterwards.
async fn the_charge_left_and_arrives_after_the_cut(kind: Kind) {
    let (shop, _gate, sale, charge) = charging(kind, Behaviour::Approve).await;
    sale.kill(&shop).await;
    charge.pass().await;
    resolved(&shop, "paid").await;
    assert_eq!(shop.calls(Operation::Cancel), 0, "what is paid is not cancelled");
}

async fn the_charge_was_carried_out_and_not_heard(kind: Kind) {
    let (shop, _gate, sale, charge) = charging(kind, Behaviour::Approve).await;
    charge.process().await;
    sale.kill(&shop).await;
    resolved(&shop, "paid").await;
}

async fn while_the_customer_types_the_password(kind: Kind) {
    for (approves, outcome) in [(true, "paid"), (false, "not_charged")] {
        let (shop, mut gate, sale, charge) = charging(kind, Behaviour::Password).await;
        charge.pass().await;
        let _query = gate.next_is(Step::Query).await;
        sale.kill(&shop).await;
        if approves {
            let order = shop.ordered(1).await;
            shop.control().approve(&order).expect("it waits");
        }
        resolved(&shop, outcome).await;
    }
}

/// A sale that nobody pays, interrupted where its cancel is at the gate.
async fn cancelling(kind: Kind) -> (Shop, Gate, Running, Call) {
    let (shop, mut gate) = gated(Options::of(kind).wait("confirm_budget_ms", 1)).await;
    shop.control().customer(ALIPAY, Behaviour::Never);
    let sale = begin_sale(&shop);
    gate.next_is(Step::Charge).await.pass().await;
    loop {
        let call = gate.next().await;
        match call.step() {
            Step::Query => call.pass().await,
            Step::Cancel => return (shop, gate, sale, call),
            Step::Charge => panic!("charged again: {}", call.what),
        }
    }
}

async fn before_the_cancel_was_carried_out(kind: Kind) {
    let (shop, _gate, sale, cancel) = cancelling(kind).await;
    sale.kill(&shop).await;
    drop(cancel);
    resolved(&shop, "not_charged").await;
}

async fn after_the_cancel_was_carried_out(kind: Kind) {
    let (shop, _gate, sale, cancel) = cancelling(kind).await;
    cancel.process().await;
    sale.kill(&shop).await;
    resolved(&shop, "not_charged").await;
}

async fn between_the_cancel_and_its_proof(kind: Kind) {
    let (shop, mut gate, sale, cancel) = cancelling(kind).await;
    cancel.pass().await;
    let query = gate.next_is(Step::Query).await;
    query.process().await;
    sale.kill(&shop).await;
    resolved(&shop, "not_charged").await;
}

async fn after_the_outcome_was_stored(kind: Kind) {
    let shop = Shop::open(kind).await;
    let mut terminal = shop.terminal().await;
    shop.sell(&mut terminal, "12.34", ALIPAY).await;
    terminal.result("paid").await;
    terminal.kill().await;
    let queries = shop.calls(Operation::Query);
    let mut terminal = shop.terminal().await;
    terminal.screen("idle").await;
    shop.settled(Some(&terminal), &["paid"]).await;
    assert_eq!(shop.calls(Operation::Query), queries, "what is settled is not asked about");
}

/// Wherever the cut falls between the answer's arrival and the last screen, nothing is lost.
async fn as_the_answer_comes_in(kind: Kind) {
    let (shop, mut gate) = gated(Options::of(kind)).await;
    let mut terminal = shop.terminal().await;
    for round in 0..4 {
        shop.control().default_customer(Behaviour::Approve);
        let code = format!("28421490306079{round:04}");
        shop.sell(&mut terminal, "12.34", &code).await;
        let charge = charge_among(&mut gate).await;
        let answer = charge.process().await;
        charge.answer(&answer).await;
        terminal.kill().await;

        shop.route_straight();
        shop.run(&["resolve"]).await.exits(0);
        assert_eq!(shop.outcomes().await.len(), round + 1);
        assert_eq!(shop.outcomes().await[0], "paid");
        shop.books_agree().await;
        shop.reroute(gate.address);
        terminal = shop.terminal().await;
    }
}

/// The charge, with the queries before it let through.
async fn charge_among(gate: &mut Gate) -> Call {
    loop {
        let call = gate.next().await;
        match call.step() {
            Step::Charge => return call,
            Step::Query | Step::Cancel => call.pass().await,
        }
    }
}

/// The next run takes it up and cancels what nobody waits beside any more; a phone that scanned the
/// QR in time has paid.
async fn a_shown_qr(kind: Kind) {
    for (pays, outcome) in [(true, "paid"), (false, "not_charged")] {
        let mut shop = Shop::open(kind).await;
        let mut terminal = present_and_kill(&mut shop, pays).await;
        terminal.until("it is settled", |state| state["open"] == 0).await;
        shop.settled(Some(&terminal), &[outcome]).await;
    }
}

/// Shows a QR, is killed, is paid perhaps, and starts again.
async fn present_and_kill(shop: &mut Shop, pays: bool) -> Terminal {
    let mut terminal = shop.terminal().await;
    terminal.type_amount("12.34").await;
    terminal.press("qr").await;
    let state = terminal.until("a QR", |state| state["qr"].is_string()).await;
    terminal.kill().await;
    if pays {
        shop.control().phone_pay(state["qr"].as_str().unwrap()).expect("the phone knows it");
    }
    // Long enough to be shown and paid before, and over soon after the start.
    shop.wait("present_budget_ms", 500);
    shop.terminal().await
}

/// The next sale on the same journal gives what is open a round of its own.
async fn a_qr_that_was_asked_for(kind: Kind) {
    let (shop, mut gate) = gated(Options::of(kind).wait("present_budget_ms", 100)).await;
    let present = Running::start(&shop, &["present", "--amount", "5", "--channel", "alipay"]);
    let charge = gate.next_is(Step::Charge).await;
    charge.process().await;
    present.kill(&shop).await;
    shop.route_straight();
    let sale = shop.run(&["sale", "--amount", "1", "--code", WECHAT]).await;
    assert_eq!(sale.exits(0).json()["outcome"], "paid");
    shop.run(&["resolve"]).await.exits(0);
    shop.settled(None, &["paid", "not_charged"]).await;
}

/// Recovering twice equals recovering once (I9): each time one call more gets through.
async fn killed_again_and_again_while_resolving(kind: Kind) {
    let (shop, mut gate, sale, charge) = charging(kind, Behaviour::Never).await;
    charge.process().await;
    sale.kill(&shop).await;
    for passed in 0..3 {
        let resolve = Running::start(&shop, &["resolve"]);
        for _ in 0..passed {
            gate.next().await.pass().await;
        }
        let held = gate.next().await;
        assert_ne!(held.step(), Step::Charge, "charged again");
        resolve.kill(&shop).await;
        drop(held);
    }
    resolved(&shop, "not_charged").await;
}

/// A return that was begun is carried through by the next `resolve`, once.
async fn while_a_paid_order_is_returned(kind: Kind) {
    for carried_out in [false, true] {
        let (shop, mut gate) = gated(Options::of(kind)).await;
        shop.route_straight();
        shop.codes.lock().unwrap().push(ALIPAY.to_owned());
        let sold = shop.run(&["sale", "--amount", "5", "--code", ALIPAY]).await.exits(0).json();
        let order = sold["order"].as_str().unwrap();
        shop.reroute(gate.address);
        let returning = Running::start(&shop, &["cancel", order, "--even-if-paid"]);
        let cancel = loop {
            let call = gate.next().await;
            match call.step() {
                Step::Query => call.pass().await,
                Step::Cancel => break call,
                Step::Charge => panic!("charged again: {}", call.what),
            }
        };
        if carried_out {
            cancel.process().await;
        }
        returning.kill(&shop).await;
        drop(cancel);
        shop.route_straight();
        shop.run(&["resolve"]).await.exits(0);
        let at_gateway = shop.control().order(order).unwrap();
        assert_eq!((at_gateway.paid_fen, at_gateway.reversed_fen), (500, 500));
        assert_eq!(shop.listed().await[0]["refunded_fen"], 500);
        shop.settled(None, &["paid"]).await;
    }
}

//! What a notification is for: the machine asks at once.

use crate::common::{Gate, Step};
use crate::postbox::send;
use crate::stage::{Flavour, JSON, Stage, for_each_flavour, replay, slow};
use simulator::Kind;

for_each_flavour!(
    a_shown_qr_turns_paid_at_once,
    a_replay_is_harmless,
    what_came_while_the_terminal_was_off_is_told_again,
);

async fn a_shown_qr_turns_paid_at_once(flavour: Flavour) {
    let mut stage = Stage::open(flavour).await;
    let mut terminal = stage.terminal().await;
    let qr = stage.shop.present(&mut terminal, "12.34").await;
    assert_eq!(stage.queries(), 0);
    let phone = stage.shop.control().phone_pay(&qr).expect("the phone knows it");
    let state = terminal.result("paid").await;
    assert_eq!(state["order"], phone.order.as_str());
    assert_eq!(stage.queries(), 1, "asked once, because of the notification");

    let letter = stage.postbox.next().await;
    let json = flavour.kind == Kind::SosopayJson;
    assert!(letter.target.starts_with("/pay/told?shop=1&"), "{letter:?}");
    assert_eq!(letter.target.contains("&_type=json&"), json && !flavour.xml, "{letter:?}");
    assert_eq!(letter.target.contains("&encrypt=3DES&"), flavour.encrypt, "{letter:?}");
    let plain = letter.body.starts_with(b"{") || letter.body.starts_with(b"<");
    assert_eq!(plain, !flavour.encrypt, "{letter:?}");
    let answer = letter.answer.expect("an answer");
    assert_eq!(answer.status, 200);
    match (json, flavour.xml) {
        (true, false) => assert_eq!(answer.body, "SUCCESS"),
        (true, true) | (false, _) => assert_eq!(
            answer.body,
            "<PAY_NODIFY_RESP><NODIFY_SUCCESS>SUCCESS</NODIFY_SUCCESS></PAY_NODIFY_RESP>"
        ),
    }
    assert_eq!(stage.noted(&phone.order).await, 1);
    stage.shop.settled(Some(&terminal), &["paid"]).await;
    assert!(stage.postbox.is_empty(), "the gateway is content");
}

async fn a_replay_is_harmless(flavour: Flavour) {
    let mut stage = Stage::open(flavour).await;
    let mut terminal = stage.terminal().await;
    let qr = stage.shop.present(&mut terminal, "12.34").await;
    let phone = stage.shop.control().phone_pay(&qr).expect("the phone knows it");
    terminal.result("paid").await;
    let letter = stage.postbox.next().await;
    for _ in 0..31 {
        assert_eq!(replay(&terminal, &letter).await.status, 200);
    }
    assert_eq!(stage.noted(&phone.order).await, 1, "a replay says nothing new");
    let shown = stage.shop.shown(&phone.order).await;
    assert_eq!((&shown["outcome"], &shown["discrepancies"]), (&"paid".into(), &0.into()));
    assert_eq!(terminal.receipts().await.as_array().map(Vec::len), Some(1), "printed once");
    stage.shop.settled(Some(&terminal), &["paid"]).await;
}

/// The notification finds nobody; the terminal comes back, and the next one is taken.
async fn what_came_while_the_terminal_was_off_is_told_again(flavour: Flavour) {
    let mut stage = Stage::open(flavour).await;
    let mut terminal = stage.terminal().await;
    let qr = stage.shop.present(&mut terminal, "12.34").await;
    assert!(terminal.stop().await.success());
    stage.postbox.deliver_to(None);
    stage.shop.control().phone_pay(&qr).expect("the phone knows it");
    let unheard = stage.postbox.next().await;
    assert!(unheard.answer.is_none());
    let mut terminal = stage.terminal().await;
    assert_eq!(replay(&terminal, &unheard).await.status, 200);
    terminal.until("nothing open", |state| state["open"] == 0).await;
    stage.shop.settled(Some(&terminal), &["paid"]).await;
}

/// It overtakes the answer with the QR: nobody can have paid what nobody has seen, so it is kept,
/// and believed no more than any other.
#[tokio::test]
async fn one_that_comes_before_the_qr_does_no_harm() {
    let stage = Stage::with(JSON, slow(Kind::SosopayJson)).await;
    let mut gate = Gate::before(stage.shop.simulator().address()).await;
    stage.shop.reroute(gate.address);
    let mut terminal = stage.terminal().await;
    terminal.type_amount("12.34").await;
    terminal.press("qr").await;
    let charge = gate.next_is(Step::Charge).await;
    let order = stage.shop.listed().await[0]["order"].as_str().unwrap().to_owned();
    let (target, body) = stage.signed(&[
        ("BUSI_ID", "0010000001"),
        ("CHARGE_CODE", &order),
        ("AMT", "1234"),
        ("STATE", "1"),
    ]);
    let answer = send(terminal.notifications(), "POST", &target, &body).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "SUCCESS"));
    charge.pass().await;
    let state = terminal.until("a QR", |state| state["qr"].is_string()).await;
    assert_eq!(state["screen"], "present", "nobody has paid");

    stage.shop.control().phone_pay(state["qr"].as_str().unwrap()).expect("the phone knows it");
    gate.next_is(Step::Query).await.pass().await;
    terminal.result("paid").await;
    assert_eq!(stage.noted(&order).await, 2);
    stage.shop.settled(Some(&terminal), &["paid"]).await;
}

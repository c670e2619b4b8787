//! A notification after the end: the order is asked about, and what contradicts it is raised (I6).

use crate::common::Options;
use crate::stage::{Flavour, Stage, for_each_flavour, replay};
use simulator::Behaviour;

for_each_flavour!(
    a_late_payment_becomes_a_discrepancy_once,
    what_is_told_of_a_payment_that_we_returned_contradicts_nothing,
);

/// The wallet's payment lands after the cancel was answered.
async fn a_late_payment_becomes_a_discrepancy_once(flavour: Flavour) {
    let mut stage = Stage::with(flavour, Options::of(flavour.kind)).await;
    stage.shop.control().default_qr_customer(Some(Behaviour::PayLate { ms: 3_000 }));
    let mut terminal = stage.terminal().await;
    let qr = stage.shop.present(&mut terminal, "12.34").await;
    assert!(!qr.is_empty());
    terminal.press("cancel").await;
    terminal.result("not_charged").await;
    terminal.rest().await;
    let letter = stage.postbox.next().await;
    assert_eq!(letter.answer.as_ref().map(|answer| answer.status), Some(200), "{letter:?}");
    let raised = terminal.until("an alarm", |state| state["screen"] == "notice").await;
    assert_eq!(raised["open"], 0);
    let order = stage.shop.listed().await[0]["order"].as_str().unwrap().to_owned();
    let asked = stage.queries();
    for _ in 0..31 {
        assert_eq!(replay(&terminal, &letter).await.status, 200);
    }
    assert_eq!(stage.queries(), asked, "it is known already");
    let shown = stage.shop.shown(&order).await;
    assert_eq!((&shown["outcome"], &shown["discrepancies"]), (&"not_charged".into(), &1.into()));
    assert_eq!(stage.noted(&order).await, 1);
    // Also after a restart, when nothing of it is in memory.
    assert!(terminal.stop().await.success());
    let terminal = stage.terminal().await;
    assert_eq!(replay(&terminal, &letter).await.status, 200);
    let shown = stage.shop.shown(&order).await;
    assert_eq!(shown["discrepancies"], 1);
    assert_eq!((stage.queries(), stage.noted(&order).await), (asked, 1));
}

/// The money of a paid order went back by our own cancel; that the gateway says so is no news.
async fn what_is_told_of_a_payment_that_we_returned_contradicts_nothing(flavour: Flavour) {
    let mut stage = Stage::with(flavour, Options::of(flavour.kind)).await;
    let mut terminal = stage.terminal().await;
    let qr = stage.shop.present(&mut terminal, "12.34").await;
    let order = stage.shop.control().phone_pay(&qr).expect("the phone knows it").order;
    terminal.result("paid").await;
    let letter = stage.postbox.next().await;
    assert!(terminal.stop().await.success());
    stage.shop.run(&["cancel", &order, "--even-if-paid"]).await.exits(0);

    let terminal = stage.terminal().await;
    let before = stage.answers_noted(&order).await;
    assert_eq!(replay(&terminal, &letter).await.status, 200);
    // An answer is noted when everything else that follows from it is done.
    while stage.answers_noted(&order).await == before {}
    let shown = stage.shop.shown(&order).await;
    assert_eq!((&shown["refunded_fen"], &shown["discrepancies"]), (&1234.into(), &0.into()));
    assert_ne!(terminal.state().await["screen"], "notice", "no alarm");
}

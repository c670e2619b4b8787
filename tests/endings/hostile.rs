//! Answers that no gateway should give: unknown, shown as such, kept as they came, never paid.

use crate::common::{Options, Shop, Terminal, for_each_gateway};
use serde_json::Value;
use simulator::{Fault, FaultRule, Kind, Operation};

for_each_gateway!(no_proof_is_taken_from_a_hostile_answer, other_types_mean_the_same);

/// What may be wrong with every answer, and whether there is a body whose text can be kept.
fn faults(kind: Kind) -> Vec<(Fault, bool)> {
    let mut faults = vec![
        (Fault::Truncated, true),
        (Fault::Garbage, true),
        (Fault::WrongOrder, true),
        (Fault::WrongAmount, true),
        (Fault::DuplicateKeys, true),
        (Fault::Http500 { processed: true }, true),
        (Fault::Maintenance, true),
        (Fault::Huge, false),
        (Fault::Redirect, false),
        (Fault::Reset { bytes: 30 }, false),
    ];
    match kind {
        // Upay's query may name another terminal of the store, so there it proves.
        Kind::Shouqianba => faults.push((Fault::DeeplyNested, true)),
        Kind::SosopayJson => {
            faults.extend([(Fault::DeeplyNested, true), (Fault::WrongMerchant, true)]);
        }
        // In XML the nesting is longer than any answer may be.
        Kind::SosopayXml => {
            faults.extend([(Fault::DeeplyNested, false), (Fault::WrongMerchant, true)]);
        }
    }
    if kind != Kind::Shouqianba {
        faults.push((Fault::ContradictingAnswers, true));
    }
    faults
}

/// A code that nobody used before.
fn fresh_code(number: usize) -> String {
    format!("2842149030607{number:05}")
}

async fn no_proof_is_taken_from_a_hostile_answer(kind: Kind) {
    let options = Options::of(kind).wait("confirm_budget_ms", 60).wait("reverse_budget_ms", 120);
    let shop = Shop::with(options).await;
    let mut terminal = shop.terminal().await;
    let faults = faults(kind);
    for (number, (fault, has_text)) in faults.iter().enumerate() {
        doubted(&shop, &mut terminal, fault, &fresh_code(number)).await;
        let sale = shop.last().await;
        let notes: Vec<&Value> =
            sale["history"].as_array().unwrap().iter().filter(|it| it["kind"] == "note").collect();
        assert_eq!(notes.is_empty(), !has_text, "{fault:?}: {sale}");

        shop.control().clear_faults();
        terminal.until("everything settled", |state| state["open"] == 0).await;
        terminal.rest().await;
    }
    assert_eq!(shop.listed().await.len(), faults.len());
    shop.said.lock().unwrap().extend([terminal.log(), terminal.states()]);
    shop.books_agree().await;
}

/// The customer has paid, and every answer is wrong in the same way.
async fn doubted(shop: &Shop, terminal: &mut Terminal, fault: &Fault, code: &str) {
    shop.control().inject(FaultRule::always(fault.clone()));
    shop.sell(terminal, "12.34", code).await;
    let state = terminal.screen("result").await;
    assert_eq!(state["outcome"], "unresolved", "{fault:?}: {}", terminal.log());
    assert_eq!(state["open"], 1, "{fault:?}");
    assert_eq!(shop.outcomes().await[0], "unresolved", "{fault:?}");
    assert_eq!(terminal.receipts().await.as_array().map(Vec::len), Some(0), "{fault:?}");
}

/// Numbers for texts and texts for numbers are forgiven (protocol/README, "Rules common to all").
async fn other_types_mean_the_same(kind: Kind) {
    let shop = Shop::open(kind).await;
    shop.control().inject(FaultRule::always(Fault::WrongType));
    let mut terminal = shop.terminal().await;
    shop.sell(&mut terminal, "12.34", &fresh_code(1)).await;
    terminal.result("paid").await;
    shop.settled(Some(&terminal), &["paid"]).await;
    assert_eq!(shop.calls(Operation::Cancel), 0);
}

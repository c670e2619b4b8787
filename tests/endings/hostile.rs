//! Answers that no gateway should give: unknown, shown as such, kept as they came, never paid.

use crate::common::{Options, Shop, Terminal, for_each_gateway, within};
use serde_json::Value;
use simulator::{BreakOff, Fault, FaultRule, Kind, Operation};

for_each_gateway!(
    no_proof_is_taken_from_a_hostile_answer,
    half_an_answer_that_stalls_is_kept_and_proves_nothing,
    other_types_mean_the_same,
);

/// What may be wrong with every answer, and what the journal is to say of it beside the body.
fn faults(kind: Kind) -> Vec<(Fault, &'static str)> {
    let mut faults = vec![
        (Fault::Truncated, ""),
        (Fault::Garbage, ""),
        (Fault::WrongOrder, ""),
        (Fault::WrongAmount, ""),
        (Fault::DuplicateKeys, ""),
        (Fault::Http500 { processed: true }, ""),
        (Fault::Maintenance, ""),
        (Fault::Huge, "HTTP 200, longer than the 262144 bytes that are read"),
        (Fault::Redirect, "HTTP 302, a redirect to captive.example.com, not followed"),
        (Fault::BrokenOff { how: BreakOff::Closed }, "HTTP 200, cut off after "),
        (Fault::BrokenOff { how: BreakOff::Reset }, "HTTP 200, cut off after 0 of "),
        (Fault::BrokenOff { how: BreakOff::BadChunk }, "HTTP 200, cut off after "),
    ];
    let deep = (Fault::DeeplyNested, "");
    match kind {
        // Upay's query may name another terminal of the store, so there it proves.
        Kind::Shouqianba => faults.push(deep),
        Kind::SosopayJson => faults.extend([deep, (Fault::WrongMerchant, "")]),
        // In XML the nesting is longer than any answer may be.
        Kind::SosopayXml => faults.extend([
            (Fault::DeeplyNested, "HTTP 200, 300000 bytes announced, more than the 262144 "),
            (Fault::WrongMerchant, ""),
        ]),
    }
    if kind != Kind::Shouqianba {
        faults.push((Fault::ContradictingAnswers, ""));
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
    for (number, (fault, told)) in faults.iter().enumerate() {
        doubted(&shop, &mut terminal, fault, &fresh_code(number)).await;
        let sale = noted(&shop).await;
        for operation in ["pay", "query"] {
            for note in notes(&sale, operation) {
                assert!(note.contains(told), "{fault:?}, {operation}: {note}");
                assert!(!note.contains(shop.key()), "{fault:?}, {operation}: {note}");
            }
        }

        shop.control().clear_faults();
        terminal.until("everything settled", |state| state["open"] == 0).await;
        terminal.rest().await;
    }
    assert_eq!(shop.listed().await.len(), faults.len());
    shop.said.lock().unwrap().extend([terminal.log(), terminal.states()]);
    shop.books_agree().await;
}

/// The newest sale, once something was noted of an answer to its charge and to a query.
async fn noted(shop: &Shop) -> Value {
    let both = async {
        loop {
            let sale = shop.last().await;
            if ["pay", "query"].iter().all(|operation| !notes(&sale, operation).is_empty()) {
                return sale;
            }
        }
    };
    within("both are noted", both).await
}

/// What was noted of the answers to this operation.
fn notes<'a>(sale: &'a Value, operation: &str) -> Vec<&'a str> {
    let history = sale["history"].as_array().unwrap().iter();
    let notes = history.filter(|it| it["kind"] == "note").map(|it| it["text"].as_str().unwrap());
    notes.filter_map(|text| text.strip_prefix(operation)?.strip_prefix(": ")).collect()
}

/// The customer has paid, and every answer is wrong in the same way.
async fn doubted(shop: &Shop, terminal: &mut Terminal, fault: &Fault, code: &str) {
    // An earlier charge may have been found paid once its answers were right again.
    let receipts = terminal.receipts().await.as_array().map(Vec::len);
    shop.control().inject(FaultRule::always(fault.clone()));
    shop.sell(terminal, "12.34", code).await;
    let state = terminal.screen("result").await;
    assert_eq!(state["outcome"], "unresolved", "{fault:?}: {}", terminal.log());
    assert_eq!(state["open"], 1, "{fault:?}");
    assert_eq!(shop.outcomes().await[0], "unresolved", "{fault:?}");
    let after = terminal.receipts().await.as_array().map(Vec::len);
    assert_eq!(after, receipts, "{fault:?}");
}

/// The time is over in the middle of an answer: what came of it is kept.
async fn half_an_answer_that_stalls_is_kept_and_proves_nothing(kind: Kind) {
    let options = Options::of(kind)
        .wait("charge_timeout_ms", 2_000)
        .wait("query_timeout_ms", 2_000)
        .wait("confirm_budget_ms", 60)
        .wait("reverse_budget_ms", 2_500);
    let shop = Shop::with(options).await;
    let mut terminal = shop.terminal().await;
    doubted(&shop, &mut terminal, &Fault::BrokenOff { how: BreakOff::Stalled }, &fresh_code(1))
        .await;
    let sale = noted(&shop).await;
    for operation in ["pay", "query"] {
        let notes = notes(&sale, operation);
        let kept = |note: &&str| {
            let (how, body) = note.split_once('\n').unwrap_or((note, ""));
            how.starts_with("HTTP 200, cut off by the time-out after ") && !body.is_empty()
        };
        assert!(notes.iter().all(kept), "{operation}: {sale}");
    }
    shop.control().clear_faults();
    terminal.until("everything settled", |state| state["open"] == 0).await;
    shop.said.lock().unwrap().extend([terminal.log(), terminal.states()]);
    shop.books_agree().await;
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

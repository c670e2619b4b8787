//! Hundreds of terminals at once, and the same run twice.

mod wire;

use simulator::{Behaviour, Fault, FaultRule, Kind, Operation, Probability, RequestLog, State};
use tokio::task::JoinSet;
use wire::*;

const TERMINALS: usize = 300;

#[tokio::test]
async fn three_hundred_terminals_sell_at_once_over_upay() {
    let gateway = start(settings(Kind::Shouqianba)).await;
    let at = gateway.address();
    let mut terminals = JoinSet::new();
    for place in 0..TERMINALS {
        terminals.spawn(async move {
            let order = format!("order{place}");
            let body = upay_pay(&order, "100", &format!("28421490306{place:07}"));
            let paid = upay(at, "pay", &body).await;
            assert_eq!(paid["biz_response"]["result_code"], "PAY_SUCCESS");
            let told = upay(at, "query", &upay_named(&order)).await;
            assert_eq!(told["biz_response"]["data"]["order_status"], "PAID");
        });
    }
    while let Some(done) = terminals.join_next().await {
        done.unwrap();
    }
    let control = gateway.control();
    assert_eq!(control.ledger_total_fen(), 100 * TERMINALS as i64);
    assert_eq!(control.requests().len(), 2 * TERMINALS);
}

#[tokio::test]
async fn three_hundred_terminals_wait_for_their_customers_at_once_over_sosopay() {
    let gateway = start(settings(Kind::SosopayJson)).await;
    let (at, control) = (gateway.address(), gateway.control());
    control.default_customer(Behaviour::Password);
    let mut changes = control.subscribe();
    let mut terminals = JoinSet::new();
    for place in 0..TERMINALS {
        terminals.spawn(async move {
            let body = sosopay_pay(&format!("o{place}"), "1.00", &format!("28421490306{place:07}"));
            let answer = sosopay_post(at, "preOrder", &body).await;
            assert_eq!(answer["ORDER_RESP"]["RESULT"]["CODE"], "SUCCESS");
            assert_eq!(answer["ORDER_RESP"]["CHARGE_CODE"], format!("o{place}"));
        });
    }
    // All of them are held before the first is answered.
    while control.orders().len() < TERMINALS {
        changes.changed().await.unwrap();
    }
    for order in control.orders() {
        assert_eq!(order.state, State::Pending);
        control.approve(&order.order).unwrap();
    }
    while let Some(done) = terminals.join_next().await {
        done.unwrap();
    }
    assert_eq!(control.ledger_total_fen(), 100 * TERMINALS as i64);
}

async fn run(seed: u64) -> (Vec<RequestLog>, Vec<Vec<u8>>, String) {
    let mut settings = settings(Kind::Shouqianba);
    settings.seed = seed;
    let spoilt =
        |fault| FaultRule::always(fault).with_probability(Probability::per_million(200_000));
    settings.faults = vec![spoilt(Fault::DropAnswer), spoilt(Fault::Garbage)];
    settings.faults.push(FaultRule::nth(Operation::Query, 3, Fault::StaleNotFound));
    let gateway = start(settings).await;
    let mut answers = Vec::new();
    for place in 0..40 {
        let order = format!("order{place}");
        let pay = upay_pay(&order, "100", &format!("28421490306{place:07}"));
        for (operation, body) in [("pay", pay), ("query", upay_named(&order))] {
            answers.push(exchange(gateway.address(), &upay_request(operation, &body)).await.0);
        }
        let body = format!(
            r#"{{"terminal_sn":"{TERMINAL}","client_sn":"q{place}","total_amount":"1",
"payway":"3","subject":"s","operator":"o"}}"#
        );
        answers.push(exchange(gateway.address(), &upay_request("precreate", &body)).await.0);
    }
    let control = gateway.control();
    let books = serde_json::to_string(&control.orders()).unwrap();
    (control.requests(), answers, books)
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_and_calls_give_the_same_log_answers_and_books() {
    let first = run(7).await;
    assert_eq!(first, run(7).await);
    assert!(first.0.iter().any(|line| line.fault == Some(Fault::Garbage)));
    assert_ne!(first.0, run(8).await.0);
}

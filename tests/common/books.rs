//! What must hold after every ending: the journal, the gateway's books and what was said agree.

use super::shop::Shop;
use super::terminal::Terminal;
use serde_json::Value;
use simulator::Operation;
use std::collections::BTreeMap;

impl Shop {
    /// The journal's orders, newest first.
    pub async fn listed(&self) -> Vec<Value> {
        let ran = self.run(&["journal", "list"]).await;
        ran.exits(0).json().as_array().expect("a list").clone()
    }

    /// One order of the journal with its history.
    pub async fn shown(&self, order: &str) -> Value {
        self.run(&["journal", "show", order]).await.exits(0).json()
    }

    /// The newest order of the journal with its history.
    pub async fn last(&self) -> Value {
        let listed = self.listed().await;
        let order = listed.first().expect("an order")["order"].as_str().expect("a number");
        self.shown(order).await
    }

    /// The outcomes of the journal, newest first; "open" for none.
    pub async fn outcomes(&self) -> Vec<String> {
        let outcome = |it: &Value| it["outcome"].as_str().unwrap_or("open").to_owned();
        self.listed().await.iter().map(outcome).collect()
    }

    /// Everything is settled, newest first as `outcomes` says, and all books agree.
    pub async fn settled(&self, terminal: Option<&Terminal>, outcomes: &[&str]) {
        if let Some(terminal) = terminal {
            assert_eq!(terminal.state().await["open"], 0, "nothing is open");
            self.said.lock().unwrap().extend([terminal.log(), terminal.states()]);
        }
        let log = terminal.map(Terminal::log).unwrap_or_default();
        assert_eq!(self.outcomes().await, outcomes, "{:?}\n{log}", self.control().orders());
        self.books_agree().await;
    }

    /// The journal is sound; every fen that the gateway holds is of a paid sale, and every paid
    /// sale's is held (I3, I4, I20); nothing was charged twice (I8); nothing secret got out (I17).
    pub async fn books_agree(&self) {
        let verified = self.run(&["journal", "verify"]).await;
        assert_eq!(verified.exits(0).json()["sound"], true, "{verified:?}");
        let control = self.control();
        let mut paid = 0;
        for sale in self.listed().await {
            let order = sale["order"].as_str().expect("a number");
            let held = control
                .order(order)
                .map_or(0, |order| order.paid_fen - order.reversed_fen - order.refunded_fen);
            let expected = match sale["outcome"].as_str() {
                Some("paid") => fen(&sale, "amount_fen") - fen(&sale, "refunded_fen"),
                Some("not_charged") => 0,
                Some(_) | None => continue,
            };
            assert_eq!(held, expected, "{sale} {:?}", control.order(order));
            paid += expected;
        }
        let ended = ["paid", "not_charged", "refunded", "refused"];
        if self.outcomes().await.iter().all(|it| ended.contains(&it.as_str())) {
            assert_eq!(control.ledger_total_fen(), paid, "{:?}", control.orders());
        }
        self.charged_once();
        self.secrets_stayed_in();
    }

    /// No order was asked to be charged more than once (I8).
    fn charged_once(&self) {
        let mut charges = BTreeMap::<String, usize>::new();
        for call in self.control().requests() {
            // What was refused for its sign never reached the books, and is signed anew (I14).
            let refused = call.outcome == "INVALID_SIGN";
            if let (Operation::Pay | Operation::Precreate, false) = (call.operation, refused) {
                *charges.entry(call.order).or_default() += 1;
            }
        }
        let twice: Vec<_> = charges.iter().filter(|(_, count)| **count > 1).collect();
        assert!(twice.is_empty(), "charged twice: {twice:?}");
    }

    /// Neither a customer's code nor the key is in the journal's files or in anything said.
    pub fn secrets_stayed_in(&self) {
        let codes = self.codes.lock().unwrap().clone();
        let secrets: Vec<&str> = codes.iter().map(String::as_str).chain([self.key()]).collect();
        for suffix in ["", "-wal", "-shm", ".lock"] {
            let mut path = self.journal().into_os_string();
            path.push(suffix);
            let Ok(bytes) = std::fs::read(&path) else { continue };
            for secret in &secrets {
                let found = bytes.windows(secret.len()).any(|some| some == secret.as_bytes());
                assert!(!found, "{secret} is in {}", path.display());
            }
        }
        for said in self.said.lock().unwrap().iter() {
            for secret in &secrets {
                assert!(!said.contains(secret), "{secret} was said: {said}");
            }
        }
    }
}

fn fen(sale: &Value, name: &str) -> i64 {
    sale[name].as_i64().expect("fen")
}

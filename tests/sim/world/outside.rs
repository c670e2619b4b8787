//! What happens outside of the terminal: the network's way there and back, the gateway, and the
//! customer.

use super::{Customer, IN_FLIGHT_MS, Operation, What, World};
use cashier::id::AskId;
use cashier::payment::{AskError, Doubt, DoubtKind, Request, Verdict};
use std::time::Duration;

impl World {
    pub(super) fn ask(&mut self, ask: AskId, request: &Request, timeout: Duration) {
        let process = self.fate.process;
        let operation = match request {
            Request::Pay { .. } | Request::Precreate { .. } => Operation::Charge,
            Request::Query { .. } => Operation::Query,
            Request::Cancel { .. } => Operation::Cancel,
        };
        self.open.push(ask);
        if self.fate.fault(10) {
            let result = Err(AskError::NotSent);
            return self.fate.after(100, What::Answer { process, ask, result, again: false });
        }
        if !self.fate.fault(3) {
            let timeout_ms = u64::try_from(timeout.as_millis()).expect("fits");
            let result = Err(AskError::MaybeSent);
            self.fate.after(timeout_ms, What::Answer { process, ask, result, again: false });
        }
        if self.fate.fault(15) {
            return; // Lost on the way.
        }
        let way_ms =
            if self.fate.fault(25) { self.fate.rng.up_to(IN_FLIGHT_MS) } else { self.way() };
        let answers = !self.fate.fault(6);
        if !answers {
            // A fault at the gateway's door; behind it the request goes on.
            let result = Ok(Verdict::Unknown(Doubt::of(DoubtKind::GatewayFault)));
            let back_ms = self.way();
            self.fate.after(back_ms, What::Answer { process, ask, result, again: false });
        }
        self.fate.after(way_ms, What::Arrives { process, ask, operation, answers });
    }

    fn way(&mut self) -> u64 {
        5 + self.fate.rng.up_to(300)
    }

    pub(super) fn arrives(
        &mut self,
        process: u32,
        ask: AskId,
        operation: Operation,
        answers: bool,
    ) {
        let verdict = match operation {
            Operation::Charge => {
                let verdict = self.gateway.charge(self.fate.now_ms);
                if !self.presents && verdict == Verdict::Pending {
                    self.plan_customer(90_000);
                    if self.holds && answers {
                        self.held = Some((process, ask));
                        return self.fate.after(IN_FLIGHT_MS, What::HoldEnds { process, ask });
                    }
                }
                verdict
            }
            Operation::Query => self.gateway.query(self.fate.now_ms),
            Operation::Cancel => self.gateway.cancel(self.fate.now_ms),
        };
        if answers {
            self.reply(process, ask, verdict);
        }
    }

    pub(super) fn reply(&mut self, process: u32, ask: AskId, verdict: Verdict) {
        if self.fate.fault(15) {
            return; // Lost on the way back.
        }
        let harsh = self.fate.fault(100);
        let result = match self.fate.rng.up_to(99) {
            0..8 if harsh => Err(AskError::Garbled),
            8..12 if harsh => Ok(Verdict::Unknown(Doubt::of(DoubtKind::GatewayFault))),
            _ => Ok(verdict),
        };
        let way_ms = if self.fate.fault(20) { self.fate.rng.up_to(60_000) } else { self.way() };
        if self.fate.fault(3) {
            let result = result.clone();
            self.fate.after(way_ms + 500, What::Answer { process, ask, result, again: true });
        }
        self.fate.after(way_ms, What::Answer { process, ask, result, again: false });
    }

    pub(super) fn plan_customer(&mut self, patience_ms: u64) {
        let at_ms = self.fate.rng.up_to(patience_ms);
        match self.fate.rng.up_to(9) {
            0..=4 => self.fate.after(at_ms, What::Customer(Customer::Pays)),
            5 => self.fate.after(100, What::Customer(Customer::Pays)),
            6 => self.fate.after(at_ms, What::Customer(Customer::Fails)),
            7 => {
                self.fate.after(at_ms, What::Customer(Customer::Uncertain));
                self.fate.after(at_ms + 120_000, What::Customer(Customer::ClearsUp));
            }
            _ => {} // Walks away.
        }
    }

    pub(super) fn customer(&mut self, customer: Customer) {
        match customer {
            Customer::Pays => {
                if self.gateway.customer_pays(self.fate.now_ms) && self.fate.rng.percent(70) {
                    let late_ms = self.fate.rng.up_to(30_000);
                    self.fate.after(late_ms, What::Notify);
                }
            }
            Customer::Fails => self.gateway.customer_fails(self.fate.now_ms),
            Customer::Uncertain => self.gateway.becomes_uncertain(self.fate.now_ms),
            Customer::ClearsUp => self.gateway.clears_up(),
        }
        if let Some((process, ask)) = self.held.take() {
            let verdict = self.gateway.query(self.fate.now_ms);
            self.reply(process, ask, verdict);
        }
    }
}

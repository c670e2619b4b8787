//! The gateway's books: orders, payments, reversals and refunds, shared by the three protocols.
//!
//! Pure: time comes in as milliseconds of the simulator's clock, nothing is read or sent. An order
//! is brought up to date whenever it is looked at (`settle`), so the books need no timer of their
//! own and two runs with the same calls at the same moments are equal.
//!
//! Rules, with their sources: an order number is unique per merchant (JSON zh table 2.3
//! CHARGE_CODE, appendix 5 SERIAL_REPEAT; Upay v2 §4-5 CLIENT_SN_CONFLICT); a code is used once and
//! lives about a minute (README "Payment codes"); a scanned SOSOPAY payment is revoked by the
//! gateway after 80 s (JSON zh §2.2); a QR lives TIME_EXPIRE, else about four minutes (README);
//! refunds sum to at most what was paid (XML v1 §5); a cancel of a paid order returns the money
//! (Upay v2 §3-5).
//!
//! Memory is bounded: `max_orders`, `MAX_HISTORY` lines and `MAX_REFUNDS` refunds for each order.

mod order;
mod refund;

use std::collections::HashMap;

pub(crate) use order::{Closed, Details, Good, NewOrder, Order, OrderState, Seq, Standing};
pub(crate) use refund::{NewRefund, Refund};
pub use refund::{RefundEnd, RefundScript};

use crate::customer::{Behaviour, Decline};
use order::MAX_REFUNDS;

/// What the books are kept by.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub code_life_ms: u64,
    pub single_use_codes: bool,
    /// What becomes of a refund that is not scripted.
    pub refund: RefundScript,
    pub cancel_application_ms: u64,
    pub max_orders: usize,
}

/// How an order is named in a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Key<'a> {
    /// The merchant's own number: CHARGE_CODE, client_sn.
    Merchant(&'a str),
    /// The gateway's number: CHARGE_DOWN_CODE, sn.
    Gateway(&'a str),
    /// The verification code of the order (JSON zh §7.1 serType=2).
    VerifyCode(&'a str),
}

/// Why an order was not taken into the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotOpened {
    /// The merchant used the number before.
    Duplicate,
    /// The books hold `max_orders` orders.
    Full,
}

/// What a cancel did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cancelled {
    /// A payment in progress was stopped; no money had moved.
    Aborted,
    /// The money was returned.
    Reversed,
    /// It was cancelled before.
    Already,
    /// The application is noted and will be carried out.
    Applied,
    /// The state of the order does not allow it.
    WrongState,
}

/// What a refund did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refunded {
    /// It is in the books; how it ended, or `None` while it is on its way.
    Taken(Option<RefundEnd>),
    /// The refund number was used before.
    Conflict,
    /// More than what is left of the payment.
    TooMuch,
    /// The state of the order does not allow it.
    WrongState,
}

/// The books.
#[derive(Debug)]
pub(crate) struct Ledger {
    rules: Rules,
    orders: Vec<Order>,
    by_merchant_no: HashMap<(String, String), Seq>,
    by_gateway_no: HashMap<String, Seq>,
    by_qr: HashMap<String, Seq>,
    by_refund_no: HashMap<(String, String), Seq>,
    refund_scripts: HashMap<String, RefundScript>,
    used_codes: HashMap<String, Seq>,
    shown_codes: HashMap<String, u64>,
    /// Orders whose merchant wants to be told when they are paid, and was not yet.
    notifiable: Vec<Seq>,
}

impl Ledger {
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            orders: Vec::new(),
            by_merchant_no: HashMap::new(),
            by_gateway_no: HashMap::new(),
            by_qr: HashMap::new(),
            by_refund_no: HashMap::new(),
            refund_scripts: HashMap::new(),
            used_codes: HashMap::new(),
            shown_codes: HashMap::new(),
            notifiable: Vec::new(),
        }
    }

    pub fn rules_mut(&mut self) -> &mut Rules {
        &mut self.rules
    }

    /// Scripts the refund of that number. False if as many are scripted as there may be orders.
    pub fn script_refund(&mut self, no: &str, script: RefundScript) -> bool {
        let scripted = self.refund_scripts.len();
        let room = scripted < self.rules.max_orders || self.refund_scripts.contains_key(no);
        if room {
            self.refund_scripts.insert(no.to_owned(), script);
        }
        room
    }

    /// The number the next order will have.
    pub fn next_seq(&self) -> Seq {
        Seq(self.orders.len())
    }

    /// A phone shows a code from now on; it is good for `code_life_ms`.
    pub fn show_code(&mut self, code: &str, now_ms: u64) {
        let life = self.rules.code_life_ms;
        // Codes that died long ago are of no use to anyone; a code unknown here never expires.
        if self.shown_codes.len() >= self.rules.max_orders {
            self.shown_codes.retain(|_, shown| now_ms.saturating_sub(*shown) <= life);
        }
        if self.shown_codes.len() < self.rules.max_orders {
            self.shown_codes.insert(code.to_owned(), now_ms);
        }
    }

    /// Takes an order in, and lets its customer begin.
    pub fn open(&mut self, mut new: NewOrder, now_ms: u64) -> Result<Seq, NotOpened> {
        let named = (new.merchant.clone(), new.merchant_no.clone());
        if self.by_merchant_no.contains_key(&named) {
            return Err(NotOpened::Duplicate);
        }
        if self.orders.len() >= self.rules.max_orders {
            return Err(NotOpened::Full);
        }
        let seq = self.next_seq();
        if let Some(code) = &new.code {
            let shown = self.shown_codes.get(code);
            let life = self.rules.code_life_ms;
            if shown.is_some_and(|shown| now_ms.saturating_sub(*shown) > life) {
                new.behaviour = Some(Behaviour::Decline(Decline::ExpiredCode));
            }
            if self.rules.single_use_codes && self.used_codes.contains_key(code) {
                new.behaviour = Some(Behaviour::Decline(Decline::InvalidCode));
            }
            self.used_codes.entry(code.clone()).or_insert(seq);
        }
        if new.qr.is_some() && new.details.get("NODIFY_URL").is_some_and(|url| !url.is_empty()) {
            self.notifiable.push(seq);
        }
        self.by_merchant_no.insert(named, seq);
        self.by_gateway_no.insert(new.gateway_no.clone(), seq);
        if let Some(qr) = &new.qr {
            self.by_qr.insert(qr.clone(), seq);
        }
        let mut order = Order::open(new, now_ms);
        order.settle(now_ms);
        self.orders.push(order);
        Ok(seq)
    }

    /// The order of that name, brought up to date.
    pub fn find(&mut self, merchant: &str, key: Key<'_>, now_ms: u64) -> Option<Seq> {
        let seq = match key {
            Key::Merchant(no) => {
                self.by_merchant_no.get(&(merchant.to_owned(), no.to_owned())).copied()
            }
            Key::Gateway(no) => self.by_gateway_no.get(no).copied(),
            Key::VerifyCode(code) => (0..self.orders.len()).map(Seq).find(|seq| {
                self.orders.get(seq.0).is_some_and(|order| {
                    order.merchant == merchant && order.details.get("verifyCodes") == Some(code)
                })
            }),
        }?;
        let order = self.settled(seq, now_ms)?;
        (order.merchant == merchant).then_some(seq)
    }

    /// The order whose refund has that number, and the refund's place in it.
    pub fn find_refund(&mut self, merchant: &str, no: &str) -> Option<(Seq, usize)> {
        let seq = *self.by_refund_no.get(&(merchant.to_owned(), no.to_owned()))?;
        let at = self.orders.get(seq.0)?.refunds.iter().position(|refund| refund.no == no)?;
        Some((seq, at))
    }

    /// Any merchant's order of that number, the newest first, or of that gateway's number.
    pub fn find_any(&mut self, name: &str, now_ms: u64) -> Option<Seq> {
        let newest = self.orders.iter().rposition(|order| order.merchant_no == name).map(Seq);
        let seq = newest.or_else(|| self.by_gateway_no.get(name).copied())?;
        self.settled(seq, now_ms).map(|_| seq)
    }

    /// The order behind a QR text.
    pub fn find_qr(&mut self, qr: &str, now_ms: u64) -> Option<Seq> {
        let seq = *self.by_qr.get(qr)?;
        self.settled(seq, now_ms).map(|_| seq)
    }

    /// An order, brought up to date.
    pub fn settled(&mut self, seq: Seq, now_ms: u64) -> Option<&Order> {
        let order = self.orders.get_mut(seq.0)?;
        order.settle(now_ms);
        Some(order)
    }

    /// Every order, brought up to date, oldest first.
    pub fn all(&mut self, now_ms: u64) -> &[Order] {
        for order in &mut self.orders {
            order.settle(now_ms);
        }
        &self.orders
    }

    /// The orders that were paid and whose merchant is to be told now, each once, and the moment at
    /// which another may be.
    pub fn take_notifiable(&mut self, now_ms: u64) -> (Vec<Order>, Option<u64>) {
        let (mut paid, mut next_due_ms) = (Vec::new(), None);
        let waiting = std::mem::take(&mut self.notifiable);
        for seq in waiting {
            let Some(order) = self.settled(seq, now_ms) else { continue };
            let due = order.next_due_ms();
            if order.state == OrderState::Paid {
                paid.push(order.clone());
            } else if order.state == OrderState::Pending || due.is_some() {
                next_due_ms = next_due_ms.into_iter().chain(due).min();
                self.notifiable.push(seq);
            }
        }
        (paid, next_due_ms)
    }

    /// What the merchants hold: paid, less reversed, less refunded.
    pub fn total_fen(&mut self, now_ms: u64) -> i64 {
        self.all(now_ms).iter().fold(0_i64, |sum, order| sum.saturating_add(order.held_fen()))
    }

    /// Cancels an order: at once, or as an application (`opType=ACO`).
    pub fn cancel(&mut self, seq: Seq, application: bool, now_ms: u64) -> Cancelled {
        let delay = application.then_some(self.rules.cancel_application_ms);
        match self.orders.get_mut(seq.0) {
            Some(order) => order.cancel(delay, now_ms),
            None => Cancelled::WrongState,
        }
    }

    /// Carries out a cancel that was applied for. False if none was.
    pub fn carry_out(&mut self, seq: Seq, now_ms: u64) -> bool {
        self.orders.get_mut(seq.0).is_some_and(|order| order.carry_out(now_ms))
    }

    /// Refunds a part of a paid order.
    pub fn refund(&mut self, seq: Seq, refund: NewRefund, now_ms: u64) -> Refunded {
        let Some(order) = self.orders.get_mut(seq.0) else { return Refunded::WrongState };
        let named = (order.merchant.clone(), refund.no.clone());
        if self.by_refund_no.contains_key(&named) {
            return Refunded::Conflict;
        }
        order.settle(now_ms);
        match order.standing() {
            Standing::Paid
            | Standing::PartlyRefunded
            | Standing::Refunding
            | Standing::RefundFailed => {}
            Standing::Refunded => return Refunded::TooMuch,
            Standing::Pending
            | Standing::Closed(_)
            | Standing::Revoked
            | Standing::RevokeRequested => return Refunded::WrongState,
        }
        if refund.fen > order.held_fen() || order.refunds.len() >= MAX_REFUNDS {
            return Refunded::TooMuch;
        }
        let script = self.refund_scripts.get(&refund.no).copied().unwrap_or(self.rules.refund);
        let end = order.refund(refund, script, now_ms);
        self.by_refund_no.insert(named, seq);
        Refunded::Taken(end)
    }

    /// The customer approves on the phone. False if the order no longer waits for it.
    pub fn approve(&mut self, seq: Seq, now_ms: u64) -> bool {
        self.orders.get_mut(seq.0).is_some_and(|order| order.approve(now_ms))
    }

    /// The customer declines on the phone. False if the order no longer waits for it.
    pub fn decline(&mut self, seq: Seq, reason: Decline, now_ms: u64) -> bool {
        self.orders.get_mut(seq.0).is_some_and(|order| order.decline(reason, now_ms))
    }

    /// The phone has scanned the QR of the order; what its owner does next is up to them.
    pub fn scanned(&mut self, seq: Seq, now_ms: u64) {
        if let Some(order) = self.orders.get_mut(seq.0) {
            order.scanned = true;
            order.note(now_ms, "QR scanned");
        }
    }
}

#[cfg(test)]
mod tests;

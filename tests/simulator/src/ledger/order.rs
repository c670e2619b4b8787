//! One order of the books, and how time and its customer move it.
//!
//! ```text
//!            ┌ customer pays ──→ Paid ──cancel──→ Revoked (money returned)
//!  Pending ──┤                    ↑ PayLate only    ↑
//!            ├ cancel ───────→ Revoked              │
//!            ├ application ──→ RevokeRequested ─────┘ after `cancel_application_ms`
//!            └ declined, QR expired → Closed      80 s over → Revoked
//! ```
//!
//! Refunds leave the state Paid; `standing` derives what the documents call the state.

use crate::customer::{Behaviour, Decline, Wallet};

use super::{
    Cancelled,
    refund::{NewRefund, Refund, RefundEnd, RefundScript},
};

/// Lines of history kept for one order; later ones are dropped.
const MAX_HISTORY: usize = 64;
/// Refunds of one order.
pub(super) const MAX_REFUNDS: usize = 100;

/// The place of an order in the books.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Seq(pub usize);

/// Why an order was closed without a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closed {
    /// The wallet or the customer said no.
    Declined(Decline),
    /// Nobody paid the QR in its life.
    Expired,
}

/// The states of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OrderState {
    /// Waits for the customer.
    Pending,
    /// The money has moved.
    Paid,
    /// No money will move.
    Closed(Closed),
    /// A cancel was applied for, and is carried out at this moment.
    RevokeRequested {
        /// When, in milliseconds of the simulator's clock.
        done_at_ms: u64,
    },
    /// Cancelled; what was paid was returned.
    Revoked,
}

/// State and refunds together: what the documents' state tables tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Pending,
    Paid,
    PartlyRefunded,
    Refunded,
    Refunding,
    /// The latest refund failed; what is held is held.
    RefundFailed,
    Closed(Closed),
    RevokeRequested,
    Revoked,
}

/// One line of GOODS_DETAIL, as it was sent.
pub(crate) type Good = Vec<(String, String)>;

/// What the request said beside what the books need; queries give it back.
#[derive(Clone, Debug, Default)]
pub(crate) struct Details {
    pub fields: Vec<(String, String)>,
    pub goods: Vec<Good>,
}

impl Details {
    /// The field of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }
}

/// An order as a request asks for it.
#[derive(Clone, Debug)]
pub(crate) struct NewOrder {
    pub merchant: String,
    pub merchant_no: String,
    pub gateway_no: String,
    pub third_no: String,
    pub amount_fen: i64,
    pub wallet: Wallet,
    pub code: Option<String>,
    pub qr: Option<String>,
    pub life_ms: Option<u64>,
    /// `None`: a QR that nobody scans unless the phone does.
    pub behaviour: Option<Behaviour>,
    pub details: Details,
}

/// What happens next to a pending order.
#[derive(Clone, Copy, Debug)]
enum Plan {
    Wait,
    PayAt(u64),
    DeclineAt(u64, Decline),
    PayOnCancel,
    PayAfterCancel(u64),
}

/// An order.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub merchant: String,
    pub merchant_no: String,
    pub gateway_no: String,
    pub third_no: String,
    pub amount_fen: i64,
    pub wallet: Wallet,
    pub code: Option<String>,
    pub qr: Option<String>,
    pub details: Details,
    pub state: OrderState,
    pub scanned: bool,
    pub created_at_ms: u64,
    pub changed_at_ms: u64,
    pub paid_fen: i64,
    pub reversed_fen: i64,
    pub refunds: Vec<Refund>,
    pub history: Vec<(u64, String)>,
    plan: Plan,
    expires_at_ms: Option<u64>,
    late_pay_at_ms: Option<u64>,
}

impl Order {
    pub(super) fn open(new: NewOrder, now_ms: u64) -> Self {
        let plan = match new.behaviour {
            Some(Behaviour::Approve) => Plan::PayAt(now_ms),
            Some(Behaviour::ApproveAfter { ms }) => Plan::PayAt(now_ms.saturating_add(ms)),
            Some(Behaviour::Password | Behaviour::Never) | None => Plan::Wait,
            Some(Behaviour::Decline(reason)) => Plan::DeclineAt(now_ms, reason),
            Some(Behaviour::DeclineAfter { ms, reason }) => {
                Plan::DeclineAt(now_ms.saturating_add(ms), reason)
            }
            Some(Behaviour::PayOnCancel) => Plan::PayOnCancel,
            Some(Behaviour::PayLate { ms }) => Plan::PayAfterCancel(ms),
        };
        let mut order = Self {
            merchant: new.merchant,
            merchant_no: new.merchant_no,
            gateway_no: new.gateway_no,
            third_no: new.third_no,
            amount_fen: new.amount_fen,
            wallet: new.wallet,
            code: new.code,
            qr: new.qr,
            details: new.details,
            state: OrderState::Pending,
            scanned: false,
            created_at_ms: now_ms,
            changed_at_ms: now_ms,
            paid_fen: 0,
            reversed_fen: 0,
            refunds: Vec::new(),
            history: Vec::new(),
            plan,
            expires_at_ms: new.life_ms.map(|life| now_ms.saturating_add(life)),
            late_pay_at_ms: None,
        };
        order.note(now_ms, "created");
        order
    }

    /// What the merchant holds of this order.
    pub fn held_fen(&self) -> i64 {
        self.paid_fen.saturating_sub(self.reversed_fen).saturating_sub(self.refunded_fen())
    }

    /// What was refunded, or is being refunded.
    pub fn refunded_fen(&self) -> i64 {
        let returning = self.refunds.iter().filter(|refund| refund.returns());
        returning.fold(0, |sum, refund| sum.saturating_add(refund.fen))
    }

    /// State and refunds, as a query tells them.
    pub fn standing(&self) -> Standing {
        match self.state {
            OrderState::Pending => Standing::Pending,
            OrderState::Closed(why) => Standing::Closed(why),
            OrderState::RevokeRequested { .. } => Standing::RevokeRequested,
            OrderState::Revoked => Standing::Revoked,
            OrderState::Paid => self.standing_of_refunds(),
        }
    }

    fn standing_of_refunds(&self) -> Standing {
        let last = self.refunds.last().and_then(|refund| refund.end);
        if self.refunds.iter().any(|refund| refund.end.is_none()) {
            Standing::Refunding
        } else if last == Some(RefundEnd::Failed) {
            Standing::RefundFailed
        } else if self.refunded_fen() == 0 {
            Standing::Paid
        } else if self.held_fen() == 0 {
            Standing::Refunded
        } else {
            Standing::PartlyRefunded
        }
    }

    /// When this order next moves by itself, if it does.
    pub fn next_due_ms(&self) -> Option<u64> {
        match self.state {
            OrderState::Pending => {
                let planned = match self.plan {
                    Plan::PayAt(at) | Plan::DeclineAt(at, _) => Some(at),
                    Plan::Wait | Plan::PayOnCancel | Plan::PayAfterCancel(_) => None,
                };
                [planned, self.expires_at_ms].into_iter().flatten().min()
            }
            OrderState::RevokeRequested { done_at_ms } => Some(done_at_ms),
            OrderState::Revoked => self.late_pay_at_ms,
            OrderState::Paid => {
                let open = self.refunds.iter().filter(|refund| refund.end.is_none());
                open.map(|refund| refund.done_at_ms).min()
            }
            OrderState::Closed(_) => None,
        }
    }

    /// Carries out everything that was due by now, in its order. Ends: every step leaves the state
    /// or clears the moment that made it due.
    pub(super) fn settle(&mut self, now_ms: u64) {
        while let Some(due) = self.next_due_ms().filter(|due| *due <= now_ms) {
            match self.state {
                OrderState::Pending => self.settle_pending(due),
                OrderState::RevokeRequested { .. } => self.transition_to_revoked(due),
                OrderState::Revoked => {
                    self.late_pay_at_ms = None;
                    self.transition_to_paid(due, "paid after the cancel");
                }
                OrderState::Paid => self.settle_refunds(due),
                OrderState::Closed(_) => return,
            }
        }
    }

    fn settle_refunds(&mut self, due: u64) {
        let mut ended = Vec::new();
        for refund in &mut self.refunds {
            if refund.settle(due) {
                ended.push(format!("refund {}: {:?}", refund.no, refund.end));
            }
        }
        for line in ended {
            self.note(due, &line);
        }
    }

    /// Takes a refund in; what it may be is the books' to judge.
    pub(super) fn refund(
        &mut self,
        new: NewRefund,
        script: RefundScript,
        now_ms: u64,
    ) -> Option<RefundEnd> {
        self.note(now_ms, &format!("refund {} of {} fen", new.no, new.fen));
        self.refunds.push(Refund::new(new, script, now_ms));
        self.settle(now_ms);
        self.refunds.last().and_then(|refund| refund.end)
    }

    fn settle_pending(&mut self, due: u64) {
        match self.plan {
            // A payment and the end of the order's life in one millisecond: the money moved.
            Plan::PayAt(at) if at <= due => self.transition_to_paid(due, "paid"),
            Plan::DeclineAt(at, reason) if at <= due => {
                self.transition_to_closed(due, Closed::Declined(reason));
            }
            Plan::Wait
            | Plan::PayAt(_)
            | Plan::DeclineAt(..)
            | Plan::PayOnCancel
            | Plan::PayAfterCancel(_) => {
                // A scanned code's payment is revoked by the gateway (JSON zh §2.2); a QR's order
                // is closed (appendix 4, state 6).
                if self.code.is_some() {
                    self.arm_late_payment(due);
                    self.transition_to_revoked(due);
                } else {
                    self.transition_to_closed(due, Closed::Expired);
                }
            }
        }
    }

    pub(super) fn approve(&mut self, now_ms: u64) -> bool {
        self.settle(now_ms);
        let waits = self.state == OrderState::Pending;
        if waits {
            self.transition_to_paid(now_ms, "paid");
        }
        waits
    }

    pub(super) fn decline(&mut self, reason: Decline, now_ms: u64) -> bool {
        self.settle(now_ms);
        let waits = self.state == OrderState::Pending;
        if waits {
            self.transition_to_closed(now_ms, Closed::Declined(reason));
        }
        waits
    }

    pub(super) fn cancel(&mut self, application_ms: Option<u64>, now_ms: u64) -> Cancelled {
        self.settle(now_ms);
        if self.state == OrderState::Pending && matches!(self.plan, Plan::PayOnCancel) {
            self.transition_to_paid(now_ms, "paid while the cancel was on its way");
        }
        match self.state {
            OrderState::Closed(_) => return Cancelled::WrongState,
            OrderState::Paid if self.refunded_fen() > 0 => return Cancelled::WrongState,
            OrderState::Revoked => return Cancelled::Already,
            OrderState::RevokeRequested { .. } if application_ms.is_some() => {
                return Cancelled::Applied;
            }
            OrderState::Pending | OrderState::Paid | OrderState::RevokeRequested { .. } => {}
        }
        if let Some(delay) = application_ms {
            self.note(now_ms, "cancel applied for");
            let done_at_ms = now_ms.saturating_add(delay);
            self.state = OrderState::RevokeRequested { done_at_ms };
            self.changed_at_ms = now_ms;
            self.settle(now_ms);
            return Cancelled::Applied;
        }
        self.arm_late_payment(now_ms);
        let had_money = self.held_fen() > 0;
        self.transition_to_revoked(now_ms);
        if had_money { Cancelled::Reversed } else { Cancelled::Aborted }
    }

    /// Carries out before its time what was applied for. False if nothing was.
    pub(super) fn carry_out(&mut self, now_ms: u64) -> bool {
        self.settle(now_ms);
        let applied = matches!(self.state, OrderState::RevokeRequested { .. });
        if applied {
            self.transition_to_revoked(now_ms);
        }
        applied
    }

    /// Before a revoke: a `PayLate` customer's money will move all the same.
    fn arm_late_payment(&mut self, now_ms: u64) {
        if let (OrderState::Pending, Plan::PayAfterCancel(ms)) = (self.state, self.plan) {
            self.late_pay_at_ms = Some(now_ms.saturating_add(ms));
        }
    }

    fn transition_to_paid(&mut self, at_ms: u64, why: &str) {
        self.state = OrderState::Paid;
        self.paid_fen = self.amount_fen;
        self.changed_at_ms = at_ms;
        self.note(at_ms, why);
    }

    fn transition_to_closed(&mut self, at_ms: u64, why: Closed) {
        self.state = OrderState::Closed(why);
        self.changed_at_ms = at_ms;
        self.note(at_ms, &format!("closed: {why:?}"));
    }

    fn transition_to_revoked(&mut self, at_ms: u64) {
        let returned = self.held_fen();
        self.reversed_fen = self.reversed_fen.saturating_add(returned);
        self.state = OrderState::Revoked;
        self.changed_at_ms = at_ms;
        self.note(at_ms, if returned > 0 { "revoked, money returned" } else { "revoked" });
    }

    pub(super) fn note(&mut self, at_ms: u64, what: &str) {
        if self.history.len() < MAX_HISTORY {
            self.history.push((at_ms, what.to_owned()));
        }
    }
}

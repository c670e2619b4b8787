//! The words of a refund: what is asked for, what an answer proves, what the journal keeps.
//!
//! A refund is a machine of its own, as safe as a sale (I12): the sum of refunds and of refunds in
//! flight never exceeds what was paid, the number is kept on every retry, and "refunding" is not
//! "refunded". Sources: Upay v2 §3-3, JSON zh §6, JSON en §9 (refund query), XML v1 §5.

use super::{Decline, Doubt, Sale};
use crate::id::{OrderId, RefundId};
use crate::money::Fen;

/// One refund of one paid order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Our number of the refund: `refund_request_no` (Upay v2), `OUT_REFUND_NO` (SOSOPAY).
    pub id: RefundId,
    /// The sale that was paid; its amount is what was paid, its operator who gives back.
    pub sale: Sale,
    /// What is given back by this refund.
    pub amount: Fen,
    /// What had certainly been given back before it. A gateway that only tells the sum is compared
    /// with this.
    pub refunded_before: Fen,
    /// The gateway's number of the order, preferred where it is known (JSON zh table 6.2).
    pub gateway_order: Option<String>,
    /// What the customer is told (`REFUND_SUBJECT`).
    pub subject: String,
}

/// One question about a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundRequest {
    /// Give the money back. Asking again with the same number never gives it back twice.
    Apply(Refund),
    /// What became of it.
    Query(Refund),
}

impl RefundRequest {
    /// The refund that it is about.
    pub fn refund(&self) -> &Refund {
        match self {
            RefundRequest::Apply(refund) | RefundRequest::Query(refund) => refund,
        }
    }

    /// The order that it is about.
    pub fn order(&self) -> &OrderId {
        &self.refund().sale.order
    }

    /// The operation's name, in logs and in the journal.
    pub fn operation(&self) -> &'static str {
        match self {
            RefundRequest::Apply(_) => "refund",
            RefundRequest::Query(_) => "refund_query",
        }
    }
}

/// What an answer proves of a refund, and nothing more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundVerdict {
    /// The money went back: this refund, this amount.
    Refunded {
        /// The gateway's number of the refund, if it has one.
        gateway_refund: Option<String>,
    },
    /// Accepted, and not done yet: not refunded (I12).
    InProgress,
    /// A final negative: this refund gave nothing back (I4).
    Refused(Decline),
    /// Nothing is proven.
    Unknown(Doubt),
    /// The gateway knows the order and nothing of this refund. Not final at once (I5).
    NotFound,
}

impl RefundVerdict {
    /// The verdict's name, for logs: nothing that was said comes with it.
    pub fn name(&self) -> &'static str {
        match self {
            RefundVerdict::Refunded { .. } => "refunded",
            RefundVerdict::InProgress => "refunding",
            RefundVerdict::Refused(decline) => decline.why.name(),
            RefundVerdict::Unknown(doubt) => doubt.kind.name(),
            RefundVerdict::NotFound => "not_found",
        }
    }
}

/// How a refund ended, or stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundOutcome {
    /// The money went back (I3).
    Refunded {
        /// The gateway's number of the refund, if it has one.
        gateway_refund: Option<String>,
    },
    /// Nothing was given back (I4).
    Refused(Decline),
    /// The gateway accepted it and has not done it yet; still being asked about (I7).
    Refunding,
    /// Not known; still being asked about (I7).
    Unresolved(Doubt),
}

impl RefundOutcome {
    /// Whether nothing can follow but a discrepancy (I6).
    pub fn is_final(&self) -> bool {
        match self {
            RefundOutcome::Refunded { .. } | RefundOutcome::Refused(_) => true,
            RefundOutcome::Refunding | RefundOutcome::Unresolved(_) => false,
        }
    }

    /// The outcome in the words of `contract.md`.
    pub fn name(&self) -> &'static str {
        match self {
            RefundOutcome::Refunded { .. } => "refunded",
            RefundOutcome::Refused(_) => "refused",
            RefundOutcome::Refunding => "refunding",
            RefundOutcome::Unresolved(_) => "unresolved",
        }
    }
}

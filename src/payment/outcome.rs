//! How a sale ended.

use super::{Channel, Decline, Doubt};
use crate::money::Fen;

/// What is known of a payment that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// What the order was for, and what the gateway confirmed (I3).
    pub amount: Fen,
    /// The channel that the money came through.
    pub channel: Channel,
    /// The gateway's number of the order: `sn` (Upay v2), `CHARGE_DOWN_CODE` (SOSOPAY).
    pub gateway_order: Option<String>,
    /// The wallet's number: `trade_no` (Upay v2), `CHARGE_THIRD_CODE` (SOSOPAY).
    pub trade_no: Option<String>,
    /// What has been given back since, as far as the gateway says.
    pub returned: Returned,
}

/// What the gateway says of money given back from a paid order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returned {
    /// Nothing, or nothing was said.
    Nothing,
    /// Some of it; how much, if it was said.
    Part(Option<Fen>),
    /// All of it.
    Everything,
    /// A refund is on its way or failed (SOSOPAY STATE 8, 9).
    Unclear,
}

/// The end of a sale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Money moved, to us (I3).
    Paid(Payment),
    /// No money moved (I4).
    NotCharged(Decline),
    /// The order was closed or the money returned by our cancel (I4).
    Reversed(Decline),
    /// Not known; parked, and still being resolved (I7).
    Unresolved(Doubt),
}

impl Outcome {
    /// Whether nothing can follow but a discrepancy (I6).
    pub fn is_final(&self) -> bool {
        match self {
            Outcome::Paid(_) | Outcome::NotCharged(_) | Outcome::Reversed(_) => true,
            Outcome::Unresolved(_) => false,
        }
    }

    /// The outcome in the words of `contract.md`.
    pub fn name(&self) -> &'static str {
        match self {
            Outcome::Paid(_) => "paid",
            Outcome::NotCharged(_) | Outcome::Reversed(_) => "not_charged",
            Outcome::Unresolved(_) => "unresolved",
        }
    }
}

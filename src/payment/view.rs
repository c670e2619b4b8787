//! What the machine shows of itself; `app::present` turns it into a screen.

use super::record::Found;
use super::timer::Moment;
use super::{Channel, Outcome};
use crate::id::OrderId;
use crate::money::Fen;

/// Where a charge stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The order.
    pub order: OrderId,
    /// What is charged.
    pub amount: Fen,
    /// What is going on.
    pub stage: Stage,
    /// It is about the return of a payment ([`super::Charge::void`]), and not about the payment.
    pub voids: bool,
}

/// What is going on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Waiting for the customer's code.
    AwaitCode {
        /// When it stops.
        until: Moment,
    },
    /// The charge is being recorded or sent, or its answer is waited for.
    Charging {
        /// Since when.
        since: Moment,
        /// The wallet, if the code tells.
        channel: Channel,
    },
    /// A QR is shown, or being fetched.
    Presenting {
        /// The text of the QR, once it is there.
        qr: Option<String>,
        /// The wallet that is to scan it.
        channel: Channel,
        /// When it stops being payable; while it is being fetched, when that is given up.
        until: Moment,
    },
    /// Asking what became of the charge.
    Confirming {
        /// When it will be reversed.
        until: Moment,
    },
    /// Cancelling.
    Reversing {
        /// Since when.
        since: Moment,
    },
    /// The end, or parked.
    Ended(Outcome),
    /// The end was contradicted (I6).
    Contradicted {
        /// How it had ended.
        outcome: Outcome,
        /// What the gateway says now.
        found: Found,
    },
}

//! What the machine wants done. The executor performs it and decides nothing.

use super::{Outcome, Payment, Record, Request};
use crate::id::AskId;
use std::time::Duration;

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Make the entry durable, then say [`super::Event::Stored`].
    Store(Record),
    /// Ask the gateway, then say [`super::Event::Answered`] with this id.
    Ask {
        /// Names the ask.
        ask: AskId,
        /// The question.
        request: Request,
        /// When to give up waiting for the answer.
        timeout: Duration,
    },
    /// The view changed: draw it.
    Show,
    /// Let the cashier hear it.
    Signal(Signal),
    /// Print a receipt; never waited for.
    Print(Payment),
    /// The cashier's part is over. A charge that ends `Unresolved` lives on as a parked one.
    Finish(Outcome),
}

/// What the cashier is to hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Signal {
    /// The code was taken.
    Accepted,
    /// Paid.
    Paid,
    /// Money went back to the customer.
    Refunded,
    /// Not charged.
    NotCharged,
    /// Not certain.
    Unresolved,
    /// A contradiction was found.
    Alarm,
}

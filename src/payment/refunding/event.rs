//! The two sides of the machine: what happens to it, and what it wants done.

use crate::id::{AskId, OrderId, RefundId};
use crate::money::Fen;
use crate::payment::event::{AskError, StoreError};
use crate::payment::record::RefundFound;
use crate::payment::timer::Moment;
use crate::payment::{Record, RefundOutcome, RefundRequest, RefundVerdict, Signal};
use std::time::Duration;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundEvent {
    /// The entry given with the last [`RefundEffect::Store`] is durable, or is not.
    Stored(Result<(), StoreError>),
    /// The gateway answered an ask, or it came to nothing.
    Answered {
        /// Which ask.
        ask: AskId,
        /// What the answer proves.
        result: Result<RefundVerdict, AskError>,
    },
    /// The gateway says that something happened to the order: worth a query at once (I13).
    Notified,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundEffect {
    /// Make the entry durable, then say [`RefundEvent::Stored`].
    Store(Record),
    /// Ask the gateway, then say [`RefundEvent::Answered`] with this id.
    Ask {
        /// Names the ask.
        ask: AskId,
        /// The question.
        request: RefundRequest,
        /// When to give up waiting for the answer.
        timeout: Duration,
    },
    /// The view changed: draw it.
    Show,
    /// Let the cashier hear it.
    Signal(Signal),
    /// The cashier's part is over. A refund that ends `Refunding` or `Unresolved` lives on as a
    /// parked one.
    Finish(RefundOutcome),
}

/// Where a refund stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundView {
    /// Our number of the refund.
    pub id: RefundId,
    /// The order.
    pub order: OrderId,
    /// What is given back.
    pub amount: Fen,
    /// What is going on.
    pub stage: RefundStage,
}

/// What is going on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundStage {
    /// It is being recorded or applied for.
    Applying {
        /// Since when.
        since: Moment,
    },
    /// Asking what became of it.
    Confirming {
        /// Since when.
        since: Moment,
        /// When the cashier's part ends.
        until: Moment,
    },
    /// The end, or parked.
    Ended(RefundOutcome),
    /// The end was contradicted (I6).
    Contradicted {
        /// How it had ended.
        outcome: RefundOutcome,
        /// What the gateway says now.
        found: RefundFound,
    },
}

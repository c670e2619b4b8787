//! What the journal keeps of a charge. Nothing leaves the device, and nothing is shown as certain,
//! before its record is durable (I1, I3).

use super::{Channel, CodeKind, Decline, Doubt, Outcome, Payment, Refund, RefundOutcome, Sale};
use crate::id::{OrderId, RefundId};

/// How the customer pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Direction {
    /// We scan the customer.
    Scan {
        /// How the code was read.
        kind: CodeKind,
        /// The code, masked (I17).
        masked: String,
        /// The wallet that the code looks like, if known.
        channel: Channel,
    },
    /// The customer scans our QR, and the cashier waits.
    Present {
        /// The wallet that is to scan it.
        channel: Channel,
    },
    /// The QR is handed out, on paper or a page, and nobody waits at the terminal: while it lives,
    /// the order is left to be paid.
    HandOut {
        /// The wallet that is to scan it.
        channel: Channel,
    },
}

/// One entry for the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// A charge is about to be sent: the first entry of every order.
    Opened {
        /// The sale: order, amount, operator, subject.
        sale: Sale,
        /// How the customer pays, which also says the operation: pay or precreate.
        direction: Direction,
    },
    /// A cancel is about to be sent.
    CancelIntent {
        /// The order.
        order: OrderId,
        /// Counted from 1.
        attempt: u32,
        /// Why, should it succeed.
        why: Decline,
    },
    /// The machine gave the charge to the resolver.
    Parked {
        /// The order.
        order: OrderId,
        /// Why it is not known.
        doubt: Doubt,
    },
    /// The end; never `Unresolved`.
    Settled {
        /// The order.
        order: OrderId,
        /// The end.
        outcome: Outcome,
    },
    /// A cancel is about to be sent for an order that is paid, to return all of the money. The
    /// order was paid, and stays so in the books; the return is a fact beside it (I6).
    VoidIntent {
        /// The order.
        order: OrderId,
        /// Counted on from the cancels before it.
        attempt: u32,
    },
    /// The money of a paid order has gone back, certainly.
    Voided {
        /// The order.
        order: OrderId,
    },
    /// The money of a paid order has not gone back, certainly: the gateway refused.
    VoidRefused {
        /// The order.
        order: OrderId,
        /// Why, in the gateway's words.
        why: Decline,
    },
    /// After the end, the gateway says otherwise (I6).
    Discrepancy {
        /// The order.
        order: OrderId,
        /// What the gateway says now.
        found: Found,
    },
    /// A refund is about to be applied for. Every retry has this intent and its number (I12).
    RefundIntent {
        /// The refund: order, number, amount, and all that a request repeats.
        refund: Refund,
    },
    /// The machine gave the refund to the resolver.
    RefundParked {
        /// The order.
        order: OrderId,
        /// The refund.
        id: RefundId,
        /// Why it is not known; nothing if the gateway says that it goes on.
        doubt: Option<Doubt>,
    },
    /// The end of a refund: `Refunded` or `Refused`.
    RefundSettled {
        /// The order.
        order: OrderId,
        /// The refund.
        id: RefundId,
        /// The end.
        outcome: RefundOutcome,
    },
    /// After the end of a refund, the gateway says otherwise (I6).
    RefundDiscrepancy {
        /// The order.
        order: OrderId,
        /// The refund.
        id: RefundId,
        /// What the gateway says now.
        found: RefundFound,
    },
}

/// What contradicts a settled refund (I6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundFound {
    /// It had been refused, and now the money has gone back.
    Refunded,
    /// It had been given back, and now the gateway says that it was not.
    NotRefunded(Decline),
}

/// What contradicts a settled order (I6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The order ended without money, and now it is paid: offer a refund.
    Paid(Payment),
    /// The order was paid, and now the gateway has no payment for it.
    NotPaid(Decline),
}

impl Found {
    /// Whether both say the same of the money, in whatever words. What has been given back of a
    /// payment since is another matter.
    pub fn is_same(&self, other: &Found) -> bool {
        match (self, other) {
            (Found::Paid(_), Found::Paid(_)) | (Found::NotPaid(_), Found::NotPaid(_)) => true,
            (Found::Paid(_), Found::NotPaid(_)) | (Found::NotPaid(_), Found::Paid(_)) => false,
        }
    }
}

impl Record {
    /// The order that the entry is about.
    pub fn order(&self) -> &OrderId {
        match self {
            Record::Opened { sale, .. } => &sale.order,
            Record::CancelIntent { order, .. }
            | Record::Parked { order, .. }
            | Record::Settled { order, .. }
            | Record::VoidIntent { order, .. }
            | Record::Voided { order }
            | Record::VoidRefused { order, .. }
            | Record::Discrepancy { order, .. }
            | Record::RefundParked { order, .. }
            | Record::RefundSettled { order, .. }
            | Record::RefundDiscrepancy { order, .. } => order,
            Record::RefundIntent { refund } => &refund.sale.order,
        }
    }
}

/// What the journal knows of a charge, or of a void, that was open when the process ended: enough
/// to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenCharge {
    /// The sale.
    pub sale: Sale,
    /// How the customer was to pay.
    pub direction: Direction,
    /// How many cancels were intended so far.
    pub cancels: u32,
    /// The doubt it was parked with, if it had been parked.
    pub parked: Option<Doubt>,
    /// The payment that is being returned: the order is paid, and a void of it goes on.
    pub paid: Option<Payment>,
}

/// What the journal knows of a refund that was open when the process ended: enough to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenRefund {
    /// The refund.
    pub refund: Refund,
    /// What it was parked with, if it had been parked: a doubt, or nothing if the gateway had
    /// accepted it.
    pub parked: Option<Option<Doubt>>,
}

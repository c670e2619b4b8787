//! What an answer of a gateway proves, and nothing more.

use super::{Decline, Doubt, Payment};

/// The meaning of one answer. Codecs map every documented code and state to one of these, totally;
/// identity (order, merchant, amount) is checked there, so that a `Paid` is a proof (I3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Money moved for this order, by a status that means so *for that endpoint*.
    Paid(Payment),
    /// To a precreate: the order exists, and this text is to be shown as a QR. Nothing is paid.
    Presented {
        /// The text of the QR.
        qr: String,
        /// The gateway's number of the order.
        gateway_order: Option<String>,
    },
    /// A final negative: no money moved for this order (I4).
    Declined(Decline),
    /// The order is cancelled or closed: to a cancel, the gateway accepted it; to a query, the
    /// order's state says so. Money that had moved has been returned.
    Reversed(Decline),
    /// The payment is still going on.
    Pending,
    /// Nothing is proven (I4).
    Unknown(Doubt),
    /// The gateway does not have the order. Not final at once (I5).
    NotFound,
}

impl Verdict {
    /// The verdict's name, for logs: nothing that was said comes with it.
    pub fn name(&self) -> &'static str {
        match self {
            Verdict::Paid(_) => "paid",
            Verdict::Presented { .. } => "presented",
            Verdict::Declined(decline) | Verdict::Reversed(decline) => decline.why.name(),
            Verdict::Pending => "pending",
            Verdict::Unknown(doubt) => doubt.kind.name(),
            Verdict::NotFound => "not_found",
        }
    }
}

//! What happens to the machine.

use super::{PaymentCode, Verdict};
use crate::id::AskId;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A payment code was read.
    Scanned(PaymentCode),
    /// The entry given with the last [`super::Effect::Store`] is durable, or is not.
    Stored(Result<(), StoreError>),
    /// The gateway answered an ask, or it came to nothing.
    Answered {
        /// Which ask.
        ask: AskId,
        /// What the answer proves.
        result: Result<Verdict, AskError>,
    },
    /// The gateway says that something happened to the order: worth a query at once (I13).
    Notified,
    /// The cashier wants out.
    CancelPressed,
}

/// Why an ask has no verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AskError {
    /// Nothing left the device: the only one that means "nothing happened".
    NotSent,
    /// At least one byte may have left, and no whole answer came.
    MaybeSent,
    /// An answer came that cannot be taken: too large, not HTTP, a redirect.
    Garbled,
}

/// The journal could not be written. There is no second try (I10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StoreError;

//! A refund in the books: on its way, and then refunded, failed or cancelled.
//!
//! ```text
//!  on its way ──done_at_ms──→ Refunded | Failed | Canceled      (SDK table 8.4: 10 → 11 | 13 | 12)
//! ```
//!
//! What is on its way counts as returned, so that refunds never sum to more than was paid; one that
//! failed or was cancelled gives its part back to the rest.

use serde::{Deserialize, Serialize};

/// How a refund ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundEnd {
    /// The money is back with the customer.
    #[default]
    Refunded,
    /// It failed; the merchant keeps the money.
    Failed,
    /// It was cancelled; the merchant keeps the money.
    Canceled,
}

/// What becomes of a refund, and after how long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefundScript {
    /// Milliseconds that it is on its way; 0 ends it in its own call.
    #[serde(default)]
    pub ms: u64,
    /// How it ends.
    #[serde(default)]
    pub end: RefundEnd,
}

/// A refund as a request asks for it.
#[derive(Clone, Debug)]
pub(crate) struct NewRefund {
    pub no: String,
    pub gateway_no: String,
    pub fen: i64,
    pub operator: String,
    pub device: String,
}

/// A refund.
#[derive(Clone, Debug)]
pub(crate) struct Refund {
    pub no: String,
    pub gateway_no: String,
    pub fen: i64,
    pub operator: String,
    pub device: String,
    pub at_ms: u64,
    /// How it ended; `None` while it is on its way.
    pub end: Option<RefundEnd>,
    pub done_at_ms: u64,
    planned: RefundEnd,
}

impl Refund {
    pub fn new(new: NewRefund, script: RefundScript, now_ms: u64) -> Self {
        Self {
            no: new.no,
            gateway_no: new.gateway_no,
            fen: new.fen,
            operator: new.operator,
            device: new.device,
            at_ms: now_ms,
            end: None,
            done_at_ms: now_ms.saturating_add(script.ms),
            planned: script.end,
        }
    }

    /// Whether its money is with the customer, or on its way there.
    pub fn returns(&self) -> bool {
        matches!(self.end, None | Some(RefundEnd::Refunded))
    }

    /// Ends it if it was due by then. True if it ended just now.
    pub fn settle(&mut self, now_ms: u64) -> bool {
        let due = self.end.is_none() && self.done_at_ms <= now_ms;
        if due {
            self.end = Some(self.planned);
        }
        due
    }
}

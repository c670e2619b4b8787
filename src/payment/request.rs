//! What the machine asks a gateway for.

use super::{Channel, PaymentCode};
use crate::id::OrderId;
use crate::money::Fen;
use std::time::Duration;

/// What every request of one sale repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sale {
    /// Our number of the order.
    pub order: OrderId,
    /// What is charged.
    pub amount: Fen,
    /// Who sells (`operator`, `OPER_ID`).
    pub operator: String,
    /// What the customer's wallet shows (`subject`, `PAY_SUBJECT`).
    pub subject: String,
}

/// One question to the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Charge the customer's code: Upay v2 §3-2 `pay`, SOSOPAY `preOrder`.
    Pay {
        /// The sale.
        sale: Sale,
        /// The customer's code.
        code: PaymentCode,
    },
    /// Make a QR for the customer to scan: Upay v2 §3-6 `precreate`, SOSOPAY `order`.
    Precreate {
        /// The sale.
        sale: Sale,
        /// The wallet that is to scan it.
        channel: Channel,
        /// How long it is to be payable (`TIME_EXPIRE`, where there is such a field).
        life: Duration,
    },
    /// What became of the order: Upay v2 §3-4, SOSOPAY `query`.
    Query {
        /// The sale.
        sale: Sale,
    },
    /// Close the order, return the money if it had moved: Upay v2 §3-5, SOSOPAY `cancelTrade`.
    Cancel {
        /// The sale.
        sale: Sale,
    },
}

impl Request {
    /// The sale that it is about.
    pub fn sale(&self) -> &Sale {
        match self {
            Request::Pay { sale, .. }
            | Request::Precreate { sale, .. }
            | Request::Query { sale }
            | Request::Cancel { sale } => sale,
        }
    }

    /// The customer's code, if one is charged.
    pub fn code(&self) -> Option<&PaymentCode> {
        match self {
            Request::Pay { code, .. } => Some(code),
            Request::Precreate { .. } | Request::Query { .. } | Request::Cancel { .. } => None,
        }
    }

    /// The operation's name, in logs and in the journal.
    pub fn operation(&self) -> &'static str {
        match self {
            Request::Pay { .. } => "pay",
            Request::Precreate { .. } => "precreate",
            Request::Query { .. } => "query",
            Request::Cancel { .. } => "cancel",
        }
    }
}

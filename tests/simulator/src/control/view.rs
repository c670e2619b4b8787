//! What the books look like from outside: orders, their states and history, and the phone's view.

use serde::{Deserialize, Serialize};

use crate::{
    customer::Wallet,
    ledger::{Closed, Order, Refund, RefundEnd, Standing},
};

/// What the books call the state of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waits for the customer.
    Pending,
    /// Paid, nothing returned.
    Paid,
    /// Paid, and a part refunded.
    PartlyRefunded,
    /// Paid, and all refunded.
    Refunded,
    /// Paid, and a refund is on its way.
    Refunding,
    /// Paid, and the latest refund failed.
    RefundFailed,
    /// Declined.
    Declined,
    /// Not paid in its life.
    Expired,
    /// A cancel was applied for.
    RevokeRequested,
    /// Cancelled; what was paid was returned.
    Revoked,
}

/// One line of an order's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HistoryLine {
    /// Milliseconds of the simulator's clock.
    pub at_ms: u64,
    /// What happened.
    pub what: String,
}

/// Where a refund is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundState {
    /// On its way.
    Refunding,
    /// The money is back.
    Refunded,
    /// It failed.
    Failed,
    /// It was cancelled.
    Canceled,
}

/// A refund, as the gateway's books have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefundView {
    /// The merchant's number, or the gateway's where the merchant gave none.
    pub refund: String,
    /// The gateway's number; Upay has none.
    pub gateway_refund: String,
    /// How much.
    pub amount_fen: i64,
    /// Where it is.
    pub state: RefundState,
    /// Milliseconds of the simulator's clock.
    pub at_ms: u64,
}

fn refund_view(refund: &Refund) -> RefundView {
    RefundView {
        refund: refund.no.clone(),
        gateway_refund: refund.gateway_no.clone(),
        amount_fen: refund.fen,
        state: match refund.end {
            None => RefundState::Refunding,
            Some(RefundEnd::Refunded) => RefundState::Refunded,
            Some(RefundEnd::Failed) => RefundState::Failed,
            Some(RefundEnd::Canceled) => RefundState::Canceled,
        },
        at_ms: refund.at_ms,
    }
}

/// An order, as the gateway's books have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OrderView {
    /// The merchant's number.
    pub order: String,
    /// The gateway's number.
    pub gateway_order: String,
    /// The merchant, or terminal.
    pub merchant: String,
    /// The wallet.
    pub wallet: Wallet,
    /// What was asked for.
    pub amount_fen: i64,
    /// The state.
    pub state: State,
    /// What the customer paid.
    pub paid_fen: i64,
    /// What was refunded, or is being refunded.
    pub refunded_fen: i64,
    /// The refunds, oldest first.
    pub refunds: Vec<RefundView>,
    /// What a cancel returned.
    pub reversed_fen: i64,
    /// Whether a cancel returned money.
    pub reversed: bool,
    /// What the customer's phone opens, of an order that it pays itself: the QR's text or link, the
    /// `packageData` of an official-account order, Alipay's number of a creatOrder.
    pub qr: Option<String>,
    /// What it is for.
    pub subject: String,
    /// Oldest first.
    pub history: Vec<HistoryLine>,
}

/// What the phone shows after it scanned a QR.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PhoneView {
    /// The merchant's number of the order.
    pub order: String,
    /// The merchant.
    pub merchant: String,
    /// What it is for.
    pub subject: String,
    /// What is to be paid.
    pub amount_fen: i64,
    /// The wallet that can pay it.
    pub wallet: Wallet,
    /// The state; only a pending order can be paid.
    pub state: State,
}

/// Why the phone could not do it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// No order has that QR, or that number.
    #[error("no order is known by `{0}`")]
    Unknown(String),
    /// The order does not wait for a payment.
    #[error("order {order} is {state:?} and waits for no payment")]
    NotPending {
        /// The merchant's number.
        order: String,
        /// Its state.
        state: State,
    },
}

pub(super) fn view(order: &Order) -> OrderView {
    let history = order.history.iter();
    OrderView {
        order: order.merchant_no.clone(),
        gateway_order: order.gateway_no.clone(),
        merchant: order.merchant.clone(),
        wallet: order.wallet,
        amount_fen: order.amount_fen,
        state: match order.standing() {
            Standing::Pending => State::Pending,
            Standing::Paid => State::Paid,
            Standing::PartlyRefunded => State::PartlyRefunded,
            Standing::Refunded => State::Refunded,
            Standing::Refunding => State::Refunding,
            Standing::RefundFailed => State::RefundFailed,
            Standing::Closed(Closed::Declined(_)) => State::Declined,
            Standing::Closed(Closed::Expired) => State::Expired,
            Standing::RevokeRequested => State::RevokeRequested,
            Standing::Revoked => State::Revoked,
        },
        paid_fen: order.paid_fen,
        refunded_fen: order.refunded_fen(),
        refunds: order.refunds.iter().map(refund_view).collect(),
        reversed_fen: order.reversed_fen,
        reversed: order.reversed_fen > 0,
        qr: order.qr.clone(),
        subject: ["subject", "PAY_SUBJECT"]
            .iter()
            .find_map(|name| order.details.get(name))
            .unwrap_or_default()
            .to_owned(),
        history: history
            .map(|(at_ms, what)| HistoryLine { at_ms: *at_ms, what: what.clone() })
            .collect(),
    }
}

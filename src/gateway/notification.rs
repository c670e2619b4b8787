//! A notification of the gateway: what it says, and why one is refused.
//!
//! A notification only prompts a query (I13), so it proves nothing of the sale; its sign is
//! verified all the same, so that nobody else can make the terminal ask. Sources: JSON en §6
//! (numbered 7), JSON zh §5, XML v1 §4, protocol/README "SOSOPAY: signing, encryption, addressing".

use super::operation::Bill;
use super::sosopay::dictionary::State;
use super::tree::TreeError;
use crate::id::OrderId;
use crate::money::Fen;
use crate::payment::Channel;

/// A verified `PAY_NODIFY`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// `CHARGE_CODE`: our number.
    pub order: OrderId,
    /// `AMT`.
    pub amount: Fen,
    /// `STATE`, `CHARGE_STATE`.
    pub state: Option<State>,
    /// `CHANNEL_TYPE`.
    pub channel: Channel,
    /// `CHARGE_DOWN_CODE`.
    pub gateway_order: Option<String>,
    /// `CHARGE_THIRD_CODE`, or `ali.trade_no`.
    pub trade_no: Option<String>,
    /// `MERCHANTPARA`, as it was sent.
    pub merchant_para: Option<String>,
    /// `FUND_BILL_LIST`.
    pub bills: Vec<Bill>,
    /// `ERR_CODE` and `ERR_INFO` (XML v1 §4).
    pub error: Option<String>,
}

/// Why a notification is not taken. Nothing of it is believed, and nothing secret is said.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Upay v2 has no notifications.
    #[error("this gateway sends no notifications")]
    NoNotifications,
    /// Larger than any answer.
    #[error("the notification is too large")]
    TooLarge,
    /// No `sign`, two of them, or one of another form.
    #[error("the notification has no sign")]
    Unsigned,
    /// Encrypted where it was not to be, or the reverse; or it cannot be decrypted.
    #[error("the notification is not encrypted as agreed")]
    Encryption,
    /// The sign is another's.
    #[error("the notification's sign is wrong")]
    BadSign,
    /// Neither JSON nor XML.
    #[error("the notification cannot be read: {0}")]
    Unreadable(TreeError),
    /// Something else than a `PAY_NODIFY`, such as a request of ours that is played back.
    #[error("that is no PAY_NODIFY")]
    NotANotification,
    /// For another merchant, or for none.
    #[error("the notification is for another merchant")]
    OtherMerchant,
    /// A field that must be there is missing or cannot be.
    #[error("the notification has no usable {0}")]
    Field(&'static str),
}

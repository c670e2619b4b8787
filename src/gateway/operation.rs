//! The operations that are one question and one answer: orders of the other shapes, look-ups,
//! lists, the operator's login, the terminal's own keys.
//!
//! Unlike a charge or a refund they have no machine: the caller sends once, and [`Answer`] or
//! [`Failed`] says what came of it. An order that a customer may pay is still journalled before it
//! is sent (I1); what becomes of it is then asked with [`crate::payment::Request::Query`].
//!
//! Which gateway has which operation is the table of protocol/README; another one is
//! [`OperationError::Unsupported`]. Sources: JSON zh §4 (JSAPI), JSON en §4 to §6, §9, JSON zh §7,
//! §8; SDK "Batch query", "Payment channel", "Permission authentication"; for Upay's activation,
//! check-in and revoke, protocol/README "Upay v2".

mod answer;

pub use answer::*;

use super::FieldError;
use super::dictionary::dictionary;
use super::extras::Extras;
use super::sosopay::dictionary::{ChannelType, State};
use crate::id::OrderId;
use crate::payment::Sale;
use crate::secret::Secret;
use std::time::Duration;

/// One question to the gateway that stands for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// WeChat official-account order: JSON zh §4, `order` with `TRADE_TYPE=JSAPI`.
    JsapiOrder(JsapiOrder),
    /// Alipay pre-order: JSON en §4 (numbered 5), `creatOrder`.
    AlipayOrder(AlipayOrder),
    /// Order of a page on the customer's phone: JSON en §5 (numbered 6), `wapOrder`.
    WapOrder(WapOrder),
    /// Any order's state: `query` with `serType` 0, 1, 2; Upay v2 §3-4 by `client_sn` or `sn`.
    Lookup(OrderKey),
    /// Every refund of an order: JSON en §9 (numbered 10), `refundQuery`.
    RefundList(OrderKey),
    /// Applies for a cancellation: JSON zh §8 (numbered 7), `cancelTrade` with `opType=ACO`.
    ApplyCancel(Sale),
    /// Data recharge of a phone: JSON zh §8 (numbered 9), `flowRecharge`.
    Recharge(Recharge),
    /// The orders of some days: SDK "Batch query".
    BatchQuery(BatchQuery),
    /// The merchant's channels: SDK "Payment channel".
    Channels,
    /// An operator's login and permissions: SDK "Permission authentication".
    Login(Login),
    /// A new terminal: Upay `/terminal/activate`.
    Activate(Activate),
    /// The terminal's next key: Upay `/terminal/checkin`.
    CheckIn(CheckIn),
    /// A cancel by hand: Upay `/upay/v2/revoke`.
    Revoke(Sale),
}

impl Operation {
    /// The operation's name, in logs, in the journal and on the command line.
    pub fn name(&self) -> &'static str {
        match self {
            Operation::JsapiOrder(_) => "jsapi-order",
            Operation::AlipayOrder(_) => "alipay-order",
            Operation::WapOrder(_) => "wap-order",
            Operation::Lookup(_) => "query",
            Operation::RefundList(_) => "refund-list",
            Operation::ApplyCancel(_) => "cancel-apply",
            Operation::Recharge(_) => "recharge",
            Operation::BatchQuery(_) => "batch-query",
            Operation::Channels => "channels",
            Operation::Login(_) => "login",
            Operation::Activate(_) => "activate",
            Operation::CheckIn(_) => "checkin",
            Operation::Revoke(_) => "revoke",
        }
    }
}

/// An operation that cannot be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OperationError {
    /// A field that the gateway would refuse.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// No document gives the address, and neither does the configuration.
    #[error(
        "{key} is not set: no document gives the path of {operation}, the acquirer supplies it"
    )]
    MissingSetting {
        /// The key in the configuration file.
        key: &'static str,
        /// The operation's name.
        operation: &'static str,
    },
    /// The gateway has no such operation.
    #[error("{gateway} has no {operation}")]
    Unsupported {
        /// The operation's name.
        operation: &'static str,
        /// The gateway's name.
        gateway: &'static str,
    },
}

/// A WeChat official-account order: JSON zh table 4.2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsapiOrder {
    /// The sale.
    pub sale: Sale,
    /// `CHANNEL_TYPE`; 2 (WeChat) in the sample.
    pub channel: ChannelType,
    /// `TIME_EXPIRE`, at least 120 s; the gateway's own if none.
    pub life: Option<Duration>,
    /// `subAppid`: the sub-merchant's official account.
    pub sub_appid: Option<String>,
    /// `subOpenid`: the customer in that account; "trade_type=JSAPI，此参数必传".
    pub sub_openid: String,
    /// More fields.
    pub extras: Extras,
}

/// An Alipay pre-order: JSON en table 5.3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlipayOrder {
    /// The sale.
    pub sale: Sale,
    /// Who is to pay.
    pub buyer: Buyer,
    /// `TIME_EXPIRE`, at least 120 s; the gateway's own if none.
    pub life: Option<Duration>,
    /// More fields.
    pub extras: Extras,
}

/// An Alipay customer: "Can't be both empty value between buyerLogonId and buyerId".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Buyer {
    /// `buyerLogonId`: the account's e-mail address or phone number.
    LogonId(String),
    /// `buyerId`: 16 digits that start with 2088.
    UserId(String),
    /// Both.
    Both {
        /// `buyerLogonId`.
        logon_id: String,
        /// `buyerId`.
        user_id: String,
    },
}

/// An order of a page on the customer's phone: JSON en table 6.2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WapOrder {
    /// The sale.
    pub sale: Sale,
    /// `CHANNEL_TYPE`. The sample has 2 (WeChat); appendix 2 has 34 for Alipay's mobile pages.
    pub channel: ChannelType,
    /// `TIME_EXPIRE`, at least 300 s; the gateway's own if none.
    pub life: Option<Duration>,
    /// `SCENE_INFO`.
    pub scene: Scene,
    /// `RETURN_URL`: where the customer lands after paying.
    pub return_url: Option<String>,
    /// `SPBILL_CREATE_IP`: the customer's phone.
    pub customer_ip: std::net::IpAddr,
    /// More fields.
    pub extras: Extras,
}

/// `SCENE_INFO`: where the payment page is opened. JSON en table 6.2 has three shapes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scene {
    /// An app on iOS.
    Ios {
        /// `app_name`.
        app_name: String,
        /// `bundle_id`.
        bundle_id: String,
    },
    /// An app on Android.
    Android {
        /// `app_name`.
        app_name: String,
        /// `package_name`.
        package_name: String,
    },
    /// A web page.
    Wap {
        /// `wap_url`.
        url: String,
        /// `wap_name`.
        name: String,
    },
}

/// What an order is looked up by: `serType` (JSON zh §7.1), `client_sn` or `sn` (Upay v2 §3-4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderKey {
    /// Our number: `serType=0`, `client_sn`.
    Ours(OrderId),
    /// The gateway's number: `serType=1`, `sn`.
    Gateways(String),
    /// A redeemed voucher: `serType=2`, of `query` alone.
    VerifyCode(String),
}

/// A data recharge: JSON zh table 10.2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recharge {
    /// `phoneNo`: 11 digits.
    pub phone: String,
    /// `flowVal`, in megabytes.
    pub megabytes: u32,
    /// `flowType`.
    pub scope: FlowType,
    /// `notifyURL`: who is told what came of it.
    pub notify_url: Option<String>,
}

dictionary! {
    /// `flowType` (JSON zh table 10.2).
    FlowType {
        /// 全国.
        National = "0",
        /// 省内.
        Provincial = "1",
    }
}

/// The orders of some days: SDK "Batch query".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchQuery {
    /// `state`; all if none.
    pub state: Option<State>,
    /// `beginDate`.
    pub begin: Option<Date>,
    /// `endDate`.
    pub end: Option<Date>,
    /// `userId`: one operator's.
    pub operator: Option<String>,
    /// `ChannelType`.
    pub channel: Option<ChannelType>,
    /// `ChargeCode`: one order.
    pub order: Option<OrderId>,
    /// `PageNum`, from 1.
    pub page: u32,
    /// `pageSize`, at most [`PAGE_SIZE_MAX`].
    pub page_size: u32,
}

/// The most records asked for at a time; no document bounds it, the largest body read does.
pub const PAGE_SIZE_MAX: u32 = 100;

/// A day, `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// Reads `YYYY-MM-DD`; nothing if there is no such day.
    pub fn parse(text: &str) -> Option<Date> {
        let mut parts = text.split('-');
        let mut number = |len: usize| {
            let part = parts.next()?;
            let is_number = part.len() == len && part.bytes().all(|byte| byte.is_ascii_digit());
            if is_number { part.parse::<u16>().ok() } else { None }
        };
        let (year, month, day) = (number(4)?, number(2)?, number(2)?);
        if parts.next().is_some() {
            return None;
        }
        let is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if is_leap => 29,
            2 => 28,
            _ => return None,
        };
        if !(1..=days).contains(&day) {
            return None;
        }
        Some(Date { year, month: u8::try_from(month).ok()?, day: u8::try_from(day).ok()? })
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// An operator's login: SDK table 9.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// `username`; for a POS device the device's number.
    pub username: String,
    /// `password`.
    pub password: Secret,
}

/// A new terminal, signed by the vendor: Upay `/terminal/activate`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activate {
    /// The vendor's number, in the header.
    pub vendor_sn: String,
    /// The vendor's key, which signs.
    pub vendor_key: Secret,
    /// `app_id`: the vendor's application.
    pub app_id: String,
    /// `code`: the activation code, used once.
    pub code: Secret,
    /// `client_sn`: the merchant's own number of the terminal.
    pub client_sn: Option<String>,
    /// `name`: the terminal's name.
    pub name: Option<String>,
}

/// The terminal's next key: Upay `/terminal/checkin`, signed with the present one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckIn {
    /// `os_info`.
    pub os_info: Option<String>,
    /// `sdk_version`.
    pub sdk_version: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_if_the_calendar_has_them() {
        for text in ["2016-01-31", "2016-02-29", "2000-02-29", "2026-12-01"] {
            assert_eq!(Date::parse(text).map(|date| date.to_string()).as_deref(), Some(text));
        }
        for text in ["2016-1-31", "2015-02-29", "1900-02-29", "2016-13-01", "2016-00-10", "", "x"] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
        assert_eq!(Date::parse("2016-01-31-01"), None);
        assert_eq!(Date::parse("2016-01-00"), None);
        assert_eq!(Date::parse("+016-01-01"), None);
    }
}

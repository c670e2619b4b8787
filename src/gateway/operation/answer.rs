//! What the gateways answer to an [`super::Operation`].
//!
//! What is shown or kept has been bounded and stripped of control characters; a number that came in
//! a form that cannot be one is left out.

use crate::gateway::dictionary::dictionary;
use crate::gateway::shouqianba::dictionary::OrderStatus;
use crate::gateway::sosopay::dictionary::{ChannelType, FundChannel, State};
use crate::money::Fen;
use crate::payment::{Channel, Decline, Doubt};
use crate::secret::Secret;
use std::time::Duration;

/// The operation worked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// To [`super::Operation::JsapiOrder`]: the order exists; nothing is paid.
    JsapiOrder(JsapiOrdered),
    /// To [`super::Operation::AlipayOrder`]: the order exists; nothing is paid.
    AlipayOrder(AlipayOrdered),
    /// To [`super::Operation::WapOrder`]: the order exists; nothing is paid.
    WapOrder(WapOrdered),
    /// To [`super::Operation::Lookup`].
    Order(OrderInfo),
    /// To [`super::Operation::RefundList`].
    Refunds(RefundList),
    /// To [`super::Operation::ApplyCancel`]: it was applied for, or was done already. What became
    /// of it is a query's to say.
    CancelApplied {
        /// The order had been revoked before (`AREADY_REVOKED`).
        already: bool,
    },
    /// To [`super::Operation::Recharge`]: accepted, not done.
    Recharge(Recharged),
    /// To [`super::Operation::BatchQuery`].
    Orders(OrderPage),
    /// To [`super::Operation::Channels`].
    Channels(Vec<ChannelInfo>),
    /// To [`super::Operation::Login`].
    Login(LoggedIn),
    /// To [`super::Operation::Activate`] and [`super::Operation::CheckIn`].
    Terminal(TerminalKey),
    /// To [`super::Operation::Revoke`]: reversed, if a following query does not contradict it.
    Revoked(Decline),
}

/// The operation did not work, or it is not known whether it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failed {
    /// Refused, with a whitelisted code (I4).
    Refused(Decline),
    /// The gateway does not know what was asked about.
    NotFound,
    /// Nothing is proven.
    Unknown(Doubt),
}

impl Failed {
    /// The failure's name, for logs and JSON: nothing that was said comes with it.
    pub fn name(&self) -> &'static str {
        match self {
            Failed::Refused(decline) => decline.why.name(),
            Failed::NotFound => "not_found",
            Failed::Unknown(doubt) => doubt.kind.name(),
        }
    }

    /// What the gateway said.
    pub fn said(&self) -> Option<&str> {
        match self {
            Failed::Refused(decline) => decline.said.as_deref(),
            Failed::NotFound => None,
            Failed::Unknown(doubt) => doubt.said.as_deref(),
        }
    }
}

/// The six parameters that WeChat's page takes: JSON zh table 4.4. `Debug` masks the sign.
#[derive(Clone, PartialEq, Eq)]
pub struct JsapiOrdered {
    /// `CHARGE_DOWN_CODE`.
    pub gateway_order: Option<String>,
    /// `CHARGE_THIRD_CODE` (SDK).
    pub trade_no: Option<String>,
    /// `appId`.
    pub app_id: String,
    /// `timeStamp`.
    pub time_stamp: String,
    /// `nonceStr`.
    pub nonce_str: String,
    /// `packageData`.
    pub package_data: String,
    /// `signType`.
    pub sign_type: String,
    /// `sign`: WeChat's, over the five others.
    pub sign: String,
}

impl std::fmt::Debug for JsapiOrdered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JsapiOrdered")
            .field("gateway_order", &self.gateway_order)
            .field("app_id", &self.app_id)
            .finish_non_exhaustive()
    }
}

/// An Alipay pre-order: JSON en table 5.4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlipayOrdered {
    /// `CHARGE_DOWN_CODE`.
    pub gateway_order: Option<String>,
    /// `CHARGE_THIRD_CODE`: Alipay's number, which its page takes.
    pub trade_no: String,
}

/// An order of a page on the phone: JSON en table 6.4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WapOrdered {
    /// `CHARGE_DOWN_CODE`.
    pub gateway_order: Option<String>,
    /// `BAR_CODE`: the link that the page opens.
    pub link: String,
}

/// The state of an order, in its gateway's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderState {
    /// `STATE`, `CHARGE_STATE`.
    Sosopay(State),
    /// `order_status`.
    Shouqianba(OrderStatus),
}

impl OrderState {
    /// The text on the wire.
    pub fn text(&self) -> &str {
        match self {
            OrderState::Sosopay(state) => state.text(),
            OrderState::Shouqianba(status) => status.text(),
        }
    }

    /// The name in JSON.
    pub fn name(&self) -> String {
        match self {
            OrderState::Sosopay(state) => state.name(),
            OrderState::Shouqianba(status) => status.name(),
        }
    }
}

/// What a gateway says of an order: JSON zh table 7.2, SDK table 7.2, Upay v2 §3-4.3. Everything
/// but the state may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderInfo {
    /// `CHARGE_CODE`, `client_sn`.
    pub order: Option<String>,
    /// `CHARGE_DOWN_CODE`, `sn`.
    pub gateway_order: Option<String>,
    /// `CHARGE_THIRD_CODE`, `trade_no`.
    pub trade_no: Option<String>,
    /// `STATE`, `order_status`.
    pub state: Option<OrderState>,
    /// `AMT`, `total_amount`.
    pub amount: Option<Fen>,
    /// `realAMT`, `net_amount`: what the merchant received.
    pub received: Option<Fen>,
    /// `CHANNEL_TYPE`, `payway`.
    pub channel: Option<Channel>,
    /// `OPER_ID`, `operator`.
    pub operator: Option<String>,
    /// `DEV_ID`.
    pub device: Option<String>,
    /// `REGISTER_ID`, `store_id`.
    pub store: Option<String>,
    /// `PAY_SUBJECT`, `subject`.
    pub subject: Option<String>,
    /// `MERCHANTPARA`, `reflect`: what was sent with the charge, as it came back.
    pub echo: Option<String>,
    /// `BEGIN_TIME`, `ctime`.
    pub begin_time: Option<String>,
    /// `END_TIME`, `finish_time`.
    pub end_time: Option<String>,
    /// `FUND_BILL_LIST`.
    pub bills: Vec<Bill>,
    /// How many items `GOODS_DETAIL` has.
    pub goods: usize,
}

/// One `TRADEFUNDBILL`: what came, or went back, through one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bill {
    /// `FUND_CHANNEL`.
    pub channel: FundChannel,
    /// `AMOUNT`.
    pub amount: Option<Fen>,
}

/// The refunds of an order: JSON en table 10.2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundList {
    /// The order.
    pub order: OrderInfo,
    /// `REFUND_AMT` of the order: the sum.
    pub refunded: Option<Fen>,
    /// `REFUND_TRADE_LIST`.
    pub refunds: Vec<RefundInfo>,
}

/// One `REFUND_TRADE`: JSON en "Table 10.2 REFUND_TRADE fields".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundInfo {
    /// `REFUND_CODE`: the merchant's number.
    pub refund: Option<String>,
    /// `REFUND_DOWN_CODE`: the gateway's.
    pub gateway_refund: Option<String>,
    /// `REFUND_AMT`.
    pub amount: Option<Fen>,
    /// `STATE`.
    pub state: Option<State>,
    /// `OPER_ID`.
    pub operator: Option<String>,
    /// `DEV_ID`.
    pub device: Option<String>,
    /// `BEGIN_TIME`.
    pub begin_time: Option<String>,
    /// `END_TIME`.
    pub end_time: Option<String>,
    /// `REFUND_BILL_LIST`.
    pub bills: Vec<Bill>,
}

dictionary! {
    /// `status` of a recharge (JSON zh table 10.4).
    RechargeStatus {
        /// 初始.
        Begun = "0",
        /// 充值中.
        Recharging = "1",
        /// 充值完成.
        Done = "2",
        /// 充值失败.
        Failed = "3",
    }
}

/// A recharge that was accepted: JSON zh table 10.4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recharged {
    /// `orderID`: the gateway's number.
    pub gateway_order: Option<String>,
    /// `platOrderID`: the recharging platform's number.
    pub platform_order: Option<String>,
    /// `status`.
    pub status: RechargeStatus,
    /// `creatTime`.
    pub create_time: Option<String>,
}

/// A page of orders: SDK "Batch query", "ReturnParameter".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderPage {
    /// `chargesSize`: how many orders there are.
    pub count: Option<u64>,
    /// `tradeInfos`.
    pub orders: Vec<OrderInfo>,
}

/// One channel of `PAY_CHANNEL_LIST`: SDK "Payment channel". Its fields have no table; the names of
/// the other answers are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelInfo {
    /// `CHANNEL_TYPE`.
    pub channel: ChannelType,
    /// `CHANNEL_NAME`.
    pub name: Option<String>,
}

/// An operator who logged in: SDK table 9.2.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoggedIn {
    /// `user`.
    pub user: User,
    /// `company`.
    pub company: Company,
}

impl LoggedIn {
    /// Whether this operator may give money back for `merchant`: `userType` 2, neither disabled nor
    /// deleted, and a company that is the merchant whose order it is ("the order merchant code
    /// needs to be checked again with this parameter"), is audited and is not deleted.
    pub fn may_refund(&self, merchant: &str) -> bool {
        self.user.user_type == Some(UserType::WithRefund)
            && self.user.is_enabled != Some(false)
            && self.user.is_deleted != Some(true)
            && self.company.code.as_deref() == Some(merchant)
            && self.company.is_deleted != Some(true)
            && matches!(self.company.status, None | Some(CompanyStatus::Passed))
    }
}

dictionary! {
    /// `user.userType` (SDK table 9.2).
    UserType {
        /// "No refund permission".
        WithoutRefund = "1",
        /// "With refund permission".
        WithRefund = "2",
    }
}

dictionary! {
    /// `company.useable` (SDK table 9.2).
    CompanyStatus {
        /// "On behalf of the audit".
        Waiting = "0",
        /// "Audit passed".
        Passed = "1",
        /// "Audit failed".
        Failed = "2",
    }
}

dictionary! {
    /// `company.chargeMode` (SDK table 9.2).
    ChargeMode {
        /// "Offline payments".
        Offline = "1",
        /// "Cashier".
        Cashier = "2",
    }
}

/// `user`: SDK table 9.2.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// `id`.
    pub id: Option<String>,
    /// `companyId`.
    pub company_id: Option<String>,
    /// `loginName`.
    pub login_name: Option<String>,
    /// `name`.
    pub name: Option<String>,
    /// `userType`.
    pub user_type: Option<UserType>,
    /// `loginDate`.
    pub login_date: Option<String>,
    /// `loginFlag`: 0 disabled, 1 available.
    pub is_enabled: Option<bool>,
    /// `delFlag`: 0 available, 1 deleted.
    pub is_deleted: Option<bool>,
    /// `IMEI`.
    pub imei: Option<String>,
    /// `teType`: 1 Android.
    pub terminal_type: Option<String>,
    /// `appVer`.
    pub app_version: Option<String>,
    /// `loginStatus`: 0 offline, 1 online.
    pub is_online: Option<bool>,
}

/// `company`: SDK table 9.2.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Company {
    /// `id`.
    pub id: Option<String>,
    /// `name`.
    pub name: Option<String>,
    /// `code`: the merchant's number, `BUSI_ID`.
    pub code: Option<String>,
    /// `useable`.
    pub status: Option<CompanyStatus>,
    /// `delFlag`: 0 available, 1 deleted.
    pub is_deleted: Option<bool>,
    /// `amountLimit`: the most that one sale may be, read as yuan like SOSOPAY's other limits.
    pub amount_limit: Option<Fen>,
    /// `refundAtScene`: 0 yes, 1 no.
    pub refund_at_scene: Option<bool>,
    /// `chargeMode`.
    pub charge_mode: Option<ChargeMode>,
    /// `profitrate`, as it came.
    pub profit_rate: Option<String>,
    /// `timeLimit`, which comes in minutes.
    pub time_limit: Option<Duration>,
    /// `isUploadGoods`: 0 no, 1 yes.
    pub uploads_goods: Option<bool>,
    /// `privateUrl`.
    pub private_url: Option<String>,
}

/// A terminal's number and key. The key is to be durable before it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TerminalKey {
    /// `terminal_sn`.
    pub terminal_sn: String,
    /// `terminal_key`.
    pub key: Secret,
    /// `merchant_sn`, `merchant_name`, `store_sn`, `store_name`, as far as they came: for people.
    pub labels: Vec<(&'static str, String)>,
}

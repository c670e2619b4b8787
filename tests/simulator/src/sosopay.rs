//! SOSOPAY, both editions: JSON zh/en (with either response encoding) and XML v1.
//!
//! Written from the documents alone. A call is routed, its merchant found and its sign checked in
//! `receive`, its fields read and validated in `request`; it is carried out on the books here, and
//! the answer's tree is built in `answer`. A further operation needs an arm in `receive::route`, a
//! `Call`, and its answer. Operations, by the numbers of their sections' tables: preOrder (JSON zh
//! 2, XML v1 §2), order (3; with TRADE_TYPE=JSAPI zh 4), creatOrder (en 5), wapOrder (en 6), refund
//! (zh 6, XML v1 §5), query (zh 7, XML v1 §6), cancelTrade (zh 8, XML v1 §7), refundQuery (en 10),
//! flow recharge (zh 9), and batch query, channel list and login (SDK §10 to §12).

mod answer;
pub(crate) mod cipher;
mod notices;
mod office;
mod receive;
mod recharge;
mod request;
mod sign;

pub(crate) use answer::answer_code;
pub(crate) use notices::{notice, recharge_notice};
pub(crate) use receive::receive;

use crate::{
    fault::Operation,
    gateway::{Answer, Gateway, Step},
    ledger::{
        Cancelled, Closed, Details, Key, NewOrder, NewRefund, NotOpened, OrderState, Refunded, Seq,
    },
    recharge::NewRecharge,
    settings::Kind,
    value::Value,
};
use answer::refusal;
use request::NewPayment;

/// Which edition's rules and samples hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edition {
    Json,
    XmlV1,
}

impl Edition {
    fn of(kind: Kind) -> Self {
        match kind {
            Kind::SosopayXml => Self::XmlV1,
            Kind::SosopayJson | Kind::Shouqianba => Self::Json,
        }
    }
}

/// How a call wants its answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Format {
    pub edition: Edition,
    /// `_type=json`; without it the answer is XML.
    pub json: bool,
    /// The merchant, by place, whose key encrypts the answer (`encrypt=3DES`).
    encrypt_for: Option<usize>,
}

/// How the customer comes to pay an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The merchant scans the customer's code: preOrder.
    Scanned,
    /// The customer scans the terminal: order.
    Native,
    /// On an official account's page, which is given six parameters: order, TRADE_TYPE=JSAPI.
    Jsapi,
    /// On an Alipay page that knows the buyer: creatOrder.
    AlipayAccount,
    /// From a web page or app on the phone, by a link: wapOrder.
    Wap,
}

impl Way {
    pub fn operation(self) -> Operation {
        match self {
            Self::Scanned => Operation::Pay,
            Self::Native => Operation::Precreate,
            Self::Jsapi => Operation::JsapiOrder,
            Self::AlipayAccount => Operation::AlipayOrder,
            Self::Wap => Operation::WapOrder,
        }
    }
}

/// A call with everything checked that can be checked without the books.
#[derive(Debug)]
pub(crate) enum Call {
    Order(Box<NewPayment>),
    Query { merchant: String, number: String, series: Series },
    Cancel { merchant: String, number: String, application: bool },
    Refund(Box<RefundCall>),
    RefundQuery { merchant: String, number: String, series: Series },
    Recharge(NewRecharge),
    BatchQuery(Box<office::Batch>),
    Channels,
    Login(office::Login),
}

/// What kind of number a query names (`serType`, JSON zh §7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Series {
    Merchant,
    Gateway,
    VerifyCode,
}

/// A refund as it is asked for.
#[derive(Debug)]
pub(crate) struct RefundCall {
    pub merchant: String,
    /// The merchant's number, the gateway's, or both (table 6.2: 二选一).
    pub number: Option<String>,
    pub gateway_no: Option<String>,
    pub refund_no: Option<String>,
    pub fen: i64,
    pub operator: String,
    pub device: String,
}

/// A refused call: a code of appendix 5, and why.
#[derive(Debug)]
pub(crate) struct Refused {
    pub code: &'static str,
    pub info: String,
}

impl Refused {
    pub fn new(code: &'static str, info: impl Into<String>) -> Self {
        Self { code, info: info.into() }
    }

    pub fn parameter(info: impl Into<String>) -> Self {
        Self::new("ILLEGAL_PARAMETER", info)
    }
}

/// Carries a call out on the books.
pub(crate) fn perform(gateway: &mut Gateway, format: Format, call: &Call, now_ms: u64) -> Step {
    let answer = match call {
        Call::Order(new) => match (open(gateway, new, now_ms), new.way) {
            (Ok(seq), Way::Scanned) => return pay_step(gateway, format, seq, now_ms),
            (Ok(seq), Way::Native | Way::Jsapi | Way::AlipayAccount | Way::Wap) => {
                match gateway.order(seq, now_ms) {
                    Some(order) => answer::placed(gateway, format, &order, new.way),
                    None => answer_code(new.way.operation(), "EXCEPTION"),
                }
            }
            (Err(refused), way) => refusal(way.operation(), &refused),
        },
        Call::Query { merchant, number, series } => {
            query(gateway, format, (merchant, number, *series), now_ms)
        }
        Call::Cancel { merchant, number, application } => {
            cancel(gateway, merchant, number, *application, now_ms)
        }
        Call::Refund(new) => refund(gateway, format, new, now_ms),
        Call::RefundQuery { merchant, number, series } => {
            let seq = find(gateway, merchant, number, *series, now_ms);
            let order = seq.and_then(|seq| gateway.order(seq, now_ms));
            match order {
                Some(order) => answer::refund_query(gateway, &order),
                None => answer_code(Operation::RefundQuery, "CHARGE_NONEXISTENT"),
            }
        }
        Call::Recharge(new) => recharge::perform(gateway, new, now_ms),
        Call::BatchQuery(batch) => office::batch(gateway, format, batch, now_ms),
        Call::Channels => office::channels(gateway),
        Call::Login(login) => office::login(gateway, login, now_ms),
    };
    Step::Answer(answer)
}

fn open(gateway: &mut Gateway, new: &NewPayment, now_ms: u64) -> Result<Seq, Refused> {
    let scanned = new.way == Way::Scanned;
    let date = crate::clock::beijing_date(gateway.wall_ms(now_ms));
    let gateway_no = format!("{date}1{:011}", gateway.ledger.next_seq().0);
    let third_no = gateway.new_third_no(now_ms);
    // What the customer's phone opens.
    let qr = match new.way {
        Way::Scanned => None,
        Way::Native | Way::Wap => Some(gateway.new_qr(new.wallet)),
        Way::Jsapi => Some(format!("prepay_id=wx{third_no}")),
        Way::AlipayAccount => Some(third_no.clone()),
    };
    let behaviour = match &new.code {
        Some(code) => Some(gateway.behaviour_of(code)),
        None => gateway.settings.qr_customer,
    };
    let life_ms = if scanned {
        gateway.settings.pay_life_ms
    } else {
        new.expire_s.map_or(gateway.settings.qr_life_ms, |seconds| seconds.saturating_mul(1000))
    };
    // XML v1's samples carry no CHARGE_CODE; such an order is known by the gateway's number.
    let merchant_no = new.merchant_no.clone().unwrap_or_else(|| gateway_no.clone());
    let order = NewOrder {
        merchant: new.merchant.clone(),
        merchant_no,
        gateway_no,
        third_no,
        amount_fen: new.fen,
        wallet: new.wallet,
        code: new.code.clone(),
        qr,
        life_ms: Some(life_ms),
        behaviour,
        details: Details { fields: new.fields.clone(), goods: new.goods.clone() },
    };
    gateway.ledger.open(order, now_ms).map_err(|why| match why {
        NotOpened::Duplicate => Refused::new("SERIAL_REPEAT", "上行流水号与系统中重复"),
        NotOpened::Full => Refused::new("SERVICE_UNAVAILABLE", "服务不可用"),
    })
}

/// What a preOrder answers now, or how long it still holds: the call is synchronous (JSON zh §2.2).
pub(crate) fn pay_step(gateway: &mut Gateway, format: Format, seq: Seq, now_ms: u64) -> Step {
    let Some(order) = gateway.order(seq, now_ms) else {
        return Step::Answer(answer_code(Operation::Pay, "EXCEPTION"));
    };
    let failed = |info: &str| Step::Answer(answer::pay_failed(format, &order, info));
    match order.state {
        OrderState::Pending if !gateway.settings.answer_at_once => {
            Step::Hold { seq, until_ms: order.next_due_ms() }
        }
        OrderState::Pending => failed("等待用户输入密码"),
        OrderState::Paid => Step::Answer(answer::paid(gateway, format, &order)),
        OrderState::Closed(Closed::Declined(reason)) => failed(answer::declined(reason)),
        OrderState::Closed(Closed::Expired)
        | OrderState::RevokeRequested { .. }
        | OrderState::Revoked => failed("支付超时或已撤单"),
    }
}

fn find(
    gateway: &mut Gateway,
    merchant: &str,
    number: &str,
    series: Series,
    now_ms: u64,
) -> Option<Seq> {
    let key = match series {
        Series::Merchant => Key::Merchant(number),
        Series::Gateway => Key::Gateway(number),
        Series::VerifyCode => Key::VerifyCode(number),
    };
    gateway.ledger.find(merchant, key, now_ms)
}

fn query(
    gateway: &mut Gateway,
    format: Format,
    (merchant, number, series): (&str, &str, Series),
    now_ms: u64,
) -> Value {
    let mut place = None;
    let mut seq = find(gateway, merchant, number, series, now_ms);
    if seq.is_none() && series == Series::Merchant {
        // SDK table 8.4: asked by OUT_REFUND_NO, a query tells the state of the refund.
        if let Some((owner, refund)) = gateway.ledger.find_refund(merchant, number) {
            (seq, place) = (Some(owner), Some(refund));
        }
    }
    let hides = gateway.settings.unscanned_wechat_not_found;
    match seq.and_then(|seq| gateway.order(seq, now_ms)) {
        Some(order) if !(hides && answer::unscanned_wechat(&order)) => {
            answer::query(gateway, format, &order, place)
        }
        Some(_) | None => answer_code(Operation::Query, "CHARGE_NONEXISTENT"),
    }
}

fn cancel(
    gateway: &mut Gateway,
    merchant: &str,
    number: &str,
    application: bool,
    now_ms: u64,
) -> Value {
    let Some(seq) = gateway.ledger.find(merchant, Key::Merchant(number), now_ms) else {
        return answer_code(Operation::Cancel, "CHARGE_NONEXISTENT");
    };
    match gateway.ledger.cancel(seq, application, now_ms) {
        Cancelled::Aborted | Cancelled::Reversed => answer::cancelled("撤单成功"),
        Cancelled::Applied => answer::cancelled("申请撤单成功"),
        Cancelled::Already => answer_code(Operation::Cancel, "AREADY_REVOKED"),
        Cancelled::WrongState => {
            refusal(Operation::Cancel, &Refused::new("FAIL", "当前订单状态不能撤单"))
        }
    }
}

fn refund(gateway: &mut Gateway, format: Format, new: &RefundCall, now_ms: u64) -> Value {
    // Table 6.2: the gateway's number is used first when both are given.
    let key = match (&new.gateway_no, &new.number) {
        (Some(no), _) => Some(Key::Gateway(no)),
        (None, number) => number.as_deref().map(Key::Merchant),
    };
    let found = key.and_then(|key| gateway.ledger.find(&new.merchant, key, now_ms));
    let Some(seq) = found else {
        return answer_code(Operation::Refund, "CHARGE_NONEXISTENT");
    };
    let Some(order) = gateway.order(seq, now_ms) else {
        return answer_code(Operation::Refund, "EXCEPTION");
    };
    let gateway_no = format!("{}{:03}", order.gateway_no, order.refunds.len() + 1);
    let refund = NewRefund {
        no: new.refund_no.clone().unwrap_or_else(|| gateway_no.clone()),
        gateway_no,
        fen: new.fen,
        operator: new.operator.clone(),
        device: new.device.clone(),
    };
    let refused = match gateway.ledger.refund(seq, refund, now_ms) {
        Refunded::Taken(end) => return answer::refunded(format, &order, new.fen, end),
        Refunded::Conflict => Refused::new("SERIAL_REPEAT", "退款流水号与系统中重复"),
        Refunded::TooMuch => Refused::new("AMT_ERROR", "累加退款金额不能大于本金"),
        Refunded::WrongState => Refused::new("FAIL", "当前订单状态不能退款"),
    };
    refusal(Operation::Refund, &refused)
}

/// The bytes of an answer, in the encoding its call asked for.
pub(crate) fn encode(gateway: &Gateway, format: &Format, answer: &Value) -> Answer {
    let (text, content_type) = if format.json {
        (answer.to_json(), "application/json;charset=UTF-8")
    } else {
        (answer.to_xml(), "application/xml;charset=UTF-8")
    };
    let merchant = format.encrypt_for.and_then(|place| gateway.settings.merchants.get(place));
    match merchant.and_then(|merchant| gateway.settings.cipher_of(merchant).ok()) {
        Some(cipher) => Answer {
            content_type: "text/plain;charset=UTF-8",
            body: cipher.seal(text.as_bytes()).into_bytes(),
        },
        None => Answer { content_type, body: text.into_bytes() },
    }
}

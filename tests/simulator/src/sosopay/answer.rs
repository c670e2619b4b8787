//! SOSOPAY's answers, field by field as the documents' samples have them.
//!
//! JSON zh §2.6, §3.6, §6.5, §7.3, §8.3 and en §10.3; XML v1 §2, §3, §5, §6, §7. JSON's `AMT` is
//! fen and a number, XML v1's is yuan; `AMOUNT`, `realAMT` and `GOOD_PRICE` are yuan in both. What
//! a document does not list, its answer does not carry: XML v1's ORDER_RESP names neither our order
//! nor the amount.

use crate::{
    clock::beijing_time,
    customer::{Decline, Wallet},
    fault::Operation,
    gateway::Gateway,
    ledger::{Good, Order, Standing},
    value::Value,
};

use super::{Edition, Format, Refused, office, request};

mod placed;
mod refunds;

pub(super) use placed::placed;
use refunds::refund_state;
pub(super) use refunds::{refund_query, refunded};

/// The root element of an operation's answer.
fn root(operation: Operation) -> &'static str {
    match operation {
        Operation::Pay
        | Operation::Precreate
        | Operation::JsapiOrder
        | Operation::AlipayOrder
        | Operation::WapOrder => "ORDER_RESP",
        Operation::Query => "QUERY_RESP",
        Operation::Cancel
        | Operation::Revoke
        | Operation::Recharge
        | Operation::Login
        | Operation::Activate
        | Operation::Checkin
        | Operation::Notify => "CANCELTRADE_RESP",
        Operation::BatchQuery => "BATCH_QUERY_RESP",
        Operation::Channels => "CHANNEL_RESP",
        Operation::Refund => "REFUND_RESP",
        Operation::RefundQuery => "REFUND_QUERY_RESP",
    }
}

pub(super) fn result(code: &str, info: &str) -> (&'static str, Value) {
    ("RESULT", Value::object([("CODE", Value::text(code)), ("INFO", Value::text(info))]))
}

pub(super) fn enclosed(operation: Operation, fields: Vec<(&str, Value)>) -> Value {
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Value::object([(root(operation), Value::Object(fields))])
}

/// The answer to a refused call.
pub(super) fn refusal(operation: Operation, refused: &Refused) -> Value {
    answered(operation, refused.code, &refused.info)
}

/// An answer of a code alone, in the shape of its operation.
fn answered(operation: Operation, code: &str, info: &str) -> Value {
    match operation {
        Operation::Login if matches!(code, "SUCCESS" | "SUCESS") => {
            Value::object([("success", Value::text("true")), ("message", Value::text(info))])
        }
        Operation::Login => office::login_failed(info),
        // JSON zh §9.5 has no root, and writes `result` small.
        Operation::Recharge => {
            let (_, both) = result(code, info);
            Value::object([("result", both)])
        }
        Operation::Pay
        | Operation::Precreate
        | Operation::JsapiOrder
        | Operation::AlipayOrder
        | Operation::WapOrder
        | Operation::Query
        | Operation::Cancel
        | Operation::Refund
        | Operation::RefundQuery
        | Operation::Revoke
        | Operation::BatchQuery
        | Operation::Channels
        | Operation::Activate
        | Operation::Checkin
        | Operation::Notify => enclosed(operation, vec![result(code, info)]),
    }
}

/// The answer with a code of appendix 5 and its meaning there.
pub(crate) fn answer_code(operation: Operation, code: &str) -> Value {
    let info = match code {
        "SUCCESS" | "SUCESS" => "成功",
        "FAIL" => "失败",
        "ILLEGAL_PARAMETER" => "参数错误",
        "INVALID_SIGN" => "签名错误",
        "AMT_ERROR" => "金额错误",
        "DATABASE_ERROR" => "数据库连接异常",
        "INVALID_CONTRACT" => "无效的签约状态",
        "UNREGISTERED_BUSI" => "未注册的商户",
        "CHARGE_NONEXISTENT" => "交易记录不存在",
        "SERVICE_UNAVAILABLE" => "服务不可用",
        "HTTP_EXCEPTION" => "HTTP请求异常",
        "IO_EXCEPTION" => "IO异常",
        "CREATE_SECURITY_CONNECTION_ERROR" => "创建安全链接失败!",
        "AREADY_REVOKED" => "该订单已经撤销",
        "SERIAL_REPEAT" => "上行流水号与系统中重复",
        _ => "未知异常",
    };
    answered(operation, code, info)
}

/// What INFO says of a declined payment.
pub(super) fn declined(reason: Decline) -> &'static str {
    match reason {
        Decline::InsufficientFunds => "支付失败: 账户余额不足",
        Decline::ExpiredCode => "支付失败: 动态码已过期",
        Decline::InvalidCode => "支付失败: 动态码无效或已使用",
        Decline::OverDailyLimit => "支付失败: 付款人当日付款金额超过上限",
        Decline::OverTransactionLimit => "支付失败: 付款人单笔付款金额超过上限",
        Decline::SellerOverLimit => "支付失败: 收款账户当日收款金额超过上限",
        Decline::Refused => "支付失败: 用户取消支付",
    }
}

fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

fn amount(format: Format, fen: i64) -> Value {
    match format.edition {
        Edition::Json => Value::number(fen),
        Edition::XmlV1 => Value::text(yuan(fen)),
    }
}

/// CHANNEL_TYPE of a wallet (JSON zh appendix 2).
fn channel(wallet: Wallet) -> i64 {
    match wallet {
        Wallet::Alipay => 1,
        Wallet::Wechat => 2,
        Wallet::Baidu => 24,
        Wallet::Bestpay => 27,
        Wallet::Qq => 31,
        Wallet::Unionpay => 32,
        // Jingdong stands in no channel table of SOSOPAY; 17 is "reserved" in the SDK's.
        Wallet::Jd => 17,
        Wallet::Bank(channel) => i64::from(channel),
    }
}

/// CHANNEL_TYPE of an order.
pub(super) fn channel_of(order: &Order) -> i64 {
    channel(order.wallet)
}

/// FUND_CHANNEL of a wallet (JSON zh appendix 3).
fn fund_channel(wallet: Wallet) -> &'static str {
    match wallet {
        Wallet::Alipay => "10",
        Wallet::Wechat => "11",
        Wallet::Qq => "12",
        Wallet::Baidu => "13",
        Wallet::Bestpay => "14",
        Wallet::Unionpay | Wallet::Jd | Wallet::Bank(_) => "9001",
    }
}

fn bill(wallet: Wallet, fen: i64) -> Value {
    let one = Value::object([
        ("AMOUNT", Value::text(yuan(fen))),
        ("FUND_CHANNEL", Value::text(fund_channel(wallet))),
    ]);
    Value::object([("TRADEFUNDBILL", Value::List(vec![one]))])
}

/// XML v1's `ali`, which Alipay's payments carry.
fn ali(order: &Order) -> Option<(&'static str, Value)> {
    (order.wallet == Wallet::Alipay).then(|| {
        let fields = Value::object([
            ("buyer_logon_id", Value::text("236***@qq.com")),
            ("buyer_user_id", Value::text("2088202598353517")),
            ("partner", Value::text("2088201565141845")),
            ("trade_no", Value::text(order.third_no.clone())),
        ]);
        ("ali", fields)
    })
}

/// A field of the request, given back if it was sent.
fn echoed<'n>(order: &Order, name: &'n str) -> Option<(&'n str, Value)> {
    order.details.get(name).map(|value| (name, Value::text(value)))
}

/// JSON zh §2.6, XML v1 §2: the payment is made.
pub(super) fn paid(gateway: &Gateway, format: Format, order: &Order) -> Value {
    let begin = beijing_time(gateway.wall_ms(order.created_at_ms));
    let mut fields = vec![result("SUCCESS", "请求并支付成功!")];
    match format.edition {
        Edition::XmlV1 => {
            fields.push(("CHARGE_DOWN_CODE", Value::text(order.gateway_no.clone())));
            fields.push(("FUND_BILL_LIST", bill(order.wallet, order.paid_fen)));
            fields.extend(ali(order));
        }
        Edition::Json => {
            fields.push(("CHANNEL_TYPE", Value::number(channel(order.wallet))));
            fields.push(("CHARGE_CODE", Value::text(order.merchant_no.clone())));
            fields.push(("CHARGE_DOWN_CODE", Value::text(order.gateway_no.clone())));
            fields.push(("CHARGE_THIRD_CODE", Value::text(order.third_no.clone())));
            fields.extend(echoed(order, "MERCHANTPARA"));
            fields.push(("FUND_BILL_LIST", bill(order.wallet, order.paid_fen)));
            fields.extend(echoed(order, "OPER_ID"));
            fields.push(("BEGIN_TIME", Value::text(begin)));
            fields.push(("AMT", amount(format, order.paid_fen)));
            fields.extend(echoed(order, "DEV_ID"));
        }
    }
    enclosed(Operation::Pay, fields)
}

/// The payment is not made, or not yet.
pub(super) fn pay_failed(format: Format, order: &Order, info: &str) -> Value {
    let mut fields = vec![result("FAIL", info)];
    if format.edition == Edition::Json {
        fields.push(("CHARGE_CODE", Value::text(order.merchant_no.clone())));
    }
    fields.push(("CHARGE_DOWN_CODE", Value::text(order.gateway_no.clone())));
    enclosed(Operation::Pay, fields)
}

/// JSON zh appendix 4.
pub(super) fn state(order: &Order) -> i64 {
    match order.standing() {
        Standing::Pending => 0,
        Standing::Paid => 1,
        Standing::Revoked => 2,
        Standing::RevokeRequested => 3,
        Standing::PartlyRefunded => 4,
        Standing::Refunded => 5,
        Standing::Closed(_) => 6,
        Standing::Refunding => 8,
        Standing::RefundFailed => 9,
    }
}

/// Whether a query may not know the order yet (README "In the field").
pub(super) fn unscanned_wechat(order: &Order) -> bool {
    order.qr.is_some()
        && order.wallet == Wallet::Wechat
        && !order.scanned
        && order.state == crate::ledger::OrderState::Pending
}

/// JSON zh §7.3, XML v1 §6; of a refund, if its place is given.
pub(super) fn query(
    gateway: &Gateway,
    format: Format,
    order: &Order,
    refund: Option<usize>,
) -> Value {
    let state = match refund.and_then(|place| order.refunds.get(place)) {
        Some(refund) => refund_state(refund),
        None => state(order),
    };
    let fields = match format.edition {
        Edition::Json => query_json(gateway, format, order, state),
        Edition::XmlV1 => query_xml(format, order, state),
    };
    enclosed(Operation::Query, fields)
}

/// The fields of an order as a JSON query tells them, without the result.
pub(super) fn query_fields(
    gateway: &Gateway,
    format: Format,
    order: &Order,
) -> Vec<(&'static str, Value)> {
    query_json(gateway, format, order, state(order)).split_off(1)
}

fn query_json(
    gateway: &Gateway,
    format: Format,
    order: &Order,
    state: i64,
) -> Vec<(&'static str, Value)> {
    let time = |at_ms| Value::text(beijing_time(gateway.wall_ms(at_ms)));
    let mut fields = vec![
        result("SUCCESS", "查询成功"),
        ("dynamic_ID_TYPE_STR", Value::text("")),
        ("realAMT", Value::Number(yuan(order.amount_fen))),
        ("BUSI_ID", Value::text(order.merchant.clone())),
        ("CHANNEL_TYPE", Value::number(channel(order.wallet))),
        ("CHARGE_CODE", Value::text(order.merchant_no.clone())),
    ];
    if !order.details.goods.is_empty() {
        let goods = order.details.goods.iter().map(good_of_query).collect();
        fields.push(("GOODS_DETAIL", Value::List(goods)));
    }
    fields.extend(echoed(order, "DYNAMIC_ID"));
    if order.changed_at_ms > order.created_at_ms || state != 0 {
        fields.push(("END_TIME", time(order.changed_at_ms)));
    }
    fields.extend(echoed(order, "REGISTER_ID"));
    fields.push(("CHARGE_DOWN_CODE", Value::text(order.gateway_no.clone())));
    fields.extend(echoed(order, "MERCHANTPARA"));
    if order.paid_fen > 0 {
        fields.push(("FUND_BILL_LIST", bill(order.wallet, order.paid_fen)));
    }
    fields.extend(echoed(order, "PAY_SUBJECT"));
    fields.push(("STATE", Value::number(state)));
    fields.extend(echoed(order, "OPER_ID"));
    fields.push(("BEGIN_TIME", time(order.created_at_ms)));
    fields.push(("AMT", amount(format, order.amount_fen)));
    fields.extend(echoed(order, "DEV_ID"));
    fields
}

/// §7.3 gives GOOD_QUANTITY and GOOD_PRICE back as numbers, where they are numbers.
fn good_of_query(good: &Good) -> Value {
    let fields = good.iter().map(|(name, value)| {
        let numeric = matches!(name.as_str(), "GOOD_QUANTITY" | "GOOD_PRICE")
            && request::is_plain_number(value);
        let value = if numeric { Value::Number(value.clone()) } else { Value::text(value.clone()) };
        (name.clone(), value)
    });
    Value::Object(fields.collect())
}

fn query_xml(format: Format, order: &Order, state: i64) -> Vec<(&'static str, Value)> {
    // "交易类型" has no table; 1 a scanned code, 2 a scanned terminal.
    let charge_type = if order.code.is_some() { "1" } else { "2" };
    let mut fields =
        vec![result("SUCCESS", "查询成功"), ("BUSI_ID", Value::text(order.merchant.clone()))];
    fields.extend(echoed(order, "OPER_ID").or_else(|| echoed(order, "OPER_INFO")));
    fields.extend(echoed(order, "DEV_ID"));
    fields.push(("AMT", amount(format, order.amount_fen)));
    fields.push(("CHANNEL_TYPE", Value::number(channel(order.wallet))));
    fields.push(("CHARGE_CODE", Value::text(order.merchant_no.clone())));
    fields.push(("CHARGE_DOWN_CODE", Value::text(order.gateway_no.clone())));
    fields.push(("CHARGE_TYPE", Value::text(charge_type)));
    fields.extend(echoed(order, "PAY_SUBJECT"));
    if !order.details.goods.is_empty() {
        let text = |good: &Good| {
            let fields =
                good.iter().map(|(name, value)| (name.clone(), Value::text(value.clone())));
            Value::Object(fields.collect())
        };
        let goods = order.details.goods.iter().map(text).collect();
        fields.push(("GOODS_DETAIL", Value::List(goods)));
    }
    if order.paid_fen > 0 {
        fields.push(("FUND_BILL_LIST", bill(order.wallet, order.paid_fen)));
        fields.extend(ali(order));
    }
    fields.push(("CHARGE_STATE", Value::number(state)));
    fields
}

/// JSON zh §8.3, XML v1 §7.
pub(super) fn cancelled(info: &str) -> Value {
    enclosed(Operation::Cancel, vec![result("SUCCESS", info)])
}

/// JSON zh §5.3, XML v1 §4: the order is paid.
pub(super) fn notification(format: Format, order: &Order) -> Value {
    let fields = match format.edition {
        // XML v1's notification has the fields of its query, without a RESULT.
        Edition::XmlV1 => query_xml(format, order, 1).split_off(1),
        Edition::Json => {
            let mut fields = vec![
                ("BUSI_ID", Value::text(order.merchant.clone())),
                ("CHARGE_CODE", Value::text(order.merchant_no.clone())),
                ("CHARGE_DOWN_CODE", Value::text(order.gateway_no.clone())),
                ("CHARGE_THIRD_CODE", Value::text(order.third_no.clone())),
                ("CHANNEL_TYPE", Value::number(channel(order.wallet))),
                ("STATE", Value::number(1)),
                ("AMT", amount(format, order.paid_fen)),
                ("FUND_BILL_LIST", bill(order.wallet, order.paid_fen)),
            ];
            for name in ["OPER_ID", "PAY_SUBJECT", "DEV_ID", "MERCHANTPARA"] {
                fields.extend(echoed(order, name));
            }
            fields
        }
    };
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Value::object([("PAY_NODIFY", Value::Object(fields))])
}

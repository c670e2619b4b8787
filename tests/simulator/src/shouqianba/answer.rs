//! Upay's answers: the three layers, field by field as §2-3.2's samples have them; every value is a
//! string (§3-1).

use crate::{
    customer::{Decline, Wallet},
    fault::Operation,
    gateway::Gateway,
    ledger::{Order, OrderState, Standing},
    value::Value,
};

use super::Call;

/// The communication layer's error: `result_code` 400 or 500 (§4-1).
pub(super) fn refusal(code: &str, message: &str) -> Value {
    let layer = match code {
        "UNKNOWN_SYSTEM_ERROR" | "UNEXPECTED_PROVIDER_ERROR" | "MAINTENANCE_INPROGRESS" => "500",
        _ => "400",
    };
    Value::object([
        ("result_code", Value::text(layer)),
        ("error_code", Value::text(code)),
        ("error_message", Value::text(message)),
    ])
}

fn enclosed(business: Value) -> Value {
    Value::object([("result_code", Value::text("200")), ("biz_response", business)])
}

/// A business error without an order (§3-3.3's sample).
pub(super) fn business_error(code: &str, message: &str) -> Value {
    enclosed(Value::object([
        ("result_code", Value::text("FAIL")),
        ("error_code", Value::text(code)),
        ("error_message", Value::text(message)),
    ]))
}

/// A terminal's number and key.
pub(super) fn terminal(terminal_sn: &str, key: &str) -> Value {
    enclosed(Value::object([
        ("terminal_sn", Value::text(terminal_sn)),
        ("terminal_key", Value::text(key)),
    ]))
}

/// A business result with its order.
pub(super) fn business(gateway: &Gateway, code: &str, order: &Order) -> Value {
    enclosed(Value::object([("result_code", Value::text(code)), ("data", data(gateway, order))]))
}

/// A payment the wallet declined (§2-3.2 iii).
pub(super) fn pay_failed(gateway: &Gateway, reason: Decline, order: &Order) -> Value {
    let (code, message) = declined(reason);
    enclosed(Value::object([
        ("result_code", Value::text("PAY_FAIL")),
        ("error_code", Value::text(code)),
        ("error_message", Value::text(message)),
        ("data", data(gateway, order)),
    ]))
}

/// §4-5.
fn declined(reason: Decline) -> (&'static str, &'static str) {
    match reason {
        Decline::InsufficientFunds => ("INSUFFICIENT_FUND", "账户金额不足"),
        Decline::ExpiredCode => ("EXPIRED_BARCODE", "过期的支付条码"),
        Decline::InvalidCode => ("INVALID_BARCODE", "条码错误"),
        Decline::OverDailyLimit => ("BUYER_OVER_DAILY_LIMIT", "付款人当日付款金额超过上限"),
        Decline::OverTransactionLimit => {
            ("BUYER_OVER_TRANSACTION_LIMIT", "付款人单笔付款金额超过上限")
        }
        Decline::SellerOverLimit => ("SELLER_OVER_DAILY_LIMIT", "收款账户当日收款金额超过上限"),
        Decline::Refused => ("TRADE_FAILED", "交易失败"),
    }
}

/// §4-3.
pub(super) fn order_status(order: &Order) -> &'static str {
    match order.standing() {
        Standing::Pending | Standing::RevokeRequested => "CREATED",
        Standing::Paid => "PAID",
        Standing::PartlyRefunded => "PARTIAL_REFUNDED",
        Standing::Refunded => "REFUNDED",
        // The table has no such state, the class INPROGRESS of §4-2 does.
        Standing::Refunding => "REFUND_IN_PROGRESS",
        Standing::RefundFailed => "REFUND_ERROR",
        Standing::Closed(_) => "PAY_CANCELED",
        Standing::Revoked => "CANCELED",
    }
}

/// The state of the last operation; §4-4 names final ones only, the field has these two for open
/// ones.
fn flow_status(order: &Order) -> &'static str {
    match order.state {
        OrderState::Pending if order.qr.is_some() => "CREATED",
        OrderState::Pending | OrderState::RevokeRequested { .. } => "IN_PROG",
        OrderState::Closed(_) => "FAIL_CANCELED",
        OrderState::Paid => match order.standing() {
            Standing::Refunding => "IN_PROG",
            Standing::RefundFailed => "REFUND_ERROR",
            Standing::Pending
            | Standing::Paid
            | Standing::PartlyRefunded
            | Standing::Refunded
            | Standing::Closed(_)
            | Standing::RevokeRequested
            | Standing::Revoked => "SUCCESS",
        },
        OrderState::Revoked => "SUCCESS",
    }
}

fn payway(wallet: Wallet) -> &'static str {
    match wallet {
        Wallet::Alipay => "1",
        Wallet::Wechat => "3",
        Wallet::Baidu => "4",
        Wallet::Jd => "5",
        Wallet::Unionpay | Wallet::Qq | Wallet::Bestpay | Wallet::Bank(_) => "17",
    }
}

/// Whether a query may not know the order yet (README "In the field").
pub(super) fn unscanned_wechat(order: &Order) -> bool {
    order.qr.is_some()
        && order.wallet == Wallet::Wechat
        && !order.scanned
        && order.state == OrderState::Pending
}

/// `biz_response.data`.
fn data(gateway: &Gateway, order: &Order) -> Value {
    let time = |at_ms| Value::text(gateway.wall_ms(at_ms).to_string());
    let net = match order.state {
        OrderState::Paid => order.held_fen(),
        OrderState::Revoked => 0,
        // §2-3.2 iii: a failed payment tells its whole amount.
        OrderState::Pending | OrderState::Closed(_) | OrderState::RevokeRequested { .. } => {
            order.amount_fen
        }
    };
    let mut data = Value::object([
        ("sn", Value::text(order.gateway_no.clone())),
        ("client_sn", Value::text(order.merchant_no.clone())),
        ("ctime", time(order.created_at_ms)),
        ("status", Value::text(flow_status(order))),
        ("payway", Value::text(payway(order.wallet))),
        ("sub_payway", Value::text(if order.qr.is_some() { "2" } else { "1" })),
        ("order_status", Value::text(order_status(order))),
    ]);
    if order.paid_fen > 0 {
        data.push("payer_uid", Value::text("okSzXt3uY4-W8fKBH7B4z8seMzBU"));
        data.push("trade_no", Value::text(order.third_no.clone()));
    }
    if let Some(qr) = &order.qr {
        data.push("qr_code", Value::text(qr.clone()));
    }
    data.push("total_amount", Value::text(order.amount_fen.to_string()));
    data.push("net_amount", Value::text(net.to_string()));
    if order.state != OrderState::Pending {
        data.push("finish_time", time(order.changed_at_ms));
        data.push("channel_finish_time", time(order.changed_at_ms));
    }
    data.push("terminal_sn", Value::text(order.merchant.clone()));
    data.push("store_id", Value::text("00293001928483902"));
    for name in ["subject", "operator", "reflect", "reflact"] {
        if let Some(value) = order.details.get(name) {
            data.push(name, Value::text(value));
        }
    }
    data
}

/// The answer with a code of §4-1, §4-2 or §4-5, in the layer the code belongs to.
pub(crate) fn answer_code(
    gateway: &mut Gateway,
    operation: Operation,
    call: Option<&Call>,
    code: &str,
    now_ms: u64,
) -> Value {
    let message = message(code);
    match code {
        "INVALID_PARAMS"
        | "INVALID_PARAMETER"
        | "INVALID_TERMINAL"
        | "TERMINAL_NOT_EXISTS"
        | "ILLEGAL_SIGN"
        | "UNKNOWN_SYSTEM_ERROR"
        | "UNEXPECTED_PROVIDER_ERROR"
        | "MAINTENANCE_INPROGRESS" => refusal(code, message),
        "PAY_FAIL_ERROR" | "CANCEL_ERROR" | "CANCEL_ABORT_ERROR" | "REFUND_ERROR" => {
            uncertain(gateway, call, code, now_ms)
        }
        "PAY_FAIL" | "PRECREATE_FAIL" | "FAIL" => enclosed(Value::object([
            ("result_code", Value::text(code)),
            ("error_code", Value::text("TRADE_FAILED")),
            ("error_message", Value::text("交易失败")),
        ])),
        "SUCCESS" => enclosed(Value::object([("result_code", Value::text(code))])),
        _ if code.ends_with("_SUCCESS") && code != "TRADE_HAS_SUCCESS" => {
            enclosed(Value::object([("result_code", Value::text(code))]))
        }
        _ if code.ends_with("_IN_PROGRESS") => {
            enclosed(Value::object([("result_code", Value::text(code))]))
        }
        // A declined payment is PAY_FAIL (§2-3.2 iii); all else is a plain FAIL.
        _ if operation == Operation::Pay && is_decline(code) => enclosed(Value::object([
            ("result_code", Value::text("PAY_FAIL")),
            ("error_code", Value::text(code)),
            ("error_message", Value::text(message)),
        ])),
        _ => business_error(code, message),
    }
}

fn is_decline(code: &str) -> bool {
    let reasons = [
        Decline::InsufficientFunds,
        Decline::ExpiredCode,
        Decline::InvalidCode,
        Decline::OverDailyLimit,
        Decline::OverTransactionLimit,
        Decline::SellerOverLimit,
        Decline::Refused,
    ];
    code == "AUTHCODE_EXPIRE" || reasons.into_iter().any(|reason| declined(reason).0 == code)
}

/// Results that leave the wallet's state open (§4-2, §4-3's …_ERROR), with the order if there is
/// one.
fn uncertain(gateway: &mut Gateway, call: Option<&Call>, code: &str, now_ms: u64) -> Value {
    let (status, flow) = match code {
        "PAY_FAIL_ERROR" => ("PAY_ERROR", "FAIL_ERROR"),
        "REFUND_ERROR" => ("REFUND_ERROR", "REFUND_ERROR"),
        _ => ("CANCEL_ERROR", "CANCEL_ERROR"),
    };
    let order = call
        .and_then(|call| super::find(gateway, call, now_ms))
        .and_then(|seq| gateway.order(seq, now_ms));
    let mut business = Value::object([
        ("result_code", Value::text(code)),
        ("error_code", Value::text("TRADE_FAILED")),
        ("error_message", Value::text("不确定第三方支付通道状态")),
    ]);
    if let Some(order) = order {
        let mut data = data(gateway, &order);
        for (name, value) in [("order_status", status), ("status", flow)] {
            if let Some(field) = data.find_mut(name) {
                *field = Value::text(value);
            }
        }
        business.push("data", data);
    }
    enclosed(business)
}

/// The tables' messages.
fn message(code: &str) -> &'static str {
    match code {
        "INVALID_PARAMS" | "INVALID_PARAMETER" => "参数错误",
        "INVALID_TERMINAL" => "终端错误",
        "TERMINAL_NOT_EXISTS" => "不存在这个终端",
        "ILLEGAL_SIGN" => "签名错误",
        "UNKNOWN_SYSTEM_ERROR" => "未知的系统错误",
        "UNEXPECTED_PROVIDER_ERROR" => "不认识的支付通道",
        "MAINTENANCE_INPROGRESS" => "服务端正在升级维护,稍候5分钟",
        "AUTHCODE_EXPIRE" => "二维码过期",
        "INVALID_BARCODE" => "条码错误",
        "INSUFFICIENT_FUND" => "账户金额不足",
        "EXPIRED_BARCODE" => "过期的支付条码",
        "BUYER_OVER_DAILY_LIMIT" => "付款人当日付款金额超过上限",
        "BUYER_OVER_TRANSACTION_LIMIT" => "付款人单笔付款金额超过上限",
        "SELLER_OVER_DAILY_LIMIT" => "收款账户当日收款金额超过上限",
        "TRADE_NOT_EXIST" => "交易不存在",
        "TRADE_HAS_SUCCESS" => "交易已被支付",
        "SELLER_BALANCE_NOT_ENOUGH" => "卖家余额不足",
        "REFUND_AMT_NOT_EQUAL_TOTAL" => "退款金额无效",
        "TRADE_FAILED" => "交易失败",
        "CLIENT_SN_CONFLICT" => "client_sn在系统中已存在",
        "UPAY_ORDER_NOT_EXIST" | "UPAY_ORDER_NOT_EXISTS" => "订单不存在",
        "REFUND_REQUEST_CONFLICT" => "重复的退款请求",
        _ => "模拟器注入的错误码",
    }
}

//! The answers about refunds: JSON zh §6.5, XML v1 §5, JSON en tables 10.2 and sample 10.3.

use crate::{
    clock::beijing_time,
    fault::Operation,
    gateway::Gateway,
    ledger::{Order, Refund, RefundEnd},
    sosopay::{Edition, Format},
    value::Value,
};

use super::{bill, channel, echoed, enclosed, fund_channel, result, state, yuan};

/// SDK table 8.4, of a refund: 10 to be refunded, 11 refunded, 12 cancelled, 13 failed.
pub(super) fn refund_state(refund: &Refund) -> i64 {
    match refund.end {
        None => 10,
        Some(RefundEnd::Refunded) => 11,
        Some(RefundEnd::Canceled) => 12,
        Some(RefundEnd::Failed) => 13,
    }
}

/// JSON zh §6.5; XML v1 §5 has the result alone. A refund that ended without money is a FAIL.
pub(crate) fn refunded(format: Format, order: &Order, fen: i64, end: Option<RefundEnd>) -> Value {
    let (code, info) = match end {
        Some(RefundEnd::Refunded) => ("SUCCESS", "退款成功!"),
        None => ("SUCCESS", "退款申请成功, 平台处理中"),
        Some(RefundEnd::Failed) => ("FAIL", "退款失败"),
        Some(RefundEnd::Canceled) => ("FAIL", "退款已取消"),
    };
    let mut fields = vec![result(code, info)];
    if format.edition == Edition::Json && code == "SUCCESS" {
        fields.push(("FUND_BILL_LIST", bill(order.wallet, fen)));
        fields.push(("CHANNEL_TYPE", Value::number(channel(order.wallet))));
    }
    enclosed(Operation::Refund, fields)
}

/// One REFUND_TRADE. The sample's AMOUNT is a number; an END_TIME comes with the end.
fn trade(gateway: &Gateway, order: &Order, refund: &Refund) -> Value {
    let time = |at_ms| Value::text(beijing_time(gateway.wall_ms(at_ms)));
    let one = Value::object([
        ("FUND_CHANNEL", Value::text(fund_channel(order.wallet))),
        ("AMOUNT", Value::Number(yuan(refund.fen))),
    ]);
    let bill = Value::object([("TRADEFUNDBILL", Value::List(vec![one]))]);
    let mut trade = Value::object([("BEGIN_TIME", time(refund.at_ms))]);
    if refund.end.is_some() {
        trade.push("END_TIME", time(refund.done_at_ms));
    }
    for (name, value) in [
        ("REFUND_DOWN_CODE", Value::text(refund.gateway_no.clone())),
        ("REFUND_BILL_LIST", bill),
        ("REFUND_AMT", Value::number(refund.fen)),
        ("STATE", Value::number(refund_state(refund))),
        ("OPER_ID", Value::text(refund.operator.clone())),
        ("REFUND_CODE", Value::text(refund.no.clone())),
        ("DEV_ID", Value::text(refund.device.clone())),
    ] {
        trade.push(name, value);
    }
    trade
}

/// JSON en sample 10.3. REFUND_AMT sums what is refunded or on its way, REFUND_COUNT all records.
pub(crate) fn refund_query(gateway: &Gateway, order: &Order) -> Value {
    let time = |at_ms| Value::text(beijing_time(gateway.wall_ms(at_ms)));
    let trades = order.refunds.iter().map(|refund| trade(gateway, order, refund));
    let trades = Value::object([("REFUND_TRADE", Value::List(trades.collect()))]);
    let count = i64::try_from(order.refunds.len()).unwrap_or(i64::MAX);
    let mut fields = vec![
        ("BEGIN_TIME", time(order.created_at_ms)),
        ("END_TIME", time(order.changed_at_ms)),
        ("BUSI_ID", Value::text(order.merchant.clone())),
        ("CHARGE_CODE", Value::text(order.merchant_no.clone())),
        ("CHANNEL_TYPE", Value::number(channel(order.wallet))),
        ("REFUND_COUNT", Value::number(count)),
        ("REFUND_AMT", Value::number(order.refunded_fen())),
        ("REFUND_TRADE_LIST", trades),
        ("STATE", Value::number(state(order))),
    ];
    fields.extend(echoed(order, "OPER_ID"));
    fields.extend(echoed(order, "REGISTER_ID"));
    fields.push(result("SUCCESS", "查询成功"));
    fields.push(("CHARGE_DOWN_CODE", Value::text(order.gateway_no.clone())));
    fields.push(("AMT", Value::number(order.amount_fen)));
    fields.extend(echoed(order, "DEV_ID"));
    enclosed(Operation::RefundQuery, fields)
}

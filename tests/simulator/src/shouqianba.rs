//! Upay v2, the gateway of 收钱吧: pay, precreate, query, cancel, refund, and the revoke, activate
//! and check-in the field knows.
//!
//! Written from the document alone. Every call is `POST` with JSON and
//! `Authorization: {terminal_sn} {hex(MD5(body + key))}` over the exact bytes (§2-2). Three layers
//! answer: `result_code`, `biz_response.result_code`, `data.order_status` (§2-3). The fields are
//! checked in `fields`, the answers are built in `answer`; `terminal` has a terminal's own calls.

mod answer;
mod fields;
mod terminal;

pub(crate) use answer::answer_code;

use serde_json::Value as Json;

use crate::{
    customer::Wallet,
    fault::Operation,
    gateway::{Gateway, NoSuchCall, Request},
    ledger::{
        Cancelled, Closed, Details, Key, NewOrder, NewRefund, NotOpened, RefundEnd, Refunded, Seq,
        Standing,
    },
    terminals::{NotSigned, SignedWith},
    value::Value,
};
use fields::{Fields, Problem};
use terminal::TerminalCall;

/// A call whose sign and fields are in order.
#[derive(Debug)]
pub(crate) struct Call {
    operation: Operation,
    terminal: String,
    signed_with: SignedWith,
    sn: Option<String>,
    client_sn: Option<String>,
    payment: Option<Payment>,
    refund: Option<(String, i64)>,
    own: Option<TerminalCall>,
    fields: Vec<(String, String)>,
}

/// What pay and precreate add.
#[derive(Clone, Debug)]
struct Payment {
    fen: i64,
    wallet: Wallet,
    code: Option<String>,
}

/// How a request names its order.
#[derive(Debug, Default)]
pub(crate) struct Named {
    pub merchant_no: String,
    pub gateway_no: String,
}

fn route(request: &Request) -> Result<Operation, NoSuchCall> {
    let under_v2 = request.segment_back(2) == Some("v2")
        && request.segment_back(3).is_some_and(|name| name.eq_ignore_ascii_case("upay"));
    let of_terminal = request.segment_back(2) == Some("terminal");
    let operation = match request.segment_back(1) {
        Some("pay") if under_v2 => Operation::Pay,
        Some("precreate") if under_v2 => Operation::Precreate,
        Some("query") if under_v2 => Operation::Query,
        Some("cancel") if under_v2 => Operation::Cancel,
        Some("refund") if under_v2 => Operation::Refund,
        Some("revoke") if under_v2 => Operation::Revoke,
        Some("activate") if of_terminal => Operation::Activate,
        Some("checkin") if of_terminal => Operation::Checkin,
        _ => return Err(NoSuchCall(404)),
    };
    if request.method == "POST" { Ok(operation) } else { Err(NoSuchCall(405)) }
}

/// Reads a call and checks sign and fields.
pub(crate) fn receive(
    gateway: &Gateway,
    request: &Request,
) -> Result<(Operation, Named, Result<Call, Value>), NoSuchCall> {
    let operation = route(request)?;
    let mut named = Named::default();
    let call = read(gateway, request, operation, &mut named);
    let call = call.map_err(|problem| answer::refusal(problem.code, &problem.message));
    Ok((operation, named, call))
}

fn read(
    gateway: &Gateway,
    request: &Request,
    operation: Operation,
    named: &mut Named,
) -> Result<Call, Problem> {
    let parsed = serde_json::from_slice::<Json>(&request.body);
    if let Ok(Json::Object(object)) = &parsed {
        let text = |name| object.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
        *named = Named { merchant_no: text("client_sn"), gateway_no: text("sn") };
    }
    let (terminal, signed_with) = check_sign(gateway, request, operation)?;
    let Ok(Json::Object(object)) = parsed else {
        return Err(Problem::parameters("请求主体不是JSON对象"));
    };
    let fields = Fields::read(object)?;
    let of_terminal = operation != Operation::Activate;
    if of_terminal && fields.get("terminal_sn").is_some_and(|sent| sent != terminal) {
        return Err(Problem::new("INVALID_TERMINAL", "terminal_sn与签名人不一致"));
    }
    let (mut payment, mut refund, mut own) = (None, None, None);
    match operation {
        Operation::Pay => payment = Some(fields.payment(true)?),
        Operation::Precreate => payment = Some(fields.payment(false)?),
        Operation::Refund => refund = Some(fields.refund()?),
        Operation::Activate => own = Some(TerminalCall::activate(&fields)?),
        Operation::Checkin => own = Some(TerminalCall::checkin(&fields)?),
        Operation::Query
        | Operation::Cancel
        | Operation::Revoke
        | Operation::RefundQuery
        | Operation::JsapiOrder
        | Operation::AlipayOrder
        | Operation::WapOrder
        | Operation::Recharge
        | Operation::BatchQuery
        | Operation::Channels
        | Operation::Login
        | Operation::Notify => fields.named()?,
    }
    Ok(Call {
        operation,
        terminal,
        signed_with,
        sn: fields.get("sn").map(str::to_owned),
        client_sn: fields.get("client_sn").map(str::to_owned),
        payment,
        refund,
        own,
        fields: fields.into_pairs(),
    })
}

/// §2-2: the signer and the sign stand in the Authorization header. Who signs is the terminal, and
/// the vendor where a terminal is still to be made.
fn check_sign(
    gateway: &Gateway,
    request: &Request,
    operation: Operation,
) -> Result<(String, SignedWith), Problem> {
    let illegal = || Problem::new("ILLEGAL_SIGN", "签名错误");
    let header = request.header("authorization").ok_or_else(illegal)?;
    let (signer, sign) = header.split_once(' ').ok_or_else(illegal)?;
    let by_vendor = operation == Operation::Activate;
    let verified = if by_vendor {
        let verified = gateway.terminals.verify_vendor(signer, &request.body, sign);
        verified.map(|()| SignedWith::Current)
    } else {
        gateway.terminals.verify(signer, &request.body, sign)
    };
    match verified {
        Ok(with) => Ok((signer.to_owned(), with)),
        Err(NotSigned::Wrong) => Err(illegal()),
        Err(NotSigned::Unknown) if by_vendor => {
            Err(Problem::new("ILLEGAL_SIGN", "不存在这个服务商"))
        }
        Err(NotSigned::Unknown) => Err(Problem::new("INVALID_TERMINAL", "不存在这个终端")),
    }
}

/// Carries a call out on the books.
pub(crate) fn perform(gateway: &mut Gateway, call: &Call, now_ms: u64) -> Value {
    if call.signed_with == SignedWith::Next {
        gateway.terminals.next_used(&call.terminal);
    }
    if let Some(own) = &call.own {
        return terminal::perform(gateway, &call.terminal, own);
    }
    match (&call.payment, &call.refund) {
        (Some(payment), _) => pay(gateway, call, payment, now_ms),
        (None, Some((no, fen))) => refund(gateway, call, no, *fen, now_ms),
        (None, None) => match call.operation {
            Operation::Cancel | Operation::Revoke => cancel(gateway, call, now_ms),
            Operation::Query
            | Operation::Pay
            | Operation::Precreate
            | Operation::Refund
            | Operation::RefundQuery
            | Operation::JsapiOrder
            | Operation::AlipayOrder
            | Operation::WapOrder
            | Operation::Recharge
            | Operation::BatchQuery
            | Operation::Channels
            | Operation::Login
            | Operation::Activate
            | Operation::Checkin
            | Operation::Notify => query(gateway, call, now_ms),
        },
    }
}

/// §3-4.2: sn first, client_sn if there is none of that sn.
fn find(gateway: &mut Gateway, call: &Call, now_ms: u64) -> Option<Seq> {
    let keys = [call.sn.as_deref().map(Key::Gateway), call.client_sn.as_deref().map(Key::Merchant)];
    keys.into_iter().flatten().find_map(|key| gateway.ledger.find(&call.terminal, key, now_ms))
}

fn pay(gateway: &mut Gateway, call: &Call, payment: &Payment, now_ms: u64) -> Value {
    let scanned = payment.code.is_some();
    let behaviour = match &payment.code {
        Some(code) => Some(gateway.behaviour_of(code)),
        None => gateway.settings.qr_customer,
    };
    let order = NewOrder {
        merchant: call.terminal.clone(),
        merchant_no: call.client_sn.clone().unwrap_or_default(),
        gateway_no: format!("78942592{:08}", gateway.ledger.next_seq().0),
        third_no: gateway.new_third_no(now_ms),
        amount_fen: payment.fen,
        wallet: payment.wallet,
        code: payment.code.clone(),
        qr: (!scanned).then(|| gateway.new_qr(payment.wallet)),
        // The document gives a scanned payment no end of its own; the terminal cancels it.
        life_ms: (!scanned).then_some(gateway.settings.qr_life_ms),
        behaviour,
        details: Details { fields: call.fields.clone(), goods: Vec::new() },
    };
    let opened = gateway.ledger.open(order, now_ms);
    let order = match opened {
        Ok(seq) => gateway.order(seq, now_ms),
        Err(NotOpened::Duplicate) => {
            return answer::business_error("CLIENT_SN_CONFLICT", "client_sn在系统中已存在");
        }
        Err(NotOpened::Full) => None,
    };
    let Some(order) = order else { return answer::refusal("UNKNOWN_SYSTEM_ERROR", "系统错误") };
    if !scanned {
        return answer::business(gateway, "PRECREATE_SUCCESS", &order);
    }
    match order.standing() {
        Standing::Pending => answer::business(gateway, "PAY_IN_PROGRESS", &order),
        Standing::Closed(Closed::Declined(reason)) => answer::pay_failed(gateway, reason, &order),
        Standing::Paid
        | Standing::PartlyRefunded
        | Standing::Refunded
        | Standing::Refunding
        | Standing::RefundFailed
        | Standing::Closed(Closed::Expired)
        | Standing::RevokeRequested
        | Standing::Revoked => answer::business(gateway, "PAY_SUCCESS", &order),
    }
}

fn query(gateway: &mut Gateway, call: &Call, now_ms: u64) -> Value {
    let order = find(gateway, call, now_ms).and_then(|seq| gateway.order(seq, now_ms));
    let hides = gateway.settings.unscanned_wechat_not_found;
    match order {
        Some(order) if !(hides && answer::unscanned_wechat(&order)) => {
            answer::business(gateway, "SUCCESS", &order)
        }
        // The document spells this code two ways; the table (§4-5) and the procedure (§3-2.4) are
        // both met, here and on a cancel.
        Some(_) | None => answer::business_error("UPAY_ORDER_NOT_EXIST", "订单不存在"),
    }
}

fn cancel(gateway: &mut Gateway, call: &Call, now_ms: u64) -> Value {
    let Some(seq) = find(gateway, call, now_ms) else {
        return answer::business_error("UPAY_ORDER_NOT_EXISTS", "订单不存在");
    };
    let done = gateway.ledger.cancel(seq, false, now_ms);
    let Some(order) = gateway.order(seq, now_ms) else {
        return answer::refusal("UNKNOWN_SYSTEM_ERROR", "系统错误");
    };
    match done {
        // §4-2: "aborted" is for a payment that was in progress.
        Cancelled::Aborted if order.code.is_some() => {
            answer::business(gateway, "CANCEL_ABORT_SUCCESS", &order)
        }
        Cancelled::Aborted | Cancelled::Reversed | Cancelled::Already | Cancelled::Applied => {
            answer::business(gateway, "CANCEL_SUCCESS", &order)
        }
        Cancelled::WrongState => {
            let status = answer::order_status(&order);
            let message = format!("当前的订单状态是{status}");
            answer::business_error("UPAY_CANCEL_INVALID_ORDER_STATE", &message)
        }
    }
}

fn refund(gateway: &mut Gateway, call: &Call, no: &str, fen: i64, now_ms: u64) -> Value {
    let Some(seq) = find(gateway, call, now_ms) else {
        return answer::business_error("UPAY_ORDER_NOT_EXISTS", "订单不存在");
    };
    let operator = call.fields.iter().find(|(name, _)| name == "operator");
    let refund = NewRefund {
        no: no.to_owned(),
        gateway_no: String::new(),
        fen,
        operator: operator.map(|(_, value)| value.clone()).unwrap_or_default(),
        device: String::new(),
    };
    let (code, message) = match gateway.ledger.refund(seq, refund, now_ms) {
        Refunded::Taken(end) => match (gateway.order(seq, now_ms), end) {
            (Some(order), None) => {
                return answer::business(gateway, "REFUND_IN_PROGRESS", &order);
            }
            (Some(order), Some(RefundEnd::Refunded)) => {
                return answer::business(gateway, "REFUND_SUCCESS", &order);
            }
            (Some(order), Some(RefundEnd::Failed)) => {
                return answer::business(gateway, "REFUND_ERROR", &order);
            }
            (Some(_), Some(RefundEnd::Canceled)) => ("SELLER_BALANCE_NOT_ENOUGH", "卖家余额不足"),
            (None, _) => return answer::refusal("UNKNOWN_SYSTEM_ERROR", "系统错误"),
        },
        Refunded::Conflict => ("REFUND_REQUEST_CONFLICT", "重复的退款请求"),
        Refunded::TooMuch => ("REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额无效"),
        Refunded::WrongState => {
            ("UPAY_REFUND_INVALID_ORDER_STATE", "无法对错误的订单状态执行退款操作")
        }
    };
    answer::business_error(code, message)
}

//! One-shot operations: a query by either number (Upay v2 §3-4), revoke, and the terminal's own
//! activation and check-in.
//!
//! Activation, check-in and revoke are not in the document; protocol/README ("Upay v2") has them
//! from the field. A revoke answers as a cancel does. A check-in replaces the key at the gateway:
//! the answer's key is to be durable before it is used, and on a lost reply the old one is tried
//! again.

use super::bearing::{Bearing, bearing};
use super::dictionary::{BizCode, ErrorCode, OrderStatus, Payway, ResultCode};
use super::{Shouqianba, map, wire};
use crate::gateway::http::HttpRequest;
use crate::gateway::operation::{
    Activate, Answer, CheckIn, Failed, Operation, OperationError, OrderInfo, OrderKey, OrderState,
    TerminalKey,
};
use crate::gateway::said;
use crate::gateway::settings::Kind;
use crate::gateway::tree::Tree;
use crate::gateway::{FieldError, field};
use crate::money::Fen;
use crate::payment::{DoubtKind, Request, Verdict};
use crate::secret::Secret;

pub(in crate::gateway) fn check(operation: &Operation) -> Result<(), OperationError> {
    match operation {
        Operation::Lookup(OrderKey::Ours(_)) | Operation::Revoke(_) => Ok(()),
        Operation::Lookup(OrderKey::Gateways(sn)) => {
            field::text("sn", sn, 16)?;
            Ok(field::graphic("sn", sn)?)
        }
        Operation::Activate(activate) => Ok(check_activate(activate)?),
        Operation::CheckIn(check_in) => Ok(check_check_in(check_in)?),
        Operation::Lookup(OrderKey::VerifyCode(_)) => Err(by_voucher()),
        Operation::JsapiOrder(_)
        | Operation::AlipayOrder(_)
        | Operation::WapOrder(_)
        | Operation::RefundList(_)
        | Operation::ApplyCancel(_)
        | Operation::Recharge(_)
        | Operation::BatchQuery(_)
        | Operation::Channels
        | Operation::Login(_) => Err(unsupported(operation)),
    }
}

/// §3-4.2 asks by `sn` and `client_sn` alone.
fn by_voucher() -> OperationError {
    FieldError::NotCarried { field: "verifyCodes", gateway: Kind::Shouqianba.name() }.into()
}

fn unsupported(operation: &Operation) -> OperationError {
    OperationError::Unsupported { operation: operation.name(), gateway: Kind::Shouqianba.name() }
}

/// No document bounds these; the widths are those of the document's own numbers and names.
fn check_activate(activate: &Activate) -> Result<(), FieldError> {
    for (field, text) in [
        ("vendor_sn", activate.vendor_sn.as_str()),
        ("app_id", activate.app_id.as_str()),
        ("code", activate.code.expose()),
    ] {
        field::text(field, text, 64)?;
        field::graphic(field, text)?;
    }
    if activate.vendor_key.expose().is_empty() {
        return Err(FieldError::Empty { field: "vendor_key" });
    }
    for (field, text) in [("client_sn", &activate.client_sn), ("name", &activate.name)] {
        text.as_deref().map_or(Ok(()), |text| field::text(field, text, 64))?;
    }
    Ok(())
}

fn check_check_in(check_in: &CheckIn) -> Result<(), FieldError> {
    for (field, text) in [("os_info", &check_in.os_info), ("sdk_version", &check_in.sdk_version)] {
        text.as_deref().map_or(Ok(()), |text| field::text(field, text, 64))?;
    }
    Ok(())
}

pub(in crate::gateway) fn encode(
    codec: &Shouqianba,
    operation: &Operation,
) -> Result<HttpRequest, OperationError> {
    let terminal = ("terminal_sn", codec.terminal_sn.as_str());
    let device = ("device_id", codec.device.as_str());
    match operation {
        Operation::Lookup(key) => {
            let number = match key {
                OrderKey::Ours(order) => ("client_sn", order.as_str()),
                OrderKey::Gateways(sn) => ("sn", sn.as_str()),
                OrderKey::VerifyCode(_) => return Err(by_voucher()),
            };
            Ok(wire::post(codec, "upay/v2/query", &[terminal, number]))
        }
        Operation::Revoke(sale) => {
            let fields = [terminal, ("client_sn", sale.order.as_str())];
            Ok(wire::post(codec, "upay/v2/revoke", &fields))
        }
        Operation::Activate(activate) => {
            let mut fields = vec![
                ("app_id", activate.app_id.as_str()),
                ("code", activate.code.expose()),
                device,
            ];
            fields.extend(activate.client_sn.as_deref().map(|text| ("client_sn", text)));
            fields.extend(activate.name.as_deref().map(|text| ("name", text)));
            let (signer, key) = (&activate.vendor_sn, &activate.vendor_key);
            Ok(wire::post_as(codec, "terminal/activate", signer, key, &fields))
        }
        Operation::CheckIn(check_in) => {
            let mut fields = vec![terminal, device];
            fields.extend(check_in.os_info.as_deref().map(|text| ("os_info", text)));
            fields.extend(check_in.sdk_version.as_deref().map(|text| ("sdk_version", text)));
            Ok(wire::post(codec, "terminal/checkin", &fields))
        }
        Operation::JsapiOrder(_)
        | Operation::AlipayOrder(_)
        | Operation::WapOrder(_)
        | Operation::RefundList(_)
        | Operation::ApplyCancel(_)
        | Operation::Recharge(_)
        | Operation::BatchQuery(_)
        | Operation::Channels
        | Operation::Login(_) => Err(unsupported(operation)),
    }
}

pub(in crate::gateway) fn decode(
    codec: &Shouqianba,
    operation: &Operation,
    body: &[u8],
) -> Result<Answer, Failed> {
    match operation {
        Operation::Lookup(key) => lookup(key, body),
        Operation::Revoke(sale) => {
            let request = Request::Cancel { sale: sale.clone() };
            revoked(map::decode(&codec.terminal_sn, &request, body))
        }
        Operation::Activate(_) => terminal(None, body),
        Operation::CheckIn(_) => terminal(Some(&codec.terminal_sn), body),
        Operation::JsapiOrder(_)
        | Operation::AlipayOrder(_)
        | Operation::WapOrder(_)
        | Operation::RefundList(_)
        | Operation::ApplyCancel(_)
        | Operation::Recharge(_)
        | Operation::BatchQuery(_)
        | Operation::Channels
        | Operation::Login(_) => unknown(DoubtKind::Unreadable, "no such operation"),
    }
}

fn revoked(verdict: Verdict) -> Result<Answer, Failed> {
    match verdict {
        Verdict::Reversed(decline) => Ok(Answer::Revoked(decline)),
        Verdict::Declined(decline) => Err(Failed::Refused(decline)),
        Verdict::NotFound => Err(Failed::NotFound),
        Verdict::Unknown(doubt) => Err(Failed::Unknown(doubt)),
        Verdict::Pending => unknown(DoubtKind::StillPending, "the revoke is under way"),
        Verdict::Paid(_) | Verdict::Presented { .. } => {
            unknown(DoubtKind::AskAgain, "the answer is none to a revoke")
        }
    }
}

/// The business answer of a call that was carried out.
fn business(body: &[u8]) -> Result<Tree, Failed> {
    let tree = match map::read(body) {
        Ok(tree) => tree,
        Err(error) => return unknown(DoubtKind::Unreadable, &error.to_string()),
    };
    let Some(result) = tree.text("result_code") else {
        return unknown(DoubtKind::Unreadable, "the answer has no result_code");
    };
    let error = tree.text("error_code");
    let said = said::words(error.or(Some(result)), tree.text("error_message"));
    match ResultCode::read(result) {
        ResultCode::Done => match tree.object("biz_response") {
            Some(biz) => Ok(biz.clone()),
            None => unknown(DoubtKind::Unreadable, "the answer has no biz_response"),
        },
        ResultCode::OurFault => Err(refused(error.map(ErrorCode::read).as_ref(), &said)),
        ResultCode::TheirFault => unknown(DoubtKind::GatewayFault, &said),
        ResultCode::Unknown(_) => unknown(DoubtKind::UnknownCode, &said),
    }
}

/// FAIL or 400 on a question, an activation or a check-in: nothing was done.
fn refused(error: Option<&ErrorCode>, said: &str) -> Failed {
    match error.map(bearing) {
        Some(Bearing::Refusal(why)) => Failed::Refused(said::a_decline(why, said)),
        Some(Bearing::NotFound) => Failed::NotFound,
        Some(Bearing::Exists) => Failed::Unknown(said::a_doubt(DoubtKind::AskAgain, said)),
        Some(Bearing::Fault) => Failed::Unknown(said::a_doubt(DoubtKind::GatewayFault, said)),
        Some(Bearing::Unknown) | None => {
            Failed::Unknown(said::a_doubt(DoubtKind::UnknownCode, said))
        }
    }
}

fn lookup(key: &OrderKey, body: &[u8]) -> Result<Answer, Failed> {
    let biz = business(body)?;
    let error = biz.text("error_code");
    let code = biz.text("result_code");
    let said = said::words(error.or(code), biz.text("error_message"));
    let Some(code) = code.map(BizCode::read) else {
        return unknown(DoubtKind::Unreadable, "the answer has no result_code");
    };
    if code == BizCode::Fail {
        return Err(refused(error.map(ErrorCode::read).as_ref(), &said));
    }
    if code != BizCode::Success {
        // A word of another operation, or none of the document's.
        return unknown(DoubtKind::UnknownCode, &said);
    }
    let info = order_info(biz.object("data").unwrap_or(&biz));
    let is_ours = match key {
        OrderKey::Ours(order) => info.order.as_deref() == Some(order.as_str()),
        OrderKey::Gateways(sn) => info.gateway_order.as_deref() == Some(sn),
        OrderKey::VerifyCode(_) => false,
    };
    if is_ours {
        Ok(Answer::Order(info))
    } else {
        unknown(DoubtKind::Mismatch, &format!("the answer is for another order; {said}"))
    }
}

/// §3-4.3, with the samples' other fields.
fn order_info(data: &Tree) -> OrderInfo {
    let text = |name| data.text(name).and_then(said::bounded);
    let fen = |name| data.text(name).and_then(|text| Fen::parse_fen(text).ok());
    OrderInfo {
        order: said::number(data.text("client_sn")),
        gateway_order: said::number(data.text("sn")),
        trade_no: said::number(data.text("trade_no")),
        state: text("order_status").map(|text| OrderState::Shouqianba(OrderStatus::read(&text))),
        amount: fen("total_amount"),
        received: fen("net_amount"),
        channel: text("payway").map(|text| Payway::read(&text).channel()),
        operator: text("operator"),
        device: text("device_id"),
        store: text("store_id"),
        subject: text("subject"),
        echo: text("reflect"),
        begin_time: text("ctime"),
        end_time: text("finish_time"),
        bills: Vec::new(),
        goods: 0,
    }
}

/// A terminal's key. `ours` is the terminal that checks in: no other may come back.
fn terminal(ours: Option<&str>, body: &[u8]) -> Result<Answer, Failed> {
    let biz = business(body)?;
    let error = biz.text("error_code");
    let said = said::words(error.or(biz.text("result_code")), biz.text("error_message"));
    match biz.text("result_code") {
        // The field's answers to these two have no inner result_code.
        None | Some("SUCCESS" | "200") => {}
        Some("FAIL" | "400") => return Err(refused(error.map(ErrorCode::read).as_ref(), &said)),
        Some(_) => return unknown(DoubtKind::UnknownCode, &said),
    }
    let data = biz.object("data").unwrap_or(&biz);
    let sn = data.text("terminal_sn").filter(|sn| field::text("terminal_sn", sn, 32).is_ok());
    let sn = sn.filter(|sn| field::graphic("terminal_sn", sn).is_ok());
    let key = data.text("terminal_key").filter(|key| field::text("terminal_key", key, 128).is_ok());
    let (Some(sn), Some(key)) = (sn.or(ours), key) else {
        return unknown(DoubtKind::Unreadable, "the answer has no terminal_sn or terminal_key");
    };
    if ours.is_some_and(|ours| ours != sn) {
        return unknown(DoubtKind::Mismatch, "the answer is for another terminal");
    }
    let labels = ["merchant_sn", "merchant_name", "store_sn", "store_name"];
    let label = |name| data.text(name).and_then(said::bounded).map(|text| (name, text));
    Ok(Answer::Terminal(TerminalKey {
        terminal_sn: sn.to_owned(),
        key: Secret::new(key.to_owned()),
        labels: labels.into_iter().filter_map(label).collect(),
    }))
}

fn unknown<T>(kind: DoubtKind, said: &str) -> Result<T, Failed> {
    Err(Failed::Unknown(said::a_doubt(kind, said)))
}

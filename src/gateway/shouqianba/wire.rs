//! The bytes of requests. Fields stand in the order of the documents' tables.

use super::{Shouqianba, sign};
use crate::gateway::http::{HttpRequest, Method};
use crate::gateway::{Extras, FieldError, field, json};
use crate::payment::{Channel, Request, Sale};
use crate::secret::Secret;

/// The payway of a wallet: Upay v2 §4-6.
fn payway(channel: &Channel) -> Result<&'static str, FieldError> {
    match channel {
        Channel::Alipay => Ok("1"),
        Channel::Wechat => Ok("3"),
        Channel::Baidu => Ok("4"),
        Channel::Jd => Ok("5"),
        Channel::UnionPay
        | Channel::BestPay
        | Channel::Qq
        | Channel::Bank
        | Channel::Unknown(_) => Err(FieldError::Channel {
            field: "payway",
            given: channel.name(),
            possible: "alipay, wechat, baidu, jd",
        }),
    }
}

/// The lengths of Upay v2 §3-2.2 and §3-6.2. `client_sn` and `dynamic_id` are bounded by their
/// types; `terminal_sn` and `device_id` by the settings.
pub(super) fn check(request: &Request) -> Result<(), FieldError> {
    match request {
        Request::Pay { sale, code } => {
            check_sale(sale)?;
            field::text("dynamic_id", code.expose(), 32)
        }
        Request::Precreate { sale, channel, life: _ } => {
            check_sale(sale)?;
            payway(channel).map(|_| ())
        }
        Request::Query { .. } | Request::Cancel { .. } => Ok(()),
    }
}

fn check_sale(sale: &Sale) -> Result<(), FieldError> {
    field::amount("total_amount", sale.amount)?;
    check_subject(&sale.subject)?;
    check_operator(&sale.operator)
}

pub(super) fn check_subject(subject: &str) -> Result<(), FieldError> {
    field::text("subject", subject, 64)
}

pub(super) fn check_operator(operator: &str) -> Result<(), FieldError> {
    field::text("operator", operator, 32)
}

pub(super) fn encode(
    codec: &Shouqianba,
    request: &Request,
    extras: &Extras,
) -> Result<HttpRequest, FieldError> {
    let sale = request.sale();
    let amount = sale.amount.get().to_string();
    let terminal = ("terminal_sn", codec.terminal_sn.as_str());
    let client_sn = ("client_sn", sale.order.as_str());
    let total = ("total_amount", amount.as_str());
    let subject = ("subject", sale.subject.as_str());
    let operator = ("operator", sale.operator.as_str());
    let (path, mut fields) = match request {
        // Without `payway`, the gateway finds the wallet from the code (§1-1).
        Request::Pay { code, .. } => {
            let code = ("dynamic_id", code.expose());
            ("upay/v2/pay", vec![terminal, client_sn, total, code, subject, operator])
        }
        Request::Precreate { channel, .. } => {
            let payway = ("payway", payway(channel)?);
            ("upay/v2/precreate", vec![terminal, client_sn, total, payway, subject, operator])
        }
        Request::Query { .. } => return Ok(post(codec, "upay/v2/query", &[terminal, client_sn])),
        Request::Cancel { .. } => return Ok(post(codec, "upay/v2/cancel", &[terminal, client_sn])),
    };
    push_extras(&mut fields, codec, extras);
    Ok(post(codec, path, &fields))
}

/// The optional fields of §3-2.2 and §3-6.2, in the tables' order. §3-2.2 spells `reflact` what it
/// and §3-6.2 call 反射参数 and every answer calls `reflect`; it is sent as `reflect`.
fn push_extras<'a>(
    fields: &mut Vec<(&'static str, &'a str)>,
    codec: &'a Shouqianba,
    extras: &'a Extras,
) {
    let device = Some(codec.device.as_str());
    for (name, text) in [
        ("description", extras.description.as_deref()),
        ("longitude", extras.longitude.as_deref()),
        ("latitude", extras.latitude.as_deref()),
        ("device_id", device),
        ("extended", extras.extended.as_deref()),
        ("reflect", extras.reflect.as_deref()),
    ] {
        fields.extend(text.map(|text| (name, text)));
    }
}

/// A call that the terminal's key signs.
pub(super) fn post(codec: &Shouqianba, path: &str, fields: &[(&str, &str)]) -> HttpRequest {
    post_as(codec, path, &codec.terminal_sn, &codec.key, fields)
}

/// A call that another's key signs: the vendor's, for an activation.
pub(super) fn post_as(
    codec: &Shouqianba,
    path: &str,
    signer: &str,
    key: &Secret,
    fields: &[(&str, &str)],
) -> HttpRequest {
    let body = json::write(fields);
    let authorization = sign::authorization(signer, &body, key);
    HttpRequest {
        method: Method::Post,
        url: format!("{}/{path}", codec.base_url),
        headers: vec![
            ("Content-Type", "application/json".to_owned()),
            ("Authorization", authorization),
        ],
        body,
    }
}

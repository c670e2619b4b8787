//! The bytes of requests. Fields stand in the order of the documents' tables.

use super::{Shouqianba, sign};
use crate::gateway::http::{HttpRequest, Method};
use crate::gateway::{FieldError, field, json};
use crate::payment::{Channel, Request, Sale};

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
    field::text("subject", &sale.subject, 64)?;
    field::text("operator", &sale.operator, 32)
}

pub(super) fn encode(codec: &Shouqianba, request: &Request) -> Result<HttpRequest, FieldError> {
    let sale = request.sale();
    let amount = sale.amount.get().to_string();
    let terminal = ("terminal_sn", codec.terminal_sn.as_str());
    let client_sn = ("client_sn", sale.order.as_str());
    let total = ("total_amount", amount.as_str());
    let subject = ("subject", sale.subject.as_str());
    let operator = ("operator", sale.operator.as_str());
    let device = ("device_id", codec.device.as_str());
    let (path, body) = match request {
        // Without `payway`, the gateway finds the wallet from the code (§1-1).
        Request::Pay { code, .. } => {
            let code = ("dynamic_id", code.expose());
            let fields = [terminal, client_sn, total, code, subject, operator, device];
            ("pay", json::write(&fields))
        }
        Request::Precreate { channel, .. } => {
            let payway = ("payway", payway(channel)?);
            let fields = [terminal, client_sn, total, payway, subject, operator, device];
            ("precreate", json::write(&fields))
        }
        Request::Query { .. } => ("query", json::write(&[terminal, client_sn])),
        Request::Cancel { .. } => ("cancel", json::write(&[terminal, client_sn])),
    };
    let [key] = &codec.keys;
    let authorization = sign::authorization(&codec.terminal_sn, &body, key);
    Ok(HttpRequest {
        method: Method::Post,
        url: format!("{}/upay/v2/{path}", codec.base_url),
        headers: vec![
            ("Content-Type", "application/json".to_owned()),
            ("Authorization", authorization),
        ],
        body,
    })
}

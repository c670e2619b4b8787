//! The operator's login (SDK "Permission authentication interface") and the data recharge (JSON zh
//! §8, numbered 9).
//!
//! The SDK gives the login's fields and no address. Decision: POST them as JSON, signed as every
//! POST is; a password has no place in an address (I17). The path is configured.

use super::super::{Sosopay, address, sign, words_of};
use super::{success, unknown, unreadable};
use crate::gateway::extras::FREE_CHARS_MAX;
use crate::gateway::http::{HttpRequest, Method};
use crate::gateway::json::{self, Value};
use crate::gateway::operation::{
    Answer, ChargeMode, Company, CompanyStatus, Failed, FlowType, LoggedIn, Login, OperationError,
    Recharge, RechargeStatus, Recharged, User, UserType,
};
use crate::gateway::tree::Tree;
use crate::gateway::{FieldError, Stamp, field, said};
use crate::money::Fen;
use crate::payment::{DoubtKind, Why};
use std::time::Duration;

/// The most that one recharge may be, in megabytes: a terabyte. No document bounds it.
const FLOW_MAX: u32 = 1_048_576;

pub(super) fn check_login(codec: &Sosopay, login: &Login) -> Result<(), OperationError> {
    login_path(codec)?;
    field::text("username", &login.username, FREE_CHARS_MAX)?;
    Ok(field::text("password", login.password.expose(), FREE_CHARS_MAX)?)
}

fn login_path(codec: &Sosopay) -> Result<&str, OperationError> {
    codec
        .paths
        .login
        .as_deref()
        .ok_or(OperationError::MissingSetting { key: "gateway.paths.login", operation: "login" })
}

/// SDK table 9.1.
pub(super) fn login(
    codec: &Sosopay,
    login: &Login,
    stamp: Stamp,
) -> Result<HttpRequest, OperationError> {
    let body = json::write(&[
        ("username", &login.username),
        ("password", login.password.expose()),
        ("busiCode", &codec.merchant_id),
    ]);
    let sign = codec.sign(&body, stamp);
    let mut query = vec![("sign", address::encoded(&sign))];
    query.extend(address::format(codec));
    query.push(("busiCode", address::encoded(&codec.merchant_id)));
    let url = address::written(&address::configured(codec, login_path(codec)?), &query);
    Ok(codec.post(url, body))
}

/// SDK table 9.2: a plain object with `success`, `message`, `user`, `company`.
pub(super) fn logged_in(tree: &Tree) -> Result<Answer, Failed> {
    let fields = match (tree.get("success"), tree) {
        (None, Tree::Object(inside)) => {
            inside.values().find(|field| field.get("success").is_some()).unwrap_or(tree)
        }
        _ => tree,
    };
    let said = said::words(None, fields.text("message"));
    match fields.text("success") {
        Some("true") => {}
        Some("false") => return Err(Failed::Refused(said::a_decline(Why::LoginRefused, &said))),
        Some(_) => return Err(unknown(DoubtKind::UnknownCode, &said)),
        // A gateway that refuses the call itself answers with a RESULT.
        None => {
            success(tree)?;
            return Err(unreadable("the answer has no `success`"));
        }
    }
    let user = fields.object("user").unwrap_or(&Tree::Nothing);
    let company = fields.object("company").unwrap_or(&Tree::Nothing);
    Ok(Answer::Login(LoggedIn { user: user_of(user), company: company_of(company) }))
}

/// A flag of the SDK's tables.
fn flag(fields: &Tree, name: &str, yes: &str, no: &str) -> Option<bool> {
    match fields.text(name)?.trim() {
        text if text == yes => Some(true),
        text if text == no => Some(false),
        _ => None,
    }
}

fn user_of(fields: &Tree) -> User {
    let text = |name| fields.text(name).and_then(said::bounded);
    User {
        id: text("id"),
        company_id: text("companyId"),
        login_name: text("loginName"),
        name: text("name"),
        user_type: text("userType").map(|text| UserType::read(&text)),
        login_date: text("loginDate"),
        is_enabled: flag(fields, "loginFlag", "1", "0"),
        is_deleted: flag(fields, "delFlag", "1", "0"),
        imei: text("IMEI"),
        terminal_type: text("teType"),
        app_version: text("appVer"),
        is_online: flag(fields, "loginStatus", "1", "0"),
    }
}

fn company_of(fields: &Tree) -> Company {
    let text = |name| fields.text(name).and_then(said::bounded);
    let minutes = fields.text("timeLimit").and_then(|text| text.trim().parse::<u32>().ok());
    Company {
        id: text("id"),
        name: text("name"),
        code: text("code"),
        status: text("useable").map(|text| CompanyStatus::read(&text)),
        is_deleted: flag(fields, "delFlag", "1", "0"),
        amount_limit: fields.text("amountLimit").and_then(|text| Fen::parse_yuan(text).ok()),
        refund_at_scene: flag(fields, "refundAtScene", "0", "1"),
        charge_mode: text("chargeMode").map(|text| ChargeMode::read(&text)),
        profit_rate: text("profitrate"),
        time_limit: minutes.map(|minutes| Duration::from_secs(u64::from(minutes) * 60)),
        uploads_goods: flag(fields, "isUploadGoods", "1", "0"),
        private_url: text("privateUrl"),
    }
}

pub(super) fn check_recharge(codec: &Sosopay, recharge: &Recharge) -> Result<(), OperationError> {
    if address::recharge(codec, "").is_none() {
        return Err(OperationError::MissingSetting {
            key: "gateway.paths.recharge",
            operation: "recharge",
        });
    }
    let phone = &recharge.phone;
    let digits = phone.bytes().all(|byte| byte.is_ascii_digit());
    if phone.len() != 11 || !digits || !phone.starts_with('1') {
        let expected = "a mobile number: 11 digits that start with 1";
        return Err(field::format("phoneNo", expected, phone).into());
    }
    let given = recharge.megabytes;
    if given == 0 || given > FLOW_MAX {
        return Err(FieldError::Count { field: "flowVal", min: 1, max: FLOW_MAX, given }.into());
    }
    if let FlowType::Unknown(_) = recharge.scope {
        return Err(field::format("flowType", "0 or 1", recharge.scope.text()).into());
    }
    if let Some(url) = &recharge.notify_url {
        field::text("notifyURL", url, 256)?;
        field::graphic("notifyURL", url)?;
    }
    Ok(())
}

/// JSON zh table 10.2, with its number. The address has a sign and nothing else, no `encrypt`
/// either, so the body is sent plain.
pub(super) fn recharge(
    codec: &Sosopay,
    recharge: &Recharge,
    stamp: Stamp,
) -> Result<HttpRequest, OperationError> {
    let mut fields = vec![
        ("phoneNo", Value::from(recharge.phone.as_str())),
        ("flowVal", Value::Number(recharge.megabytes)),
        ("flowType", recharge.scope.text().into()),
    ];
    if let Some(url) = &recharge.notify_url {
        fields.push(("notifyURL", url.as_str().into()));
    }
    let body = json::write_values(&fields);
    let sign = sign::of_json(&body, codec.key(), stamp);
    let Some(url) = address::recharge(codec, &sign) else {
        return Err(OperationError::MissingSetting {
            key: "gateway.paths.recharge",
            operation: "recharge",
        });
    };
    let headers = vec![("Content-Type", "application/json; charset=UTF-8".to_owned())];
    Ok(HttpRequest { method: Method::Post, url, headers, body })
}

/// JSON zh table 10.4. SUCCESS says that it was accepted; `status` says how far it is.
pub(super) fn recharged(
    codec: &Sosopay,
    recharge: &Recharge,
    tree: &Tree,
) -> Result<Answer, Failed> {
    success(tree)?;
    let flow = match tree {
        Tree::Object(fields) => {
            tree.object("flow").or_else(|| fields.values().find_map(|field| field.object("flow")))
        }
        Tree::Nothing | Tree::Text(_) | Tree::List(_) => None,
    };
    let Some(flow) = flow else {
        return Err(unreadable("the answer has no flow"));
    };
    let differs = |name: &str, ours: &str| flow.text(name).is_some_and(|text| text != ours);
    if differs("phoneNo", &recharge.phone) || differs("busiCode", &codec.merchant_id) {
        let text = format!("the answer is for another phone or merchant; {}", words_of(tree));
        return Err(unknown(DoubtKind::Mismatch, &text));
    }
    let megabytes = recharge.megabytes.to_string();
    if differs("flowVal", &megabytes) {
        return Err(unknown(DoubtKind::Mismatch, "the answer is for another amount of data"));
    }
    let Some(status) = flow.text("status").and_then(said::bounded) else {
        return Err(unreadable("the answer has no status"));
    };
    Ok(Answer::Recharge(Recharged {
        gateway_order: said::number(flow.text("orderID")),
        platform_order: said::number(flow.text("platOrderID")),
        status: RechargeStatus::read(&status),
        create_time: flow.text("creatTime").and_then(said::bounded),
    }))
}

//! Flow recharge (JSON zh §9.1 to §9.5): fields, answer, and the notification of its end.
//!
//! The answer's root is the sample's lower-case `result` beside `flow` (§9.5), always JSON. What is
//! sent to notifyURL is not documented; the answer is sent again, with the status it ended in.

use crate::{
    clock::{beijing_date, beijing_time},
    fault::Operation,
    gateway::Gateway,
    recharge::{Course, NewRecharge, Recharge},
    value::Value,
};

use super::{Refused, answer::refusal, request::Fields};

/// The fields of table 10.2.
pub(super) fn read(fields: &Fields, merchant: &str) -> Result<NewRecharge, Refused> {
    let phone = fields.required("phoneNo")?;
    let digits = phone.len() == 11 && phone.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || !phone.starts_with('1') {
        return Err(Refused::parameter("phoneNo应为11位手机号码"));
    }
    let megabytes = fields.required("flowVal")?.parse().ok().filter(|megabytes| *megabytes > 0);
    let flow_type = fields.text("flowType").unwrap_or("0");
    if !matches!(flow_type, "0" | "1") {
        return Err(Refused::parameter("flowType无效: 0全国 1省内"));
    }
    Ok(NewRecharge {
        merchant: merchant.to_owned(),
        phone: phone.to_owned(),
        megabytes: megabytes.ok_or_else(|| Refused::parameter("flowVal无效, 单位M"))?,
        flow_type: flow_type.to_owned(),
        notify_url: fields.text("notifyURL").map(str::to_owned),
    })
}

/// Takes a recharge in.
pub(super) fn perform(gateway: &mut Gateway, new: &NewRecharge, now_ms: u64) -> Value {
    let course = Course {
        start_ms: gateway.settings.recharge_start_ms,
        end_ms: gateway.settings.recharge_ms,
        fails: gateway.settings.recharges_fail,
    };
    match gateway.recharges.open(new.clone(), course, now_ms).cloned() {
        Some(recharge) => told(gateway, &recharge, now_ms),
        None => {
            let full = Refused::new("SERVICE_UNAVAILABLE", "服务不可用");
            refusal(Operation::Recharge, &full)
        }
    }
}

/// §9.5.
pub(super) fn told(gateway: &Gateway, recharge: &Recharge, now_ms: u64) -> Value {
    let wall_ms = gateway.wall_ms(recharge.at_ms);
    let date = beijing_date(wall_ms);
    let status = recharge.status(now_ms);
    let info = match status {
        2 => "充值完成",
        3 => "充值失败",
        _ => "充值流量请求提交成功，请等待最终结果",
    };
    let result = Value::object([("CODE", Value::text("SUCCESS")), ("INFO", Value::text(info))]);
    let flow = Value::object([
        ("id", Value::text(format!("{date}2{:011}", recharge.place))),
        ("phoneNo", Value::text(recharge.new.phone.clone())),
        ("flowVal", Value::number(i64::from(recharge.new.megabytes))),
        ("flowType", Value::text(recharge.new.flow_type.clone())),
        ("orderID", Value::text(recharge.order_id(&date))),
        ("platOrderID", Value::text(format!("CT_{date}{:06}", recharge.place))),
        ("creatTime", Value::text(beijing_time(wall_ms))),
        ("status", Value::text(status.to_string())),
        ("busiCode", Value::text(recharge.new.merchant.clone())),
    ]);
    Value::object([("result", result), ("flow", flow)])
}

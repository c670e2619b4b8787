//! The answers to an order that waits for its customer: the QR or link of order and wapOrder, the
//! six parameters of an official-account order, the Alipay number of creatOrder.
//!
//! JSON zh §3.6 and §4.5, en §5.5 and §6.5, XML v1 §3; MERCHANTPARA is given back by all of them
//! (tables 2.3, 4.2: 接口返回原样返回).

use crate::{
    gateway::Gateway,
    ledger::Order,
    sosopay::{Edition, Format, Way, sign::md5_hex},
    value::Value,
};

use super::{echoed, enclosed, result};

/// The service provider's official account, as §4.5's sample has it.
const APP_ID: &str = "wx77a451e8627239de";
/// What the simulated WeChat signs JSAPI parameters with. A terminal hands them on and cannot check
/// them.
const WECHAT_KEY: &str = "simulated-wechat-key";

/// The order exists and waits for its customer.
pub(crate) fn placed(gateway: &Gateway, format: Format, order: &Order, way: Way) -> Value {
    let mut fields = Vec::new();
    if way == Way::AlipayAccount {
        // en §5.5 has both, empty.
        fields.push(("BEGIN_TIME", Value::text("")));
        fields.push(("END_TIME", Value::text("")));
    }
    fields.push(result("SUCCESS", "请求成功!"));
    if format.edition == Edition::Json {
        fields.push(("CHARGE_CODE", Value::text(order.merchant_no.clone())));
    }
    fields.push(("CHARGE_DOWN_CODE", Value::text(order.gateway_no.clone())));
    if format.edition == Edition::Json {
        fields.extend(echoed(order, "MERCHANTPARA"));
    }
    let opened = order.qr.clone().unwrap_or_default();
    match way {
        Way::Scanned | Way::Native | Way::Wap => fields.push(("BAR_CODE", Value::text(opened))),
        Way::AlipayAccount => fields.push(("CHARGE_THIRD_CODE", Value::text(opened))),
        Way::Jsapi => fields.extend(jsapi(gateway, order, &opened)),
    }
    enclosed(way.operation(), fields)
}

/// The six parameters of §4.4, signed as WeChat's H5 interface signs them (§4.6).
fn jsapi(gateway: &Gateway, order: &Order, package: &str) -> [(&'static str, Value); 6] {
    // §4.5's sample shows milliseconds.
    let timestamp = gateway.wall_ms(order.created_at_ms).to_string();
    let nonce = md5_hex(&[b"nonce", order.gateway_no.as_bytes()]);
    let signed = format!(
        "appId={APP_ID}&nonceStr={nonce}&package={package}&signType=MD5&timeStamp={timestamp}\
         &key={WECHAT_KEY}"
    );
    [
        ("appId", Value::text(APP_ID)),
        ("timeStamp", Value::text(timestamp)),
        ("nonceStr", Value::text(nonce)),
        ("packageData", Value::text(package)),
        ("signType", Value::text("MD5")),
        ("sign", Value::text(md5_hex(&[signed.as_bytes()]).to_uppercase())),
    ]
}

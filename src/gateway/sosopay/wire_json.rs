//! JSON request bodies: the fields of JSON zh tables 2.3 and 3.3, in their order, unwrapped as in
//! the samples of §2.4 and §3.4.

use super::{Sosopay, channel_type};
use crate::gateway::json::{self, Value};
use crate::gateway::{Extras, FieldError};
use crate::payment::{CodeKind, Request, Sale};
use std::time::Duration;

/// A body's fields.
pub(super) type Fields = Vec<(&'static str, Value)>;

/// The body; none for what is asked with GET.
pub(super) fn body(
    codec: &Sosopay,
    request: &Request,
    extras: &Extras,
) -> Result<Option<Vec<u8>>, FieldError> {
    let mut fields = match request {
        Request::Pay { sale, code } => {
            let mut fields = head(codec, sale, extras, extras.life);
            fields.push(("CHANNEL_TYPE", "0".into()));
            fields.push(("DYNAMIC_ID_TYPE", dynamic_id_type(code.kind()).into()));
            fields.push(("DYNAMIC_ID", code.expose().into()));
            fields.push(("CHARGE_CODE", sale.order.as_str().into()));
            fields
        }
        Request::Precreate { sale, channel, life } => {
            let channel = channel_type(channel)?;
            let mut fields = head(codec, sale, extras, Some(time_expire(*life)));
            fields.push(("CHANNEL_TYPE", channel.text().into()));
            fields.push(("CHARGE_CODE", sale.order.as_str().into()));
            push_notify_url(&mut fields, codec);
            fields
        }
        Request::Query { .. } | Request::Cancel { .. } => return Ok(None),
    };
    tail(&mut fields, request.sale(), extras);
    Ok(Some(json::write_values(&fields)))
}

/// The fields that every order begins with.
pub(super) fn head(
    codec: &Sosopay,
    sale: &Sale,
    extras: &Extras,
    life: Option<Duration>,
) -> Fields {
    let mut fields = Fields::from([
        ("BUSI_ID", codec.merchant_id.as_str().into()),
        ("OPER_ID", sale.operator.as_str().into()),
        ("DEV_ID", codec.device.as_str().into()),
    ]);
    if let Some(para) = &extras.merchant_para {
        fields.push(("MERCHANTPARA", para.as_str().into()));
    }
    if let Some(store) = extras.store.as_ref().or(codec.store.as_ref()) {
        fields.push(("REGISTER_ID", store.as_str().into()));
    }
    fields.push(("AMT", sale.amount.yuan().into()));
    if let Some(life) = life {
        fields.push(("TIME_EXPIRE", life.as_secs().to_string().into()));
    }
    fields
}

/// `NODIFY_URL`, if there is one.
pub(super) fn push_notify_url(fields: &mut Fields, codec: &Sosopay) {
    if let Some(url) = &codec.notify_url {
        fields.push(("NODIFY_URL", url.as_str().into()));
    }
}

/// The fields that every order ends with.
pub(super) fn tail(fields: &mut Fields, sale: &Sale, extras: &Extras) {
    fields.push(("PAY_SUBJECT", sale.subject.as_str().into()));
    if !extras.goods.is_empty() {
        let goods = extras.goods.iter().map(|goods| goods.fields()).collect();
        fields.push(("GOODS_DETAIL", Value::Objects(goods)));
    }
    if let Some(code) = &extras.verify_code {
        fields.push(("verifyCodes", code.as_str().into()));
    }
}

/// `DYNAMIC_ID_TYPE`: "1条码 2声波 3 NFC".
pub(super) fn dynamic_id_type(kind: CodeKind) -> &'static str {
    match kind {
        CodeKind::Barcode => "1",
        CodeKind::Sonic => "2",
        CodeKind::Nfc => "3",
    }
}

/// `TIME_EXPIRE`: seconds, "不小于120". A shorter life is made 120: the machine cancels in time of
/// its own accord.
fn time_expire(life: Duration) -> Duration {
    life.max(crate::gateway::LIFE_MIN)
}

//! JSON request bodies: the fields of JSON zh tables 2.3 and 3.3, in their order, unwrapped as in
//! the samples of §2.4 and §3.4.

use super::{Sosopay, channel_type};
use crate::gateway::{FieldError, json};
use crate::payment::{CodeKind, Request, Sale};
use std::time::Duration;

/// The body; none for what is asked with GET.
pub(super) fn body(codec: &Sosopay, request: &Request) -> Result<Option<Vec<u8>>, FieldError> {
    match request {
        Request::Pay { sale, code } => {
            let amount = sale.amount.yuan();
            let mut fields = head(codec, sale, &amount);
            fields.push(("CHANNEL_TYPE", "0"));
            fields.push(("DYNAMIC_ID_TYPE", dynamic_id_type(code.kind())));
            fields.push(("DYNAMIC_ID", code.expose()));
            fields.push(("CHARGE_CODE", sale.order.as_str()));
            fields.push(("PAY_SUBJECT", &sale.subject));
            Ok(Some(json::write(&fields)))
        }
        Request::Precreate { sale, channel, life } => {
            let amount = sale.amount.yuan();
            let life = time_expire(*life);
            let channel = channel_type(channel)?;
            let mut fields = head(codec, sale, &amount);
            fields.push(("TIME_EXPIRE", &life));
            fields.push(("CHANNEL_TYPE", channel.text()));
            fields.push(("CHARGE_CODE", sale.order.as_str()));
            if let Some(url) = &codec.notify_url {
                fields.push(("NODIFY_URL", url));
            }
            fields.push(("PAY_SUBJECT", &sale.subject));
            Ok(Some(json::write(&fields)))
        }
        Request::Query { .. } | Request::Cancel { .. } => Ok(None),
    }
}

fn head<'a>(codec: &'a Sosopay, sale: &'a Sale, amount: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("BUSI_ID", codec.merchant_id.as_str()),
        ("OPER_ID", sale.operator.as_str()),
        ("DEV_ID", codec.device.as_str()),
    ];
    if let Some(store) = &codec.store {
        fields.push(("REGISTER_ID", store));
    }
    fields.push(("AMT", amount));
    fields
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
fn time_expire(life: Duration) -> String {
    life.as_secs().max(120).to_string()
}

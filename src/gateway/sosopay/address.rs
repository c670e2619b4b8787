//! The URLs: JSON zh §2.2, §3.2, §7.1, §8.1; XML v1 §2, §3, §6, §7.

use super::{Edition, Sosopay};
use crate::gateway::settings::ResponseFormat;
use crate::payment::Request;

/// The URL of a request. A query is not signed.
pub(super) fn url(codec: &Sosopay, request: &Request, sign: &str) -> String {
    let order = encoded(request.sale().order.as_str());
    let merchant = encoded(&codec.merchant_id);
    let path = match (request, codec.edition) {
        (Request::Pay { .. }, _) => "preOrder".to_owned(),
        (Request::Precreate { .. }, _) => "order".to_owned(),
        (Request::Query { .. }, Edition::Json) => format!("query/{order}/{merchant}"),
        (Request::Query { .. }, Edition::XmlV1) => format!("query/{order}/"),
        (Request::Cancel { .. }, _) => format!("cancelTrade/{order}/{merchant}"),
    };
    let mut query: Vec<(&str, String)> = Vec::new();
    match request {
        Request::Pay { .. } | Request::Precreate { .. } | Request::Cancel { .. } => {
            query.push(("sign", encoded(sign)));
        }
        Request::Query { .. } => {}
    }
    match codec.edition {
        Edition::Json => options(codec, request, &merchant, &mut query),
        Edition::XmlV1 => match request {
            Request::Query { .. } => query.extend([("BUSI_ID", merchant), ("CHARGE_CODE", order)]),
            Request::Pay { .. } | Request::Precreate { .. } | Request::Cancel { .. } => {}
        },
    }
    let query: Vec<String> = query.iter().map(|(name, text)| format!("{name}={text}")).collect();
    if query.is_empty() {
        return format!("{}/{path}", codec.base_url);
    }
    format!("{}/{path}?{}", codec.base_url, query.join("&"))
}

/// What the JSON editions add: the encoding and the encryption of the answer, the merchant. A query
/// leaves out `serType` and a cancel `opType`: our own number, and in real time.
fn options(codec: &Sosopay, request: &Request, busi: &str, query: &mut Vec<(&str, String)>) {
    match codec.response {
        ResponseFormat::Json => query.push(("_type", "json".to_owned())),
        ResponseFormat::Xml => {}
    }
    if codec.cipher.is_some() {
        query.push(("encrypt", "3DES".to_owned()));
    }
    match request {
        Request::Pay { .. } | Request::Precreate { .. } => {
            query.push(("busiCode", busi.to_owned()));
        }
        Request::Query { .. } | Request::Cancel { .. } => {}
    }
}

/// Percent-encodes all but RFC 3986's unreserved characters and ':', which a sign has and a path or
/// query may have (§3.3, §3.4).
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn what_would_end_a_segment_is_encoded() {
        assert_eq!(encoded("a/b?c&d=e f#达:1"), "a%2Fb%3Fc%26d%3De%20f%23%E8%BE%BE:1");
    }
}

//! The URLs: JSON zh §2.2, §3.2, §7.1, §8.1 (cancelTrade and flowRecharge), JSON en §9 (refund
//! query); XML v1 §2, §3, §6, §7; the configuration's for what no document places.

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
    written(&format!("{}/{path}", codec.base_url), &query)
}

/// The URL of a signed POST.
pub(super) fn post(codec: &Sosopay, path: &str, sign: &str) -> String {
    let mut query = vec![("sign", encoded(sign))];
    query.extend(format(codec));
    match codec.edition {
        Edition::Json => query.push(("busiCode", encoded(&codec.merchant_id))),
        Edition::XmlV1 => {}
    }
    written(&format!("{}/{path}", codec.base_url), &query)
}

/// The URL of an unsigned GET of the JSON editions.
pub(super) fn get(codec: &Sosopay, path: &[&str], more: &[(&'static str, &str)]) -> String {
    let segments: Vec<String> = path.iter().map(|segment| encoded(segment)).collect();
    let mut query = format(codec);
    query.extend(more.iter().map(|(name, text)| (*name, encoded(text))));
    written(&format!("{}/{}", codec.base_url, segments.join("/")), &query)
}

/// The URL of XML v1's query (§6), by whichever number.
pub(super) fn query_xml(codec: &Sosopay, number: &str) -> String {
    let (number, merchant) = (encoded(number), encoded(&codec.merchant_id));
    let query = [("BUSI_ID", merchant), ("CHARGE_CODE", number.clone())];
    written(&format!("{}/query/{number}/", codec.base_url), &query)
}

/// The URL of an operation that the configuration places.
pub(super) fn configured(codec: &Sosopay, path: &str) -> String {
    let base = match path.starts_with('/') {
        true => origin(&codec.base_url),
        false => codec.base_url.as_str(),
    };
    format!("{base}/{}", path.trim_start_matches('/'))
}

/// The URL of a recharge: "http://{service}/openGateway/platService/flowRecharge/{BUSICODE}?sign=s"
/// (JSON zh §8.1); nothing if the base URL has no `openService` to stand beside.
pub(super) fn recharge(codec: &Sosopay, sign: &str) -> Option<String> {
    let service = match &codec.paths.recharge {
        Some(path) => configured(codec, path),
        None => {
            let gateway = codec.base_url.strip_suffix("/openService")?;
            format!("{gateway}/platService/flowRecharge")
        }
    };
    let path = format!("{}/{}", service.trim_end_matches('/'), encoded(&codec.merchant_id));
    Some(written(&path, &[("sign", encoded(sign))]))
}

/// The scheme and host of a URL.
fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    let end = url.get(host..).and_then(|rest| rest.find('/')).map_or(url.len(), |at| host + at);
    url.get(..end).unwrap_or(url)
}

/// A URL with its query, percent-encoded already.
pub(super) fn written(url: &str, query: &[(&str, String)]) -> String {
    if query.is_empty() {
        return url.to_owned();
    }
    let query: Vec<String> = query.iter().map(|(name, text)| format!("{name}={text}")).collect();
    format!("{url}?{}", query.join("&"))
}

/// The encoding and the encryption that are asked for, which only the JSON editions know.
pub(super) fn format(codec: &Sosopay) -> Vec<(&'static str, String)> {
    let mut query = Vec::new();
    if codec.edition == Edition::XmlV1 {
        return query;
    }
    match codec.response {
        ResponseFormat::Json => query.push(("_type", "json".to_owned())),
        ResponseFormat::Xml => {}
    }
    if codec.cipher.is_some() {
        query.push(("encrypt", "3DES".to_owned()));
    }
    query
}

/// What the JSON editions add: the encoding and the encryption of the answer, the merchant. A query
/// leaves out `serType` and a cancel `opType`: our own number, and in real time.
fn options(codec: &Sosopay, request: &Request, busi: &str, query: &mut Vec<(&str, String)>) {
    query.extend(format(codec));
    match request {
        Request::Pay { .. } | Request::Precreate { .. } => {
            query.push(("busiCode", busi.to_owned()));
        }
        Request::Query { .. } | Request::Cancel { .. } => {}
    }
}

/// Percent-encodes all but RFC 3986's unreserved characters and ':', which a sign has and a path or
/// query may have (§3.3, §3.4).
pub(super) fn encoded(text: &str) -> String {
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

//! What is sent, byte for byte.
//!
//! The signs: `printf '%s' "$BODY$KEY" | md5sum` (Upay v2), `printf '%s' "$TS$KEY$CONTENT"
//! | md5sum` (SOSOPAY; JSON content without its spaces). The encrypted bodies:
//! `openssl enc -des-ede3 -base64 -A -K $(printf %s "$KEY" | xxd -p)`, and `-des-ede3-cbc -iv …`.

use crate::support::*;
use cashier::gateway::{
    CipherMode, CipherSettings, Gateway, HttpRequest, KeyEncoding, Kind, Method, OperatorField,
    ResponseFormat,
};
use cashier::payment::{CodeKind, Request};
use cashier::secret::Secret;
use std::time::Duration;

const BASE: &str = "https://gateway.example/openGateway/openService";

fn sent(kind: Kind, request: &Request) -> HttpRequest {
    gateway(kind).encode(request, AT).expect("a request that the gateway takes")
}

fn assert_sent(sent: &HttpRequest, method: Method, url: &str, body: &str) {
    assert_eq!(sent.method, method);
    assert_eq!(sent.url, format!("{BASE}/{url}"));
    assert_eq!(String::from_utf8_lossy(&sent.body), body.trim_end());
}

fn header<'a>(sent: &'a HttpRequest, name: &str) -> Option<&'a str> {
    sent.headers.iter().find(|(header, _)| *header == name).map(|(_, text)| text.as_str())
}

#[test]
fn upay_requests_are_the_documents_json_signed_in_a_header() {
    for (request, path, body, authorization) in [
        (pay(sale()), "pay", "request-pay", "1122234-dewls02s2 a14afadd12ab97c373fa0c6403e9fa46"),
        (
            precreate(sale()),
            "precreate",
            "request-precreate",
            "1122234-dewls02s2 67170dd979f53852c9720d00e953aaa5",
        ),
        (
            query(sale()),
            "query",
            "request-query",
            "1122234-dewls02s2 1d4d85e69584369ba5dd569daf2f3803",
        ),
        (
            cancel(sale()),
            "cancel",
            "request-query",
            "1122234-dewls02s2 1d4d85e69584369ba5dd569daf2f3803",
        ),
    ] {
        let sent = sent(Kind::Shouqianba, &request);
        let body = vector(&format!("upay/{body}.json"));
        assert_sent(&sent, Method::Post, &format!("upay/v2/{path}"), &body);
        assert_eq!(header(&sent, "Authorization"), Some(authorization));
        assert_eq!(header(&sent, "Content-Type"), Some("application/json"));
    }
}

#[test]
fn sosopay_json_posts_carry_their_sign_in_the_query_string() {
    let pay = sent(Kind::SosopayJson, &pay(sale()));
    let url =
        "preOrder?sign=dc5de82598d41d92edb680da68f8fd53:1473431447&_type=json&busiCode=0010000001";
    assert_sent(&pay, Method::Post, url, &vector("sosopay-json/request-preorder.json"));
    let order = sent(Kind::SosopayJson, &precreate(sale()));
    let url =
        "order?sign=2bd631e444e516db3f931cc94f3caf0b:1473431447&_type=json&busiCode=0010000001";
    assert_sent(&order, Method::Post, url, &vector("sosopay-json/request-order.json"));
}

#[test]
fn a_subject_with_spaces_is_signed_without_and_sent_with_them() {
    let mut sale = sale();
    sale.subject = "two coffees".to_owned();
    let sent = sent(Kind::SosopayJson, &pay(sale));
    assert!(sent.url.contains("sign=889c6ab83e080d7ae3afbd865b2258d0:1473431447&"), "{}", sent.url);
    assert!(String::from_utf8_lossy(&sent.body).contains("\"two coffees\""));
}

#[test]
fn sosopay_queries_are_unsigned_and_cancels_sign_their_parameters() {
    for (kind, request, url) in [
        (Kind::SosopayJson, query(sale()), format!("query/{ORDER}/{MERCHANT}?_type=json")),
        (
            Kind::SosopayJson,
            cancel(sale()),
            format!(
                "cancelTrade/{ORDER}/{MERCHANT}?sign=8f5e45e36c140a15958ef6a822049624:1473431447\
                 &_type=json"
            ),
        ),
        (
            Kind::SosopayXml,
            query(sale()),
            format!("query/{ORDER}/?BUSI_ID={MERCHANT}&CHARGE_CODE={ORDER}"),
        ),
        (
            Kind::SosopayXml,
            cancel(sale()),
            format!(
                "cancelTrade/{ORDER}/{MERCHANT}?sign=8f5e45e36c140a15958ef6a822049624:1473431447"
            ),
        ),
    ] {
        assert_sent(&sent(kind, &request), Method::Get, &url, "");
    }
}

#[test]
fn without_a_response_format_nothing_asks_for_one() {
    let mut settings = settings(Kind::SosopayJson);
    settings.response = ResponseFormat::Xml;
    let gateway = Gateway::new(settings).expect("whole settings");
    let sent = gateway.encode(&query(sale()), AT).expect("a query");
    assert_sent(&sent, Method::Get, &format!("query/{ORDER}/{MERCHANT}"), "");
}

#[test]
fn sosopay_xml_bodies_are_escaped_and_signed_as_they_stand() {
    let pay = sent(Kind::SosopayXml, &pay(sale()));
    let body = vector("sosopay-xml/request-preorder.xml");
    assert_sent(
        &pay,
        Method::Post,
        "preOrder?sign=dd0b671adedc48047f4467af9c678e27:1473431447",
        &body,
    );
    let mut settings = settings(Kind::SosopayXml);
    settings.operator_field = OperatorField::OperInfo;
    settings.notify_url = Some("https://till.example/n?a=1&b=2".to_owned());
    let mut sale = sale();
    sale.subject = "a <b> & c".to_owned();
    let gateway = Gateway::new(settings).expect("whole settings");
    let order = gateway.encode(&precreate(sale), AT).expect("an order");
    let body = vector("sosopay-xml/request-order.xml");
    assert_sent(
        &order,
        Method::Post,
        "order?sign=5c169f5417b8fecce79c96534285532f:1473431447",
        &body,
    );
}

fn encrypting(cipher: CipherSettings) -> Gateway {
    let mut settings = settings(Kind::SosopayJson);
    settings.encrypt = Some(cipher);
    Gateway::new(settings).expect("whole settings")
}

fn ciphers() -> [(CipherSettings, &'static str); 4] {
    let secret = |text: &str| Some(Secret::new(text.to_owned()));
    let (ecb, cbc) = (CipherMode::Ecb, CipherMode::Cbc);
    let cipher = |mode, key, encoding, iv| CipherSettings { mode, key, encoding, iv };
    [
        (cipher(ecb, None, KeyEncoding::Utf8, None), "ecb"),
        (cipher(ecb, secret("0123456789abcdef"), KeyEncoding::Utf8, None), "ecb-16"),
        (cipher(ecb, secret("MDEyMzQ1Njc4OWFiY2RlZg=="), KeyEncoding::Base64, None), "ecb-16"),
        (
            cipher(
                cbc,
                secret("366231623866326333643465356636303731383239336134"),
                KeyEncoding::Hex,
                secret("3031323334353637"),
            ),
            "cbc",
        ),
    ]
}

#[test]
fn with_encryption_the_plain_body_is_signed_and_the_sealed_one_sent() {
    for (cipher, name) in ciphers() {
        let sent = encrypting(cipher).encode(&pay(sale()), AT).expect("a request");
        let url = "preOrder?sign=dc5de82598d41d92edb680da68f8fd53:1473431447\
                   &_type=json&encrypt=3DES&busiCode=0010000001";
        let body = vector(&format!("sosopay-json/request-preorder.{name}.b64"));
        assert_sent(&sent, Method::Post, url, &body);
    }
}

#[test]
fn with_encryption_the_journal_gets_the_plain_body_with_the_code_masked() {
    for (cipher, name) in ciphers() {
        let sealed = vector(&format!("sosopay-json/request-preorder.{name}.b64"));
        let plain = vector("sosopay-json/request-preorder.json").replace(CODE, "28****4755");
        assert_eq!(encrypting(cipher).redact(sealed.as_bytes()), plain.trim_end());
    }
}

#[test]
fn a_base_url_without_its_last_slash_is_the_same() {
    for kind in Kind::ALL {
        let mut bare = settings(kind);
        bare.base_url = BASE.to_owned();
        let bare = Gateway::new(bare).expect("whole settings");
        for request in all(&sale()) {
            assert_eq!(bare.encode(&request, AT), gateway(kind).encode(&request, AT));
        }
    }
}

#[test]
fn a_merchant_id_cannot_break_out_of_its_place_in_a_url() {
    let mut settings = settings(Kind::SosopayJson);
    settings.merchant_id = "a/../b?c&d=#".to_owned();
    let gateway = Gateway::new(settings).expect("whole settings");
    let sent = gateway.encode(&query(sale()), AT).expect("a query");
    assert_eq!(sent.url, format!("{BASE}/query/{ORDER}/a%2F..%2Fb%3Fc%26d%3D%23?_type=json"));
}

#[test]
fn how_a_code_was_read_is_said() {
    for (kind, text, number) in
        [(CodeKind::Sonic, "sonic0001", "2"), (CodeKind::Nfc, "nfc0001", "3")]
    {
        let request = Request::Pay { sale: sale(), code: code(text, kind) };
        let body = sent(Kind::SosopayJson, &request).body;
        let said = format!("\"DYNAMIC_ID_TYPE\":\"{number}\",\"DYNAMIC_ID\":\"{text}\"");
        assert!(String::from_utf8_lossy(&body).contains(&said));
    }
}

#[test]
fn a_qr_lives_at_least_two_minutes() {
    for (seconds, said) in [(30, "120"), (120, "120"), (121, "121"), (3600, "3600")] {
        let channel = cashier::payment::Channel::Alipay;
        let life = Duration::from_secs(seconds);
        let request = Request::Precreate { sale: sale(), channel, life };
        let body = sent(Kind::SosopayJson, &request).body;
        let said = format!("\"TIME_EXPIRE\":\"{said}\"");
        assert!(String::from_utf8_lossy(&body).contains(&said));
    }
}

#[test]
fn i17_neither_key_nor_code_nor_sign_is_shown_by_debug() {
    for kind in Kind::ALL {
        for request in all(&sale()) {
            let sent = sent(kind, &request);
            let shown = format!("{:?} {sent:?} {request:?} {:?}", gateway(kind), settings(kind));
            let sign = sent.url.split("sign=").nth(1).unwrap_or("no sign here");
            let authorization = header(&sent, "Authorization").unwrap_or("no header here");
            for secret in [KEY, CODE, sign, authorization] {
                assert!(!shown.contains(secret), "{shown}");
            }
            assert!(!sent.url.contains(KEY) && !sent.url.contains(CODE), "{}", sent.url);
            assert!(!String::from_utf8_lossy(&sent.body).contains(KEY));
        }
    }
}

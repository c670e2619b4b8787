//! `encrypt=3DES` of refunds and one-shot operations: the sign is over the plain body, the body is
//! sealed, and what comes back plain proves nothing (JSON zh table 2.2).
//!
//! `openssl enc -des-ede3 -base64 -A -K $(printf %s "$KEY" | xxd -p)`; the signs as in
//! `requests.rs`.

use crate::operations::{login, recharge};
use crate::refunds_sosopay::sample_refund;
use crate::support::*;
use cashier::gateway::{Answer, CipherMode, CipherSettings, Gateway, KeyEncoding, Kind, Operation};

fn encrypting() -> Gateway {
    let mut settings = settings(Kind::SosopayJson);
    let (mode, encoding) = (CipherMode::Ecb, KeyEncoding::Utf8);
    settings.encrypt = Some(CipherSettings { mode, key: None, encoding, iv: None });
    settings.paths.login = Some("login".to_owned());
    Gateway::new(settings).expect("whole settings")
}

fn sealed(name: &str) -> String {
    vector(&format!("sosopay-json/{name}.ecb.b64")).trim_end().to_owned()
}

#[test]
fn a_refund_is_signed_first_and_sealed_then() {
    let sent = encrypting().encode_refund(&apply(0), AT).expect("a refund");
    let query = "sign=dc5ae445c3b5f913ba08746cf648aadf:1473431447&_type=json&encrypt=3DES";
    assert!(sent.url.ends_with(&format!("/refund?{query}&busiCode={MERCHANT}")), "{}", sent.url);
    assert_eq!(String::from_utf8_lossy(&sent.body), sealed("request-refund"));
    let asked = encrypting().encode_refund(&refund_query(0), AT).expect("a query");
    assert!(asked.url.ends_with("?_type=json&encrypt=3DES"), "{}", asked.url);
}

#[test]
fn a_sealed_answer_proves_a_refund_and_a_plain_one_does_not() {
    let request = sample_refund("20170622100000235526", 0);
    let verdict = encrypting().decode_refund(&request, &ok(sealed("answer-refund-query")));
    assert_eq!(short_refund(&verdict), "refunded");
    let plain = vector("sosopay-json/en-10.3-refund-query.json");
    let verdict = encrypting().decode_refund(&request, &ok(plain));
    assert_eq!(short_refund(&verdict), "unknown unreadable");
    let verdict =
        gateway(Kind::SosopayJson).decode_refund(&request, &ok(sealed("answer-refund-query")));
    assert_eq!(short_refund(&verdict), "unknown unreadable");
}

#[test]
fn a_login_is_sealed_both_ways() {
    let operation = Operation::Login(login());
    let sent = encrypting().encode_operation(&operation, AT).expect("a login");
    assert_eq!(String::from_utf8_lossy(&sent.body), sealed("request-login"));
    assert!(!encrypting().redact(&sent.body).contains("pass word"));
    let answer = encrypting().decode_operation(&operation, &ok(sealed("answer-login")));
    assert!(matches!(answer, Ok(Answer::Login(_))), "{answer:?}");
    let plain = ok(vector("sosopay-json/sdk-login.json"));
    let answer = encrypting().decode_operation(&operation, &plain);
    assert_eq!(short_answer(&answer), "unknown unreadable");
}

/// Its address has no `encrypt` (JSON zh §9.1).
#[test]
fn a_recharge_is_plain_whatever_was_agreed() {
    let operation = Operation::Recharge(recharge());
    let sent = encrypting().encode_operation(&operation, AT).expect("a recharge");
    assert!(!sent.url.contains("encrypt"), "{}", sent.url);
    let body = String::from_utf8(sent.body).expect("text");
    assert_eq!(body, vector("sosopay-json/request-recharge.json").trim_end());
    let answer = vector("sosopay-json/zh-9.5-recharge.json")
        .replace("13857142493", "13812345678")
        .replace("\"flowVal\": 10,", "\"flowVal\": 100,");
    let answer = encrypting().decode_operation(&operation, &ok(answer));
    assert!(matches!(answer, Ok(Answer::Recharge(_))), "{answer:?}");
}

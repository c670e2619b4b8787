//! Notifications: what is taken, what is refused, what is answered (I13).
//!
//! Signs: `printf '%s' "$TS$KEY$CONTENT" | md5sum`, CONTENT without its spaces and line breaks for
//! JSON. The forged and the stripped ones are made by `signed`, which the vectors check.

use crate::support::*;
use cashier::gateway::operation::Bill;
use cashier::gateway::sosopay::dictionary::{FundChannel, State};
use cashier::gateway::{
    BODY_LEN_MAX, CipherMode, CipherSettings, Gateway, KeyEncoding, Kind, Notification, Refused,
    ResponseFormat, TreeError,
};
use cashier::money::Fen;
use cashier::payment::Channel;
use md5::{Digest, Md5};
use proptest::prelude::*;

const TS: &str = "1473431447";
const SAMPLE_ORDER: &str = "1C88FADB-75D2-4517-9C38-F273D423FFF3";

fn signed_with(key: &str, content: &[u8]) -> String {
    let digest = Md5::new().chain_update(TS).chain_update(key).chain_update(content).finalize();
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("_type=json&sign={hex}:{TS}")
}

fn signed(content: &[u8]) -> String {
    signed_with(KEY, content)
}

fn without(body: &str, strip: &[char]) -> Vec<u8> {
    body.replace(strip, "").into_bytes()
}

/// As JSON's gateway signs.
fn json_query(body: &str) -> String {
    signed(&without(body, &[' ', '\t', '\r', '\n']))
}

fn taken(kind: Kind, query: &str, body: &str) -> Result<Notification, Refused> {
    gateway(kind).decode_notification(query, body.as_bytes())
}

/// The sample, for an order that we could have made.
fn sample() -> String {
    vector("sosopay-json/zh-5.3-notification.json").replace(SAMPLE_ORDER, ORDER)
}

#[test]
fn json_zh_5_3_the_samples_sign_is_right_and_its_order_is_none_of_ours() {
    for (name, md5) in [
        ("zh-5.3-notification", "d53c6a92b27f93ff5b2218cc211da05a"),
        ("en-7.3-notification", "630c8c71875b9f8804772ea0a4d1b240"),
    ] {
        let body = vector(&format!("sosopay-json/{name}.json"));
        let query = format!("_type=json&sign={md5}:{TS}");
        // A number of 36 characters: we make them of 32 at most.
        let refused = taken(Kind::SosopayJson, &query, &body);
        assert_eq!(refused, Err(Refused::Field("CHARGE_CODE")));
        assert_eq!(json_query(&body), query);
    }
}

#[test]
fn json_zh_5_2_every_field_is_read() {
    let body = sample();
    let notification = taken(Kind::SosopayJson, &json_query(&body), &body).expect("a notification");
    assert_eq!(notification.order.as_str(), ORDER);
    assert_eq!(notification.amount, Fen::new(1));
    assert_eq!(notification.state, Some(State::Paid));
    assert_eq!(notification.channel, Channel::Alipay);
    assert_eq!(notification.gateway_order.as_deref(), Some("20151123100000095182"));
    assert_eq!(notification.merchant_para.as_deref(), Some("111111111111111111111111"));
    let bill = Bill { channel: FundChannel::AlipayBalance, amount: Some(Fen::new(1)) };
    assert_eq!(notification.bills, [bill]);
    assert_eq!(notification.error, None);
}

#[test]
fn xml_v1_4_every_field_is_read() {
    let body = vector("sosopay-xml/v1-4-notification.xml");
    // XML v1 signs the body as it stands.
    let query = format!("sign=2697086314723d03ac331011b6de5071:{TS}");
    let notification = taken(Kind::SosopayXml, &query, &body).expect("a notification");
    assert_eq!(notification.order.as_str(), "20150324001069125999");
    assert_eq!(notification.amount, Fen::new(120));
    assert_eq!(notification.state, Some(State::Paid));
    assert_eq!(notification.trade_no.as_deref(), Some("2015030821001004510081795226"));
    let stripped = format!("sign=60f174b8c8880c1305c4e5e51041d89a:{TS}");
    assert!(taken(Kind::SosopayXml, &stripped, &body).is_ok());
    let failed = body
        .replace("<CHARGE_STATE>1<", "<CHARGE_STATE>6<")
        .replace("<ERR_CODE/>", "<ERR_CODE>E1</ERR_CODE>")
        .replace("<ERR_INFO/>", "<ERR_INFO>closed</ERR_INFO>");
    let notification =
        taken(Kind::SosopayXml, &signed(failed.as_bytes()), &failed).expect("a notification");
    assert_eq!(notification.state, Some(State::Closed));
    assert_eq!(notification.error.as_deref(), Some("E1: closed"));
}

#[test]
fn an_xml_notification_of_a_json_gateway_is_in_fen() {
    let body = vector("sosopay-xml/v1-4-notification.xml").replace("<AMT>1.2<", "<AMT>120<");
    let notification = taken(Kind::SosopayJson, &json_query(&body), &body).expect("a notification");
    assert_eq!(notification.amount, Fen::new(120));
}

#[test]
fn a_sign_may_be_over_the_body_without_backslashes() {
    let body = sample().replace("\"TEST1\"", "\"TE\\/ST\"");
    for strip in [vec!['\\'], vec![' ', '\t', '\r', '\n', '\\'], vec![]] {
        let query = signed(&without(&body, &strip));
        assert!(taken(Kind::SosopayJson, &query, &body).is_ok(), "{strip:?}");
    }
}

#[test]
fn a_sign_may_be_written_in_other_ways() {
    let body = sample();
    let query = json_query(&body);
    for query in [
        query.replace(':', "%3A"),
        query.replace(':', "%3a"),
        query.replace("_type=json&", ""),
        format!("shop=7&{query}&x"),
        query.to_uppercase().replace("SIGN=", "sign="),
    ] {
        assert!(taken(Kind::SosopayJson, &query, &body).is_ok(), "{query}");
    }
}

#[test]
fn what_is_not_signed_with_our_key_is_refused() {
    let body = sample();
    let query = json_query(&body);
    let (_, sign) = query.split_once("sign=").expect("a sign");
    for (query, refusal) in [
        (String::new(), Refused::Unsigned),
        ("_type=json".to_owned(), Refused::Unsigned),
        ("sign=".to_owned(), Refused::Unsigned),
        ("sign=abc:1".to_owned(), Refused::Unsigned),
        (format!("sign={}", sign.replace(':', "")), Refused::Unsigned),
        (format!("sign={}", sign.replace(":1", ":-1")), Refused::Unsigned),
        (format!("sign={}", sign.replace(TS, "")), Refused::Unsigned),
        (format!("sign={}", sign.replace(TS, &"9".repeat(30))), Refused::Unsigned),
        (format!("sign={sign}&sign={sign}"), Refused::Unsigned),
        (format!("SIGN={sign}"), Refused::Unsigned),
        (format!("sign={}", sign.replace(TS, "1473431448")), Refused::BadSign),
        (format!("sign={}", sign.replace(TS, "01473431447")), Refused::BadSign),
        (signed_with("another", &without(&body, &[' ', '\n'])), Refused::BadSign),
        (format!("sign={}:{TS}", "0".repeat(32)), Refused::BadSign),
    ] {
        assert_eq!(taken(Kind::SosopayJson, &query, &body), Err(refusal), "{query}");
    }
    for changed in [
        body.replace("\"AMT\": 1,", "\"AMT\": 2,"),
        body.replace(ORDER, "1763640000123ABCDEFGI"),
        body.replace("\"STATE\": 1,", "\"STATE\": 5,"),
    ] {
        assert_eq!(taken(Kind::SosopayJson, &query, &changed), Err(Refused::BadSign));
    }
}

#[test]
fn a_request_of_ours_that_is_played_back_is_no_notification() {
    let json = gateway(Kind::SosopayJson);
    for request in [pay(sale()), precreate(sale())] {
        let sent = json.encode(&request, AT).expect("a request");
        let (_, query) = sent.url.split_once('?').expect("a query");
        let refused = json.decode_notification(query, &sent.body);
        assert_eq!(refused, Err(Refused::NotANotification));
    }
    let refund = json.encode_refund(&apply(0), AT).expect("a refund");
    let (_, query) = refund.url.split_once('?').expect("a query");
    let refused = json.decode_notification(query, &refund.body);
    assert_eq!(refused, Err(Refused::NotANotification));
    let xml = gateway(Kind::SosopayXml);
    let sent = xml.encode(&precreate(sale()), AT).expect("a request");
    let (_, query) = sent.url.split_once('?').expect("a query");
    assert_eq!(xml.decode_notification(query, &sent.body), Err(Refused::NotANotification));
}

#[test]
fn what_must_be_there_must_be_there() {
    let body = sample();
    for (right, wrong, refusal) in [
        ("\"0010000001\"", "\"0010000002\"", Refused::OtherMerchant),
        ("\"BUSI_ID\"", "\"BUSI\"", Refused::OtherMerchant),
        ("\"CHARGE_CODE\"", "\"CHARGE\"", Refused::Field("CHARGE_CODE")),
        ("\"AMT\": 1", "\"AMT\": 0.01", Refused::Field("AMT")),
        ("\"AMT\": 1", "\"AMT\": -1", Refused::Field("AMT")),
        ("\"AMT\": 1", "\"AMT\": {}", Refused::Field("AMT")),
        ("\"STATE\": 1", "\"STATE\": 1, \"CHARGE_STATE\": 2", Refused::Field("STATE")),
        ("\"AMT\": 1", "\"AMT\": 1, \"AMT\": 2", Refused::Unreadable(TreeError::Duplicate)),
        ("\"PAY_NODIFY\"", "\"ORDER_RESP\"", Refused::NotANotification),
    ] {
        let body = body.replace(right, wrong);
        assert_eq!(taken(Kind::SosopayJson, &json_query(&body), &body), Err(refusal), "{wrong}");
    }
}

#[test]
fn what_may_be_missing_or_of_another_type_may_be() {
    for (right, other) in [
        ("\"CHARGE_DOWN_CODE\"", "\"x\""),
        ("\"CHANNEL_TYPE\": 1", "\"CHANNEL_TYPE\": \"99\""),
        ("\"STATE\": 1", "\"STATE\": \"1\""),
        ("\"STATE\": 1", "\"x\": 1"),
        ("\"AMT\": 1", "\"AMT\": \"1\""),
        ("\"FUND_BILL_LIST\"", "\"x\""),
        ("\"MERCHANTPARA\"", "\"x\""),
        ("\"PAY_NODIFY\": {", "\"PAY_NODIFY\": { \"extra\": [[1], {}],"),
    ] {
        let body = sample().replace(right, other);
        assert!(taken(Kind::SosopayJson, &json_query(&body), &body).is_ok(), "{other}");
    }
    let body = sample()
        .replace("\"TRADEFUNDBILL\": [", "\"TRADEFUNDBILL\": ")
        .replace("                }\n            ]", "                }");
    let notification = taken(Kind::SosopayJson, &json_query(&body), &body).expect("one object");
    assert_eq!(notification.bills.len(), 1);
}

fn encrypting() -> Gateway {
    let mut settings = settings(Kind::SosopayJson);
    let (mode, encoding) = (CipherMode::Ecb, KeyEncoding::Utf8);
    settings.encrypt = Some(CipherSettings { mode, key: None, encoding, iv: None });
    Gateway::new(settings).expect("whole settings")
}

/// `openssl enc -des-ede3 -base64 -A -K $(printf %s "$KEY" | xxd -p)` of [`PLAIN`].
const SEALED: &str = "HZ2J7XeAeOdXVJT3pcQrIET0nyQiHxDMP5eywuzqO9F2BtiP/vEYikUivHhJTFuOUFTFYigqL0kal1QwQjbLEnXLA31YMKMg/LlLwFwOcDEJb+9LoYwYaNoMv66W78y+";
const PLAIN: &str = r#"{"PAY_NODIFY":{"BUSI_ID":"0010000001","CHARGE_CODE":"1763640000123ABCDEFGH","AMT":1,"STATE":1}}"#;

#[test]
fn an_encrypted_notification_is_decrypted_and_its_sign_is_over_the_plain_body() {
    let query = format!("{}&encrypt=3DES", signed(PLAIN.as_bytes()));
    let sealed = SEALED.as_bytes();
    let notification = encrypting().decode_notification(&query, sealed).expect("a notification");
    assert_eq!(notification.order.as_str(), ORDER);
    let over_sealed = signed(sealed);
    assert_eq!(encrypting().decode_notification(&over_sealed, sealed), Err(Refused::BadSign));
    // As agreed, or not at all.
    let plain = encrypting().decode_notification(&query, PLAIN.as_bytes());
    assert_eq!(plain, Err(Refused::Encryption));
    let sealed_for_none = gateway(Kind::SosopayJson).decode_notification(&query, sealed);
    assert_eq!(sealed_for_none, Err(Refused::Encryption));
    for broken in ["", "x", "AAAA", "QUJDREVGR0g="] {
        let refused = encrypting().decode_notification(&query, broken.as_bytes());
        assert_eq!(refused, Err(Refused::Encryption), "{broken}");
    }
}

#[test]
fn the_address_tells_the_gateway_how_to_write() {
    let address = |response, encrypts: bool, kind, url: &str| {
        let mut settings = if encrypts { settings(Kind::SosopayJson) } else { settings(kind) };
        settings.response = response;
        settings.notify_url = Some(url.to_owned());
        if encrypts {
            let (mode, encoding) = (CipherMode::Ecb, KeyEncoding::Utf8);
            settings.encrypt = Some(CipherSettings { mode, key: None, encoding, iv: None });
        }
        let gateway = Gateway::new(settings).expect("whole settings");
        let sent = gateway.encode(&precreate(sale()), AT).expect("an order");
        let plain = match encrypts {
            true => gateway.redact(&sent.body),
            false => String::from_utf8(sent.body).expect("text"),
        };
        let end = |text: &str| text.find(['"', '<']).unwrap_or(text.len());
        let start = plain.find("https://till").expect("an address");
        let rest = &plain[start..];
        rest[..end(rest)].to_owned()
    };
    let url = "https://till.example/n";
    let (json, xml) = (ResponseFormat::Json, ResponseFormat::Xml);
    let json_kind = Kind::SosopayJson;
    assert_eq!(address(json, false, json_kind, url), format!("{url}?_type=json"));
    assert_eq!(address(xml, false, json_kind, url), url);
    assert_eq!(address(json, true, json_kind, url), format!("{url}?_type=json&encrypt=3DES"));
    assert_eq!(address(xml, true, json_kind, url), format!("{url}?encrypt=3DES"));
    let with_query = "https://till.example/n?shop=7";
    assert_eq!(address(json, false, json_kind, with_query), format!("{with_query}&_type=json"));
    assert_eq!(address(json, false, Kind::SosopayXml, url), url);
}

#[test]
fn each_edition_is_answered_in_its_own_way() {
    let text = |kind, ok| {
        let (content_type, body) = gateway(kind).notification_answer(ok);
        (content_type, String::from_utf8(body).expect("text"))
    };
    let plain = "text/plain; charset=UTF-8";
    assert_eq!(text(Kind::SosopayJson, true), (plain, "SUCCESS".to_owned()));
    assert_eq!(text(Kind::SosopayJson, false), (plain, "FAIL".to_owned()));
    let xml = |word: &str| {
        let body =
            format!("<PAY_NODIFY_RESP><NODIFY_SUCCESS>{word}</NODIFY_SUCCESS></PAY_NODIFY_RESP>");
        ("application/xml; charset=UTF-8", body)
    };
    assert_eq!(text(Kind::SosopayXml, true), xml("SUCCESS"));
    assert_eq!(text(Kind::SosopayXml, false), xml("FAIL"));
}

#[test]
fn upay_sends_no_notifications() {
    let body = sample();
    let refused = taken(Kind::Shouqianba, &json_query(&body), &body);
    assert_eq!(refused, Err(Refused::NoNotifications));
}

#[test]
fn i15_what_is_too_large_is_not_read() {
    let query = json_query("");
    let large = "x".repeat(BODY_LEN_MAX + 1);
    assert_eq!(taken(Kind::SosopayJson, &query, &large), Err(Refused::TooLarge));
    let query = "a".repeat(5000);
    assert_eq!(taken(Kind::SosopayJson, &query, ""), Err(Refused::TooLarge));
}

#[test]
fn i17_a_refusal_says_nothing_of_the_key_or_the_body() {
    let body = sample();
    let refused = taken(Kind::SosopayJson, &format!("sign={}:1", "0".repeat(32)), &body);
    let text = format!("{refused:?}");
    assert!(!text.contains(KEY) && !text.contains(ORDER), "{text}");
}

proptest! {
    #[test]
    fn i15_no_notification_panics_and_none_unsigned_is_taken(
        query in ".{0,200}", body in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        for kind in Kind::ALL {
            prop_assert!(gateway(kind).decode_notification(&query, &body).is_err());
        }
        prop_assert!(encrypting().decode_notification(&query, &body).is_err());
    }

    #[test]
    fn i15_no_signed_bytes_panic(body in prop::collection::vec(any::<u8>(), 0..600)) {
        for kind in Kind::ALL {
            let _ = gateway(kind).decode_notification(&signed(&body), &body);
        }
    }

    #[test]
    fn a_changed_body_is_refused(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let body = sample();
        let query = json_query(&body);
        let mut bytes = body.clone().into_bytes();
        let at = at.index(bytes.len());
        let was = std::mem::replace(&mut bytes[at], byte);
        let is_space = |byte: u8| b" \t\r\n\\".contains(&byte);
        prop_assume!(was != byte && !(is_space(was) || is_space(byte)));
        let taken = gateway(Kind::SosopayJson).decode_notification(&query, &bytes);
        prop_assert!(matches!(taken, Err(Refused::BadSign | Refused::Encryption)), "{:?}", taken);
    }
}

//! Upay's terminals: activation, check-in with key rotation, revoke, and the optional fields.

mod wire;

use serde_json::{Value, json};
use simulator::{Behaviour, Control, Fault, FaultRule, Kind, Operation, Settings, Simulator};
use wire::*;

const ALIPAY: &str = "284214903060794755";
const VENDOR: (&str, &str) = ("91800129", "demo-key-of-the-vendor");

async fn gateway() -> (Simulator, Control) {
    let gateway = start(settings(Kind::Shouqianba)).await;
    let control = gateway.control();
    (gateway, control)
}

/// A call signed by anyone, with any key.
fn signed(path: &str, (signer, key): (&str, &str), body: &str) -> Vec<u8> {
    let sign = md5_hex(format!("{body}{key}").as_bytes());
    request("POST", path, &format!("Authorization: {signer} {sign}\r\n"), body.as_bytes())
}

async fn call(gateway: &Simulator, path: &str, signer: (&str, &str), body: &Value) -> Value {
    send(gateway.address(), &signed(path, signer, &body.to_string())).await.json()
}

/// Number and key of an answer.
fn credentials(answer: &Value) -> (String, String) {
    let business = &answer["biz_response"];
    let text =
        |name: &str| business[name].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
    (text("terminal_sn"), text("terminal_key"))
}

fn named(terminal: &str) -> Value {
    json!({"terminal_sn": terminal, "client_sn": "x"})
}

async fn is_known(gateway: &Simulator, terminal: &str, key: &str) -> bool {
    let answer = call(gateway, "/upay/v2/query", (terminal, key), &named(terminal)).await;
    match answer["result_code"].as_str() {
        Some("200") => true,
        _ => {
            assert_eq!(answer["error_code"], "ILLEGAL_SIGN", "{answer}");
            false
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_vendor_makes_a_terminal_that_sells() {
    let (gateway, control) = gateway().await;
    let body = json!({"app_id": "app", "code": "52186362", "device_id": "box-1", "name": "till"});
    let answer = call(&gateway, "/terminal/activate", VENDOR, &body).await;
    assert_eq!(answer["result_code"], "200");
    let (sn, key) = credentials(&answer);
    let pay = upay_pay("a", "100", ALIPAY).replace(TERMINAL, &sn);
    let bytes = signed("/upay/v2/pay", (&sn, &key), &pay);
    let sold = send(gateway.address(), &bytes).await.json();
    assert_eq!(sold["biz_response"]["data"]["terminal_sn"], sn);
    assert_eq!(control.ledger_total_fen(), 100);

    // The answer was lost: the same code and device find the same terminal.
    let (again, fresh) = credentials(&call(&gateway, "/terminal/activate", VENDOR, &body).await);
    assert_eq!(again, sn);
    assert!(is_known(&gateway, &sn, &key).await);
    assert!(is_known(&gateway, &sn, &fresh).await);
    assert!(!is_known(&gateway, &sn, &key).await);
    assert_eq!(control.terminals()[1].device_id.as_deref(), Some("box-1"));
}

#[tokio::test(start_paused = true)]
async fn an_activation_is_refused_for_its_sign_code_device_or_fields() {
    let (gateway, control) = gateway().await;
    let good = json!({"code": "52186362", "device_id": "box-1"});
    for (signer, body, code) in [
        (("91800129", KEY), good.clone(), "ILLEGAL_SIGN"),
        (("stranger", VENDOR.1), good.clone(), "ILLEGAL_SIGN"),
        ((TERMINAL, KEY), good.clone(), "ILLEGAL_SIGN"),
        (VENDOR, json!({"code": "1", "device_id": "box-1"}), "INVALID_PARAMS"),
        (VENDOR, json!({"code": "52186362"}), "INVALID_PARAMS"),
        (VENDOR, json!({"device_id": "box-1"}), "INVALID_PARAMS"),
        (VENDOR, json!({"code": 52_186_362, "device_id": "box-1"}), "INVALID_PARAMS"),
        (VENDOR, json!({"code": "52186362", "device_id": "x".repeat(33)}), "INVALID_PARAMS"),
    ] {
        let answer = call(&gateway, "/terminal/activate", signer, &body).await;
        assert_eq!(
            (&answer["result_code"], &answer["error_code"]),
            (&json!("400"), &json!(code)),
            "{body}"
        );
    }
    assert_eq!(control.terminals().len(), 1);
    call(&gateway, "/terminal/activate", VENDOR, &good).await;
    let other = json!({"code": "52186362", "device_id": "box-2"});
    let taken = call(&gateway, "/terminal/activate", VENDOR, &other).await;
    assert_eq!(taken["error_code"], "INVALID_PARAMS");
    assert_eq!(get(gateway.address(), "/terminal/activate").await.status, 405);

    let nobody = start(Settings { vendor: None, ..settings(Kind::Shouqianba) }).await;
    let answer = call(&nobody, "/terminal/activate", VENDOR, &good).await;
    assert_eq!(answer["error_code"], "ILLEGAL_SIGN");
}

#[tokio::test(start_paused = true)]
async fn a_key_rotates_and_a_lost_answer_is_recovered_with_the_old_one() {
    let (gateway, control) = gateway().await;
    let body = json!({"terminal_sn": TERMINAL, "device_id": "box-1"});
    control.inject(FaultRule::nth(Operation::Checkin, 1, Fault::DropAnswer));
    let bytes = signed("/terminal/checkin", (TERMINAL, KEY), &body.to_string());
    assert!(exchange(gateway.address(), &bytes).await.0.is_empty());
    let lost = control.terminals()[0].next_key.clone().unwrap();
    assert!(is_known(&gateway, TERMINAL, KEY).await);

    let answer = call(&gateway, "/terminal/checkin", (TERMINAL, KEY), &body).await;
    let (sn, next) = credentials(&answer);
    assert_eq!(sn, TERMINAL);
    assert_eq!(answer["biz_response"]["data"], Value::Null);
    assert!(![KEY, &lost].contains(&next.as_str()));
    assert!(!is_known(&gateway, TERMINAL, &lost).await);
    assert!(is_known(&gateway, TERMINAL, KEY).await, "the new key was not used yet");
    // A call that never reached the gateway's books does not end the old key.
    control.inject(FaultRule::nth(Operation::Query, 1, Fault::DropRequest));
    let bytes = signed("/upay/v2/query", (TERMINAL, &next), &named(TERMINAL).to_string());
    exchange(gateway.address(), &bytes).await.1.unwrap();
    assert!(is_known(&gateway, TERMINAL, KEY).await);
    assert!(is_known(&gateway, TERMINAL, &next).await);
    assert!(!is_known(&gateway, TERMINAL, KEY).await, "its first use ended the old one");
    assert_eq!(control.terminals()[0].next_key, None);
}

#[tokio::test(start_paused = true)]
async fn a_checkin_is_bound_to_its_device_and_terminal() {
    let (gateway, _) = gateway().await;
    let body = json!({"terminal_sn": TERMINAL, "device_id": "box-1"});
    for (signer, body, code) in [
        ((TERMINAL, "other"), body.clone(), "ILLEGAL_SIGN"),
        (("stranger", KEY), body.clone(), "INVALID_TERMINAL"),
        ((TERMINAL, KEY), json!({"terminal_sn": TERMINAL}), "INVALID_PARAMS"),
        ((TERMINAL, KEY), json!({"terminal_sn": "x", "device_id": "d"}), "INVALID_TERMINAL"),
    ] {
        let answer = call(&gateway, "/terminal/checkin", signer, &body).await;
        assert_eq!(answer["error_code"], code, "{body}");
    }
    assert_eq!(
        call(&gateway, "/terminal/checkin", (TERMINAL, KEY), &body).await["result_code"],
        "200"
    );
    let moved = json!({"terminal_sn": TERMINAL, "device_id": "box-2"});
    let answer = call(&gateway, "/terminal/checkin", (TERMINAL, KEY), &moved).await;
    assert_eq!(answer["error_code"], "INVALID_TERMINAL");
}

#[tokio::test(start_paused = true)]
async fn a_revoke_reverses_by_either_number_and_is_refused_like_a_cancel() {
    let (gateway, control) = gateway().await;
    let at = gateway.address();
    upay(at, "pay", &upay_pay("a", "100", ALIPAY)).await;
    let by_sn = format!(r#"{{"terminal_sn":"{TERMINAL}","sn":"7894259200000000"}}"#);
    let done = upay(at, "revoke", &by_sn).await;
    assert_eq!(done["biz_response"]["result_code"], "CANCEL_SUCCESS");
    assert_eq!(done["biz_response"]["data"]["order_status"], "CANCELED");
    let unknown = upay(at, "revoke", &upay_named("x")).await;
    assert_eq!(unknown["biz_response"]["error_code"], "UPAY_ORDER_NOT_EXISTS");
    upay(at, "pay", &upay_pay("b", "100", "284214903060794756")).await;
    upay(at, "refund", &upay_refund("b", "r1", "1")).await;
    let refunded = upay(at, "revoke", &upay_named("b")).await;
    assert_eq!(refunded["biz_response"]["error_code"], "UPAY_CANCEL_INVALID_ORDER_STATE");
    control.default_customer(Behaviour::Never);
    upay(at, "pay", &upay_pay("c", "100", "284214903060794757")).await;
    let open = upay(at, "revoke", &upay_named("c")).await;
    assert_eq!(open["biz_response"]["result_code"], "CANCEL_ABORT_SUCCESS");
    assert_eq!(control.ledger_total_fen(), 99);
}

#[tokio::test(start_paused = true)]
async fn optional_fields_are_checked_and_reflect_comes_back_as_it_was_sent() {
    let (gateway, _) = gateway().await;
    let at = gateway.address();
    let mut body: Value = serde_json::from_str(&upay_pay("a", "100", ALIPAY)).unwrap();
    for (field, value) in [
        ("longitude", "121.48352"),
        ("latitude", "31.22134"),
        ("device_id", "box-1"),
        ("payway", "1"),
        ("extended", "{\"goods_tag\":\"a\"}"),
        ("description", "披萨"),
        ("reflect", " {\"桌\": 7} "),
    ] {
        body[field] = json!(value);
    }
    for (field, value) in [
        ("latitude", json!("")),
        ("longitude", json!("")),
        ("longitude", json!("181")),
        ("latitude", json!("90.5")),
        ("latitude", json!("north")),
        ("device_id", json!("x".repeat(33))),
        ("extended", json!("x".repeat(257))),
        ("reflect", json!("x".repeat(65))),
        ("payway", json!("1x")),
    ] {
        let mut odd = body.clone();
        odd[field] = value.clone();
        let answer = upay(at, "pay", &odd.to_string()).await;
        assert_eq!(answer["error_code"], "INVALID_PARAMS", "{field}: {value}");
    }
    let mut wechat = body.clone();
    wechat["payway"] = json!("3");
    assert_eq!(upay(at, "pay", &wechat.to_string()).await["error_code"], "INVALID_BARCODE");
    let sold = upay(at, "pay", &body.to_string()).await;
    assert_eq!(sold["biz_response"]["data"]["reflect"], " {\"桌\": 7} ");
    let found = upay(at, "query", &upay_named("a")).await;
    assert_eq!(found["biz_response"]["data"]["reflect"], " {\"桌\": 7} ");
}

//! Upay v2 against its document: samples, rejections, behaviours (§2 to §4).

mod wire;

use serde_json::{Value, json};
use simulator::{Behaviour, Decline, Kind, Simulator, State};
use wire::*;

const ALIPAY: &str = "284214903060794755";

async fn gateway() -> Simulator {
    start(settings(Kind::Shouqianba)).await
}

fn precreate(client_sn: &str, payway: &str) -> String {
    format!(
        r#"{{"terminal_sn":"{TERMINAL}","client_sn":"{client_sn}","total_amount":"100",
"payway":"{payway}","subject":"s","operator":"o"}}"#
    )
}

fn refund(client_sn: &str, no: &str, fen: &str) -> String {
    format!(
        r#"{{"terminal_sn":"{TERMINAL}","client_sn":"{client_sn}","refund_request_no":"{no}",
"operator":"o","refund_amount":"{fen}"}}"#
    )
}

#[tokio::test(start_paused = true)]
async fn a_payment_is_answered_as_the_sample_of_a_success() {
    let gateway = gateway().await;
    let body = upay_pay("12345677767776", "1", "130730865806264036");
    let answer = upay(gateway.address(), "pay", &body).await;
    let now = (EPOCH * 1000).to_string();
    let expected = json!({
        "result_code": "200",
        "biz_response": {
            "result_code": "PAY_SUCCESS",
            "data": {
                "sn": "7894259200000000",
                "client_sn": "12345677767776",
                "ctime": now,
                "status": "SUCCESS",
                "payway": "3",
                "sub_payway": "1",
                "order_status": "PAID",
                "payer_uid": "okSzXt3uY4-W8fKBH7B4z8seMzBU",
                "trade_no": "1006101016201609090000000000",
                "total_amount": "1",
                "net_amount": "1",
                "finish_time": now,
                "channel_finish_time": now,
                "terminal_sn": TERMINAL,
                "store_id": "00293001928483902",
                "subject": "达美乐披萨",
                "operator": "刘侃",
            }
        }
    });
    assert_eq!(answer, expected);
    assert_eq!(gateway.control().ledger_total_fen(), 1);
}

#[tokio::test(start_paused = true)]
async fn every_value_of_every_answer_is_a_string() {
    fn only_strings(value: &Value) -> bool {
        match value {
            Value::String(_) => true,
            Value::Object(fields) => fields.values().all(only_strings),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => false,
        }
    }
    let gateway = gateway().await;
    let at = gateway.address();
    for (operation, body) in [
        ("pay", upay_pay("a", "100", ALIPAY)),
        ("query", upay_named("a")),
        ("refund", refund("a", "r1", "1")),
        ("cancel", upay_named("a")),
        ("precreate", precreate("b", "1")),
        ("query", upay_named("nothing")),
        ("query", "{}".to_owned()),
    ] {
        let answer = upay(at, operation, &body).await;
        assert!(only_strings(&answer), "{operation}: {answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn signs_terminals_and_barcodes_are_refused_with_the_codes_of_the_table() {
    let gateway = gateway().await;
    let at = gateway.address();
    let body = upay_pay("a", "100", ALIPAY);
    let code = async |header: &str| {
        let bytes = request("POST", "/upay/v2/pay", header, body.as_bytes());
        let answer = send(at, &bytes).await.json();
        (answer["result_code"].clone(), answer["error_code"].clone())
    };
    let sign = md5_hex(format!("{body}{KEY}").as_bytes());
    let other_key = md5_hex(format!("{body}other").as_bytes());
    let refused = |code: &str| (json!("400"), json!(code));
    assert_eq!(code("").await, refused("ILLEGAL_SIGN"));
    assert_eq!(code(&format!("Authorization: {sign}\r\n")).await, refused("ILLEGAL_SIGN"));
    let wrong = format!("Authorization: {TERMINAL} {other_key}\r\n");
    assert_eq!(code(&wrong).await, refused("ILLEGAL_SIGN"));
    let stranger = format!("Authorization: stranger {sign}\r\n");
    assert_eq!(code(&stranger).await, refused("INVALID_TERMINAL"));
    for barcode in ["6901234567892", "https://x", "99123456789012345"] {
        let answer = upay(at, "pay", &upay_pay("a", "100", barcode)).await;
        assert_eq!(answer["error_code"], "INVALID_BARCODE", "{barcode}");
    }
    let way = precreate("a", "99");
    assert_eq!(upay(at, "precreate", &way).await["error_code"], "UNEXPECTED_PROVIDER_ERROR");
    assert!(gateway.control().orders().is_empty(), "a refused call leaves no order");
    assert_eq!(code(&format!("Authorization: {TERMINAL} {sign}\r\n")).await.0, "200");
}

#[tokio::test(start_paused = true)]
async fn fields_are_required_bounded_and_strings() {
    let gateway = gateway().await;
    let at = gateway.address();
    let whole: Value = serde_json::from_str(&upay_pay("a", "100", ALIPAY)).unwrap();
    let long = "x".repeat(65);
    for (field, value) in [
        ("client_sn", Value::Null),
        ("client_sn", json!("")),
        ("client_sn", json!(long)),
        ("total_amount", json!("1.00")),
        ("total_amount", json!("-1")),
        ("total_amount", json!("+1")),
        ("total_amount", json!("0")),
        ("total_amount", json!("12345678901")),
        ("total_amount", json!(100)),
        ("dynamic_id", json!("")),
        ("subject", json!(long)),
        ("operator", json!("")),
        ("operator", json!("x".repeat(33))),
        ("longitude", json!("121.5")),
        ("payway", json!("one")),
        ("description", json!("x".repeat(257))),
        ("reflect", json!(long)),
        ("extended", json!({})),
    ] {
        let mut body = whole.clone();
        body[field] = value.clone();
        let answer = upay(at, "pay", &body.to_string()).await;
        assert_eq!(answer["result_code"], "400", "{field}: {value}");
        assert_eq!(answer["error_code"], "INVALID_PARAMS", "{field}: {value}");
        let told = answer["error_message"].as_str().unwrap();
        assert!(told.contains(field) || told.contains("经纬度"), "{told}");
    }
    for body in ["", "[]", "{", "null", "\"x\""] {
        assert_eq!(upay(at, "pay", body).await["error_code"], "INVALID_PARAMS", "{body}");
    }
    let elsewhere = upay_pay("a", "100", ALIPAY).replace(TERMINAL, "another");
    assert_eq!(upay(at, "pay", &elsewhere).await["error_code"], "INVALID_TERMINAL");
    let nameless = format!(r#"{{"terminal_sn":"{TERMINAL}"}}"#);
    assert_eq!(upay(at, "query", &nameless).await["error_code"], "INVALID_PARAMS");
    let two = upay(at, "pay", r#"{"terminal_sn":"1122234-dewls02s2","total_amount":"-1"}"#).await;
    assert!(two["error_message"].as_str().unwrap().contains("; "), "all problems at once: {two}");
    assert!(gateway.control().orders().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_number_is_used_once_and_a_code_too() {
    let gateway = gateway().await;
    let at = gateway.address();
    upay(at, "pay", &upay_pay("a", "100", ALIPAY)).await;
    for body in [upay_pay("a", "100", ALIPAY), upay_pay("a", "200", "284214903060794756")] {
        let answer = upay(at, "pay", &body).await;
        assert_eq!(answer["biz_response"]["result_code"], "FAIL");
        assert_eq!(answer["biz_response"]["error_code"], "CLIENT_SN_CONFLICT");
    }
    let again = upay(at, "pay", &upay_pay("b", "100", ALIPAY)).await;
    assert_eq!(again["biz_response"]["error_code"], "INVALID_BARCODE");
    assert_eq!(again["biz_response"]["data"]["order_status"], "PAY_CANCELED");
    assert_eq!(gateway.control().ledger_total_fen(), 100);
}

#[tokio::test(start_paused = true)]
async fn a_waiting_customer_is_in_progress_and_then_paid() {
    let gateway = gateway().await;
    let (at, control) = (gateway.address(), gateway.control());
    control.default_customer(Behaviour::ApproveAfter { ms: 3_000 });
    let answer = upay(at, "pay", &upay_pay("a", "100", ALIPAY)).await;
    assert_eq!(answer["biz_response"]["result_code"], "PAY_IN_PROGRESS");
    assert_eq!(answer["biz_response"]["data"]["order_status"], "CREATED");
    let status = async || {
        let answer = upay(at, "query", &upay_named("a")).await;
        assert_eq!(answer["biz_response"]["result_code"], "SUCCESS");
        answer["biz_response"]["data"]["order_status"].as_str().unwrap().to_owned()
    };
    assert_eq!(status().await, "CREATED");
    tokio::time::advance(std::time::Duration::from_millis(3_000)).await;
    assert_eq!(status().await, "PAID");

    control.default_customer(Behaviour::Password);
    upay(at, "pay", &upay_pay("b", "100", "284214903060794756")).await;
    control.approve("b").unwrap();
    assert_eq!(control.order("b").unwrap().state, State::Paid);
    assert!(control.approve("b").is_err());
    upay(at, "pay", &upay_pay("c", "100", "284214903060794757")).await;
    control.decline("c").unwrap();
    let declined = upay(at, "query", &upay_named("c")).await;
    assert_eq!(declined["biz_response"]["data"]["order_status"], "PAY_CANCELED");
}

#[tokio::test(start_paused = true)]
async fn declines_carry_the_codes_of_the_table() {
    let gateway = gateway().await;
    for (place, (reason, code)) in [
        (Decline::InsufficientFunds, "INSUFFICIENT_FUND"),
        (Decline::ExpiredCode, "EXPIRED_BARCODE"),
        (Decline::InvalidCode, "INVALID_BARCODE"),
        (Decline::OverDailyLimit, "BUYER_OVER_DAILY_LIMIT"),
        (Decline::OverTransactionLimit, "BUYER_OVER_TRANSACTION_LIMIT"),
        (Decline::SellerOverLimit, "SELLER_OVER_DAILY_LIMIT"),
        (Decline::Refused, "TRADE_FAILED"),
    ]
    .into_iter()
    .enumerate()
    {
        let payment_code = format!("28421490306079{place:04}");
        gateway.control().customer(&payment_code, Behaviour::Decline(reason));
        let body = upay_pay(&format!("o{place}"), "100", &payment_code);
        let answer = upay(gateway.address(), "pay", &body).await;
        let business = &answer["biz_response"];
        assert_eq!(business["result_code"], "PAY_FAIL");
        assert_eq!(business["error_code"], code);
        assert_eq!(business["data"]["status"], "FAIL_CANCELED");
        assert_eq!(business["data"]["order_status"], "PAY_CANCELED");
    }
    assert_eq!(gateway.control().ledger_total_fen(), 0);
}

#[tokio::test(start_paused = true)]
async fn cancels_answer_for_every_state() {
    let gateway = gateway().await;
    let (at, control) = (gateway.address(), gateway.control());
    let cancel =
        async |order: &str| upay(at, "cancel", &upay_named(order)).await["biz_response"].take();
    assert_eq!(cancel("x").await["error_code"], "UPAY_ORDER_NOT_EXISTS");
    let unknown = upay(at, "query", &upay_named("x")).await;
    assert_eq!(unknown["biz_response"]["error_code"], "UPAY_ORDER_NOT_EXIST");

    upay(at, "pay", &upay_pay("paid", "100", ALIPAY)).await;
    let done = cancel("paid").await;
    assert_eq!(done["result_code"], "CANCEL_SUCCESS");
    assert_eq!(done["data"]["order_status"], "CANCELED");
    assert_eq!(done["data"]["net_amount"], "0");
    assert!(control.order("paid").unwrap().reversed);
    assert_eq!(cancel("paid").await["result_code"], "CANCEL_SUCCESS");

    control.default_customer(Behaviour::Never);
    upay(at, "pay", &upay_pay("open", "100", "284214903060794756")).await;
    assert_eq!(cancel("open").await["result_code"], "CANCEL_ABORT_SUCCESS");

    control.default_customer(Behaviour::Decline(Decline::Refused));
    upay(at, "pay", &upay_pay("no", "100", "284214903060794757")).await;
    assert_eq!(cancel("no").await["error_code"], "UPAY_CANCEL_INVALID_ORDER_STATE");

    control.default_customer(Behaviour::Approve);
    upay(at, "pay", &upay_pay("revoked", "100", "284214903060794758")).await;
    let revoked = upay(at, "revoke", &upay_named("revoked")).await;
    assert_eq!(revoked["biz_response"]["data"]["order_status"], "CANCELED");
    assert_eq!(control.ledger_total_fen(), 0);
}

#[tokio::test(start_paused = true)]
async fn refunds_are_partial_then_full_and_never_more() {
    let gateway = gateway().await;
    let at = gateway.address();
    upay(at, "pay", &upay_pay("a", "100", ALIPAY)).await;
    let back = async |order: &str, no: &str, fen: &str| {
        upay(at, "refund", &refund(order, no, fen)).await["biz_response"].take()
    };
    let part = back("a", "r1", "40").await;
    assert_eq!(part["result_code"], "REFUND_SUCCESS");
    assert_eq!(part["data"]["order_status"], "PARTIAL_REFUNDED");
    assert_eq!(part["data"]["net_amount"], "60");
    assert_eq!(back("a", "r1", "40").await["error_code"], "REFUND_REQUEST_CONFLICT");
    assert_eq!(back("a", "r2", "61").await["error_code"], "REFUND_AMT_NOT_EQUAL_TOTAL");
    let rest = back("a", "r3", "60").await;
    assert_eq!(rest["data"]["order_status"], "REFUNDED");
    assert_eq!(rest["data"]["net_amount"], "0");
    assert_eq!(back("x", "r4", "1").await["error_code"], "UPAY_ORDER_NOT_EXISTS");
    gateway.control().default_customer(Behaviour::Never);
    upay(at, "pay", &upay_pay("b", "100", "284214903060794756")).await;
    assert_eq!(back("b", "r5", "1").await["error_code"], "UPAY_REFUND_INVALID_ORDER_STATE");
    assert_eq!(gateway.control().ledger_total_fen(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_qr_is_scanned_by_a_phone_and_dies_after_four_minutes() {
    let gateway = gateway().await;
    let (at, control) = (gateway.address(), gateway.control());
    let answer = upay(at, "precreate", &precreate("a", "3")).await;
    assert_eq!(answer["biz_response"]["result_code"], "PRECREATE_SUCCESS");
    let qr = answer["biz_response"]["data"]["qr_code"].as_str().unwrap().to_owned();
    let shown = control.scan_qr(&qr).unwrap();
    assert_eq!((shown.order.as_str(), shown.amount_fen, shown.state), ("a", 100, State::Pending));
    control.phone_pay(&qr).unwrap();
    let paid = upay(at, "query", &upay_named("a")).await;
    assert_eq!(paid["biz_response"]["data"]["order_status"], "PAID");
    assert_eq!(paid["biz_response"]["data"]["sub_payway"], "2");

    upay(at, "precreate", &precreate("b", "1")).await;
    tokio::time::advance(std::time::Duration::from_secs(240)).await;
    let dead = upay(at, "query", &upay_named("b")).await;
    assert_eq!(dead["biz_response"]["data"]["order_status"], "PAY_CANCELED");
    assert!(control.scan_qr("weixin://nothing").is_err());
}

#[tokio::test(start_paused = true)]
async fn an_unscanned_wechat_qr_may_be_unknown_to_a_query() {
    let mut settings = settings(Kind::Shouqianba);
    settings.unscanned_wechat_not_found = true;
    let gateway = start(settings).await;
    let at = gateway.address();
    let answer = upay(at, "precreate", &precreate("a", "3")).await;
    let qr = answer["biz_response"]["data"]["qr_code"].as_str().unwrap();
    let hidden = upay(at, "query", &upay_named("a")).await;
    assert_eq!(hidden["biz_response"]["error_code"], "UPAY_ORDER_NOT_EXIST");
    gateway.control().phone_pay(qr).unwrap();
    let paid = upay(at, "query", &upay_named("a")).await;
    assert_eq!(paid["biz_response"]["data"]["order_status"], "PAID");
}

#[tokio::test(start_paused = true)]
async fn magic_endings_mean_something_only_when_asked_for() {
    let code = "284214903060794701";
    let plain = gateway().await;
    let answer = upay(plain.address(), "pay", &upay_pay("a", "100", code)).await;
    assert_eq!(answer["biz_response"]["result_code"], "PAY_SUCCESS");
    let mut with = settings(Kind::Shouqianba);
    with.magic_codes = true;
    let magic = start(with).await;
    let answer = upay(magic.address(), "pay", &upay_pay("a", "100", code)).await;
    assert_eq!(answer["biz_response"]["error_code"], "INSUFFICIENT_FUND");
}

#[tokio::test(start_paused = true)]
async fn only_the_documented_calls_are_there() {
    let gateway = gateway().await;
    let at = gateway.address();
    assert_eq!(get(at, "/upay/v2/pay").await.status, 405);
    assert_eq!(post(at, "/upay/v2/nothing", "{}").await.status, 404);
    assert_eq!(post(at, "/pay", "{}").await.status, 404);
    // §3-6.1 writes the path with a capital.
    let body = precreate("a", "1");
    let capital = upay_request("precreate", &body);
    let capital = String::from_utf8(capital).unwrap().replace("/upay/v2/", "/base/Upay/v2/");
    let answer = send(at, capital.as_bytes()).await.json();
    assert_eq!(answer["biz_response"]["result_code"], "PRECREATE_SUCCESS");
}

//! SOSOPAY's JSON edition against its documents: samples, rejections, encodings, behaviours.

mod wire;

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use simulator::{Behaviour, Decline, Kind, Simulator, State};
use wire::*;

const WECHAT: &str = "130730865806264036";

async fn gateway() -> Simulator {
    start(settings(Kind::SosopayJson)).await
}

/// JSON zh §2.4, as it stands there.
const SAMPLE: &str = r#"{
    "AMT": "0.01", 
    "BUSI_ID": "0010000001", 
    "CHANNEL_TYPE": "0", 
    "DYNAMIC_ID_TYPE": "1", 
    "DYNAMIC_ID": "130730865806264036", 
    "PAY_SUBJECT": "SOUSHOU product 2", 
    "OPER_ID": "test1", 
    "CHARGE_CODE": "1FD7DA99-997C-4C27-99F9-40C1EC170D5C", 
    "REGISTER_ID": "02016", 
"DEV_ID": "Cash register 1", 
"verifyCodes": "915346596237", 
    "GOODS_DETAIL": [
        {
            "GOOD_SUBJECT": "Product description", 
            "GOOD_PRICE": "2.00", 
            "GOOD_ID": "Product ID", 
            "GOOD_SHOWURL": "WWW.****.COM", 
            "GOOD_NAME": "Product name", 
            "GOOD_QUANTITY": "5", 
            "GOOD_CLASS": "Product type"
        }
    ]
}"#;
const SAMPLE_ORDER: &str = "1FD7DA99-997C-4C27-99F9-40C1EC170D5C";

fn code(answer: &Value, root: &str) -> String {
    answer[root]["RESULT"]["CODE"].as_str().unwrap().to_owned()
}

fn refund(order: &str, no: &str, yuan: &str) -> String {
    format!(
        r#"{{"BUSI_ID":"{MERCHANT}","CHARGE_CODE":"{order}","DEV_ID":"dev01",
"CHARGE_REFUND_FEE":"{yuan}","REFUND_SUBJECT":"退款","OUT_REFUND_NO":"{no}","OPER_ID":"oper01"}}"#
    )
}

#[tokio::test(start_paused = true)]
async fn the_sample_payment_gets_the_sample_answers() {
    let gateway = gateway().await;
    let answer = sosopay_post(gateway.address(), "preOrder", SAMPLE).await;
    let bill = json!({"TRADEFUNDBILL": [{"AMOUNT": "0.01", "FUND_CHANNEL": "11"}]});
    let expected = json!({"ORDER_RESP": {
        "RESULT": {"CODE": "SUCCESS", "INFO": "请求并支付成功!"},
        "CHANNEL_TYPE": 2,
        "CHARGE_CODE": SAMPLE_ORDER,
        "CHARGE_DOWN_CODE": "20160909100000000000",
        "CHARGE_THIRD_CODE": "1006101016201609090000000000",
        "FUND_BILL_LIST": bill,
        "OPER_ID": "test1",
        "BEGIN_TIME": "2016-09-09 22:30:47",
        "AMT": 1,
        "DEV_ID": "Cash register 1",
    }});
    assert_eq!(answer, expected);

    let query = sosopay_query(gateway.address(), SAMPLE_ORDER).await;
    assert_eq!(query["STATE"], 1);
    assert_eq!(query["AMT"], 1);
    assert_eq!(query["realAMT"].to_string(), "0.01");
    assert_eq!(query["GOODS_DETAIL"][0]["GOOD_QUANTITY"], 5);
    assert_eq!(query["FUND_BILL_LIST"], bill);
    assert_eq!(query["DYNAMIC_ID"], WECHAT);
    assert_eq!(query["REGISTER_ID"], "02016");
    for (number, series) in [("20160909100000000000", 1), ("915346596237", 2)] {
        let rest = format!("query/{number}/{MERCHANT}?_type=json&serType={series}");
        let found = sosopay_get(gateway.address(), &rest).await;
        assert_eq!(found["QUERY_RESP"]["CHARGE_CODE"], SAMPLE_ORDER);
    }
}

#[tokio::test(start_paused = true)]
async fn signs_are_checked_over_the_body_without_blanks_and_their_age() {
    let gateway = gateway().await;
    let at = gateway.address();
    let attempt = async |sign: Option<String>| {
        let sign = sign.map(|sign| format!("&sign={sign}")).unwrap_or_default();
        let target = format!("/preOrder?_type=json&busiCode={MERCHANT}{sign}");
        code(&post(at, &target, SAMPLE).await.json(), "ORDER_RESP")
    };
    let content = without_blanks(SAMPLE);
    assert_eq!(attempt(None).await, "INVALID_SIGN");
    assert_eq!(attempt(Some("nonsense".into())).await, "INVALID_SIGN");
    assert_eq!(attempt(Some(sosopay_sign(SAMPLE, EPOCH))).await, "INVALID_SIGN");
    assert_eq!(attempt(Some(sosopay_sign(&content, EPOCH - 601))).await, "INVALID_SIGN");
    assert_eq!(attempt(Some(sosopay_sign(&content, EPOCH + 601))).await, "INVALID_SIGN");
    let upper = sosopay_sign(&content, EPOCH).to_uppercase();
    assert_eq!(attempt(Some(upper)).await, "INVALID_SIGN");
    assert!(gateway.control().orders().is_empty());
    // A percent-encoded colon is the same sign; the skewed clock of the gateway is the one that
    // counts.
    gateway.control().skew_clock(3_600);
    let late = sosopay_sign(&content, EPOCH + 3_000).replace(':', "%3A");
    assert_eq!(attempt(Some(late)).await, "SUCCESS");
    let date = get(at, "/query/x/y").await;
    assert_eq!(date.header("Date"), Some("Fri, 09 Sep 2016 15:30:47 GMT"));
}

#[tokio::test(start_paused = true)]
async fn merchants_must_be_registered_and_agree() {
    let gateway = gateway().await;
    let at = gateway.address();
    let sign = sosopay_sign(&without_blanks(SAMPLE), EPOCH);
    let attempt = async |busi: &str| {
        let target = format!("/preOrder?_type=json&sign={sign}{busi}");
        code(&post(at, &target, SAMPLE).await.json(), "ORDER_RESP")
    };
    assert_eq!(attempt("").await, "ILLEGAL_PARAMETER");
    assert_eq!(attempt("&busiCode=999").await, "UNREGISTERED_BUSI");
    let other = SAMPLE.replace("0010000001", "999");
    let answer = sosopay_post(at, "preOrder", &other).await;
    assert_eq!(code(&answer, "ORDER_RESP"), "UNREGISTERED_BUSI");
    let query = sosopay_get(at, "query/x/999?_type=json").await;
    assert_eq!(code(&query, "QUERY_RESP"), "UNREGISTERED_BUSI");
}

#[tokio::test(start_paused = true)]
async fn fields_are_required_typed_and_bounded() {
    let gateway = gateway().await;
    let at = gateway.address();
    let whole: Value = serde_json::from_str(SAMPLE).unwrap();
    let good = whole["GOODS_DETAIL"][0].clone();
    let mut nameless = good.clone();
    nameless["GOOD_NAME"] = json!("");
    let mut floating = good.clone();
    floating["GOOD_PRICE"] = json!("2.001");
    for (field, value, expected) in [
        ("OPER_ID", json!(null), "ILLEGAL_PARAMETER"),
        ("DEV_ID", json!(""), "ILLEGAL_PARAMETER"),
        ("PAY_SUBJECT", json!(""), "ILLEGAL_PARAMETER"),
        ("CHARGE_CODE", json!(""), "ILLEGAL_PARAMETER"),
        ("CHARGE_CODE", json!("x".repeat(1_025)), "ILLEGAL_PARAMETER"),
        ("BUSI_ID", json!(""), "ILLEGAL_PARAMETER"),
        ("AMT", json!(1), "ILLEGAL_PARAMETER"),
        ("AMT", json!("0.001"), "AMT_ERROR"),
        ("AMT", json!("0"), "AMT_ERROR"),
        ("AMT", json!("-1.00"), "AMT_ERROR"),
        ("AMT", json!("1e2"), "AMT_ERROR"),
        ("CHANNEL_TYPE", json!("99"), "ILLEGAL_PARAMETER"),
        ("CHANNEL_TYPE", json!("1"), "ILLEGAL_PARAMETER"),
        ("CHANNEL_TYPE", json!(null), "ILLEGAL_PARAMETER"),
        ("DYNAMIC_ID", json!(""), "ILLEGAL_PARAMETER"),
        ("DYNAMIC_ID", json!("6901234567892"), "ILLEGAL_PARAMETER"),
        ("DYNAMIC_ID_TYPE", json!("4"), "ILLEGAL_PARAMETER"),
        ("DYNAMIC_ID_TYPE", json!(null), "ILLEGAL_PARAMETER"),
        ("TIME_EXPIRE", json!("119"), "ILLEGAL_PARAMETER"),
        ("TIME_EXPIRE", json!("soon"), "ILLEGAL_PARAMETER"),
        ("TRADE_TYPE", json!("BARTER"), "ILLEGAL_PARAMETER"),
        ("GOODS_DETAIL", json!(vec![good.clone(); 51]), "ILLEGAL_PARAMETER"),
        ("GOODS_DETAIL", json!([nameless]), "ILLEGAL_PARAMETER"),
        ("GOODS_DETAIL", json!([floating]), "AMT_ERROR"),
    ] {
        let mut body = whole.clone();
        body[field] = value.clone();
        let answer = sosopay_post(at, "preOrder", &body.to_string()).await;
        assert_eq!(code(&answer, "ORDER_RESP"), expected, "{field}: {value}");
    }
    for body in ["", "[]", "{", "<ORDER_REQ/>"] {
        let answer = sosopay_post(at, "preOrder", body).await;
        assert_eq!(code(&answer, "ORDER_RESP"), "ILLEGAL_PARAMETER", "{body}");
    }
    assert!(gateway.control().orders().is_empty());
    let mut most = whole.clone();
    most["GOODS_DETAIL"] = json!(vec![good; 50]);
    most["TIME_EXPIRE"] = json!(120);
    most["CHANNEL_TYPE"] = json!(2);
    let answer = sosopay_post(at, "preOrder", &most.to_string()).await;
    assert_eq!(code(&answer, "ORDER_RESP"), "SUCCESS");
    let again = sosopay_post(at, "preOrder", SAMPLE).await;
    assert_eq!(code(&again, "ORDER_RESP"), "SERIAL_REPEAT");
}

#[tokio::test(start_paused = true)]
async fn without_type_the_answer_is_xml_with_the_same_fields() {
    let gateway = gateway().await;
    let reply = post(gateway.address(), &sosopay_target("preOrder", SAMPLE, ""), SAMPLE).await;
    let text = reply.text();
    assert!(text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?><ORDER_RESP><RESULT>"));
    assert!(text.contains("<CODE>SUCCESS</CODE>"), "{text}");
    assert!(text.contains(&format!("<CHARGE_CODE>{SAMPLE_ORDER}</CHARGE_CODE>")), "{text}");
    assert!(text.contains("<AMT>1</AMT>"), "{text}");
    let bill =
        "<TRADEFUNDBILL><AMOUNT>0.01</AMOUNT><FUND_CHANNEL>11</FUND_CHANNEL></TRADEFUNDBILL>";
    assert!(text.contains(bill), "{text}");
}

#[tokio::test(start_paused = true)]
async fn with_encryption_both_ways_are_sealed_and_the_sign_is_over_the_plain_body() {
    // Sealed and opened here with the block cipher itself, not with the simulator's use of it.
    use des::TdesEde3;
    use ecb::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyInit, block_padding::Pkcs7};
    let key: [u8; 24] = KEY.as_bytes().try_into().unwrap();
    let seal = |plain: &str| {
        let mut buffer = plain.as_bytes().to_vec();
        buffer.resize(plain.len() / 8 * 8 + 8, 0);
        let cipher = ecb::Encryptor::<TdesEde3>::new(&key.into());
        STANDARD.encode(cipher.encrypt_padded::<Pkcs7>(&mut buffer, plain.len()).unwrap())
    };
    let open = |sealed: &[u8]| -> Value {
        let mut buffer = STANDARD.decode(sealed).unwrap();
        let cipher = ecb::Decryptor::<TdesEde3>::new(&key.into());
        serde_json::from_slice(cipher.decrypt_padded::<Pkcs7>(&mut buffer).unwrap()).unwrap()
    };
    let gateway = gateway().await;
    let at = gateway.address();
    let target = sosopay_target("preOrder", SAMPLE, "&_type=json&encrypt=3DES");
    let answer = open(&post(at, &target, &seal(SAMPLE)).await.body);
    assert_eq!(code(&answer, "ORDER_RESP"), "SUCCESS");
    let query = format!("/query/{SAMPLE_ORDER}/{MERCHANT}?_type=json&encrypt=3DES");
    assert_eq!(open(&get(at, &query).await.body)["QUERY_RESP"]["STATE"], 1);
    // Not sealed, though it is said to be; and another algorithm.
    let plain = post(at, &target, SAMPLE).await;
    let refused: Value = open(&plain.body);
    assert_eq!(code(&refused, "ORDER_RESP"), "ILLEGAL_PARAMETER");
    let rot13 = sosopay_target("preOrder", SAMPLE, "&_type=json&encrypt=ROT13");
    assert_eq!(code(&post(at, &rot13, SAMPLE).await.json(), "ORDER_RESP"), "ILLEGAL_PARAMETER");
}

#[tokio::test(start_paused = true)]
async fn a_payment_is_held_until_the_customer_decides() {
    let gateway = gateway().await;
    let (at, control) = (gateway.address(), gateway.control());
    control.default_customer(Behaviour::ApproveAfter { ms: 70_000 });
    let before = tokio::time::Instant::now();
    let answer = sosopay_post(at, "preOrder", &sosopay_pay("late", "0.01", WECHAT)).await;
    assert_eq!(code(&answer, "ORDER_RESP"), "SUCCESS");
    assert!(before.elapsed() >= Duration::from_secs(70));

    control.default_customer(Behaviour::Never);
    let body = sosopay_pay("never", "0.01", "130730865806264037");
    let answer = sosopay_post(at, "preOrder", &body).await;
    assert_eq!(code(&answer, "ORDER_RESP"), "FAIL");
    assert_eq!(sosopay_query(at, "never").await["STATE"], 2);
    assert_eq!(control.order("never").unwrap().history[1].at_ms, 150_000);

    control.customer("130730865806264038", Behaviour::Password);
    let mut changes = control.subscribe();
    let body = sosopay_pay("typed", "0.01", "130730865806264038");
    let phone = async {
        while control.order("typed").is_none() {
            changes.changed().await.unwrap();
        }
        control.approve("typed").unwrap();
    };
    let (answer, ()) = tokio::join!(sosopay_post(at, "preOrder", &body), phone);
    assert_eq!(code(&answer, "ORDER_RESP"), "SUCCESS");
}

#[tokio::test(start_paused = true)]
async fn a_gateway_may_answer_at_once_and_leave_the_order_open() {
    let mut settings = settings(Kind::SosopayJson);
    settings.answer_at_once = true;
    let gateway = start(settings).await;
    let (at, control) = (gateway.address(), gateway.control());
    control.default_customer(Behaviour::Password);
    let answer = sosopay_post(at, "preOrder", &sosopay_pay("a", "0.01", WECHAT)).await;
    assert_eq!(code(&answer, "ORDER_RESP"), "FAIL");
    assert_eq!(sosopay_query(at, "a").await["STATE"], 0);
    control.approve("a").unwrap();
    assert_eq!(sosopay_query(at, "a").await["STATE"], 1);
}

#[tokio::test(start_paused = true)]
async fn a_declined_payment_fails_and_is_closed() {
    let gateway = gateway().await;
    let at = gateway.address();
    gateway.control().default_customer(Behaviour::Decline(Decline::InsufficientFunds));
    let answer = sosopay_post(at, "preOrder", &sosopay_pay("a", "0.01", WECHAT)).await;
    assert_eq!(code(&answer, "ORDER_RESP"), "FAIL");
    assert!(answer["ORDER_RESP"]["RESULT"]["INFO"].as_str().unwrap().contains("余额不足"));
    assert_eq!(sosopay_query(at, "a").await["STATE"], 6);
    assert_eq!(sosopay_cancel(at, "a", "").await, "FAIL");
}

#[tokio::test(start_paused = true)]
async fn cancels_answer_for_every_state_and_need_their_own_sign() {
    let gateway = gateway().await;
    let (at, control) = (gateway.address(), gateway.control());
    assert_eq!(sosopay_cancel(at, "x", "").await, "CHARGE_NONEXISTENT");
    sosopay_post(at, "preOrder", &sosopay_pay("a", "1.00", WECHAT)).await;
    let body_sign = sosopay_sign("", EPOCH);
    let rest = format!("cancelTrade/a/{MERCHANT}?sign={body_sign}&_type=json");
    assert_eq!(code(&sosopay_get(at, &rest).await, "CANCELTRADE_RESP"), "INVALID_SIGN");
    assert_eq!(control.ledger_total_fen(), 100);
    assert_eq!(sosopay_cancel(at, "a", "").await, "SUCCESS");
    assert_eq!(sosopay_cancel(at, "a", "").await, "AREADY_REVOKED");
    assert_eq!(sosopay_query(at, "a").await["STATE"], 2);
    assert_eq!(control.ledger_total_fen(), 0);
    assert_eq!(control.order("a").unwrap().reversed_fen, 100);

    sosopay_post(at, "preOrder", &sosopay_pay("b", "1.00", "130730865806264037")).await;
    assert_eq!(sosopay_cancel(at, "b", "&opType=ACO").await, "SUCCESS");
    assert_eq!(sosopay_query(at, "b").await["STATE"], 3);
    tokio::time::advance(Duration::from_secs(5)).await;
    assert_eq!(sosopay_query(at, "b").await["STATE"], 2);
}

#[tokio::test(start_paused = true)]
async fn a_payment_can_land_during_or_after_the_cancel() {
    let gateway = gateway().await;
    let (at, control) = (gateway.address(), gateway.control());
    control.answer_at_once(true);
    control.default_customer(Behaviour::PayOnCancel);
    sosopay_post(at, "preOrder", &sosopay_pay("a", "1.00", WECHAT)).await;
    assert_eq!(sosopay_cancel(at, "a", "").await, "SUCCESS");
    assert!(control.order("a").unwrap().reversed);
    control.default_customer(Behaviour::PayLate { ms: 2_000 });
    sosopay_post(at, "preOrder", &sosopay_pay("b", "1.00", "130730865806264037")).await;
    assert_eq!(sosopay_cancel(at, "b", "").await, "SUCCESS");
    assert_eq!(sosopay_query(at, "b").await["STATE"], 2);
    tokio::time::advance(Duration::from_secs(2)).await;
    assert_eq!(sosopay_query(at, "b").await["STATE"], 1);
    assert_eq!(control.ledger_total_fen(), 100);
}

#[tokio::test(start_paused = true)]
async fn a_qr_is_paid_by_a_phone_or_dies_at_its_time() {
    let gateway = gateway().await;
    let (at, control) = (gateway.address(), gateway.control());
    let answer = sosopay_post(at, "order", &sosopay_order("a", "0.1")).await;
    assert_eq!(code(&answer, "ORDER_RESP"), "SUCCESS");
    let qr = answer["ORDER_RESP"]["BAR_CODE"].as_str().unwrap();
    assert!(qr.starts_with("weixin://wxpay/bizpayurl?pr="), "{qr}");
    assert_eq!(sosopay_query(at, "a").await["STATE"], 0);
    assert_eq!(control.phone_pay(qr).unwrap().paid_fen, 10);
    assert_eq!(sosopay_query(at, "a").await["STATE"], 1);
    let short = sosopay_order("b", "0.1").replace("\"AMT\"", "\"TIME_EXPIRE\":\"120\",\"AMT\"");
    sosopay_post(at, "order", &short).await;
    tokio::time::advance(Duration::from_millis(119_999)).await;
    assert_eq!(sosopay_query(at, "b").await["STATE"], 0);
    tokio::time::advance(Duration::from_millis(1)).await;
    assert_eq!(sosopay_query(at, "b").await["STATE"], 6);
    control.default_qr_customer(Some(Behaviour::ApproveAfter { ms: 10 }));
    sosopay_post(at, "order", &sosopay_order("c", "0.1")).await;
    tokio::time::advance(Duration::from_millis(10)).await;
    assert_eq!(control.order("c").unwrap().state, State::Paid);
    let auto =
        sosopay_order("d", "0.1").replace("\"CHANNEL_TYPE\":\"2\"", "\"CHANNEL_TYPE\":\"0\"");
    assert_eq!(code(&sosopay_post(at, "order", &auto).await, "ORDER_RESP"), "ILLEGAL_PARAMETER");
}

#[tokio::test(start_paused = true)]
async fn refunds_are_told_by_refund_query_and_by_their_own_number() {
    let gateway = gateway().await;
    let (at, control) = (gateway.address(), gateway.control());
    sosopay_post(at, "preOrder", &sosopay_pay("a", "0.05", WECHAT)).await;
    let back = async |no: &str, yuan: &str| {
        let answer = sosopay_post(at, "refund", &refund("a", no, yuan)).await;
        code(&answer, "REFUND_RESP")
    };
    assert_eq!(back("r1", "0.01").await, "SUCCESS");
    assert_eq!(back("r1", "0.01").await, "SERIAL_REPEAT");
    assert_eq!(back("r2", "0.05").await, "AMT_ERROR");
    assert_eq!(sosopay_query(at, "a").await["STATE"], 4);
    control.refunds_take(1_000);
    assert_eq!(back("r3", "0.04").await, "SUCCESS");
    assert_eq!(sosopay_query(at, "a").await["STATE"], 8);
    assert_eq!(sosopay_query(at, "r3").await["STATE"], 10);
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(sosopay_query(at, "a").await["STATE"], 5);
    assert_eq!(sosopay_query(at, "r3").await["STATE"], 11);
    let rest = format!("refundQuery/a/{MERCHANT}?_type=json");
    let told = sosopay_get(at, &rest).await["REFUND_QUERY_RESP"].take();
    assert_eq!((&told["REFUND_COUNT"], &told["REFUND_AMT"]), (&json!(2), &json!(5)));
    assert_eq!(told["AMT"], 5);
    let first = &told["REFUND_TRADE_LIST"]["REFUND_TRADE"][0];
    assert_eq!((&first["REFUND_CODE"], &first["STATE"]), (&json!("r1"), &json!(11)));
    let none = sosopay_get(at, &format!("refundQuery/x/{MERCHANT}?_type=json")).await;
    assert_eq!(code(&none, "REFUND_QUERY_RESP"), "CHARGE_NONEXISTENT");
    let unknown = sosopay_post(at, "refund", &refund("x", "r9", "0.01")).await;
    assert_eq!(code(&unknown, "REFUND_RESP"), "CHARGE_NONEXISTENT");
    assert_eq!(control.ledger_total_fen(), 0);
}

//! Refunds in the three protocols: partial, repeated, in progress, failed, cancelled, refused.

mod wire;

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{Behaviour, Control, Kind, RefundEnd, RefundScript, RefundState, Simulator};
use wire::*;

const WECHAT: &str = "130730865806264036";

async fn sold(kind: Kind) -> (Simulator, Control) {
    let gateway = start(settings(kind)).await;
    match kind {
        Kind::Shouqianba => {
            upay(gateway.address(), "pay", &upay_pay("a", "100", WECHAT)).await;
        }
        Kind::SosopayJson | Kind::SosopayXml => {
            sosopay_post(gateway.address(), "preOrder", &sosopay_pay("a", "1.00", WECHAT)).await;
        }
    }
    let control = gateway.control();
    assert_eq!(control.ledger_total_fen(), 100);
    (gateway, control)
}

async fn back(gateway: &Simulator, order: &str, no: &str, yuan: &str) -> String {
    let body = sosopay_refund(order, no, yuan);
    let answer = sosopay_post(gateway.address(), "refund", &body).await;
    answer["REFUND_RESP"]["RESULT"]["CODE"].as_str().unwrap().to_owned()
}

async fn refunds_of(gateway: &Simulator, order: &str, extra: &str) -> Value {
    let rest = format!("refundQuery/{order}/{MERCHANT}?_type=json{extra}");
    sosopay_get(gateway.address(), &rest).await["REFUND_QUERY_RESP"].take()
}

async fn state(gateway: &Simulator, number: &str) -> Value {
    sosopay_query(gateway.address(), number).await["STATE"].take()
}

#[tokio::test(start_paused = true)]
async fn a_refund_query_has_every_field_of_its_sample() {
    let (gateway, _) = sold(Kind::SosopayJson).await;
    for no in ["r1", "r2"] {
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(back(&gateway, "a", no, "0.01").await, "SUCCESS");
    }
    let trade = |no: &str, place: &str, time: &str| {
        json!({
            "BEGIN_TIME": time, "END_TIME": time,
            "REFUND_DOWN_CODE": format!("20160909100000000000{place}"),
            "REFUND_BILL_LIST": {"TRADEFUNDBILL": [{"FUND_CHANNEL": "11", "AMOUNT": 0.01}]},
            "REFUND_AMT": 1, "STATE": 11, "OPER_ID": "oper01", "REFUND_CODE": no,
            "DEV_ID": "dev01",
        })
    };
    let expected = json!({
        "BEGIN_TIME": "2016-09-09 22:30:47", "END_TIME": "2016-09-09 22:30:47",
        "BUSI_ID": MERCHANT, "CHARGE_CODE": "a", "CHANNEL_TYPE": 2,
        "REFUND_COUNT": 2, "REFUND_AMT": 2,
        "REFUND_TRADE_LIST": {"REFUND_TRADE": [
            trade("r1", "001", "2016-09-09 22:31:47"),
            trade("r2", "002", "2016-09-09 22:32:47"),
        ]},
        "STATE": 4, "OPER_ID": "test1",
        "RESULT": {"CODE": "SUCCESS", "INFO": "查询成功"},
        "CHARGE_DOWN_CODE": "20160909100000000000", "AMT": 100, "DEV_ID": "Cash register 1",
    });
    assert_eq!(refunds_of(&gateway, "a", "").await, expected);
    let by_theirs = refunds_of(&gateway, "20160909100000000000", "&serType=1").await;
    assert_eq!(by_theirs, expected);
    for (number, extra, code) in [
        ("x", "", "CHARGE_NONEXISTENT"),
        ("a", "&serType=1", "CHARGE_NONEXISTENT"),
        ("a", "&serType=2", "ILLEGAL_PARAMETER"),
    ] {
        let answer = refunds_of(&gateway, number, extra).await;
        assert_eq!(answer["RESULT"]["CODE"], code, "{number}{extra}");
    }
}

#[tokio::test(start_paused = true)]
async fn sosopay_refunds_are_in_progress_fail_and_are_cancelled() {
    let (gateway, control) = sold(Kind::SosopayJson).await;
    control.refund("slow", RefundScript { ms: 1_000, end: RefundEnd::Failed });
    control.refund("no", RefundScript { ms: 0, end: RefundEnd::Failed });
    control.refund("off", RefundScript { ms: 0, end: RefundEnd::Canceled });
    assert_eq!(back(&gateway, "a", "slow", "1.00").await, "SUCCESS");
    assert_eq!((state(&gateway, "a").await, state(&gateway, "slow").await), (json!(8), json!(10)));
    let open = refunds_of(&gateway, "a", "").await["REFUND_TRADE_LIST"]["REFUND_TRADE"][0].take();
    assert_eq!((&open["STATE"], &open["END_TIME"]), (&json!(10), &Value::Null));
    assert_eq!(back(&gateway, "a", "more", "0.01").await, "AMT_ERROR");
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!((state(&gateway, "a").await, state(&gateway, "slow").await), (json!(9), json!(13)));
    assert_eq!(control.ledger_total_fen(), 100);

    assert_eq!(back(&gateway, "a", "no", "0.40").await, "FAIL");
    assert_eq!(back(&gateway, "a", "off", "0.40").await, "FAIL");
    assert_eq!((state(&gateway, "a").await, state(&gateway, "off").await), (json!(1), json!(12)));
    assert_eq!(back(&gateway, "a", "off", "0.40").await, "SERIAL_REPEAT");
    assert_eq!(back(&gateway, "a", "part", "0.40").await, "SUCCESS");
    let told = refunds_of(&gateway, "a", "").await;
    assert_eq!((&told["REFUND_COUNT"], &told["REFUND_AMT"]), (&json!(4), &json!(40)));
    assert_eq!(told["STATE"], 4);
    let states: Vec<_> = control.order("a").unwrap().refunds.iter().map(|one| one.state).collect();
    let expected =
        [RefundState::Failed, RefundState::Failed, RefundState::Canceled, RefundState::Refunded];
    assert_eq!(states, expected);
    assert_eq!(control.ledger_total_fen(), 60);
}

#[tokio::test(start_paused = true)]
async fn sosopay_takes_either_number_and_theirs_first() {
    let (gateway, control) = sold(Kind::SosopayJson).await;
    let at = gateway.address();
    sosopay_post(at, "preOrder", &sosopay_pay("b", "1.00", "130730865806264037")).await;
    let send = async |number: &str, theirs: &str, no: &str| {
        let mut body: Value = serde_json::from_str(&sosopay_refund(number, no, "0.10")).unwrap();
        body["CHARGE_DOWN_CODE"] = json!(theirs);
        let answer = sosopay_post(at, "refund", &body.to_string()).await;
        answer["REFUND_RESP"]["RESULT"]["CODE"].as_str().unwrap().to_owned()
    };
    assert_eq!(send("a", "20160909100000000001", "r1").await, "SUCCESS");
    assert_eq!(control.order("b").unwrap().refunded_fen, 10);
    assert_eq!(send("", "20160909100000000000", "r2").await, "SUCCESS");
    assert_eq!(control.order("a").unwrap().refunded_fen, 10);
    assert_eq!(send("a", "999", "r3").await, "CHARGE_NONEXISTENT");
    assert_eq!(send("", "", "r4").await, "ILLEGAL_PARAMETER");
}

#[tokio::test(start_paused = true)]
async fn sosopay_refuses_what_was_not_paid_or_was_cancelled() {
    let (gateway, control) = sold(Kind::SosopayJson).await;
    let at = gateway.address();
    assert_eq!(sosopay_cancel(at, "a", "").await, "SUCCESS");
    assert_eq!(back(&gateway, "a", "r1", "0.01").await, "FAIL");
    sosopay_post(at, "order", &sosopay_order("open", "1.00")).await;
    assert_eq!(back(&gateway, "open", "r2", "0.01").await, "FAIL");
    assert_eq!(back(&gateway, "open", "r3", "0.00").await, "AMT_ERROR");
    assert_eq!(back(&gateway, "open", "r4", "0.001").await, "AMT_ERROR");
    control.approve("open").unwrap();
    assert_eq!(back(&gateway, "open", "r5", "1.01").await, "AMT_ERROR");
    // A refused refund leaves no record, so its number is free.
    assert_eq!(back(&gateway, "open", "r5", "1.00").await, "SUCCESS");
    assert_eq!(back(&gateway, "open", "r6", "0.01").await, "AMT_ERROR");
    assert_eq!(sosopay_cancel(at, "open", "").await, "FAIL");
}

#[tokio::test(start_paused = true)]
async fn an_order_that_was_applied_to_be_cancelled_takes_no_refund() {
    let (gateway, control) = sold(Kind::SosopayJson).await;
    assert_eq!(sosopay_cancel(gateway.address(), "a", "&opType=ACO").await, "SUCCESS");
    assert_eq!(back(&gateway, "a", "r1", "0.01").await, "FAIL");
    tokio::time::advance(Duration::from_secs(5)).await;
    assert_eq!(state(&gateway, "a").await, 2);
    assert_eq!(control.ledger_total_fen(), 0);
}

#[tokio::test(start_paused = true)]
async fn upay_refunds_are_in_progress_fail_and_are_refused() {
    let (gateway, control) = sold(Kind::Shouqianba).await;
    let at = gateway.address();
    let send = async |order: &str, no: &str, fen: &str| {
        upay(at, "refund", &upay_refund(order, no, fen)).await["biz_response"].take()
    };
    let status = async |order: &str| {
        let answer = upay(at, "query", &upay_named(order)).await;
        answer["biz_response"]["data"]["order_status"].as_str().unwrap().to_owned()
    };
    control.default_refund(RefundScript { ms: 2_000, end: RefundEnd::Refunded });
    let open = send("a", "r1", "40").await;
    assert_eq!(open["result_code"], "REFUND_IN_PROGRESS");
    assert_eq!(
        (open["data"]["status"].as_str(), open["data"]["net_amount"].as_str()),
        (Some("IN_PROG"), Some("60"))
    );
    assert_eq!(status("a").await, "REFUND_IN_PROGRESS");
    tokio::time::advance(Duration::from_secs(2)).await;
    assert_eq!(status("a").await, "PARTIAL_REFUNDED");
    assert_eq!(send("a", "r1", "40").await["error_code"], "REFUND_REQUEST_CONFLICT");

    control.default_refund(RefundScript::default());
    control.refund("bad", RefundScript { ms: 0, end: RefundEnd::Failed });
    control.refund("poor", RefundScript { ms: 0, end: RefundEnd::Canceled });
    let failed = send("a", "bad", "60").await;
    assert_eq!(failed["result_code"], "REFUND_ERROR");
    assert_eq!(failed["data"]["order_status"], "REFUND_ERROR");
    assert_eq!(failed["data"]["net_amount"], "60");
    assert_eq!(send("a", "poor", "60").await["error_code"], "SELLER_BALANCE_NOT_ENOUGH");
    assert_eq!(status("a").await, "PARTIAL_REFUNDED");
    assert_eq!(send("a", "r2", "61").await["error_code"], "REFUND_AMT_NOT_EQUAL_TOTAL");
    assert_eq!(send("a", "r2", "60").await["result_code"], "REFUND_SUCCESS");
    assert_eq!(status("a").await, "REFUNDED");

    control.default_customer(Behaviour::Never);
    upay(at, "pay", &upay_pay("b", "100", "130730865806264037")).await;
    let refused = "UPAY_REFUND_INVALID_ORDER_STATE";
    assert_eq!(send("b", "r3", "1").await["error_code"], refused);
    upay(at, "cancel", &upay_named("b")).await;
    assert_eq!(send("b", "r3", "1").await["error_code"], refused);
    let sn = format!(
        r#"{{"terminal_sn":"{TERMINAL}","sn":"7894259200000000","refund_request_no":"r4",
"operator":"o","refund_amount":"1"}}"#
    );
    let over = upay(at, "refund", &sn).await["biz_response"].take();
    assert_eq!(over["error_code"], "REFUND_AMT_NOT_EQUAL_TOTAL");
}

#[tokio::test(start_paused = true)]
async fn xml_refunds_fail_and_are_told_by_their_number() {
    let gateway = start(settings(Kind::SosopayXml)).await;
    let (at, control) = (gateway.address(), gateway.control());
    let call = async |operation: &str, body: &str| {
        let target = format!("/openService/{operation}?sign={}", sosopay_sign(body, EPOCH));
        post(at, &target, body).await.text()
    };
    let query = async |number: &str| {
        let target = format!("/openService/query/{number}/?BUSI_ID={MERCHANT}");
        get(at, &target).await.text()
    };
    let pay = format!(
        "<ORDER_REQ><BUSI_ID>{MERCHANT}</BUSI_ID><OPER_ID>o</OPER_ID><AMT>1.00</AMT>\
         <CHANNEL_TYPE>0</CHANNEL_TYPE><DYNAMIC_ID>{WECHAT}</DYNAMIC_ID>\
         <CHARGE_CODE>a</CHARGE_CODE></ORDER_REQ>"
    );
    assert!(call("preOrder", &pay).await.contains("<CODE>SUCCESS<"));
    let refund = |no: &str, yuan: &str| {
        format!(
            "<REFUND_REQ><BUSI_ID>{MERCHANT}</BUSI_ID><OPER_ID>o</OPER_ID>\
             <CHARGE_CODE>a</CHARGE_CODE><OUT_REFUND_NO>{no}</OUT_REFUND_NO>\
             <CHARGE_REFUND_FEE>{yuan}</CHARGE_REFUND_FEE></REFUND_REQ>"
        )
    };
    control.refund("r1", RefundScript { ms: 0, end: RefundEnd::Failed });
    control.refund("r2", RefundScript { ms: 500, end: RefundEnd::Refunded });
    assert!(call("refund", &refund("r1", "1.00")).await.contains("<CODE>FAIL<"));
    assert!(query("a").await.contains("<CHARGE_STATE>9<"));
    assert!(query("r1").await.contains("<CHARGE_STATE>13<"));
    assert!(call("refund", &refund("r2", "0.50")).await.contains("<CODE>SUCCESS<"));
    assert!(query("a").await.contains("<CHARGE_STATE>8<"));
    tokio::time::advance(Duration::from_millis(500)).await;
    assert!(query("a").await.contains("<CHARGE_STATE>4<"));
    assert!(call("refund", &refund("r2", "0.50")).await.contains("<CODE>SERIAL_REPEAT<"));
    assert!(call("refund", &refund("r3", "0.51")).await.contains("<CODE>AMT_ERROR<"));
    assert_eq!(control.ledger_total_fen(), 50);
}

//! The control over HTTP, on the gateway's own port.

mod wire;

use serde_json::{Value, json};
use simulator::{Kind, Simulator};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use wire::*;

async fn gateway() -> Simulator {
    start(settings(Kind::Shouqianba)).await
}

async fn ask(gateway: &Simulator, path: &str, body: &str) -> (u16, Value) {
    let reply = post(gateway.address(), &format!("/_control/{path}"), body).await;
    (reply.status, reply.json())
}

async fn list(gateway: &Simulator, path: &str) -> Value {
    get(gateway.address(), &format!("/_control/{path}")).await.json()
}

#[tokio::test]
async fn a_customer_is_scripted_and_decides() {
    let gateway = gateway().await;
    let at = gateway.address();
    let script = r#"{"code":"284214903060794755","behaviour":"password"}"#;
    assert_eq!(ask(&gateway, "customer", script).await.0, 200);
    let default = r#"{"behaviour":{"decline":"insufficient_funds"}}"#;
    assert_eq!(ask(&gateway, "customer", default).await.0, 200);
    upay(at, "pay", &upay_pay("a", "100", "284214903060794755")).await;
    let no = upay(at, "pay", &upay_pay("b", "100", "284214903060794756")).await;
    assert_eq!(no["biz_response"]["error_code"], "INSUFFICIENT_FUND");
    let (status, order) = ask(&gateway, "approve", r#"{"order":"a"}"#).await;
    assert_eq!((status, order["state"].as_str()), (200, Some("paid")));
    let (status, error) = ask(&gateway, "decline", r#"{"order":"a"}"#).await;
    assert_eq!(status, 409);
    assert!(error["error"].as_str().unwrap().contains("waits for no payment"), "{error}");
    assert_eq!(ask(&gateway, "approve", r#"{"order":"x"}"#).await.0, 409);
    let orders = list(&gateway, "orders").await;
    assert_eq!(orders[0]["paid_fen"], 100);
    assert_eq!(orders[1]["state"], "declined");
    assert_eq!(list(&gateway, "log").await[0]["outcome"], "PAY_IN_PROGRESS");
}

#[tokio::test]
async fn the_phone_scans_pays_and_shows_codes() {
    let gateway = gateway().await;
    let body = format!(
        r#"{{"terminal_sn":"{TERMINAL}","client_sn":"a","total_amount":"100","payway":"3",
"subject":"披萨","operator":"o"}}"#
    );
    let made = upay(gateway.address(), "precreate", &body).await;
    let qr = json!({ "qr": made["biz_response"]["data"]["qr_code"] }).to_string();
    let (_, phone) = ask(&gateway, "scan-qr", &qr).await;
    assert_eq!(
        (phone["amount_fen"].as_i64(), phone["subject"].as_str()),
        (Some(100), Some("披萨"))
    );
    let (_, paid) = ask(&gateway, "pay-qr", &qr).await;
    assert_eq!(paid["state"], "paid");
    assert_eq!(ask(&gateway, "pay-qr", &qr).await.0, 409);
    let (_, shown) = ask(&gateway, "show-code", r#"{"wallet":"alipay"}"#).await;
    let code = shown["code"].as_str().unwrap();
    assert!(code.starts_with("28") && code.len() == 18, "{code}");
    let sold = upay(gateway.address(), "pay", &upay_pay("b", "1", code)).await;
    assert_eq!(sold["biz_response"]["data"]["payway"], "1");
}

#[tokio::test]
async fn faults_network_and_clock_are_driven_from_outside() {
    let gateway = gateway().await;
    let at = gateway.address();
    let rule = r#"{"operation":"query","fault":"maintenance"}"#;
    assert_eq!(ask(&gateway, "fault", rule).await.0, 200);
    let answer = upay(at, "query", &upay_named("a")).await;
    assert_eq!(answer["error_code"], "MAINTENANCE_INPROGRESS");
    assert_eq!(ask(&gateway, "clear-faults", "").await.0, 200);
    let answer = upay(at, "query", &upay_named("a")).await;
    assert_eq!(answer["biz_response"]["error_code"], "UPAY_ORDER_NOT_EXIST");
    assert_eq!(ask(&gateway, "online", r#"{"online":false}"#).await.0, 200);
    assert!(exchange(at, &upay_request("query", "{}")).await.1.is_err());
    assert_eq!(ask(&gateway, "online", r#"{"online":true}"#).await.0, 200);
    assert_eq!(ask(&gateway, "skew", r#"{"seconds":-86400}"#).await.0, 200);
    let reply = send(at, &upay_request("query", &upay_named("a"))).await;
    assert!(reply.header("Date").unwrap().starts_with("Thu, 08 Sep 2016"), "{}", reply.head);
}

#[tokio::test]
async fn a_page_that_is_loaded_again_reads_network_and_faults() {
    let gateway = gateway().await;
    assert_eq!(list(&gateway, "online").await, json!({"online": true, "connectivity": "online"}));
    assert_eq!(list(&gateway, "faults").await, json!([]));
    ask(&gateway, "online", r#"{"online":false}"#).await;
    let rule = r#"{"operation":"pay","nth":2,"fault":{"delay":{"ms":5}}}"#;
    ask(&gateway, "fault", rule).await;
    assert_eq!(list(&gateway, "online").await, json!({"online": false, "connectivity": "cut"}));
    ask(&gateway, "online", r#"{"online":true}"#).await;
    upay(gateway.address(), "pay", &upay_pay("a", "1", "284214903060794755")).await;
    let armed = list(&gateway, "faults").await;
    let rule: Value = serde_json::from_str(rule).unwrap();
    assert_eq!(armed, json!([{"rule": rule, "seen": 1, "fired": 0}]));
    upay(gateway.address(), "pay", &upay_pay("b", "1", "284214903060794756")).await;
    assert_eq!(list(&gateway, "faults").await[0]["fired"], 1);
}

#[tokio::test]
async fn refunds_recharges_terminals_and_people_are_driven_from_outside() {
    let upay_gateway = gateway().await;
    let at = upay_gateway.address();
    upay(at, "pay", &upay_pay("a", "100", "284214903060794755")).await;
    assert_eq!(ask(&upay_gateway, "refund", r#"{"end":"failed"}"#).await.0, 200);
    assert_eq!(ask(&upay_gateway, "refund", r#"{"refund":"r2","ms":60000}"#).await.0, 200);
    upay(at, "refund", &upay_refund("a", "r1", "10")).await;
    upay(at, "refund", &upay_refund("a", "r2", "10")).await;
    let refunds = list(&upay_gateway, "orders").await[0]["refunds"].take();
    let states = (refunds[0]["state"].as_str(), refunds[1]["state"].as_str());
    assert_eq!(states, (Some("failed"), Some("refunding")));
    assert_eq!(ask(&upay_gateway, "refund", r#"{"end":"lost"}"#).await.0, 400);
    let terminals = list(&upay_gateway, "terminals").await;
    assert_eq!(
        (&terminals[0]["terminal_sn"], &terminals[0]["key"]),
        (&json!(TERMINAL), &json!(KEY))
    );

    let gateway = start(settings(Kind::SosopayJson)).await;
    let people = r#"[{"login_name":"a","password":"b","name":"c","may_refund":true}]"#;
    assert_eq!(ask(&gateway, "operators", people).await.0, 200);
    let mut company = list(&gateway, "company").await;
    company["amount_limit"] = json!("9.99");
    assert_eq!(ask(&gateway, "company", &company.to_string()).await.0, 200);
    let body = r#"{"username":"a","password":"b"}"#;
    let told = post(gateway.address(), "/openGateway/openService/login", body).await.json();
    assert_eq!(told["company"]["amountLimit"], "9.99");
    assert_eq!(ask(&gateway, "recharge", r#"{"fails":true}"#).await.0, 200);
    assert_eq!(list(&gateway, "recharges").await, json!([]));
    assert_eq!(list(&gateway, "notifications").await, json!([]));
    assert_eq!(ask(&gateway, "renotify", r#"{"order":"x"}"#).await.0, 409);
}

#[tokio::test]
async fn bad_input_is_refused_with_an_error() {
    let gateway = gateway().await;
    for (path, body, hint) in [
        ("fault", r#"{"fault":"drop_anser"}"#, "`drop_answer`"),
        ("fault", "not json", "line 1"),
        ("customer", r#"{"behaviour":"aprove"}"#, "`approve`"),
        ("online", r#"{"online":"yes"}"#, "boolean"),
        ("approve", "{}", "order"),
    ] {
        let (status, answer) = ask(&gateway, path, body).await;
        assert_eq!(status, 400, "{path} {body}");
        let error = answer["error"].as_str().unwrap();
        assert!(error.contains(hint), "{path} {body}: {error}");
    }
    let jd = ask(&gateway, "show-code", r#"{"wallet":"jd"}"#).await;
    assert_eq!(jd.0, 409);
}

#[tokio::test]
async fn events_tell_of_changes() {
    let gateway = gateway().await;
    let mut stream = TcpStream::connect(gateway.address()).await.unwrap();
    let ask = request("GET", "/_control/events", "", b"");
    stream.write_all(&ask).await.unwrap();
    let mut seen = String::new();
    let mut buffer = [0; 4096];
    while !seen.contains("event: change\ndata: 0") {
        let read = stream.read(&mut buffer).await.unwrap();
        seen.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
    }
    gateway.control().set_online(true);
    while !seen.contains("data: 1") {
        let read = stream.read(&mut buffer).await.unwrap();
        assert!(read > 0, "the stream ended: {seen}");
        seen.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
    }
    gateway.stop().await;
}

//! SOSOPAY's notifications, as a merchant's listener sees them.

mod wire;

use std::{net::SocketAddr, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use simulator::{Control, Fault, FaultRule, Kind, Operation, PhoneError, Port, Simulator};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    time::Instant,
};
use wire::*;

/// Takes one notification and answers it: its request line and its body.
async fn take(listener: &TcpListener, answer: &str) -> (String, String) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut text = String::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).await.unwrap();
        assert!(read > 0, "cut short: {text}");
        text.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap();
        if body.len() < length.parse().unwrap() {
            continue;
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
        return (head.lines().next().unwrap().to_owned(), body.to_owned());
    }
}

const TAKEN: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
const FAILED: &str = "HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

#[tokio::test(start_paused = true)]
async fn a_paid_qr_is_notified_with_a_sign_until_it_is_taken() {
    let gateway = start(settings(Kind::SosopayJson)).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/told?_type=json", listener.local_addr().unwrap());
    let body =
        sosopay_order("a", "0.10").replace("\"AMT\"", &format!("\"NODIFY_URL\":\"{url}\",\"AMT\""));
    let answer = sosopay_post(gateway.address(), "order", &body).await;
    let qr = answer["ORDER_RESP"]["BAR_CODE"].as_str().unwrap();
    gateway.control().phone_pay(qr).unwrap();

    let before = tokio::time::Instant::now();
    let first = take(&listener, FAILED).await;
    let second = take(&listener, TAKEN).await;
    assert_eq!(first, second);
    assert_eq!(before.elapsed().as_secs(), 5);

    let (line, body) = second;
    let sign = line.split_once("&sign=").unwrap().1.split(' ').next().unwrap();
    assert_eq!(sign, sosopay_sign(&without_blanks(&body), EPOCH));
    assert!(line.starts_with("POST /told?_type=json&sign="), "{line}");
    let told: serde_json::Value = serde_json::from_str(&body).unwrap();
    let told = &told["PAY_NODIFY"];
    assert_eq!(told["CHARGE_CODE"], "a");
    assert_eq!((told["STATE"].as_i64(), told["AMT"].as_i64()), (Some(1), Some(10)));
    assert_eq!(told["BUSI_ID"], MERCHANT);
}

#[tokio::test(start_paused = true)]
async fn xml_v1_wants_to_hear_success() {
    let gateway = start(settings(Kind::SosopayXml)).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/nodify", listener.local_addr().unwrap());
    let body = format!(
        "<ORDER_REQ><BUSI_ID>{MERCHANT}</BUSI_ID><OPER_ID>o</OPER_ID><AMT>1.20</AMT>\
         <CHANNEL_TYPE>1</CHANNEL_TYPE><CHARGE_CODE>a</CHARGE_CODE>\
         <NODIFY_URL>{url}</NODIFY_URL></ORDER_REQ>"
    );
    let target = format!("/openService/order?sign={}", sosopay_sign(&body, EPOCH));
    post(gateway.address(), &target, &body).await;
    gateway.control().approve("a").unwrap();
    take(&listener, TAKEN).await;
    let said = "<PAY_NODIFY_RESP><NODIFY_SUCCESS>SUCCESS</NODIFY_SUCCESS></PAY_NODIFY_RESP>";
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{said}", said.len());
    let (line, body) = take(&listener, &answer).await;
    let sign = line.split_once("?sign=").unwrap().1.split(' ').next().unwrap();
    assert_eq!(sign, sosopay_sign(&body, EPOCH));
    assert!(body.contains("<PAY_NODIFY><BUSI_ID>0010000001</BUSI_ID>"), "{body}");
    assert!(body.contains("<AMT>1.20</AMT>") && body.contains("<CHARGE_STATE>1<"), "{body}");
}

/// A merchant's listener, a gateway with that fault of its notifications, and a paid QR.
async fn told(kind: Kind, asks: &str, fault: Fault) -> (Simulator, Control, TcpListener) {
    let gateway = start(settings(kind)).await;
    let control = gateway.control();
    control.inject(FaultRule::nth(Operation::Notify, 1, fault));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let body = order_for(&listener, asks);
    sosopay_post(gateway.address(), "order", &body).await;
    control.approve("a").unwrap();
    (gateway, control, listener)
}

fn order_for(listener: &TcpListener, asks: &str) -> String {
    order_to(listener.local_addr().unwrap(), asks)
}

fn order_to(address: SocketAddr, asks: &str) -> String {
    let url = format!("http://{address}/told{asks}");
    sosopay_order("a", "0.10").replace("\"AMT\"", &format!("\"NODIFY_URL\":\"{url}\",\"AMT\""))
}

fn sign_of(line: &str) -> &str {
    line.split_once("sign=").unwrap().1.split(' ').next().unwrap()
}

async fn logged(control: &Control, attempts: usize) -> Vec<String> {
    let mut changes = control.subscribe();
    while control.notifications().len() < attempts {
        changes.changed().await.unwrap();
    }
    control.notifications().into_iter().map(|line| line.outcome).collect()
}

#[tokio::test(start_paused = true)]
async fn a_notification_is_given_up_after_thirty_attempts() {
    let gateway = start(settings(Kind::SosopayJson)).await;
    let control = gateway.control();
    // Nobody listens there.
    let port = Port::reserve(([127, 0, 0, 1], 0).into()).unwrap();
    let body = order_to(port.address(), "?_type=json");
    sosopay_post(gateway.address(), "order", &body).await;
    control.approve("a").unwrap();
    let before = Instant::now();
    let outcomes = logged(&control, 30).await;
    let refused = |outcome: &String| outcome.starts_with("not delivered: Connection refused");
    assert!(outcomes.iter().all(refused), "{outcomes:?}");
    assert_eq!(before.elapsed().as_secs(), 29 * 5);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(control.notifications().len(), 30);
}

#[tokio::test(start_paused = true)]
async fn a_notification_is_lost_late_or_repeated() {
    let (gateway, control, _listener) = told(Kind::SosopayJson, "", Fault::DropRequest).await;
    assert_eq!(logged(&control, 1).await, ["lost"]);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(control.notifications().len(), 1);
    gateway.stop().await;

    let late = Fault::Delay { ms: 90_000 };
    let (gateway, control, listener) = told(Kind::SosopayJson, "", late).await;
    let before = Instant::now();
    take(&listener, TAKEN).await;
    assert_eq!(before.elapsed().as_secs(), 90);
    assert_eq!(logged(&control, 1).await, ["accepted"]);
    gateway.stop().await;

    let often = Fault::Repeat { times: 31, ms: 100 };
    let (_gateway, control, listener) = told(Kind::SosopayJson, "", often).await;
    let first = take(&listener, TAKEN).await;
    for _ in 1..31 {
        assert_eq!(take(&listener, TAKEN).await, first);
    }
    assert_eq!(logged(&control, 31).await.len(), 31);
    assert_eq!(control.notifications()[30].attempt, 31);
}

#[tokio::test(start_paused = true)]
async fn a_notification_comes_before_the_answer_to_its_order() {
    let gateway = start(settings(Kind::SosopayJson)).await;
    let control = gateway.control();
    control.inject(FaultRule::nth(Operation::Precreate, 1, Fault::EarlyNotice));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let body = order_for(&listener, "?_type=json");
    let target = sosopay_target("order", &body, "&_type=json");
    let answer = async {
        let reply = post(gateway.address(), &target, &body).await.json();
        (reply, Instant::now())
    };
    let notification = async {
        let (_, body) = take(&listener, TAKEN).await;
        (serde_json::from_str::<Value>(&body).unwrap(), Instant::now())
    };
    let ((answer, answered), (notified, taken)) = tokio::join!(answer, notification);
    assert_eq!(notified["PAY_NODIFY"]["STATE"], 1);
    assert!(taken <= answered);
    assert_eq!(answer["ORDER_RESP"]["RESULT"]["CODE"], "SUCCESS");
    assert_eq!(logged(&control, 1).await, ["accepted"]);
    assert_eq!(sosopay_query(gateway.address(), "a").await["STATE"], 1);
}

#[tokio::test(start_paused = true)]
async fn a_notification_is_forged_or_tells_another_amount() {
    let (_gateway, _, listener) = told(Kind::SosopayJson, "?_type=json", Fault::WrongSign).await;
    let (line, body) = take(&listener, TAKEN).await;
    let genuine = sosopay_sign(&without_blanks(&body), EPOCH);
    assert!(sign_of(&line).ends_with(&format!(":{EPOCH}")));
    assert_eq!(sign_of(&line).len(), genuine.len());
    assert_ne!(sign_of(&line), genuine);

    for (fault, field, value) in [
        (Fault::WrongAmount, "AMT", "110"),
        (Fault::WrongOrder, "CHARGE_CODE", "\"Xa\""),
        (Fault::WrongMerchant, "BUSI_ID", "\"90010000001\""),
    ] {
        let (_gateway, _, listener) = told(Kind::SosopayJson, "?_type=json", fault).await;
        let (line, body) = take(&listener, TAKEN).await;
        // Spoilt, and signed for what it says.
        assert_eq!(sign_of(&line), sosopay_sign(&without_blanks(&body), EPOCH));
        let told: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(told["PAY_NODIFY"][field].to_string(), value);
    }
}

#[tokio::test(start_paused = true)]
async fn a_notification_is_encrypted_as_it_should_or_should_not_be() {
    use des::TdesEde3;
    use ecb::cipher::{BlockModeDecrypt, KeyInit, block_padding::Pkcs7};
    let open = |sealed: &str| -> Vec<u8> {
        let key: [u8; 24] = KEY.as_bytes().try_into().unwrap();
        let mut buffer = STANDARD.decode(sealed).unwrap();
        let cipher = ecb::Decryptor::<TdesEde3>::new(&key.into());
        cipher.decrypt_padded::<Pkcs7>(&mut buffer).unwrap().to_vec()
    };
    let both = [
        ("?_type=json&encrypt=3DES", Fault::Delay { ms: 0 }, true),
        ("?_type=json&encrypt=3DES", Fault::WrongEncryption, false),
        ("?_type=json", Fault::WrongEncryption, true),
    ];
    for (asks, fault, sealed) in both {
        let (_gateway, _, listener) = told(Kind::SosopayJson, asks, fault).await;
        let (line, body) = take(&listener, TAKEN).await;
        let plain = if sealed { String::from_utf8(open(&body)).unwrap() } else { body };
        assert!(plain.starts_with("{\"PAY_NODIFY\""), "{plain}");
        assert_eq!(sign_of(&line), sosopay_sign(&without_blanks(&plain), EPOCH));
    }
    let (_gateway, _, listener) = told(Kind::SosopayJson, "", Fault::Delay { ms: 0 }).await;
    let (line, body) = take(&listener, TAKEN).await;
    assert!(body.starts_with("<?xml"), "without _type it is XML: {body}");
    assert_eq!(sign_of(&line), sosopay_sign(&without_blanks(&body), EPOCH));
}

#[tokio::test(start_paused = true)]
async fn our_own_request_is_played_back_and_a_notification_again() {
    let (gateway, control, listener) =
        told(Kind::SosopayJson, "?_type=json", Fault::PlayedBack).await;
    let (line, body) = take(&listener, TAKEN).await;
    assert_eq!(sign_of(&line), sosopay_sign(&without_blanks(&body), EPOCH));
    let back: Value = serde_json::from_str(&body).unwrap();
    let sent: Value = serde_json::from_str(&order_for(&listener, "?_type=json")).unwrap();
    assert_eq!(back, sent);
    logged(&control, 1).await;
    assert_eq!(control.notifications()[0].fault, Some(Fault::PlayedBack));
    gateway.stop().await;

    let none = Fault::Delay { ms: 0 };
    let (gateway, control, listener) = told(Kind::SosopayJson, "?_type=json", none).await;
    let first = take(&listener, TAKEN).await;
    logged(&control, 1).await;
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    control.renotify("a").unwrap();
    assert_eq!(take(&listener, TAKEN).await, first);
    let answer = post(gateway.address(), "/_control/renotify", r#"{"order":"a"}"#).await;
    assert_eq!(answer.status, 200);
    assert_eq!(take(&listener, TAKEN).await, first);
    assert_eq!(control.renotify("x"), Err(PhoneError::Unknown("x".into())));
    logged(&control, 3).await;
    let log = get(gateway.address(), "/_control/notifications").await.json();
    assert_eq!(log.as_array().unwrap().len(), 3);
    assert_eq!(log[0]["outcome"], "accepted");
    assert!(log[0]["body"].as_str().unwrap().contains("PAY_NODIFY"));
}

#[tokio::test(start_paused = true)]
async fn a_rule_for_every_call_leaves_notifications_alone() {
    let gateway = start(settings(Kind::SosopayJson)).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let body = order_for(&listener, "?_type=json");
    sosopay_post(gateway.address(), "order", &body).await;
    gateway.control().inject(FaultRule::always(Fault::Garbage));
    gateway.control().approve("a").unwrap();
    assert!(take(&listener, TAKEN).await.1.contains("PAY_NODIFY"));
}

#[tokio::test(start_paused = true)]
async fn official_account_orders_and_recharges_are_notified_too() {
    let gateway = start(settings(Kind::SosopayJson)).await;
    let control = gateway.control();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let jsapi = order_for(&listener, "?_type=json")
        .replace("\"AMT\"", "\"TRADE_TYPE\":\"JSAPI\",\"subOpenid\":\"o\",\"AMT\"");
    sosopay_post(gateway.address(), "order", &jsapi).await;
    control.approve("a").unwrap();
    assert!(take(&listener, TAKEN).await.1.contains("\"CHARGE_CODE\":\"a\""));

    let url = format!("http://{}/recharged", listener.local_addr().unwrap());
    let body = format!(r#"{{"phoneNo":"13812345678","flowVal":100,"notifyURL":"{url}"}}"#);
    let sign = sosopay_sign(&body, EPOCH);
    let target = format!("/openGateway/platService/flowRecharge/{MERCHANT}?sign={sign}");
    post(gateway.address(), &target, &body).await;
    let (line, told) = take(&listener, TAKEN).await;
    assert_eq!(sign_of(&line), sosopay_sign(&without_blanks(&told), EPOCH + 5));
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["flow"]["status"], "2");
}

//! SOSOPAY's notifications, as a merchant's listener sees them.

mod wire;

use simulator::Kind;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
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

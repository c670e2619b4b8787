//! A raw client for the simulator's tests: sockets and signs, and nothing of the simulator's code.
//!
//! The signs are computed here from the documents a second time.

#![allow(dead_code, reason = "every test binary uses its own part of this client")]

use std::net::SocketAddr;

use md5::{Digest, Md5};
use serde_json::Value;
use simulator::{Kind, Settings, Simulator};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// The wall clock every test starts with.
pub const EPOCH: i64 = 1_473_431_447;
pub const KEY: &str = "demo-key-for-simulations";
pub const TERMINAL: &str = "1122234-dewls02s2";
pub const MERCHANT: &str = "0010000001";

pub fn settings(kind: Kind) -> Settings {
    Settings { epoch_unix_s: Some(EPOCH), read_timeout_ms: None, ..Settings::demo(kind) }
}

pub async fn start(settings: Settings) -> Simulator {
    simulator::start(settings).await.unwrap()
}

pub fn md5_hex(text: &[u8]) -> String {
    Md5::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An answer, taken apart.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!("{error}: {}", String::from_utf8_lossy(&self.body));
        })
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (field, value) = line.split_once(':')?;
            field.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// Sends bytes and reads until the server closes, or breaks off: then the error says how.
pub async fn exchange(address: SocketAddr, bytes: &[u8]) -> (Vec<u8>, std::io::Result<()>) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    let end = stream.read_to_end(&mut answer).await.map(|_| ());
    (answer, end)
}

pub fn take_apart(answer: &[u8]) -> Reply {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("a whole head");
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Reply { status, head, body: answer[end + 4..].to_vec() }
}

pub fn request(method: &str, target: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "{method} {target} HTTP/1.1\r\nHost: gateway\r\n{headers}Content-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

pub async fn send(address: SocketAddr, bytes: &[u8]) -> Reply {
    let (answer, end) = exchange(address, bytes).await;
    end.unwrap();
    take_apart(&answer)
}

pub async fn post(address: SocketAddr, target: &str, body: &str) -> Reply {
    send(address, &request("POST", target, "Connection: close\r\n", body.as_bytes())).await
}

pub async fn get(address: SocketAddr, target: &str) -> Reply {
    send(address, &request("GET", target, "Connection: close\r\n", b"")).await
}

/// Upay v2 §2-2: MD5 over the body's bytes and the key.
pub fn upay_request(operation: &str, body: &str) -> Vec<u8> {
    let sign = md5_hex(format!("{body}{KEY}").as_bytes());
    let header = format!("Authorization: {TERMINAL} {sign}\r\nContent-Type: application/json\r\n");
    request("POST", &format!("/upay/v2/{operation}"), &header, body.as_bytes())
}

pub async fn upay(address: SocketAddr, operation: &str, body: &str) -> Value {
    let reply = send(address, &upay_request(operation, body)).await;
    assert_eq!(reply.status, 200);
    reply.json()
}

pub fn upay_pay(client_sn: &str, fen: &str, code: &str) -> String {
    format!(
        r#"{{"terminal_sn":"{TERMINAL}","client_sn":"{client_sn}","total_amount":"{fen}",
"dynamic_id":"{code}","subject":"达美乐披萨","operator":"刘侃"}}"#
    )
}

pub fn upay_named(client_sn: &str) -> String {
    format!(r#"{{"terminal_sn":"{TERMINAL}","client_sn":"{client_sn}"}}"#)
}

/// JSON zh "签名计算": MD5(timestamp + key + content):timestamp.
pub fn sosopay_sign(content: &str, timestamp: i64) -> String {
    format!("{}:{timestamp}", md5_hex(format!("{timestamp}{KEY}{content}").as_bytes()))
}

pub fn without_blanks(body: &str) -> String {
    body.replace([' ', '\t', '\r', '\n'], "")
}

/// The target of a signed JSON POST.
pub fn sosopay_target(operation: &str, body: &str, extra: &str) -> String {
    let sign = sosopay_sign(&without_blanks(body), EPOCH);
    format!("/openGateway/openService/{operation}?sign={sign}&busiCode={MERCHANT}{extra}")
}

pub async fn sosopay_post(address: SocketAddr, operation: &str, body: &str) -> Value {
    let reply = post(address, &sosopay_target(operation, body, "&_type=json"), body).await;
    assert_eq!(reply.status, 200);
    reply.json()
}

pub async fn sosopay_get(address: SocketAddr, rest: &str) -> Value {
    let reply = get(address, &format!("/openGateway/openService/{rest}")).await;
    assert_eq!(reply.status, 200);
    reply.json()
}

pub async fn sosopay_query(address: SocketAddr, order: &str) -> Value {
    sosopay_get(address, &format!("query/{order}/{MERCHANT}?_type=json")).await["QUERY_RESP"].take()
}

pub async fn sosopay_cancel(address: SocketAddr, order: &str, extra: &str) -> Value {
    let sign = sosopay_sign(&format!("chargeCode={order}&busiCode={MERCHANT}"), EPOCH);
    let rest = format!("cancelTrade/{order}/{MERCHANT}?sign={sign}&_type=json{extra}");
    sosopay_get(address, &rest).await["CANCELTRADE_RESP"]["RESULT"]["CODE"].take()
}

pub fn sosopay_pay(order: &str, yuan: &str, code: &str) -> String {
    format!(
        r#"{{"AMT": "{yuan}", "BUSI_ID": "{MERCHANT}", "CHANNEL_TYPE": "0", "DYNAMIC_ID_TYPE": "1",
 "DYNAMIC_ID": "{code}", "PAY_SUBJECT": "SOUSHOU product 2", "OPER_ID": "test1",
 "CHARGE_CODE": "{order}", "DEV_ID": "Cash register 1"}}"#
    )
}

pub fn sosopay_order(order: &str, yuan: &str) -> String {
    format!(
        r#"{{"AMT":"{yuan}","BUSI_ID":"{MERCHANT}","CHANNEL_TYPE":"2","DEV_ID":"dev1",
"PAY_SUBJECT":"嗖嗖产品1","OPER_ID":"oper1","CHARGE_CODE":"{order}"}}"#
    )
}

pub fn sosopay_refund(order: &str, no: &str, yuan: &str) -> String {
    format!(
        r#"{{"BUSI_ID":"{MERCHANT}","CHARGE_CODE":"{order}","DEV_ID":"dev01",
"CHARGE_REFUND_FEE":"{yuan}","REFUND_SUBJECT":"退款","OUT_REFUND_NO":"{no}","OPER_ID":"oper01"}}"#
    )
}

pub fn upay_refund(client_sn: &str, no: &str, fen: &str) -> String {
    format!(
        r#"{{"terminal_sn":"{TERMINAL}","client_sn":"{client_sn}","refund_request_no":"{no}",
"operator":"o","refund_amount":"{fen}"}}"#
    )
}

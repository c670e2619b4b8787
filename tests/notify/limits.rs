//! Nobody who can reach the port can fill the memory or hold the listener (I15).

use crate::postbox::{read_answer, send};
use cashier::app::notify::{self, BODY_LEN_MAX, Taken};
use cashier::app::sockets::{self, CONNECTIONS_MAX};
use cashier::gateway::{Gateway, Kind, Settings};
use md5::{Digest as _, Md5};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const KEY: &str = "demo-key-for-simulations";

/// A listener, and a terminal behind it that takes every notification as `taken` says; one that
/// says nothing keeps it waiting.
async fn listener(taken: Option<Taken>) -> SocketAddr {
    let gateway = Gateway::new(settings()).expect("settings");
    let (router, mut inbox) = notify::router(gateway);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(sockets::serve(listener, router));
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Some(told) = inbox.recv().await {
            match taken {
                Some(taken) => drop(told.taken.send(taken)),
                None => kept.push(told),
            }
        }
    });
    address
}

fn settings() -> Settings {
    Settings {
        kind: Kind::SosopayJson,
        base_url: "https://gateway.example/openGateway/openService/".to_owned(),
        merchant_id: "0010000001".to_owned(),
        store: None,
        device: "dev01".to_owned(),
        key: cashier::secret::Secret::new(KEY.to_owned()),
        terminal_sn: None,
        encrypt: None,
        response: cashier::gateway::ResponseFormat::Json,
        operator_field: cashier::gateway::OperatorField::OperId,
        notify_url: None,
        paths: cashier::gateway::Paths::default(),
    }
}

/// A notification that is right, made longer with a field that nobody reads.
fn letter(filling: usize) -> (String, Vec<u8>) {
    let filling = "x".repeat(filling);
    let body = format!(
        "{{\"PAY_NODIFY\":{{\"BUSI_ID\":\"0010000001\",\"CHARGE_CODE\":\"ORDER1\",\
         \"AMT\":\"1\",\"X\":\"{filling}\"}}}}"
    );
    let digest = Md5::new().chain_update("1").chain_update(KEY).chain_update(&body).finalize();
    let hex = digest.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    (format!("/?sign={hex}:1"), body.into_bytes())
}

#[tokio::test]
async fn what_the_terminal_says_is_what_the_gateway_hears() {
    for (taken, status) in
        [(Taken::Durable, 200), (Taken::UnknownOrder, 404), (Taken::NotDurable, 503)]
    {
        let address = listener(Some(taken)).await;
        let (target, body) = letter(0);
        assert_eq!(send(address, "POST", &target, &body).await.status, status, "{taken:?}");
        for path in ["/any", "/any/path/at/all/"] {
            let target = format!("{path}{}", &target[1..]);
            assert_eq!(send(address, "POST", &target, &body).await.status, status, "{target}");
        }
    }
}

#[tokio::test]
async fn a_body_may_be_so_long_and_no_longer() {
    let address = listener(Some(Taken::Durable)).await;
    let (_, empty) = letter(0);
    let (target, longest) = letter(BODY_LEN_MAX - empty.len());
    assert_eq!(longest.len(), BODY_LEN_MAX);
    assert_eq!(send(address, "POST", &target, &longest).await.status, 200);
    let (target, longer) = letter(BODY_LEN_MAX - empty.len() + 1);
    assert_eq!(send(address, "POST", &target, &longer).await.status, 413);
}

#[tokio::test]
async fn a_head_may_be_so_long_and_no_longer() {
    let address = listener(Some(Taken::Durable)).await;
    let (target, body) = letter(0);
    let long = format!("{target}&x={}", "x".repeat(20_000));
    let answer = send(address, "POST", &long, &body).await;
    assert!([414, 431].contains(&answer.status), "{answer:?}");
    let answer = send(address, "POST", &target, &body).await;
    assert_eq!(answer.status, 200, "and the next one is served");
}

#[tokio::test(start_paused = true)]
async fn a_terminal_that_does_not_answer_leaves_it_to_be_repeated() {
    let address = listener(None).await;
    let (target, body) = letter(0);
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    stream.write_all(&request(&target, &body)).await.expect("sent");
    assert_eq!(read_answer(&mut stream).await.status, 503);
}

#[tokio::test(start_paused = true)]
async fn a_head_that_does_not_end_is_ended() {
    let address = listener(Some(Taken::Durable)).await;
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    stream.write_all(b"POST / HTTP/1.1\r\nHost: x\r\nX-").await.expect("sent");
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.expect("closed");
    assert!(rest.is_empty() || rest.starts_with(b"HTTP/1.1 408"), "{rest:?}");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_end_is_ended() {
    let address = listener(Some(Taken::Durable)).await;
    let (target, body) = letter(0);
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    let all = request(&target, &body);
    stream.write_all(&all[..all.len() - 1]).await.expect("sent");
    assert_eq!(read_answer(&mut stream).await.status, 408);
}

fn request(target: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

#[tokio::test]
async fn one_connection_too_many_is_turned_away() {
    let address = listener(Some(Taken::Durable)).await;
    let mut held = Vec::new();
    for _ in 0..CONNECTIONS_MAX {
        let mut stream = TcpStream::connect(address).await.expect("it listens");
        stream.write_all(b"POST / HTTP/1.1\r\n").await.expect("sent");
        held.push(stream);
    }
    let mut one_more = TcpStream::connect(address).await.expect("it listens");
    assert_eq!(read_answer(&mut one_more).await.status, 503);
    drop(held);
    // Once the others are gone there is room again.
    let (target, body) = letter(0);
    let served = async { while send(address, "POST", &target, &body).await.status != 200 {} };
    crate::common::within("room", served).await;
}

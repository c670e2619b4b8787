//! Every fault, as a raw client sees it, and what it leaves in the books.

mod wire;

use std::{io::ErrorKind, time::Duration};

use simulator::{
    Behaviour, BreakOff, Connectivity, Control, Fault, FaultRule, Kind, Operation, Simulator, State,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use wire::*;

const CODE: &str = "284214903060794755";

async fn upay_gateway(fault: Fault) -> (Simulator, Control) {
    let gateway = start(settings(Kind::Shouqianba)).await;
    let control = gateway.control();
    control.inject(FaultRule::nth(Operation::Pay, 1, fault));
    (gateway, control)
}

/// Pays once under a fault: what came back, how it ended, and whether the order exists.
async fn pay_under(fault: Fault) -> (Vec<u8>, std::io::Result<()>, Option<State>) {
    let (gateway, control) = upay_gateway(fault.clone()).await;
    let bytes = upay_request("pay", &upay_pay("a", "100", CODE));
    let (answer, end) = exchange(gateway.address(), &bytes).await;
    let state = control.order("a").map(|order| order.state);
    assert_eq!(control.requests()[0].fault, Some(fault));
    // The rule was for the first call only.
    let query = upay(gateway.address(), "query", &upay_named("a")).await;
    assert_eq!(query["result_code"], "200");
    (answer, end, state)
}

#[tokio::test]
async fn an_answer_can_be_lost_after_and_before_the_payment() {
    let (answer, end, state) = pay_under(Fault::DropAnswer).await;
    assert!(answer.is_empty() && end.is_ok());
    assert_eq!(state, Some(State::Paid));
    let (answer, end, state) = pay_under(Fault::DropRequest).await;
    assert!(answer.is_empty() && end.is_ok());
    assert_eq!(state, None);
}

#[tokio::test]
async fn a_connection_is_reset_after_byte_k() {
    for k in [0, 1, 20, 200] {
        let (answer, end, state) = pay_under(Fault::Reset { bytes: k }).await;
        assert_eq!(end.unwrap_err().kind(), ErrorKind::ConnectionReset, "k = {k}");
        assert!(answer.len() <= k, "k = {k}: {} bytes", answer.len());
        assert_eq!(state, Some(State::Paid));
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_is_delayed_before_or_after_it_is_processed() {
    for (fault, created_at) in
        [(Fault::Delay { ms: 40_000 }, 40_000), (Fault::DelayAnswer { ms: 40_000 }, 0)]
    {
        let (gateway, control) = upay_gateway(fault).await;
        let before = tokio::time::Instant::now();
        upay(gateway.address(), "pay", &upay_pay("a", "100", CODE)).await;
        assert_eq!(before.elapsed().as_secs(), 40);
        assert_eq!(control.order("a").unwrap().history[0].at_ms, created_at);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_drips() {
    let (gateway, _) = upay_gateway(Fault::Drip { ms: 10 }).await;
    let before = tokio::time::Instant::now();
    let bytes = upay_request("pay", &upay_pay("a", "100", CODE));
    let (answer, end) = exchange(gateway.address(), &bytes).await;
    end.unwrap();
    let reply = take_apart(&answer);
    assert_eq!(reply.json()["biz_response"]["result_code"], "PAY_SUCCESS");
    assert_eq!(before.elapsed().as_millis(), answer.len() as u128 * 10);
}

#[tokio::test]
async fn http_fails_before_or_after_the_payment() {
    for (processed, expected) in [(false, None), (true, Some(State::Paid))] {
        let (answer, _, state) = pay_under(Fault::Http500 { processed }).await;
        assert_eq!(take_apart(&answer).status, 500);
        assert_eq!(state, expected);
    }
}

#[tokio::test]
async fn bodies_are_cut_huge_garbage_or_deep() {
    let (answer, _, state) = pay_under(Fault::Truncated).await;
    let reply = take_apart(&answer);
    assert_eq!(reply.header("Content-Length").unwrap(), reply.body.len().to_string());
    assert!(serde_json::from_slice::<serde_json::Value>(&reply.body).is_err());
    assert_eq!(state, Some(State::Paid));

    let (answer, _, _) = pay_under(Fault::Huge).await;
    let reply = take_apart(&answer);
    assert!(reply.body.len() > 10 * 1024 * 1024);
    assert_eq!(reply.header("Content-Length"), None);

    let (answer, _, _) = pay_under(Fault::Garbage).await;
    let body = take_apart(&answer).body;
    assert!(std::str::from_utf8(&body).is_err() && body.contains(&0));

    let (answer, _, _) = pay_under(Fault::DeeplyNested).await;
    assert!(take_apart(&answer).body.starts_with(b"[[[[[[[["));
}

#[tokio::test]
async fn an_answer_breaks_off_within_its_body() {
    let announced = |answer: &[u8]| {
        let reply = take_apart(answer);
        let len: usize = reply.header("Content-Length").unwrap().parse().unwrap();
        (reply.body.len(), len)
    };
    let (answer, end, state) = pay_under(Fault::BrokenOff { how: BreakOff::Closed }).await;
    let (came, len) = announced(&answer);
    assert!(end.is_ok() && came == len / 2 && came > 0, "{came} of {len}");
    assert_eq!(state, Some(State::Paid));

    let (answer, end, _) = pay_under(Fault::BrokenOff { how: BreakOff::Reset }).await;
    assert_eq!(end.unwrap_err().kind(), ErrorKind::ConnectionReset);
    let (came, len) = announced(&answer);
    assert!(came == 0 && len > 0, "{came} of {len}");

    let (answer, end, _) = pay_under(Fault::BrokenOff { how: BreakOff::BadChunk }).await;
    end.unwrap();
    let reply = take_apart(&answer);
    assert_eq!(reply.header("Transfer-Encoding"), Some("chunked"));
    assert!(reply.body.ends_with(b"\r\nno length\r\n"), "{}", reply.text());

    let (gateway, _) = upay_gateway(Fault::BrokenOff { how: BreakOff::Stalled }).await;
    let mut stream = TcpStream::connect(gateway.address()).await.unwrap();
    stream.write_all(&upay_request("pay", &upay_pay("a", "100", CODE))).await.unwrap();
    let mut answer = Vec::new();
    while !answer.windows(4).any(|window| window == b"\r\n\r\n") || {
        let (came, len) = announced(&answer);
        came < len / 2
    } {
        assert_ne!(stream.read_buf(&mut answer).await.unwrap(), 0);
    }
    let quiet = timeout(Duration::from_millis(50), stream.read_buf(&mut answer)).await;
    assert!(quiet.is_err(), "the connection stays open");
}

#[tokio::test]
async fn answers_name_another_order_amount_or_merchant() {
    for (fault, field, value) in [
        (Fault::WrongOrder, "client_sn", "Xa"),
        (Fault::WrongAmount, "total_amount", "1100"),
        (Fault::WrongMerchant, "terminal_sn", "91122234-dewls02s2"),
    ] {
        let (answer, _, _) = pay_under(fault).await;
        assert_eq!(take_apart(&answer).json()["biz_response"]["data"][field], value);
    }
    let (answer, _, _) = pay_under(Fault::WrongType).await;
    assert_eq!(take_apart(&answer).json()["biz_response"]["data"]["total_amount"], 100);
    let (answer, _, _) = pay_under(Fault::DuplicateKeys).await;
    let text = take_apart(&answer).text();
    assert_eq!(text.matches("\"order_status\"").count(), 2, "{text}");
    let (answer, _, _) = pay_under(Fault::ContradictingAnswers).await;
    let business = take_apart(&answer).json()["biz_response"].take();
    assert_eq!(business["result_code"], "PAY_SUCCESS");
    assert_eq!(business["data"]["order_status"], "PAY_CANCELED");
}

#[tokio::test]
async fn a_documented_code_is_answered_in_the_layer_it_belongs_to() {
    for (code, layer, result, error) in [
        ("UNKNOWN_SYSTEM_ERROR", "500", None, Some("UNKNOWN_SYSTEM_ERROR")),
        ("INVALID_TERMINAL", "400", None, Some("INVALID_TERMINAL")),
        ("INSUFFICIENT_FUND", "200", Some("PAY_FAIL"), Some("INSUFFICIENT_FUND")),
        ("TRADE_HAS_SUCCESS", "200", Some("FAIL"), Some("TRADE_HAS_SUCCESS")),
        ("PAY_FAIL_ERROR", "200", Some("PAY_FAIL_ERROR"), Some("TRADE_FAILED")),
        ("PAY_IN_PROGRESS", "200", Some("PAY_IN_PROGRESS"), None),
    ] {
        let fault = Fault::ErrorCode { code: code.into(), processed: false };
        let (answer, _, state) = pay_under(fault).await;
        let json = take_apart(&answer).json();
        assert_eq!(json["result_code"], layer, "{code}");
        assert_eq!(json["biz_response"]["result_code"].as_str(), result, "{code}");
        let told = json["error_code"].as_str().or(json["biz_response"]["error_code"].as_str());
        assert_eq!(told, error, "{code}");
        assert_eq!(state, None);
    }
    let fault = Fault::ErrorCode { code: "PAY_FAIL_ERROR".into(), processed: true };
    let (answer, _, state) = pay_under(fault).await;
    let data = take_apart(&answer).json()["biz_response"]["data"].take();
    assert_eq!((data["order_status"].as_str(), state), (Some("PAY_ERROR"), Some(State::Paid)));
}

#[tokio::test]
async fn sosopay_answers_any_code_of_its_appendix() {
    let gateway = start(settings(Kind::SosopayJson)).await;
    let at = gateway.address();
    for code in [
        "SUCESS",
        "FAIL",
        "ILLEGAL_PARAMETER",
        "INVALID_SIGN",
        "AMT_ERROR",
        "DATABASE_ERROR",
        "INVALID_CONTRACT",
        "UNREGISTERED_BUSI",
        "EXCEPTION",
        "CHARGE_NONEXISTENT",
        "SERVICE_UNAVAILABLE",
        "HTTP_EXCEPTION",
        "IO_EXCEPTION",
        "AREADY_REVOKED",
        "SERIAL_REPEAT",
    ] {
        let fault = Fault::ErrorCode { code: code.into(), processed: false };
        gateway.control().inject(FaultRule::on(Operation::Pay, fault).times(1));
        let answer = sosopay_post(at, "preOrder", &sosopay_pay("a", "1.00", CODE)).await;
        assert_eq!(answer["ORDER_RESP"]["RESULT"]["CODE"], code);
    }
    gateway.control().inject(FaultRule::nth(Operation::Query, 1, Fault::ContradictingAnswers));
    sosopay_post(at, "preOrder", &sosopay_pay("a", "1.00", CODE)).await;
    let query = sosopay_query(at, "a").await;
    assert_eq!(
        (query["RESULT"]["CODE"].as_str(), query["STATE"].as_i64()),
        (Some("FAIL"), Some(1))
    );
}

#[tokio::test]
async fn a_redirect_leads_elsewhere_and_nothing_is_processed() {
    let (answer, _, state) = pay_under(Fault::Redirect).await;
    let reply = take_apart(&answer);
    assert_eq!(reply.status, 302);
    assert_eq!(reply.header("Location"), Some("http://captive.example.com/login"));
    assert_eq!(state, None);
}

#[tokio::test]
async fn an_order_that_exists_is_not_found_for_a_while() {
    let gateway = start(settings(Kind::Shouqianba)).await;
    let at = gateway.address();
    upay(at, "pay", &upay_pay("a", "100", CODE)).await;
    gateway.control().inject(FaultRule::on(Operation::Query, Fault::StaleNotFound).times(2));
    for _ in 0..2 {
        let stale = upay(at, "query", &upay_named("a")).await;
        assert_eq!(stale["biz_response"]["error_code"], "UPAY_ORDER_NOT_EXISTS");
    }
    let found = upay(at, "query", &upay_named("a")).await;
    assert_eq!(found["biz_response"]["data"]["order_status"], "PAID");
}

#[tokio::test]
async fn maintenance_has_its_own_answer_in_each_protocol() {
    let (answer, _, state) = pay_under(Fault::Maintenance).await;
    let json = take_apart(&answer).json();
    assert_eq!((json["result_code"].as_str(), state), (Some("500"), None));
    assert_eq!(json["error_code"], "MAINTENANCE_INPROGRESS");
    let gateway = start(settings(Kind::SosopayJson)).await;
    gateway.control().inject(FaultRule::always(Fault::Maintenance));
    let query = sosopay_query(gateway.address(), "a").await;
    assert_eq!(query["RESULT"]["CODE"], "SERVICE_UNAVAILABLE");
}

#[tokio::test(start_paused = true)]
async fn a_black_hole_swallows_the_call_or_only_its_answer() {
    for (fault, expected) in [(Fault::Offline, None), (Fault::Silence, Some(State::Paid))] {
        let (gateway, control) = upay_gateway(fault).await;
        let bytes = upay_request("pay", &upay_pay("a", "100", CODE));
        let waited = timeout(Duration::from_secs(90), exchange(gateway.address(), &bytes)).await;
        assert!(waited.is_err(), "nothing comes");
        assert_eq!(control.order("a").map(|order| order.state), expected);
        gateway.stop().await;
    }
}

async fn refused(at: std::net::SocketAddr) -> bool {
    let attempt = TcpStream::connect(at).await;
    attempt.is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
}

#[tokio::test]
async fn a_network_is_cut_refused_and_mended() {
    let gateway = start(settings(Kind::Shouqianba)).await;
    let (at, control) = (gateway.address(), gateway.control());
    let bytes = upay_request("pay", &upay_pay("a", "100", CODE));
    control.set_online(false);
    let (answer, end) = exchange(at, &bytes).await;
    assert!(answer.is_empty());
    assert_eq!(end.unwrap_err().kind(), ErrorKind::ConnectionReset);
    control.set_connectivity(Connectivity::Refusing);
    // The listener closes in its own task: a connection made just before that is reset.
    while !refused(at).await {
        tokio::task::yield_now().await;
    }
    assert!(control.orders().is_empty());
    control.set_online(true);
    while TcpStream::connect(at).await.is_err() {
        tokio::task::yield_now().await;
    }
    let answer = upay(at, "pay", &upay_pay("a", "100", CODE)).await;
    assert_eq!(answer["biz_response"]["result_code"], "PAY_SUCCESS");
}

#[tokio::test]
async fn an_answer_is_lost_when_the_network_goes_while_the_customer_types() {
    let gateway = start(settings(Kind::SosopayJson)).await;
    let (at, control) = (gateway.address(), gateway.control());
    control.default_customer(Behaviour::Password);
    let mut changes = control.subscribe();
    let body = sosopay_pay("a", "1.00", CODE);
    let target = sosopay_target("preOrder", &body, "&_type=json");
    let bytes = request("POST", &target, "", body.as_bytes());
    let outage = async {
        while control.order("a").is_none() {
            changes.changed().await.unwrap();
        }
        control.set_online(false);
        control.approve("a").unwrap();
    };
    let ((answer, end), ()) = tokio::join!(exchange(at, &bytes), outage);
    assert!(answer.is_empty() && end.is_err());
    control.set_online(true);
    assert_eq!(sosopay_query(at, "a").await["STATE"], 1);
}

#[tokio::test]
async fn a_held_payment_goes_on_although_its_client_left() {
    let gateway = start(settings(Kind::SosopayJson)).await;
    let control = gateway.control();
    control.default_customer(Behaviour::Password);
    let mut changes = control.subscribe();
    let body = sosopay_pay("a", "1.00", CODE);
    let target = sosopay_target("preOrder", &body, "&_type=json");
    let mut stream = TcpStream::connect(gateway.address()).await.unwrap();
    stream.write_all(&request("POST", &target, "", body.as_bytes())).await.unwrap();
    while control.order("a").is_none() {
        changes.changed().await.unwrap();
    }
    drop(stream);
    control.approve("a").unwrap();
    assert_eq!(sosopay_query(gateway.address(), "a").await["STATE"], 1);
}

#[tokio::test]
async fn heads_and_bodies_are_capped() {
    let gateway = start(settings(Kind::Shouqianba)).await;
    let at = gateway.address();
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(20_000));
    assert_eq!(send(at, long.as_bytes()).await.status, 431);
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(100));
    assert_eq!(send(at, many.as_bytes()).await.status, 431);
    let big = "POST /upay/v2/pay HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n";
    assert_eq!(send(at, big.as_bytes()).await.status, 413);
    assert_eq!(send(at, b"\x16\x03\x01\x02\x00\r\n\r\n").await.status, 400);
    let chunked = "POST /upay/v2/pay HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_eq!(send(at, chunked.as_bytes()).await.status, 411);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_never_ends_is_given_up() {
    let mut settings = settings(Kind::Shouqianba);
    settings.read_timeout_ms = Some(30_000);
    let gateway = start(settings).await;
    for part in ["POST /upay/v2/pay HT", "POST /upay/v2/pay HTTP/1.1\r\nContent-Length: 9\r\n\r\nx"]
    {
        let mut stream = TcpStream::connect(gateway.address()).await.unwrap();
        stream.write_all(part.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // Closed with bytes unread or not, the connection ends.
        let _ = timeout(Duration::from_secs(120), stream.read_to_end(&mut answer)).await.unwrap();
        assert!(answer.is_empty());
    }
}

#[tokio::test]
async fn connections_are_kept_open_only_when_asked_to() {
    for keep_alive in [false, true] {
        let mut settings = settings(Kind::Shouqianba);
        settings.keep_alive = keep_alive;
        let gateway = start(settings).await;
        let mut stream = TcpStream::connect(gateway.address()).await.unwrap();
        stream.write_all(&upay_request("query", &upay_named("a"))).await.unwrap();
        let mut first = vec![0; 4096];
        let read = stream.read(&mut first).await.unwrap();
        let reply = take_apart(&first[..read]);
        let expected = if keep_alive { "keep-alive" } else { "close" };
        assert_eq!(reply.header("Connection"), Some(expected));
        if keep_alive {
            stream.write_all(&upay_request("query", &upay_named("b"))).await.unwrap();
            assert!(stream.read(&mut first).await.unwrap() > 0);
        }
    }
}

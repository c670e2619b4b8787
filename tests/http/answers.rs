//! What is an answer, and what is not.

use cashier::app::http::{Http, Method, Outgoing};
use cashier::payment::AskError;

use super::servers::{KINDS, Kind, LONG, Server, answered_with, error_of, header, ok, pay, settle};

#[tokio::test]
async fn status_body_and_date_come_through_whatever_the_status_says() {
    for kind in KINDS {
        let server = Server::start(kind).await;
        let http = server.client();
        for status in [200, 201, 400, 401, 404, 429, 500, 503, 599] {
            let answer = format!(
                "HTTP/1.1 {status} X\r\ndate: Fri, 20 Nov 2026 12:00:00 GMT\r\n\
                 content-length: 4\r\n\r\n\0\u{e9}!"
            );
            let answer = answered_with(&server, &http, answer).await.expect("an answer");
            assert_eq!(answer.status, status, "{kind:?}");
            assert_eq!(answer.body, "\0\u{e9}!".as_bytes(), "{kind:?}");
            assert_eq!(answer.date_unix_seconds, Some(1_795_176_000), "{kind:?}");
            assert!(answer.round_trip < LONG, "{kind:?}");
        }
    }
}

#[tokio::test]
async fn a_date_that_is_missing_or_no_date_teaches_nothing() {
    let server = Server::start(Kind::Plain).await;
    let http = server.client();
    for line in ["", "date: yesterday\r\n", "date: \r\n", "date: Fri, 99 Nov 2026 12:00:00 GMT\r\n"]
    {
        let answer = format!("HTTP/1.1 200 OK\r\n{line}content-length: 0\r\n\r\n");
        let answer = answered_with(&server, &http, answer).await;
        assert_eq!(answer.map(|answer| answer.date_unix_seconds), Ok(None), "{line:?}");
    }
}

#[tokio::test]
async fn a_request_says_what_it_must_and_nothing_it_need_not() {
    let server = Server::start(Kind::Tls13).await;
    let http = server.client();
    // The second shows what was kept of the first.
    for _ in 0..2 {
        let (answer, request) = tokio::join!(http.send(pay(server.url("/pay?a=1")), LONG), async {
            let mut peer = server.accept().await;
            let request = peer.request().await;
            peer.say("HTTP/1.1 200 OK\r\nset-cookie: a=b\r\ncontent-length: 0\r\n\r\n").await;
            request
        });
        assert_eq!(answer.map(|answer| answer.status), Ok(200));
        assert!(request.starts_with("POST /pay?a=1 HTTP/1.1\r\n"), "{request}");
        assert_eq!(header(&request, "host"), Some(server.address().to_string().as_str()));
        assert_eq!(header(&request, "content-type"), Some("application/json"));
        assert_eq!(header(&request, "content-length"), Some("23"));
        assert_eq!(header(&request, "connection"), Some("close"));
        for absent in ["cookie", "referer", "accept-encoding", "transfer-encoding", "upgrade"] {
            assert_eq!(header(&request, absent), None, "{absent}");
        }
    }
}

#[tokio::test]
async fn a_get_has_no_body() {
    let server = Server::start(Kind::Plain).await;
    let http = server.client();
    let get = Outgoing { method: Method::Get, ..pay(server.url("/query?sn=1")) };
    let (answer, request) = tokio::join!(http.send(get, LONG), async {
        let mut peer = server.accept().await;
        let request = peer.request().await;
        peer.say(ok("[]")).await;
        request
    });
    assert_eq!(answer.map(|answer| answer.body), Ok(b"[]".to_vec()));
    assert!(request.starts_with("GET /query?sn=1 HTTP/1.1\r\n"), "{request}");
    assert!(request.ends_with("\r\n\r\n"), "{request}");
}

#[tokio::test]
async fn an_answer_in_many_segments_is_one_answer() {
    for kind in KINDS {
        let server = Server::start(kind).await;
        let http = server.client();
        let (answer, ()) = tokio::join!(http.send(pay(server.url("/pay")), LONG), async {
            let mut peer = server.accept().await;
            peer.request().await;
            for byte in ok("in many segments").bytes() {
                peer.say([byte]).await;
                settle().await;
            }
        });
        assert_eq!(answer.map(|answer| answer.body), Ok(b"in many segments".to_vec()), "{kind:?}");
    }
}

#[tokio::test]
async fn a_body_may_be_chunked_or_end_with_the_connection() {
    for kind in KINDS {
        let server = Server::start(kind).await;
        let http = server.client();
        for answer in [
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\npa\r\n2\r\nid\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\npaid",
            "HTTP/1.0 200 OK\r\n\r\npaid",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\npaid",
        ] {
            let answer = answered_with(&server, &http, answer).await;
            assert_eq!(answer.map(|answer| answer.body), Ok(b"paid".to_vec()), "{kind:?}");
        }
    }
}

#[tokio::test]
async fn over_tls_a_body_that_ends_without_a_farewell_may_have_been_cut() {
    let server = Server::start(Kind::Tls13).await;
    let http = server.client();
    let (sent, ()) = tokio::join!(http.send(pay(server.url("/pay")), LONG), async {
        let mut peer = server.accept().await;
        peer.request().await;
        peer.say("HTTP/1.1 200 OK\r\n\r\n{\"amount\": 1").await;
        drop(peer);
    });
    assert_eq!(error_of(sent), Some(AskError::MaybeSent));
}

#[tokio::test]
async fn a_redirect_is_garbled_and_not_followed() {
    for kind in KINDS {
        let (server, lure) = (Server::start(kind).await, Server::start(Kind::Plain).await);
        let http = server.client();
        for status in [300, 301, 302, 303, 304, 307, 308] {
            for location in [server.url("/elsewhere"), lure.url("/")] {
                let answer = format!(
                    "HTTP/1.1 {status} X\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n"
                );
                let sent = answered_with(&server, &http, answer).await;
                assert_eq!(error_of(sent), Some(AskError::Garbled), "{kind:?} {status}");
            }
        }
        server.expect_no_more().await;
        lure.expect_no_more().await;
    }
}

#[tokio::test]
async fn a_body_over_the_cap_is_garbled_and_one_at_the_cap_is_not() {
    for kind in KINDS {
        let server = Server::start(kind).await;
        let mut settings = server.settings();
        settings.body_len_max = 1000;
        let http = Http::new(&settings).expect("usable settings");
        let framings = |len: usize| {
            let body = "x".repeat(len);
            [
                ok(&body),
                format!("HTTP/1.1 200 OK\r\n\r\n{body}"),
                format!(
                    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\
                     {len:x}\r\n{body}\r\n0\r\n\r\n"
                ),
            ]
        };
        for answer in framings(1000) {
            let answer = answered_with(&server, &http, answer).await;
            assert_eq!(answer.map(|answer| answer.body.len()), Ok(1000), "{kind:?}");
        }
        for answer in framings(1001) {
            let sent = answered_with(&server, &http, answer).await;
            assert_eq!(error_of(sent), Some(AskError::Garbled), "{kind:?}");
        }
    }
}

#[tokio::test]
async fn a_length_that_is_too_long_is_refused_before_the_body_comes() {
    let server = Server::start(Kind::Plain).await;
    let http = server.client();
    let (sent, mut peer) = tokio::join!(http.send(pay(server.url("/pay")), LONG), async {
        let mut peer = server.accept().await;
        peer.request().await;
        peer.say("HTTP/1.1 200 OK\r\ncontent-length: 9999999999\r\n\r\n").await;
        peer
    });
    assert_eq!(error_of(sent), Some(AskError::Garbled));
    peer.expect_closed().await;
}

#[tokio::test]
async fn what_is_not_http_is_garbled() {
    let many_headers = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x-header: 1\r\n".repeat(200));
    let long_head = format!("HTTP/1.1 200 OK\r\nx-long: {}\r\n\r\n", "x".repeat(1_000_000));
    for kind in KINDS {
        let server = Server::start(kind).await;
        let http = server.client();
        for garbage in [
            "SSH-2.0-OpenSSH_9.6\r\n\r\n",
            "\u{15}\u{3}\u{1}\0\u{2}\u{2}F\r\n\r\n",
            "<html>please log in</html>\r\n\r\n",
            "HTTP/1.1 banana\r\n\r\n",
            "HTTP/1.1 99 X\r\n\r\n",
            "HTTP/1.1 600 X\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 999 X\r\ncontent-length: 0\r\n\r\n",
            "HTTP/2 200\r\n\r\n",
            "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
            &many_headers,
            &long_head,
        ] {
            let sent = answered_with(&server, &http, garbage).await;
            let shown = &garbage[..garbage.len().min(40)];
            assert_eq!(error_of(sent), Some(AskError::Garbled), "{kind:?}: {shown:?}");
        }
        server.expect_no_more().await;
    }
}

#[tokio::test]
async fn a_protocol_switch_and_a_broken_chunk_are_no_answers() {
    for kind in KINDS {
        let server = Server::start(kind).await;
        let http = server.client();
        for answer in [
            "HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\npaid\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\npaid",
        ] {
            let sent = answered_with(&server, &http, answer).await;
            let error = error_of(sent);
            assert!(
                matches!(error, Some(AskError::Garbled | AskError::MaybeSent)),
                "{kind:?}: {answer:?} gave {error:?}"
            );
        }
    }
}

//! "Not sent" and "maybe sent".

use std::time::Duration;

use cashier::app::http::{Http, HttpSettings, Unreachable};
use cashier::payment::AskError;

use super::servers::{KINDS, Kind, LONG, SHORT, Server, answered_with, error_of, ok, pay};

#[tokio::test]
async fn a_refused_connection_is_not_sent() {
    for kind in KINDS {
        let server = Server::start(kind).await;
        let (http, url) = (server.client(), server.url("/pay"));
        let _closed = server.close();
        assert!(matches!(http.prime().await, Err(Unreachable::NoConnection(_))), "{kind:?}");
        assert_eq!(error_of(http.send(pay(url), LONG).await), Some(AskError::NotSent), "{kind:?}");
    }
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_not_sent() {
    let settings = HttpSettings::new("https://gateway.invalid/");
    let http = Http::new(&settings).expect("usable settings");
    let sent = http.send(pay("https://gateway.invalid/pay".to_owned()), LONG).await;
    assert_eq!(error_of(sent), Some(AskError::NotSent));
    // Without any network some resolvers take longer than the connect timeout to say so.
    let found = http.prime().await;
    assert!(
        matches!(found, Err(Unreachable::NameNotResolved | Unreachable::TimedOut)),
        "{found:?}"
    );
}

#[tokio::test]
async fn a_name_that_resolves_is_connected_to() {
    let server = Server::start(Kind::Plain).await;
    let url = format!("http://localhost:{}/pay", server.address().port());
    let http = server.client();
    let (answer, ()) = tokio::join!(http.send(pay(url), LONG), async {
        let mut peer = server.accept().await;
        peer.request().await;
        peer.say(ok("paid")).await;
    });
    assert_eq!(answer.map(|answer| answer.status), Ok(200));
}

#[tokio::test]
async fn a_handshake_that_hangs_is_not_sent() {
    let server = Server::start(Kind::Tls13).await;
    let mut settings = server.settings();
    settings.connect_timeout = SHORT;
    let patient = Http::new(&settings).expect("usable settings");
    let hasty = server.client();
    for (http, timeout) in [(patient, LONG), (hasty, SHORT)] {
        let (sent, _hung) =
            tokio::join!(http.send(pay(server.url("/pay")), timeout), server.accept_tcp());
        assert_eq!(error_of(sent), Some(AskError::NotSent));
    }
}

#[tokio::test]
async fn a_handshake_that_is_cut_off_is_not_sent() {
    let server = Server::start(Kind::Tls13).await;
    let http = server.client();
    for _ in 0..2 {
        let (sent, ()) = tokio::join!(http.send(pay(server.url("/pay")), LONG), async {
            drop(server.accept_tcp().await);
        });
        assert_eq!(error_of(sent), Some(AskError::NotSent));
    }
}

#[tokio::test]
async fn a_server_that_hangs_after_the_request_leaves_it_in_doubt() {
    for kind in KINDS {
        let server = Server::start(kind).await;
        let http = server.client();
        // Connected beforehand, so that the timeout surely falls after the request.
        let (_, mut peer) = tokio::join!(http.prime(), server.accept());
        let (sent, _) = tokio::join!(http.send(pay(server.url("/pay")), SHORT), peer.request());
        assert_eq!(error_of(sent), Some(AskError::MaybeSent), "{kind:?}");
        server.expect_no_more().await;
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_anywhere_leaves_the_request_in_doubt() {
    let whole = "HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n{\"paid\"}";
    for kind in KINDS {
        let server = Server::start(kind).await;
        let http = server.client();
        for cut in [0, 1, 9, 12, 17, 25, 36, 39, whole.len() - 1] {
            let sent = answered_with(&server, &http, &whole[..cut]).await;
            assert_eq!(error_of(sent), Some(AskError::MaybeSent), "{kind:?}, cut at {cut}");
        }
        server.expect_no_more().await;
    }
}

#[tokio::test]
async fn a_reset_anywhere_in_the_answer_leaves_the_request_in_doubt() {
    for kind in KINDS {
        let server = Server::start(kind).await;
        let http = server.client();
        for part in
            ["", "HTTP/1.1 200 OK\r\ncontent-le", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"]
        {
            let (sent, ()) = tokio::join!(http.send(pay(server.url("/pay")), LONG), async {
                let mut peer = server.accept_resetting().await;
                peer.request().await;
                peer.say(part).await;
            });
            assert_eq!(error_of(sent), Some(AskError::MaybeSent), "{kind:?}, after {part:?}");
        }
        server.expect_no_more().await;
    }
}

#[tokio::test]
async fn an_answer_that_drips_is_bounded_by_the_timeout_of_the_whole() {
    for kind in [Kind::Plain, Kind::Tls13] {
        for (start, drop_) in [
            ("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n", " "),
            ("HTTP/1.1 200 OK\r\n", "x-drip: 1\r\n"),
        ] {
            let server = Server::start(kind).await;
            let http = server.client();
            let (_, mut peer) = tokio::join!(http.prime(), server.accept());
            let dripping = async {
                peer.request().await;
                peer.say(start).await;
                let mut tick = tokio::time::interval(Duration::from_millis(20));
                loop {
                    tick.tick().await;
                    peer.say(drop_).await;
                }
            };
            tokio::select! {
                sent = http.send(pay(server.url("/pay")), SHORT) => {
                    assert_eq!(error_of(sent), Some(AskError::MaybeSent), "{kind:?} {drop_:?}");
                }
                () = dripping => {}
            }
        }
    }
}

#[tokio::test]
async fn a_request_that_was_given_up_closes_its_connection() {
    for kind in KINDS {
        let server = Server::start(kind).await;
        let http = server.client();
        let mut peer = {
            let sending = http.send(pay(server.url("/pay")), LONG);
            let accepted = async {
                let mut peer = server.accept().await;
                peer.request().await;
                peer
            };
            tokio::select! {
                sent = sending => panic!("nobody answered, but {sent:?}"),
                peer = accepted => peer,
            }
        };
        peer.expect_closed().await;
        server.expect_no_more().await;
    }
}

#[tokio::test]
async fn what_cannot_be_a_request_is_not_sent() {
    let server = Server::start(Kind::Tls13).await;
    let http = server.client();
    let mut split = pay(server.url("/pay"));
    split.headers.push(("authorization", "sn sign\r\nx-forged: 1".to_owned()));
    let plain = format!("http://{}/pay", server.address());
    for request in [
        split,
        pay("/pay".to_owned()),
        pay("ftp://127.0.0.1/pay".to_owned()),
        pay(plain),
        pay(String::new()),
    ] {
        assert_eq!(error_of(http.send(request, LONG).await), Some(AskError::NotSent));
    }
    server.expect_no_more().await;
}

#[tokio::test]
async fn short_connections_work_a_hundred_times_in_a_row() {
    for kind in KINDS {
        let server = Server::start(kind).await;
        let http = server.client();
        for turn in 0..100 {
            if turn % 3 == 0 {
                // Some were opened ahead, and some of those were closed at once.
                let (found, peer) = tokio::join!(http.prime(), server.accept());
                assert_eq!(found, Ok(()), "{kind:?}, turn {turn}");
                peer.close().await;
            }
            let body = format!("paid {turn}");
            let answer = answered_with(&server, &http, ok(&body)).await;
            assert_eq!(answer.map(|answer| answer.body), Ok(body.into_bytes()), "{kind:?}");
        }
        server.expect_no_more().await;
    }
}

#[tokio::test]
async fn one_client_goes_on_after_the_gateway_was_away() {
    let server = Server::start(Kind::Plain).await;
    let http = server.client();
    let away = Server::start(Kind::Plain).await.close();
    let refused = http.send(pay(format!("http://{}/pay", away.address())), LONG).await;
    assert_eq!(error_of(refused), Some(AskError::NotSent));
    let answer = answered_with(&server, &http, ok("paid")).await;
    assert_eq!(answer.map(|answer| answer.status), Ok(200));
}

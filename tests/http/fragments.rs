//! What is heard of an answer that is none: kept for people, beside the same error as ever.

use std::time::Duration;

use cashier::app::http::{Ended, FRAGMENT_LEN_MAX, Fragment, Http, Incoming, Unanswered};
use cashier::payment::AskError;

use super::servers::{KINDS, Kind, LONG, SHORT, Server, answered_with, ok, pay, settle};

/// The error, and what was heard.
fn heard(sent: Result<Incoming, Unanswered>) -> (AskError, Fragment) {
    let unanswered = sent.expect_err("an answer");
    (unanswered.error, *unanswered.fragment.expect("nothing was heard"))
}

/// The error of an answer of which nothing was heard.
fn unheard(sent: Result<Incoming, Unanswered>) -> AskError {
    let unanswered = sent.expect_err("an answer");
    assert_eq!(unanswered.fragment, None);
    unanswered.error
}

#[tokio::test]
async fn of_an_answer_that_ends_before_its_length_the_beginning_is_kept() {
    for kind in KINDS {
        let server = Server::start(kind).await;
        let http = server.client();
        let cut = "HTTP/1.1 200 OK\r\ncontent-length: 120\r\n\r\n{\"paid\":";
        let (error, fragment) = heard(answered_with(&server, &http, cut).await);
        assert_eq!(error, AskError::MaybeSent, "{kind:?}");
        assert_eq!(fragment.status, Some(200));
        assert_eq!(fragment.body, b"{\"paid\":");
        let told = fragment.to_string();
        assert!(told.starts_with("HTTP 200, cut off after 8 of 120 bytes: "), "{told}");
    }
}

#[tokio::test]
async fn of_an_answer_that_is_reset_the_status_and_what_came_are_kept() {
    let server = Server::start(Kind::Plain).await;
    let http = server.client();
    for (body, told) in [
        ("", "HTTP 503, cut off after 0 of 9 bytes: "),
        ("{\"a", "HTTP 503, cut off after 3 of 9 bytes: "),
    ] {
        let (sent, ()) = tokio::join!(http.send(pay(server.url("/pay")), LONG), async {
            let mut peer = server.accept_resetting().await;
            peer.request().await;
            peer.say(format!("HTTP/1.1 503 X\r\ncontent-length: 9\r\n\r\n{body}")).await;
            settle().await;
        });
        let (error, fragment) = heard(sent);
        assert_eq!(error, AskError::MaybeSent);
        assert_eq!(fragment.body, body.as_bytes());
        assert!(fragment.to_string().starts_with(told), "{fragment}");
    }
}

#[tokio::test]
async fn of_an_answer_that_is_too_long_the_beginning_is_kept_however_it_is_framed() {
    let body: String = ('a'..='z').cycle().take(300 * 1024).collect();
    let len = body.len();
    for kind in KINDS {
        let server = Server::start(kind).await;
        let http = server.client();
        for (answer, told) in [
            (ok(&body), "HTTP 200, 307200 bytes announced, more than the 262144 that are read"),
            (
                format!("HTTP/1.1 200 OK\r\n\r\n{body}"),
                "HTTP 200, longer than the 262144 bytes that are read",
            ),
            (
                format!(
                    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\
                     {len:x}\r\n{body}\r\n0\r\n\r\n"
                ),
                "HTTP 200, longer than the 262144 bytes that are read",
            ),
        ] {
            let (error, fragment) = heard(answered_with(&server, &http, answer).await);
            assert_eq!(error, AskError::Garbled, "{kind:?}");
            assert_eq!(fragment.ended, Ended::TooLong { len_max: 256 * 1024 });
            assert_eq!(fragment.to_string(), told);
            assert_eq!(fragment.body, &body.as_bytes()[..FRAGMENT_LEN_MAX], "{kind:?}");
        }
    }
}

#[tokio::test]
async fn a_length_that_is_too_long_is_told_though_nothing_follows() {
    let server = Server::start(Kind::Plain).await;
    let http = server.client();
    let (sent, mut peer) = tokio::join!(http.send(pay(server.url("/pay")), LONG), async {
        let mut peer = server.accept().await;
        peer.request().await;
        peer.say("HTTP/1.1 200 OK\r\ncontent-length: 9999999999\r\n\r\n").await;
        peer
    });
    let (error, fragment) = heard(sent);
    assert_eq!(error, AskError::Garbled);
    assert_eq!((fragment.announced_len, fragment.came_len), (Some(9_999_999_999), 0));
    peer.expect_closed().await;
}

#[tokio::test]
async fn of_a_broken_chunk_what_came_before_is_kept() {
    for kind in KINDS {
        let server = Server::start(kind).await;
        let http = server.client();
        for broken in ["zz\r\nid\r\n0\r\n\r\n", "ffffffffffffffffff\r\nid", "5\r\n"] {
            let answer =
                format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\npa\r\n{broken}");
            let (error, fragment) = heard(answered_with(&server, &http, answer).await);
            assert_eq!(error, AskError::MaybeSent, "{kind:?} {broken:?}");
            assert_eq!(fragment.body, b"pa", "{kind:?} {broken:?}");
            let told = fragment.to_string();
            assert!(told.starts_with("HTTP 200, cut off after 2 bytes: "), "{told}");
        }
    }
}

#[tokio::test]
async fn of_a_redirect_only_the_host_is_kept() {
    let server = Server::start(Kind::Tls13).await;
    let http = server.client();
    let own = "HTTP 307, a redirect to 127.0.0.1, not followed";
    let long = format!("https://{}/", "x".repeat(100_000));
    for (location, told) in [
        (
            "location: http://me:hunter2@portal.example/hunter2?hunter2#hunter2\r\n",
            "HTTP 307, a redirect to portal.example, not followed",
        ),
        ("location: /hunter2\r\n", own),
        ("location: //[\r\n", "HTTP 307, a redirect, not followed"),
        (&format!("location: {long}\r\n"), "HTTP 307, a redirect, not followed"),
        ("", "HTTP 307, a redirect, not followed"),
    ] {
        let answer = format!("HTTP/1.1 307 X\r\n{location}content-length: 7\r\n\r\nhunter2");
        let (error, fragment) = heard(answered_with(&server, &http, answer).await);
        assert_eq!(error, AskError::Garbled);
        assert_eq!(fragment.to_string(), told);
        assert!(fragment.body.is_empty());
        assert!(!format!("{fragment:?}").contains("hunter2"), "{fragment:?}");
    }
}

#[tokio::test]
async fn of_an_answer_whose_time_is_over_what_came_is_kept() {
    // Enough for a head to come, on a busy machine too.
    let timeout = Duration::from_secs(1);
    for kind in [Kind::Plain, Kind::Tls13] {
        let server = Server::start(kind).await;
        let http = server.client();
        let (_, mut peer) = tokio::join!(http.prime(), server.accept());
        let (sent, ()) = tokio::join!(http.send(pay(server.url("/pay")), timeout), async {
            peer.request().await;
            peer.say("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"paid\"").await;
        });
        let (error, fragment) = heard(sent);
        assert_eq!(error, AskError::MaybeSent, "{kind:?}");
        assert_eq!(fragment.body, b"{\"paid\"", "{kind:?}");
        let told = "HTTP 200, cut off by the time-out after 7 of 100 bytes";
        assert_eq!(fragment.to_string(), told);
    }
}

#[tokio::test]
async fn of_a_status_that_no_answer_has_the_beginning_is_kept() {
    let server = Server::start(Kind::Plain).await;
    let http = server.client();
    for status in [600, 999] {
        let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 4\r\n\r\nwhat");
        let (error, fragment) = heard(answered_with(&server, &http, answer).await);
        assert_eq!(error, AskError::Garbled);
        assert_eq!(fragment.body, b"what");
        assert_eq!(fragment.to_string(), format!("HTTP {status}, no status of an answer"));
    }
}

#[tokio::test]
async fn a_character_that_is_cut_is_kept_as_far_as_it_came() {
    let body = "支".repeat(200_000);
    let server = Server::start(Kind::Plain).await;
    let (error, fragment) = heard(answered_with(&server, &server.client(), ok(&body)).await);
    assert_eq!(error, AskError::Garbled);
    assert_eq!(fragment.body, &body.as_bytes()[..FRAGMENT_LEN_MAX]);
    assert!(std::str::from_utf8(&fragment.body).is_err(), "4096 is no multiple of 3");
    let cut = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
    let cut = [cut.as_bytes(), &body.as_bytes()[..7]].concat();
    let mut settings = server.settings();
    settings.body_len_max = body.len();
    let patient = Http::new(&settings).expect("usable settings");
    let (error, fragment) = heard(answered_with(&server, &patient, cut).await);
    assert_eq!(error, AskError::MaybeSent);
    assert_eq!(fragment.body, body.as_bytes()[..7]);
}

#[tokio::test]
async fn what_is_not_http_is_told_and_nothing_of_it_kept() {
    for kind in KINDS {
        let server = Server::start(kind).await;
        let http = server.client();
        let garbage = "SSH-2.0-OpenSSH_9.6\r\n\r\n";
        let (error, fragment) = heard(answered_with(&server, &http, garbage).await);
        assert_eq!(error, AskError::Garbled, "{kind:?}");
        assert_eq!((fragment.status, fragment.body.as_slice()), (None, [].as_slice()));
        assert!(fragment.to_string().starts_with("no HTTP: "), "{fragment}");
    }
}

#[tokio::test]
async fn where_no_head_came_nothing_was_heard() {
    for kind in KINDS {
        let server = Server::start(kind).await;
        let http = server.client();
        for start in ["", "HTTP/1.1 200 OK\r\ncontent-le"] {
            let sent = answered_with(&server, &http, start).await;
            assert_eq!(unheard(sent), AskError::MaybeSent, "{kind:?}");
        }
        let (_, mut peer) = tokio::join!(http.prime(), server.accept());
        let (sent, _) = tokio::join!(http.send(pay(server.url("/pay")), SHORT), peer.request());
        assert_eq!(unheard(sent), AskError::MaybeSent, "{kind:?}");
        let url = server.url("/pay");
        let _closed = server.close();
        let refused = http.send(pay(url), LONG).await;
        assert_eq!(unheard(refused), AskError::NotSent, "{kind:?}");
    }
}

//! Connections opened ahead.

use std::time::Duration;

use cashier::app::http::Unreachable;
use cashier::payment::AskError;

use super::servers::{KINDS, Kind, LONG, SHORT, Server, error_of, header, ok, pay, settle};

#[tokio::test]
async fn a_request_travels_over_the_connection_opened_ahead_and_opens_no_other() {
    for kind in KINDS {
        let server = Server::start(kind).await;
        let http = server.client();

        let (found, mut peer) = tokio::join!(http.prime(), server.accept());
        assert_eq!(found, Ok(()), "{kind:?}");
        peer.expect_quiet().await;

        let (answer, request) = tokio::join!(http.send(pay(server.url("/pay")), LONG), async {
            let request = peer.request().await;
            peer.say(ok("paid")).await;
            request
        });
        assert_eq!(answer.map(|answer| answer.body), Ok(b"paid".to_vec()), "{kind:?}");
        assert!(request.starts_with("POST /pay HTTP/1.1\r\n"), "{kind:?}: {request}");
        assert!(request.ends_with(r#"{"total_amount":"1234"}"#), "{kind:?}: {request}");
        server.expect_no_more().await;
    }
}

#[tokio::test]
async fn priming_again_while_a_connection_waits_or_is_being_opened_opens_no_other() {
    for kind in KINDS {
        let server = Server::start(kind).await;
        let http = server.client();

        let twin = http.clone();
        let (first, second, third, mut peer) =
            tokio::join!(http.prime(), twin.prime(), http.prime(), server.accept());
        assert_eq!((first, second, third), (Ok(()), Ok(()), Ok(())), "{kind:?}");
        assert_eq!(http.prime().await, Ok(()), "{kind:?}");
        server.expect_no_more().await;
        peer.expect_quiet().await;
    }
}

#[tokio::test]
async fn every_connection_opened_ahead_is_used_once() {
    let server = Server::start(Kind::Tls13).await;
    let http = server.client();
    for _ in 0..3 {
        let (found, mut peer) = tokio::join!(http.prime(), server.accept());
        assert_eq!(found, Ok(()));
        for turn in 0..2 {
            let (answer, ()) = tokio::join!(http.send(pay(server.url("/pay")), LONG), async {
                if turn > 0 {
                    peer = server.accept().await;
                }
                peer.request().await;
                peer.say(ok("paid")).await;
            });
            assert_eq!(answer.map(|answer| answer.status), Ok(200));
        }
        server.expect_no_more().await;
    }
}

#[tokio::test]
async fn a_connection_that_the_server_closed_early_is_replaced_and_the_request_sent_once() {
    for kind in KINDS {
        for reset in [false, true] {
            let server = Server::start(kind).await;
            let http = server.client();

            let (found, peer) = tokio::join!(http.prime(), async {
                if reset { server.accept_resetting().await } else { server.accept().await }
            });
            assert_eq!(found, Ok(()), "{kind:?}");
            if reset {
                drop(peer);
            } else {
                peer.close().await;
            }

            let (answer, request) = tokio::join!(http.send(pay(server.url("/pay")), LONG), async {
                let mut peer = server.accept().await;
                let request = peer.request().await;
                peer.say(ok("paid")).await;
                request
            });
            assert_eq!(answer.map(|answer| answer.body), Ok(b"paid".to_vec()), "{kind:?} {reset}");
            assert_eq!(request.matches("POST").count(), 1, "{kind:?} {reset}");
            server.expect_no_more().await;
        }
    }
}

#[tokio::test]
async fn priming_replaces_a_connection_that_the_server_closed() {
    for kind in KINDS {
        let server = Server::start(kind).await;
        let http = server.client();
        let (_, peer) = tokio::join!(http.prime(), server.accept());
        peer.close().await;

        let (found, mut peer) = tokio::join!(http.prime(), server.accept());
        assert_eq!(found, Ok(()), "{kind:?}");
        peer.expect_quiet().await;
    }
}

#[tokio::test]
async fn a_server_that_speaks_before_it_is_asked_is_not_believed() {
    for kind in KINDS {
        let server = Server::start(kind).await;
        let http = server.client();
        let (_, mut early) = tokio::join!(http.prime(), server.accept());
        early.say(ok("forged")).await;

        let (answer, ()) = tokio::join!(http.send(pay(server.url("/pay")), LONG), async {
            let mut peer = server.accept().await;
            peer.request().await;
            peer.say(ok("paid")).await;
        });
        assert_eq!(answer.map(|answer| answer.body), Ok(b"paid".to_vec()), "{kind:?}");
        early.expect_closed().await;
    }
}

#[tokio::test]
async fn a_connection_opened_ahead_that_dies_under_the_charge_leaves_it_in_doubt() {
    for kind in KINDS {
        let server = Server::start(kind).await;
        let http = server.client();
        let (_, mut peer) = tokio::join!(http.prime(), server.accept_resetting());

        let (answer, ()) = tokio::join!(http.send(pay(server.url("/pay")), LONG), async {
            peer.request().await;
            drop(peer);
        });
        assert_eq!(error_of(answer), Some(AskError::MaybeSent), "{kind:?}");
        server.expect_no_more().await;
    }
}

/// Turns tokio's clock on, and no other.
async fn grow_older(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

#[tokio::test]
async fn priming_replaces_a_connection_that_is_no_longer_young() {
    for kind in KINDS {
        let server = Server::start(kind).await;
        let http = server.client();
        let (_, mut old) = tokio::join!(http.prime(), server.accept());

        grow_older(9).await;
        assert_eq!(http.prime().await, Ok(()), "{kind:?}");
        server.expect_no_more().await;

        grow_older(2).await;
        let (found, mut young) = tokio::join!(http.prime(), server.accept());
        assert_eq!(found, Ok(()), "{kind:?}");
        old.expect_closed().await;

        grow_older(19).await;
        let (answer, _) = tokio::join!(http.send(pay(server.url("/pay")), LONG), async {
            young.request().await;
            young.say(ok("paid")).await;
        });
        assert_eq!(answer.map(|answer| answer.status), Ok(200), "{kind:?}");
    }
}

#[tokio::test]
async fn a_connection_that_is_no_longer_young_serves_until_another_is_there() {
    let server = Server::start(Kind::Tls13).await;
    let http = server.client();
    let (_, mut old) = tokio::join!(http.prime(), server.accept());
    grow_older(11).await;
    tokio::select! {
        _ = http.prime() => panic!("nobody answered the handshake"),
        answer = async {
            let _hung = server.accept_tcp().await;
            let (answer, ()) = tokio::join!(http.send(pay(server.url("/pay")), LONG), async {
                old.request().await;
                old.say(ok("paid")).await;
            });
            answer
        } => assert_eq!(answer.map(|answer| answer.status), Ok(200)),
    }
}

#[tokio::test]
async fn a_connection_that_waited_too_long_is_not_used() {
    for kind in KINDS {
        let server = Server::start(kind).await;
        let http = server.client();
        let (_, mut stale) = tokio::join!(http.prime(), server.accept());

        grow_older(21).await;

        let (answer, ()) = tokio::join!(http.send(pay(server.url("/pay")), LONG), async {
            let mut peer = server.accept().await;
            peer.request().await;
            peer.say(ok("paid")).await;
        });
        assert_eq!(answer.map(|answer| answer.status), Ok(200), "{kind:?}");
        stale.expect_closed().await;
    }
}

#[tokio::test]
async fn a_connection_opened_ahead_serves_the_base_address_and_no_other() {
    let (base, other) = (Server::start(Kind::Plain).await, Server::start(Kind::Plain).await);
    let http = base.client();
    let (_, mut peer) = tokio::join!(http.prime(), base.accept());

    let (answer, request) = tokio::join!(http.send(pay(other.url("/pay")), LONG), async {
        let mut peer = other.accept().await;
        let request = peer.request().await;
        peer.say(ok("paid")).await;
        request
    });
    assert_eq!(answer.map(|answer| answer.status), Ok(200));
    assert_eq!(header(&request, "host"), Some(other.address().to_string().as_str()));
    peer.expect_quiet().await;
}

#[tokio::test]
async fn a_handshake_that_hangs_ends_by_the_connect_timeout_for_all_who_wait() {
    let server = Server::start(Kind::Tls13).await;
    let mut settings = server.settings();
    settings.connect_timeout = SHORT;
    let http = cashier::app::http::Http::new(&settings).expect("usable settings");

    let (first, second, _hung) = tokio::join!(http.prime(), http.prime(), server.accept_tcp());
    assert_eq!((first, second), (Err(Unreachable::TimedOut), Err(Unreachable::TimedOut)));
    server.expect_no_more().await;
}

#[tokio::test]
async fn a_priming_that_was_given_up_does_not_hold_up_the_next() {
    let server = Server::start(Kind::Tls13).await;
    let http = server.client();
    let given_up = http.prime();
    let hung = tokio::select! {
        _ = given_up => panic!("nobody answered the handshake"),
        tcp = server.accept_tcp() => tcp,
    };
    let (found, mut peer) = tokio::join!(http.prime(), server.accept());
    assert_eq!(found, Ok(()));
    peer.expect_quiet().await;
    drop(hung);
}

#[tokio::test]
async fn who_waits_for_a_priming_that_is_given_up_tries_for_himself() {
    let server = Server::start(Kind::Tls13).await;
    let http = server.client();
    let (failed, ()) = tokio::join!(http.prime(), async { drop(server.accept_tcp().await) });
    assert!(failed.is_err());

    let waiting = {
        let mut given_up = Box::pin(http.prime());
        tokio::select! {
            _ = &mut given_up => panic!("nobody answered the handshake"),
            _hung = server.accept_tcp() => {}
        }
        let mut waiting = Box::pin(http.prime());
        tokio::select! {
            biased;
            _ = &mut waiting => panic!("the other attempt still runs"),
            () = settle() => {}
        }
        waiting
    };
    // What the first attempt found is not passed off as what the second did.
    let (found, mut peer) = tokio::join!(waiting, server.accept());
    assert_eq!(found, Ok(()));
    peer.expect_quiet().await;
}

#[tokio::test]
async fn a_charge_does_not_wait_for_a_priming_that_hangs() {
    let server = Server::start(Kind::Tls13).await;
    let http = server.client();
    let priming = http.clone();
    tokio::select! {
        _ = priming.prime() => panic!("nobody answered the handshake"),
        answer = async {
            let _hung = server.accept_tcp().await;
            let (answer, ()) = tokio::join!(http.send(pay(server.url("/pay")), LONG), async {
                let mut peer = server.accept().await;
                peer.request().await;
                peer.say(ok("paid")).await;
            });
            answer
        } => assert_eq!(answer.map(|answer| answer.status), Ok(200)),
    }
}

//! Whom the client trusts, and what it keeps to itself.

use std::io::Write;
use std::process::Command;
use std::sync::{Arc, Mutex};

use cashier::app::http::{Http, HttpSettings, HttpSettingsError, Unreachable};
use cashier::payment::AskError;
use tokio_rustls::rustls::version::TLS13;

use super::servers::{Authority, Kind, LONG, Server, answered_with, error_of, ok, pay};

/// A server that `http` must not trust: both ways of connecting fail before a byte of HTTP, and say
/// why and what to do.
async fn distrusts(server: &Server, http: &Http, says: [&str; 2]) {
    let handshake = async {
        let mut io = server.accept_tcp().await;
        server.try_handshake(&mut io).await;
    };
    let (sent, ()) = tokio::join!(http.send(pay(server.url("/pay")), LONG), handshake);
    let unanswered = sent.expect_err("no answer");
    assert_eq!(unanswered.error, AskError::NotSent, "{says:?}");
    let said = unanswered.unreachable.expect("a reason").to_string();
    assert!(says.iter().all(|word| said.contains(word)), "{says:?} are not in: {said}");

    let handshake = async {
        let mut io = server.accept_tcp().await;
        server.try_handshake(&mut io).await;
    };
    let (found, ()) = tokio::join!(http.prime(), handshake);
    assert!(matches!(found, Err(Unreachable::Untrusted(_))), "{says:?}: {found:?}");
    server.expect_no_more().await;
}

#[tokio::test]
async fn the_authority_of_the_ca_file_is_trusted() {
    let server = Server::start(Kind::Tls13).await;
    let answer = answered_with(&server, &server.client(), ok("paid")).await;
    assert_eq!(answer.map(|answer| answer.status), Ok(200));
}

#[tokio::test]
async fn an_authority_that_is_not_known_is_not_trusted() {
    let server = Server::start(Kind::Tls13).await;
    let mut settings = server.settings();

    settings.ca_pem = None;
    let http = Http::new(&settings).expect("usable settings");
    distrusts(&server, &http, ["an authority that", "gateway.ca_file"]).await;

    settings.ca_pem = Some(Authority::new().pem());
    let http = Http::new(&settings).expect("usable settings");
    distrusts(&server, &http, ["an authority that", "leave gateway.ca_file out"]).await;
}

#[tokio::test]
async fn a_certificate_for_another_name_is_not_trusted() {
    let authority = Authority::new();
    let config = authority.server("gateway.example", &TLS13, |_| ());
    let server = Server::listen(Some(config), Some(authority.pem())).await;
    distrusts(&server, &server.client(), ["\"gateway.example\"", "gateway.base_url"]).await;
}

#[tokio::test]
async fn a_certificate_that_has_run_out_is_not_trusted() {
    let authority = Authority::new();
    let config = authority.server("127.0.0.1", &TLS13, |params| {
        params.not_before = rcgen::date_time_ymd(2019, 1, 1);
        params.not_after = rcgen::date_time_ymd(2020, 1, 1);
    });
    let server = Server::listen(Some(config), Some(authority.pem())).await;
    let says = ["expired on Wed, 01 Jan 2020 00:00:00 GMT", "clock"];
    distrusts(&server, &server.client(), says).await;
}

#[tokio::test]
async fn a_certificate_from_the_future_is_not_trusted() {
    let authority = Authority::new();
    let config = authority.server("127.0.0.1", &TLS13, |params| {
        params.not_before = rcgen::date_time_ymd(2150, 1, 1);
        params.not_after = rcgen::date_time_ymd(2160, 1, 1);
    });
    let server = Server::listen(Some(config), Some(authority.pem())).await;
    let says = ["valid from Thu, 01 Jan 2150 00:00:00 GMT on", "clock"];
    distrusts(&server, &server.client(), says).await;
}

#[tokio::test]
async fn a_captive_portal_that_speaks_plain_http_on_the_tls_port_is_not_trusted() {
    let portal = Server::start(Kind::Plain).await;
    let url = portal.url("/pay").replace("http://", "https://");
    let http = Http::new(&HttpSettings::new(url.clone())).expect("usable settings");
    let (sent, ()) = tokio::join!(http.send(pay(url), LONG), async {
        let mut peer = portal.accept().await;
        peer.say("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await;
        peer.close().await;
    });
    assert_eq!(error_of(sent), Some(AskError::NotSent));
}

#[test]
fn plaintext_is_refused_unless_it_is_allowed() {
    let mut settings = HttpSettings::new("http://127.0.0.1:1/");
    assert!(matches!(Http::new(&settings), Err(HttpSettingsError::Plaintext)));
    settings.allow_plaintext = true;
    assert!(Http::new(&settings).is_ok());
}

#[test]
fn a_ca_file_that_is_none_is_refused() {
    let mut settings = HttpSettings::new("https://gateway.example/");
    settings.ca_pem = Some(b"not a certificate".to_vec());
    let error = Http::new(&settings).map(|_| ()).expect_err("no certificate in it");
    assert!(error.to_string().contains("gateway.ca_file"), "{error}");
}

/// Run by the test below, in a process of its own, because the environment is the process's.
#[tokio::test]
#[ignore = "run by a_proxy_in_the_environment_is_not_used"]
async fn child_with_a_proxy_in_the_environment() {
    assert!(std::env::var_os("http_proxy").is_some(), "run by another test");
    for kind in [Kind::Plain, Kind::Tls13] {
        let server = Server::start(kind).await;
        let answer = answered_with(&server, &server.client(), ok("paid")).await;
        assert_eq!(answer.map(|answer| answer.status), Ok(200), "{kind:?}");
    }
}

#[tokio::test]
async fn a_proxy_in_the_environment_is_not_used() {
    let proxy = Server::start(Kind::Plain).await;
    let mut child = Command::new(std::env::current_exe().expect("this test"));
    child.args(["--exact", "trust::child_with_a_proxy_in_the_environment", "--ignored"]);
    for name in ["http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"] {
        child.env(name, proxy.url("/"));
    }
    child.env_remove("no_proxy").env_remove("NO_PROXY");
    let output = child.output().expect("the child");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    proxy.expect_no_more().await;
}

/// A log that a test can read.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("the log").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn failures_are_logged_with_the_host_and_without_what_was_said() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let server = Server::start(Kind::Plain).await;
    let http = server.client();
    let mut request = pay(server.url("/p-hunter2?sign=q-hunter2"));
    request.headers.push(("authorization", "sn h-hunter2".to_owned()));
    request.body = b"b-hunter2".to_vec();
    let shown = format!("{request:?}");
    let (_, ()) = tokio::join!(http.send(request.clone(), LONG), async {
        let mut peer = server.accept().await;
        peer.request().await;
        peer.say("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\na-hunter2").await;
        peer.close().await;
    });
    let _closed = server.close();
    assert_eq!(error_of(http.send(request, LONG).await), Some(AskError::NotSent));

    let log = String::from_utf8(log.0.lock().expect("the log").clone()).expect("text");
    assert_eq!(log.matches("no answer host=\"127.0.0.1\"").count(), 2, "{log}");
    assert!(log.contains("MaybeSent") && log.contains("NotSent"), "{log}");
    assert!(!log.contains("hunter2") && !shown.contains("hunter2"), "{log}{shown}");
}

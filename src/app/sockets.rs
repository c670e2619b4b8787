//! Listening sockets, of the panel and of notifications: so many connections at a time, each with
//! so long for a request's head (I15).

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tracing::{debug, warn};

/// Connections at a time; a browser holds six at most, a gateway one.
pub const CONNECTIONS_MAX: usize = 64;

/// How long a request's head may take, and how long a connection may be silent between requests.
const HEAD_WAIT: Duration = Duration::from_secs(10);

/// The largest head.
const HEAD_LEN_MAX: usize = 16 * 1024;

/// How long to wait after the system could not hand a connection over; it is out of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// What one connection too many hears.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\
    Content-Type: application/json\r\nContent-Length: 49\r\n\r\n\
    {\"error\":\"too many connections: try again later\"}";

/// Serves until it is dropped, and its connections with it.
pub async fn serve(listener: TcpListener, router: Router) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) if connections.len() >= CONNECTIONS_MAX => turn_away(&stream),
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, router.clone()));
                }
                Err(error) => {
                    warn!(%error, "no connection can be taken");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Without waiting: whoever does not take it at once hears nothing.
fn turn_away(stream: &TcpStream) {
    if let Err(error) = stream.try_write(FULL) {
        debug!(%error, "one connection too many");
    }
}

async fn connection(stream: TcpStream, router: Router) {
    // A key press is a small request whose answer somebody waits for.
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%error, "a connection may be slow");
    }
    let service = TowerToHyperService::new(router);
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WAIT)
        .max_buf_size(HEAD_LEN_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        debug!(%error, "a connection ended");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_the_answer_to_one_too_many_is_right() {
        let text = std::str::from_utf8(FULL).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("Content-Length: {}", body.len())), "{}", body.len());
        serde_json::from_str::<serde_json::Value>(body).unwrap();
    }
}

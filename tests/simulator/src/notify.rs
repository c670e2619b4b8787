//! SOSOPAY's asynchronous notifications: tells the NODIFY_URL of a scanned order that it is paid.
//!
//! JSON zh §5, XML v1 §4: a POST to the merchant's address with `sign` added to its query; `_type`
//! and `encrypt` in the address choose the format; HTTP 200 (XML v1: NODIFY_SUCCESS) stops it, else
//! it is sent 30 times, 5 s apart. Only `http://` addresses are served; others are told to the log.

use std::{sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::{sleep, sleep_until, timeout},
};
use tracing::debug;

use crate::server::Shared;

/// JSON zh §5.1: 轮询通知30次, 间隔5秒.
const ATTEMPTS: u32 = 30;
const INTERVAL: Duration = Duration::from_secs(5);
/// How long one attempt may take.
const ATTEMPT_TIME: Duration = Duration::from_secs(10);
/// What is read of an answer.
const MAX_ANSWER: u64 = 16 * 1024;
/// Notifications on their way at a time; the next one waits for one to end.
const MAX_SENDING: usize = 512;

/// A notification, ready to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    /// The merchant's address, sign included.
    pub url: String,
    pub content_type: &'static str,
    pub body: Vec<u8>,
    /// XML v1: the answer's body must say SUCCESS.
    pub wants_success: bool,
}

/// Sends notifications for as long as it is polled.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut changed = shared.changed.subscribe();
    let mut sending = JoinSet::new();
    loop {
        changed.mark_unchanged();
        let (notices, next_due) = {
            let (mut gateway, now_ms) = shared.gateway();
            let (notices, next_due_ms) = gateway.notices(now_ms);
            (notices, next_due_ms.map(|at_ms| gateway.clock.instant(at_ms)))
        };
        for notice in notices {
            if sending.len() >= MAX_SENDING {
                sending.join_next().await;
            }
            sending.spawn(deliver(notice));
        }
        let due = async {
            match next_due {
                Some(due) => sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            // The sender lives in `shared`, so this cannot fail.
            _ = changed.changed() => {}
            () = due => {}
            Some(_) = sending.join_next(), if !sending.is_empty() => {}
        }
    }
}

async fn deliver(notice: Notice) {
    for attempt in 1..=ATTEMPTS {
        match timeout(ATTEMPT_TIME, post(&notice)).await {
            Ok(Ok(true)) => return,
            Ok(Ok(false)) => debug!(attempt, "the notification was not accepted"),
            Ok(Err(error)) => debug!(attempt, %error, "the notification was not delivered"),
            Err(_) => debug!(attempt, "the notification was not answered in time"),
        }
        sleep(INTERVAL).await;
    }
}

/// One attempt: whether it was accepted.
async fn post(notice: &Notice) -> std::io::Result<bool> {
    let Some((authority, path)) = split(&notice.url) else {
        return Err(std::io::Error::other("NODIFY_URL is no http:// address"));
    };
    let port = if authority.contains(':') { "" } else { ":80" };
    let mut stream = TcpStream::connect(format!("{authority}{port}")).await?;
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {authority}\r\nContent-Type: {}\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        notice.content_type,
        notice.body.len()
    );
    stream.write_all(&[head.as_bytes(), &notice.body].concat()).await?;
    let mut answer = Vec::new();
    stream.take(MAX_ANSWER).read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer);
    let accepted = answer.split(' ').nth(1) == Some("200");
    let said = answer.contains("<NODIFY_SUCCESS>SUCCESS</NODIFY_SUCCESS>");
    Ok(accepted && (said || !notice.wants_success))
}

/// Authority and path of an `http://` address; one with a control character or blank is none.
fn split(url: &str) -> Option<(&str, String)> {
    let scheme = url.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("http://"))?;
    let rest = url.get(scheme.len()..)?;
    if rest.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
        return None;
    }
    let at = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(at)?;
    let slash = if path.starts_with('/') { "" } else { "/" };
    (!authority.is_empty()).then(|| (authority, format!("{slash}{path}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_split_or_refused() {
        for (url, expected) in [
            ("HTTP://221.12.11.172:8081/A/B?x=1", Some(("221.12.11.172:8081", "/A/B?x=1"))),
            ("http://host", Some(("host", "/"))),
            ("http://host?x", Some(("host", "/?x"))),
            ("https://host/", None),
            ("http://", None),
            ("http://host/a b", None),
            ("http://host/\r\nEvil: 1", None),
            ("", None),
        ] {
            let expected = expected.map(|(host, path)| (host, path.to_owned()));
            assert_eq!(split(url), expected, "{url}");
        }
    }
}

//! SOSOPAY's asynchronous notifications: tells the NODIFY_URL of a scanned order that it is paid.
//!
//! JSON zh §5, XML v1 §4: a POST to the merchant's address with `sign` added to its query; `_type`
//! and `encrypt` in the address choose the format; HTTP 200 (XML v1: NODIFY_SUCCESS) stops it, else
//! it is sent 30 times, 5 s apart. Only `http://` addresses are served; others are told to the log.
//! Every attempt is written down. How the sending goes wrong is a fault's to say (`Plan`); what
//! goes wrong with bytes and sign is done before (`sosopay::notices`).

use std::{collections::VecDeque, sync::Arc, time::Duration};

use serde::Serialize;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinSet,
    time::{sleep, sleep_until, timeout},
};
use tracing::debug;

use crate::{fault::Fault, server::Shared};

/// JSON zh §5.1: 轮询通知30次, 间隔5秒.
const ATTEMPTS: u32 = 30;
const INTERVAL: Duration = Duration::from_secs(5);
/// How long one attempt may take.
const ATTEMPT_TIME: Duration = Duration::from_secs(10);
/// The outcome of an attempt that ends them.
const ACCEPTED: &str = "accepted";
/// What is read of an answer.
const MAX_ANSWER: u64 = 16 * 1024;
/// Notifications on their way at a time; the next one waits for one to end.
const MAX_SENDING: usize = 512;

/// Attempts that are kept in the log.
const MAX_LOG: usize = 512;
/// What the log keeps of a body.
const MAX_LOGGED_BODY: usize = 64 * 1024;
/// The most a `Fault::Repeat` sends.
const MAX_REPEATS: u32 = 1_000;

/// A notification, ready to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    /// The merchant's number of the order, or the number of the recharge.
    pub order: String,
    /// The merchant's address, sign included.
    pub url: String,
    pub content_type: &'static str,
    pub body: Vec<u8>,
    /// XML v1: the answer's body must say SUCCESS.
    pub wants_success: bool,
    /// What is wrong with it; bytes and sign are spoilt already.
    pub fault: Option<Fault>,
}

/// How a notification is sent.
#[derive(Clone, Copy, Debug)]
struct Plan {
    lost: bool,
    delay_ms: u64,
    times: u32,
    interval: Duration,
    stops_when_accepted: bool,
}

impl Plan {
    fn of(fault: Option<&Fault>) -> Self {
        let plan = Self {
            lost: false,
            delay_ms: 0,
            times: ATTEMPTS,
            interval: INTERVAL,
            stops_when_accepted: true,
        };
        match fault {
            Some(Fault::DropRequest | Fault::DropAnswer | Fault::Offline | Fault::Silence) => {
                Self { lost: true, ..plan }
            }
            Some(Fault::Delay { ms } | Fault::DelayAnswer { ms }) => Self { delay_ms: *ms, ..plan },
            Some(Fault::Repeat { times, ms }) => Self {
                times: (*times).min(MAX_REPEATS),
                interval: Duration::from_millis(*ms),
                stops_when_accepted: false,
                ..plan
            },
            Some(
                Fault::Reset { .. }
                | Fault::Drip { .. }
                | Fault::Http500 { .. }
                | Fault::Truncated
                | Fault::BrokenOff { .. }
                | Fault::Huge
                | Fault::Garbage
                | Fault::DeeplyNested
                | Fault::WrongOrder
                | Fault::WrongAmount
                | Fault::WrongMerchant
                | Fault::WrongType
                | Fault::DuplicateKeys
                | Fault::ErrorCode { .. }
                | Fault::Redirect
                | Fault::StaleNotFound
                | Fault::ContradictingAnswers
                | Fault::Maintenance
                | Fault::ExtraFields
                | Fault::Reordered
                | Fault::EarlyNotice
                | Fault::WrongSign
                | Fault::WrongEncryption
                | Fault::PlayedBack,
            )
            | None => plan,
        }
    }
}

/// One attempt at a notification, as the log tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotificationLog {
    /// The merchant's number of the order, or the number of the recharge.
    pub order: String,
    /// Milliseconds of the simulator's clock, at the attempt's end.
    pub at_ms: u64,
    /// Counted from 1.
    pub attempt: u32,
    /// The address, sign included.
    pub url: String,
    /// What was sent; cut after 64 KiB.
    pub body: String,
    /// `accepted`, `lost`, `HTTP 500`, or why it did not arrive.
    pub outcome: String,
    /// What was wrong with it.
    pub fault: Option<Fault>,
}

/// The log of the notifications, and those that are to be sent again.
#[derive(Debug, Default)]
pub(crate) struct Notifications {
    log: VecDeque<(NotificationLog, Option<Notice>)>,
    again: Vec<Notice>,
}

impl Notifications {
    fn record(&mut self, notice: &Notice, attempt: u32, outcome: String, at_ms: u64) {
        if self.log.len() >= MAX_LOG {
            self.log.pop_front();
        }
        let body = notice.body.get(..MAX_LOGGED_BODY).unwrap_or(&notice.body);
        let line = NotificationLog {
            order: notice.order.clone(),
            at_ms,
            attempt,
            url: notice.url.clone(),
            body: String::from_utf8_lossy(body).into_owned(),
            outcome,
            fault: notice.fault.clone(),
        };
        // What is beyond the log's measure cannot be sent again.
        let whole = body.len() == notice.body.len();
        self.log.push_back((line, whole.then(|| notice.clone())));
    }

    /// The latest attempts, oldest first.
    pub fn lines(&self) -> impl Iterator<Item = &NotificationLog> {
        self.log.iter().map(|(line, _)| line)
    }

    /// Sends the latest notification of an order once more, byte for byte. False if there is none.
    pub fn send_again(&mut self, order: &str) -> bool {
        let last = self.log.iter().rev().find(|(line, _)| line.order == order);
        let Some((_, Some(notice))) = last else { return false };
        let once = Some(Fault::Repeat { times: 1, ms: 0 });
        self.again.push(Notice { fault: once, ..notice.clone() });
        true
    }

    pub fn take_again(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.again)
    }
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
            sending.spawn(deliver(Arc::clone(&shared), notice));
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

async fn deliver(shared: Arc<Shared>, notice: Notice) {
    let plan = Plan::of(notice.fault.as_ref());
    let record = |attempt: u32, outcome: String| {
        debug!(attempt, outcome, "a notification");
        {
            let (mut gateway, now_ms) = shared.gateway();
            gateway.notifications.record(&notice, attempt, outcome, now_ms);
        }
        shared.touch();
    };
    if plan.lost {
        record(1, "lost".to_owned());
        return;
    }
    sleep(Duration::from_millis(plan.delay_ms)).await;
    for attempt in 1..=plan.times {
        let outcome = match timeout(ATTEMPT_TIME, post(&notice)).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(error)) => format!("not delivered: {error}"),
            Err(_) => "not answered in time".to_owned(),
        };
        let accepted = outcome == ACCEPTED;
        record(attempt, outcome);
        if accepted && plan.stops_when_accepted {
            return;
        }
        if attempt < plan.times {
            sleep(plan.interval).await;
        }
    }
}

/// Waits until an order was notified once, whatever came of it, or no attempt can last that long.
pub(crate) async fn notified(shared: &Shared, order: &str) {
    let mut changed = shared.changed.subscribe();
    let told = async {
        loop {
            let told = {
                let (gateway, _) = shared.gateway();
                gateway.notifications.lines().any(|line| line.order == order)
            };
            // The sender lives in `shared`, so this cannot fail.
            if told || changed.changed().await.is_err() {
                return;
            }
        }
    };
    // Not told in time is told by the log.
    let _ = timeout(ATTEMPT_TIME, told).await;
}

/// One attempt, and what came of it.
async fn post(notice: &Notice) -> std::io::Result<String> {
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
    let said = answer.contains("<NODIFY_SUCCESS>SUCCESS</NODIFY_SUCCESS>");
    Ok(match answer.split(' ').nth(1) {
        Some("200") if said || !notice.wants_success => ACCEPTED.to_owned(),
        Some("200") => "HTTP 200 without NODIFY_SUCCESS".to_owned(),
        Some(status) => format!("HTTP {status}"),
        None => "no HTTP answer".to_owned(),
    })
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

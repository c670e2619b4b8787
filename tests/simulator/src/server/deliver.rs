//! Answers on the wire, and the faults that happen there.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::sleep,
};

use crate::{
    clock::http_date,
    fault::{BreakOff, Fault},
    gateway::Answer,
    http::response_head,
};

use super::Shared;

/// How much a `Huge` answer streams.
const HUGE_BYTES: usize = 12 * 1024 * 1024;
/// How deep a `DeeplyNested` answer goes.
const NESTING: usize = 100_000;

/// What becomes of the connection.
#[derive(Debug)]
pub(crate) enum Delivery {
    KeepOpen,
    Close,
    Reset,
}

fn date(shared: &Shared) -> String {
    let (gateway, now_ms) = shared.gateway();
    http_date(gateway.wall_ms(now_ms))
}

/// A bare HTTP status. A client that left does not see it, and nothing depends on that.
pub(crate) async fn status(shared: &Shared, stream: &mut TcpStream, status: u16) {
    let head = response_head(status, &date(shared), "text/plain", Some(0), false, None);
    let _ = stream.write_all(&head).await;
    drain(stream).await;
}

/// A redirect to a host that is not the gateway's.
pub(crate) async fn redirect(shared: &Shared, stream: &mut TcpStream) {
    let elsewhere = Some("http://captive.example.com/login");
    let head = response_head(302, &date(shared), "text/html", Some(0), false, elsewhere);
    let _ = stream.write_all(&head).await;
}

/// Ends our side and reads the rest of what the client sends, a bounded while and amount, so that
/// closing does not reset the connection under an answer that is still on its way.
async fn drain(stream: &mut TcpStream) {
    if stream.shutdown().await.is_err() {
        return;
    }
    let rest = async {
        let mut sink = [0; 4096];
        for _ in 0..1_024 {
            if !matches!(stream.read(&mut sink).await, Ok(1..)) {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(2), rest).await;
}

/// Keeps a connection and says nothing until the client leaves.
pub(crate) async fn hold(stream: &mut TcpStream) {
    let mut sink = [0; 1024];
    while matches!(stream.read(&mut sink).await, Ok(1..)) {}
}

/// Closes with a reset instead of an orderly end.
pub(crate) fn reset(stream: TcpStream) {
    // If the option cannot be set the connection is closed in order, which is cut off all the same.
    let _ = stream.set_zero_linger();
    drop(stream);
}

/// Writes an answer, as its fault wants it.
pub(crate) async fn answer(
    shared: &Shared,
    stream: &mut TcpStream,
    answer: Answer,
    fault: Option<&Fault>,
) -> Delivery {
    let keep_alive = fault.is_none() && shared.gateway().0.settings.keep_alive;
    let Answer { content_type, body } = answer;
    let (status, body) = match fault {
        Some(Fault::DropAnswer) => return Delivery::Close,
        Some(Fault::Silence) => {
            hold(stream).await;
            return Delivery::Close;
        }
        Some(Fault::Huge) => {
            huge(shared, stream, content_type).await;
            return Delivery::Close;
        }
        Some(Fault::BrokenOff { how }) => {
            return broken_off(shared, stream, content_type, &body, *how).await;
        }
        Some(Fault::Http500 { .. }) => (500, b"Internal Server Error".to_vec()),
        Some(Fault::Truncated) => (200, body.get(..body.len() / 2).unwrap_or_default().to_vec()),
        Some(Fault::Garbage) => (200, garbage()),
        Some(Fault::DeeplyNested) => (200, nested(content_type)),
        Some(
            Fault::DropRequest
            | Fault::Reset { .. }
            | Fault::Delay { .. }
            | Fault::DelayAnswer { .. }
            | Fault::Drip { .. }
            | Fault::WrongOrder
            | Fault::WrongAmount
            | Fault::WrongMerchant
            | Fault::WrongType
            | Fault::DuplicateKeys
            | Fault::ErrorCode { .. }
            | Fault::Redirect
            | Fault::StaleNotFound
            | Fault::ContradictingAnswers
            | Fault::Offline
            | Fault::Maintenance
            | Fault::ExtraFields
            | Fault::Reordered
            | Fault::EarlyNotice
            | Fault::Repeat { .. }
            | Fault::WrongSign
            | Fault::WrongEncryption
            | Fault::PlayedBack,
        )
        | None => (200, body),
    };
    let date = date(shared);
    let mut bytes = response_head(status, &date, content_type, Some(body.len()), keep_alive, None);
    bytes.extend(body);
    let written = match fault {
        Some(Fault::Reset { bytes: count }) => {
            let _ = stream.write_all(bytes.get(..*count).unwrap_or(&bytes)).await;
            return Delivery::Reset;
        }
        Some(Fault::Drip { ms }) => drip(stream, &bytes, *ms).await,
        Some(_) | None => stream.write_all(&bytes).await,
    };
    match written {
        Ok(()) if keep_alive => Delivery::KeepOpen,
        Ok(()) | Err(_) => Delivery::Close,
    }
}

/// Half of a body, and then whatever keeps the other half away.
async fn broken_off(
    shared: &Shared,
    stream: &mut TcpStream,
    content_type: &str,
    body: &[u8],
    how: BreakOff,
) -> Delivery {
    let half = body.get(..body.len() / 2).unwrap_or_default();
    let head = |len| response_head(200, &date(shared), content_type, len, false, None);
    let bytes = match how {
        BreakOff::Closed | BreakOff::Stalled => [&head(Some(body.len())), half].concat(),
        BreakOff::Reset => head(Some(body.len())),
        BreakOff::BadChunk => {
            let mut head = head(None);
            // Before the empty line that ends it.
            head.truncate(head.len().saturating_sub(2));
            let begun = format!("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n", half.len());
            [&head, begun.as_bytes(), half, b"\r\nno length\r\n"].concat()
        }
    };
    if stream.write_all(&bytes).await.is_err() {
        return Delivery::Close;
    }
    match how {
        BreakOff::Closed | BreakOff::BadChunk => drain(stream).await,
        BreakOff::Reset => return Delivery::Reset,
        BreakOff::Stalled => hold(stream).await,
    }
    Delivery::Close
}

async fn drip(stream: &mut TcpStream, bytes: &[u8], ms: u64) -> std::io::Result<()> {
    for byte in bytes {
        stream.write_all(std::slice::from_ref(byte)).await?;
        sleep(Duration::from_millis(ms)).await;
    }
    Ok(())
}

/// A body without a length that goes on and on; it ends only so that nothing is held for ever.
async fn huge(shared: &Shared, stream: &mut TcpStream, content_type: &str) {
    let head = response_head(200, &date(shared), content_type, None, false, None);
    let open: &[u8] = if content_type.contains("xml") { b"<ORDER_RESP>" } else { b"{\"a\":\"" };
    if stream.write_all(&[&head, open].concat()).await.is_err() {
        return;
    }
    let piece = vec![b'x'; 64 * 1024];
    for _ in 0..HUGE_BYTES / piece.len() {
        if stream.write_all(&piece).await.is_err() {
            return;
        }
    }
}

/// The bytes of a notification, as its fault wants them.
pub(crate) fn spoil_bytes(fault: Option<&Fault>, content_type: &str, body: Vec<u8>) -> Vec<u8> {
    match fault {
        Some(Fault::Truncated) => body.get(..body.len() / 2).unwrap_or_default().to_vec(),
        Some(Fault::Garbage) => garbage(),
        Some(Fault::DeeplyNested) => nested(content_type),
        Some(Fault::Huge) => vec![b'x'; HUGE_BYTES],
        Some(_) | None => body,
    }
}

/// Bytes that are neither UTF-8 nor any format, with NULs among them.
fn garbage() -> Vec<u8> {
    (0..512_u32)
        .map(|place| (place.wrapping_mul(167) >> 1).to_le_bytes()[0] | 0x80)
        .chain([0; 16])
        .collect()
}

fn nested(content_type: &str) -> Vec<u8> {
    let open = if content_type.contains("xml") { "<a>" } else { "[" };
    open.repeat(NESTING).into_bytes()
}

//! A reader that sends lines, on a pseudo-terminal. Each wait has a guard.

use std::future::poll_fn;
use std::io::Write;
use std::time::Duration;

use serialport::{SerialPort, TTYPort};

use super::*;
use crate::nfc;

const TOKEN: &str = "284214903060794755";
const GUARD: Duration = Duration::from_secs(30);

fn reader() -> (TTYPort, LineNfc) {
    let (line, end) = TTYPort::pair().unwrap();
    let path = end.name().unwrap();
    drop(end);
    let reader = LineNfc::open(SerialConfig::new(path));
    assert!(reader.health().is_ready(), "{}", reader.health());
    (line, reader)
}

async fn next(reader: &mut LineNfc) -> NfcEvent {
    tokio::time::timeout(GUARD, nfc::next(reader)).await.expect("an event")
}

/// Waits until the kernel holds `len` bytes for the reader, which is not polled meanwhile: what is
/// written to a pseudo-terminal is at its other end a moment later.
async fn arrive(reader: &LineNfc, len: u32) {
    let arrived = async {
        while reader.scanner.unread() < len {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(GUARD, arrived).await.expect("the bytes arrive");
}

/// Lets the reader take the `len` bytes that were written, and panics if that gives an event.
async fn settle(reader: &mut LineNfc, len: u32) {
    arrive(reader, len).await;
    let taken = async {
        while reader.scanner.unread() > 0 {
            poll_fn(|cx| {
                assert!(reader.poll_event(cx).is_pending());
                Poll::Ready(())
            })
            .await;
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(GUARD, taken).await.expect("the bytes are taken");
}

#[tokio::test]
async fn a_line_is_a_token_while_the_reader_is_armed() {
    let (mut line, mut reader) = reader();
    reader.arm(true);
    line.write_all(format!("{TOKEN}\r\n").as_bytes()).unwrap();
    assert_eq!(next(&mut reader).await, NfcEvent::Tapped(TOKEN.into()));
}

#[tokio::test]
async fn what_comes_while_nobody_waits_does_not_count() {
    let (mut line, mut reader) = reader();
    line.write_all(b"before\r").unwrap();
    settle(&mut reader, 7).await;
    line.write_all(b"also before\r").unwrap();
    arrive(&reader, 12).await;
    reader.arm(true);
    line.write_all(format!("{TOKEN}\r").as_bytes()).unwrap();
    assert_eq!(next(&mut reader).await, NfcEvent::Tapped(TOKEN.into()));
    reader.arm(false);
    line.write_all(b"after\r").unwrap();
    settle(&mut reader, 6).await;
}

#[tokio::test]
async fn what_is_no_text_is_no_token() {
    let (mut line, mut reader) = reader();
    reader.arm(true);
    line.write_all(&[0xFF, 0x00, 0x41, b'\r']).unwrap();
    assert_eq!(next(&mut reader).await, NfcEvent::Failed(NfcFault::Unreadable));
}

#[tokio::test]
async fn it_says_when_it_is_unplugged() {
    let (line, mut reader) = reader();
    drop(line);
    assert_eq!(next(&mut reader).await, NfcEvent::HealthChanged);
    assert!(!reader.health().is_ready());
}

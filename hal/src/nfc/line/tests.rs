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

/// Lets the reader take everything that is on the line, and panics if that gives an event.
async fn settle(reader: &mut LineNfc, line: &TTYPort) {
    let quiet = async {
        while line.bytes_to_write().unwrap() > 0 || reader.scanner.unread() > 0 {
            poll_fn(|cx| {
                assert!(reader.poll_event(cx).is_pending());
                Poll::Ready(())
            })
            .await;
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(GUARD, quiet).await.expect("the line runs dry");
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
    settle(&mut reader, &line).await;
    line.write_all(b"also before\r").unwrap();
    reader.arm(true);
    line.write_all(format!("{TOKEN}\r").as_bytes()).unwrap();
    assert_eq!(next(&mut reader).await, NfcEvent::Tapped(TOKEN.into()));
    reader.arm(false);
    line.write_all(b"after\r").unwrap();
    settle(&mut reader, &line).await;
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

//! The line over real pseudo-terminals.

use std::future::poll_fn;
use std::path::PathBuf;

use serialport::SerialPort;

use super::*;

const GUARD: Duration = Duration::from_secs(30);

fn pair() -> (TTYPort, PathBuf) {
    let (line, end) = TTYPort::pair().unwrap();
    let name = end.name().unwrap();
    (line, PathBuf::from(name))
}

#[tokio::test]
async fn a_write_that_does_not_fit_gives_way_and_goes_on_when_there_is_room() {
    let (mut line, path) = pair();
    let mut port = Port::open(&path, 9600).unwrap();
    let sent = vec![b'x'; 1 << 17];
    let reader = std::thread::spawn(move || {
        line.set_timeout(GUARD).unwrap();
        let mut heard = vec![0; 1 << 17];
        line.read_exact(&mut heard).unwrap();
        heard
    });
    let mut rest = sent.as_slice();
    while !rest.is_empty() {
        let written = tokio::time::timeout(GUARD, poll_fn(|cx| port.poll_write(cx, rest)));
        let written = written.await.expect("room in the end").expect("written");
        rest = &rest[written..];
    }
    assert!(reader.join().unwrap() == sent);
}

#[tokio::test]
async fn a_full_line_holds_nobody_up() {
    let (_line, path) = pair();
    let mut port = Port::open(&path, 9600).unwrap();
    // Nobody reads at the other end: the kernel's buffer fills, and then the write is pending.
    let full = poll_fn(|cx| {
        for _ in 0..10_000 {
            if port.poll_write(cx, &[b'x'; 4096]).is_pending() {
                return Poll::Ready(true);
            }
        }
        Poll::Ready(false)
    });
    assert!(full.await, "a write without end");
}

#[tokio::test]
async fn nothing_waiting_is_no_error_and_the_end_is_told() {
    let (mut line, path) = pair();
    let mut port = Port::open(&path, 9600).unwrap();
    let mut bytes = [0; 8];
    assert!(port.read_now(&mut bytes).is_none());
    line.write_all(b"ab").unwrap();
    let read = tokio::time::timeout(GUARD, poll_fn(|cx| port.poll_read(cx, &mut bytes)));
    assert_eq!(read.await.unwrap().unwrap(), 2);
    drop(line);
    let read = tokio::time::timeout(GUARD, poll_fn(|cx| port.poll_read(cx, &mut bytes)));
    assert!(matches!(read.await.unwrap(), Ok(0) | Err(_)));
}

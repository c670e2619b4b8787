//! The driver on real pseudo-terminals. The clock is real here, because a paused one would run
//! ahead of the kernel; nothing sleeps, and each wait has a guard.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use serialport::{SerialPort, TTYPort};
use tempfile::TempDir;

use super::*;
use crate::scanner::{self, DropReason};

const CODE: &str = "284214903060794755";
const GUARD: Duration = Duration::from_secs(30);

/// A plug that can be put into a pseudo-terminal's other end, by a name that stays the same.
struct Socket {
    folder: TempDir,
}

impl Socket {
    fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("scanner")
    }

    fn config(&self) -> SerialConfig {
        SerialConfig::new(self.path())
    }

    /// Puts a new line in place of the one before, in one step as udev does.
    fn plug(&self) -> TTYPort {
        let (line, end) = TTYPort::pair().unwrap();
        let fresh = self.folder.path().join("fresh");
        symlink(end.name().unwrap(), &fresh).unwrap();
        fs::rename(fresh, self.path()).unwrap();
        line
    }
}

async fn next(scanner: &mut SerialScanner) -> ScannerEvent {
    tokio::time::timeout(GUARD, scanner::next(scanner)).await.expect("an event")
}

async fn next_text(scanner: &mut SerialScanner) -> String {
    match next(scanner).await {
        ScannerEvent::Read(reading) => reading.text,
        other => panic!("{other:?} where a reading was expected: {}", scanner.health()),
    }
}

/// Waits until the kernel holds `len` bytes for the driver, which is not polled meanwhile: what is
/// written to a pseudo-terminal is at its other end a moment later.
async fn arrive(scanner: &SerialScanner, len: u32) {
    let arrived = async {
        while scanner.unread() < len {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(GUARD, arrived).await.expect("the bytes arrive");
}

/// Lets the driver take the `len` bytes that were written, and panics if that gives an event.
async fn settle(scanner: &mut SerialScanner, len: u32) {
    arrive(scanner, len).await;
    let taken = async {
        while scanner.unread() > 0 {
            std::future::poll_fn(|cx| {
                assert!(scanner.poll_event(cx).is_pending());
                Poll::Ready(())
            })
            .await;
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(GUARD, taken).await.expect("the bytes are taken");
}

#[tokio::test]
async fn a_whole_scan_is_read() {
    let socket = Socket::new();
    let mut line = socket.plug();
    let mut scanner = SerialScanner::open(socket.config());
    assert!(scanner.health().is_ready(), "{}", scanner.health());
    let before = Instant::now();
    line.write_all(format!("]Q1{CODE}\r\n").as_bytes()).unwrap();
    let ScannerEvent::Read(reading) = next(&mut scanner).await else { panic!("no reading") };
    assert_eq!(reading.text, CODE);
    assert_eq!(reading.symbology.map(|aim| aim.to_string()).as_deref(), Some("]Q1"));
    assert!(before <= reading.last_byte && reading.last_byte <= Instant::now());
}

#[tokio::test]
async fn a_scan_that_comes_in_pieces_is_read_as_one() {
    let socket = Socket::new();
    let mut line = socket.plug();
    let mut scanner = SerialScanner::open(socket.config());
    for byte in CODE.bytes() {
        line.write_all(&[byte]).unwrap();
        settle(&mut scanner, 1).await;
    }
    line.write_all(b"\r").unwrap();
    assert_eq!(next_text(&mut scanner).await, CODE);
}

#[tokio::test]
async fn two_scans_in_one_burst_are_two_readings() {
    let socket = Socket::new();
    let mut line = socket.plug();
    let mut scanner = SerialScanner::open(socket.config());
    line.write_all(format!("{CODE}\r13{CODE}\r").as_bytes()).unwrap();
    assert_eq!(next_text(&mut scanner).await, CODE);
    assert_eq!(next_text(&mut scanner).await, format!("13{CODE}"));
}

#[tokio::test]
async fn a_scan_without_a_terminator_ends_with_the_silence() {
    let socket = Socket::new();
    let mut line = socket.plug();
    let terminator = "quiet:200".parse().unwrap();
    let mut scanner = SerialScanner::open(SerialConfig { terminator, ..socket.config() });
    line.write_all(CODE.as_bytes()).unwrap();
    assert_eq!(next_text(&mut scanner).await, CODE);
}

#[tokio::test]
async fn an_unplugged_scanner_is_absent_and_reads_again_once_it_is_back() {
    let socket = Socket::new();
    let mut line = socket.plug();
    let mut scanner = SerialScanner::open(socket.config());
    for _ in 0..3 {
        line.write_all(b"284214").unwrap();
        settle(&mut scanner, 6).await;
        drop(line);
        assert_eq!(next(&mut scanner).await, ScannerEvent::HealthChanged);
        assert_eq!(scanner.health().health, Health::Absent, "{}", scanner.health());

        line = socket.plug();
        while !scanner.health().is_ready() {
            assert_eq!(next(&mut scanner).await, ScannerEvent::HealthChanged);
        }
        line.write_all(format!("{CODE}\r").as_bytes()).unwrap();
        assert_eq!(next_text(&mut scanner).await, CODE, "without what came before");
    }
}

#[tokio::test]
async fn a_scanner_that_is_not_there_yet_is_read_once_it_is() {
    let socket = Socket::new();
    let mut scanner = SerialScanner::open(socket.config());
    assert_eq!(scanner.health().health, Health::Absent);
    assert!(scanner.health().detail.contains("plug it in"), "{}", scanner.health());
    let mut line = socket.plug();
    assert_eq!(next(&mut scanner).await, ScannerEvent::HealthChanged);
    assert!(scanner.health().is_ready());
    line.write_all(format!("{CODE}\r").as_bytes()).unwrap();
    assert_eq!(next_text(&mut scanner).await, CODE);
}

#[tokio::test]
async fn what_is_not_a_serial_line_fails_without_a_panic() {
    let socket = Socket::new();
    fs::write(socket.path(), CODE).unwrap();
    let scanner = SerialScanner::open(socket.config());
    assert_eq!(scanner.health().health, Health::Failed, "{}", scanner.health());
    assert!(scanner.health().detail.contains("is no serial line"), "{}", scanner.health());
    let _line = socket.plug();
    let scanner = SerialScanner::open(SerialConfig { baud: 0, ..socket.config() });
    assert_eq!(scanner.health().health, Health::Failed, "{}", scanner.health());
}

#[tokio::test]
async fn a_line_has_one_reader_and_the_next_takes_over() {
    let socket = Socket::new();
    let mut line = socket.plug();
    let first = SerialScanner::open(socket.config());
    let mut second = SerialScanner::open(socket.config());
    assert_eq!(second.health().health, Health::Failed, "{}", second.health());
    drop(first);
    assert_eq!(next(&mut second).await, ScannerEvent::HealthChanged);
    line.write_all(format!("{CODE}\r").as_bytes()).unwrap();
    assert_eq!(next_text(&mut second).await, CODE);
}

#[tokio::test]
async fn nothing_before_a_discard_counts() {
    let socket = Socket::new();
    let mut line = socket.plug();
    let mut scanner = SerialScanner::open(socket.config());
    line.write_all(b"1\r2\r3\r").unwrap();
    arrive(&scanner, 6).await;
    assert_eq!(next_text(&mut scanner).await, "1");
    line.write_all(b"4\r284214").unwrap();
    arrive(&scanner, 8).await;
    scanner.discard();
    assert_eq!((scanner.unread(), scanner.events.len()), (0, 0));
    assert!(scanner.framer.deadline().is_some(), "the rest of the last code is still to come");
    line.write_all(format!("\r{CODE}\r").as_bytes()).unwrap();
    assert_eq!(next_text(&mut scanner).await, CODE);
}

#[tokio::test]
async fn a_discard_notices_that_the_scanner_was_unplugged() {
    let socket = Socket::new();
    let line = socket.plug();
    let mut scanner = SerialScanner::open(socket.config());
    drop(line);
    fs::remove_file(socket.path()).unwrap();
    scanner.discard();
    assert_eq!(scanner.health().health, Health::Absent);
    assert_eq!(next(&mut scanner).await, ScannerEvent::HealthChanged);
}

#[tokio::test]
async fn a_flood_without_end_is_reported_once_and_leaves_the_next_scan_alone() {
    let socket = Socket::new();
    let mut line = socket.plug();
    let mut scanner = SerialScanner::open(socket.config());
    let flood = std::thread::spawn(move || {
        line.set_timeout(GUARD).unwrap();
        line.write_all(&[b'7'; 1 << 20]).unwrap();
        line.write_all(format!("\r{CODE}\r").as_bytes()).unwrap();
        line
    });
    let too_long = DropReason::TooLong { len_max: scanner::READING_LEN_MAX };
    assert_eq!(next(&mut scanner).await, ScannerEvent::Dropped(too_long));
    assert_eq!(next_text(&mut scanner).await, CODE);
    flood.join().unwrap();
}

#[tokio::test]
async fn noise_messages_and_padding_are_no_readings_and_leave_the_next_scan_alone() {
    let socket = Socket::new();
    let mut line = socket.plug();
    let mut scanner = SerialScanner::open(socket.config());
    let nul_inside = b"2842\x00149\r".as_slice();
    for (bytes, reason) in [
        (b"%%NoRead\r\n".as_slice(), DropReason::NoRead),
        (nul_inside, DropReason::NotText),
        (b"\xff\xfe\x80\r", DropReason::NotText),
        (b"]Q1\r", DropReason::Empty),
    ] {
        line.write_all(bytes).unwrap();
        assert_eq!(next(&mut scanner).await, ScannerEvent::Dropped(reason), "{bytes:?}");
        line.write_all(format!("\0\x02{CODE}\x03\0\r").as_bytes()).unwrap();
        assert_eq!(next_text(&mut scanner).await, CODE, "{bytes:?}");
    }
}

#[tokio::test]
async fn a_megabyte_of_nul_is_nothing_at_all() {
    let socket = Socket::new();
    let mut line = socket.plug();
    let mut scanner = SerialScanner::open(socket.config());
    let flood = std::thread::spawn(move || {
        line.set_timeout(GUARD).unwrap();
        line.write_all(&[0; 1 << 20]).unwrap();
        line.write_all(format!("{CODE}\r").as_bytes()).unwrap();
        line
    });
    assert_eq!(next_text(&mut scanner).await, CODE);
    flood.join().unwrap();
}

#[tokio::test]
async fn a_scanner_unplugged_within_a_flood_is_absent_and_then_reads_again() {
    let socket = Socket::new();
    let mut line = socket.plug();
    let mut scanner = SerialScanner::open(socket.config());
    let flood = std::thread::spawn(move || {
        line.set_timeout(GUARD).unwrap();
        line.write_all(&[b'7'; 1 << 18]).unwrap();
    });
    let too_long = DropReason::TooLong { len_max: scanner::READING_LEN_MAX };
    assert_eq!(next(&mut scanner).await, ScannerEvent::Dropped(too_long));
    assert_eq!(next(&mut scanner).await, ScannerEvent::HealthChanged);
    assert_eq!(scanner.health().health, Health::Absent, "{}", scanner.health());
    flood.join().unwrap();

    let mut line = socket.plug();
    while !scanner.health().is_ready() {
        assert_eq!(next(&mut scanner).await, ScannerEvent::HealthChanged);
    }
    line.write_all(format!("{CODE}\r").as_bytes()).unwrap();
    assert_eq!(next_text(&mut scanner).await, CODE);
}

//! The driver for scanners on a serial line: RS-232, a UART, or USB that looks like one.
//!
//! Owns the port and the timer that looks for it again. The line is 8N1, opened exclusively; its
//! bytes go through the [`Framer`].
//!
//! Three traps it minds:
//!
//! - A port that was unplugged is readable for ever and gives no bytes: it is closed at once.
//! - `serialport` takes the port out of non-blocking mode when it opens it. A timeout of zero makes
//!   each of its reads ask first whether there is anything to read, so that none can block.
//! - FTDI chips keep bytes back for 16 ms; where the kernel lets us, 1 ms is set instead.

use std::collections::VecDeque;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use serialport::{DataBits, FlowControl, Parity, StopBits, TTYPort};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::{Alarm, Framer, Scanner, ScannerEvent, Terminator, now};
use crate::device::{Device, Health, HealthReport};

/// Reads in one turn, and the most bytes of each.
const READS_MAX: usize = 16;
const READ_LEN_MAX: usize = 512;

/// Reads that [`Scanner::discard`] makes at most: more than a kernel holds back for a line.
const DISCARD_READS_MAX: usize = 128;

/// The shortest wait, so that no setting makes looking for a scanner a busy loop.
const RETRY_MIN: Duration = Duration::from_millis(1);

/// Where a serial scanner is, and how it talks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SerialConfig {
    /// The device file, best a name that stays the same, as in `/dev/serial/by-id/`.
    pub path: PathBuf,
    /// Bits a second.
    pub baud: u32,
    /// What ends a code.
    pub terminator: Terminator,
    /// How long to wait before looking for an absent scanner again. Doubles each time.
    pub retry_first: Duration,
    /// The longest such wait.
    pub retry_max: Duration,
}

impl SerialConfig {
    /// A scanner at `path`: 9600 baud, any terminator, looked for after 500 ms up to 5 s.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            baud: 9600,
            terminator: Terminator::default(),
            retry_first: Duration::from_millis(500),
            retry_max: Duration::from_secs(5),
        }
    }
}

#[derive(Debug)]
enum Link {
    Open(AsyncFd<TTYPort>),
    /// Looked for again at `retry_at`, then after `wait`.
    Away {
        retry_at: Instant,
        wait: Duration,
    },
}

/// A scanner on a serial line.
#[derive(Debug)]
pub struct SerialScanner {
    config: SerialConfig,
    name: String,
    link: Link,
    health: HealthReport,
    framer: Framer,
    events: VecDeque<ScannerEvent>,
    /// Wakes for the framer's deadline.
    silence: Alarm,
    /// Wakes to look for an absent scanner.
    retry: Alarm,
}

impl SerialScanner {
    /// Opens the scanner if it is there; otherwise it is looked for until it is. Must be called,
    /// and polled, inside a tokio runtime with I/O and time.
    pub fn open(mut config: SerialConfig) -> Self {
        config.retry_first = config.retry_first.max(RETRY_MIN);
        config.retry_max = config.retry_max.max(config.retry_first);
        let away = Link::Away { retry_at: now(), wait: config.retry_first };
        let mut scanner = Self {
            name: format!("serial scanner {}", config.path.display()),
            link: away,
            health: HealthReport::new(Health::Starting, ""),
            framer: Framer::new(config.terminator),
            events: VecDeque::new(),
            silence: Alarm::default(),
            retry: Alarm::default(),
            config,
        };
        scanner.reopen();
        // The first report is no change.
        scanner.events.clear();
        scanner
    }

    fn reopen(&mut self) {
        let Link::Away { wait, .. } = self.link else { return };
        match open_port(&self.config) {
            Ok(port) => {
                self.framer.reset();
                self.link = Link::Open(port);
                self.report(HealthReport::ready());
            }
            Err(report) => {
                let retry_at = now() + wait;
                let wait = wait.saturating_mul(2).min(self.config.retry_max);
                self.link = Link::Away { retry_at, wait };
                self.report(report);
            }
        }
    }

    /// Closes a port that is gone, at once: reading it again would never wait.
    fn lose(&mut self, why: &str) {
        let wait = self.config.retry_first;
        self.link = Link::Away { retry_at: now() + wait, wait };
        self.framer.reset();
        let detail = format!("{} was unplugged ({why})", self.config.path.display());
        self.report(HealthReport::new(Health::Absent, detail));
    }

    fn report(&mut self, report: HealthReport) {
        if report == self.health {
            return;
        }
        let changed = report.health != self.health.health;
        self.health = report;
        // The words may change while nothing happens, as from "unplugged" to "not there".
        if changed {
            tracing::info!(device = self.name, health = %self.health, "a scanner's health changed");
            self.events.push_back(ScannerEvent::HealthChanged);
        }
    }

    /// One step: bytes, a silence or a look for the scanner. `Pending` if there is none to make.
    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.link {
            Link::Away { retry_at, .. } => {
                ready!(self.retry.poll(cx, Some(*retry_at)));
                self.reopen();
            }
            Link::Open(port) => {
                let mut bytes = [0; READ_LEN_MAX];
                match poll_read(port, cx, &mut bytes) {
                    Poll::Ready(result) => self.take(result, &bytes),
                    Poll::Pending => {
                        ready!(self.silence.poll(cx, self.framer.deadline()));
                        self.framer.elapse(now(), &mut self.events);
                    }
                }
            }
        }
        Poll::Ready(())
    }

    /// What a read gave: bytes, or the end of the port.
    fn take(&mut self, result: io::Result<usize>, bytes: &[u8]) {
        match result {
            Ok(0) => self.lose("end of input"),
            Ok(len) => {
                self.framer.push(now(), bytes.get(..len).unwrap_or(bytes), &mut self.events);
            }
            Err(error) => self.lose(&error.to_string()),
        }
    }
}

impl Device for SerialScanner {
    fn name(&self) -> &str {
        &self.name
    }

    fn health(&self) -> HealthReport {
        self.health.clone()
    }
}

impl Scanner for SerialScanner {
    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<ScannerEvent> {
        for _ in 0..READS_MAX {
            if let Some(event) = self.events.pop_front() {
                return Poll::Ready(event);
            }
            ready!(self.poll_step(cx));
        }
        // A flood, or noise: let others have their turn.
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn discard(&mut self) {
        // Through the framer, so that the rest of a code begun in the kernel is discarded too.
        for _ in 0..DISCARD_READS_MAX {
            let Link::Open(port) = &mut self.link else { break };
            let mut bytes = [0; READ_LEN_MAX];
            match port.get_mut().read(&mut bytes) {
                Err(error) if is_empty(&error) => break,
                result => self.take(result, &bytes),
            }
            self.events.retain(ScannerEvent::is_news);
        }
        self.framer.discard();
        self.events.retain(ScannerEvent::is_news);
    }
}

/// Whether a read failed only because there is nothing to read now.
fn is_empty(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}

fn poll_read(
    port: &mut AsyncFd<TTYPort>,
    cx: &mut Context<'_>,
    bytes: &mut [u8],
) -> Poll<io::Result<usize>> {
    loop {
        let mut guard = ready!(port.poll_read_ready_mut(cx))?;
        match guard.get_inner_mut().read(bytes) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if is_empty(&error) => guard.clear_ready(),
            result => return Poll::Ready(result),
        }
    }
}

fn open_port(config: &SerialConfig) -> Result<AsyncFd<TTYPort>, HealthReport> {
    let shown = config.path.display();
    let failed = |why: &str| HealthReport::new(Health::Failed, format!("{shown}: {why}"));
    let Some(path) = config.path.to_str() else { return Err(failed("not a readable path")) };
    if config.baud == 0 {
        return Err(failed("baud must be more than 0"));
    }
    let builder = serialport::new(path, config.baud)
        .data_bits(DataBits::Eight)
        .parity(Parity::None)
        .stop_bits(StopBits::One)
        .flow_control(FlowControl::None)
        .timeout(Duration::ZERO);
    match TTYPort::open(&builder) {
        Ok(port) => {
            set_low_latency(&config.path);
            watch(port).map_err(|error| failed(&error.to_string()))
        }
        Err(error) => Err(match fs::metadata(&config.path) {
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => {
                HealthReport::new(Health::Absent, format!("{shown} is not there: plug it in"))
            }
            Ok(_) | Err(_) => failed(&error.description),
        }),
    }
}

/// Has tokio say when the port can be read.
#[expect(
    deprecated,
    reason = "its successor `register` is unsafe: it asks that the descriptor stay open and the \
              same while tokio has it, as a `TTYPort`, which owns its own, does until it is dropped"
)]
fn watch(port: TTYPort) -> io::Result<AsyncFd<TTYPort>> {
    AsyncFd::with_interest(port, Interest::READABLE)
}

/// Asks an FTDI chip for each byte within a millisecond; other drivers have no such file.
fn set_low_latency(path: &Path) {
    let Ok(node) = fs::canonicalize(path) else { return };
    let Some(tty) = node.file_name() else { return };
    let timer = Path::new("/sys/class/tty").join(tty).join("device/latency_timer");
    if let Ok(mut file) = fs::OpenOptions::new().write(true).open(&timer)
        && let Err(error) = file.write_all(b"1")
    {
        tracing::debug!(timer = %timer.display(), %error, "the latency stays as it is");
    }
}

#[cfg(test)]
mod tests;

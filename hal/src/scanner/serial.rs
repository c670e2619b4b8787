//! The driver for scanners on a serial line.
//!
//! Owns the [`Port`] or, while that is away, the [`Search`] for it. What the bytes mean is the
//! [`Framer`]'s business.

use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::task::{Context, Poll, ready};

use super::{Framer, Scanner, ScannerEvent, Terminator};
use crate::alarm::{Alarm, now};
use crate::device::{Device, Health, HealthReport};
use crate::hotplug::Search;
use crate::tty::Port;

/// Reads in one turn, and the most bytes of each.
const READS_MAX: usize = 16;
const READ_LEN_MAX: usize = 512;

/// Reads that [`Scanner::discard`] makes at most: more than a kernel holds back for a line.
const DISCARD_READS_MAX: usize = 128;

/// Where a serial scanner is, and how it talks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SerialConfig {
    /// The device file, best a name that stays the same, as in `/dev/serial/by-id/`.
    pub path: PathBuf,
    /// Bits a second.
    pub baud: u32,
    /// What ends a code.
    pub terminator: Terminator,
}

impl SerialConfig {
    /// A scanner at `path`: 9600 baud, any terminator.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), baud: 9600, terminator: Terminator::default() }
    }
}

#[derive(Debug)]
enum Link {
    Open(Port),
    Away(Search),
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
}

impl SerialScanner {
    /// Opens the scanner if it is there; otherwise it is looked for until it is. Must be called,
    /// and polled, inside a tokio runtime with I/O and time.
    pub fn open(config: SerialConfig) -> Self {
        let mut scanner = Self {
            name: format!("serial scanner {}", config.path.display()),
            link: Link::Away(Search::for_path(&config.path)),
            health: HealthReport::new(Health::Starting, ""),
            framer: Framer::new(config.terminator),
            events: VecDeque::new(),
            silence: Alarm::default(),
            config,
        };
        scanner.reopen();
        // The first report is no change.
        scanner.events.clear();
        scanner
    }

    /// How many bytes the kernel holds for it.
    #[cfg(test)]
    pub(crate) fn unread(&self) -> u32 {
        match &self.link {
            Link::Open(port) => port.unread(),
            Link::Away(_) => 0,
        }
    }

    fn reopen(&mut self) {
        match Port::open(&self.config.path, self.config.baud) {
            Ok(port) => {
                self.framer.reset();
                self.link = Link::Open(port);
                self.report(HealthReport::ready());
            }
            Err(report) => self.report(report),
        }
    }

    /// Closes a port that is gone, at once: reading it again would never wait.
    fn lose(&mut self, why: &str) {
        self.link = Link::Away(Search::for_path(&self.config.path));
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
            Link::Away(search) => {
                ready!(search.poll_due(cx));
                self.reopen();
            }
            Link::Open(port) => {
                let mut bytes = [0; READ_LEN_MAX];
                match port.poll_read(cx, &mut bytes) {
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
            let Some(result) = port.read_now(&mut bytes) else { break };
            self.take(result, &bytes);
            self.events.retain(ScannerEvent::is_news);
        }
        self.framer.discard();
        self.events.retain(ScannerEvent::is_news);
    }
}

#[cfg(test)]
mod tests;

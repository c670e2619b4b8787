//! The driver for contactless readers that read by themselves and send each token as a line.
//!
//! They speak as serial scanners do, so this is one, armed and disarmed: its framing, its bounds
//! and its looking for an absent line are the scanner's ([`crate::scanner::serial`]). Such a reader
//! cannot be told to stop reading; what it sends while disarmed is thrown away (I16).

use std::task::{Context, Poll, ready};

use super::{Nfc, NfcEvent, NfcFault};
use crate::device::{Device, HealthReport};
use crate::scanner::{DropReason, Scanner, ScannerEvent, SerialConfig, SerialScanner};

/// Events of the line in one turn.
const EVENTS_MAX: usize = 16;

/// A reader that sends lines.
#[derive(Debug)]
pub struct LineNfc {
    name: String,
    scanner: SerialScanner,
    armed: bool,
}

impl LineNfc {
    /// Opens the reader if it is there; otherwise it is looked for until it is. Must be called, and
    /// polled, inside a tokio runtime with I/O and time.
    pub fn open(config: SerialConfig) -> Self {
        let name = format!("contactless reader {}", config.path.display());
        Self { name, scanner: SerialScanner::open(config), armed: false }
    }
}

impl Device for LineNfc {
    fn name(&self) -> &str {
        &self.name
    }

    fn health(&self) -> HealthReport {
        self.scanner.health()
    }
}

impl Nfc for LineNfc {
    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<NfcEvent> {
        for _ in 0..EVENTS_MAX {
            match ready!(self.scanner.poll_event(cx)) {
                ScannerEvent::HealthChanged => return Poll::Ready(NfcEvent::HealthChanged),
                ScannerEvent::Read(_) | ScannerEvent::Dropped(_) if !self.armed => {}
                ScannerEvent::Read(reading) => return Poll::Ready(NfcEvent::Tapped(reading.text)),
                ScannerEvent::Dropped(reason) => {
                    return Poll::Ready(NfcEvent::Failed(fault(reason)));
                }
            }
        }
        // A flood while nobody listens: let others have their turn.
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn arm(&mut self, on: bool) {
        self.armed = on;
        self.scanner.discard();
    }
}

fn fault(reason: DropReason) -> NfcFault {
    match reason {
        DropReason::TooLong { .. } | DropReason::NotText | DropReason::Empty => {
            NfcFault::Unreadable
        }
        DropReason::NoRead | DropReason::Unfinished => NfcFault::Interrupted,
        DropReason::Overrun => NfcFault::Overrun,
    }
}

#[cfg(test)]
mod tests;

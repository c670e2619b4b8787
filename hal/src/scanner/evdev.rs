//! The driver for scanners that type: keyboard wedges, over evdev.
//!
//! - `decoder` makes characters of strokes; pure.
//! - `layout` is the keyboard layout that it reads by; pure.
//!
//! Owns the device's `Keys` and the decoder, framer and timer of its one scan. The characters go
//! through the same [`Framer`] as a serial scanner's bytes: identifiers, messages of "nothing read"
//! and control characters are treated alike, and a scan is as long at most.
//!
//! The device is grabbed, so what is scanned is typed nowhere: not into the console, and not as
//! keys of ours (I16). Strokes that were lost (SYN_DROPPED) cost their scan: it is dropped, told as
//! [`DropReason::Overrun`], and what is left of it does not count.

mod decoder;
mod layout;

use std::collections::VecDeque;
use std::task::{Context, Poll, ready};

use super::{DropReason, Framer, Scanner, ScannerEvent, Terminator};
use crate::alarm::{Alarm, now};
use crate::device::{Device, HealthReport};
use crate::input::{Keys, Locator, Needs, Signal, lacks_digits};
use decoder::Decoder;

/// Signals in one turn.
const SIGNALS_MAX: usize = 128;

/// Signals that [`Scanner::discard`] takes at most: more than a kernel holds back for a device.
const DISCARD_SIGNALS_MAX: usize = 4096;

/// Which scanner, and what ends a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvdevScannerConfig {
    /// The device.
    pub locator: Locator,
    /// What ends a code. A keyboard has one key for CR and LF, so `Cr`, `Lf` and `CrLf` all mean
    /// Enter.
    pub terminator: Terminator,
}

/// A scanner that types.
pub struct EvdevScanner {
    name: String,
    keys: Keys,
    decoder: Decoder,
    framer: Framer,
    events: VecDeque<ScannerEvent>,
    /// Wakes for the framer's deadline.
    silence: Alarm,
}

impl EvdevScanner {
    /// Opens the scanner if it is there; otherwise it is looked for until it is. Must be called,
    /// and polled, inside a tokio runtime with I/O and time.
    pub fn open(config: EvdevScannerConfig) -> Self {
        let needs: Needs = Box::new(lacks_digits);
        let name = format!("keyboard-wedge scanner {}", config.locator);
        Self::with_keys(name, config.terminator, Keys::open(config.locator, needs))
    }

    fn with_keys(name: String, terminator: Terminator, keys: Keys) -> Self {
        let terminator = match terminator {
            Terminator::Cr | Terminator::Lf | Terminator::CrLf => Terminator::Cr,
            Terminator::Any | Terminator::Tab | Terminator::Quiet(_) => terminator,
        };
        let mut scanner = Self {
            name,
            keys,
            decoder: Decoder::default(),
            framer: Framer::new(terminator),
            events: VecDeque::new(),
            silence: Alarm::default(),
        };
        scanner.begin();
        scanner
    }

    /// The device is new. It may be in the middle of a code, of which the console had the rest.
    fn begin(&mut self) {
        self.decoder.resume([]);
        self.framer.skip_rest(now());
    }

    fn take(&mut self, signal: Signal) {
        match signal {
            Signal::Stroke(stroke) => {
                if let Some(byte) = self.decoder.push(stroke) {
                    self.framer.push(now(), &[byte], &mut self.events);
                }
            }
            Signal::Lost { held } => {
                self.decoder.resume(held);
                self.framer.skip_rest(now());
                self.events.push_back(ScannerEvent::Dropped(DropReason::Overrun));
            }
            Signal::HealthChanged => {
                self.begin();
                self.events.push_back(ScannerEvent::HealthChanged);
            }
        }
    }
}

impl Device for EvdevScanner {
    fn name(&self) -> &str {
        &self.name
    }

    fn health(&self) -> HealthReport {
        self.keys.health().clone()
    }
}

impl Scanner for EvdevScanner {
    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<ScannerEvent> {
        for _ in 0..SIGNALS_MAX {
            if let Some(event) = self.events.pop_front() {
                return Poll::Ready(event);
            }
            match self.keys.poll_signal(cx) {
                Poll::Ready(signal) => self.take(signal),
                Poll::Pending => {
                    ready!(self.silence.poll(cx, self.framer.deadline()));
                    self.framer.elapse(now(), &mut self.events);
                }
            }
        }
        // A flood: let others have their turn.
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn discard(&mut self) {
        // Through the framer, so that the rest of a code begun in the kernel is discarded too.
        for _ in 0..DISCARD_SIGNALS_MAX {
            let Some(signal) = self.keys.signal_now() else { break };
            self.take(signal);
            self.events.retain(ScannerEvent::is_news);
        }
        if self.decoder.is_midway() {
            // A character was begun before this moment; what comes of it does not count.
            self.framer.skip_rest(now());
        } else {
            self.framer.discard();
        }
        self.events.retain(ScannerEvent::is_news);
    }
}

#[cfg(test)]
mod tests;

//! What is to be sent to the printer, and whether it takes it. Pure.

use std::time::{Duration, Instant};

/// How long a printer may take no byte before it counts as stuck.
const STALL: Duration = Duration::from_secs(20);

/// Whole lines and questions on their way.
#[derive(Debug)]
pub(super) struct Outbox {
    bytes: Vec<u8>,
    /// So many of them are out.
    sent: usize,
    progress_at: Instant,
    /// The printer asked to wait.
    held: bool,
    /// The printer takes nothing.
    stuck: bool,
}

impl Outbox {
    pub(super) fn new(now: Instant) -> Outbox {
        Outbox { bytes: Vec::new(), sent: 0, progress_at: now, held: false, stuck: false }
    }

    /// Puts bytes behind what is there.
    pub(super) fn send(&mut self, bytes: &[u8], now: Instant) {
        if self.bytes.is_empty() {
            self.progress_at = now;
        }
        self.bytes.extend_from_slice(bytes);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// What is to be sent now.
    pub(super) fn to_write(&self) -> &[u8] {
        if self.held { &[] } else { self.bytes.get(self.sent..).unwrap_or_default() }
    }

    /// So many bytes are out; true if a printer that was stuck has taken all.
    pub(super) fn wrote(&mut self, count: usize, now: Instant) -> bool {
        if count > 0 {
            self.sent += count;
            self.progress_at = now;
        }
        let all = self.sent >= self.bytes.len();
        if all {
            self.bytes.clear();
            self.sent = 0;
        }
        all && std::mem::take(&mut self.stuck)
    }

    pub(super) fn hold(&mut self) {
        self.held = true;
    }

    pub(super) fn resume(&mut self, now: Instant) {
        (self.held, self.progress_at) = (false, now);
    }

    pub(super) fn is_stuck(&self) -> bool {
        self.stuck
    }

    /// When the printer counts as stuck if it takes nothing until then.
    pub(super) fn stall_at(&self) -> Option<Instant> {
        (!self.bytes.is_empty() && !self.stuck).then(|| self.progress_at + STALL)
    }

    /// Whether it got stuck just now.
    pub(super) fn stalls(&mut self, now: Instant) -> bool {
        let stalls = self.stall_at().is_some_and(|at| now >= at);
        self.stuck |= stalls;
        stalls
    }
}

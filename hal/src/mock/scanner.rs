//! A scanner whose line is fed through a handle, and framed as a serial scanner's is.

use std::collections::VecDeque;
use std::task::{Context, Poll};
use std::time::Instant;

use super::Delivery;
use super::wire::{DeviceEnd, Signal, Wire};
use crate::alarm::{Alarm, now};
use crate::device::{Device, HealthReport};
use crate::scanner::{DropReason, Framer, Scanner, ScannerEvent, Terminator};

/// Pieces held until they are fetched, and the most bytes of each: 64 KiB together.
const QUEUE_MAX: usize = 256;
const PIECE_LEN_MAX: usize = 256;

/// Bytes and when they came in.
type Piece = (Instant, Vec<u8>);

/// A virtual scanner. It reads codes that end with CR, LF or Tab.
#[derive(Debug)]
pub struct VirtualScanner {
    wire: DeviceEnd<Piece>,
    framer: Framer,
    events: VecDeque<ScannerEvent>,
    alarm: Alarm,
}

/// Holds codes to a [`VirtualScanner`].
#[derive(Debug, Clone)]
pub struct ScannerHandle {
    wire: Wire<Piece>,
}

impl VirtualScanner {
    /// A plugged scanner and its handle.
    pub fn new() -> (Self, ScannerHandle) {
        let wire = Wire::new(QUEUE_MAX);
        let device = Self {
            wire: DeviceEnd(wire.clone()),
            framer: Framer::new(Terminator::Any),
            events: VecDeque::new(),
            alarm: Alarm::default(),
        };
        (device, ScannerHandle { wire })
    }

    fn poll_wire(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self.wire.poll(cx) {
            Poll::Ready(Signal::Item((at, bytes))) => {
                // Here it is known when they came, and that nothing came before.
                self.framer.elapse(at, &mut self.events);
                self.framer.push(at, &bytes, &mut self.events);
            }
            Poll::Ready(Signal::Overrun) => {
                self.framer.discard();
                self.events.push_back(ScannerEvent::Dropped(DropReason::Overrun));
            }
            Poll::Ready(Signal::HealthChanged) => {
                self.framer.reset();
                self.events.push_back(ScannerEvent::HealthChanged);
            }
            Poll::Pending => return Poll::Pending,
        }
        Poll::Ready(())
    }
}

impl Device for VirtualScanner {
    fn name(&self) -> &str {
        "virtual scanner"
    }

    fn health(&self) -> HealthReport {
        self.wire.health()
    }
}

impl Scanner for VirtualScanner {
    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<ScannerEvent> {
        for _ in 0..=QUEUE_MAX {
            if let Some(event) = self.events.pop_front() {
                return Poll::Ready(event);
            }
            if self.poll_wire(cx).is_pending() {
                if self.alarm.poll(cx, self.framer.deadline()).is_pending() {
                    return Poll::Pending;
                }
                self.framer.elapse(now(), &mut self.events);
            }
        }
        // A flood from another thread: let others have their turn.
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn discard(&mut self) {
        // Through the framer, so that the rest of a code begun in the queue is discarded too.
        let mut cx = Context::from_waker(std::task::Waker::noop());
        for _ in 0..=QUEUE_MAX {
            if self.poll_wire(&mut cx).is_pending() {
                break;
            }
            self.events.retain(ScannerEvent::is_news);
        }
        self.wire.forget();
        self.framer.discard();
        self.events.retain(ScannerEvent::is_news);
    }
}

impl ScannerHandle {
    /// Sends bytes as they are, terminators and all.
    pub fn scan_bytes(&self, bytes: &[u8]) -> Delivery {
        let at = now();
        self.wire.send(bytes.chunks(PIECE_LEN_MAX).map(|piece| (at, piece.to_vec())))
    }

    /// Sends a whole code: its text and CR.
    pub fn scan(&self, text: &str) -> Delivery {
        let mut bytes = text.as_bytes().to_vec();
        bytes.push(b'\r');
        self.scan_bytes(&bytes)
    }

    /// Pulls the plug; what was not fetched yet is lost.
    pub fn unplug(&self) {
        self.wire.unplug_and_forget();
    }

    /// Puts the plug in.
    pub fn plug(&self) {
        self.wire.plug();
    }

    /// How many calls were lost to a full queue.
    pub fn lost(&self) -> u64 {
        self.wire.lost()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scanner;
    use std::time::Duration;

    const CODE: &str = "284214903060794755";

    async fn next_text(device: &mut VirtualScanner) -> String {
        match scanner::next(device).await {
            ScannerEvent::Read(reading) => reading.text,
            ScannerEvent::Dropped(reason) => reason.to_string(),
            ScannerEvent::HealthChanged => "health changed".into(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_code_is_read_with_the_moment_it_came_in() {
        let (mut device, handle) = VirtualScanner::new();
        tokio::time::advance(Duration::from_secs(3)).await;
        let at = now();
        handle.scan_bytes(b"]Q1284214");
        handle.scan("903060794755");
        tokio::time::advance(Duration::from_secs(1)).await;
        let ScannerEvent::Read(reading) = scanner::next(&mut device).await else {
            panic!("no reading")
        };
        assert_eq!((reading.text.as_str(), reading.last_byte), (CODE, at));
        assert_eq!(reading.symbology.map(|aim| aim.code), Some('Q'));
    }

    #[tokio::test(start_paused = true)]
    async fn half_a_code_is_reported_after_the_silence() {
        let (mut device, handle) = VirtualScanner::new();
        handle.scan_bytes(b"284214");
        let event = scanner::next(&mut device).await;
        assert_eq!(event, ScannerEvent::Dropped(DropReason::Unfinished));
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_before_a_discard_counts() {
        let (mut device, handle) = VirtualScanner::new();
        handle.scan("1");
        handle.scan("2");
        assert_eq!(next_text(&mut device).await, "1");
        handle.scan("3");
        handle.scan_bytes(b"284214");
        device.discard();
        handle.scan("903060794755");
        handle.scan(CODE);
        assert_eq!(next_text(&mut device).await, CODE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_discard_keeps_the_news_of_an_unplugging() {
        let (mut device, handle) = VirtualScanner::new();
        handle.scan(CODE);
        handle.unplug();
        device.discard();
        assert_eq!(scanner::next(&mut device).await, ScannerEvent::HealthChanged);
    }

    #[tokio::test(start_paused = true)]
    async fn unplugging_in_the_middle_of_a_code_loses_it() {
        let (mut device, handle) = VirtualScanner::new();
        handle.scan_bytes(b"284214");
        handle.unplug();
        assert_eq!(handle.scan(CODE), Delivery::Absent);
        assert_eq!(next_text(&mut device).await, "health changed");
        handle.plug();
        handle.scan("903060794755");
        assert_eq!(next_text(&mut device).await, "health changed");
        assert_eq!(next_text(&mut device).await, "903060794755");
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_is_lost_counted_and_reported_and_then_it_reads_again() {
        let (mut device, handle) = VirtualScanner::new();
        assert_eq!(handle.scan_bytes(&vec![b'7'; 1 << 20]), Delivery::Overrun);
        assert_eq!(handle.scan(CODE), Delivery::Overrun);
        assert_eq!(next_text(&mut device).await, DropReason::Overrun.to_string());
        assert_eq!(handle.lost(), 2);
        handle.scan(CODE);
        assert_eq!(next_text(&mut device).await, CODE);
    }
}

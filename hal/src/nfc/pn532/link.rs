//! One command at a time over the PN532's serial line: sent, acknowledged, answered. Sans-IO: bytes
//! and the moment go in, bytes and at most one event come out.
//!
//! Source: PN532 user manual (NXP UM0701-02) §6.2.2 (dialog: command, ACK, response; NACK has a
//! response repeated; ACK aborts a command), §6.2.3 (HSU), and its power modes: a chip that sleeps
//! is woken by `55 55` and zeros before a command.
//!
//! ```text
//!            send            ACK                     response
//!   Resting ─────→ AwaitAck ─────→ AwaitResponse ───────────────→ Resting, Response
//!                   │   ↑ │               │   ↑ │
//!       no ACK, NACK└───┘ │      damaged: └───┘ │ error frame, deadline (aborted by an ACK),
//!       (woken and        │      NACK           │ damaged too often
//!       sent again)       └────── too often ────┴───────────────→ Resting, Fault
//! ```
//!
//! Every state but a wait without a deadline ends by itself, and every repetition is counted (I15).

use std::fmt;
use std::time::{Duration, Instant};

use super::frame::{ACK, CommandTooLong, Decoder, Frame, NACK, command};

/// How long an ACK may take once the command is out. The chip needs at most 15 ms (§6.2.2); USB
/// adapters hold bytes back for 16 ms, and a busy host is late itself.
const ACK_WITHIN: Duration = Duration::from_millis(100);

/// How long a response that is sent again may take: it is there already.
const REPEAT_WITHIN: Duration = Duration::from_millis(300);

/// A pause of this length within a frame means that the rest of it is lost.
const GAP_MAX: Duration = Duration::from_millis(200);

/// How often one command is sent again.
const RESENDS_MAX: u8 = 2;

/// How often one response is asked for again.
const NACKS_MAX: u8 = 2;

/// Wakes a chip that sleeps: two bytes to be noticed by, and the time it takes to start.
const WAKE_UP: [u8; 16] = [0x55, 0x55, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// Why a command came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkFault {
    /// The chip never said that it has the command.
    #[error("no acknowledgement")]
    NoAck,
    /// It has the command, and did not answer in time.
    #[error("no response")]
    NoResponse,
    /// Its response was damaged each time.
    #[error("damaged responses")]
    Damaged,
    /// It answered with the error frame (§6.2.1.5).
    #[error("the command was refused")]
    Refused,
}

/// How a command ended.
#[derive(Clone, PartialEq, Eq)]
pub enum LinkEvent {
    /// What stands behind the response's code.
    Response(Vec<u8>),
    /// It came to nothing.
    Fault(LinkFault),
}

impl fmt::Debug for LinkEvent {
    /// Says how long a response is, never what is in it (I17).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LinkEvent::Response(bytes) => write!(f, "Response({} bytes)", bytes.len()),
            LinkEvent::Fault(fault) => f.debug_tuple("Fault").field(fault).finish(),
        }
    }
}

/// The command that is under way.
struct Sent {
    /// The code of its response: its own, and one.
    expected: u8,
    frame: Vec<u8>,
    response_within: Option<Duration>,
}

enum State {
    Resting,
    AwaitAck { sent: Sent, until: Instant, resends: u8 },
    AwaitResponse { expected: u8, until: Option<Instant>, nacks: u8 },
}

/// The line's state.
pub struct Link {
    byte_time: Duration,
    state: State,
    decoder: Decoder,
    last_byte: Option<Instant>,
    /// What is awaited may have come, and been no frame any more.
    suspect: bool,
    output: Vec<u8>,
    event: Option<LinkEvent>,
}

impl Link {
    /// A line of `baud` bits a second at which nothing is under way.
    pub fn new(baud: u32) -> Link {
        Link {
            // A start bit, eight of data and a stop bit.
            byte_time: Duration::from_secs(10) / baud.max(1),
            state: State::Resting,
            decoder: Decoder::default(),
            last_byte: None,
            suspect: false,
            output: Vec::new(),
            event: None,
        }
    }

    /// Sends a command, its code first; whatever was under way is over without an event. Without
    /// `response_within` the response may take for ever. `wake` a chip that may sleep.
    ///
    /// # Errors
    ///
    /// A command that fits no frame; nothing is sent.
    pub fn send(
        &mut self,
        now: Instant,
        bytes: &[u8],
        response_within: Option<Duration>,
        wake: bool,
    ) -> Result<(), CommandTooLong> {
        let frame = command(bytes)?;
        self.begin();
        if wake {
            self.output.extend(WAKE_UP);
        }
        self.output.extend(&frame);
        let until = self.ack_until(now);
        let expected = bytes.first().copied().unwrap_or_default().wrapping_add(1);
        let sent = Sent { expected, frame, response_within };
        self.state = State::AwaitAck { sent, until, resends: 0 };
        Ok(())
    }

    /// Gives up what is under way: the chip forgets a command when it gets an ACK (§6.2.1.3).
    pub fn abort(&mut self) {
        self.begin();
        self.output.extend(ACK);
    }

    /// Forgets everything, for a line that begins anew.
    pub fn reset(&mut self) {
        self.begin();
        self.output.clear();
    }

    fn begin(&mut self) {
        self.state = State::Resting;
        self.decoder.reset();
        self.last_byte = None;
        self.suspect = false;
        self.event = None;
    }

    /// An ACK is late so long after everything that is still to be sent.
    fn ack_until(&self, now: Instant) -> Instant {
        let len = u32::try_from(self.output.len()).unwrap_or(u32::MAX);
        now + ACK_WITHIN + self.byte_time.saturating_mul(len)
    }

    /// Bytes that came in by `now`. They may have waited to be fetched while the host was busy, so
    /// that only what they do not settle can be overdue: [`Link::elapse`] is for after them.
    pub fn receive(&mut self, now: Instant, bytes: &[u8]) {
        for byte in bytes {
            self.decoder.push(*byte);
            while let Some(frame) = self.decoder.next_frame() {
                self.frame(now, frame);
            }
        }
        // Before the ACK its own deadline deals with that.
        let is_noise = self.decoder.take_noise();
        self.suspect |= is_noise && matches!(self.state, State::AwaitResponse { .. });
        if !bytes.is_empty() {
            self.last_byte = Some(now);
        }
    }

    fn frame(&mut self, now: Instant, frame: Frame) {
        match (&mut self.state, frame) {
            // A stray: the answer to what was aborted, or noise.
            (State::Resting, _) => {}
            (State::AwaitAck { sent, .. }, Frame::Ack) => {
                let until = sent.response_within.map(|within| now + within);
                let expected = sent.expected;
                self.state = State::AwaitResponse { expected, until, nacks: 0 };
            }
            (State::AwaitAck { .. }, Frame::Nack) => self.send_again(now),
            // It had the command after all; its ACK was lost in noise.
            (State::AwaitAck { sent: Sent { expected, .. }, .. }, Frame::Response(packet))
            | (State::AwaitResponse { expected, .. }, Frame::Response(packet)) => {
                if let Some((code, rest)) = packet.split_first()
                    && *code == *expected
                {
                    self.end(LinkEvent::Response(rest.to_vec()));
                }
            }
            (State::AwaitAck { .. } | State::AwaitResponse { .. }, Frame::Error) => {
                self.end(LinkEvent::Fault(LinkFault::Refused));
            }
            // The ACK's deadline deals with it.
            (State::AwaitAck { .. }, Frame::Damaged) => {}
            (State::AwaitResponse { .. }, Frame::Damaged) => self.ask_again(now),
            (State::AwaitResponse { .. }, Frame::Ack | Frame::Nack) => {}
        }
    }

    /// When [`Link::elapse`] has something to do if nothing comes in before.
    pub fn deadline(&self) -> Option<Instant> {
        match &self.state {
            State::Resting => None,
            State::AwaitAck { until, .. } => Some(*until),
            State::AwaitResponse { until, .. } => until.iter().copied().chain(self.gap()).min(),
        }
    }

    /// When a frame that has begun, or was nothing but noise, counts as broken off.
    fn gap(&self) -> Option<Instant> {
        let is_broken = self.suspect || self.decoder.is_amid();
        self.last_byte.filter(|_| is_broken).map(|last| last + GAP_MAX)
    }

    /// Lets the time pass up to `now`.
    pub fn elapse(&mut self, now: Instant) {
        let is_due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        match &self.state {
            State::Resting => {}
            State::AwaitAck { until, .. } if is_due(Some(*until)) => self.send_again(now),
            State::AwaitResponse { until, .. } if is_due(*until) => {
                self.abort();
                self.end(LinkEvent::Fault(LinkFault::NoResponse));
            }
            State::AwaitResponse { .. } if is_due(self.gap()) => {
                self.decoder.reset();
                self.ask_again(now);
            }
            State::AwaitAck { .. } | State::AwaitResponse { .. } => {}
        }
    }

    /// The command again, to a chip that may have fallen asleep or lost its power.
    fn send_again(&mut self, now: Instant) {
        let out = {
            let State::AwaitAck { sent, resends, .. } = &mut self.state else { return };
            *resends = resends.saturating_add(1);
            (*resends <= RESENDS_MAX).then(|| [&WAKE_UP[..], &sent.frame].concat())
        };
        let Some(out) = out else { return self.end(LinkEvent::Fault(LinkFault::NoAck)) };
        self.decoder.reset();
        self.output.extend(out);
        let later = self.ack_until(now);
        if let State::AwaitAck { until, .. } = &mut self.state {
            *until = later;
        }
    }

    /// The response again.
    fn ask_again(&mut self, now: Instant) {
        let State::AwaitResponse { nacks, until, .. } = &mut self.state else { return };
        if *nacks >= NACKS_MAX {
            self.abort();
            return self.end(LinkEvent::Fault(LinkFault::Damaged));
        }
        *nacks += 1;
        *until = Some(now + REPEAT_WITHIN);
        self.suspect = false;
        self.output.extend(NACK);
    }

    fn end(&mut self, event: LinkEvent) {
        self.state = State::Resting;
        self.event = Some(event);
    }

    /// How the command ended, once.
    pub fn take_event(&mut self) -> Option<LinkEvent> {
        self.event.take()
    }

    /// What is to be sent.
    pub fn output(&self) -> &[u8] {
        &self.output
    }

    /// The first `len` bytes of the output are sent.
    pub fn sent(&mut self, len: usize) {
        self.output.drain(..len.min(self.output.len()));
    }
}

#[cfg(test)]
mod tests;

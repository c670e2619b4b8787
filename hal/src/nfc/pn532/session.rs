//! What the PN532 is made to do, and when: set up, silent while nobody waits for a tap, looking for
//! a phone while somebody does, reading its token. Sans-IO, over the [`Link`].
//!
//! ```text
//!   Stopped ──start──→ SettingUp → AskingFirmware → SettingUpField ──→ Idle
//!      ↑                   ↑                                            │ ↑
//!      │ no answer,        │ a fault of the line                  armed │ │ disarmed, and
//!      │ another chip,     │                                            ↓ │ the field is off
//!      └─ fault upon fault ┴───────────────────────────────── SettingLooks│
//!                                                                       │ │
//!                      nothing there: Pausing, again; target            ↓ │
//!      Releasing ←──── Reading ←─────────────────────────────────── Looking
//!          └─────────→ FieldGoesOff ──→ Idle, or Pausing and SettingLooks
//! ```
//!
//! - **Idle is silent**: the field is off, nothing is sent, no timer runs. While armed the chip
//!   looks by itself (`InListPassiveTarget` without an end), so that nothing wakes the host either.
//! - **A phone is read once.** Its UID is random for each tap, so it cannot be told from another:
//!   after a token, or a card that has none, nothing is read until the field was seen empty. While
//!   disarmed nobody looks; so if it still lies there when the reader is armed again, its holder is
//!   told to lift it ([`NfcFault::StillThere`]).
//! - **Nothing from before counts** (I16): a reading that began before the reader was armed, or
//!   armed anew, is finished and forgotten.
//! - **Bounded** (I15): reports are at most a handful, every state but Idle, Stopped and Waiting
//!   has a deadline, and a chip that goes on failing is stopped until its driver starts it again.

mod steps;

use std::collections::VecDeque;
use std::time::Instant;

use super::command::{Command, Firmware, Looks};
use super::link::{Link, LinkEvent};
use crate::nfc::NfcFault;
use crate::nfc::apdu::{Aid, TokenRead};

/// What the session has to say.
#[derive(Clone, PartialEq, Eq)]
pub enum Report {
    /// The chip works.
    Up(Firmware),
    /// The chip does not work, for the reason given; [`Session::start`] tries again.
    Down(String),
    /// A token was read.
    Token(String),
    /// A tap gave none.
    Failed(NfcFault),
}

/// What follows once the field is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// Idle, or looking if the reader is armed.
    Rest,
    /// The same, but not at once.
    Pause,
}

/// What is awaited.
enum Phase {
    /// The driver's start.
    Stopped,
    SettingUp,
    AskingFirmware,
    SettingUpField(Firmware),
    /// Being armed.
    Idle,
    /// The end of a pause between two looks, the field off.
    Pausing {
        until: Instant,
    },
    SettingLooks(Looks),
    /// Few looks: whether what was read has left. Endless ones: a phone.
    Looking(Looks),
    Reading(Box<Reading>),
    Releasing(Then),
    FieldGoesOff(Then),
}

/// A phone that is being read.
struct Reading {
    conversation: TokenRead,
    /// What has come of the answer so far, and in how many parts.
    answer: Vec<u8>,
    parts: u8,
    /// Whether what comes of it still counts.
    counts: bool,
}

/// The state of a PN532.
pub struct Session {
    link: Link,
    aid: Aid,
    phase: Phase,
    /// What was sent last.
    command: Command,
    armed: bool,
    /// What lay on the reader has to leave before anything is read.
    must_leave: bool,
    /// Empty looks so far.
    empty: u8,
    /// Whoever holds something there knows that it will not be read.
    told: bool,
    faults: u8,
    reports: VecDeque<Report>,
}

impl Session {
    /// A chip on a line of `baud` bits a second, asked for the application `aid`; stopped.
    pub fn new(aid: Aid, baud: u32) -> Session {
        Session {
            link: Link::new(baud),
            aid,
            phase: Phase::Stopped,
            command: Command::UseNoSam,
            armed: false,
            must_leave: false,
            empty: 0,
            told: false,
            faults: 0,
            reports: VecDeque::new(),
        }
    }

    /// Wakes the chip and sets it up; whatever was under way is over. What comes of it is reported.
    pub fn start(&mut self, now: Instant) {
        self.faults = 0;
        self.link.reset();
        self.set_up(now);
    }

    /// The line is gone: nothing is sent until the next start. A phone that was read may still lie
    /// there then.
    pub fn stop(&mut self) {
        self.link.reset();
        self.phase = Phase::Stopped;
    }

    /// Turns reading on or off; taps not yet reported are forgotten either way.
    pub fn arm(&mut self, now: Instant, on: bool) {
        self.armed = on;
        self.told = false;
        self.reports.retain(|report| match report {
            Report::Up(_) | Report::Down(_) => true,
            Report::Token(_) | Report::Failed(_) => false,
        });
        match &mut self.phase {
            Phase::Idle | Phase::Pausing { .. } => self.rest(now),
            Phase::Looking(_) if !on => {
                self.link.abort();
                self.field_off(now, Then::Rest);
            }
            Phase::Reading(reading) => reading.counts = false,
            // Each goes on to its end, and then looks at `armed`.
            Phase::Stopped
            | Phase::SettingUp
            | Phase::AskingFirmware
            | Phase::SettingUpField(_)
            | Phase::SettingLooks(_)
            | Phase::Looking(_)
            | Phase::Releasing(_)
            | Phase::FieldGoesOff(_) => {}
        }
    }

    /// Bytes that came in by `now`; then what is overdue all the same.
    pub fn receive(&mut self, now: Instant, bytes: &[u8]) {
        for byte in bytes {
            self.link.receive(now, std::slice::from_ref(byte));
            self.link_events(now);
        }
        self.elapse(now);
    }

    /// When [`Session::elapse`] has something to do if nothing comes in before.
    pub fn deadline(&self) -> Option<Instant> {
        match &self.phase {
            Phase::Pausing { until } => Some(*until),
            Phase::Stopped
            | Phase::SettingUp
            | Phase::AskingFirmware
            | Phase::SettingUpField(_)
            | Phase::Idle
            | Phase::SettingLooks(_)
            | Phase::Looking(_)
            | Phase::Reading(_)
            | Phase::Releasing(_)
            | Phase::FieldGoesOff(_) => self.link.deadline(),
        }
    }

    /// Lets the time pass up to `now`.
    pub fn elapse(&mut self, now: Instant) {
        if let Phase::Pausing { until } = self.phase
            && until <= now
        {
            self.rest(now);
        }
        self.link.elapse(now);
        self.link_events(now);
    }

    /// What is to be sent.
    pub fn output(&self) -> &[u8] {
        self.link.output()
    }

    /// The first `len` bytes of the output are sent.
    pub fn sent(&mut self, len: usize) {
        self.link.sent(len);
    }

    /// What there is to say.
    pub fn take_report(&mut self) -> Option<Report> {
        self.reports.pop_front()
    }

    fn link_events(&mut self, now: Instant) {
        while let Some(event) = self.link.take_event() {
            match event {
                LinkEvent::Fault(fault) => self.link_failed(now, fault),
                LinkEvent::Response(bytes) => self.response(now, &bytes),
            }
        }
    }
}

#[cfg(test)]
mod tests;

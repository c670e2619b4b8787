//! What each answer leads to.

use std::time::{Duration, Instant};

use super::{Phase, Reading, Report, Session, Then};
use crate::nfc::NfcFault;
use crate::nfc::apdu::{ANSWER_LEN_MAX, Step, TokenRead};
use crate::nfc::pn532::command::{Answer, Command, Firmware, Looks, Status};
use crate::nfc::pn532::link::LinkFault;

/// How long the field stays off between two looks, so that a phone notices it.
const FIELD_OFF: Duration = Duration::from_millis(150);

/// So many empty looks in a row mean that a phone has left: one may fail while it is there.
const EMPTY_LOOKS: u8 = 2;

/// More faults in a row than this, and the chip is given up until it is started again.
const FAULTS_MAX: u8 = 3;

/// An answer in more parts than this has no end.
const PARTS_MAX: u8 = 16;

/// The status word behind an answer's data.
const STATUS_WORD_LEN: usize = 2;

/// Taps that are held until they are fetched.
const REPORTS_MAX: usize = 8;

impl Session {
    pub(super) fn set_up(&mut self, now: Instant) {
        self.send(now, Command::UseNoSam, Phase::SettingUp);
    }

    fn send(&mut self, now: Instant, command: Command, phase: Phase) {
        // What sets up may find a chip that sleeps; it is silent, not asleep, after that.
        let wake = matches!(command, Command::UseNoSam);
        let sent = self.link.send(now, &command.bytes(), command.answer_within(), wake);
        self.command = command;
        self.phase = phase;
        if let Err(error) = sent {
            self.go_down(&error.to_string());
        }
    }

    /// The response to the last command.
    pub(super) fn response(&mut self, now: Instant, bytes: &[u8]) {
        let answer = self.command.answer(bytes);
        match std::mem::replace(&mut self.phase, Phase::Idle) {
            // Nothing is under way, so this is no answer.
            phase @ (Phase::Stopped | Phase::Idle | Phase::Pausing { .. }) => self.phase = phase,
            Phase::SettingUp => match answer {
                Answer::Done => self.send(now, Command::FirmwareVersion, Phase::AskingFirmware),
                other => self.nonsense(now, &other),
            },
            Phase::AskingFirmware => match answer {
                Answer::Firmware(firmware) if firmware.is_pn532() => {
                    self.send(now, Command::FieldOff, Phase::SettingUpField(firmware));
                }
                Answer::Firmware(other) => self.go_down(&format!("{other}: not a PN532")),
                other => self.nonsense(now, &other),
            },
            Phase::SettingUpField(firmware) => match answer {
                Answer::Done => self.up(now, firmware),
                other => self.nonsense(now, &other),
            },
            Phase::SettingLooks(looks) => match answer {
                Answer::Done => self.look(now, looks),
                other => self.nonsense(now, &other),
            },
            Phase::Looking(looks) => self.looked(now, looks, answer),
            Phase::Reading(reading) => self.read(now, reading, answer),
            // Whether it is still there to be let go of or not.
            Phase::Releasing(then) => self.field_off(now, then),
            Phase::FieldGoesOff(then) => match answer {
                Answer::Done => self.field_is_off(now, then),
                other => self.nonsense(now, &other),
            },
        }
    }

    fn up(&mut self, now: Instant, firmware: Firmware) {
        self.report(Report::Up(firmware));
        self.rest(now);
    }

    /// Looks if the reader is armed, else stays silent.
    pub(super) fn rest(&mut self, now: Instant) {
        if self.armed {
            let looks = if self.must_leave { Looks::Few } else { Looks::Endless };
            self.send(now, Command::SetLooks(looks), Phase::SettingLooks(looks));
        } else {
            self.phase = Phase::Idle;
        }
    }

    pub(super) fn field_off(&mut self, now: Instant, then: Then) {
        self.send(now, Command::FieldOff, Phase::FieldGoesOff(then));
    }

    fn field_is_off(&mut self, now: Instant, then: Then) {
        // It did all of a turn as it was told.
        self.faults = 0;
        match then {
            Then::Pause if self.armed => self.phase = Phase::Pausing { until: now + FIELD_OFF },
            Then::Pause | Then::Rest => self.rest(now),
        }
    }

    fn look(&mut self, now: Instant, looks: Looks) {
        if self.armed {
            self.send(now, Command::ListTarget(looks), Phase::Looking(looks));
        } else {
            self.rest(now);
        }
    }

    fn release(&mut self, now: Instant, then: Then) {
        self.send(now, Command::Release, Phase::Releasing(then));
    }

    fn looked(&mut self, now: Instant, looks: Looks, answer: Answer) {
        match (looks, answer) {
            (Looks::Endless, Answer::Target { iso_dep: true }) => {
                let (conversation, apdu) = TokenRead::begin(&self.aid);
                let reading = Reading { conversation, answer: Vec::new(), parts: 0, counts: true };
                self.send(now, Command::Exchange(apdu), Phase::Reading(Box::new(reading)));
            }
            (Looks::Endless, Answer::Target { iso_dep: false }) => {
                self.failed(now, NfcFault::PlainCard, true);
            }
            (Looks::Endless, Answer::NoTarget) => self.field_off(now, Then::Pause),
            (Looks::Few, Answer::Target { .. }) => {
                self.empty = 0;
                if !std::mem::replace(&mut self.told, true) {
                    self.report(Report::Failed(NfcFault::StillThere));
                }
                self.release(now, Then::Pause);
            }
            (Looks::Few, Answer::NoTarget) => {
                self.empty += 1;
                if self.empty >= EMPTY_LOOKS {
                    self.empty = 0;
                    self.must_leave = false;
                    self.field_off(now, Then::Rest);
                } else {
                    self.field_off(now, Then::Pause);
                }
            }
            (Looks::Few | Looks::Endless, other) => self.nonsense(now, &other),
        }
    }

    /// One part of the phone's answer.
    fn read(&mut self, now: Instant, mut reading: Box<Reading>, answer: Answer) {
        let counts = reading.counts;
        let (bytes, more) = match answer {
            Answer::Data { bytes, more } => (bytes, more),
            Answer::Status(status) => return self.status(now, status, counts),
            Answer::Done
            | Answer::Firmware(_)
            | Answer::NoTarget
            | Answer::Target { .. }
            | Answer::Garbled => return self.failed(now, NfcFault::Protocol, counts),
        };
        reading.answer.extend(bytes);
        reading.parts += 1;
        let too_long = reading.answer.len() > ANSWER_LEN_MAX + STATUS_WORD_LEN;
        if too_long || (more && reading.parts >= PARTS_MAX) {
            return self.failed(now, NfcFault::Unreadable, counts);
        }
        if more {
            return self.send(now, Command::Exchange(Vec::new()), Phase::Reading(reading));
        }
        let whole = std::mem::take(&mut reading.answer);
        reading.parts = 0;
        match reading.conversation.answered(&whole) {
            Step::Send(apdu) => self.send(now, Command::Exchange(apdu), Phase::Reading(reading)),
            Step::Fault(fault) => self.failed(now, fault, counts),
            Step::Token(token) => {
                self.must_leave = true;
                if counts {
                    self.told = true;
                    self.report(Report::Token(token));
                }
                self.release(now, Then::Pause);
            }
        }
    }

    fn status(&mut self, now: Instant, status: Status, counts: bool) {
        tracing::debug!(code = status.0, command = ?self.command, "the chip reports an error");
        self.failed(now, status.fault(), counts);
    }

    /// A tap that gives no token. One that was broken off may be tried again as it is; everything
    /// else would fail the same way, again and again, until it is lifted.
    fn failed(&mut self, now: Instant, fault: NfcFault, counts: bool) {
        self.tell_failed(fault, counts);
        self.release(now, Then::Pause);
    }

    fn tell_failed(&mut self, fault: NfcFault, counts: bool) {
        self.must_leave = fault != NfcFault::Interrupted;
        if counts {
            self.told = true;
            self.report(Report::Failed(fault));
        }
    }

    /// An answer that the manual does not have.
    fn nonsense(&mut self, now: Instant, answer: &Answer) {
        tracing::warn!(command = ?self.command, ?answer, "the chip's answer makes no sense");
        self.recover(now, "answers that make no sense");
    }

    pub(super) fn link_failed(&mut self, now: Instant, fault: LinkFault) {
        tracing::warn!(command = ?self.command, %fault, "the chip does not do as it is told");
        match std::mem::replace(&mut self.phase, Phase::Idle) {
            phase @ (Phase::Stopped | Phase::Idle | Phase::Pausing { .. }) => self.phase = phase,
            // Copies of the chip refuse to be configured. They do without: what they were not told
            // is how they are anyway, but for the field, which stays on.
            Phase::SettingUpField(firmware) if fault == LinkFault::Refused => {
                self.up(now, firmware);
            }
            Phase::SettingLooks(looks) if fault == LinkFault::Refused => self.look(now, looks),
            Phase::FieldGoesOff(then) if fault == LinkFault::Refused => {
                self.field_is_off(now, then);
            }
            // They go on looking then, until they are told to stop.
            Phase::Looking(Looks::Few) if fault == LinkFault::NoResponse => {
                self.link.abort();
                self.looked(now, Looks::Few, Answer::NoTarget);
            }
            Phase::SettingUp | Phase::AskingFirmware | Phase::SettingUpField(_) => {
                self.go_down(&fault.to_string());
            }
            Phase::Reading(reading) => {
                self.tell_failed(NfcFault::Protocol, reading.counts);
                self.recover(now, &fault.to_string());
            }
            Phase::SettingLooks(_)
            | Phase::Looking(_)
            | Phase::Releasing(_)
            | Phase::FieldGoesOff(_) => self.recover(now, &fault.to_string()),
        }
    }

    /// Sets the chip up anew, a few times in a row.
    fn recover(&mut self, now: Instant, why: &str) {
        self.faults += 1;
        if self.faults > FAULTS_MAX {
            self.go_down(why);
        } else {
            self.set_up(now);
        }
    }

    fn go_down(&mut self, why: &str) {
        self.stop();
        self.report(Report::Down(why.to_owned()));
    }

    fn report(&mut self, report: Report) {
        // Far more than a driver lets pile up; a tap that is not fetched for so long is too old.
        if self.reports.len() < REPORTS_MAX {
            self.reports.push_back(report);
        }
    }
}

//! The driver for a PN532 on a serial line (HSU), by NXP's user manual UM0701-02.
//!
//! Owns the [`Port`] or, while that is away or nothing answers there, the [`Search`] for it. It
//! only moves bytes and time: what is done with the chip is the session's business.
//!
//! | room | what it is |
//! |---|---|
//! | [`frame`] | frames to bytes and back |
//! | [`link`] | one command at a time: ACK, response, repetitions, deadlines |
//! | [`command`] | the commands, each with its answer |
//! | [`session`] | what is done with the chip, and when |
//!
//! While disarmed it is silent and its field is off; while armed the chip looks by itself. Neither
//! wakes anybody. A chip that does not answer is looked for again after a second, and then less and
//! less often.

pub mod command;
pub mod frame;
pub mod link;
pub mod session;

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::task::{Context, Poll, ready};

use super::apdu::Aid;
use super::{Nfc, NfcEvent, NfcFault};
use crate::alarm::{Alarm, now};
use crate::device::{Device, Health, HealthReport};
use crate::hotplug::Search;
use crate::tty::Port;
use session::{Report, Session};

/// Steps in one turn, and the most bytes read in each.
const STEPS_MAX: usize = 16;
const READ_LEN_MAX: usize = 512;

/// Events that are held until they are fetched.
const EVENTS_MAX: usize = 16;

/// Where a PN532 is, and what it reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pn532Config {
    /// The device file, best a name that stays the same, as in `/dev/serial/by-id/`.
    pub path: PathBuf,
    /// Bits a second: 115200 unless the chip was told otherwise.
    pub baud: u32,
    /// The application on the phone that gives the token.
    pub aid: Aid,
}

#[derive(Debug)]
enum Line {
    Open(Port),
    Away,
}

/// A PN532 on a serial line.
pub struct Pn532 {
    config: Pn532Config,
    name: String,
    line: Line,
    session: Session,
    /// While the line is away, or the chip down.
    search: Option<Search>,
    health: HealthReport,
    events: VecDeque<NfcEvent>,
    alarm: Alarm,
}

impl fmt::Debug for Pn532 {
    /// Nothing of what is read (I17).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pn532")
            .field("config", &self.config)
            .field("line", &self.line)
            .field("health", &self.health)
            .finish_non_exhaustive()
    }
}

impl Pn532 {
    /// Opens the reader if it is there; otherwise it is looked for until it is. Must be called, and
    /// polled, inside a tokio runtime with I/O and time.
    pub fn open(config: Pn532Config) -> Self {
        let mut reader = Self {
            name: format!("contactless reader {}", config.path.display()),
            line: Line::Away,
            session: Session::new(config.aid.clone(), config.baud),
            search: None,
            health: HealthReport::new(Health::Starting, "waits for the PN532's first answer"),
            events: VecDeque::new(),
            alarm: Alarm::default(),
            config,
        };
        reader.look();
        // The first report is no change.
        reader.events.clear();
        reader
    }

    /// Opens the line if it is away, and starts the chip.
    fn look(&mut self) {
        if let Line::Away = self.line {
            match Port::open(&self.config.path, self.config.baud) {
                Ok(port) => self.line = Line::Open(port),
                Err(report) => {
                    self.search.get_or_insert_with(|| Search::for_path(&self.config.path));
                    return self.report(report);
                }
            }
        }
        self.session.start(now());
    }

    /// Closes a line that is gone, at once: reading it again would never wait.
    fn lose(&mut self, why: &str) {
        self.line = Line::Away;
        self.session.stop();
        self.search = Some(Search::for_path(&self.config.path));
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
            let health = &self.health;
            tracing::info!(device = self.name, %health, "a contactless reader's health changed");
            self.events.push_back(NfcEvent::HealthChanged);
        }
    }

    /// One step: bytes out, bytes in, time, or a look for the reader. `Pending` if there is none.
    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Poll::Ready(()) = self.poll_line(cx) {
            return Poll::Ready(());
        }
        if let Some(search) = &mut self.search
            && search.poll_due(cx).is_ready()
        {
            self.look();
            return Poll::Ready(());
        }
        ready!(self.alarm.poll(cx, self.session.deadline()));
        self.session.elapse(now());
        Poll::Ready(())
    }

    fn poll_line(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Line::Open(port) = &mut self.line else { return Poll::Pending };
        if !self.session.output().is_empty()
            && let Poll::Ready(result) = port.poll_write(cx, self.session.output())
        {
            match result {
                Ok(0) => self.lose("end of output"),
                Ok(len) => self.session.sent(len),
                Err(error) => self.lose(&error.to_string()),
            }
            return Poll::Ready(());
        }
        let mut bytes = [0; READ_LEN_MAX];
        let result = ready!(port.poll_read(cx, &mut bytes));
        self.take(result, &bytes);
        Poll::Ready(())
    }

    /// What a read gave: bytes, or the end of the port.
    fn take(&mut self, result: io::Result<usize>, bytes: &[u8]) {
        match result {
            Ok(0) => self.lose("end of input"),
            Ok(len) => self.session.receive(now(), bytes.get(..len).unwrap_or(bytes)),
            Err(error) => self.lose(&error.to_string()),
        }
    }

    /// What the session has to say becomes events.
    fn take_reports(&mut self) {
        while let Some(report) = self.session.take_report() {
            let shown = self.config.path.display();
            match report {
                Report::Up(firmware) => {
                    self.search = None;
                    let detail = format!("{firmware}, reads {}", self.config.aid);
                    self.report(HealthReport::new(Health::Ready, detail));
                }
                Report::Down(why) => {
                    let detail = format!(
                        "{shown}: no PN532 that works ({why}): check its wiring, that its switches \
                         are set to HSU, and the baud rate"
                    );
                    self.search.get_or_insert_with(|| Search::for_path(&self.config.path));
                    self.report(HealthReport::new(Health::Failed, detail));
                }
                Report::Token(token) => self.event(NfcEvent::Tapped(token)),
                Report::Failed(fault) => self.event(NfcEvent::Failed(fault)),
            }
        }
    }

    fn event(&mut self, event: NfcEvent) {
        if self.events.len() < EVENTS_MAX {
            self.events.push_back(event);
        } else if let Some(last) = self.events.back_mut() {
            *last = NfcEvent::Failed(NfcFault::Overrun);
        }
    }
}

impl Device for Pn532 {
    fn name(&self) -> &str {
        &self.name
    }

    fn health(&self) -> HealthReport {
        self.health.clone()
    }
}

impl Nfc for Pn532 {
    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<NfcEvent> {
        for _ in 0..STEPS_MAX {
            self.take_reports();
            if let Some(event) = self.events.pop_front() {
                return Poll::Ready(event);
            }
            ready!(self.poll_step(cx));
        }
        // A flood, or noise: let others have their turn.
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn arm(&mut self, on: bool) {
        self.take_reports();
        self.session.arm(now(), on);
        self.events.retain(|event| match event {
            NfcEvent::HealthChanged => true,
            NfcEvent::Tapped(_) | NfcEvent::Failed(_) => false,
        });
    }
}

#[cfg(test)]
mod tests;

//! The driver for ESC/POS receipt printers, on a serial line or a device file.
//!
//! | room | what it owns |
//! |---|---|
//! | `encode` | a line of a job as bytes: characters, or dots where the printer has no characters |
//! | `status` | a printer's answers as facts |
//! | `session` | the conversation: what to send when; pure |
//! | `outbox` | what is to be sent, and whether the printer takes it; pure |
//! | `link` | the descriptor |
//!
//! This room puts them together and looks for the printer while it is away. Everything is written
//! when the printer is ready for it; no call waits. Bounded as the session is (I15).

mod encode;
mod link;
mod outbox;
mod session;
mod status;

use std::fmt;
use std::path::PathBuf;
use std::task::{Context, Poll, Waker, ready};
use std::time::Instant;

use super::raster::TextRaster;
use super::{JobId, PrintJob, Printer, PrinterEvent, PrinterFault};
use crate::alarm::{Alarm, now};
use crate::device::{Device, Health, HealthReport};
use crate::hotplug::{RETRY_FIRST, Search};
use encode::Encoder;
use link::Link;
use session::Session;

/// Reads, writes and timers in one turn, and the most bytes of a read.
const STEPS_MAX: usize = 32;
const READ_LEN_MAX: usize = 256;

/// How the printer is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// A serial line, or USB that looks like one.
    Serial {
        /// Bits a second.
        baud: u32,
    },
    /// A device file that takes bytes, such as `/dev/usb/lp0`; should it be a serial line, then one
    /// of 9600 bits a second.
    Device,
}

/// How text that is not ASCII gets onto the paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// In the printer's own Chinese characters; a line with one that GBK lacks is drawn.
    #[default]
    Gb18030,
    /// Drawn, for printers without Chinese characters.
    Raster,
}

/// Where an ESC/POS printer is, and how it prints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EscPosConfig {
    /// The device, best a name that stays the same, as in `/dev/serial/by-id/`.
    pub path: PathBuf,
    /// How it is reached.
    pub way: Way,
    /// Dots across: 384 on paper of 58 mm, 576 on paper of 80 mm.
    pub width_dots: u32,
    /// How Chinese is printed.
    pub encoding: Encoding,
    /// Whether it is known to answer, so that one that does not is switched off; otherwise that is
    /// found out.
    pub answers: bool,
}

/// An ESC/POS printer.
pub struct EscPosPrinter {
    config: EscPosConfig,
    name: String,
    link: Option<Link>,
    /// When to look for it while it is away. Begins anew only once it was there for a while: what
    /// can be opened and takes nothing, as a device of another kind, is not opened all the time.
    search: Search,
    opened_at: Instant,
    /// It took or gave a byte since then.
    used: bool,
    session: Session,
    alarm: Alarm,
    health: HealthReport,
    /// The health that was told last.
    told: HealthReport,
    waker: Option<Waker>,
}

impl fmt::Debug for EscPosPrinter {
    /// Receipts are nobody's business.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("EscPosPrinter");
        shown.field("config", &self.config).field("health", &self.health).finish_non_exhaustive()
    }
}

impl EscPosPrinter {
    /// Opens the printer if it is there; otherwise it is looked for until it is. `raster` draws
    /// what the printer has no characters for. Must be called, and polled, inside a tokio runtime
    /// with I/O and time.
    pub fn open(config: EscPosConfig, raster: Box<dyn TextRaster>) -> EscPosPrinter {
        let encoder = Encoder::new(config.encoding, config.width_dots, raster);
        let starting = HealthReport::new(Health::Starting, "");
        let mut printer = EscPosPrinter {
            name: format!("printer {}", config.path.display()),
            link: None,
            search: Search::for_path(&config.path),
            opened_at: now(),
            used: false,
            session: Session::new(encoder, config.answers, now()),
            alarm: Alarm::default(),
            health: starting.clone(),
            told: starting,
            waker: None,
            config,
        };
        printer.reopen();
        // The first report is no change.
        printer.told = printer.health.clone();
        printer
    }

    fn reopen(&mut self) {
        match Link::open(&self.config.path, self.config.way) {
            Ok(link) => {
                self.link = Some(link);
                (self.opened_at, self.used) = (now(), false);
                self.session.opened(now());
                self.health = self.session.health();
            }
            Err(report) => self.health = report,
        }
    }

    /// Closes a printer that is gone, at once: reading it again would never wait.
    fn lose(&mut self, why: &str) {
        self.link = None;
        if now() >= self.opened_at + RETRY_FIRST {
            self.search = Search::for_path(&self.config.path);
        }
        let shown = self.config.path.display();
        self.health = if self.used {
            HealthReport::new(Health::Absent, format!("{shown} was unplugged ({why})"))
        } else {
            HealthReport::new(Health::Failed, format!("{shown} takes no byte ({why}): a printer?"))
        };
        self.session.closed(&self.health.detail, now());
    }

    /// One step; `Pending` if there is none to make.
    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(link) = &mut self.link else {
            ready!(self.search.poll_due(cx));
            self.reopen();
            return Poll::Ready(());
        };
        // What came is heard before a question is taken for unanswered.
        let mut bytes = [0; READ_LEN_MAX];
        if let Poll::Ready(read) = link.poll_read(cx, &mut bytes) {
            match read {
                Ok(0) => self.lose("end of input"),
                Ok(count) => {
                    self.used = true;
                    self.session.take(bytes.get(..count).unwrap_or_default(), now());
                }
                Err(error) => self.lose(&error.to_string()),
            }
            return Poll::Ready(());
        }
        self.session.advance(now());
        if self.session.has_events() || self.session.health() != self.told {
            return Poll::Ready(());
        }
        if !self.session.to_write().is_empty()
            && let Poll::Ready(written) = link.poll_write(cx, self.session.to_write())
        {
            match written {
                Ok(count) => {
                    self.used = true;
                    self.session.wrote(count, now());
                }
                Err(error) => self.lose(&error.to_string()),
            }
            return Poll::Ready(());
        }
        self.alarm.poll(cx, self.session.deadline())
    }

    /// What there is to tell: the printer's health first, for it explains what became of a job.
    fn event(&mut self) -> Option<PrinterEvent> {
        if self.link.is_some() {
            self.health = self.session.health();
        }
        if self.health != self.told {
            self.told = self.health.clone();
            tracing::info!(device = self.name, health = %self.health, "the printer's health changed");
            return Some(PrinterEvent::HealthChanged);
        }
        self.session.next_event()
    }
}

impl Device for EscPosPrinter {
    fn name(&self) -> &str {
        &self.name
    }

    fn health(&self) -> HealthReport {
        self.health.clone()
    }
}

impl Printer for EscPosPrinter {
    fn print(&mut self, job: &PrintJob) -> Result<JobId, PrinterFault> {
        if let (None, Some(fault)) = (&self.link, self.fault()) {
            return Err(fault);
        }
        let taken = self.session.print(job, now());
        if let Some(waker) = &self.waker {
            waker.wake_by_ref();
        }
        taken
    }

    fn fault(&self) -> Option<PrinterFault> {
        match (&self.link, self.health.health) {
            (Some(_), _) => self.session.fault(),
            (None, Health::Failed) => Some(PrinterFault::Failed(self.health.detail.clone())),
            (None, Health::Absent | Health::Starting | Health::Ready) => {
                Some(PrinterFault::Absent(self.health.detail.clone()))
            }
        }
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<PrinterEvent> {
        self.waker = Some(cx.waker().clone());
        for _ in 0..STEPS_MAX {
            if let Some(event) = self.event() {
                return Poll::Ready(event);
            }
            ready!(self.poll_step(cx));
        }
        // A printer that talks without end, or a long job: let others have their turn.
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

#[cfg(test)]
mod tests;

//! The printer: structured jobs, printed in the background.
//!
//! A job says what stands on the paper, not how a printer is told so: the driver chooses the
//! bytes, the encoding and the width.
//!
//! | room | what it owns |
//! |---|---|
//! | [`escpos`] | the driver of receipt printers on a serial line or a device file |
//! | [`mod@file`] | the driver that appends to a text file |
//! | [`raster`] | text and QR codes as dots |

pub mod escpos;
pub mod file;
pub mod raster;
mod text;

use std::future::poll_fn;
use std::task::{Context, Poll};

use crate::device::{Device, Health};

/// The most lines in one job.
pub const LINES_MAX: usize = 500;

/// Where a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Align {
    /// At the left edge.
    #[default]
    Left,
    /// In the middle.
    Center,
    /// At the right edge.
    Right,
}

/// How characters look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct TextStyle {
    /// Heavier.
    pub bold: bool,
    /// Twice as wide and twice as high.
    pub double: bool,
}

/// One line of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrintLine {
    /// Text, broken by the driver where it is too wide.
    Text {
        /// What it says; no control characters.
        text: String,
        /// How it looks.
        style: TextStyle,
        /// Where it stands.
        align: Align,
    },
    /// A label at the left edge and its value at the right, on one line if they fit.
    Pair {
        /// At the left.
        left: String,
        /// At the right.
        right: String,
    },
    /// A line across the paper.
    Rule,
    /// A QR code of this text, in the middle.
    Qr(String),
    /// This many empty lines.
    Feed(u8),
}

impl PrintLine {
    /// Plain text at the left edge.
    pub fn text(text: impl Into<String>) -> Self {
        let (style, align) = (TextStyle::default(), Align::default());
        PrintLine::Text { text: text.into(), style, align }
    }

    /// A large bold heading in the middle.
    pub fn heading(text: impl Into<String>) -> Self {
        let style = TextStyle { bold: true, double: true };
        PrintLine::Text { text: text.into(), style, align: Align::Center }
    }

    /// A label and its value.
    pub fn pair(left: impl Into<String>, right: impl Into<String>) -> Self {
        PrintLine::Pair { left: left.into(), right: right.into() }
    }
}

/// What is to be printed in one piece.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PrintJob {
    /// From top to bottom; at most [`LINES_MAX`].
    pub lines: Vec<PrintLine>,
    /// Whether the paper is cut after it.
    pub cut: bool,
}

/// Names a job of one printer, from [`Printer::print`] until its event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(pub u64);

/// Why a job is not on paper.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrinterFault {
    /// The printer is not there.
    #[error("the printer is absent: {0}")]
    Absent(String),
    /// It ran out of paper.
    #[error("the printer has no paper: put in a new roll")]
    NoPaper,
    /// Its cover is open.
    #[error("the printer's cover is open: close it")]
    CoverOpen,
    /// Too many jobs are waiting.
    #[error("the printer is busy: wait and print again")]
    Busy,
    /// More than [`LINES_MAX`] lines.
    #[error("a job of {lines} lines is longer than {LINES_MAX}: print less at once")]
    TooLong {
        /// How many there were.
        lines: usize,
    },
    /// It failed otherwise.
    #[error("printing failed: {0}")]
    Failed(String),
}

/// What a printer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrinterEvent {
    /// The job is on paper, as far as the printer can tell.
    Printed(JobId),
    /// Nothing of the job is on paper; it is not tried again by itself.
    Failed(JobId, PrinterFault),
    /// The job was begun and not ended: part of it may be on paper. It is not tried again by
    /// itself.
    CutShort(JobId, PrinterFault),
    /// [`Device::health`] changed.
    HealthChanged,
}

/// A printer.
pub trait Printer: Device {
    /// Takes a job to be printed in the background, and returns at once. Exactly one
    /// [`PrinterEvent::Printed`], [`PrinterEvent::Failed`] or [`PrinterEvent::CutShort`] follows
    /// for each id it gave.
    ///
    /// # Errors
    ///
    /// The job was not taken: nothing of it will be printed and no event follows.
    fn print(&mut self, job: &PrintJob) -> Result<JobId, PrinterFault>;

    /// The next event, or `Pending` with the task's waker registered.
    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<PrinterEvent>;

    /// Why nothing can be printed now, as far as it is known; the words are in
    /// [`Device::health`]'s detail.
    fn fault(&self) -> Option<PrinterFault> {
        let report = self.health();
        match report.health {
            Health::Ready | Health::Starting => None,
            Health::Absent => Some(PrinterFault::Absent(report.detail)),
            Health::Failed => Some(PrinterFault::Failed(report.detail)),
        }
    }
}

/// The next event as a future; dropping it loses nothing.
pub async fn next<P: Printer + ?Sized>(printer: &mut P) -> PrinterEvent {
    poll_fn(|cx| printer.poll_event(cx)).await
}

//! Scanners: what they read, as text, with the moment its last byte came in.
//!
//! A scanner is not a keyboard (I16): it gives whole readings only, and [`Scanner::discard`] lets
//! its user make sure that nothing read before a certain moment counts.
//!
//! - [`frame`] cuts a byte stream into readings; pure.
//! - [`serial`] is the driver for scanners on a serial line.
//! - [`evdev`] is the driver for scanners that type, keyboard wedges.

pub mod evdev;
pub mod frame;
pub mod serial;

use std::fmt;
use std::future::poll_fn;
use std::task::{Context, Poll};
use std::time::Instant;

use crate::device::Device;

pub use self::evdev::{EvdevScanner, EvdevScannerConfig};
pub use frame::{Framer, Terminator};
pub use serial::{SerialConfig, SerialScanner};

/// The most bytes in one reading, before identifiers and framing are taken off.
pub const READING_LEN_MAX: usize = 256;

/// An AIM symbology identifier (ISO/IEC 15424): `]Q1` is a QR code, `]C0` a Code 128.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Aim {
    /// The code character, an ASCII letter: the family of symbols.
    pub code: char,
    /// The modifier character: the variant and how it was read.
    pub modifier: char,
}

impl Aim {
    /// The family of symbols, by its name.
    pub fn name(self) -> Option<&'static str> {
        match self.code {
            'A' => Some("Code 39"),
            'C' => Some("Code 128"),
            'E' => Some("EAN/UPC"),
            'F' => Some("Codabar"),
            'G' => Some("Code 93"),
            'I' => Some("Interleaved 2 of 5"),
            'L' => Some("PDF417"),
            'Q' => Some("QR Code"),
            'd' => Some("Data Matrix"),
            'e' => Some("GS1 DataBar"),
            'z' => Some("Aztec Code"),
            _ => None,
        }
    }
}

impl fmt::Display for Aim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "]{}{}", self.code, self.modifier)
    }
}

/// One whole code that was read.
#[derive(Clone, PartialEq, Eq)]
pub struct Reading {
    /// Its text: not empty, no control characters, at most [`READING_LEN_MAX`] bytes.
    pub text: String,
    /// What kind of code it was, if the scanner says so.
    pub symbology: Option<Aim>,
    /// When the last byte of it came in, its terminator not counted.
    pub last_byte: Instant,
}

impl fmt::Debug for Reading {
    /// Says how long the text is, never what it is (I17).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading")
            .field("text", &format_args!("{} characters", self.text.chars().count()))
            .field("symbology", &self.symbology)
            .field("last_byte", &self.last_byte)
            .finish()
    }
}

/// Why something that came in is not a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum DropReason {
    /// No terminator within `len_max` bytes. Said once, then everything up to the next terminator
    /// is dropped.
    #[error("longer than {len_max} bytes: check the scanner's terminator")]
    TooLong {
        /// The limit.
        len_max: usize,
    },
    /// Not UTF-8, or control characters inside: a wrong baud rate, noise on the line, or a scanner
    /// that types for another keyboard.
    #[error("not text: check the scanner's baud rate, cable and keyboard language")]
    NotText,
    /// The scanner says that it saw no code it could read.
    #[error("no code read: try again")]
    NoRead,
    /// An identifier with no text behind it.
    #[error("an empty code: try another")]
    Empty,
    /// The scanner stopped in the middle.
    #[error("the scan stopped in the middle: check the scanner's terminator and try again")]
    Unfinished,
    /// Input was lost because nobody fetched the earlier events in time.
    #[error("a scan was lost: try again")]
    Overrun,
}

/// What a scanner says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScannerEvent {
    /// A code was read.
    Read(Reading),
    /// Something came in that is not a reading.
    Dropped(DropReason),
    /// [`Device::health`] changed.
    HealthChanged,
}

impl ScannerEvent {
    /// Whether it survives a discard.
    pub(crate) fn is_news(&self) -> bool {
        match self {
            ScannerEvent::HealthChanged => true,
            ScannerEvent::Read(_) | ScannerEvent::Dropped(_) => false,
        }
    }
}

/// A scanner.
pub trait Scanner: Device {
    /// The next event, or `Pending` with the task's waker registered.
    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<ScannerEvent>;

    /// Forgets everything half-read or queued: nothing before this moment counts. The rest of a
    /// code of which a part is forgotten is forgotten too.
    fn discard(&mut self);
}

/// The next event as a future; dropping it loses nothing.
pub async fn next<S: Scanner + ?Sized>(scanner: &mut S) -> ScannerEvent {
    poll_fn(|cx| scanner.poll_event(cx)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_reading_is_never_printed() {
        let text = "284214903060794755".to_owned();
        let reading = Reading { text, symbology: None, last_byte: Instant::now() };
        let shown = format!("{:?}", ScannerEvent::Read(reading));
        assert!(!shown.contains("284214"), "{shown}");
        assert!(shown.contains("18 characters"), "{shown}");
    }
}

//! Cuts the bytes of a serial scanner into readings.
//!
//! Pure: bytes and the moment they came in are arguments, events are appended to the caller's
//! queue. It holds at most [`READING_LEN_MAX`] bytes whatever comes in, each byte costs constant
//! time and makes at most two events (I15), and how the stream is chunked changes nothing.
//!
//! What scanners do differently, and what is done about it:
//!
//! - They end a code with CR, LF, CRLF, Tab or nothing: see [`Terminator`].
//! - They frame it with STX and ETX, and pad it with NUL: taken off at both ends. Inside a code
//!   these and all other control characters make it unreadable.
//! - They put an AIM identifier before it (ISO/IEC 15424, `]Q1`): taken off and told apart.
//! - Whoever fetches the bytes may be busy for a while (a disk, a picture). What came in meanwhile
//!   goes on with the code before it: half a code would be taken for a whole one (I16), whereas two
//!   in one are refused, and scanned again.
//! - ZKTeco engines send `%%NoRead` as if it were a code: reported as such, never as a reading.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;
use std::time::{Duration, Instant};

use super::{Aim, DropReason, READING_LEN_MAX, Reading, ScannerEvent};

/// How long a code may stay without another byte before it counts as broken off.
///
/// At 9600 baud bytes are 1 ms apart; a busy USB hub may hold them back for some hundred.
pub const STALE_AFTER: Duration = Duration::from_secs(2);

/// How long the line must be quiet after a discarded beginning for the rest to be over.
pub const DISCARDED_QUIET: Duration = Duration::from_millis(250);

const STX: u8 = 0x02;
const ETX: u8 = 0x03;

/// What ends a code. `Display` and `FromStr`: `any`, `cr`, `lf`, `crlf`, `tab`, `quiet` (50 ms),
/// `quiet:80` (milliseconds).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Terminator {
    /// CR, LF or Tab, whichever comes.
    #[default]
    Any,
    /// CR.
    Cr,
    /// LF.
    Lf,
    /// CR and LF, together.
    CrLf,
    /// Tab.
    Tab,
    /// No byte for this long, 5 ms to 1 s.
    Quiet(Duration),
}

impl Terminator {
    const QUIET_DEFAULT: Duration = Duration::from_millis(50);
    const QUIET_MS: std::ops::RangeInclusive<u64> = 5..=1000;

    /// Whether `byte` ends a code that so far ends with `last`.
    fn ends(self, last: Option<u8>, byte: u8) -> bool {
        match self {
            Terminator::Any => matches!(byte, b'\r' | b'\n' | b'\t'),
            Terminator::Cr => byte == b'\r',
            Terminator::Lf => byte == b'\n',
            Terminator::CrLf => last == Some(b'\r') && byte == b'\n',
            Terminator::Tab => byte == b'\t',
            Terminator::Quiet(_) => false,
        }
    }
}

impl fmt::Display for Terminator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Terminator::Any => f.write_str("any"),
            Terminator::Cr => f.write_str("cr"),
            Terminator::Lf => f.write_str("lf"),
            Terminator::CrLf => f.write_str("crlf"),
            Terminator::Tab => f.write_str("tab"),
            Terminator::Quiet(gap) => write!(f, "quiet:{}", gap.as_millis()),
        }
    }
}

/// A name of no terminator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such terminator: use any, cr, lf, crlf, tab, quiet or quiet:5 to quiet:1000 (ms)")]
pub struct UnknownTerminator;

impl FromStr for Terminator {
    type Err = UnknownTerminator;

    fn from_str(name: &str) -> Result<Self, UnknownTerminator> {
        match name {
            "any" => Ok(Terminator::Any),
            "cr" => Ok(Terminator::Cr),
            "lf" => Ok(Terminator::Lf),
            "crlf" => Ok(Terminator::CrLf),
            "tab" => Ok(Terminator::Tab),
            "quiet" => Ok(Terminator::Quiet(Self::QUIET_DEFAULT)),
            other => {
                let digits = other.strip_prefix("quiet:").ok_or(UnknownTerminator)?;
                if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(UnknownTerminator);
                }
                let gap_ms = digits.parse().map_err(|_| UnknownTerminator)?;
                let valid = Self::QUIET_MS.contains(&gap_ms);
                valid
                    .then_some(Terminator::Quiet(Duration::from_millis(gap_ms)))
                    .ok_or(UnknownTerminator)
            }
        }
    }
}

/// Where the stream stands.
///
/// ```text
///              byte                 READING_LEN_MAX passed
///   Between ──────────→ Collecting ───────────────────────→ Skipping(TooLong)
///      ↑                 │      │          discard
///      │   terminator or │      └─────────────────────────→ Skipping(Discarded)
///      └──── silence ────┴──────────────────────────────────────────┘
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// No byte of a code yet.
    Between,
    /// In a code; its bytes are in the buffer.
    Collecting,
    /// In the rest of a code that does not count.
    Skipping { quiet: Duration },
}

/// Cuts a stream of bytes into events.
#[derive(Debug)]
pub struct Framer {
    terminator: Terminator,
    state: State,
    buffer: Vec<u8>,
    /// The byte before, while skipping, to recognize CRLF.
    last: Option<u8>,
    last_byte: Option<Instant>,
}

impl Framer {
    /// A framer for codes that end with `terminator`.
    pub fn new(terminator: Terminator) -> Self {
        let buffer = Vec::with_capacity(READING_LEN_MAX);
        Self { terminator, state: State::Between, buffer, last: None, last_byte: None }
    }

    /// Takes `bytes` that came in by `now` and appends what they complete to `events`. Nobody knows
    /// for how long they waited to be fetched, so no silence is taken to lie before them.
    pub fn push(&mut self, now: Instant, bytes: &[u8], events: &mut VecDeque<ScannerEvent>) {
        for &byte in bytes {
            self.push_byte(now, byte, events);
        }
    }

    /// When [`Framer::elapse`] has something to do if no byte comes before.
    pub fn deadline(&self) -> Option<Instant> {
        let quiet = match (self.state, self.terminator) {
            (State::Between, _) => return None,
            (_, Terminator::Quiet(gap)) => gap,
            (State::Collecting, _) => STALE_AFTER,
            (State::Skipping { quiet }, _) => quiet,
        };
        self.last_byte.and_then(|last| last.checked_add(quiet))
    }

    /// Lets the time pass up to `now`, and appends what the silence completes to `events`. To be
    /// called only when no byte that came by then is left to be fetched.
    pub fn elapse(&mut self, now: Instant, events: &mut VecDeque<ScannerEvent>) {
        if self.deadline().is_none_or(|deadline| now < deadline) {
            return;
        }
        match (self.state, self.terminator) {
            (State::Between | State::Skipping { .. }, _) => {}
            (State::Collecting, Terminator::Quiet(_)) => self.finish(events),
            (State::Collecting, _) => {
                events.push_back(ScannerEvent::Dropped(DropReason::Unfinished));
            }
        }
        self.rest();
    }

    /// Forgets the code it is in, the rest of it included.
    pub fn discard(&mut self) {
        match self.state {
            State::Between | State::Skipping { .. } => {}
            State::Collecting => {
                self.last = self.buffer.last().copied();
                self.state = State::Skipping { quiet: DISCARDED_QUIET };
            }
        }
        self.buffer.clear();
    }

    /// Bytes before `now` are missing: those up to a terminator or a silence are the rest of a code
    /// without its beginning, and do not count.
    pub fn skip_rest(&mut self, now: Instant) {
        self.rest();
        self.last_byte = Some(now);
        self.state = State::Skipping { quiet: DISCARDED_QUIET };
    }

    /// Forgets everything, for a stream that begins anew.
    pub fn reset(&mut self) {
        self.rest();
    }

    fn rest(&mut self) {
        self.state = State::Between;
        self.buffer.clear();
        self.last = None;
        self.last_byte = None;
    }

    fn push_byte(&mut self, now: Instant, byte: u8, events: &mut VecDeque<ScannerEvent>) {
        match self.state {
            State::Between if is_framing(byte) => {}
            State::Between => {
                self.state = State::Collecting;
                self.buffer.push(byte);
                self.last_byte = Some(now);
            }
            State::Collecting => self.collect(now, byte, events),
            State::Skipping { .. } => {
                if self.terminator.ends(self.last, byte) {
                    self.rest();
                } else {
                    self.last = Some(byte);
                    self.last_byte = Some(now);
                }
            }
        }
    }

    fn collect(&mut self, now: Instant, byte: u8, events: &mut VecDeque<ScannerEvent>) {
        if self.terminator.ends(self.buffer.last().copied(), byte) {
            self.finish(events);
            self.rest();
        } else if self.buffer.len() < READING_LEN_MAX {
            self.buffer.push(byte);
            self.last_byte = Some(now);
        } else {
            let len_max = READING_LEN_MAX;
            events.push_back(ScannerEvent::Dropped(DropReason::TooLong { len_max }));
            self.rest();
            self.last = Some(byte);
            self.last_byte = Some(now);
            self.state = State::Skipping { quiet: STALE_AFTER };
        }
    }

    fn finish(&self, events: &mut VecDeque<ScannerEvent>) {
        let Some(last_byte) = self.last_byte else { return };
        events.push_back(match parse(&self.buffer) {
            Ok((text, symbology)) => ScannerEvent::Read(Reading { text, symbology, last_byte }),
            Err(reason) => ScannerEvent::Dropped(reason),
        });
    }
}

/// Bytes that mean nothing before the first and after the last byte of a code.
fn is_framing(byte: u8) -> bool {
    matches!(byte, 0 | STX | ETX | b'\r' | b'\n' | b'\t')
}

/// The text of one code, and its identifier if it has one.
fn parse(code: &[u8]) -> Result<(String, Option<Aim>), DropReason> {
    let end = code.iter().rposition(|byte| !is_framing(*byte)).map_or(0, |last| last + 1);
    let code = code.get(..end).unwrap_or(&[]);
    let text = std::str::from_utf8(code).map_err(|_| DropReason::NotText)?;
    if text.chars().any(char::is_control) {
        return Err(DropReason::NotText);
    }
    let (symbology, text) = split_aim(text);
    if text.is_empty() {
        return Err(DropReason::Empty);
    }
    if text.eq_ignore_ascii_case("%%NoRead") {
        return Err(DropReason::NoRead);
    }
    Ok((text.to_owned(), symbology))
}

/// Takes an AIM identifier off: `]`, a letter, and a digit or letter.
fn split_aim(text: &str) -> (Option<Aim>, &str) {
    let mut chars = text.chars();
    match (chars.next(), chars.next(), chars.next()) {
        (Some(']'), Some(code), Some(modifier))
            if code.is_ascii_alphabetic() && modifier.is_ascii_alphanumeric() =>
        {
            (Some(Aim { code, modifier }), chars.as_str())
        }
        _ => (None, text),
    }
}

#[cfg(test)]
mod tests;

//! The gateway's own words, made fit for a screen and a journal.

use super::redact::without_codes;
use crate::payment::{Decline, Doubt, DoubtKind, Request, Verdict, Why};

/// The most characters kept of what a gateway said.
pub const SAID_CHARS_MAX: usize = 200;

/// The text without control characters, cut to [`SAID_CHARS_MAX`]; nothing if that leaves nothing.
pub(super) fn bounded(text: &str) -> Option<String> {
    let kept: String = text.chars().filter(|c| !is_invisible(*c)).take(SAID_CHARS_MAX).collect();
    let kept = kept.trim();
    if kept.is_empty() { None } else { Some(kept.to_owned()) }
}

/// Control characters, and those that reorder the text around them.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{200B}'..='\u{200F}'
                | '\u{2028}'..='\u{202E}'
                | '\u{2066}'..='\u{2069}'
                | '\u{FEFF}'
        )
}

/// A code and a message as one line. The customer's code is masked, should the gateway repeat it
/// (I17).
pub(super) fn line(request: &Request, code: Option<&str>, message: Option<&str>) -> String {
    let line = joined(code, message);
    let line = match request.code() {
        Some(code) => line.replace(code.expose(), &code.masked()),
        None => line,
    };
    without_codes(&line)
}

/// A code and a message as one line, where no code of a customer's was sent; what looks like one is
/// masked all the same (I17).
pub(super) fn words(code: Option<&str>, message: Option<&str>) -> String {
    without_codes(&joined(code, message))
}

fn joined(code: Option<&str>, message: Option<&str>) -> String {
    match (code, message) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(text), None) | (None, Some(text)) => text.to_owned(),
        (None, None) => String::new(),
    }
}

/// The most characters kept of a number that a gateway gives: Upay v2 §3-2.3 gives `trade_no`
/// String(64).
const NUMBER_CHARS_MAX: usize = 64;

/// A gateway's or a wallet's number of the order; nothing if it is not fit to be kept.
pub(super) fn number(text: Option<&str>) -> Option<String> {
    let fits = |text: &&str| {
        text.len() <= NUMBER_CHARS_MAX && text.bytes().all(|byte| byte.is_ascii_graphic())
    };
    text.map(str::trim).filter(fits).map(str::to_owned)
}

/// The longest text that becomes a QR: Upay v2 §3-6.3 gives `qr_code` String(128), and wallets are
/// known to go beyond that; this still fits a QR that a phone can read from a small screen.
const QR_LEN_MAX: usize = 512;

/// The verdict on a precreate that worked.
pub(super) fn presented(qr: Option<&str>, gateway_order: Option<&str>, said: &str) -> Verdict {
    let fits = |qr: &&str| qr.len() <= QR_LEN_MAX && !qr.chars().any(char::is_control);
    match qr.map(str::trim).filter(fits) {
        Some(qr) => Verdict::Presented { qr: qr.to_owned(), gateway_order: number(gateway_order) },
        None => doubt(DoubtKind::Unreadable, &format!("the answer has no QR to show; {said}")),
    }
}

/// A doubt with what was said of it, bounded.
pub(super) fn a_doubt(kind: DoubtKind, said: &str) -> Doubt {
    Doubt { kind, said: bounded(said) }
}

/// A decline with what was said of it, bounded.
pub(super) fn a_decline(why: Why, said: &str) -> Decline {
    Decline { why, said: bounded(said) }
}

pub(super) fn doubt(kind: DoubtKind, said: &str) -> Verdict {
    Verdict::Unknown(a_doubt(kind, said))
}

pub(super) fn declined(why: Why, said: &str) -> Verdict {
    Verdict::Declined(Decline { why, said: bounded(said) })
}

pub(super) fn reversed(said: &str) -> Verdict {
    Verdict::Reversed(Decline { why: Why::TradeClosed, said: bounded(said) })
}

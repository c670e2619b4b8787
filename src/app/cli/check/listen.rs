//! `cashier check --listen`: what each scanner reads, for a while.
//!
//! For whoever sets a terminal up: whether the scanner is the right one, ends its codes as the
//! settings say, and reads what a sale would take. Nothing is sold. Codes are masked, and of what
//! is no payment code only the length is told (I17).

use super::Out;
use crate::app::devices::Devices;
use crate::payment::code::NotACode;
use crate::payment::{Channel, CodeKind, CodeRules, PaymentCode};
use hal::{Reading, ScannerEvent};
use serde::Serialize;
use std::future::poll_fn;
use std::time::Duration;

/// What a scanner said.
#[derive(Serialize)]
pub(super) struct Heard {
    scanner: String,
    /// `payment`, `other` (read, but no payment code), `dropped` or `health`.
    kind: &'static str,
    /// The wallet that a payment code looks like.
    channel: Option<String>,
    /// A payment code, masked.
    code: Option<String>,
    /// What kind of symbol it was, if the scanner says so.
    symbology: Option<String>,
    detail: String,
}

/// The most that is listened to; a scanner that says more is broken (I15).
const HEARD_MAX: usize = 1000;

/// Listens for `time`. To people each is told as it comes.
pub(super) async fn listen(
    devices: &mut Devices,
    rules: &CodeRules,
    time: Duration,
    out: Out,
) -> Vec<Heard> {
    let mut heard = Vec::new();
    // What came before is not what the person scans now.
    devices.await_code(false);
    let seconds = time.as_secs();
    out.say(&format!("listening to the scanners for {seconds} s: scan something"));
    let listening = async {
        while heard.len() < HEARD_MAX {
            let (scanner, reads, event) = poll_fn(|cx| devices.poll_scanners(cx)).await;
            let health = devices.report().into_iter().find(|(name, _)| *name == scanner);
            let health = health.map(|(_, health)| health.to_string()).unwrap_or_default();
            let one = tell(scanner, event, health, |text| rules.parse(text, reads));
            if !out.json {
                out.print(&(), &one.line());
            }
            heard.push(one);
        }
    };
    // Running out is what is meant to happen.
    let _ = tokio::time::timeout(time, listening).await;
    if heard.is_empty() {
        out.say("no scanner read anything: check its cable, its driver and its path");
    }
    heard
}

fn tell(
    scanner: String,
    event: ScannerEvent,
    health: String,
    parse: impl Fn(&str) -> Result<PaymentCode, NotACode>,
) -> Heard {
    let blank =
        |kind, detail| Heard { scanner, kind, channel: None, code: None, symbology: None, detail };
    match event {
        ScannerEvent::Read(reading) => {
            let (kind, channel, code, detail) = classify(&reading, parse);
            let symbology = reading.symbology.map(|aim| match aim.name() {
                Some(name) => format!("{name} ({aim})"),
                None => aim.to_string(),
            });
            Heard { channel, code, symbology, ..blank(kind, detail) }
        }
        ScannerEvent::Dropped(reason) => blank("dropped", reason.to_string()),
        ScannerEvent::HealthChanged => blank("health", health),
    }
}

/// Its kind, its wallet, itself masked, and words.
fn classify(
    reading: &Reading,
    parse: impl Fn(&str) -> Result<PaymentCode, NotACode>,
) -> (&'static str, Option<String>, Option<String>, String) {
    match parse(&reading.text) {
        Ok(code) => {
            let detail = match (code.kind(), code.channel()) {
                (CodeKind::Sonic, _) => "a payment code by sound".to_owned(),
                (CodeKind::Nfc, _) => "a payment code of a phone held to it".to_owned(),
                (CodeKind::Barcode, Channel::Unknown(_)) => {
                    "a payment code of no known wallet".to_owned()
                }
                (CodeKind::Barcode, known) => format!("a payment code of {}", known.name()),
            };
            let channel = code.channel().name().to_owned();
            ("payment", Some(channel), Some(code.masked()), detail)
        }
        Err(error) => {
            let len = reading.text.chars().count();
            ("other", None, None, format!("no payment code: {error} ({len} characters)"))
        }
    }
}

impl Heard {
    fn line(&self) -> String {
        let code = self.code.iter().map(|code| format!(" {code}"));
        let symbology = self.symbology.iter().map(|symbology| format!(", {symbology}"));
        let rest: String = code.chain(symbology).collect();
        format!("{}: {}{rest}", self.scanner, self.detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hal::{Aim, DropReason};

    fn bar_code(text: &str) -> Result<PaymentCode, NotACode> {
        CodeRules::default().parse(text, CodeKind::Barcode)
    }

    fn heard(text: &str, symbology: Option<Aim>) -> Heard {
        let last_byte = std::time::Instant::now();
        let reading = Reading { text: text.to_owned(), symbology, last_byte };
        tell("s".into(), ScannerEvent::Read(reading), String::new(), bar_code)
    }

    #[test]
    fn i17_what_is_read_is_named_and_masked() {
        let qr = Some(Aim { code: 'Q', modifier: '1' });
        for (text, symbology, line) in [
            ("284214903060794755", qr, "s: a payment code of alipay 28****4755, QR Code (]Q1)"),
            ("9912345678901234", None, "s: a payment code of no known wallet 99****1234"),
            (
                "6901234567892",
                Some(Aim { code: 'X', modifier: '0' }),
                "s: no payment code: that is a product's bar code, not a payment code \
                 (13 characters), ]X0",
            ),
            (
                "https://example.com/secret",
                None,
                "s: no payment code: that is a web link, not a payment code (26 characters)",
            ),
        ] {
            assert_eq!(heard(text, symbology).line(), line);
            let object = serde_json::to_string(&heard(text, symbology)).unwrap();
            assert!(!object.contains(text), "{object}");
        }
    }

    #[test]
    fn a_receiver_of_sound_is_told_apart() {
        let reading =
            Reading { text: "A1b2".into(), symbology: None, last_byte: std::time::Instant::now() };
        let sonic = |text: &str| CodeRules::default().parse(text, CodeKind::Sonic);
        let heard = tell("s".into(), ScannerEvent::Read(reading), String::new(), sonic);
        assert_eq!(
            (heard.kind, heard.line().as_str()),
            ("payment", "s: a payment code by sound ****")
        );
    }

    #[test]
    fn what_is_dropped_is_told_with_what_to_do() {
        let dropped = ScannerEvent::Dropped(DropReason::Unfinished);
        let heard = tell("s".into(), dropped, String::new(), bar_code);
        assert!(heard.line().contains("check the scanner's terminator"), "{}", heard.line());
        let changed = tell("s".into(), ScannerEvent::HealthChanged, "absent: x".into(), bar_code);
        assert_eq!((changed.kind, changed.line().as_str()), ("health", "s: absent: x"));
    }
}

//! A PN532 that says anything: well-formed answers, noise and silence.
#![no_main]

use hal::nfc::pn532::session::{Report, Session};
use libfuzzer_sys::fuzz_target;
use std::time::{Duration, Instant};

/// A response as the manual frames it (UM0701-02, §6.2.1.1): the sums are right, the rest is not.
fn frame(data: &[u8]) -> Vec<u8> {
    let data = &data[..data.len().min(250)];
    let len = u8::try_from(data.len() + 1).expect("at most 251");
    let mut bytes = vec![0x00, 0x00, 0xFF, len, len.wrapping_neg(), 0xD5];
    bytes.extend(data);
    let sum = data.iter().fold(0xD5_u8, |sum, byte| sum.wrapping_add(*byte));
    bytes.extend([sum.wrapping_neg(), 0x00]);
    bytes
}

const ACK: [u8; 6] = [0x00, 0x00, 0xFF, 0x00, 0xFF, 0x00];

fuzz_target!(|bytes: &[u8]| {
    let mut session = Session::new("F0010203040506".parse().expect("an AID"), 115_200);
    let mut now = Instant::now();
    session.start(now);
    let mut rest = bytes;
    while let [what, much, tail @ ..] = rest {
        let (piece, after) = tail.split_at(tail.len().min(usize::from(*much)));
        match what % 8 {
            0 => session.arm(now, much % 2 == 0),
            1 => session.receive(now, piece),
            2 => now += Duration::from_millis(u64::from(*much)),
            3 => now = session.deadline().map_or(now, |at| at.max(now)),
            4 => session.start(now),
            5 => session.receive(now, &ACK),
            _ => {
                session.receive(now, &ACK);
                session.receive(now, &frame(piece));
            }
        }
        rest = if matches!(what % 8, 1 | 6 | 7) { after } else { tail };
        session.elapse(now);
        let out = session.output().len();
        assert!(out <= 4096, "{out} bytes to send at once");
        session.sent(out);
        while let Some(report) = session.take_report() {
            if let Report::Token(token) = report {
                assert!(!token.is_empty() && token.len() <= 256);
                assert!(token.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
            }
        }
    }
});

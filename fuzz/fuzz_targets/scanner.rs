//! What comes over a scanner's line, in any pieces and at any pace.
#![no_main]

use hal::scanner::{Framer, READING_LEN_MAX, ScannerEvent, Terminator};
use libfuzzer_sys::fuzz_target;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

const TERMINATORS: [&str; 6] = ["any", "cr", "lf", "crlf", "tab", "quiet:20"];

fuzz_target!(|bytes: &[u8]| {
    let Some((first, mut rest)) = bytes.split_first() else { return };
    let terminator: Terminator =
        TERMINATORS[usize::from(*first) % TERMINATORS.len()].parse().expect("a terminator");
    let mut framer = Framer::new(terminator);
    let (mut now, mut events) = (Instant::now(), VecDeque::new());
    // A step is two bytes, what happens and how much of it, and then the bytes of a piece.
    while let [what, much, tail @ ..] = rest {
        rest = tail;
        match what % 8 {
            0 => framer.discard(),
            1 => framer.skip_rest(now),
            2 => framer.elapse(now, &mut events),
            _ => {
                let (piece, after) = rest.split_at(rest.len().min(usize::from(*much)));
                rest = after;
                framer.push(now, piece, &mut events);
                assert!(events.len() <= 2 * piece.len() + 2, "more events than bytes allow");
            }
        }
        now += Duration::from_millis(u64::from(*much) * 16);
        for event in events.drain(..) {
            if let ScannerEvent::Read(reading) = event {
                assert!(!reading.text.is_empty() && reading.text.len() <= READING_LEN_MAX);
                assert!(!reading.text.chars().any(char::is_control));
            }
        }
    }
});

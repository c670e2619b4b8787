//! What a printer answers: bytes in, facts out. Pure; any bytes are taken (I15).
//!
//! Three kinds of answer share the line and are told apart by their fixed bits:
//!
//! | answer | fixed bits | when |
//! |---|---|---|
//! | DLE EOT n | `0..1..10` | asked for, one byte a question, in the order of the questions |
//! | automatic status (ASB) | `0..1..00`, then three of `0..0....` | by itself, once GS a was sent |
//! | GS r 1 | `0..0..00` | asked for, once all that was sent before is printed |
//!
//! and `11`, `13` (hexadecimal), by which a slow printer on a serial line starts and stops who
//! sends. Everything else is noise.
//!
//! Source: Epson, "ESC/POS Command Reference": DLE EOT, GS a, GS r.

use crate::printer::PrinterFault;

/// The questions of DLE EOT that are asked, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    /// n = 1: is it online?
    Printer,
    /// n = 2: cover, paper end, an error?
    OfflineCause,
    /// n = 3: which error?
    ErrorCause,
    /// n = 4: paper near its end, or at it?
    Paper,
}

impl Question {
    pub(super) const FIRST: Question = Question::Printer;

    pub(super) fn next(self) -> Option<Question> {
        match self {
            Question::Printer => Some(Question::OfflineCause),
            Question::OfflineCause => Some(Question::ErrorCause),
            Question::ErrorCause => Some(Question::Paper),
            Question::Paper => None,
        }
    }

    /// DLE EOT n. (The `escpos` crate sends a zero after it, which belongs to n above 4 only.)
    pub(super) fn bytes(self) -> [u8; 3] {
        let n = match self {
            Question::Printer => 1,
            Question::OfflineCause => 2,
            Question::ErrorCause => 3,
            Question::Paper => 4,
        };
        [0x10, 0x04, n]
    }
}

/// An error that a person has to see to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    Cutter,
    Unrecoverable,
    Overheated,
    Other,
}

impl Trouble {
    fn words(self) -> &'static str {
        match self {
            Trouble::Cutter => {
                "the cutter is jammed: take the paper out, close the cover and switch it off and on"
            }
            Trouble::Unrecoverable => {
                "it reports an error that it cannot recover from: switch it off and on"
            }
            Trouble::Overheated => "it waits for its print head to cool down, or for more power",
            Trouble::Other => "it reports an error: look at its lights, and switch it off and on",
        }
    }
}

/// What is known of a printer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Status {
    offline: bool,
    cover_open: bool,
    paper_out: bool,
    paper_low: bool,
    trouble: Option<Trouble>,
    error: bool,
}

impl Status {
    /// Why it cannot print. An open cover comes first: the paper's sensor sees nothing then.
    pub(super) fn fault(&self) -> Option<PrinterFault> {
        if self.cover_open {
            Some(PrinterFault::CoverOpen)
        } else if self.paper_out {
            Some(PrinterFault::NoPaper)
        } else if let Some(trouble) = self.trouble {
            Some(PrinterFault::Failed(trouble.words().to_owned()))
        } else if self.error {
            Some(PrinterFault::Failed(Trouble::Other.words().to_owned()))
        } else if self.offline {
            Some(PrinterFault::Failed("it is offline: press its button that says so".to_owned()))
        } else {
            None
        }
    }

    /// Whether a new roll should be at hand.
    pub(super) fn paper_low(&self) -> bool {
        self.paper_low
    }

    /// Takes the answer to a question; false if the byte is none.
    pub(super) fn answer(&mut self, question: Question, byte: u8) -> bool {
        if byte & 0b1001_0011 != 0b0001_0010 {
            return false;
        }
        let bit = |n: u8| byte & (1 << n) != 0;
        match question {
            Question::Printer => self.offline = bit(3),
            Question::OfflineCause => {
                (self.cover_open, self.paper_out, self.error) = (bit(2), bit(5), bit(6));
            }
            Question::ErrorCause => self.trouble = trouble(bit(3), bit(5), bit(6), bit(2)),
            Question::Paper => {
                self.paper_low = bit(2) || bit(3);
                self.paper_out |= bit(5) || bit(6);
            }
        }
        true
    }

    fn asb(&mut self, [first, second, third, _]: [u8; 4]) {
        let bit = |byte: u8, n: u8| byte & (1 << n) != 0;
        self.offline = bit(first, 3);
        self.cover_open = bit(first, 5);
        let other = bit(second, 2);
        self.trouble = trouble(bit(second, 3), bit(second, 5), bit(second, 6), other);
        self.error = false;
        self.paper_low = bit(third, 0) || bit(third, 1);
        self.paper_out = bit(third, 2) || bit(third, 3);
    }

    fn done(&mut self, byte: u8) {
        self.paper_low = byte & 0b0000_1100 != 0;
        self.paper_out = byte & 0b0110_0000 != 0;
    }
}

fn trouble(cutter: bool, unrecoverable: bool, recovers: bool, other: bool) -> Option<Trouble> {
    if cutter {
        Some(Trouble::Cutter)
    } else if unrecoverable {
        Some(Trouble::Unrecoverable)
    } else if recovers {
        Some(Trouble::Overheated)
    } else if other {
        Some(Trouble::Other)
    } else {
        None
    }
}

/// What a byte came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// The question was answered.
    Answer,
    /// The printer told of itself.
    Told,
    /// All that was sent is printed, or could not be.
    Done,
    /// Stop sending.
    Hold,
    /// Go on sending.
    Resume,
    /// Nothing.
    Noise,
}

/// Puts bytes together.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    /// An automatic status that has begun.
    asb: Vec<u8>,
}

impl Decoder {
    /// Forgets what has begun.
    pub(super) fn reset(&mut self) {
        self.asb.clear();
    }

    /// Takes a byte: `question` is the one that is open, `awaits_done` whether GS r 1 is.
    pub(super) fn take(
        &mut self,
        byte: u8,
        status: &mut Status,
        question: Option<Question>,
        awaits_done: bool,
    ) -> Heard {
        match byte {
            0x11 => return Heard::Resume,
            0x13 => return Heard::Hold,
            _ => {}
        }
        if let Some(question) = question
            && status.answer(question, byte)
        {
            return Heard::Answer;
        }
        if byte & 0b1001_0011 == 0b0001_0000 {
            self.asb.clear();
            self.asb.push(byte);
            return Heard::Noise;
        }
        if !self.asb.is_empty() && byte & 0b1001_0000 == 0 {
            self.asb.push(byte);
            if let [first, second, third, fourth] = self.asb[..] {
                self.asb.clear();
                status.asb([first, second, third, fourth]);
                return Heard::Told;
            }
            return Heard::Noise;
        }
        self.asb.clear();
        if awaits_done && byte & 0b1001_0011 == 0 {
            status.done(byte);
            return Heard::Done;
        }
        Heard::Noise
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_answer_says_what_its_bits_mean() {
        let rows: [(Question, u8, Option<&str>); 9] = [
            (Question::Printer, 0x12, None),
            (Question::Printer, 0x1A, Some("offline")),
            (Question::OfflineCause, 0x16, Some("cover")),
            (Question::OfflineCause, 0x32, Some("no paper")),
            (Question::OfflineCause, 0x52, Some("an error")),
            (Question::ErrorCause, 0x1A, Some("cutter")),
            (Question::ErrorCause, 0x32, Some("cannot recover")),
            (Question::Paper, 0x1E, None),
            (Question::Paper, 0x7E, Some("no paper")),
        ];
        for (question, byte, words) in rows {
            let mut status = Status::default();
            let heard = Decoder::default().take(byte, &mut status, Some(question), false);
            assert_eq!(heard, Heard::Answer, "{question:?} {byte:02x}");
            let fault = status.fault().map(|fault| fault.to_string());
            match words {
                Some(words) => assert!(fault.as_deref().unwrap().contains(words), "{fault:?}"),
                None => assert_eq!(fault, None, "{question:?} {byte:02x}"),
            }
        }
    }

    #[test]
    fn paper_near_its_end_is_no_fault() {
        let mut status = Status::default();
        assert!(status.answer(Question::Paper, 0x1E));
        assert!(status.paper_low());
        assert_eq!(status.fault(), None);
    }

    #[test]
    fn a_status_that_comes_by_itself_is_read_between_answers() {
        let (mut decoder, mut status) = (Decoder::default(), Status::default());
        let mut take = |byte, question| decoder.take(byte, &mut status, question, true);
        assert_eq!(take(0x18, Some(Question::Printer)), Heard::Noise);
        assert_eq!(take(0x00, None), Heard::Noise);
        assert_eq!(take(0x12, Some(Question::Printer)), Heard::Answer);
        assert_eq!(take(0x0C, None), Heard::Noise);
        assert_eq!(take(0x13, None), Heard::Hold);
        assert_eq!(take(0x11, None), Heard::Resume);
        assert_eq!(take(0x00, None), Heard::Told);
        assert_eq!(status.fault(), Some(PrinterFault::NoPaper));
    }

    #[test]
    fn the_word_that_all_is_printed_counts_only_where_it_is_awaited() {
        let (mut decoder, mut status) = (Decoder::default(), Status::default());
        assert_eq!(decoder.take(0x00, &mut status, None, false), Heard::Noise);
        assert_eq!(decoder.take(0x00, &mut status, None, true), Heard::Done);
        assert_eq!(status.fault(), None);
        assert_eq!(decoder.take(0x6C, &mut status, None, true), Heard::Done);
        assert_eq!(status.fault(), Some(PrinterFault::NoPaper));
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken_and_kept_short(
            bytes in proptest::collection::vec(any::<u8>(), 0..400), done in any::<bool>(),
        ) {
            let (mut decoder, mut status) = (Decoder::default(), Status::default());
            for byte in bytes {
                let question = Some(Question::Paper).filter(|_| byte % 3 == 0);
                decoder.take(byte, &mut status, question, done);
                prop_assert!(decoder.asb.len() < 4);
            }
        }
    }
}

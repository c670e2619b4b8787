//! Reads a token from an application on a phone or card: which commands go there, and what its
//! answers mean. Pure; every conversation ends within [`STEPS_MAX`] commands and gathers at most
//! [`ANSWER_LEN_MAX`] bytes (I15). Nothing that was read is printed by `Debug` (I17).
//!
//! Source: ISO/IEC 7816-4:2005: command and response pairs §5.1, status bytes §5.1.3 (61xx: more
//! with GET RESPONSE; 6Cxx: the length that is right), BER-TLV §5.2.2, file control information
//! §5.3.3, SELECT §7.1.1, READ BINARY §7.2.3, GET RESPONSE §7.6.1.
//!
//! The documents of those who read such tokens do not define the application, so the token is where
//! one is commonly put. After SELECT by its identifier (AID) it is, whichever comes first,
//!
//! 1. the answer itself, if it is plain text;
//! 2. in an answer that is file control information (6F), the proprietary value 85, or the
//!    discretionary data 53 within the proprietary template A5; never a label or a name;
//! 3. the first bytes of the selected file, by READ BINARY, up to the NUL or FF bytes that fill it.
//!
//! Text is graphic ASCII and spaces, of 1 to [`TOKEN_LEN_MAX`] characters.

use std::fmt;
use std::str::FromStr;

use super::NfcFault;

/// The most characters of a token.
pub const TOKEN_LEN_MAX: usize = 256;

/// The most bytes of one answer, all its parts together.
pub const ANSWER_LEN_MAX: usize = 512;

/// The most commands for one token.
pub const STEPS_MAX: u8 = 12;

/// An application identifier: 5 to 16 bytes (ISO/IEC 7816-4:2005 §8.2.1.2), in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Aid(Vec<u8>);

/// A text that is no application identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("5 to 16 bytes in hexadecimal, such as F0010203040506")]
pub struct NotAnAid;

impl FromStr for Aid {
    type Err = NotAnAid;

    fn from_str(text: &str) -> Result<Aid, NotAnAid> {
        if !(10..=32).contains(&text.len()) || !text.len().is_multiple_of(2) || !text.is_ascii() {
            return Err(NotAnAid);
        }
        let digits: Option<Vec<u8>> = text
            .chars()
            .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect();
        let digits = digits.ok_or(NotAnAid)?;
        let bytes = digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, d| byte << 4 | d));
        Ok(Aid(bytes.collect()))
    }
}

impl fmt::Display for Aid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

/// What comes next.
#[derive(Clone, PartialEq, Eq)]
pub enum Step {
    /// Send this command, and say what it was answered.
    Send(Vec<u8>),
    /// Here is the token.
    Token(String),
    /// There is none to be had.
    Fault(NfcFault),
}

impl fmt::Debug for Step {
    /// Says how long the token is, never what it is (I17).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Send(command) => write!(f, "Send({command:02X?})"),
            Step::Token(token) => write!(f, "Token({} characters)", token.len()),
            Step::Fault(fault) => f.debug_tuple("Fault").field(fault).finish(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Select,
    Read,
}

/// A conversation with one application.
pub struct TokenRead {
    stage: Stage,
    command: Vec<u8>,
    gathered: Vec<u8>,
    /// The length of this command was put right once.
    corrected: bool,
    steps: u8,
}

impl TokenRead {
    /// Begins with the application `aid`, and says what to send.
    pub fn begin(aid: &Aid) -> (TokenRead, Vec<u8>) {
        let len = u8::try_from(aid.0.len()).unwrap_or(u8::MAX);
        // SELECT by name, the first one, with its file control information.
        let command = [&[0x00, 0xA4, 0x04, 0x00, len], &aid.0[..], &[0x00]].concat();
        let read = TokenRead {
            stage: Stage::Select,
            command: command.clone(),
            gathered: Vec::new(),
            corrected: false,
            steps: 1,
        };
        (read, command)
    }

    /// What the last command was answered, the status word at its end.
    pub fn answered(&mut self, answer: &[u8]) -> Step {
        let Some((data, [sw1, sw2])) = answer.split_last_chunk::<2>() else {
            return Step::Fault(NfcFault::Unreadable);
        };
        if self.gathered.len() + data.len() > ANSWER_LEN_MAX {
            return Step::Fault(NfcFault::Unreadable);
        }
        match (sw1, sw2, self.stage) {
            (0x61, len, _) => {
                self.gathered.extend(data);
                self.send(vec![0x00, 0xC0, 0x00, 0x00, *len])
            }
            (0x6C, len, _) if !self.corrected => {
                self.corrected = true;
                let mut command = self.command.clone();
                if let Some(le) = command.last_mut() {
                    *le = *len;
                }
                self.send(command)
            }
            // The file selected was deactivated (6283); no such application (6A82, 6A81), not to be
            // selected (6999, of Java cards), or a card without such commands (6D00, 6E00).
            (0x62, 0x83, Stage::Select)
            | (0x6A, 0x81 | 0x82, Stage::Select)
            | (0x69, 0x99, Stage::Select)
            | (0x6D | 0x6E, _, Stage::Select) => Step::Fault(NfcFault::NoApplication),
            // Done; 62xx and 63xx are warnings, as that a file ends before the length asked for.
            (0x90, 0x00, _) | (0x62 | 0x63, _, _) => {
                self.gathered.extend(data);
                let whole = std::mem::take(&mut self.gathered);
                self.whole(&whole)
            }
            _ => Step::Fault(NfcFault::Unreadable),
        }
    }

    fn send(&mut self, command: Vec<u8>) -> Step {
        if self.steps >= STEPS_MAX {
            return Step::Fault(NfcFault::Unreadable);
        }
        self.steps += 1;
        self.command.clone_from(&command);
        Step::Send(command)
    }

    /// A whole answer to SELECT or READ BINARY.
    fn whole(&mut self, data: &[u8]) -> Step {
        let token = match (self.stage, data) {
            (Stage::Select, []) => None,
            (Stage::Select, [0x6F, ..]) => proprietary(data).map(text),
            (Stage::Select, _) => Some(text(data)),
            (Stage::Read, _) => {
                let end = data.iter().rposition(|byte| !matches!(byte, 0x00 | 0xFF));
                Some(text(data.get(..end.map_or(0, |last| last + 1)).unwrap_or(data)))
            }
        };
        match token {
            Some(Some(token)) => Step::Token(token),
            Some(None) => Step::Fault(NfcFault::Unreadable),
            None => {
                self.stage = Stage::Read;
                self.corrected = false;
                // READ BINARY from the start of the selected file, as much as there is.
                self.send(vec![0x00, 0xB0, 0x00, 0x00, 0x00])
            }
        }
    }
}

/// A token, if these bytes can be one.
fn text(bytes: &[u8]) -> Option<String> {
    let fits = (1..=TOKEN_LEN_MAX).contains(&bytes.len());
    let is_text = bytes.iter().all(|byte| (b' '..=b'~').contains(byte));
    (fits && is_text).then(|| bytes.iter().copied().map(char::from).collect())
}

/// What the application's maker put into its file control information.
fn proprietary(information: &[u8]) -> Option<&[u8]> {
    let (_, information, _) = object(information)?;
    find(information, 0x85).or_else(|| find(find(information, 0xA5)?, 0x53))
}

/// The value of the first object with this tag.
fn find(mut objects: &[u8], wanted: u16) -> Option<&[u8]> {
    while let Some((tag, value, rest)) = object(objects) {
        if tag == wanted {
            return Some(value);
        }
        objects = rest;
    }
    None
}

/// The first object's tag and value, and what comes after it (BER-TLV).
fn object(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let (tag, rest) = match bytes {
        [first, second, rest @ ..] if first & 0x1F == 0x1F => {
            (u16::from_be_bytes([*first, *second]), rest)
        }
        [first, rest @ ..] => (u16::from(*first), rest),
        [] => return None,
    };
    let (len, rest) = match rest {
        [len @ 0x00..=0x7F, rest @ ..] => (usize::from(*len), rest),
        [0x81, len, rest @ ..] => (usize::from(*len), rest),
        [0x82, high, low, rest @ ..] => (usize::from(u16::from_be_bytes([*high, *low])), rest),
        _ => return None,
    };
    let (value, rest) = rest.split_at_checked(len)?;
    Some((tag, value, rest))
}

#[cfg(test)]
mod tests;

//! The frames of the PN532's serial line, to bytes and back. Pure.
//!
//! Source: PN532 user manual (NXP UM0701-02) §6.2.1: normal information frame §6.2.1.1, extended
//! §6.2.1.2, ACK §6.2.1.3, NACK §6.2.1.4, error §6.2.1.5, preamble and postamble §6.2.1.6.
//!
//! ```text
//! normal    00 00 FF LEN LCS            TFI data… DCS 00     LEN + LCS = 0 (low byte)
//! extended  00 00 FF FF FF LENM LENL LCS TFI data… DCS 00     LENM + LENL + LCS = 0
//! ACK       00 00 FF 00 FF 00           NACK  00 00 FF FF 00 00
//! error     00 00 FF 01 FF 7F 81 00     (a normal frame whose TFI is 7F and has no data)
//! ```
//!
//! The decoder looks for the start code `00 FF` amid anything: the preamble and postamble may be of
//! any length, and a line that was just plugged in carries noise. It holds at most
//! [`FRAME_LEN_MAX`] bytes whatever comes in, and looks at each of them a bounded number of times
//! (I15). What was read off a phone is never printed by `Debug` (I17).

use std::collections::VecDeque;
use std::fmt;

/// The most bytes of a packet, its TFI counted (§6.2.1.2).
pub const PACKET_LEN_MAX: usize = 265;

/// The most bytes from a start code to the data's checksum.
pub const FRAME_LEN_MAX: usize = START.len() + EXTENDED_HEAD_LEN + PACKET_LEN_MAX + 1;

/// What a host sends to say that it has received a response, and to abort a command (§6.2.1.3).
pub const ACK: [u8; 6] = [0x00, 0x00, 0xFF, 0x00, 0xFF, 0x00];

/// What a host sends to have the last response repeated (§6.2.1.4).
pub const NACK: [u8; 6] = [0x00, 0x00, 0xFF, 0xFF, 0x00, 0x00];

const START: [u8; 2] = [0x00, 0xFF];
const EXTENDED: [u8; 2] = [0xFF, 0xFF];
const NORMAL_HEAD_LEN: usize = 2;
const EXTENDED_HEAD_LEN: usize = 5;

/// From the host to the chip.
const TFI_COMMAND: u8 = 0xD4;
/// From the chip to the host.
const TFI_RESPONSE: u8 = 0xD5;
/// The whole packet of an error frame.
const TFI_ERROR: u8 = 0x7F;

/// The most bytes of a command and its parameters.
pub const COMMAND_LEN_MAX: usize = PACKET_LEN_MAX - 1;

/// A command too long for any frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a command of {len} bytes, of which a frame carries {COMMAND_LEN_MAX}")]
pub struct CommandTooLong {
    /// Its length.
    pub len: usize,
}

/// The frame that carries `command`, its code first, to the chip: a normal one where it fits.
pub fn command(command: &[u8]) -> Result<Vec<u8>, CommandTooLong> {
    let len = command.len();
    let too_long = CommandTooLong { len };
    if len > COMMAND_LEN_MAX {
        return Err(too_long);
    }
    let packet_len = u16::try_from(len + 1).map_err(|_| too_long)?;
    let mut frame = vec![0x00];
    frame.extend(START);
    match packet_len.to_be_bytes() {
        [0, len] => frame.extend([len, len.wrapping_neg()]),
        [high, low] => {
            frame.extend(EXTENDED);
            frame.extend([high, low, high.wrapping_add(low).wrapping_neg()]);
        }
    }
    frame.push(TFI_COMMAND);
    frame.extend(command);
    frame.push(sum(command).wrapping_add(TFI_COMMAND).wrapping_neg());
    frame.push(0x00);
    Ok(frame)
}

/// Something whole that came from the chip.
#[derive(Clone, PartialEq, Eq)]
pub enum Frame {
    /// The command was received.
    Ack,
    /// "Send that again". No chip does, by the manual; a host may be told so by noise.
    Nack,
    /// The chip did not understand the command (§6.2.1.5).
    Error,
    /// A response: its code first.
    Response(Vec<u8>),
    /// A frame whose data does not sum up.
    Damaged,
}

impl fmt::Debug for Frame {
    /// Says which response it is and how long, never what is in it (I17).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Frame::Ack => f.write_str("Ack"),
            Frame::Nack => f.write_str("Nack"),
            Frame::Error => f.write_str("Error"),
            Frame::Damaged => f.write_str("Damaged"),
            Frame::Response(packet) => {
                let code = packet.first().copied().unwrap_or_default();
                write!(f, "Response({code:02X}, {} bytes)", packet.len())
            }
        }
    }
}

/// What stands at the start of the bytes that are held.
enum Look {
    /// It may become a frame.
    More,
    /// So many bytes that begin no frame.
    Skip(usize),
    /// A frame, and how many of the bytes not to look at again.
    Found(Frame, usize),
}

/// Cuts the bytes of the line into frames.
#[derive(Default)]
pub struct Decoder {
    held: VecDeque<u8>,
    /// Bytes that were of no frame, nor of its surroundings.
    noise: bool,
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decoder({} bytes held)", self.held.len())
    }
}

impl Decoder {
    /// Takes one byte. To keep within bounds, [`Decoder::next_frame`] has to be asked after each.
    pub fn push(&mut self, byte: u8) {
        self.held.push_back(byte);
    }

    /// What the bytes so far make up. One byte may end two frames: a damaged one, and one that
    /// began within it.
    pub fn next_frame(&mut self) -> Option<Frame> {
        loop {
            match look(self.held.make_contiguous()) {
                Look::More => return None,
                Look::Skip(len) => {
                    self.noise |= self.held.drain(..len).any(|byte| byte != 0x00);
                }
                Look::Found(frame, len) => {
                    self.held.drain(..len);
                    return Some(frame);
                }
            }
        }
    }

    /// Whether it is in the middle of a frame: more than what any postamble may be.
    pub fn is_amid(&self) -> bool {
        self.held.len() >= START.len()
    }

    /// Whether noise came in since this was last asked: perhaps the ruins of a frame.
    pub fn take_noise(&mut self) -> bool {
        std::mem::take(&mut self.noise)
    }

    /// How many bytes it holds.
    pub fn held_len(&self) -> usize {
        self.held.len()
    }

    /// Forgets what it holds, for a line that begins anew.
    pub fn reset(&mut self) {
        self.held.clear();
        self.noise = false;
    }
}

fn look(bytes: &[u8]) -> Look {
    match bytes {
        [] | [0x00] => return Look::More,
        [0x00, 0xFF, ..] => {}
        // Of a run of zeros the last may begin the start code.
        [_, ..] => return Look::Skip(1),
    }
    let Some(rest) = bytes.get(START.len()..) else { return Look::More };
    match rest {
        [] | [_] => Look::More,
        [0x00, 0xFF, ..] => Look::Found(Frame::Ack, START.len() + NORMAL_HEAD_LEN),
        [0xFF, 0x00, ..] => Look::Found(Frame::Nack, START.len() + NORMAL_HEAD_LEN),
        [0xFF, 0xFF] | [0xFF, 0xFF, _] | [0xFF, 0xFF, _, _] => Look::More,
        [0xFF, 0xFF, high, low, check, body @ ..] => {
            let len = usize::from(u16::from_be_bytes([*high, *low]));
            match sum(&[*high, *low, *check]) {
                0 => packet(len, body, START.len() + EXTENDED_HEAD_LEN),
                _ => Look::Skip(1),
            }
        }
        [len, check, body @ ..] => match sum(&[*len, *check]) {
            0 => packet(usize::from(*len), body, START.len() + NORMAL_HEAD_LEN),
            _ => Look::Skip(1),
        },
    }
}

/// The packet of `len` bytes at the start of `body`, which has `before` bytes before it.
fn packet(len: usize, body: &[u8], before: usize) -> Look {
    if len == 0 || len > PACKET_LEN_MAX {
        return Look::Skip(1);
    }
    let Some(summed) = body.get(..=len) else { return Look::More };
    if sum(summed) != 0 {
        // If a byte of it was lost, the next frame begins within it: all but its start code is
        // looked at again.
        return Look::Found(Frame::Damaged, START.len());
    }
    match (summed.get(..len).unwrap_or(&[]), before + len + 1) {
        ([TFI_RESPONSE, packet @ ..], end) if !packet.is_empty() => {
            Look::Found(Frame::Response(packet.to_vec()), end)
        }
        ([TFI_ERROR], end) => Look::Found(Frame::Error, end),
        // An echo of our own command, or a frame of nothing the manual knows.
        (_, end) => Look::Skip(end),
    }
}

fn sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}

#[cfg(test)]
mod tests;

//! The commands that are used of the PN532, each with the answer it gets.
//!
//! Source: PN532 user manual (NXP UM0701-02): error codes and the status byte §7.1,
//! GetFirmwareVersion §7.2.2, SAMConfiguration §7.2.10, RFConfiguration §7.3.1,
//! InListPassiveTarget §7.3.5, InDataExchange §7.3.8, InRelease §7.3.11.

use std::fmt;
use std::time::Duration;

use crate::nfc::NfcFault;

/// How long the chip may take for what it does by itself.
const ANSWER_WITHIN: Duration = Duration::from_millis(500);

/// How long a look for a target may take that ends by itself, its activation included.
const LOOK_WITHIN: Duration = Duration::from_secs(2);

/// How long a phone may take for an answer; it may ask for more time, but a person holds it.
const EXCHANGE_WITHIN: Duration = Duration::from_secs(3);

/// The number that the chip gives to the only target it is asked for.
const TARGET: u8 = 0x01;

/// The SAK's bit 6 (ISO/IEC 14443-3): the target speaks ISO/IEC 14443-4.
const SAK_ISO_DEP: u8 = 0x20;

/// A status byte's error code (§7.1) and its bit "more information".
const STATUS_ERROR: u8 = 0x3F;
const STATUS_MORE: u8 = 0x40;

/// How often a look for a target is repeated before it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looks {
    /// A few times: is anything there now?
    Few,
    /// Until something comes.
    Endless,
}

/// A command.
#[derive(Clone, PartialEq, Eq)]
pub enum Command {
    /// No security module; leaves the low-power mode the chip starts in.
    UseNoSam,
    /// Which chip, and which firmware.
    FirmwareVersion,
    /// No field: nothing is powered, and what was activated begins anew.
    FieldOff,
    /// How often to look for a target.
    SetLooks(Looks),
    /// Looks for one target of type A at 106 kbit/s; turns the field on.
    ListTarget(Looks),
    /// An APDU to the target; empty, it fetches the rest of the last answer.
    Exchange(Vec<u8>),
    /// Lets go of the target.
    Release,
}

impl fmt::Debug for Command {
    /// An APDU is named, not printed (I17).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Command::UseNoSam => f.write_str("SAMConfiguration"),
            Command::FirmwareVersion => f.write_str("GetFirmwareVersion"),
            Command::FieldOff => f.write_str("RFConfiguration(field off)"),
            Command::SetLooks(looks) => write!(f, "RFConfiguration({looks:?} looks)"),
            Command::ListTarget(looks) => write!(f, "InListPassiveTarget({looks:?} looks)"),
            Command::Exchange(apdu) => write!(f, "InDataExchange({} bytes)", apdu.len()),
            Command::Release => f.write_str("InRelease"),
        }
    }
}

/// What a command was answered.
#[derive(Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is done.
    Done,
    /// The chip's firmware.
    Firmware(Firmware),
    /// No target is there.
    NoTarget,
    /// A target was activated.
    Target {
        /// Whether it takes APDUs.
        iso_dep: bool,
    },
    /// A part of the target's answer.
    Data {
        /// Its bytes.
        bytes: Vec<u8>,
        /// More of it can be fetched.
        more: bool,
    },
    /// The target was lost, or said what the chip could not make sense of.
    Status(Status),
    /// Nothing of what the manual has.
    Garbled,
}

impl fmt::Debug for Answer {
    /// Says how much the target answered, never what (I17).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Answer::Done => f.write_str("Done"),
            Answer::Firmware(firmware) => write!(f, "Firmware({firmware})"),
            Answer::NoTarget => f.write_str("NoTarget"),
            Answer::Target { iso_dep } => write!(f, "Target(iso_dep: {iso_dep})"),
            Answer::Data { bytes, more } => write!(f, "Data({} bytes, {more})", bytes.len()),
            Answer::Status(Status(code)) => write!(f, "Status({code:02X})"),
            Answer::Garbled => f.write_str("Garbled"),
        }
    }
}

/// The chip's firmware.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Firmware {
    /// The chip: 32 (hex) is the PN532.
    pub ic: u8,
    /// Version.
    pub version: u8,
    /// Revision.
    pub revision: u8,
}

impl Firmware {
    fn parse(bytes: &[u8]) -> Option<Firmware> {
        match bytes {
            [ic, version, revision, _support] => {
                Some(Firmware { ic: *ic, version: *version, revision: *revision })
            }
            _ => None,
        }
    }

    /// Whether this is a PN532.
    pub fn is_pn532(self) -> bool {
        self.ic == 0x32
    }
}

impl fmt::Display for Firmware {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_pn532() {
            true => write!(f, "PN532, firmware {}.{}", self.version, self.revision),
            false => write!(f, "chip {:02X}, firmware {}.{}", self.ic, self.version, self.revision),
        }
    }
}

/// An error code of §7.1; never 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status(pub u8);

impl Status {
    /// What became of the tap.
    pub fn fault(self) -> NfcFault {
        match self.0 {
            // Time out, CRC, parity, bit counts, framing, collisions, no field in time, RF
            // protocol, an answer that does not fit, UID check byte, not acceptable in this
            // context, released, another card, card gone: what a phone that moves away looks like.
            0x01..=0x06 | 0x0A | 0x0B | 0x13 | 0x23 | 0x27 | 0x29..=0x2B => NfcFault::Interrupted,
            // Buffers too small for what the phone sends.
            0x07 | 0x09 | 0x0E => NfcFault::Unreadable,
            // Overheated, invalid parameter, unknown command, authentication, invalid state, not
            // allowed, NFCID3, over-current, NAD: not of a phone's making.
            _ => NfcFault::Protocol,
        }
    }
}

impl Command {
    /// Its code and parameters.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Command::UseNoSam => vec![0x14, 0x01],
            Command::FirmwareVersion => vec![0x02],
            Command::FieldOff => vec![0x32, 0x01, 0x00],
            // Retries of ATR_REQ and PSL_REQ as after power-up, then of the activation.
            Command::SetLooks(Looks::Few) => vec![0x32, 0x05, 0xFF, 0x01, 0x02],
            Command::SetLooks(Looks::Endless) => vec![0x32, 0x05, 0xFF, 0x01, 0xFF],
            Command::ListTarget(_) => vec![0x4A, 0x01, 0x00],
            Command::Exchange(apdu) => [&[0x40, TARGET], &apdu[..]].concat(),
            Command::Release => vec![0x52, 0x00],
        }
    }

    /// How long its answer may take; none if it is awaited for ever.
    pub fn answer_within(&self) -> Option<Duration> {
        match self {
            Command::ListTarget(Looks::Endless) => None,
            Command::ListTarget(Looks::Few) => Some(LOOK_WITHIN),
            Command::Exchange(_) => Some(EXCHANGE_WITHIN),
            Command::UseNoSam
            | Command::FirmwareVersion
            | Command::FieldOff
            | Command::SetLooks(_)
            | Command::Release => Some(ANSWER_WITHIN),
        }
    }

    /// What `bytes`, the response behind its code, says to this command.
    pub fn answer(&self, bytes: &[u8]) -> Answer {
        match self {
            Command::UseNoSam | Command::FieldOff | Command::SetLooks(_) => match bytes {
                [] => Answer::Done,
                _ => Answer::Garbled,
            },
            Command::FirmwareVersion => {
                Firmware::parse(bytes).map_or(Answer::Garbled, Answer::Firmware)
            }
            Command::ListTarget(_) => match bytes {
                [0x00] => Answer::NoTarget,
                // Its number, SENS_RES, SEL_RES (the SAK), the UID's length and more. The UID is
                // another for each tap of a phone, so nobody looks at it.
                [0x01, TARGET, _, _, sak, ..] => Answer::Target { iso_dep: sak & SAK_ISO_DEP != 0 },
                _ => Answer::Garbled,
            },
            Command::Exchange(_) => match bytes {
                [status, rest @ ..] if status & STATUS_ERROR == 0 => {
                    Answer::Data { bytes: rest.to_vec(), more: status & STATUS_MORE != 0 }
                }
                [status, ..] => Answer::Status(Status(status & STATUS_ERROR)),
                [] => Answer::Garbled,
            },
            Command::Release => match bytes {
                [status, ..] if status & STATUS_ERROR == 0 => Answer::Done,
                [status, ..] => Answer::Status(Status(status & STATUS_ERROR)),
                [] => Answer::Garbled,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_phone_says_is_never_printed() {
        let exchange = Command::Exchange(b"284214903060794755".to_vec());
        let answer = exchange.answer(b"\x40284214903060794755");
        assert_eq!(format!("{exchange:?}"), "InDataExchange(18 bytes)");
        assert_eq!(format!("{answer:?}"), "Data(18 bytes, true)");
    }

    #[test]
    fn only_a_target_of_14443_4_takes_apdus() {
        let list = Command::ListTarget(Looks::Endless);
        for (sak, iso_dep) in [(0x20, true), (0x28, true), (0x60, true), (0x08, false), (0, false)]
        {
            let listed = [0x01, 0x01, 0x00, 0x04, sak, 0x04, 1, 2, 3, 4];
            assert_eq!(list.answer(&listed), Answer::Target { iso_dep }, "{sak:02X}");
        }
        assert_eq!(list.answer(&[0x00]), Answer::NoTarget);
        for nonsense in [&[][..], &[0x01], &[0x01, 0x01, 0x00, 0x04], &[0x02, 0x01, 0, 4, 0x20]] {
            assert_eq!(list.answer(nonsense), Answer::Garbled, "{nonsense:02X?}");
        }
    }
}

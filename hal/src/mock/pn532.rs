//! A PN532 without its silicon: bytes of the host in, bytes of the chip out. It is told which phone
//! or card lies on it, and what is to go wrong.
//!
//! Written from the PN532 user manual (NXP UM0701-02) and ISO/IEC 7816-4, and shares no code with
//! the driver that it tests. Pure: its answers say how long after the command they come; whoever
//! has the line lets that time pass. It remembers what it was made to do, for a test to look at.
//!
//! Where the manual leaves a choice it takes the one that is harder on a driver: out of power-up
//! it sleeps, hears nothing before `55 55`, and refuses every command until SAMConfiguration; and a
//! target that was activated once is found again only after the field was off.

mod target;

pub use target::{Application, Target};

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

/// Codes that are remembered at most.
const HISTORY_LEN_MAX: usize = 10_000;

/// Bytes that the chip sends, so long after what made it do so.
#[derive(Clone, PartialEq, Eq)]
pub struct Burst {
    /// How long after.
    pub after: Duration,
    /// What.
    pub bytes: Vec<u8>,
}

/// What is to go wrong with one command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mishap {
    /// It is not heard.
    Deaf,
    /// It is done, but its ACK is lost.
    NoAck,
    /// It is answered with a NACK, which no chip sends.
    Nack,
    /// It is acknowledged and never answered.
    Silent,
    /// The error frame is its answer (§6.2.1.5).
    ErrorFrame,
    /// Its answer comes so late.
    Late(Duration),
    /// Its answer comes byte by byte, so far apart.
    Pieces(Duration),
    /// This stands before its ACK and its answer.
    Noise(Vec<u8>),
    /// Its answer breaks off in the middle; if asked for again, it is whole.
    Half,
    /// The checksum of its answer's data is wrong so often.
    WrongSum(u8),
    /// The checksum of its answer's length is wrong; if asked for again, it is right.
    WrongLengthSum,
    /// The status byte of its answer is this one (§7.1).
    Status(u8),
    /// This is its answer, whatever that means.
    Says(Vec<u8>),
    /// The target is taken away before it.
    TakenAway,
}

impl fmt::Debug for Burst {
    /// Says how much is sent, never what: it may be a token (I17).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Burst({} bytes after {:?})", self.bytes.len(), self.after)
    }
}

/// The chip.
pub struct Pn532Chip {
    heard: Vec<u8>,
    awake: bool,
    configured: bool,
    field: bool,
    endless: bool,
    waiting: bool,
    target: Option<Target>,
    /// The target was activated since the field was last turned on.
    activated: bool,
    /// The rest of a long answer of the target.
    rest: Vec<u8>,
    mishaps: Vec<(u8, Mishap)>,
    last_response: Vec<u8>,
    damage_left: u8,
    history: VecDeque<u8>,
    firmware: [u8; 4],
    part_len: usize,
}

impl fmt::Debug for Pn532Chip {
    /// Nothing of what it was told or answered (I17).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pn532Chip")
            .field("field", &self.field)
            .field("waiting", &self.waiting)
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}

impl Default for Pn532Chip {
    fn default() -> Self {
        Self::new()
    }
}

impl Pn532Chip {
    /// A chip out of power-up, with firmware 1.6, and nothing on it.
    pub fn new() -> Self {
        Self {
            heard: Vec::new(),
            awake: false,
            configured: false,
            field: false,
            endless: true,
            waiting: false,
            target: None,
            activated: false,
            rest: Vec::new(),
            mishaps: Vec::new(),
            last_response: Vec::new(),
            damage_left: 0,
            history: VecDeque::new(),
            firmware: [0x32, 0x01, 0x06, 0x07],
            part_len: 262,
        }
    }

    /// Another firmware, or another chip.
    pub fn set_firmware(&mut self, firmware: [u8; 4]) {
        self.firmware = firmware;
    }

    /// Answers of a target come in parts of so many bytes, with "more information" (§7.3.8).
    pub fn set_part_len(&mut self, part_len: usize) {
        self.part_len = part_len.max(1);
    }

    /// The next command with this code goes wrong. Several are met one after another.
    pub fn goes_wrong(&mut self, code: u8, mishap: Mishap) {
        self.mishaps.push((code, mishap));
    }

    /// The power goes and comes back.
    pub fn power_cycle(&mut self) {
        let mut fresh = Self::new();
        fresh.target = self.target.take();
        fresh.mishaps = std::mem::take(&mut self.mishaps);
        fresh.history = std::mem::take(&mut self.history);
        fresh.firmware = self.firmware;
        fresh.part_len = self.part_len;
        *self = fresh;
    }

    /// Something is laid on it. If it waits for that, it answers.
    pub fn lay(&mut self, target: Target) -> Vec<Burst> {
        self.target = Some(target);
        self.activated = false;
        if !self.waiting {
            return Vec::new();
        }
        self.waiting = false;
        let found = self.list();
        self.respond(0x4A, found, None)
    }

    /// What lies on it is taken away.
    pub fn lift(&mut self) {
        self.target = None;
        self.activated = false;
        self.rest.clear();
    }

    /// Whether its field is on.
    pub fn field_is_on(&self) -> bool {
        self.field
    }

    /// Whether it looks for a target without an end.
    pub fn is_waiting(&self) -> bool {
        self.waiting
    }

    /// The codes of all commands that it was given.
    pub fn history(&self) -> impl Iterator<Item = u8> + '_ {
        self.history.iter().copied()
    }

    /// Bytes of the host.
    pub fn hear(&mut self, bytes: &[u8]) -> Vec<Burst> {
        if !self.awake {
            match bytes.windows(2).position(|pair| pair == [0x55, 0x55]) {
                Some(_) => self.awake = true,
                None => return Vec::new(),
            }
        }
        self.heard.extend(bytes);
        let mut bursts = Vec::new();
        while let Some(at) = self.heard.windows(2).position(|pair| pair == [0x00, 0xFF]) {
            self.heard.drain(..at);
            match self.frame() {
                Some(said) => bursts.extend(said),
                None => return bursts,
            }
        }
        // Of what is no frame only a last zero may begin one.
        let keep = usize::from(self.heard.last() == Some(&0x00));
        self.heard.drain(..self.heard.len() - keep);
        bursts
    }

    /// The frame that begins with the bytes heard, if all of it is there.
    fn frame(&mut self) -> Option<Vec<Burst>> {
        let (len, check) = (usize::from(*self.heard.get(2)?), *self.heard.get(3)?);
        if [0x00, 0xFF] == [self.heard[2], check] {
            self.heard.drain(..4);
            // The host has received the response, or wants no more of the command (§6.2.1.3).
            self.waiting = false;
            return Some(Vec::new());
        }
        if [0xFF, 0x00] == [self.heard[2], check] {
            self.heard.drain(..4);
            return Some(self.repeat());
        }
        let (len, head) = if [0xFF, 0xFF] == [self.heard[2], check] {
            let (high, low) = (*self.heard.get(4)?, *self.heard.get(5)?);
            let check = *self.heard.get(6)?;
            if high.wrapping_add(low).wrapping_add(check) != 0 {
                self.heard.drain(..1);
                return Some(Vec::new());
            }
            (usize::from(high) * 256 + usize::from(low), 7)
        } else if self.heard[2].wrapping_add(check) == 0 {
            (len, 4)
        } else {
            self.heard.drain(..1);
            return Some(Vec::new());
        };
        let end = head + len + 1;
        if self.heard.len() < end {
            return None;
        }
        let packet: Vec<u8> = self.heard.drain(..end).skip(head).collect();
        let sum = packet.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        match packet.get(..len) {
            Some([0xD4, command @ ..]) if sum == 0 && !command.is_empty() => {
                Some(self.command(command))
            }
            _ => Some(Vec::new()),
        }
    }

    fn command(&mut self, command: &[u8]) -> Vec<Burst> {
        let code = command[0];
        if self.history.len() == HISTORY_LEN_MAX {
            self.history.pop_front();
        }
        self.history.push_back(code);
        // A new command ends the one before.
        self.waiting = false;
        let planned = self.mishaps.iter().position(|(at, _)| *at == code);
        let mishap = planned.map(|at| self.mishaps.remove(at).1);
        if mishap == Some(Mishap::Deaf) {
            return Vec::new();
        }
        if mishap == Some(Mishap::Nack) {
            return vec![at_once(&[0x00, 0x00, 0xFF, 0xFF, 0x00, 0x00])];
        }
        if mishap == Some(Mishap::TakenAway) {
            self.lift();
        }
        let mut bursts = Vec::new();
        if let Some(Mishap::Noise(noise)) = &mishap {
            bursts.push(at_once(noise));
        }
        if mishap != Some(Mishap::NoAck) {
            bursts.push(at_once(&[0x00, 0x00, 0xFF, 0x00, 0xFF, 0x00]));
        }
        if mishap == Some(Mishap::Silent) {
            return bursts;
        }
        if mishap == Some(Mishap::ErrorFrame) {
            bursts.push(error_frame());
            return bursts;
        }
        let known = self.configured || code == 0x14;
        match known.then(|| self.perform(code, &command[1..])).flatten() {
            None if self.waiting => {}
            None => bursts.push(error_frame()),
            Some(answer) => bursts.extend(self.respond(code, answer, mishap)),
        }
        bursts
    }

    /// What the command does, and what stands behind its response's code. None if it is refused,
    /// or has no answer yet.
    fn perform(&mut self, code: u8, with: &[u8]) -> Option<Vec<u8>> {
        match (code, with) {
            (0x14, [0x01, ..]) => {
                self.configured = true;
                Some(Vec::new())
            }
            (0x02, []) => Some(self.firmware.to_vec()),
            (0x32, [0x01, field]) => {
                self.field = field & 0x01 != 0;
                self.activated &= self.field;
                Some(Vec::new())
            }
            (0x32, [0x05, _, _, activation]) => {
                self.endless = *activation == 0xFF;
                Some(Vec::new())
            }
            (0x4A, [0x01, 0x00]) => {
                self.field = true;
                let found = self.list();
                if found == [0x00] && self.endless {
                    self.waiting = true;
                    return None;
                }
                Some(found)
            }
            (0x40, [0x01, apdu @ ..]) => Some(self.exchange(apdu)),
            (0x52, [0x00 | 0x01]) => Some(vec![0x00]),
            _ => None,
        }
    }

    /// One target of type A, if one is there that was not activated before.
    fn list(&mut self) -> Vec<u8> {
        match &self.target {
            Some(target) if !self.activated => {
                self.activated = true;
                [&[0x01, 0x01], &target.listed()[..]].concat()
            }
            _ => vec![0x00],
        }
    }

    /// A part of what the target answers (§7.3.8).
    fn exchange(&mut self, apdu: &[u8]) -> Vec<u8> {
        let Some(target) = self.target.as_mut().filter(|_| self.activated && self.field) else {
            // Time out: nothing is there.
            return vec![0x01];
        };
        if !apdu.is_empty() {
            match target.answer(apdu) {
                Some(answer) => self.rest = answer,
                None => return vec![0x01],
            }
        }
        let part: Vec<u8> = self.rest.drain(..self.rest.len().min(self.part_len)).collect();
        let more = if self.rest.is_empty() { 0x00 } else { 0x40 };
        [&[more], &part[..]].concat()
    }

    /// The response, as it goes out.
    fn respond(&mut self, code: u8, answer: Vec<u8>, mishap: Option<Mishap>) -> Vec<Burst> {
        let mut bytes = response(code.wrapping_add(1), &answer);
        self.last_response.clone_from(&bytes);
        match mishap {
            None => {}
            Some(Mishap::Status(status)) => return self.respond(code, vec![status], None),
            Some(Mishap::Says(said)) => return self.respond(code, said, None),
            Some(Mishap::Late(after)) => return vec![Burst { after, bytes }],
            Some(Mishap::Pieces(apart)) => {
                let pieces = bytes.iter().zip(1_u32..);
                return pieces
                    .map(|(it, n)| Burst { after: apart * n, bytes: vec![*it] })
                    .collect();
            }
            Some(Mishap::Noise(noise)) => bytes = [noise, bytes].concat(),
            Some(Mishap::Half) => bytes.truncate(bytes.len() / 2 + 1),
            Some(Mishap::WrongLengthSum) => bytes[4] ^= 0x10,
            Some(Mishap::WrongSum(times)) => {
                self.damage_left = times.saturating_sub(1);
                let sum = bytes.len() - 2;
                bytes[sum] ^= 0x10;
            }
            // These went wrong before there was a response.
            Some(
                Mishap::Deaf
                | Mishap::NoAck
                | Mishap::Nack
                | Mishap::Silent
                | Mishap::ErrorFrame
                | Mishap::TakenAway,
            ) => {}
        }
        vec![at_once(&bytes)]
    }

    /// The last response once more (§6.2.1.4).
    fn repeat(&mut self) -> Vec<Burst> {
        let mut bytes = self.last_response.clone();
        if self.damage_left > 0 && !bytes.is_empty() {
            self.damage_left -= 1;
            let sum = bytes.len() - 2;
            bytes[sum] ^= 0x10;
        }
        vec![at_once(&bytes)]
    }
}

fn at_once(bytes: &[u8]) -> Burst {
    Burst { after: Duration::ZERO, bytes: bytes.to_vec() }
}

fn error_frame() -> Burst {
    at_once(&[0x00, 0x00, 0xFF, 0x01, 0xFF, 0x7F, 0x81, 0x00])
}

/// A frame of the chip: normal up to 255 bytes, extended above (§6.2.1.2).
fn response(code: u8, answer: &[u8]) -> Vec<u8> {
    let packet = [&[0xD5, code], answer].concat();
    let sum: u32 = packet.iter().map(|byte| u32::from(*byte)).sum();
    let [high, low] = u16::try_from(packet.len()).unwrap_or(u16::MAX).to_be_bytes();
    let mut frame = vec![0x00, 0x00, 0xFF];
    if high == 0 {
        frame.extend([low, 0_u8.wrapping_sub(low)]);
    } else {
        frame.extend([0xFF, 0xFF, high, low, 0_u8.wrapping_sub(high.wrapping_add(low))]);
    }
    frame.extend(packet);
    frame.extend([0_u8.wrapping_sub(sum.to_le_bytes()[0]), 0x00]);
    frame
}

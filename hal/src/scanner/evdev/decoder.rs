//! The strokes of a keyboard-wedge scanner as characters. Pure.
//!
//! Constant memory, constant time for each stroke (I15). What scanners do differently from people:
//!
//! - They may press a key again without letting go of it, for a doubled character: each press is a
//!   character, whatever was released. Repeats of a held key never reach this room.
//! - They press Shift for each character of their own, whatever CapsLock says. It is not looked at.
//! - In "Alt mode", for any keyboard layout, they hold Alt and type the character's number on the
//!   keypad. Characters up to 126 are taken; those beyond depend on a code page nobody tells.
//! - With Ctrl they write control characters (`Ctrl+M` is CR); CR and LF both end a line here.
//!
//! A key that writes nothing, or a number of no character, is a NUL: the framer drops it around a
//! code and takes no code with one inside.

use evdev::KeyCode;

use super::layout::{ENTER, character};
use crate::input::{Stroke, keypad_digit};

/// What writes nothing.
const NOTHING: u8 = 0;

/// Keys held on the left and on the right.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Sides {
    left: bool,
    right: bool,
}

impl Sides {
    fn any(self) -> bool {
        self.left || self.right
    }
}

/// What was typed while Alt is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Typed {
    /// Nothing.
    Nothing,
    /// The number of a character; too large ones stay so.
    Number(u16),
    /// Something that is no number.
    Else,
}

/// Which keys are held, and the number of a character that is being typed.
#[derive(Debug)]
pub(crate) struct Decoder {
    shift: Sides,
    ctrl: Sides,
    alt: Sides,
    typed: Typed,
}

impl Default for Decoder {
    fn default() -> Self {
        let none = Sides::default();
        Self { shift: none, ctrl: none, alt: none, typed: Typed::Nothing }
    }
}

impl Decoder {
    /// The character that `stroke` writes, if it does.
    pub(crate) fn push(&mut self, stroke: Stroke) -> Option<u8> {
        let (key, down) = match stroke {
            Stroke::Down(key) => (key, true),
            Stroke::Up(key) => (key, false),
        };
        if let Some(held) = self.modifier(key) {
            *held = down;
            // Pressed anew, it ends the number before as well: its release was left out.
            return if down || !self.alt.any() { self.end_number(key) } else { None };
        }
        if down { self.press(key) } else { None }
    }

    /// Begins anew, with these keys held.
    pub(crate) fn resume(&mut self, held: impl IntoIterator<Item = KeyCode>) {
        *self = Self::default();
        for key in held {
            if let Some(held) = self.modifier(key) {
                *held = true;
            }
        }
        // How much of a number was typed already nobody knows.
        if self.alt.any() {
            self.typed = Typed::Else;
        }
    }

    /// Whether a character is begun: a key that changes others is held.
    pub(crate) fn is_midway(&self) -> bool {
        self.shift.any() || self.ctrl.any() || self.alt.any()
    }

    /// Where it is kept whether `key` is held, if that changes other keys.
    fn modifier(&mut self, key: KeyCode) -> Option<&mut bool> {
        match key {
            KeyCode::KEY_LEFTSHIFT => Some(&mut self.shift.left),
            KeyCode::KEY_RIGHTSHIFT => Some(&mut self.shift.right),
            KeyCode::KEY_LEFTCTRL => Some(&mut self.ctrl.left),
            KeyCode::KEY_RIGHTCTRL => Some(&mut self.ctrl.right),
            KeyCode::KEY_LEFTALT => Some(&mut self.alt.left),
            KeyCode::KEY_RIGHTALT => Some(&mut self.alt.right),
            _ => None,
        }
    }

    /// Alt moved: the character whose number was typed while it was held.
    fn end_number(&mut self, key: KeyCode) -> Option<u8> {
        if key != KeyCode::KEY_LEFTALT && key != KeyCode::KEY_RIGHTALT {
            return None;
        }
        match std::mem::replace(&mut self.typed, Typed::Nothing) {
            Typed::Nothing => None,
            Typed::Number(number) => match u8::try_from(number) {
                Ok(byte @ 1..=126) => Some(one_line_end(byte)),
                Ok(_) | Err(_) => Some(NOTHING),
            },
            Typed::Else => Some(NOTHING),
        }
    }

    /// A key that is no modifier went down.
    fn press(&mut self, key: KeyCode) -> Option<u8> {
        if LOCKS.contains(&key) {
            return None;
        }
        if self.alt.any() {
            self.typed = match (self.typed, keypad_digit(key)) {
                (Typed::Nothing, Some(digit)) => Typed::Number(u16::from(digit)),
                (Typed::Number(number), Some(digit)) => {
                    Typed::Number(number.saturating_mul(10).saturating_add(u16::from(digit)))
                }
                (Typed::Else, Some(_)) | (_, None) => Typed::Else,
            };
            return None;
        }
        if self.ctrl.any() {
            return Some(match character(key, false) {
                Some(byte @ (b'a'..=b'z' | b'['..=b']')) => one_line_end(byte & 0x1f),
                Some(ENTER) => ENTER,
                Some(_) | None => NOTHING,
            });
        }
        Some(character(key, self.shift.any()).unwrap_or(NOTHING))
    }
}

/// Keys that write nothing and change nothing here: scanners touch them between characters.
const LOCKS: [KeyCode; 3] = [KeyCode::KEY_CAPSLOCK, KeyCode::KEY_NUMLOCK, KeyCode::KEY_SCROLLLOCK];

/// LF as CR: which of the two a keyboard means, nobody can tell.
fn one_line_end(byte: u8) -> u8 {
    if byte == b'\n' { ENTER } else { byte }
}

#[cfg(test)]
mod tests;

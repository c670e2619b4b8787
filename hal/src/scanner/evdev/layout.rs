//! The keyboard layout that scanners type by: US English, the one they all come with. Pure.
//!
//! Source: USB HID Usage Tables 1.4, chapter 10 (Keyboard/Keypad Page), by the kernel's names
//! (drivers/hid/hid-input.c, `hid_keyboard`).

use evdev::KeyCode;

use crate::input::digit;

/// Enter, on either side, and Line Feed: a keyboard has one end of a line.
pub(super) const ENTER: u8 = b'\r';

/// Keys that write, without Shift and with it. Digits are in [`SHIFTED_DIGITS`], Enter below.
const KEYS: [(KeyCode, u8, u8); 56] = [
    (KeyCode::KEY_A, b'a', b'A'),
    (KeyCode::KEY_B, b'b', b'B'),
    (KeyCode::KEY_C, b'c', b'C'),
    (KeyCode::KEY_D, b'd', b'D'),
    (KeyCode::KEY_E, b'e', b'E'),
    (KeyCode::KEY_F, b'f', b'F'),
    (KeyCode::KEY_G, b'g', b'G'),
    (KeyCode::KEY_H, b'h', b'H'),
    (KeyCode::KEY_I, b'i', b'I'),
    (KeyCode::KEY_J, b'j', b'J'),
    (KeyCode::KEY_K, b'k', b'K'),
    (KeyCode::KEY_L, b'l', b'L'),
    (KeyCode::KEY_M, b'm', b'M'),
    (KeyCode::KEY_N, b'n', b'N'),
    (KeyCode::KEY_O, b'o', b'O'),
    (KeyCode::KEY_P, b'p', b'P'),
    (KeyCode::KEY_Q, b'q', b'Q'),
    (KeyCode::KEY_R, b'r', b'R'),
    (KeyCode::KEY_S, b's', b'S'),
    (KeyCode::KEY_T, b't', b'T'),
    (KeyCode::KEY_U, b'u', b'U'),
    (KeyCode::KEY_V, b'v', b'V'),
    (KeyCode::KEY_W, b'w', b'W'),
    (KeyCode::KEY_X, b'x', b'X'),
    (KeyCode::KEY_Y, b'y', b'Y'),
    (KeyCode::KEY_Z, b'z', b'Z'),
    (KeyCode::KEY_SPACE, b' ', b' '),
    (KeyCode::KEY_MINUS, b'-', b'_'),
    (KeyCode::KEY_EQUAL, b'=', b'+'),
    (KeyCode::KEY_LEFTBRACE, b'[', b'{'),
    (KeyCode::KEY_RIGHTBRACE, b']', b'}'),
    (KeyCode::KEY_SEMICOLON, b';', b':'),
    (KeyCode::KEY_APOSTROPHE, b'\'', b'"'),
    (KeyCode::KEY_GRAVE, b'`', b'~'),
    (KeyCode::KEY_BACKSLASH, b'\\', b'|'),
    (KeyCode::KEY_COMMA, b',', b'<'),
    (KeyCode::KEY_DOT, b'.', b'>'),
    (KeyCode::KEY_SLASH, b'/', b'?'),
    (KeyCode::KEY_102ND, b'\\', b'|'),
    (KeyCode::KEY_KPASTERISK, b'*', b'*'),
    (KeyCode::KEY_KPMINUS, b'-', b'-'),
    (KeyCode::KEY_KPPLUS, b'+', b'+'),
    (KeyCode::KEY_KPDOT, b'.', b'.'),
    (KeyCode::KEY_KPSLASH, b'/', b'/'),
    (KeyCode::KEY_KPEQUAL, b'=', b'='),
    (KeyCode::KEY_KPCOMMA, b',', b','),
    (KeyCode::KEY_KPLEFTPAREN, b'(', b'('),
    (KeyCode::KEY_KPRIGHTPAREN, b')', b')'),
    (KeyCode::KEY_TAB, b'\t', b'\t'),
    (KeyCode::KEY_ENTER, ENTER, ENTER),
    (KeyCode::KEY_KPENTER, ENTER, ENTER),
    (KeyCode::KEY_LINEFEED, ENTER, ENTER),
    // Media keyboards have signs of their own.
    (KeyCode::KEY_NUMERIC_STAR, b'*', b'*'),
    (KeyCode::KEY_NUMERIC_POUND, b'#', b'#'),
    (KeyCode::KEY_DOLLAR, b'$', b'$'),
    (KeyCode::KEY_QUESTION, b'?', b'?'),
];

/// What Shift makes of the upper row's digits, from 0 on.
const SHIFTED_DIGITS: &[u8; 10] = b")!@#$%^&*(";

/// The character of a key, if it has one.
pub(super) fn character(key: KeyCode, shift: bool) -> Option<u8> {
    if let Some(value) = crate::input::keypad_digit(key) {
        // With Shift a person gets an arrow; a scanner means the digit.
        return Some(b'0' + value);
    }
    if let Some(value) = digit(key) {
        return if shift {
            SHIFTED_DIGITS.get(usize::from(value)).copied()
        } else {
            Some(b'0' + value)
        };
    }
    let (_, plain, shifted) = KEYS.iter().find(|(known, _, _)| *known == key)?;
    Some(if shift { *shifted } else { *plain })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Every key there is, with and without Shift.
    fn characters() -> BTreeSet<u8> {
        let keys = (0..crate::input::KEYS_MAX).map(KeyCode::new);
        keys.flat_map(|key| [character(key, false), character(key, true)]).flatten().collect()
    }

    #[test]
    fn every_ascii_character_can_be_typed_and_no_other() {
        let printable = (b' '..=b'~').chain([b'\t', b'\r']);
        assert_eq!(characters(), printable.collect());
    }

    #[test]
    fn no_key_stands_in_the_table_twice() {
        let keys: BTreeSet<KeyCode> = KEYS.iter().map(|(key, _, _)| *key).collect();
        assert_eq!(keys.len(), KEYS.len());
        assert!(keys.iter().all(|key| digit(*key).is_none()));
    }

    #[test]
    fn keys_that_write_nothing_have_no_character() {
        for key in [
            KeyCode::KEY_F1,
            KeyCode::KEY_ESC,
            KeyCode::KEY_BACKSPACE,
            KeyCode::KEY_LEFTSHIFT,
            KeyCode::KEY_CAPSLOCK,
            KeyCode::KEY_UP,
            KeyCode::BTN_LEFT,
            KeyCode::new(u16::MAX),
        ] {
            assert_eq!(character(key, false), None, "{key:?}");
        }
    }
}

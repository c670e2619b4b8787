//! What an input device is, by what it can do, and whether it will do for a driver. Pure.
//!
//! One thing on a cable is often several devices: a scanner or keypad comes with a second one for
//! volume keys, and many a cheap one with a mouse. They share the USB id, so that only their
//! abilities tell them apart.

use std::fmt;

use evdev::{AttributeSet, AttributeSetRef, KeyCode};

/// What a device calls itself and can do.
#[derive(Clone, Default)]
pub(crate) struct Identity {
    /// Its name; what it is called by people.
    pub(crate) name: String,
    /// Vendor and product, if it is on USB: other buses give the same numbers out again.
    pub(crate) usb_id: Option<(u16, u16)>,
    /// The keys and buttons it has.
    pub(crate) keys: AttributeSet<KeyCode>,
    /// Whether it moves a pointer by steps, as a mouse.
    pub(crate) moves: bool,
    /// Whether it tells places, as a touch screen.
    pub(crate) points: bool,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.keys.iter().count();
        write!(f, "\"{}\" ({:04x?}, {keys} keys)", self.name, self.usb_id)
    }
}

impl Identity {
    /// What it is instead of a keyboard, if it is none.
    pub(crate) fn instead(&self) -> Option<&'static str> {
        let has = |key| self.keys.contains(key);
        if self.points && (has(KeyCode::BTN_SOUTH) || has(KeyCode::BTN_TRIGGER)) {
            Some("a joystick")
        } else if self.points && has(KeyCode::BTN_TOOL_FINGER) {
            Some("a touch pad")
        } else if self.points && has(KeyCode::BTN_TOUCH) {
            Some("a touch screen")
        } else if self.moves || self.points {
            Some("a mouse")
        } else if self.keys.iter().next().is_none() {
            Some("a device without keys")
        } else if self.keys.iter().all(|key| SYSTEM.contains(&key)) {
            Some("a power button")
        } else {
            None
        }
    }
}

/// The keys of a power button, and of a keyboard's second device for them.
const SYSTEM: [KeyCode; 4] =
    [KeyCode::KEY_POWER, KeyCode::KEY_SLEEP, KeyCode::KEY_WAKEUP, KeyCode::KEY_RESTART];

const DIGITS: [KeyCode; 10] = [
    KeyCode::KEY_0,
    KeyCode::KEY_1,
    KeyCode::KEY_2,
    KeyCode::KEY_3,
    KeyCode::KEY_4,
    KeyCode::KEY_5,
    KeyCode::KEY_6,
    KeyCode::KEY_7,
    KeyCode::KEY_8,
    KeyCode::KEY_9,
];

const KEYPAD_DIGITS: [KeyCode; 10] = [
    KeyCode::KEY_KP0,
    KeyCode::KEY_KP1,
    KeyCode::KEY_KP2,
    KeyCode::KEY_KP3,
    KeyCode::KEY_KP4,
    KeyCode::KEY_KP5,
    KeyCode::KEY_KP6,
    KeyCode::KEY_KP7,
    KeyCode::KEY_KP8,
    KeyCode::KEY_KP9,
];

/// What a scanner that types lacks among `keys`: it has a whole row of digits.
pub(crate) fn lacks_digits(keys: &AttributeSetRef<KeyCode>) -> Option<String> {
    let whole = |row: &[KeyCode]| row.iter().all(|key| keys.contains(*key));
    (!whole(&DIGITS) && !whole(&KEYPAD_DIGITS)).then(|| "it has no digit keys".to_owned())
}

/// The digit keys with their values: the upper row, then the keypad's.
pub(crate) fn digit_keys() -> impl Iterator<Item = (KeyCode, u8)> {
    DIGITS.into_iter().zip(0u8..).chain(KEYPAD_DIGITS.into_iter().zip(0u8..))
}

/// The value of a digit key in one of the two rows.
pub(crate) fn digit(key: KeyCode) -> Option<u8> {
    digit_keys().find(|(digit, _)| *digit == key).map(|(_, value)| value)
}

/// The value of a digit key on the keypad.
pub(crate) fn keypad_digit(key: KeyCode) -> Option<u8> {
    digit_keys().skip(DIGITS.len()).find(|(digit, _)| *digit == key).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(keys: &[KeyCode], moves: bool, points: bool) -> Identity {
        Identity { keys: keys.iter().collect(), moves, points, ..Identity::default() }
    }

    #[test]
    fn what_is_no_keyboard_is_named_for_what_it_is() {
        let letters = [KeyCode::KEY_A, KeyCode::KEY_ENTER];
        for (keys, moves, points, instead) in [
            (&[KeyCode::BTN_LEFT, KeyCode::BTN_RIGHT][..], true, false, Some("a mouse")),
            (&[KeyCode::BTN_LEFT][..], false, true, Some("a mouse")),
            (&[KeyCode::BTN_TOUCH][..], false, true, Some("a touch screen")),
            (&[KeyCode::BTN_TOUCH, KeyCode::BTN_TOOL_FINGER][..], false, true, Some("a touch pad")),
            (&[KeyCode::BTN_SOUTH][..], false, true, Some("a joystick")),
            (&[KeyCode::KEY_POWER][..], false, false, Some("a power button")),
            (&[][..], false, false, Some("a device without keys")),
            (&letters[..], false, false, None),
            (&letters[..], true, false, Some("a mouse")),
        ] {
            assert_eq!(device(keys, moves, points).instead(), instead, "{keys:?}");
        }
    }

    #[test]
    fn a_scanner_has_one_whole_row_of_digits() {
        let lacks = |keys: &[KeyCode]| lacks_digits(&keys.iter().collect::<AttributeSet<_>>());
        assert_eq!(lacks(&DIGITS), None);
        assert_eq!(lacks(&KEYPAD_DIGITS), None);
        assert!(lacks(&DIGITS[1..]).is_some());
        assert!(lacks(&[KeyCode::KEY_VOLUMEUP, KeyCode::KEY_MUTE]).is_some());
        let halves: Vec<_> = DIGITS[..5].iter().chain(&KEYPAD_DIGITS[5..]).copied().collect();
        assert!(lacks(&halves).is_some());
    }

    #[test]
    fn digits_have_their_value_in_both_rows() {
        for (value, (upper, keypad)) in (0u8..).zip(DIGITS.into_iter().zip(KEYPAD_DIGITS)) {
            assert_eq!((digit(upper), keypad_digit(upper)), (Some(value), None));
            assert_eq!((digit(keypad), keypad_digit(keypad)), (Some(value), Some(value)));
        }
        assert_eq!(digit(KeyCode::KEY_A), None);
    }
}

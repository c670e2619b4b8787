//! Which key of the kernel's is which of ours. Pure.
//!
//! The map that is there without settings serves a whole keyboard and, by its signs, a number pad:
//!
//! | key | ours |
//! |---|---|
//! | digits of both rows, `KEY_DOT`, `KEY_KPDOT`, `KEY_KPCOMMA` | digits, `.` |
//! | `KEY_ENTER`, `KEY_KPENTER`, `KEY_OK` | `enter` |
//! | `KEY_BACKSPACE` | `back` |
//! | `KEY_DELETE`, `KEY_CLEAR` | `clear` |
//! | `KEY_ESC`, `KEY_CANCEL`, `KEY_KPMINUS` | `cancel` |
//! | `KEY_UP`, `KEY_DOWN`, `KEY_PAGEUP`, `KEY_PAGEDOWN` | `up`, `down` |
//! | `KEY_F1`, `KEY_MENU`, `KEY_KPSLASH` | `menu` |
//! | `KEY_F2`, `KEY_KPPLUS` | `scan` |
//! | `KEY_F3`, `KEY_KPASTERISK` | `qr` |
//! | `KEY_F4` | `00` |

use std::collections::BTreeMap;

use evdev::{AttributeSetRef, KeyCode};

use crate::input::digit_keys;
use crate::key::Key;

/// A name of no key of the kernel's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no key is called so; `evtest` shows the names, such as KEY_F1 or KEY_KPENTER")]
pub struct UnknownKeyName;

/// Which key of the kernel's is which of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyMap(BTreeMap<KeyCode, Key>);

/// The keys that are not digits.
const OTHERS: [(KeyCode, Key); 24] = [
    (KeyCode::KEY_DOT, Key::Dot),
    (KeyCode::KEY_KPDOT, Key::Dot),
    (KeyCode::KEY_KPCOMMA, Key::Dot),
    (KeyCode::KEY_ENTER, Key::Enter),
    (KeyCode::KEY_KPENTER, Key::Enter),
    (KeyCode::KEY_OK, Key::Enter),
    (KeyCode::KEY_BACKSPACE, Key::Back),
    (KeyCode::KEY_DELETE, Key::Clear),
    (KeyCode::KEY_CLEAR, Key::Clear),
    (KeyCode::KEY_ESC, Key::Cancel),
    (KeyCode::KEY_CANCEL, Key::Cancel),
    (KeyCode::KEY_KPMINUS, Key::Cancel),
    (KeyCode::KEY_UP, Key::Up),
    (KeyCode::KEY_DOWN, Key::Down),
    (KeyCode::KEY_PAGEUP, Key::Up),
    (KeyCode::KEY_PAGEDOWN, Key::Down),
    (KeyCode::KEY_F1, Key::Menu),
    (KeyCode::KEY_MENU, Key::Menu),
    (KeyCode::KEY_KPSLASH, Key::Menu),
    (KeyCode::KEY_F2, Key::Scan),
    (KeyCode::KEY_KPPLUS, Key::Scan),
    (KeyCode::KEY_F3, Key::Qr),
    (KeyCode::KEY_KPASTERISK, Key::Qr),
    (KeyCode::KEY_F4, Key::DoubleZero),
];

impl Default for KeyMap {
    fn default() -> Self {
        let digits = digit_keys().filter_map(|(code, value)| Some((code, Key::digit(value)?)));
        Self(digits.chain(OTHERS).collect())
    }
}

impl KeyMap {
    /// Has the kernel's key `name` (`KEY_F1`) be `key`, or nothing at all.
    pub fn set(&mut self, name: &str, key: Option<Key>) -> Result<(), UnknownKeyName> {
        let code = name.parse::<KeyCode>().map_err(|_| UnknownKeyName)?;
        match key {
            Some(key) => self.0.insert(code, key),
            None => self.0.remove(&code),
        };
        Ok(())
    }

    /// Our key, if it is any.
    pub(crate) fn key(&self, code: KeyCode) -> Option<Key> {
        self.0.get(&code).copied()
    }

    /// What a keypad with `keys` lacks: without digits and Enter nothing can be typed.
    pub(crate) fn lacks(&self, keys: &AttributeSetRef<KeyCode>) -> Option<String> {
        let needed = (0..=9).filter_map(Key::digit).chain([Key::Enter]);
        let missing: Vec<String> = needed
            .filter(|key| !self.0.iter().any(|(code, ours)| ours == key && keys.contains(*code)))
            .map(|key| format!("\"{key}\""))
            .collect();
        let names = missing.join(", ");
        (!missing.is_empty())
            .then(|| format!("it has no key for {names}: set which are with [keypad.keys]"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use evdev::AttributeSet;

    #[test]
    fn every_key_of_ours_can_be_typed_without_settings() {
        let map = KeyMap::default();
        for key in Key::all() {
            assert!(map.0.values().any(|ours| *ours == key), "{key}");
        }
        assert_eq!(map.0.len(), 20 + OTHERS.len(), "no key stands there twice");
    }

    #[test]
    fn a_number_pad_does_without_settings() {
        let signs = [KeyCode::KEY_KPENTER, KeyCode::KEY_KPDOT];
        let pad = digit_keys().skip(10).map(|(code, _)| code).chain(signs);
        assert_eq!(KeyMap::default().lacks(&pad.collect::<AttributeSet<_>>()), None);
    }

    #[test]
    fn settings_go_before_the_map_and_can_take_a_key_out() {
        let mut map = KeyMap::default();
        assert_eq!(map.set("KEY_F1", Some(Key::Qr)), Ok(()));
        assert_eq!(map.set("KEY_ESC", None), Ok(()));
        assert_eq!(map.set("BTN_0", Some(Key::DoubleZero)), Ok(()));
        assert_eq!(map.key(KeyCode::KEY_F1), Some(Key::Qr));
        assert_eq!(map.key(KeyCode::KEY_ESC), None);
        assert_eq!(map.key(KeyCode::BTN_0), Some(Key::DoubleZero));
        for name in ["", "F1", "key_f1", "KEY_F1 ", "KEY_NOSUCH"] {
            assert_eq!(map.set(name, None), Err(UnknownKeyName), "{name}");
        }
    }

    #[test]
    fn what_cannot_be_typed_is_named() {
        let map = KeyMap::default();
        let volume = [KeyCode::KEY_VOLUMEUP].iter().collect::<AttributeSet<_>>();
        assert!(map.lacks(&volume).is_some_and(|said| said.contains("\"0\", \"1\"")));
        let digits = digit_keys().map(|(code, _)| code).collect::<AttributeSet<_>>();
        let said = map.lacks(&digits).unwrap();
        assert!(said.contains("no key for \"enter\":"), "{said}");
    }
}

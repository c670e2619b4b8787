//! The keys of a counter's keypad, and the names they go by in settings and on the browser panel.

use std::fmt;
use std::str::FromStr;

/// A decimal digit, 0 to 9.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digit(u8);

impl Digit {
    /// The digit of value `value`, or nothing above 9.
    pub const fn new(value: u8) -> Option<Self> {
        if value <= 9 { Some(Self(value)) } else { None }
    }

    /// Its value, 0 to 9.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// Its ASCII character, `'0'` to `'9'`.
    pub const fn to_char(self) -> char {
        (b'0' + self.0) as char
    }
}

/// A key. `Display` and `FromStr` use the names of the browser panel: `"0"` to `"9"`, `"00"`,
/// `"."`, `"enter"`, `"clear"`, `"back"`, `"cancel"`, `"menu"`, `"up"`, `"down"`, `"scan"`, `"qr"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// A digit.
    Digit(Digit),
    /// Two zeros at one press.
    DoubleZero,
    /// The decimal point.
    Dot,
    /// Confirm.
    Enter,
    /// Empty the entry.
    Clear,
    /// Take back the last character.
    Back,
    /// Back out.
    Cancel,
    /// Open the menu.
    Menu,
    /// Move up, or the one before.
    Up,
    /// Move down, or the one after.
    Down,
    /// Read a code with the scanner.
    Scan,
    /// Show a code.
    Qr,
}

impl Key {
    /// The keys that are not digits, each with its name.
    const NAMED: [(Key, &'static str); 11] = [
        (Key::DoubleZero, "00"),
        (Key::Dot, "."),
        (Key::Enter, "enter"),
        (Key::Clear, "clear"),
        (Key::Back, "back"),
        (Key::Cancel, "cancel"),
        (Key::Menu, "menu"),
        (Key::Up, "up"),
        (Key::Down, "down"),
        (Key::Scan, "scan"),
        (Key::Qr, "qr"),
    ];

    /// The key of a digit's value, or nothing above 9.
    pub const fn digit(value: u8) -> Option<Key> {
        match Digit::new(value) {
            Some(digit) => Some(Key::Digit(digit)),
            None => None,
        }
    }

    /// Every key there is, digits first.
    pub fn all() -> impl Iterator<Item = Key> {
        (0..=9).filter_map(Key::digit).chain(Self::NAMED.into_iter().map(|(key, _)| key))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::Digit(digit) => write!(f, "{}", digit.get()),
            Key::DoubleZero => f.write_str("00"),
            Key::Dot => f.write_str("."),
            Key::Enter => f.write_str("enter"),
            Key::Clear => f.write_str("clear"),
            Key::Back => f.write_str("back"),
            Key::Cancel => f.write_str("cancel"),
            Key::Menu => f.write_str("menu"),
            Key::Up => f.write_str("up"),
            Key::Down => f.write_str("down"),
            Key::Scan => f.write_str("scan"),
            Key::Qr => f.write_str("qr"),
        }
    }
}

/// A name that no key has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no such key: use 0 to 9, 00, ., enter, clear, back, cancel, menu, up, down, scan or qr")]
pub struct UnknownKey;

impl FromStr for Key {
    type Err = UnknownKey;

    fn from_str(name: &str) -> Result<Self, UnknownKey> {
        if let [digit @ b'0'..=b'9'] = name.as_bytes() {
            return Key::digit(digit - b'0').ok_or(UnknownKey);
        }
        let named = Self::NAMED.iter().find(|(_, known)| *known == name);
        named.map(|(key, _)| *key).ok_or(UnknownKey)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_reads_back_from_its_name() {
        for key in Key::all() {
            assert_eq!(key.to_string().parse(), Ok(key));
        }
        assert_eq!(Key::all().count(), 21);
    }

    #[test]
    fn names_of_no_key_are_refused() {
        for name in ["", "10", "000", "Enter", "enter ", "a", "５", ".."] {
            assert_eq!(name.parse::<Key>(), Err(UnknownKey), "{name:?}");
        }
    }
}

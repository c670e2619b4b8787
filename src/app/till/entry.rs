//! The amount while it is being typed.

use crate::money::{AmountError, Fen};
use hal::Key;

/// Yuan as typed: at most eight digits, a dot, two digits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry(String);

/// The most digits before the dot: [`crate::money::FEN_MAX`] has eight.
const WHOLE_DIGITS_MAX: usize = 8;
const CENT_DIGITS: usize = 2;

impl Entry {
    /// As typed, for the screen: nothing typed is empty.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// What can be charged.
    pub fn amount(&self) -> Result<Fen, AmountError> {
        Fen::parse_yuan(self.0.strip_suffix('.').unwrap_or(&self.0))?.chargeable()
    }

    /// Takes a key; one that does not fit changes nothing.
    pub fn key(&mut self, key: Key) {
        match key {
            Key::Digit(digit) => self.digit(digit.to_char()),
            Key::DoubleZero => {
                self.digit('0');
                self.digit('0');
            }
            Key::Dot if !self.0.contains('.') => {
                if self.0.is_empty() {
                    self.0.push('0');
                }
                self.0.push('.');
            }
            Key::Back => {
                self.0.pop();
            }
            Key::Clear => self.0.clear(),
            Key::Dot
            | Key::Enter
            | Key::Cancel
            | Key::Menu
            | Key::Up
            | Key::Down
            | Key::Scan
            | Key::Qr => {}
        }
    }

    fn digit(&mut self, digit: char) {
        let fits = match self.0.split_once('.') {
            Some((_, cents)) => cents.len() < CENT_DIGITS,
            None => self.0.len() < WHOLE_DIGITS_MAX,
        };
        if self.0 == "0" {
            self.0.clear();
        }
        if fits {
            self.0.push(digit);
        }
    }
}

//! Keys of the kernel's input devices (evdev), for the drivers that live on them: the
//! keyboard-wedge scanner and the keypad.
//!
//! | room | what it is for |
//! |---|---|
//! | [`locator`] | which device is meant: a path, a USB id or a name; pure |
//! | `kind` | what a device is by its abilities, and whether it will do; pure |
//! | `stroke` | the kernel's events as keys that go down and up, or that were lost; pure |
//! | `node` | the device file: the only room that touches one |
//! | `keys` | finds a device, has it for itself, and tells its strokes; looks for it again |
//!
//! A device is grabbed (EVIOCGRAB), so that what is typed on it reaches neither the console nor
//! another device of ours: a scanner is not a keyboard (I16).
//!
//! Sources: Linux, Documentation/input/event-codes.rst and input.rst; include/uapi/linux/input.h
//! (EVIOCGRAB, EVIOCGKEY).

mod keys;
mod kind;
pub mod locator;
mod node;
mod stroke;

#[cfg(test)]
pub(crate) mod desk;

pub(crate) use keys::{Keys, Needs, Signal};
pub(crate) use kind::{digit, digit_keys, keypad_digit, lacks_digits};
pub use locator::{Locator, UnknownLocator};
pub(crate) use stroke::Stroke;
#[cfg(test)]
pub(crate) use stroke::{Sieve, Sifted};

use evdev::KeyCode;

/// No key has a number as large (KEY_CNT).
pub(crate) const KEYS_MAX: u16 = 0x300;

/// The names of all keys there are, as `KEY_KPENTER`, for a message that suggests the right one.
pub fn key_names() -> impl Iterator<Item = String> {
    let names = (0..KEYS_MAX).map(|number| format!("{:?}", KeyCode::new(number)));
    names.filter(|name| name.starts_with("KEY_") || name.starts_with("BTN_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_by_the_names_of_the_kernel() {
        let names: Vec<String> = key_names().collect();
        assert!(names.len() > 400, "{}", names.len());
        for name in ["KEY_KPENTER", "KEY_F1", "KEY_0", "KEY_MENU"] {
            assert!(names.iter().any(|known| known == name), "{name}");
        }
        for name in &names {
            assert_eq!(format!("{:?}", name.parse::<KeyCode>().unwrap()), *name);
        }
    }
}

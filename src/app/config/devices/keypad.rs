//! `[keypad]`, and `[keypad.keys]`, which says what its keys are.

use super::super::error::{ConfigError, Place, nearest};
use super::super::file::unplaced;
use super::{locator, no_such_driver};
use hal::Key;
use hal::keypad::{EvdevKeypadConfig, KeyMap};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use toml::Spanned;

/// The keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeypadConfig {
    /// The browser panel's.
    Virtual,
    /// A keypad or keyboard of the kernel's input devices.
    Evdev(EvdevKeypadConfig),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::app::config) struct KeypadFile {
    driver: Spanned<String>,
    device: Option<Spanned<String>>,
    /// The kernel's keys by name, and what each is.
    keys: BTreeMap<Spanned<String>, Spanned<String>>,
}

impl Default for KeypadFile {
    fn default() -> KeypadFile {
        KeypadFile { driver: unplaced("virtual"), device: None, keys: BTreeMap::new() }
    }
}

/// What takes a key out of the map.
const NO_KEY: &str = "none";

impl KeypadFile {
    pub(super) fn config(
        &self,
        place: &Place<'_>,
        _base: &Path,
    ) -> Result<KeypadConfig, ConfigError> {
        match self.driver.get_ref().as_str() {
            "virtual" => Ok(KeypadConfig::Virtual),
            "evdev" => self.evdev(place),
            _ => Err(no_such_driver(place, "keypad.driver", &self.driver, &["evdev", "virtual"])),
        }
    }

    fn evdev(&self, place: &Place<'_>) -> Result<KeypadConfig, ConfigError> {
        let Some(device) = &self.device else {
            let problem = "is missing: the keypad's input device, such as name:USB Keypad";
            return Err(place.key("keypad.device", problem));
        };
        let mut map = KeyMap::default();
        for (name, value) in &self.keys {
            let key = key(place, name.get_ref(), value)?;
            map.set(name.get_ref(), key).map_err(|error| {
                let meant = meant(name.get_ref());
                let expected = format!("a key's name; {error}; did you mean `{meant}`?");
                place.value("keypad.keys", name, expected)
            })?;
        }
        let locator = locator(place, "keypad.device", device)?;
        Ok(KeypadConfig::Evdev(EvdevKeypadConfig { locator, map }))
    }
}

/// The kernel's key that was probably meant: people leave `KEY_` out, and write it small.
fn meant(name: &str) -> String {
    let mut name = name.to_uppercase();
    if !name.starts_with("KEY_") && !name.starts_with("BTN_") {
        name.insert_str(0, "KEY_");
    }
    nearest(&name, hal::input::key_names()).unwrap_or_default()
}

/// What a key is; nothing, if it is to do nothing.
fn key(place: &Place<'_>, name: &str, value: &Spanned<String>) -> Result<Option<Key>, ConfigError> {
    let text = value.get_ref();
    if text == NO_KEY {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| {
        let names = || Key::all().map(|key| key.to_string()).chain([NO_KEY.to_owned()]);
        let meant = nearest(text, names()).unwrap_or_default();
        let known: Vec<String> = names().skip(10).collect();
        let expected = format!("0 to 9, {}; did you mean `{meant}`?", known.join(", "));
        place.value(&format!("keypad.keys.{name}"), value, expected)
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{config, refused};
    use super::*;

    const EVDEV: &str = "[keypad]\ndriver = \"evdev\"\ndevice = \"name:USB Keypad\"\n";

    fn keypad(text: &str) -> KeypadConfig {
        config(text).keypad
    }

    #[test]
    fn its_keys_are_the_usual_ones_but_for_those_that_are_set() {
        let locator = "name:USB Keypad".parse().expect("a locator");
        let mut map = KeyMap::default();
        assert_eq!(
            keypad(EVDEV),
            KeypadConfig::Evdev(EvdevKeypadConfig { locator, map: map.clone() })
        );
        map.set("KEY_F1", Some(Key::Qr)).expect("a key");
        map.set("KEY_KP0", Some(Key::DoubleZero)).expect("a key");
        map.set("KEY_ESC", None).expect("a key");
        let keys = "[keypad.keys]\nKEY_F1 = \"qr\"\nKEY_KP0 = \"00\"\nKEY_ESC = \"none\"\n";
        let KeypadConfig::Evdev(read) = keypad(&format!("{EVDEV}{keys}")) else {
            panic!("an evdev keypad")
        };
        assert_eq!(read.map, map);
    }

    #[test]
    fn mistakes_are_named_with_their_line_and_what_was_probably_meant() {
        for (text, said) in [
            ("[keypad]\ndriver = \"evdev\"\n", ":1: keypad.device: is missing"),
            (
                "[keypad]\ndriver = \"evdev\"\ndevice = \"event0\"\n",
                ":3: keypad.device = \"event0\": expected a path as /dev/input/",
            ),
            ("[keypad]\ndriver = \"usb\"\n", "expected \"evdev\" or \"virtual\""),
        ] {
            let error = refused(text);
            assert!(error.contains(said), "{text}: {error}");
        }
        for (line, said, meant) in [
            ("KEY_KPENTR = \"enter\"", ":5: keypad.keys = \"KEY_KPENTR\"", "`KEY_KPENTER`"),
            ("F1 = \"qr\"", ":5: keypad.keys = \"F1\"", "`KEY_F1`"),
            ("key_esc = \"qr\"", ":5: keypad.keys = \"key_esc\"", "`KEY_ESC`"),
            ("KEY_F1 = \"entr\"", ":5: keypad.keys.KEY_F1 = \"entr\"", "`enter`"),
            ("KEY_F1 = \"\"", ":5: keypad.keys.KEY_F1 = \"\": expected 0 to 9, 00,", "did you"),
            ("KEY_F1 = 1", ":5: keypad.keys.KEY_F1 = 1: expected", "text in quotes"),
        ] {
            let error = refused(&format!("{EVDEV}[keypad.keys]\n{line}\n"));
            assert!(error.contains(said) && error.contains(meant), "{line}: {error}");
        }
    }
}

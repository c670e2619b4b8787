//! Which input device is meant. Pure.
//!
//! | written | means |
//! |---|---|
//! | `/dev/input/by-id/usb-…-event-kbd` | the device of that file; best a name that stays the same |
//! | `usb:0c2e:0b61` | the first device with that vendor and product (`lsusb`), in hexadecimal |
//! | `name:USB Keyboard` | the first device of exactly that name (`/proc/bus/input/devices`) |

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The longest name the kernel gives out, and the longest path (PATH_MAX).
const NAME_LEN_MAX: usize = 255;
const PATH_LEN_MAX: usize = 4095;

/// Where the kernel has its input devices.
pub(crate) const INPUT_FOLDER: &str = "/dev/input";

/// Which input device is meant. `Display` and `FromStr`: see the room.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Locator {
    /// The device of this file.
    Path(PathBuf),
    /// The first with this identity on USB.
    Usb {
        /// The vendor's number.
        vendor: u16,
        /// The product's number.
        product: u16,
    },
    /// The first of this name.
    Name(String),
}

impl Locator {
    /// The file, if a certain one is meant.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Locator::Path(path) => Some(path),
            Locator::Usb { .. } | Locator::Name(_) => None,
        }
    }

    /// Whether a device that calls itself so is meant; a file is not judged by what is in it.
    pub(crate) fn means(&self, name: &str, usb_id: Option<(u16, u16)>) -> bool {
        match self {
            Locator::Path(_) => true,
            Locator::Usb { vendor, product } => usb_id == Some((*vendor, *product)),
            Locator::Name(wanted) => wanted == name,
        }
    }

    /// That no device is there, in words.
    pub(crate) fn missing(&self) -> String {
        match self {
            Locator::Path(path) => format!("{} is not there: plug it in", path.display()),
            Locator::Usb { vendor, product } => {
                format!("no input device has the USB id {vendor:04x}:{product:04x}: plug it in")
            }
            Locator::Name(name) => {
                format!("no input device is called \"{name}\": plug it in")
            }
        }
    }
}

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Locator::Path(path) => write!(f, "{}", path.display()),
            Locator::Usb { vendor, product } => write!(f, "usb:{vendor:04x}:{product:04x}"),
            Locator::Name(name) => write!(f, "name:{name}"),
        }
    }
}

/// What names no input device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a path as /dev/input/by-id/…, usb:VENDOR:PRODUCT with four hexadecimal digits each, or \
     name:TEXT"
)]
pub struct UnknownLocator;

impl FromStr for Locator {
    type Err = UnknownLocator;

    fn from_str(text: &str) -> Result<Self, UnknownLocator> {
        if let Some(id) = text.strip_prefix("usb:") {
            let (vendor, product) = id.split_once(':').ok_or(UnknownLocator)?;
            return Ok(Locator::Usb { vendor: hex(vendor)?, product: hex(product)? });
        }
        if let Some(name) = text.strip_prefix("name:") {
            let valid = !name.is_empty()
                && name.len() <= NAME_LEN_MAX
                && !name.chars().any(char::is_control);
            return valid.then(|| Locator::Name(name.to_owned())).ok_or(UnknownLocator);
        }
        let valid = text.starts_with('/') && text.len() <= PATH_LEN_MAX && !text.contains('\0');
        valid.then(|| Locator::Path(PathBuf::from(text))).ok_or(UnknownLocator)
    }
}

/// Exactly four hexadecimal digits.
fn hex(digits: &str) -> Result<u16, UnknownLocator> {
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(UnknownLocator);
    }
    u16::from_str_radix(digits, 16).map_err(|_| UnknownLocator)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_locator_reads_back_from_what_it_is_written_as() {
        for text in [
            "/dev/input/event3",
            "/dev/input/by-id/usb-Honeywell_1900-event-kbd",
            "usb:0c2e:0b61",
            "name:USB Keyboard",
            "name:Ä name: with colons",
        ] {
            assert_eq!(text.parse::<Locator>().unwrap().to_string(), text);
        }
        let shouted: Locator = "usb:0C2E:0B61".parse().unwrap();
        assert_eq!(shouted, Locator::Usb { vendor: 0x0c2e, product: 0x0b61 });
    }

    #[test]
    fn what_names_no_device_is_refused() {
        for text in [
            "",
            "event3",
            "dev/input/event3",
            "usb:",
            "usb:0c2e",
            "usb:c2e:0b61",
            "usb:0c2e:0b611",
            "usb:+c2e:0b61",
            "usb:0c2e:0b61:1",
            "usb:０c2e:1",
            "name:",
            "name:a\nb",
            "/dev/\0",
        ] {
            assert_eq!(text.parse::<Locator>(), Err(UnknownLocator), "{text:?}");
        }
    }

    #[test]
    fn a_device_is_meant_by_its_exact_identity() {
        let id = Some((0x0c2e, 0x0b61));
        for (text, means) in [
            ("usb:0c2e:0b61", true),
            ("usb:0c2e:0b62", false),
            ("usb:0b61:0c2e", false),
            ("name:Honeywell 1900", true),
            ("name:Honeywell", false),
            ("name:honeywell 1900", false),
            ("/dev/input/event7", true),
        ] {
            let locator: Locator = text.parse().unwrap();
            assert_eq!(locator.means("Honeywell 1900", id), means, "{text}");
        }
        let locator: Locator = "usb:0c2e:0b61".parse().unwrap();
        assert!(!locator.means("Honeywell 1900", None), "the same numbers on another bus");
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_reads_back(text in "(usb:|name:|/)?\\PC{0,40}") {
            if let Ok(locator) = text.parse::<Locator>() {
                prop_assert_eq!(locator.to_string().parse::<Locator>(), Ok(locator));
            }
        }
    }
}

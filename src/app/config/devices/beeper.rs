//! `[beeper]`.

use super::super::error::{ConfigError, Place};
use super::super::file::unplaced;
use super::no_such_driver;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// The beeper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BeeperConfig {
    /// There is none.
    None,
    /// The browser panel's.
    Virtual,
    /// An input device that plays tones.
    Evdev {
        /// The device, such as `/dev/input/by-path/platform-beeper-event`.
        device: PathBuf,
    },
    /// The speaker of a virtual console.
    Console {
        /// The console, such as `/dev/tty0`.
        device: PathBuf,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::app::config) struct BeeperFile {
    driver: Spanned<String>,
    device: Option<PathBuf>,
}

impl Default for BeeperFile {
    fn default() -> BeeperFile {
        BeeperFile { driver: unplaced("virtual"), device: None }
    }
}

impl BeeperFile {
    pub(super) fn config(
        &self,
        place: &Place<'_>,
        base: &Path,
    ) -> Result<BeeperConfig, ConfigError> {
        let drivers = ["evdev", "console", "virtual", "none"];
        match self.driver.get_ref().as_str() {
            "none" => Ok(BeeperConfig::None),
            "virtual" => Ok(BeeperConfig::Virtual),
            "evdev" => {
                let example = "/dev/input/by-path/platform-beeper-event";
                Ok(BeeperConfig::Evdev { device: self.device(place, base, example)? })
            }
            "console" => {
                Ok(BeeperConfig::Console { device: self.device(place, base, "/dev/tty0")? })
            }
            _ => Err(no_such_driver(place, "beeper.driver", &self.driver, &drivers)),
        }
    }

    fn device(
        &self,
        place: &Place<'_>,
        base: &Path,
        example: &str,
    ) -> Result<PathBuf, ConfigError> {
        let missing =
            || place.key("beeper.device", &format!("is missing: a path, such as \"{example}\""));
        self.device.as_ref().map(|device| base.join(device)).ok_or_else(missing)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::{parsed_devices, refused_devices};
    use super::*;

    #[test]
    fn each_driver_becomes_what_it_says() {
        let beeper = |table: &str| parsed_devices(&format!("[beeper]\n{table}")).beeper;
        assert_eq!(parsed_devices("").beeper, BeeperConfig::Virtual);
        assert_eq!(beeper("driver = \"none\""), BeeperConfig::None);
        let device = PathBuf::from("/dev/input/event3");
        let evdev = beeper("driver = \"evdev\"\ndevice = \"/dev/input/event3\"");
        assert_eq!(evdev, BeeperConfig::Evdev { device });
        let console = beeper("driver = \"console\"\ndevice = \"/dev/tty0\"");
        assert_eq!(console, BeeperConfig::Console { device: PathBuf::from("/dev/tty0") });
    }

    #[test]
    fn what_does_not_go_together_is_named() {
        let rows = [
            ("driver = \"bell\"", "beeper.driver = \"bell\": expected \"evdev\", \"console\""),
            ("driver = \"evdev\"", "beeper.device: is missing"),
        ];
        for (table, expected) in rows {
            let said = refused_devices(&format!("[beeper]\n{table}"));
            assert!(said.contains(expected), "{table}: {said}");
        }
    }
}

//! `[[scanner]]`.

use super::super::error::{ConfigError, Place, expected};
use super::super::file::unplaced;
use super::{locator, no_such_driver};
use crate::payment::CodeKind;
use hal::scanner::{EvdevScannerConfig, SerialConfig, Terminator};
use serde::Deserialize;
use std::path::Path;
use toml::Spanned;

/// One scanner, and what it reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScannerSource {
    /// The scanner.
    pub scanner: ScannerConfig,
    /// What its readings are: bar codes, or the codes of a receiver of sound.
    pub reads: CodeKind,
}

/// One scanner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScannerConfig {
    /// The browser panel's.
    Virtual,
    /// One on a serial line.
    Serial(SerialConfig),
    /// One that types: a keyboard wedge.
    Evdev(EvdevScannerConfig),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::app::config) struct ScannerFile {
    driver: Spanned<String>,
    path: Option<Spanned<String>>,
    baud: u32,
    terminator: Spanned<String>,
    code_type: Spanned<String>,
}

impl Default for ScannerFile {
    fn default() -> ScannerFile {
        ScannerFile {
            driver: unplaced("virtual"),
            path: None,
            baud: 9600,
            terminator: unplaced("any"),
            code_type: unplaced("barcode"),
        }
    }
}

impl ScannerFile {
    pub(super) fn source(
        &self,
        place: &Place<'_>,
        base: &Path,
    ) -> Result<ScannerSource, ConfigError> {
        let reads = match self.code_type.get_ref().as_str() {
            "barcode" => CodeKind::Barcode,
            "sonic" => CodeKind::Sonic,
            _ => {
                let kinds = expected(&["barcode", "sonic"]);
                return Err(place.value("scanner.code_type", &self.code_type, kinds));
            }
        };
        Ok(ScannerSource { scanner: self.config(place, base)?, reads })
    }

    fn config(&self, place: &Place<'_>, base: &Path) -> Result<ScannerConfig, ConfigError> {
        match self.driver.get_ref().as_str() {
            "virtual" => Ok(ScannerConfig::Virtual),
            "serial" => self.serial(place, base),
            "evdev" => self.evdev(place),
            _ => {
                let drivers = ["serial", "evdev", "virtual"];
                Err(no_such_driver(place, "scanner.driver", &self.driver, &drivers))
            }
        }
    }

    fn serial(&self, place: &Place<'_>, base: &Path) -> Result<ScannerConfig, ConfigError> {
        let Some(path) = &self.path else {
            return Err(place.key("scanner.path", "is missing: the serial device's path"));
        };
        Ok(ScannerConfig::Serial(SerialConfig {
            baud: self.baud,
            terminator: self.terminator(place)?,
            ..SerialConfig::new(base.join(path.get_ref()))
        }))
    }

    fn evdev(&self, place: &Place<'_>) -> Result<ScannerConfig, ConfigError> {
        let Some(path) = &self.path else {
            let problem = "is missing: the scanner's input device, such as usb:0c2e:0b61";
            return Err(place.key("scanner.path", problem));
        };
        let locator = locator(place, "scanner.path", path)?;
        let terminator = self.terminator(place)?;
        Ok(ScannerConfig::Evdev(EvdevScannerConfig { locator, terminator }))
    }

    /// The refusal of its path.
    pub(super) fn path_refused(&self, place: &Place<'_>, expected: String) -> ConfigError {
        match &self.path {
            Some(path) => place.value("scanner.path", path, expected),
            None => place.key("scanner.path", &expected),
        }
    }

    fn terminator(&self, place: &Place<'_>) -> Result<Terminator, ConfigError> {
        self.terminator.get_ref().parse().map_err(|error| {
            let expected = format!("{error}");
            place.value("scanner.terminator", &self.terminator, expected)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{config, refused};
    use super::*;

    fn scanners(text: &str) -> Vec<ScannerConfig> {
        config(text).scanners.into_iter().map(|source| source.scanner).collect()
    }

    #[test]
    fn scanners_that_type_are_found_by_path_usb_id_or_name() {
        let read = scanners(
            "[[scanner]]\ndriver = \"evdev\"\npath = \"usb:0c2e:0b61\"\n\
             [[scanner]]\ndriver = \"evdev\"\npath = \"name:USB Scanner\"\nterminator = \"tab\"\n\
             [[scanner]]\ndriver = \"evdev\"\npath = \"/dev/input/by-id/s\"\n",
        );
        let evdev = |locator: &str, terminator| {
            let locator = locator.parse().expect("a locator");
            ScannerConfig::Evdev(EvdevScannerConfig { locator, terminator })
        };
        assert_eq!(
            read,
            [
                evdev("usb:0c2e:0b61", Terminator::Any),
                evdev("name:USB Scanner", Terminator::Tab),
                evdev("/dev/input/by-id/s", Terminator::Any),
            ]
        );
    }

    #[test]
    fn a_serial_scanners_path_may_be_relative() {
        let read = scanners("[[scanner]]\ndriver = \"serial\"\npath = \"s\"\nbaud = 115200\n");
        let serial = SerialConfig { baud: 115_200, ..SerialConfig::new("/etc/cashier/s") };
        assert_eq!(read, [ScannerConfig::Serial(serial)]);
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        let evdev = "[[scanner]]\ndriver = \"evdev\"";
        for (more, said) in [
            ("", ":1: scanner.path: is missing: the scanner's input device"),
            ("path = \"event3\"", ":3: scanner.path = \"event3\": expected a path as /dev/input/"),
            ("path = \"usb:0c2e\"", ":3: scanner.path = \"usb:0c2e\": expected a path as /dev/"),
            ("path = \"name:\"", ":3: scanner.path = \"name:\": expected a path"),
            ("path = \"/a\"\nterminator = \"x\"", ":4: scanner.terminator = \"x\": expected no"),
        ] {
            let error = refused(&format!("{evdev}\n{more}\n"));
            assert!(error.contains(said), "{more}: {error}");
        }
        let error = refused("[[scanner]]\ndriver = \"hid\"\n");
        assert!(error.contains("expected \"serial\", \"evdev\" or \"virtual\""), "{error}");
    }
}

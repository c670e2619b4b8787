//! The devices of a terminal: a table of the file for each, in a file of its own here, with its
//! shape, its checks, and what it becomes. Nothing is opened.

mod backlight;
mod beeper;
mod display;
mod keypad;
mod nfc;
mod printer;
mod scanner;

pub(super) use backlight::BacklightFile;
pub use backlight::{BacklightConfig, BacklightDriver};
pub use beeper::BeeperConfig;
pub(super) use beeper::BeeperFile;
pub use display::DisplayConfig;
pub(super) use display::DisplayFile;
pub use keypad::KeypadConfig;
pub(super) use keypad::KeypadFile;
pub use nfc::NfcConfig;
pub(super) use nfc::NfcFile;
pub use printer::PrinterConfig;
pub(super) use printer::PrinterFile;
pub(super) use scanner::ScannerFile;
pub use scanner::{ScannerConfig, ScannerSource};

use super::error::{ConfigError, Place, expected};
use super::file::File;
use std::path::Path;
use toml::Spanned;

/// The devices of this terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DevicesConfig {
    /// The screen.
    pub display: DisplayConfig,
    /// The keys.
    pub keypad: KeypadConfig,
    /// The scanners.
    pub scanners: Vec<ScannerSource>,
    /// The contactless reader.
    pub nfc: NfcConfig,
    /// Where receipts go.
    pub printer: PrinterConfig,
    /// The beeper.
    pub beeper: BeeperConfig,
    /// The light behind the screen.
    pub backlight: BacklightConfig,
}

/// What the file says of devices; `base` is where relative paths start.
pub(super) fn devices(
    place: &Place<'_>,
    base: &Path,
    file: &File,
) -> Result<DevicesConfig, ConfigError> {
    Ok(DevicesConfig {
        display: file.display.config(place, base)?,
        keypad: file.keypad.config(place, base)?,
        scanners: file
            .scanner
            .iter()
            .map(|one| one.source(place, base))
            .collect::<Result<Vec<_>, _>>()?,
        nfc: file.nfc.config(place, base)?,
        printer: file.printer.config(place, base)?,
        beeper: file.beeper.config(place, base)?,
        backlight: file.backlight.config(place, base)?,
    })
}

/// Which input device is meant.
fn locator(
    place: &Place<'_>,
    key: &str,
    value: &Spanned<String>,
) -> Result<hal::input::Locator, ConfigError> {
    value
        .get_ref()
        .parse()
        .map_err(|error: hal::input::UnknownLocator| place.value(key, value, error.to_string()))
}

/// The refusal of a driver that is none of `drivers`.
fn no_such_driver(
    place: &Place<'_>,
    key: &str,
    value: &Spanned<String>,
    drivers: &[&str],
) -> ConfigError {
    place.value(key, value, expected(drivers))
}

#[cfg(test)]
mod tests {
    use super::DevicesConfig;
    use crate::app::config::Config;
    use std::path::Path;

    /// What a file needs besides; it comes last, so that lines count from the text's first.
    const REST: &str = "[merchant]\nid = \"1\"\n[gateway]\nkind = \"sosopay-json\"\n\
                        base_url = \"https://gateway.example/\"\nkey = \"0123456789abcdef\"\n";

    fn parse(text: &str) -> Result<DevicesConfig, String> {
        let path = Path::new("/etc/cashier/cashier.toml");
        let config = Config::parse(path, &format!("{text}{REST}"));
        config.map(|config| config.devices).map_err(|error| error.to_string())
    }

    /// The devices that `text` sets.
    pub(super) fn config(text: &str) -> DevicesConfig {
        parse(text).expect("a configuration")
    }

    /// Why `text` is refused.
    pub(super) fn refused(text: &str) -> String {
        parse(text).expect_err("a refusal")
    }
}

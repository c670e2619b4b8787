//! The devices of a terminal: a table of the file for each, in a file of its own here, with its
//! shape, its checks, and what it becomes. Nothing is opened.

mod backlight;
mod beeper;
mod display;
mod keypad;
mod nfc;
mod printer;
mod scanner;

pub use backlight::BacklightConfig;
pub(super) use backlight::BacklightFile;
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

/// The refusal of a driver that is none of `drivers`.
fn no_such_driver(
    place: &Place<'_>,
    key: &str,
    value: &Spanned<String>,
    drivers: &[&str],
) -> ConfigError {
    place.value(key, value, expected(drivers))
}

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
    let devices = DevicesConfig {
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
    };
    one_table_each(place, file, &devices)?;
    Ok(devices)
}

/// Two drivers on one node would take each other's input. Only paths can be told here to be the
/// same; what a USB id or a name leads to, the drivers see, and take no node twice.
fn one_table_each(
    place: &Place<'_>,
    file: &File,
    devices: &DevicesConfig,
) -> Result<(), ConfigError> {
    let keypad = match &devices.keypad {
        KeypadConfig::Virtual => None,
        KeypadConfig::Evdev(keypad) => keypad.locator.path(),
    };
    let nfc = match &devices.nfc {
        NfcConfig::None | NfcConfig::Virtual => None,
        NfcConfig::Pn532(reader) => Some(reader.path.as_path()),
        NfcConfig::Line(reader) => Some(reader.path.as_path()),
    };
    let printer = match &devices.printer {
        PrinterConfig::None | PrinterConfig::Virtual => None,
        PrinterConfig::EscPos(printer) => Some(printer.path.as_path()),
        PrinterConfig::File { path } => Some(path.as_path()),
    };
    let mut taken: Vec<(&str, &Path)> = Vec::new();
    for (key, path) in [("keypad.device", keypad), ("nfc.path", nfc), ("printer.path", printer)] {
        let Some(path) = path else { continue };
        if let Some((by, _)) = taken.iter().find(|(_, other)| *other == path) {
            let problem = format!("is {by} already: a device has one table");
            return Err(place.key(key, &problem));
        }
        taken.push((key, path));
    }
    for (source, written) in devices.scanners.iter().zip(&file.scanner) {
        let path = match &source.scanner {
            ScannerConfig::Virtual => None,
            ScannerConfig::Serial(scanner) => Some(scanner.path.as_path()),
            ScannerConfig::Evdev(scanner) => scanner.locator.path(),
        };
        let Some(path) = path else { continue };
        if let Some((by, _)) = taken.iter().find(|(_, other)| *other == path) {
            let expected = format!("a device of its own; this one is {by} already");
            return Err(written.path_refused(place, expected));
        }
        taken.push(("scanner.path", path));
    }
    Ok(())
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

    #[test]
    fn a_device_has_one_table() {
        let serial = "driver = \"serial\"\npath = \"/dev/ttyUSB0\"\n";
        let usb = "driver = \"evdev\"\npath = \"usb:0c2e:0b61\"\n";
        let typed = "[[scanner]]\ndriver = \"evdev\"\npath = \"/dev/input/event1\"\n";
        for (text, line, key, by) in [
            (format!("[[scanner]]\n{serial}[[scanner]]\n{serial}"), 6, "scanner", "scanner.path"),
            (
                format!("[nfc]\ndriver = \"line\"\npath = \"/dev/ttyUSB0\"\n[[scanner]]\n{serial}"),
                6,
                "scanner",
                "nfc.path",
            ),
            (
                format!("[keypad]\ndriver = \"evdev\"\ndevice = \"/dev/input/event1\"\n{typed}"),
                6,
                "scanner",
                "keypad.device",
            ),
            (
                "[nfc]\ndriver = \"line\"\npath = \"/dev/ttyS1\"\n[printer]\ndriver = \"escpos\"\n\
                 path = \"/dev/ttyS1\"\nbaud = 9600\n"
                    .to_owned(),
                6,
                "printer",
                "nfc.path",
            ),
        ] {
            let told = refused(&text);
            assert!(told.contains(&format!("cashier.toml:{line}: {key}.path")), "{told}");
            assert!(told.contains(&format!("{by} already")), "{told}");
        }
        // Two of a kind have one id; each driver takes one of them.
        assert_eq!(config(&format!("[[scanner]]\n{usb}[[scanner]]\n{usb}")).scanners.len(), 2);
    }

    /// Why `text` is refused.
    pub(super) fn refused(text: &str) -> String {
        parse(text).expect_err("a refusal")
    }
}

//! From what is configured to a device: a function for each. None of them fails, none of them
//! waits. The handle of a virtual device comes with it, and leads nowhere where the device is a
//! real one.

use super::Source;
use crate::app::config::{
    BacklightConfig, BeeperConfig, DisplayConfig, KeypadConfig, NfcConfig, PrinterConfig,
    ScannerConfig, ScannerSource,
};
use hal::mock::{
    BacklightHandle, BeeperHandle, DisplayHandle, KeypadHandle, NfcHandle, PrinterHandle,
    VirtualBacklight, VirtualBeeper, VirtualDisplay, VirtualKeypad, VirtualNfc, VirtualPrinter,
    VirtualScanner,
};
use hal::scanner::SerialScanner;
use hal::{Backlight, Beeper, Display, Keypad, LineNfc, Nfc, Pn532, Printer, Scanner};

pub(super) fn display(config: &DisplayConfig) -> (Box<dyn Display>, DisplayHandle) {
    match config {
        DisplayConfig::Virtual { geometry } => {
            let (display, handle) = VirtualDisplay::new(*geometry);
            (Box::new(display), handle)
        }
        DisplayConfig::Fbdev(glass) => {
            let (_, handle) = VirtualDisplay::new(glass.assumed);
            (Box::new(hal::display::fbdev::open(glass.clone())), handle)
        }
        DisplayConfig::Drm(glass) => {
            let (_, handle) = VirtualDisplay::new(glass.assumed);
            (Box::new(hal::display::drm::open(glass.clone())), handle)
        }
    }
}

pub(super) fn keypad(config: &KeypadConfig) -> (Box<dyn Keypad>, KeypadHandle) {
    let (keypad, handle) = VirtualKeypad::new();
    match config {
        KeypadConfig::Virtual => (Box::new(keypad), handle),
    }
}

/// The scanners; there is one virtual one, however often it is configured.
pub(super) fn scanners(configs: &[ScannerSource], virtual_scanner: VirtualScanner) -> Vec<Source> {
    let mut virtual_scanner = Some(virtual_scanner);
    let mut scanners = Vec::new();
    for config in configs {
        let scanner: Box<dyn Scanner> = match &config.scanner {
            ScannerConfig::Virtual => match virtual_scanner.take() {
                Some(scanner) => Box::new(scanner),
                None => continue,
            },
            ScannerConfig::Serial(serial) => Box::new(SerialScanner::open(serial.clone())),
        };
        scanners.push(Source { scanner, reads: config.reads });
    }
    scanners
}

pub(super) fn nfc(config: &NfcConfig) -> (Option<Box<dyn Nfc>>, NfcHandle) {
    let (nfc, handle) = VirtualNfc::new();
    match config {
        NfcConfig::None => (None, handle),
        NfcConfig::Virtual => (Some(Box::new(nfc)), handle),
        NfcConfig::Pn532(pn532) => (Some(Box::new(Pn532::open(pn532.clone()))), handle),
        NfcConfig::Line(serial) => (Some(Box::new(LineNfc::open(serial.clone()))), handle),
    }
}

pub(super) fn printer(config: &PrinterConfig) -> (Option<Box<dyn Printer>>, PrinterHandle) {
    let (printer, handle) = VirtualPrinter::new();
    match config {
        PrinterConfig::None => (None, handle),
        PrinterConfig::Virtual => (Some(Box::new(printer)), handle),
    }
}

pub(super) fn beeper(config: &BeeperConfig) -> (Option<Box<dyn Beeper>>, BeeperHandle) {
    let (beeper, handle) = VirtualBeeper::new();
    match config {
        BeeperConfig::None => (None, handle),
        BeeperConfig::Virtual => (Some(Box::new(beeper)), handle),
    }
}

pub(super) fn backlight(config: &BacklightConfig) -> (Option<Box<dyn Backlight>>, BacklightHandle) {
    let (backlight, handle) = VirtualBacklight::new();
    match config {
        BacklightConfig::None => (None, handle),
        BacklightConfig::Virtual => (Some(Box::new(backlight)), handle),
    }
}

//! From what is configured to a device: a function for each. None of them fails, none of them
//! waits. The handle of a virtual device comes with it, and leads nowhere where the device is a
//! real one.

use crate::app::config::{
    BacklightConfig, BeeperConfig, DisplayConfig, KeypadConfig, NfcConfig, PrinterConfig,
    ScannerConfig,
};
use hal::mock::{
    BacklightHandle, BeeperHandle, DisplayHandle, KeypadHandle, NfcHandle, PrinterHandle,
    VirtualBacklight, VirtualBeeper, VirtualDisplay, VirtualKeypad, VirtualNfc, VirtualPrinter,
    VirtualScanner,
};
use hal::scanner::SerialScanner;
use hal::{Backlight, Beeper, Display, Keypad, Nfc, Printer, Scanner};

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
pub(super) fn scanners(
    configs: &[ScannerConfig],
    virtual_scanner: VirtualScanner,
) -> Vec<Box<dyn Scanner>> {
    let mut virtual_scanner = Some(virtual_scanner);
    let mut scanners: Vec<Box<dyn Scanner>> = Vec::new();
    for config in configs {
        match config {
            ScannerConfig::Virtual => {
                if let Some(scanner) = virtual_scanner.take() {
                    scanners.push(Box::new(scanner));
                }
            }
            ScannerConfig::Serial(serial) => {
                scanners.push(Box::new(SerialScanner::open(serial.clone())));
            }
        }
    }
    scanners
}

pub(super) fn nfc(config: &NfcConfig) -> (Option<Box<dyn Nfc>>, NfcHandle) {
    let (nfc, handle) = VirtualNfc::new();
    match config {
        NfcConfig::None => (None, handle),
        NfcConfig::Virtual => (Some(Box::new(nfc)), handle),
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

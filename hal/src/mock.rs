//! Virtual devices, and scripts that play them.
//!
//! Each virtual device comes with a handle: the device goes to the firmware, the handle to whoever
//! plays the outside world - a browser page, a test, a [`Script`]. Handles may be cloned and used
//! from any thread. The devices keep the same promises as real ones: readiness, health, unplugging
//! at any moment, bounded queues; and what is scanned goes through the framer of the serial driver.

mod backlight;
mod beeper;
mod display;
mod keypad;
mod nfc;
pub mod pn532;
mod printer;
mod scanner;
mod script;
mod wire;

pub use backlight::{BacklightHandle, VirtualBacklight};
pub use beeper::{BeeperHandle, VirtualBeeper};
pub use display::{DisplayHandle, DisplayStats, VirtualDisplay};
pub use keypad::{KeypadHandle, VirtualKeypad};
pub use nfc::{NfcHandle, VirtualNfc};
pub use printer::{PrinterHandle, RECEIPTS_MAX, VirtualPrinter};
pub use scanner::{ScannerHandle, VirtualScanner};
pub use script::{DeviceAction, DeviceKind, Script};

use crate::display::Geometry;

/// What became of an input given to a handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// The device has it.
    Delivered,
    /// The device's queue is full, or was and its user has not noticed yet: dropped, counted, and
    /// reported to the user as an overrun.
    Overrun,
    /// The device is unplugged, or its user let go of it.
    Absent,
    /// The device is there but not reading.
    Disarmed,
}

/// One of each virtual device.
#[derive(Debug)]
pub struct VirtualDevices {
    /// The scanner.
    pub scanner: VirtualScanner,
    /// The contactless reader.
    pub nfc: VirtualNfc,
    /// The keypad.
    pub keypad: VirtualKeypad,
    /// The display.
    pub display: VirtualDisplay,
    /// The printer.
    pub printer: VirtualPrinter,
    /// The beeper.
    pub beeper: VirtualBeeper,
    /// The backlight.
    pub backlight: VirtualBacklight,
}

/// The handles of [`VirtualDevices`].
#[derive(Debug, Clone)]
pub struct VirtualHandles {
    /// Of the scanner.
    pub scanner: ScannerHandle,
    /// Of the contactless reader.
    pub nfc: NfcHandle,
    /// Of the keypad.
    pub keypad: KeypadHandle,
    /// Of the display.
    pub display: DisplayHandle,
    /// Of the printer.
    pub printer: PrinterHandle,
    /// Of the beeper.
    pub beeper: BeeperHandle,
    /// Of the backlight.
    pub backlight: BacklightHandle,
}

impl VirtualDevices {
    /// One of each, with a display of `geometry`, all plugged in.
    pub fn new(geometry: Geometry) -> (Self, VirtualHandles) {
        let (scanner, scanner_handle) = VirtualScanner::new();
        let (nfc, nfc_handle) = VirtualNfc::new();
        let (keypad, keypad_handle) = VirtualKeypad::new();
        let (display, display_handle) = VirtualDisplay::new(geometry);
        let (printer, printer_handle) = VirtualPrinter::new();
        let (beeper, beeper_handle) = VirtualBeeper::new();
        let (backlight, backlight_handle) = VirtualBacklight::new();
        let devices = Self { scanner, nfc, keypad, display, printer, beeper, backlight };
        let handles = VirtualHandles {
            scanner: scanner_handle,
            nfc: nfc_handle,
            keypad: keypad_handle,
            display: display_handle,
            printer: printer_handle,
            beeper: beeper_handle,
            backlight: backlight_handle,
        };
        (devices, handles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Backlight, Beeper, Device, Display, Keypad, Nfc, Printer, Scanner};

    /// What a page needs of the handles it keeps.
    fn with_shared<H: Clone + Send + Sync + 'static>(handles: &H, use_it: fn(&H)) {
        use_it(&handles.clone());
    }

    #[test]
    fn every_virtual_device_can_stand_in_for_a_real_one() {
        let (devices, handles) = VirtualDevices::new(Geometry::new(8, 6).unwrap());
        with_shared(&handles, |handles| handles.printer.set_paper(true));
        let scanner: Box<dyn Scanner> = Box::new(devices.scanner);
        let nfc: Box<dyn Nfc> = Box::new(devices.nfc);
        let keypad: Box<dyn Keypad> = Box::new(devices.keypad);
        let display: Box<dyn Display> = Box::new(devices.display);
        let printer: Box<dyn Printer> = Box::new(devices.printer);
        let beeper: Box<dyn Beeper> = Box::new(devices.beeper);
        let backlight: Box<dyn Backlight> = Box::new(devices.backlight);
        let devices: [Box<dyn Device>; 7] =
            [scanner, nfc, keypad, display, printer, beeper, backlight];
        for device in devices {
            assert!(device.health().is_ready(), "{}", device.name());
        }
    }
}

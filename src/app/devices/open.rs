//! From what is configured to a device: a function for each. None of them fails, none of them
//! waits. The handle of a virtual device comes with it, and leads nowhere where the device is a
//! real one.

use super::{Mirror, Source};
use crate::app::config::{
    BacklightConfig, BacklightDriver, BeeperConfig, DisplayConfig, KeypadConfig, NfcConfig,
    PrinterConfig, ScannerConfig, ScannerSource,
};
use hal::backlight::sysfs::SysfsBacklight;
use hal::display::{GlassConfig, GlassDisplay, drm, fbdev};
use hal::keypad::EvdevKeypad;
use hal::mock::{
    BacklightHandle, BeeperHandle, DisplayHandle, KeypadHandle, NfcHandle, PrinterHandle,
    VirtualBacklight, VirtualBeeper, VirtualDisplay, VirtualKeypad, VirtualNfc, VirtualPrinter,
    VirtualScanner,
};
use hal::printer::TextStyle;
use hal::printer::escpos::EscPosPrinter;
use hal::printer::file::FilePrinter;
use hal::printer::raster::{Bitmap, TextRaster};
use hal::scanner::{EvdevScanner, SerialScanner};
use hal::{Backlight, Beeper, Display, Keypad, LineNfc, Nfc, Pn532, Printer, Scanner};

/// The screen; where it is a real one, what it shows goes to a virtual one, too.
pub(super) fn display(config: &DisplayConfig) -> (Box<dyn Display>, DisplayHandle, Option<Mirror>) {
    let mirrored = |glass: &GlassConfig, display: GlassDisplay| {
        let (mirror, handle) = VirtualDisplay::new(glass.assumed);
        let mirror = Mirror::new(mirror, handle.clone());
        (Box::new(display) as Box<dyn Display>, handle, Some(mirror))
    };
    match config {
        DisplayConfig::Virtual { geometry } => {
            let (display, handle) = VirtualDisplay::new(*geometry);
            (Box::new(display), handle, None)
        }
        DisplayConfig::Fbdev(glass) => mirrored(glass, fbdev::open(glass.clone())),
        DisplayConfig::Drm(glass) => mirrored(glass, drm::open(glass.clone())),
    }
}

pub(super) fn keypad(config: &KeypadConfig) -> (Box<dyn Keypad>, KeypadHandle) {
    let (keypad, handle) = VirtualKeypad::new();
    match config {
        KeypadConfig::Virtual => (Box::new(keypad), handle),
        KeypadConfig::Evdev(evdev) => (Box::new(EvdevKeypad::open(evdev.clone())), handle),
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
            ScannerConfig::Evdev(evdev) => Box::new(EvdevScanner::open(evdev.clone())),
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
        PrinterConfig::EscPos(escpos) => {
            let font = Box::new(ReceiptFont::default());
            (Some(Box::new(EscPosPrinter::open(escpos.clone(), font))), handle)
        }
        PrinterConfig::File { path } => (Some(Box::new(FilePrinter::open(path))), handle),
    }
}

pub(super) fn beeper(config: &BeeperConfig) -> (Option<Box<dyn Beeper>>, BeeperHandle) {
    let (beeper, handle) = VirtualBeeper::new();
    match config {
        BeeperConfig::None => (None, handle),
        BeeperConfig::Virtual => (Some(Box::new(beeper)), handle),
        BeeperConfig::Evdev { device } => {
            (Some(Box::new(hal::beeper::evdev::open(device))), handle)
        }
        BeeperConfig::Console { device } => {
            (Some(Box::new(hal::beeper::console::open(device))), handle)
        }
    }
}

pub(super) fn backlight(config: &BacklightConfig) -> (Option<Box<dyn Backlight>>, BacklightHandle) {
    let (backlight, handle) = VirtualBacklight::new();
    match &config.driver {
        BacklightDriver::None => (None, handle),
        BacklightDriver::Virtual => (Some(Box::new(backlight)), handle),
        BacklightDriver::Sysfs { path } => (Some(Box::new(SysfsBacklight::open(path))), handle),
    }
}

/// Dots across of a Chinese character, as printers have them; double size is twice that.
const RECEIPT_PX: u32 = 24;

/// The screen's font on paper.
#[derive(Default)]
struct ReceiptFont(ui::Lettering);

impl TextRaster for ReceiptFont {
    fn lines(&mut self, text: &str, style: TextStyle, width_dots: u32) -> Vec<Bitmap> {
        let px = if style.double { RECEIPT_PX * 2 } else { RECEIPT_PX };
        let lines = self.0.lines(text, px, style.bold, width_dots);
        let bitmap = |line: &ui::Mask| {
            let mut bitmap = Bitmap::new(line.width(), line.height());
            line.black().for_each(|(x, y)| bitmap.set(x, y));
            bitmap
        };
        lines.iter().map(bitmap).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_is_drawn_with_the_screens_font_dot_for_dot() {
        let style = TextStyle { bold: true, double: true };
        let drawn = ReceiptFont::default().lines("收款 ¥0.01", style, 384);
        let seen = ui::Lettering::default().lines("收款 ¥0.01", RECEIPT_PX * 2, true, 384);
        assert_eq!((drawn.len(), seen.len()), (1, 1));
        let black: Vec<(u32, u32)> = seen[0].black().collect();
        assert!(black.len() > 500);
        let places =
            (0..drawn[0].height()).flat_map(|y| (0..drawn[0].width()).map(move |x| (x, y)));
        let blackened: Vec<(u32, u32)> =
            places.filter(|(x, y)| drawn[0].is_black(*x, *y)).collect();
        assert_eq!(blackened, black);
    }
}

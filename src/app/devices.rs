//! The devices of this terminal, as configured, and their events in one stream.

use crate::app::config::{DevicesConfig, PrinterConfig, ScannerConfig};
use hal::mock::{
    VirtualBeeper, VirtualDisplay, VirtualHandles, VirtualKeypad, VirtualNfc, VirtualPrinter,
    VirtualScanner,
};
use hal::scanner::serial::{SerialConfig, SerialScanner};
use hal::{
    Beeper, Display, DropReason, HealthReport, Key, Keypad, KeypadEvent, Nfc, NfcEvent, Printer,
    PrinterEvent, Reading, Scanner, ScannerEvent,
};
use std::task::{Context, Poll};

/// What the devices say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceEvent {
    /// A key.
    Key(Key),
    /// A scanner read something.
    Read(Reading),
    /// A scanner could not make sense of what came.
    Dropped(DropReason),
    /// A phone was held to the reader.
    Tapped(String),
    /// A phone was held to the reader, and could not be read.
    TapFailed,
    /// A device came, went or recovered; or the printer reported on a job.
    HealthChanged,
}

/// The devices.
pub struct Devices {
    scanners: Vec<Box<dyn Scanner>>,
    nfc: Option<Box<dyn Nfc>>,
    keypad: Box<dyn Keypad>,
    /// The screen.
    pub display: Box<dyn Display>,
    /// The receipt printer, if there is one.
    pub printer: Option<Box<dyn Printer>>,
    /// The beeper, if there is one.
    pub beeper: Option<Box<dyn Beeper>>,
}

impl Devices {
    /// The configured devices, and the handles of those that are virtual. Opening never fails: a
    /// device that is not there says so in its health and is looked for again. Serial scanners need
    /// to be opened inside the tokio runtime.
    pub fn open(config: &DevicesConfig) -> (Devices, VirtualHandles) {
        let (virtual_scanner, scanner) = VirtualScanner::new();
        let (virtual_nfc, nfc) = VirtualNfc::new();
        let (virtual_keypad, keypad) = VirtualKeypad::new();
        let (virtual_display, display) = VirtualDisplay::new(config.screen);
        let (virtual_printer, printer) = VirtualPrinter::new();
        let (virtual_beeper, beeper) = VirtualBeeper::new();
        let (_, backlight) = hal::mock::VirtualBacklight::new();
        let mut virtual_scanner = Some(virtual_scanner);
        let mut scanners: Vec<Box<dyn Scanner>> = Vec::new();
        for one in &config.scanners {
            match one {
                ScannerConfig::Virtual => {
                    if let Some(scanner) = virtual_scanner.take() {
                        scanners.push(Box::new(scanner));
                    }
                }
                ScannerConfig::Serial { path, baud, terminator } => {
                    let mut serial = SerialConfig::new(path);
                    serial.baud = *baud;
                    serial.terminator = *terminator;
                    scanners.push(Box::new(SerialScanner::open(serial)));
                }
            }
        }
        let devices = Devices {
            scanners,
            nfc: config.nfc.then(|| Box::new(virtual_nfc) as Box<dyn Nfc>),
            keypad: Box::new(virtual_keypad),
            display: Box::new(virtual_display),
            printer: match config.printer {
                PrinterConfig::None => None,
                PrinterConfig::Virtual => Some(Box::new(virtual_printer)),
            },
            beeper: Some(Box::new(virtual_beeper)),
        };
        let handles = VirtualHandles { scanner, nfc, keypad, display, printer, beeper, backlight };
        (devices, handles)
    }

    /// The next event: keys first, since a person is waiting.
    pub fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<DeviceEvent> {
        if let Poll::Ready(event) = self.keypad.poll_event(cx) {
            return Poll::Ready(match event {
                KeypadEvent::Pressed(key) => DeviceEvent::Key(key),
                // A key that was lost does nothing, and the screen shows what was taken.
                KeypadEvent::HealthChanged | KeypadEvent::Overrun => DeviceEvent::HealthChanged,
            });
        }
        for scanner in &mut self.scanners {
            if let Poll::Ready(event) = scanner.poll_event(cx) {
                return Poll::Ready(match event {
                    ScannerEvent::Read(reading) => DeviceEvent::Read(reading),
                    ScannerEvent::Dropped(reason) => DeviceEvent::Dropped(reason),
                    ScannerEvent::HealthChanged => DeviceEvent::HealthChanged,
                });
            }
        }
        if let Some(nfc) = &mut self.nfc
            && let Poll::Ready(event) = nfc.poll_event(cx)
        {
            return Poll::Ready(match event {
                NfcEvent::Tapped(token) => DeviceEvent::Tapped(token),
                NfcEvent::Failed(_) => DeviceEvent::TapFailed,
                NfcEvent::HealthChanged => DeviceEvent::HealthChanged,
            });
        }
        if let Some(printer) = &mut self.printer
            && let Poll::Ready(event) = printer.poll_event(cx)
        {
            match event {
                PrinterEvent::Printed(_) | PrinterEvent::HealthChanged => {}
                PrinterEvent::Failed(job, fault) => {
                    tracing::warn!(?job, %fault, "a receipt was not printed");
                }
            }
            return Poll::Ready(DeviceEvent::HealthChanged);
        }
        Poll::Pending
    }

    /// From now on a customer's code is awaited, or no longer is: nothing from before counts (I16).
    pub fn await_code(&mut self, on: bool) {
        for scanner in &mut self.scanners {
            scanner.discard();
        }
        if let Some(nfc) = &mut self.nfc {
            nfc.arm(on);
        }
    }

    /// How the scanners are: their light is good while one of them works.
    pub fn scanner_light(&self) -> ui::Light {
        light(self.scanners.iter().map(|scanner| scanner.health()))
    }

    /// How the printer is.
    pub fn printer_light(&self) -> ui::Light {
        light(self.printer.iter().map(|printer| printer.health()))
    }

    /// Each device and how it is, for the health screen and `check`.
    pub fn report(&self) -> Vec<(String, HealthReport)> {
        let scanners = self.scanners.iter().map(|it| (it.name().to_owned(), it.health()));
        let nfc = self.nfc.iter().map(|it| (it.name().to_owned(), it.health()));
        let printer = self.printer.iter().map(|it| (it.name().to_owned(), it.health()));
        let keypad = [(self.keypad.name().to_owned(), self.keypad.health())];
        let display = [(self.display.name().to_owned(), self.display.health())];
        display.into_iter().chain(keypad).chain(scanners).chain(nfc).chain(printer).collect()
    }
}

fn light(reports: impl Iterator<Item = HealthReport>) -> ui::Light {
    reports.map(|report| report.is_ready()).fold(ui::Light::Absent, |light, ready| {
        match (light, ready) {
            (ui::Light::Good, _) | (_, true) => ui::Light::Good,
            (ui::Light::Absent | ui::Light::Bad, false) => ui::Light::Bad,
        }
    })
}

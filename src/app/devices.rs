//! The devices of this terminal, as configured, and their events in one stream.

mod mirror;
mod open;

use crate::app::config::DevicesConfig;
use crate::payment::CodeKind;
use hal::mock::{VirtualHandles, VirtualScanner};
use hal::{
    Backlight, Beeper, Display, DisplayEvent, DropReason, Health, HealthReport, Key, Keypad,
    KeypadEvent, Nfc, NfcEvent, NfcFault, Printer, PrinterEvent, PrinterFault, Reading, Scanner,
    ScannerEvent,
};
pub use mirror::Mirror;
use std::task::{Context, Poll};
use ui::Text;

/// What the devices say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceEvent {
    /// A key.
    Key(Key),
    /// A scanner read something, which is of this kind.
    Read(Reading, CodeKind),
    /// A scanner could not make sense of what came.
    Dropped(DropReason),
    /// A phone was held to the reader.
    Tapped(String),
    /// A phone was held to the reader, and could not be read.
    TapFailed(NfcFault),
    /// The screen came, went or recovered: what it showed is gone, and its size may be another.
    DisplayChanged,
    /// The printer reported on a job, came, went or recovered.
    Printer(PrinterEvent),
    /// Another device came, went or recovered.
    HealthChanged,
}

/// A scanner, and what kind of code it reads: a receiver of sonic codes is one, too.
struct Source {
    scanner: Box<dyn Scanner>,
    reads: CodeKind,
}

/// The devices.
pub struct Devices {
    scanners: Vec<Source>,
    nfc: Option<Box<dyn Nfc>>,
    keypad: Box<dyn Keypad>,
    /// The screen.
    pub display: Box<dyn Display>,
    /// The receipt printer, if there is one.
    pub printer: Option<Box<dyn Printer>>,
    /// The beeper, if there is one.
    pub beeper: Option<Box<dyn Beeper>>,
    /// The light behind the screen, if it can be set.
    pub backlight: Option<Box<dyn Backlight>>,
    /// Where a real screen's picture goes besides; of use only to a panel.
    pub mirror: Option<Mirror>,
    /// Which of the others than screen and keypad is asked first.
    turn: usize,
}

impl Devices {
    /// The configured devices, and the handles of those that are virtual. Opening never fails: a
    /// device that is not there says so in its health and is looked for again. Must be called
    /// inside a tokio runtime with I/O and time.
    pub fn open(config: &DevicesConfig) -> (Devices, VirtualHandles) {
        let (virtual_scanner, scanner) = VirtualScanner::new();
        let (display, display_handle, mirror) = open::display(&config.display);
        let (keypad, keypad_handle) = open::keypad(&config.keypad);
        let (nfc, nfc_handle) = open::nfc(&config.nfc);
        let (printer, printer_handle) = open::printer(&config.printer);
        let (beeper, beeper_handle) = open::beeper(&config.beeper);
        let (backlight, backlight_handle) = open::backlight(&config.backlight);
        let scanners = open::scanners(&config.scanners, virtual_scanner);
        let turn = 0;
        let devices =
            Devices { scanners, nfc, keypad, display, printer, beeper, backlight, mirror, turn };
        let handles = VirtualHandles {
            scanner,
            nfc: nfc_handle,
            keypad: keypad_handle,
            display: display_handle,
            printer: printer_handle,
            beeper: beeper_handle,
            backlight: backlight_handle,
        };
        (devices, handles)
    }

    /// The next event: the screen first, since keys count only while it can be seen; then keys,
    /// since a person is waiting.
    pub fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<DeviceEvent> {
        if let Poll::Ready(event) = self.display.poll_event(cx) {
            return Poll::Ready(match event {
                DisplayEvent::HealthChanged => DeviceEvent::DisplayChanged,
            });
        }
        if let Poll::Ready(event) = self.keypad.poll_event(cx) {
            return Poll::Ready(match event {
                KeypadEvent::Pressed(key) => DeviceEvent::Key(key),
                // A key that was lost does nothing, and the screen shows what was taken.
                KeypadEvent::HealthChanged | KeypadEvent::Overrun => DeviceEvent::HealthChanged,
            });
        }
        // The others in turns: a scanner that sends without end would leave none to them.
        let (first, others) = (self.turn, self.scanners.len() + 2);
        for at in (0..others).map(|step| (first + step) % others) {
            if let Poll::Ready(event) = self.poll_other(cx, at) {
                self.turn = at + 1;
                return Poll::Ready(event);
            }
        }
        Poll::Pending
    }

    /// The next event of one of the scanners, then the reader, then the printer.
    fn poll_other(&mut self, cx: &mut Context<'_>, at: usize) -> Poll<DeviceEvent> {
        if let Some(Source { scanner, reads }) = self.scanners.get_mut(at) {
            return scanner.poll_event(cx).map(|event| match event {
                ScannerEvent::Read(reading) => DeviceEvent::Read(reading, *reads),
                ScannerEvent::Dropped(reason) => DeviceEvent::Dropped(reason),
                ScannerEvent::HealthChanged => DeviceEvent::HealthChanged,
            });
        }
        match (at - self.scanners.len(), &mut self.nfc, &mut self.printer) {
            (0, Some(nfc), _) => nfc.poll_event(cx).map(|event| match event {
                NfcEvent::Tapped(token) => DeviceEvent::Tapped(token),
                NfcEvent::Failed(fault) => DeviceEvent::TapFailed(fault),
                NfcEvent::HealthChanged => DeviceEvent::HealthChanged,
            }),
            (1, _, Some(printer)) => printer.poll_event(cx).map(DeviceEvent::Printer),
            (_, _, _) => Poll::Pending,
        }
    }

    /// The next event of a scanner, its name and what it reads; the other devices wait meanwhile.
    pub fn poll_scanners(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<(String, CodeKind, ScannerEvent)> {
        for Source { scanner, reads } in &mut self.scanners {
            if let Poll::Ready(event) = scanner.poll_event(cx) {
                return Poll::Ready((scanner.name().to_owned(), *reads, event));
            }
        }
        Poll::Pending
    }

    /// From now on a customer's code is awaited, or no longer is: nothing from before counts (I16).
    pub fn await_code(&mut self, on: bool) {
        for Source { scanner, .. } in &mut self.scanners {
            scanner.discard();
        }
        if let Some(nfc) = &mut self.nfc {
            nfc.arm(on);
        }
    }

    /// How the scanners are: their light is good while one of them works.
    pub fn scanner_light(&self) -> ui::Light {
        light(self.scanners.iter().map(|it| it.scanner.health()))
    }

    /// Whether a phone can be held to a reader now.
    pub fn takes_taps(&self) -> bool {
        self.nfc.as_ref().is_some_and(|nfc| nfc.health().is_ready())
    }

    /// How the printer is.
    pub fn printer_light(&self) -> ui::Light {
        light(self.printer.iter().map(|printer| printer.health()))
    }

    /// The device that most needs to be seen to: keys first, since nothing is sold without
    /// them.
    pub fn trouble(&self) -> Option<Text> {
        let of = |health: HealthReport, absent, failed| match health.health {
            Health::Ready | Health::Starting => None,
            Health::Absent => Some(absent),
            Health::Failed => Some(failed),
        };
        let keypad = of(self.keypad.health(), Text::KeypadAbsent, Text::KeypadFailed);
        let scanner = || {
            let each = self.scanners.iter().map(|it| it.scanner.health());
            let troubles = each.filter_map(|it| of(it, Text::ScannerAbsent, Text::ScannerFailed));
            // A fault can be mended, so it is named before a device that may be meant to be away.
            troubles.max_by_key(|it| *it == Text::ScannerFailed)
        };
        let nfc = || of(self.nfc.as_ref()?.health(), Text::NfcAbsent, Text::NfcFailed);
        let printer = || match self.printer.as_ref()?.fault()? {
            PrinterFault::Absent(_) => Some(Text::PrinterAbsent),
            PrinterFault::NoPaper => Some(Text::PrinterNoPaper),
            PrinterFault::CoverOpen => Some(Text::PrinterCoverOpen),
            PrinterFault::Failed(_) => Some(Text::PrinterFailed),
            PrinterFault::Busy | PrinterFault::TooLong { .. } => None,
        };
        let beeper = || of(self.beeper.as_ref()?.health(), Text::BeeperAbsent, Text::BeeperFailed);
        let backlight =
            || of(self.backlight.as_ref()?.health(), Text::BacklightAbsent, Text::BacklightFailed);
        keypad.or_else(scanner).or_else(nfc).or_else(printer).or_else(beeper).or_else(backlight)
    }

    /// Each device and how it is, for the health screen and `check`.
    pub fn report(&self) -> Vec<(String, HealthReport)> {
        let scanners = self
            .scanners
            .iter()
            .map(|Source { scanner, .. }| (scanner.name().to_owned(), scanner.health()));
        let nfc = self.nfc.iter().map(|it| (it.name().to_owned(), it.health()));
        let printer = self.printer.iter().map(|it| (it.name().to_owned(), it.health()));
        let beeper = self.beeper.iter().map(|it| (it.name().to_owned(), it.health()));
        let backlight = self.backlight.iter().map(|it| (it.name().to_owned(), it.health()));
        let keypad = [(self.keypad.name().to_owned(), self.keypad.health())];
        let display = [(self.display.name().to_owned(), self.display.health())];
        let light = beeper.chain(backlight);
        display
            .into_iter()
            .chain(keypad)
            .chain(scanners)
            .chain(nfc)
            .chain(printer)
            .chain(light)
            .collect()
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

#[cfg(test)]
mod tests;

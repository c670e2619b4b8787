//! Scripts: what happens to the virtual devices, and when.
//!
//! A script runs on tokio's clock, so that with a paused clock it plays in no time and always the
//! same way.

use std::time::Duration;

use super::{Delivery, VirtualHandles};
use crate::key::Key;
use crate::nfc::NfcFault;

/// Which virtual device is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeviceKind {
    /// The scanner.
    Scanner,
    /// The contactless reader.
    Nfc,
    /// The keypad.
    Keypad,
    /// The display.
    Display,
    /// The printer.
    Printer,
    /// The beeper.
    Beeper,
    /// The backlight.
    Backlight,
}

/// Something that happens to a virtual device.
#[derive(Clone, PartialEq, Eq)]
pub enum DeviceAction {
    /// A key is pressed.
    Press(Key),
    /// A whole code is scanned.
    Scan(String),
    /// Bytes come in on the scanner's line.
    ScanBytes(Vec<u8>),
    /// A phone or card with this token is held to the contactless reader.
    Tap(String),
    /// Something that gives no token is held to the contactless reader.
    TapFails(NfcFault),
    /// Paper is put in, or runs out.
    Paper(bool),
    /// A plug is pulled.
    Unplug(DeviceKind),
    /// A plug is put in.
    Plug(DeviceKind),
}

impl DeviceAction {
    fn perform(&self, handles: &VirtualHandles) -> Delivery {
        match self {
            DeviceAction::Press(key) => return handles.keypad.press(*key),
            DeviceAction::Scan(text) => return handles.scanner.scan(text),
            DeviceAction::ScanBytes(bytes) => return handles.scanner.scan_bytes(bytes),
            DeviceAction::Tap(token) => return handles.nfc.tap(token),
            DeviceAction::TapFails(fault) => return handles.nfc.tap_fails(*fault),
            DeviceAction::Paper(paper) => handles.printer.set_paper(*paper),
            DeviceAction::Unplug(kind) => match kind {
                DeviceKind::Scanner => handles.scanner.unplug(),
                DeviceKind::Nfc => handles.nfc.unplug(),
                DeviceKind::Keypad => handles.keypad.unplug(),
                DeviceKind::Display => handles.display.unplug(),
                DeviceKind::Printer => handles.printer.unplug(),
                DeviceKind::Beeper => handles.beeper.unplug(),
                DeviceKind::Backlight => handles.backlight.unplug(),
            },
            DeviceAction::Plug(kind) => match kind {
                DeviceKind::Scanner => handles.scanner.plug(),
                DeviceKind::Nfc => handles.nfc.plug(),
                DeviceKind::Keypad => handles.keypad.plug(),
                DeviceKind::Display => handles.display.plug(),
                DeviceKind::Printer => handles.printer.plug(),
                DeviceKind::Beeper => handles.beeper.plug(),
                DeviceKind::Backlight => handles.backlight.plug(),
            },
        }
        Delivery::Delivered
    }
}

impl std::fmt::Debug for DeviceAction {
    /// Says how much is scanned or tapped, never what (I17).
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            DeviceAction::Press(key) => write!(f, "Press({key})"),
            DeviceAction::Scan(text) => write!(f, "Scan({} bytes)", text.len()),
            DeviceAction::ScanBytes(bytes) => write!(f, "ScanBytes({} bytes)", bytes.len()),
            DeviceAction::Tap(token) => write!(f, "Tap({} bytes)", token.len()),
            DeviceAction::TapFails(fault) => write!(f, "TapFails({fault:?})"),
            DeviceAction::Paper(paper) => write!(f, "Paper({paper})"),
            DeviceAction::Unplug(kind) => write!(f, "Unplug({kind:?})"),
            DeviceAction::Plug(kind) => write!(f, "Plug({kind:?})"),
        }
    }
}

/// A list of actions, each with its time from the start.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Script {
    rows: Vec<(Duration, DeviceAction)>,
}

impl Script {
    /// A script in which nothing happens.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an action at a time from the start. Those at the same time happen as they were added.
    #[must_use]
    pub fn at(mut self, offset: Duration, action: DeviceAction) -> Self {
        self.rows.push((offset, action));
        self
    }

    /// Adds presses of `keys`, the first at `offset` and each next `apart` later.
    #[must_use]
    pub fn keys(mut self, offset: Duration, apart: Duration, keys: &[Key]) -> Self {
        let mut at = offset;
        for key in keys {
            self.rows.push((at, DeviceAction::Press(*key)));
            at += apart;
        }
        self
    }

    /// Plays it, and says for each action what became of it, from first to last.
    pub async fn play(&self, handles: &VirtualHandles) -> Vec<Delivery> {
        let start = tokio::time::Instant::now();
        let mut rows: Vec<_> = self.rows.iter().collect();
        rows.sort_by_key(|(offset, _)| *offset);
        let mut deliveries = Vec::with_capacity(rows.len());
        for (offset, action) in rows {
            tokio::time::sleep_until(start + *offset).await;
            deliveries.push(action.perform(handles));
        }
        deliveries
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::display::Geometry;
    use crate::keypad::{self, KeypadEvent};
    use crate::mock::VirtualDevices;
    use crate::nfc::{self, Nfc, NfcEvent};
    use crate::printer::{self, PrinterEvent};
    use crate::scanner::{self, ScannerEvent};
    use tokio::time::Instant;

    const CODE: &str = "284214903060794755";

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn script() -> Script {
        Script::new()
            .at(ms(900), DeviceAction::Scan(CODE.into()))
            .keys(ms(100), ms(150), &[Key::Dot, Key::Enter])
            .at(ms(950), DeviceAction::Unplug(DeviceKind::Scanner))
            .at(ms(960), DeviceAction::Scan(CODE.into()))
            .at(ms(2000), DeviceAction::Tap("token".into()))
            .at(ms(2000), DeviceAction::Paper(false))
    }

    /// Everything the devices say, with the milliseconds from the start.
    async fn watch(devices: &mut VirtualDevices, until: Duration) -> Vec<(u128, String)> {
        let start = Instant::now();
        let mut log = Vec::new();
        loop {
            let line = tokio::select! {
                event = scanner::next(&mut devices.scanner) => match event {
                    ScannerEvent::Read(reading) => format!("read {}", reading.text),
                    ScannerEvent::Dropped(reason) => format!("dropped: {reason}"),
                    ScannerEvent::HealthChanged => format!("scanner {}", devices.scanner.report()),
                },
                event = keypad::next(&mut devices.keypad) => match event {
                    KeypadEvent::Pressed(key) => format!("key {key}"),
                    KeypadEvent::Overrun | KeypadEvent::HealthChanged => format!("{event:?}"),
                },
                event = nfc::next(&mut devices.nfc) => match event {
                    NfcEvent::Tapped(token) => format!("tapped {token}"),
                    NfcEvent::Failed(_) | NfcEvent::HealthChanged => format!("{event:?}"),
                },
                event = printer::next(&mut devices.printer) => match event {
                    PrinterEvent::HealthChanged => format!("printer {}", devices.printer.report()),
                    PrinterEvent::Printed(_)
                    | PrinterEvent::Failed(..)
                    | PrinterEvent::CutShort(..) => format!("{event:?}"),
                },
                () = tokio::time::sleep_until(start + until) => return log,
            };
            log.push((start.elapsed().as_millis(), line));
        }
    }

    trait Report {
        fn report(&self) -> String;
    }

    impl<D: crate::Device> Report for D {
        fn report(&self) -> String {
            self.health().health.to_string()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_script_plays_at_its_times_and_always_the_same_way() {
        for _ in 0..3 {
            let (mut devices, handles) = VirtualDevices::new(Geometry::new(8, 6).unwrap());
            devices.nfc.arm(true);
            let script = script();
            let (log, mut deliveries) =
                tokio::join!(watch(&mut devices, ms(3000)), script.play(&handles));
            let expected = [
                (100, "key ."),
                (250, "key enter"),
                (900, "read 284214903060794755"),
                (950, "scanner absent"),
                (2000, "tapped token"),
                (2000, "printer failed"),
            ];
            let mut log: Vec<_> = log.iter().map(|(at, line)| (*at, line.as_str())).collect();
            // Both happen at once; which is fetched first is select's choice.
            log.sort_by_key(|(at, line)| (*at, !line.starts_with("tapped")));
            assert_eq!(log, expected);
            assert_eq!(deliveries.remove(4), Delivery::Absent);
            assert_eq!(deliveries, [Delivery::Delivered; 6]);
        }
    }

    #[test]
    fn a_script_never_prints_what_is_scanned() {
        assert!(!format!("{:?}", script()).contains(CODE));
    }
}

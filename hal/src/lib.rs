//! The devices of a counter terminal, behind traits.
//!
//! This crate knows text, bytes, keys, tones and pixels, and nothing of what they mean: no word of
//! the business it serves stands in it. What a scan is worth is decided elsewhere (I16).
//!
//! | room | what it owns |
//! |---|---|
//! | [`device`] | what all devices share: a name and a health report |
//! | [`scanner`] | the trait, the pure framer, the serial and the keyboard-wedge driver |
//! | [`nfc`] | the trait of a contactless reader, the PN532's driver, that of readers that send lines |
//! | [`input`] | keys of the kernel's input devices: which device, its strokes |
//! | [`keypad`], [`key`] | the trait, the keys with the names they go by, the driver |
//! | [`display`] | the trait, the shadow [`Frame`] that is drawn into, pixels, the drivers |
//! | [`printer`] | the trait and the structured job it prints |
//! | [`beeper`], [`backlight`] | tones and light |
//! | [`tty`], [`hotplug`] | what drivers share: a serial line; when to look again for what is away |
//! | [`mock`] | virtual devices with handles for a page or a test, and scripts that play them |
//!
//! Rules every driver keeps:
//!
//! - **Readiness.** Devices with input have `poll_event`, which registers the task's waker before
//!   it returns `Pending`; `next` in each room is the same as a future, and may be dropped at any
//!   time without losing an event. Devices with output never block their caller.
//! - **Unplugging is ordinary.** No constructor fails because a device is away. It reports
//!   [`Health::Absent`], tries again by itself, and says `HealthChanged` each time it changes.
//! - **Bounded.** Every queue, buffer and turn of work has a limit, whatever the device sends; what
//!   is dropped is counted and reported (I15).
//! - **Discreet.** What was read off a phone or card is never printed by `Debug` (I17).

mod alarm;
pub mod backlight;
pub mod beeper;
pub mod device;
pub mod display;
pub mod hotplug;
pub mod input;
pub mod key;
pub mod keypad;
pub mod mock;
pub mod nfc;
pub mod printer;
mod readiness;
pub mod scanner;
pub mod tty;

pub use backlight::{Backlight, BacklightFault, Level};
pub use beeper::{Beeper, BeeperFault, Tone};
pub use device::{Device, Health, HealthReport};
pub use display::{
    Display, DisplayEvent, DisplayFault, Frame, Geometry, GlassConfig, GlassDisplay, Rotation,
    RowRanges,
};
pub use key::{Digit, Key};
pub use keypad::{Keypad, KeypadEvent};
pub use nfc::{LineNfc, Nfc, NfcEvent, NfcFault, Pn532, Pn532Config};
pub use printer::{JobId, PrintJob, PrintLine, Printer, PrinterEvent, PrinterFault};
pub use scanner::{Aim, DropReason, Reading, Scanner, ScannerEvent};

//! The beeper: short tunes.
//!
//! | room | what it owns |
//! |---|---|
//! | [`player`] | a tune being played: its deadlines, its end, its silence |
//! | [`evdev`] | a sounder that is an input device (EV_SND) |
//! | [`console`] | the sounder of a virtual console (KIOCSOUND) |

pub mod console;
pub mod evdev;
pub mod player;

use std::io;
use std::path::Path;

use crate::device::{Device, Health, HealthReport};

/// The most tones in one tune.
pub const TONES_MAX: usize = 32;

/// One tone, or a rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tone {
    /// Pitch in hertz; 0 is silence.
    pub frequency_hz: u16,
    /// Length in milliseconds.
    pub duration_ms: u16,
}

impl Tone {
    /// A tone of `frequency_hz` for `duration_ms`.
    pub const fn new(frequency_hz: u16, duration_ms: u16) -> Self {
        Self { frequency_hz, duration_ms }
    }

    /// Silence for `duration_ms`.
    pub const fn rest(duration_ms: u16) -> Self {
        Self::new(0, duration_ms)
    }
}

/// Why a tune was not played.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BeeperFault {
    /// The beeper is not there.
    #[error("the beeper is absent: {0}")]
    Absent(String),
    /// More than [`TONES_MAX`] tones.
    #[error("a tune of {tones} tones is longer than {TONES_MAX}: shorten it")]
    TooLong {
        /// How many there were.
        tones: usize,
    },
    /// The beeper refused.
    #[error("the beeper failed: {0}")]
    Failed(String),
}

/// A beeper.
pub trait Beeper: Device {
    /// Starts `tones`, cutting off a tune still playing, and returns at once.
    ///
    /// # Errors
    ///
    /// The tune is too long, or the beeper is absent or failed; nothing is played then.
    fn play(&mut self, tones: &[Tone]) -> Result<(), BeeperFault>;
}

/// Why a sounder cannot be opened, in words.
fn unusable(path: &Path, error: &io::Error) -> HealthReport {
    let shown = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => {
            HealthReport::new(Health::Absent, format!("{shown} is not there: plug it in"))
        }
        io::ErrorKind::PermissionDenied => {
            let detail = format!("{shown}: no permission: let this user write to it (a udev rule)");
            HealthReport::new(Health::Failed, detail)
        }
        _ => HealthReport::new(Health::Failed, format!("{shown}: {error}")),
    }
}

//! A sounder that is an input device: a PC speaker, a PWM beeper (`pwm-beeper`), a keypad's.
//!
//! It takes EV_SND events with SND_TONE, whose value is the pitch in hertz. Writing one never
//! blocks: the kernel hands it to the driver.
//!
//! Source: kernel, `Documentation/input/event-codes.rst`, "EV_SND"; `drivers/input/misc/`.

use std::io;
use std::path::{Path, PathBuf};

use evdev::{Device, EventType, InputEvent, SoundCode};
use rustix::fs::{Mode, OFlags};

use super::player::{Sounder, TonePlayer};
use crate::device::{Health, HealthReport};

struct Tones(Device);

impl Sounder for Tones {
    fn sound(&mut self, frequency_hz: u16) -> io::Result<()> {
        let (kind, code) = (EventType::SOUND.0, SoundCode::SND_TONE.0);
        self.0.send_events(&[InputEvent::new(kind, code, i32::from(frequency_hz))])
    }
}

/// A beeper on the input device at `path`, best a name that stays the same, as in
/// `/dev/input/by-path/`.
pub fn open(path: impl Into<PathBuf>) -> TonePlayer {
    let path = path.into();
    let name = format!("beeper {}", path.display());
    TonePlayer::new(name, Box::new(move || sounder(&path)))
}

fn sounder(path: &Path) -> Result<Box<dyn Sounder>, HealthReport> {
    let device = device(path).map_err(|error| super::unusable(path, &error))?;
    let sounds = device.supported_sounds();
    if !sounds.is_some_and(|sounds| sounds.contains(SoundCode::SND_TONE)) {
        let detail = format!("{} plays no tones: choose another input device", path.display());
        return Err(HealthReport::new(Health::Failed, detail));
    }
    Ok(Box::new(Tones(device)))
}

/// The device, to be written to: the crate's own way makes do with reading where no more is
/// permitted, and then every tone is refused without saying why.
fn device(path: &Path) -> io::Result<Device> {
    let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    Device::from_fd(rustix::fs::open(path, flags, Mode::empty())?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::Device as _;

    #[test]
    fn what_is_not_there_or_is_no_input_device_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("beeper");
        let absent = open(&path).health();
        assert_eq!(absent.health, Health::Absent);
        assert!(absent.detail.contains("is not there"), "{absent}");
        std::fs::write(&path, "").unwrap();
        let failed = open(&path).health();
        assert_eq!(failed.health, Health::Failed);
        assert!(failed.detail.contains("beeper: "), "{failed}");
    }

    #[test]
    fn one_that_can_only_be_read_is_no_beeper_and_says_why() {
        // A folder is such a file, whoever asks.
        let folder = tempfile::tempdir().unwrap();
        let failed = open(folder.path()).health();
        assert_eq!(failed.health, Health::Failed);
        assert!(failed.detail.contains("directory"), "{failed}");
    }
}

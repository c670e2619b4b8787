//! The sounder of a virtual console, by the ioctl KIOCSOUND: for machines with a PC speaker and no
//! input device for it.
//!
//! The console has to be this process's own terminal, or the process needs CAP_SYS_TTY_CONFIG.
//!
//! Source: `ioctl_console(2)`: the argument is the period in ticks of 1,193,180 Hz, 0 is silence.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use rustix::io::Errno;

use super::player::{Sounder, TonePlayer};
use crate::device::HealthReport;

/// Ticks a second of the timer that makes the sound.
const TICKS_HZ: u32 = 1_193_180;

struct Console(File);

impl Sounder for Console {
    fn sound(&mut self, frequency_hz: u16) -> io::Result<()> {
        ioctl::sound(&self.0, period(frequency_hz))
    }
}

/// The argument for a pitch. Below 19 Hz it would not fit the timer's 16 bits; nobody hears those.
fn period(frequency_hz: u16) -> u16 {
    let ticks = TICKS_HZ.checked_div(u32::from(frequency_hz));
    ticks.map_or(0, |ticks| u16::try_from(ticks).unwrap_or(u16::MAX))
}

/// A beeper on the console at `path`, such as `/dev/tty0`.
pub fn open(path: impl Into<PathBuf>) -> TonePlayer {
    let path = path.into();
    let name = format!("beeper {}", path.display());
    TonePlayer::new(name, Box::new(move || sounder(&path)))
}

fn sounder(path: &Path) -> Result<Box<dyn Sounder>, HealthReport> {
    let unusable = |error: io::Error| super::unusable(path, &error);
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits();
    let flags = i32::try_from(flags).map_err(|error| unusable(io::Error::other(error)))?;
    let opened = OpenOptions::new().write(true).custom_flags(flags).open(path);
    let file = opened.map_err(unusable)?;
    // What is no console, or not ours to sound, says so now and not at the first sale.
    ioctl::sound(&file, 0).map_err(|error| match Errno::from_io_error(&error) {
        Some(Errno::NOTTY) => unusable(io::Error::other("no console: such as /dev/tty0 is one")),
        Some(Errno::PERM) => unusable(io::Error::other(
            "not this process's console, and no CAP_SYS_TTY_CONFIG to sound it all the same",
        )),
        Some(_) | None => unusable(error),
    })?;
    Ok(Box::new(Console(file)))
}

/// The one call that no crate has.
mod ioctl {
    use std::fs::File;
    use std::io;

    use rustix::ioctl::{IntegerSetter, Opcode, ioctl};

    /// `KIOCSOUND` of `linux/kd.h`.
    const KIOCSOUND: Opcode = 0x4B2F;

    #[expect(unsafe_code, reason = "an ioctl's number and argument have to be vouched for")]
    pub(super) fn sound(console: &File, period: u16) -> io::Result<()> {
        // SAFETY: KIOCSOUND takes a number by value, and neither reads nor writes memory.
        let result = unsafe {
            let request = IntegerSetter::<KIOCSOUND>::new_usize(usize::from(period));
            ioctl(console, request)
        };
        Ok(result?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::{Device as _, Health};

    #[test]
    fn a_pitch_is_a_period_of_the_timer() {
        let rows = [(0, 0), (1, u16::MAX), (440, 2711), (2000, 596), (u16::MAX, 18)];
        for (frequency_hz, expected) in rows {
            assert_eq!(period(frequency_hz), expected, "{frequency_hz} Hz");
        }
    }

    #[test]
    fn what_is_no_console_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tty0");
        assert_eq!(open(&path).health().health, Health::Absent);
        std::fs::write(&path, "").unwrap();
        let failed = open(&path).health();
        assert_eq!(failed.health, Health::Failed);
        assert!(failed.detail.contains("tty0: no console"), "{failed}");
    }
}

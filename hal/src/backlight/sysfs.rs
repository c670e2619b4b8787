//! The driver for a backlight that the kernel shows as a folder, `/sys/class/backlight/NAME`.
//!
//! Owns the path only: each setting reads how bright it can get and writes two or three digits, so
//! a backlight that comes later, or comes back, works at the next setting.
//!
//! Source: kernel, `Documentation/ABI/stable/sysfs-class-backlight`: `max_brightness`,
//! `brightness`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Backlight, BacklightFault, Level};
use crate::device::{Device, Health, HealthReport};

/// A backlight of the kernel's.
#[derive(Debug)]
pub struct SysfsBacklight {
    folder: PathBuf,
    name: String,
    health: HealthReport,
}

impl SysfsBacklight {
    /// The backlight in this folder; nothing is set yet.
    pub fn open(folder: impl Into<PathBuf>) -> SysfsBacklight {
        let folder = folder.into();
        let name = format!("backlight {}", folder.display());
        let health = match usable(&folder) {
            Ok(()) => HealthReport::ready(),
            Err(error) => report(&folder, &error),
        };
        SysfsBacklight { folder, name, health }
    }

    fn try_set(&self, level: Level) -> io::Result<()> {
        let wanted = brightness(level, brightest(&self.folder)?);
        fs::write(self.folder.join("brightness"), wanted.to_string())
    }
}

impl Device for SysfsBacklight {
    fn name(&self) -> &str {
        &self.name
    }

    fn health(&self) -> HealthReport {
        self.health.clone()
    }
}

impl Backlight for SysfsBacklight {
    fn set(&mut self, level: Level) -> Result<(), BacklightFault> {
        let set = self.try_set(level);
        self.health = match &set {
            Ok(()) => HealthReport::ready(),
            Err(error) => report(&self.folder, error),
        };
        set.map_err(|_| match self.health.health {
            Health::Absent => BacklightFault::Absent(self.health.detail.clone()),
            Health::Ready | Health::Starting | Health::Failed => {
                BacklightFault::Failed(self.health.detail.clone())
            }
        })
    }
}

/// In the backlight's own unit. Only 0 % is off: on a coarse scale the lowest step is taken.
fn brightness(level: Level, brightest: u32) -> u32 {
    let scaled = u64::from(brightest) * u64::from(level.percent()) / 100;
    let lowest = if level == Level::OFF { 0 } else { 1.min(brightest) };
    u32::try_from(scaled).unwrap_or(brightest).max(lowest)
}

fn brightest(folder: &Path) -> io::Result<u32> {
    let text = fs::read_to_string(folder.join("max_brightness"))?;
    text.trim().parse().map_err(|_| {
        io::Error::new(io::ErrorKind::InvalidData, "its max_brightness is no whole number")
    })
}

/// Whether it could be set; sets nothing.
fn usable(folder: &Path) -> io::Result<()> {
    brightest(folder)?;
    fs::OpenOptions::new().write(true).open(folder.join("brightness")).map(drop)
}

fn report(folder: &Path, error: &io::Error) -> HealthReport {
    let shown = folder.display();
    match error.kind() {
        io::ErrorKind::NotFound => {
            let detail = format!("{shown} is no backlight: see which are in /sys/class/backlight");
            HealthReport::new(Health::Absent, detail)
        }
        io::ErrorKind::PermissionDenied => {
            let detail = format!("{shown}/brightness: no permission: a udev rule has to give it");
            HealthReport::new(Health::Failed, detail)
        }
        _ => HealthReport::new(Health::Failed, format!("{shown}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn level(percent: u8) -> Level {
        Level::new(percent).unwrap()
    }

    #[test]
    fn percent_become_the_kernels_steps() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("max_brightness"), "255\n").unwrap();
        fs::write(folder.path().join("brightness"), "255\n").unwrap();
        let mut backlight = SysfsBacklight::open(folder.path());
        assert!(backlight.health().is_ready());
        for (percent, expected) in [(100, "255"), (20, "51"), (0, "0"), (1, "2")] {
            backlight.set(level(percent)).unwrap();
            let written = fs::read_to_string(folder.path().join("brightness")).unwrap();
            assert_eq!(written, expected, "{percent} %");
        }
    }

    #[test]
    fn one_that_is_not_there_is_named_and_works_when_it_comes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("panel");
        let mut backlight = SysfsBacklight::open(&path);
        assert_eq!(backlight.health().health, Health::Absent);
        assert!(matches!(backlight.set(Level::FULL), Err(BacklightFault::Absent(_))));
        fs::create_dir(&path).unwrap();
        fs::write(path.join("max_brightness"), "bright").unwrap();
        assert!(matches!(backlight.set(Level::FULL), Err(BacklightFault::Failed(_))));
        assert!(backlight.health().detail.contains("max_brightness"), "{}", backlight.health());
        fs::write(path.join("max_brightness"), "7").unwrap();
        fs::write(path.join("brightness"), "0").unwrap();
        backlight.set(Level::FULL).unwrap();
        assert!(backlight.health().is_ready());
    }

    proptest! {
        #[test]
        fn a_light_that_is_on_is_never_dark_nor_brighter_than_it_gets(
            percent in 1u8..=100, brightest in 1u32..,
        ) {
            let set = brightness(level(percent), brightest);
            prop_assert!((1..=brightest).contains(&set));
        }
    }
}

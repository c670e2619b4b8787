//! `[backlight]`.

use super::super::error::{ConfigError, Place};
use super::super::file::unplaced;
use super::no_such_driver;
use hal::Level;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::time::Duration;
use toml::Spanned;

/// The light behind the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BacklightConfig {
    /// What sets it.
    pub driver: BacklightDriver,
    /// How bright it is while somebody works.
    pub active: Level,
    /// How bright it is while nobody does.
    pub idle: Level,
    /// How long nobody has to do anything until it is dimmed; zero is never.
    pub idle_after: Duration,
}

/// What sets the light.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BacklightDriver {
    /// There is none.
    None,
    /// The browser panel's.
    Virtual,
    /// The kernel's.
    Sysfs {
        /// Its folder, `/sys/class/backlight/NAME`.
        path: PathBuf,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::app::config) struct BacklightFile {
    driver: Spanned<String>,
    path: Option<PathBuf>,
    active: u32,
    idle: u32,
    idle_ms: u32,
}

impl Default for BacklightFile {
    fn default() -> BacklightFile {
        let driver = unplaced("virtual");
        BacklightFile { driver, path: None, active: 100, idle: 20, idle_ms: 60_000 }
    }
}

/// The shortest time to a dimmed screen: a flicker at every pause is no use.
const IDLE_MS_MIN: u32 = 1_000;

impl BacklightFile {
    pub(super) fn config(
        &self,
        place: &Place<'_>,
        base: &Path,
    ) -> Result<BacklightConfig, ConfigError> {
        let driver = match (self.driver.get_ref().as_str(), &self.path) {
            ("none", _) => BacklightDriver::None,
            ("virtual", _) => BacklightDriver::Virtual,
            ("sysfs", Some(path)) => BacklightDriver::Sysfs { path: base.join(path) },
            ("sysfs", None) => {
                let problem = "is missing: a folder in /sys/class/backlight";
                return Err(place.key("backlight.path", problem));
            }
            _ => {
                let drivers = ["sysfs", "virtual", "none"];
                return Err(no_such_driver(place, "backlight.driver", &self.driver, &drivers));
            }
        };
        let active = level(place, "backlight.active", self.active)?;
        let idle = level(place, "backlight.idle", self.idle)?;
        if active == Level::OFF {
            return Err(place.key("backlight.active", "0 is found, 1 to 100 percent expected"));
        }
        if idle > active {
            let problem = format!("{} is found: brighter than backlight.active", self.idle);
            return Err(place.key("backlight.idle", &problem));
        }
        if (1..IDLE_MS_MIN).contains(&self.idle_ms) {
            let problem = format!(
                "{} is found, {IDLE_MS_MIN} milliseconds or more expected, or 0 for never",
                self.idle_ms
            );
            return Err(place.key("backlight.idle_ms", &problem));
        }
        let idle_after = Duration::from_millis(u64::from(self.idle_ms));
        Ok(BacklightConfig { driver, active, idle, idle_after })
    }
}

fn level(place: &Place<'_>, key: &str, percent: u32) -> Result<Level, ConfigError> {
    let level = u8::try_from(percent).ok().and_then(Level::new);
    level.ok_or_else(|| place.key(key, &format!("{percent} is found, 0 to 100 percent expected")))
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::{parsed_devices, refused_devices};
    use super::*;

    #[test]
    fn without_a_word_it_is_the_panels_and_dims_after_a_minute() {
        let config = parsed_devices("").backlight;
        assert_eq!(config.driver, BacklightDriver::Virtual);
        assert_eq!((config.active.percent(), config.idle.percent()), (100, 20));
        assert_eq!(config.idle_after, Duration::from_secs(60));
    }

    #[test]
    fn a_light_of_the_kernels_has_a_folder() {
        let table = "[backlight]\ndriver = \"sysfs\"\npath = \"/sys/class/backlight/panel\"\n\
                     active = 80\nidle = 0\nidle_ms = 0";
        let config = parsed_devices(table).backlight;
        let path = PathBuf::from("/sys/class/backlight/panel");
        assert_eq!(config.driver, BacklightDriver::Sysfs { path });
        assert_eq!((config.active.percent(), config.idle), (80, Level::OFF));
        assert_eq!(config.idle_after, Duration::ZERO);
    }

    #[test]
    fn what_does_not_go_together_is_named() {
        let rows = [
            ("driver = \"pwm\"", "backlight.driver = \"pwm\": expected \"sysfs\", \"virtual\""),
            ("driver = \"sysfs\"", "backlight.path: is missing"),
            ("active = 101", "backlight.active: 101 is found"),
            ("active = 0\nidle = 0", "backlight.active: 0 is found"),
            ("active = 10\nidle = 11", "backlight.idle: 11 is found"),
            ("idle_ms = 10", "backlight.idle_ms: 10 is found, 1000"),
        ];
        for (table, expected) in rows {
            let said = refused_devices(&format!("[backlight]\n{table}"));
            assert!(said.contains(expected), "{table}: {said}");
        }
    }
}

//! `[backlight]`.

use super::super::error::{ConfigError, Place};
use super::super::file::unplaced;
use super::no_such_driver;
use serde::Deserialize;
use std::path::Path;
use toml::Spanned;

/// The light behind the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BacklightConfig {
    /// There is none.
    None,
    /// The browser panel's.
    Virtual,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::app::config) struct BacklightFile {
    driver: Spanned<String>,
}

impl Default for BacklightFile {
    fn default() -> BacklightFile {
        BacklightFile { driver: unplaced("virtual") }
    }
}

impl BacklightFile {
    pub(super) fn config(
        &self,
        place: &Place<'_>,
        _base: &Path,
    ) -> Result<BacklightConfig, ConfigError> {
        match self.driver.get_ref().as_str() {
            "none" => Ok(BacklightConfig::None),
            "virtual" => Ok(BacklightConfig::Virtual),
            _ => Err(no_such_driver(place, "backlight.driver", &self.driver, &["virtual", "none"])),
        }
    }
}

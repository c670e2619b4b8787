//! `[beeper]`.

use super::super::error::{ConfigError, Place};
use super::super::file::unplaced;
use super::no_such_driver;
use serde::Deserialize;
use std::path::Path;
use toml::Spanned;

/// The beeper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BeeperConfig {
    /// There is none.
    None,
    /// The browser panel's.
    Virtual,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::app::config) struct BeeperFile {
    driver: Spanned<String>,
}

impl Default for BeeperFile {
    fn default() -> BeeperFile {
        BeeperFile { driver: unplaced("virtual") }
    }
}

impl BeeperFile {
    pub(super) fn config(
        &self,
        place: &Place<'_>,
        _base: &Path,
    ) -> Result<BeeperConfig, ConfigError> {
        match self.driver.get_ref().as_str() {
            "none" => Ok(BeeperConfig::None),
            "virtual" => Ok(BeeperConfig::Virtual),
            _ => Err(no_such_driver(place, "beeper.driver", &self.driver, &["virtual", "none"])),
        }
    }
}

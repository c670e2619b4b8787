//! `[nfc]`.

use super::super::error::{ConfigError, Place};
use super::super::file::unplaced;
use super::no_such_driver;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// The contactless reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NfcConfig {
    /// There is none.
    None,
    /// The browser panel's.
    Virtual,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::app::config) struct NfcFile {
    driver: Spanned<String>,
    path: Option<PathBuf>,
    aid: Option<String>,
}

impl Default for NfcFile {
    fn default() -> NfcFile {
        NfcFile { driver: unplaced("none"), path: None, aid: None }
    }
}

impl NfcFile {
    pub(super) fn config(&self, place: &Place<'_>, _base: &Path) -> Result<NfcConfig, ConfigError> {
        match self.driver.get_ref().as_str() {
            "none" => Ok(NfcConfig::None),
            "virtual" => Ok(NfcConfig::Virtual),
            _ => Err(no_such_driver(place, "nfc.driver", &self.driver, &["virtual", "none"])),
        }
    }
}

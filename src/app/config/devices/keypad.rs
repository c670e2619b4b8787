//! `[keypad]`.

use super::super::error::{ConfigError, Place};
use super::super::file::unplaced;
use super::no_such_driver;
use serde::Deserialize;
use std::path::Path;
use toml::Spanned;

/// The keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeypadConfig {
    /// The browser panel's.
    Virtual,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::app::config) struct KeypadFile {
    driver: Spanned<String>,
    device: Option<String>,
}

impl Default for KeypadFile {
    fn default() -> KeypadFile {
        KeypadFile { driver: unplaced("virtual"), device: None }
    }
}

impl KeypadFile {
    pub(super) fn config(
        &self,
        place: &Place<'_>,
        _base: &Path,
    ) -> Result<KeypadConfig, ConfigError> {
        match self.driver.get_ref().as_str() {
            "virtual" => Ok(KeypadConfig::Virtual),
            _ => Err(no_such_driver(place, "keypad.driver", &self.driver, &["virtual"])),
        }
    }
}

//! `[printer]`.

use super::super::error::{ConfigError, Place};
use super::super::file::unplaced;
use super::no_such_driver;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// Where receipts go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrinterConfig {
    /// Nowhere.
    None,
    /// To the browser panel.
    Virtual,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::app::config) struct PrinterFile {
    driver: Spanned<String>,
    path: Option<PathBuf>,
    width: Option<u32>,
    encoding: Option<String>,
}

impl Default for PrinterFile {
    fn default() -> PrinterFile {
        PrinterFile { driver: unplaced("none"), path: None, width: None, encoding: None }
    }
}

impl PrinterFile {
    pub(super) fn config(
        &self,
        place: &Place<'_>,
        _base: &Path,
    ) -> Result<PrinterConfig, ConfigError> {
        match self.driver.get_ref().as_str() {
            "none" => Ok(PrinterConfig::None),
            "virtual" => Ok(PrinterConfig::Virtual),
            _ => Err(no_such_driver(place, "printer.driver", &self.driver, &["virtual", "none"])),
        }
    }
}

//! `[[scanner]]`.

use super::super::error::{ConfigError, Place, expected};
use super::super::file::unplaced;
use super::no_such_driver;
use crate::payment::CodeKind;
use hal::scanner::SerialConfig;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// One scanner, and what it reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScannerSource {
    /// The scanner.
    pub scanner: ScannerConfig,
    /// What its readings are: bar codes, or the codes of a receiver of sound.
    pub reads: CodeKind,
}

/// One scanner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScannerConfig {
    /// The browser panel's.
    Virtual,
    /// One on a serial line.
    Serial(SerialConfig),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::app::config) struct ScannerFile {
    driver: Spanned<String>,
    path: Option<PathBuf>,
    baud: u32,
    terminator: Spanned<String>,
    code_type: Spanned<String>,
}

impl Default for ScannerFile {
    fn default() -> ScannerFile {
        ScannerFile {
            driver: unplaced("virtual"),
            path: None,
            baud: 9600,
            terminator: unplaced("any"),
            code_type: unplaced("barcode"),
        }
    }
}

impl ScannerFile {
    pub(super) fn source(
        &self,
        place: &Place<'_>,
        base: &Path,
    ) -> Result<ScannerSource, ConfigError> {
        let reads = match self.code_type.get_ref().as_str() {
            "barcode" => CodeKind::Barcode,
            "sonic" => CodeKind::Sonic,
            _ => {
                let kinds = expected(&["barcode", "sonic"]);
                return Err(place.value("scanner.code_type", &self.code_type, kinds));
            }
        };
        Ok(ScannerSource { scanner: self.config(place, base)?, reads })
    }

    fn config(&self, place: &Place<'_>, base: &Path) -> Result<ScannerConfig, ConfigError> {
        match self.driver.get_ref().as_str() {
            "virtual" => Ok(ScannerConfig::Virtual),
            "serial" => self.serial(place, base),
            _ => Err(no_such_driver(place, "scanner.driver", &self.driver, &["serial", "virtual"])),
        }
    }

    fn serial(&self, place: &Place<'_>, base: &Path) -> Result<ScannerConfig, ConfigError> {
        let Some(path) = &self.path else {
            return Err(place.key("scanner.path", "is missing: the serial device's path"));
        };
        let terminator = self.terminator.get_ref().parse().map_err(|error| {
            let expected = format!("{error}");
            place.value("scanner.terminator", &self.terminator, expected)
        })?;
        Ok(ScannerConfig::Serial(SerialConfig {
            baud: self.baud,
            terminator,
            ..SerialConfig::new(base.join(path))
        }))
    }
}

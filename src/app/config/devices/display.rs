//! `[display]`.

use super::super::error::{ConfigError, Place};
use super::super::file::unplaced;
use super::no_such_driver;
use hal::Geometry;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// The screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DisplayConfig {
    /// The browser panel's.
    Virtual {
        /// Its width and height in pixels.
        geometry: Geometry,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::app::config) struct DisplayFile {
    driver: Spanned<String>,
    path: Option<PathBuf>,
    rotate: u32,
    width: u32,
    height: u32,
}

impl Default for DisplayFile {
    fn default() -> DisplayFile {
        DisplayFile { driver: unplaced("virtual"), path: None, rotate: 0, width: 480, height: 800 }
    }
}

impl DisplayFile {
    pub(super) fn config(
        &self,
        place: &Place<'_>,
        _base: &Path,
    ) -> Result<DisplayConfig, ConfigError> {
        match self.driver.get_ref().as_str() {
            "virtual" => self.virtual_display(place),
            _ => Err(no_such_driver(place, "display.driver", &self.driver, &["virtual"])),
        }
    }

    fn virtual_display(&self, place: &Place<'_>) -> Result<DisplayConfig, ConfigError> {
        if self.rotate != 0 {
            let problem = "expected 0: a virtual display is not mounted in any way";
            return Err(place.key("display.rotate", problem));
        }
        let geometry = Geometry::new(self.width, self.height)
            .map_err(|error| place.key("display.width", &error.to_string()))?;
        Ok(DisplayConfig::Virtual { geometry })
    }
}

//! `[display]`.

use super::super::error::{ConfigError, Place};
use super::super::file::unplaced;
use super::no_such_driver;
use hal::{Geometry, GlassConfig, Rotation};
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
    /// A framebuffer.
    Fbdev(GlassConfig),
    /// A display of a DRM card.
    Drm(GlassConfig),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::app::config) struct DisplayFile {
    driver: Spanned<String>,
    path: Option<PathBuf>,
    rotate: u32,
    width: u32,
    height: u32,
    console: PathBuf,
}

impl Default for DisplayFile {
    fn default() -> DisplayFile {
        DisplayFile {
            driver: unplaced("virtual"),
            path: None,
            rotate: 0,
            width: 480,
            height: 800,
            console: PathBuf::from("/dev/tty0"),
        }
    }
}

impl DisplayFile {
    pub(super) fn config(
        &self,
        place: &Place<'_>,
        base: &Path,
    ) -> Result<DisplayConfig, ConfigError> {
        match self.driver.get_ref().as_str() {
            "virtual" => {
                // The page shows it upright, however a real one is mounted.
                self.rotation(place)?;
                Ok(DisplayConfig::Virtual { geometry: self.geometry(place)? })
            }
            "fbdev" => Ok(DisplayConfig::Fbdev(self.glass(place, base, "/dev/fb0")?)),
            "drm" => Ok(DisplayConfig::Drm(self.glass(place, base, "/dev/dri/card0")?)),
            _ => {
                let drivers = ["fbdev", "drm", "virtual"];
                Err(no_such_driver(place, "display.driver", &self.driver, &drivers))
            }
        }
    }

    /// A real display; `path` is where it is if the file does not say.
    fn glass(
        &self,
        place: &Place<'_>,
        base: &Path,
        path: &str,
    ) -> Result<GlassConfig, ConfigError> {
        if self.console.as_os_str().is_empty() {
            let problem = "is empty: expected the path of a virtual terminal, or \"none\"";
            return Err(place.key("display.console", problem));
        }
        let console = self.console.as_os_str() != "none";
        Ok(GlassConfig {
            path: base.join(self.path.as_deref().unwrap_or(Path::new(path))),
            rotation: self.rotation(place)?,
            assumed: self.geometry(place)?,
            console: console.then(|| base.join(&self.console)),
        })
    }

    fn rotation(&self, place: &Place<'_>) -> Result<Rotation, ConfigError> {
        Rotation::from_degrees(self.rotate).ok_or_else(|| {
            let problem = format!("{}: expected 0, 90, 180 or 270 degrees clockwise", self.rotate);
            place.key("display.rotate", &problem)
        })
    }

    fn geometry(&self, place: &Place<'_>) -> Result<Geometry, ConfigError> {
        let side = |key: &str, pixels: u32| match pixels {
            1..=hal::display::SIDE_MAX => Ok(pixels),
            _ => {
                let most = hal::display::SIDE_MAX;
                Err(place.key(key, &format!("{pixels}: expected 1 to {most} pixels")))
            }
        };
        let width = side("display.width", self.width)?;
        let height = side("display.height", self.height)?;
        Geometry::new(width, height).map_err(|error| place.key("display.width", &error.to_string()))
    }
}

//! The display: a shadow frame that is drawn into, and the rows of it that are shown.
//!
//! - [`frame`]: the RGB888 shadow buffer, which remembers the rows that changed.
//! - [`pixel`]: how those rows become the bytes of a framebuffer; pure.
//! - `shadow`: what a display's memory holds, so that only what changed is written; pure.
//! - [`glass`]: what all real displays have in common: looking for one, taking it over, losing it.
//! - [`fbdev`], [`drm`]: the two ways a kernel shows one.
//! - [`console`]: the text console, which has to make room, and is put back on every way out.

pub mod console;
pub mod drm;
pub mod fbdev;
pub mod frame;
pub mod glass;
pub mod pixel;
mod shadow;
mod uapi;

use std::fmt;
use std::future::poll_fn;
use std::ops::Range;
use std::str::FromStr;
use std::task::{Context, Poll};

use crate::device::Device;

pub use frame::Frame;
pub use glass::{GlassConfig, GlassDisplay};
pub use pixel::Rotation;

/// The longest side of a display, in pixels.
pub const SIDE_MAX: u32 = 4096;

/// The size of a display as it is drawn on, in pixels. `Display` and `FromStr`: `480x800`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Geometry {
    width: u32,
    height: u32,
}

/// A size no display has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the size of a display: use WIDTHxHEIGHT, each side 1 to {SIDE_MAX} pixels")]
pub struct BadGeometry;

impl Geometry {
    /// `width` by `height` pixels.
    ///
    /// # Errors
    ///
    /// A side is zero or longer than [`SIDE_MAX`].
    pub const fn new(width: u32, height: u32) -> Result<Self, BadGeometry> {
        if width == 0 || width > SIDE_MAX || height == 0 || height > SIDE_MAX {
            return Err(BadGeometry);
        }
        Ok(Self { width, height })
    }

    /// Pixels in a row.
    pub const fn width(self) -> u32 {
        self.width
    }

    /// Rows.
    pub const fn height(self) -> u32 {
        self.height
    }

    /// The same display turned by a quarter.
    pub const fn turned(self) -> Self {
        Self { width: self.height, height: self.width }
    }
}

impl fmt::Display for Geometry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

impl FromStr for Geometry {
    type Err = BadGeometry;

    fn from_str(text: &str) -> Result<Self, BadGeometry> {
        let (width, height) = text.split_once('x').ok_or(BadGeometry)?;
        let side = |digits: &str| {
            let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
            if plain { digits.parse::<u32>().map_err(|_| BadGeometry) } else { Err(BadGeometry) }
        };
        Self::new(side(width)?, side(height)?)
    }
}

/// Rows of a frame: ranges that are sorted, not empty, and neither overlap nor touch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RowRanges {
    ranges: Vec<Range<u32>>,
}

impl RowRanges {
    /// No rows.
    pub const fn none() -> Self {
        Self { ranges: Vec::new() }
    }

    /// Every row of `geometry`.
    pub fn all(geometry: Geometry) -> Self {
        Self::from(0..geometry.height())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// How many rows there are.
    pub fn rows(&self) -> u32 {
        self.ranges.iter().map(|range| range.end - range.start).sum()
    }

    /// Whether row `y` is one of them.
    pub fn contains(&self, y: u32) -> bool {
        self.ranges.iter().any(|range| range.contains(&y))
    }

    /// Those of them above row `height`.
    pub fn within(&self, height: u32) -> Self {
        self.iter().map(|range| range.start..range.end.min(height)).collect()
    }

    /// The ranges, from top to bottom.
    pub fn iter(&self) -> impl Iterator<Item = Range<u32>> + '_ {
        self.ranges.iter().cloned()
    }
}

impl From<Range<u32>> for RowRanges {
    fn from(rows: Range<u32>) -> Self {
        std::iter::once(rows).collect()
    }
}

impl FromIterator<Range<u32>> for RowRanges {
    /// Sorts and merges ranges as they come.
    fn from_iter<I: IntoIterator<Item = Range<u32>>>(ranges: I) -> Self {
        let mut given: Vec<_> = ranges.into_iter().filter(|range| !range.is_empty()).collect();
        given.sort_by_key(|range| range.start);
        let mut merged: Vec<Range<u32>> = Vec::new();
        for range in given {
            match merged.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                Some(_) | None => merged.push(range),
            }
        }
        Self { ranges: merged }
    }
}

/// Why a frame was not shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DisplayFault {
    /// The frame has another size than the display.
    #[error("a frame of {frame} does not fit a display of {display}: draw it anew")]
    WrongSize {
        /// The frame's size.
        frame: Geometry,
        /// The display's.
        display: Geometry,
    },
    /// The display is not there.
    #[error("the display is absent: {0}")]
    Absent(String),
    /// Writing to it failed.
    #[error("drawing failed: {0}")]
    Failed(String),
}

/// What a display says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisplayEvent {
    /// It came, went or recovered. What it showed before is lost, and its size may be another.
    HealthChanged,
}

/// A display.
pub trait Display: Device {
    /// Its size as it is drawn on, rotation already taken into account. While it is away: the size
    /// it had, or the one that is assumed.
    fn geometry(&self) -> Geometry;

    /// The next event, or registers the task's waker.
    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<DisplayEvent>;

    /// Shows `rows` of `frame`; the other rows stay as they are. Rows outside the display are
    /// ignored.
    ///
    /// # Errors
    ///
    /// The frame does not fit or the display is absent or failed. The caller then shows
    /// [`RowRanges::all`] next time, because any part of `rows` may have been shown.
    fn present(&mut self, frame: &Frame, rows: &RowRanges) -> Result<(), DisplayFault>;
}

/// The next event as a future; dropping it loses nothing.
pub async fn next<D: Display + ?Sized>(display: &mut D) -> DisplayEvent {
    poll_fn(|cx| display.poll_event(cx)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_reads_back_from_its_text() {
        let size: Geometry = "480x800".parse().unwrap();
        assert_eq!((size.width(), size.height()), (480, 800));
        assert_eq!(size.to_string(), "480x800");
        assert_eq!(size.turned().to_string(), "800x480");
    }

    #[test]
    fn sizes_no_display_has_are_refused() {
        for text in ["", "x", "480", "0x800", "480x0", "480x4097", "+4x4", "4x4x4", "99999999999x1"]
        {
            assert_eq!(text.parse::<Geometry>(), Err(BadGeometry), "{text:?}");
        }
    }

    #[test]
    fn ranges_that_overlap_or_touch_are_merged() {
        let rows = RowRanges::from_iter([7..9, 0..2, 2..3, 5..5, 8..12, 4..5]);
        assert_eq!(rows.iter().collect::<Vec<_>>(), [0..3, 4..5, 7..12]);
        assert_eq!(rows.rows(), 9);
        assert!(rows.contains(8) && !rows.contains(3) && !rows.contains(12));
    }
}

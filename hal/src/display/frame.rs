//! The shadow buffer: drawing goes to memory, and only rows that changed go to the glass.
//!
//! Every write is compared with what is there, so drawing the same picture again leaves nothing to
//! do, and a countdown costs its own rows only.

use std::convert::Infallible;

use embedded_graphics::Pixel;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{OriginDimensions, Point, Size};
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use embedded_graphics::prelude::{Dimensions, PointsIter};
use embedded_graphics::primitives::Rectangle;

use super::{Geometry, RowRanges};

/// Bytes of a pixel: red, green, blue.
const PIXEL_LEN: usize = 3;

/// A picture in memory, RGB888, row after row from the top left, and which rows of it changed.
#[derive(Debug, Clone)]
pub struct Frame {
    geometry: Geometry,
    bytes: Vec<u8>,
    dirty: Vec<bool>,
}

/// The pixels of a rectangle that are inside a frame.
struct Clip {
    x: std::ops::Range<usize>,
    y: std::ops::Range<usize>,
    /// Whether nothing was cut off.
    whole: bool,
}

impl Frame {
    /// A black frame, all of whose rows have yet to be shown.
    pub fn new(geometry: Geometry) -> Self {
        let rows = geometry.height() as usize;
        let row_len = geometry.width() as usize * PIXEL_LEN;
        Self { geometry, bytes: vec![0; rows * row_len], dirty: vec![true; rows] }
    }

    /// Its size.
    pub const fn geometry(&self) -> Geometry {
        self.geometry
    }

    /// All of it: three bytes a pixel, rows without padding.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes of row `y`; none outside the frame.
    pub fn row(&self, y: u32) -> &[u8] {
        let row_len = self.row_len();
        let start = (y as usize).saturating_mul(row_len);
        self.bytes.get(start..start.saturating_add(row_len)).unwrap_or(&[])
    }

    /// The colour at `x`, `y`; none outside the frame.
    pub fn pixel(&self, x: u32, y: u32) -> Option<Rgb888> {
        let start = x as usize * PIXEL_LEN;
        match self.row(y).get(start..start + PIXEL_LEN) {
            Some(&[red, green, blue]) => Some(Rgb888::new(red, green, blue)),
            Some(_) | None => None,
        }
    }

    /// Takes over `rows` of another frame of the same size; rows that differ become dirty.
    pub fn copy_rows(&mut self, from: &Frame, rows: &RowRanges) {
        if from.geometry != self.geometry {
            return;
        }
        let row_len = self.row_len();
        for y in rows.within(self.geometry.height()).iter().flatten() {
            let start = y as usize * row_len;
            let (ours, theirs) = (&mut self.bytes[start..start + row_len], from.row(y));
            if ours != theirs {
                ours.copy_from_slice(theirs);
                self.dirty[y as usize] = true;
            }
        }
    }

    /// The rows that changed since the last call, which count as shown from now on.
    pub fn take_dirty(&mut self) -> RowRanges {
        let changed = self.dirty.iter_mut().zip(0u32..);
        changed.filter_map(|(dirty, y)| std::mem::take(dirty).then_some(y..y + 1)).collect()
    }

    /// Makes all rows dirty, after a display lost its picture.
    pub fn mark_all_dirty(&mut self) {
        self.dirty.fill(true);
    }

    fn row_len(&self) -> usize {
        self.geometry.width() as usize * PIXEL_LEN
    }

    /// Widened, because coordinates at the ends of their types overflow `Rectangle`'s own sums.
    fn clip(&self, area: &Rectangle) -> Option<Clip> {
        let cut = |start: i32, len: u32, side: u32| {
            let start = i64::from(start);
            let end = (start + i64::from(len)).min(i64::from(side));
            let start = start.max(0);
            (start < end).then_some(start as usize..end as usize)
        };
        let x = cut(area.top_left.x, area.size.width, self.geometry.width())?;
        let y = cut(area.top_left.y, area.size.height, self.geometry.height())?;
        let whole = x.len() == area.size.width as usize && y.len() == area.size.height as usize;
        Some(Clip { x, y, whole })
    }

    /// The bytes of row `y` from pixel `x.start` to `x.end`, which must be inside the frame.
    fn span(&mut self, y: usize, x: &std::ops::Range<usize>) -> &mut [u8] {
        let start = y * self.row_len();
        &mut self.bytes[start + x.start * PIXEL_LEN..start + x.end * PIXEL_LEN]
    }

    fn set(&mut self, point: Point, color: Rgb888) {
        let (Ok(x), Ok(y)) = (usize::try_from(point.x), usize::try_from(point.y)) else { return };
        let (width, height) = (self.geometry.width() as usize, self.geometry.height() as usize);
        if x < width && y < height {
            let span = self.span(y, &(x..x + 1));
            let color = to_bytes(color);
            if span != color {
                span.copy_from_slice(&color);
                self.dirty[y] = true;
            }
        }
    }
}

fn to_bytes(color: Rgb888) -> [u8; PIXEL_LEN] {
    [color.r(), color.g(), color.b()]
}

/// Writes colours to the pixels of `span` and says whether any changed. Ends with the shorter.
fn write_colors(span: &mut [u8], colors: &mut impl Iterator<Item = Rgb888>) -> bool {
    let mut changed = false;
    for pixel in span.chunks_exact_mut(PIXEL_LEN) {
        let Some(color) = colors.next() else { break };
        let color = to_bytes(color);
        if pixel != color {
            pixel.copy_from_slice(&color);
            changed = true;
        }
    }
    changed
}

impl OriginDimensions for Frame {
    fn size(&self) -> Size {
        Size::new(self.geometry.width(), self.geometry.height())
    }
}

impl DrawTarget for Frame {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I>(&mut self, pixels: I) -> Result<(), Infallible>
    where
        I: IntoIterator<Item = Pixel<Rgb888>>,
    {
        for Pixel(point, color) in pixels {
            self.set(point, color);
        }
        Ok(())
    }

    fn fill_contiguous<I>(&mut self, area: &Rectangle, colors: I) -> Result<(), Infallible>
    where
        I: IntoIterator<Item = Rgb888>,
    {
        let Some(clip) = self.clip(area) else { return Ok(()) };
        if !clip.whole {
            // Partly outside: the colours of the pixels outside have to be passed over.
            let pixels = area.points().zip(colors);
            return self.draw_iter(pixels.map(|(point, color)| Pixel(point, color)));
        }
        let mut colors = colors.into_iter();
        for y in clip.y {
            if write_colors(self.span(y, &clip.x), &mut colors) {
                self.dirty[y] = true;
            }
        }
        Ok(())
    }

    fn fill_solid(&mut self, area: &Rectangle, color: Rgb888) -> Result<(), Infallible> {
        let Some(clip) = self.clip(area) else { return Ok(()) };
        let color = to_bytes(color);
        for y in clip.y {
            let span = self.span(y, &clip.x);
            if span.chunks_exact(PIXEL_LEN).any(|pixel| pixel != color) {
                span.chunks_exact_mut(PIXEL_LEN).for_each(|pixel| pixel.copy_from_slice(&color));
                self.dirty[y] = true;
            }
        }
        Ok(())
    }

    fn clear(&mut self, color: Rgb888) -> Result<(), Infallible> {
        self.fill_solid(&self.bounding_box(), color)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SMALL: Geometry = match Geometry::new(7, 5) {
        Ok(geometry) => geometry,
        Err(_) => panic!("a valid size"),
    };

    fn clean_frame() -> Frame {
        let mut frame = Frame::new(SMALL);
        frame.take_dirty();
        frame
    }

    fn area(x: i32, y: i32, width: u32, height: u32) -> Rectangle {
        Rectangle::new(Point::new(x, y), Size::new(width, height))
    }

    #[test]
    fn a_new_frame_has_to_be_shown_whole_and_then_nothing_more() {
        let mut frame = Frame::new(SMALL);
        assert_eq!(frame.take_dirty(), RowRanges::all(SMALL));
        assert!(frame.take_dirty().is_empty());
    }

    #[test]
    fn only_rows_whose_pixels_changed_are_dirty() {
        let mut frame = clean_frame();
        frame.fill_solid(&area(2, 1, 3, 2), Rgb888::RED).unwrap();
        frame.fill_solid(&area(0, 4, 1, 1), Rgb888::BLACK).unwrap();
        assert_eq!(frame.take_dirty(), RowRanges::from(1..3));
        frame.fill_solid(&area(2, 1, 3, 3), Rgb888::RED).unwrap();
        assert_eq!(frame.take_dirty(), RowRanges::from(3..4));
        frame.fill_contiguous(&area(2, 1, 3, 3), [Rgb888::RED; 9]).unwrap();
        assert!(frame.take_dirty().is_empty());
        frame.draw_iter([Pixel(Point::new(0, 0), Rgb888::BLUE)]).unwrap();
        assert_eq!(frame.take_dirty(), RowRanges::from(0..1));
        assert_eq!(frame.pixel(0, 0), Some(Rgb888::BLUE));
        assert_eq!(frame.pixel(7, 0), None);
        assert_eq!(frame.pixel(0, 5), None);
    }

    #[test]
    fn rows_copied_from_another_frame_are_dirty_where_they_differ() {
        let (mut from, mut to) = (Frame::new(SMALL), clean_frame());
        from.fill_solid(&area(0, 2, 1, 2), Rgb888::WHITE).unwrap();
        to.copy_rows(&from, &[0..3, 4..9].into_iter().collect());
        assert_eq!(to.take_dirty(), RowRanges::from(2..3));
        to.copy_rows(&Frame::new(SMALL.turned()), &RowRanges::all(SMALL));
        assert_eq!(to.pixel(0, 2), Some(Rgb888::WHITE));
    }

    #[test]
    fn areas_far_outside_are_clipped() {
        let mut frame = clean_frame();
        frame.fill_solid(&area(i32::MIN, i32::MIN, u32::MAX, 1), Rgb888::RED).unwrap();
        frame.fill_solid(&area(i32::MAX, 0, u32::MAX, 9), Rgb888::RED).unwrap();
        assert!(frame.take_dirty().is_empty());
        frame.fill_solid(&area(-9, -9, 99, 99), Rgb888::RED).unwrap();
        assert!(frame.as_bytes().chunks_exact(3).all(|pixel| pixel == [255, 0, 0]));
    }

    proptest! {
        /// The fast paths draw what `draw_iter` draws, and dirty the rows that differ, no others.
        #[test]
        fn fills_equal_pixel_by_pixel_drawing(
            fills in prop::collection::vec(
                (-4i32..10, -4i32..8, 0u32..12, 0u32..12, 0u8..3, any::<bool>()), 1..8),
        ) {
            let (mut fast, mut slow) = (clean_frame(), clean_frame());
            for (x, y, width, height, shade, contiguous) in fills {
                let area = area(x, y, width, height);
                let before = fast.clone();
                let color = |point: Point| Rgb888::new(shade, 0, (point.x as u8) & 1);
                if contiguous {
                    fast.fill_contiguous(&area, area.points().map(color)).unwrap();
                    slow.draw_iter(area.points().map(|p| Pixel(p, color(p)))).unwrap();
                } else {
                    let solid = Rgb888::new(shade, shade, 0);
                    fast.fill_solid(&area, solid).unwrap();
                    slow.draw_iter(area.points().map(|p| Pixel(p, solid))).unwrap();
                }
                prop_assert_eq!(fast.as_bytes(), slow.as_bytes());
                let dirty = fast.take_dirty();
                prop_assert_eq!(&dirty, &slow.take_dirty());
                for y in 0..SMALL.height() {
                    prop_assert_eq!(dirty.contains(y), before.row(y) != fast.row(y));
                }
            }
        }
    }
}

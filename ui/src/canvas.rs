//! The piece of picture that is being composed.
//!
//! A draw target can only be written to, and anti-aliasing needs what lies beneath; so each region
//! that has changed is composed here and handed over once. Owns one buffer, never larger than the
//! screen.

use embedded_graphics::Pixel;
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::prelude::*;
use embedded_graphics::primitives::Rectangle;

use crate::text::{Coverage, Face, GlyphCache, soften};

/// A region of the screen, opaque.
#[derive(Debug, Default)]
pub(crate) struct Canvas {
    area: Rectangle,
    pixels: Vec<Rgb888>,
}

impl Canvas {
    /// Starts a region over. The buffer is kept from one region to the next.
    pub(crate) fn begin(&mut self, area: Rectangle, colour: Rgb888) {
        self.area = area;
        self.pixels.clear();
        self.pixels.resize(area.size.width as usize * area.size.height as usize, colour);
    }

    /// Hands the region over: rows of one colour as fills, the rest pixel by pixel.
    pub(crate) fn flush<D>(&self, target: &mut D) -> Result<(), D::Error>
    where
        D: DrawTarget<Color = Rgb888>,
    {
        let width = self.area.size.width as usize;
        if width == 0 {
            return Ok(());
        }
        let rows: Vec<&[Rgb888]> = self.pixels.chunks_exact(width).collect();
        let flat = |row: &[Rgb888]| row.iter().all(|&pixel| pixel == row[0]).then(|| row[0]);
        let kinds: Vec<Option<Rgb888>> = rows.iter().map(|row| flat(row)).collect();
        let mut start = 0;
        for same in kinds.chunk_by(|one, other| one == other) {
            let band = Rectangle::new(
                self.area.top_left + Point::new(0, start as i32),
                Size::new(self.area.size.width, same.len() as u32),
            );
            match same.first().copied().flatten() {
                Some(colour) => target.fill_solid(&band, colour)?,
                None => {
                    let from = start * width;
                    let pixels = self.pixels[from..from + same.len() * width].iter().copied();
                    target.fill_contiguous(&band, pixels)?;
                }
            }
            start += same.len();
        }
        Ok(())
    }

    fn at(&mut self, x: i32, y: i32) -> Option<&mut Rgb888> {
        if !self.area.contains(Point::new(x, y)) {
            return None;
        }
        let column = (x - self.area.top_left.x) as usize;
        let row = (y - self.area.top_left.y) as usize;
        self.pixels.get_mut(row * self.area.size.width as usize + column)
    }

    fn blend(&mut self, x: i32, y: i32, ink: Rgb888, alpha: u8) {
        if alpha == 0 {
            return;
        }
        if let Some(pixel) = self.at(x, y) {
            let mix = |under: u8, over: u8| {
                let (under, over, alpha) = (u32::from(under), u32::from(over), u32::from(alpha));
                ((under * (255 - alpha) + over * alpha + 127) / 255) as u8
            };
            *pixel = Rgb888::new(
                mix(pixel.r(), ink.r()),
                mix(pixel.g(), ink.g()),
                mix(pixel.b(), ink.b()),
            );
        }
    }

    /// Draws what lies inside a distance function (negative inside), one pixel of it softened.
    ///
    /// The function is given the centre of each pixel in a square of -1 to 1 round the middle of
    /// `bounds`, whose half is the shorter half side, and answers in the same unit.
    pub(crate) fn shape(
        &mut self,
        bounds: Rectangle,
        ink: Rgb888,
        inside: impl Fn(f32, f32) -> f32,
    ) {
        let visible = bounds.intersection(&self.area);
        let half = bounds.size.width.min(bounds.size.height) as f32 / 2.0;
        let middle_x = bounds.top_left.x as f32 + bounds.size.width as f32 / 2.0;
        let middle_y = bounds.top_left.y as f32 + bounds.size.height as f32 / 2.0;
        for y in visible.rows() {
            for x in visible.columns() {
                let at_x = (x as f32 + 0.5 - middle_x) / half;
                let at_y = (y as f32 + 0.5 - middle_y) / half;
                let covered = 0.5 - inside(at_x, at_y) * half;
                self.blend(x, y, ink, soften(covered));
            }
        }
    }

    /// A rectangle with round corners; a radius of 0 is a plain one.
    pub(crate) fn panel(&mut self, bounds: Rectangle, ink: Rgb888, radius: u32) {
        let half_px = bounds.size.width.min(bounds.size.height) as f32 / 2.0;
        if radius == 0 || half_px < 1.0 {
            // The canvas cannot fail.
            let Ok(()) = self.fill_solid(&bounds, ink);
            return;
        }
        let radius = (radius as f32 / half_px).min(1.0);
        let half_x = bounds.size.width as f32 / 2.0 / half_px;
        let half_y = bounds.size.height as f32 / 2.0 / half_px;
        self.shape(bounds, ink, |x, y| {
            let (x, y) = (x.abs() - half_x + radius, y.abs() - half_y + radius);
            x.max(0.0).hypot(y.max(0.0)) + x.max(y).min(0.0) - radius
        });
    }

    /// A line of text with its pen starting at a point on the baseline. A stroke that reaches out
    /// of its element's box, as the tail of a "j" does to the left, ends there: what is drawn
    /// outside would stay on the screen when the element goes.
    pub(crate) fn line(
        &mut self,
        text: &str,
        face: Face,
        ink: Rgb888,
        start: Point,
        within: Rectangle,
        cache: &mut GlyphCache,
    ) {
        cache.line(text, face, |pen, glyph: &Coverage| {
            if glyph.width == 0 {
                return;
            }
            for (row, alphas) in glyph.alpha.chunks(glyph.width as usize).enumerate() {
                for (column, &alpha) in alphas.iter().enumerate() {
                    let x = start.x + pen + glyph.left + column as i32;
                    let y = start.y + glyph.top + row as i32;
                    if within.contains(Point::new(x, y)) {
                        self.blend(x, y, ink, alpha);
                    }
                }
            }
        });
    }
}

impl Dimensions for Canvas {
    fn bounding_box(&self) -> Rectangle {
        self.area
    }
}

impl DrawTarget for Canvas {
    type Color = Rgb888;
    type Error = std::convert::Infallible;

    fn draw_iter<I>(&mut self, pixels: I) -> Result<(), Self::Error>
    where
        I: IntoIterator<Item = Pixel<Rgb888>>,
    {
        for Pixel(point, colour) in pixels {
            if let Some(pixel) = self.at(point.x, point.y) {
                *pixel = colour;
            }
        }
        Ok(())
    }

    fn fill_solid(&mut self, area: &Rectangle, colour: Rgb888) -> Result<(), Self::Error> {
        let visible = area.intersection(&self.area);
        let width = self.area.size.width as usize;
        let left = (visible.top_left.x - self.area.top_left.x).max(0) as usize;
        for y in visible.rows() {
            let from = (y - self.area.top_left.y) as usize * width + left;
            if let Some(run) = self.pixels.get_mut(from..from + visible.size.width as usize) {
                run.fill(colour);
            }
        }
        Ok(())
    }
}

//! One thing on the screen: a box and its contents.
//!
//! A screen is a list of elements from the back to the front. Two lists can be compared, so what
//! has to be redrawn is the boxes of the elements that differ. Contents never leave their box.

use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::prelude::*;
use embedded_graphics::primitives::Rectangle;

use crate::canvas::Canvas;
use crate::figure::Figure;
use crate::qr;
use crate::text::{Face, GlyphCache, Weight, width};

/// Where a line stands in its box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    /// At the left edge.
    Left,
    /// In the middle.
    Centre,
    /// At the right edge.
    Right,
}

/// What is in the box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// A surface for what stands on it; the only content that others may overlap.
    Panel {
        /// Of the surface.
        ink: Rgb888,
        /// Of its corners.
        radius: u32,
    },
    /// Lines that were broken to fit.
    Text {
        /// From top to bottom.
        lines: Vec<String>,
        /// Size and weight.
        face: Face,
        /// Colour of the text.
        ink: Rgb888,
        /// Where each line stands.
        align: Align,
        /// Something was left out for want of room.
        cut: bool,
    },
    /// `¥` and an amount.
    Amount {
        /// Digits and a point.
        digits: String,
        /// Of the digits; the sign is smaller.
        px: u32,
        /// Colour of the amount.
        ink: Rgb888,
        /// Where it stands.
        align: Align,
        /// The colour of a bar after the last digit: it is being typed.
        cursor: Option<Rgb888>,
    },
    /// A sign.
    Figure {
        /// Which.
        figure: Figure,
        /// Its colour.
        ink: Rgb888,
        /// What is cut out of it.
        back: Rgb888,
    },
    /// A QR symbol with its quiet zone.
    Qr {
        /// What it says.
        payload: String,
    },
}

/// A box and its contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Element {
    /// The only pixels that it touches.
    pub bounds: Rectangle,
    /// What is in the box.
    pub content: Content,
}

/// The size of `¥` beside digits.
pub(crate) fn sign_px(px: u32) -> u32 {
    (px * 3 / 5).max(1)
}

const BOLD: Weight = Weight::Bold;

/// The width of an amount with its sign, its gap and room for a cursor.
pub(crate) fn amount_width(digits: &str, px: u32) -> u32 {
    let sign = Face { px: sign_px(px), weight: BOLD };
    width("¥", sign) + px / 16 + width(digits, Face { px, weight: BOLD }) + cursor_px(px) * 3
}

fn cursor_px(px: u32) -> u32 {
    (px / 16).max(1)
}

/// The height of an amount's box: digits are 0.74 em high and nothing reaches below the baseline
/// but the comma of other conventions.
pub(crate) fn amount_height(px: u32) -> u32 {
    (px * 11).div_ceil(10)
}

impl Element {
    /// Whether something of a text was left out for want of room.
    pub(crate) fn is_cut(&self) -> bool {
        matches!(self.content, Content::Text { cut: true, .. })
    }

    /// Draws the part of the element that lies on the canvas.
    pub(crate) fn draw(&self, canvas: &mut Canvas, cache: &mut GlyphCache) {
        match &self.content {
            Content::Panel { ink, radius } => canvas.panel(self.bounds, *ink, *radius),
            Content::Text { lines, face, ink, align, cut: _ } => {
                for (row, line) in lines.iter().enumerate() {
                    let x = self.start(width(line, *face), *align);
                    let down = row as u32 * face.line_px() + face.baseline_px();
                    let y = self.bounds.top_left.y + down as i32;
                    canvas.line(line, *face, *ink, Point::new(x, y), self.bounds, cache);
                }
            }
            Content::Amount { digits, px, ink, align, cursor } => {
                self.draw_amount(digits, *px, *ink, *align, *cursor, canvas, cache);
            }
            Content::Figure { figure, ink, back } => figure.draw(self.bounds, *ink, *back, canvas),
            Content::Qr { payload } => {
                // The canvas cannot fail.
                let Ok(()) = qr::draw(payload, self.bounds, canvas);
            }
        }
    }

    /// The left end of something as wide as `width_px`.
    fn start(&self, width_px: u32, align: Align) -> i32 {
        let room = self.bounds.size.width.saturating_sub(width_px);
        let indent = match align {
            Align::Left => 0,
            Align::Centre => room / 2,
            Align::Right => room,
        };
        self.bounds.top_left.x + indent as i32
    }

    #[expect(clippy::too_many_arguments, reason = "the fields of one variant")]
    fn draw_amount(
        &self,
        digits: &str,
        px: u32,
        ink: Rgb888,
        align: Align,
        cursor: Option<Rgb888>,
        canvas: &mut Canvas,
        cache: &mut GlyphCache,
    ) {
        let sign = Face { px: sign_px(px), weight: BOLD };
        let face = Face { px, weight: BOLD };
        let bar_px = cursor_px(px);
        let left = self.start(amount_width(digits, px), align) + (bar_px as i32) * 3 / 2;
        let baseline = self.bounds.top_left.y + (px * 92 / 100) as i32;
        canvas.line("¥", sign, ink, Point::new(left, baseline), self.bounds, cache);
        let digits_left = left + (width("¥", sign) + px / 16) as i32;
        canvas.line(digits, face, ink, Point::new(digits_left, baseline), self.bounds, cache);
        if let Some(colour) = cursor {
            let at = digits_left + width(digits, face) as i32 + bar_px as i32 / 2;
            let height = px * 4 / 5;
            let top = Point::new(at, baseline - height as i32 + bar_px as i32);
            canvas.panel(Rectangle::new(top, Size::new(bar_px, height)), colour, bar_px / 2);
        }
    }
}

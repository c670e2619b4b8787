//! Dots: what a printer cannot print as characters is drawn.
//!
//! Owns the one-bit picture and the QR code made of it. Text is drawn by whoever has a font: this
//! crate has none, so a driver is given a [`TextRaster`].
//!
//! Source: ISO/IEC 18004 for the QR code's quiet zone (four modules).

use qrcodegen::{QrCode, QrCodeEcc};

use super::TextStyle;

/// A picture of one bit per dot: packed rows, the leftmost dot in the highest bit, 1 is black.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bitmap {
    width: u32,
    height: u32,
    rows: Vec<u8>,
}

impl Bitmap {
    /// The widest and the highest there may be, in dots.
    pub const SIDE_MAX: u32 = 4096;

    /// A white picture; sides above [`Bitmap::SIDE_MAX`] are cut to it (I15).
    pub fn new(width: u32, height: u32) -> Bitmap {
        let (width, height) = (width.min(Self::SIDE_MAX), height.min(Self::SIDE_MAX));
        Bitmap { width, height, rows: vec![0; width.div_ceil(8) as usize * height as usize] }
    }

    /// Dots across.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Dots from top to bottom.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Bytes of one row.
    pub fn row_len(&self) -> usize {
        self.width.div_ceil(8) as usize
    }

    /// The rows from top to bottom, [`Bitmap::row_len`] bytes each.
    pub fn rows(&self) -> &[u8] {
        &self.rows
    }

    /// Whether a dot is black; outside it is white.
    pub fn is_black(&self, x: u32, y: u32) -> bool {
        let byte = (x < self.width).then(|| self.rows.get(self.index(x, y))).flatten();
        byte.is_some_and(|byte| byte & bit(x) != 0)
    }

    /// Makes a dot black; one outside is ignored.
    pub fn set(&mut self, x: u32, y: u32) {
        let index = self.index(x, y);
        if x < self.width
            && let Some(byte) = self.rows.get_mut(index)
        {
            *byte |= bit(x);
        }
    }

    /// Draws another picture over this one, its upper left corner at `x`, `y`.
    pub fn draw(&mut self, picture: &Bitmap, x: u32, y: u32) {
        for from_y in 0..picture.height {
            for from_x in (0..picture.width).filter(|from_x| picture.is_black(*from_x, from_y)) {
                self.set(x.saturating_add(from_x), y.saturating_add(from_y));
            }
        }
    }

    fn index(&self, x: u32, y: u32) -> usize {
        y as usize * self.row_len() + x as usize / 8
    }
}

fn bit(x: u32) -> u8 {
    0x80 >> (x % 8)
}

/// Draws text for a printer that has not the characters.
pub trait TextRaster: Send {
    /// The text as lines from top to bottom, none wider than `width_dots` (a character wider than
    /// that is left out), each no wider than it needs to be. One at least, which may be empty.
    fn lines(&mut self, text: &str, style: TextStyle, width_dots: u32) -> Vec<Bitmap>;
}

/// Modules of white that a reader needs round a QR code.
const QUIET_MODULES: u32 = 4;

/// Dots per module that a phone reads off worn thermal paper without trouble, at 203 dpi.
const MODULE_DOTS_MIN: u32 = 3;

/// Larger ones only use up paper.
const MODULE_DOTS_MAX: u32 = 8;

/// A QR code with its quiet zone, no wider than `width_dots`; none if the text is too long for one
/// that could be read at this width.
pub fn qr(text: &str, width_dots: u32) -> Option<Bitmap> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let size = u32::try_from(code.size()).ok()?;
    let modules = size + 2 * QUIET_MODULES;
    // About two thirds of the paper, unless the modules get too small then.
    let handsome = width_dots * 2 / 3 / modules;
    let scale = handsome.clamp(MODULE_DOTS_MIN, MODULE_DOTS_MAX).min(width_dots / modules);
    if scale < 2 {
        return None;
    }
    let mut picture = Bitmap::new(modules * scale, modules * scale);
    for (y, x) in (0..size).flat_map(|y| (0..size).map(move |x| (y, x))) {
        if code.get_module(x as i32, y as i32) {
            for (down, right) in (0..scale).flat_map(|y| (0..scale).map(move |x| (y, x))) {
                let (left, top) = ((x + QUIET_MODULES) * scale, (y + QUIET_MODULES) * scale);
                picture.set(left + right, top + down);
            }
        }
    }
    Some(picture)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_is_where_it_was_set_and_nothing_is_drawn_outside() {
        let mut picture = Bitmap::new(10, 2);
        picture.set(0, 0);
        picture.set(9, 1);
        picture.set(10, 0);
        picture.set(3, 2);
        assert_eq!(picture.rows(), [0x80, 0, 0, 0x40]);
        assert!(picture.is_black(9, 1) && !picture.is_black(10, 0) && !picture.is_black(0, 9));
        let mut page = Bitmap::new(12, 3);
        page.draw(&picture, 2, 1);
        assert_eq!(page.rows(), [0, 0, 0x20, 0, 0, 0x10]);
        page.draw(&picture, u32::MAX, 0);
        assert_eq!(page.rows(), [0, 0, 0x20, 0, 0, 0x10]);
    }

    #[test]
    fn a_qr_code_fits_the_paper_or_is_refused() {
        let short = qr("7893259", 384).unwrap();
        assert_eq!((short.width(), short.width()), (232, short.height()));
        let long = qr(&"x".repeat(1000), 384).unwrap();
        assert!(long.width() <= 384);
        assert_eq!(qr(&"x".repeat(2000), 200), None);
        assert_eq!(qr(&"x".repeat(9000), 384), None);
    }
}

//! A QR symbol as horizontal runs.
//!
//! Medium error correction, a quiet zone of four modules, whole pixels per module, black on white whatever
//! the theme. Source: `ui.md`; ISO/IEC 18004, 5.3.8 (quiet zone).

use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::prelude::*;
use embedded_graphics::primitives::Rectangle;
use qrcodegen::{QrCode, QrCodeEcc};

use crate::theme::{INK, PAPER};

/// Modules of white on each side.
const QUIET: u32 = 4;

/// The pixels of a module if the symbol with its quiet zone is to fit into a square; none if the payload is
/// too long to be shown there.
pub(crate) fn module_px(payload: &str, side_px: u32) -> Option<u32> {
    let code = encode(payload)?;
    let modules = code.size() as u32 + 2 * QUIET;
    Some(side_px / modules).filter(|&px| px > 0)
}

fn encode(payload: &str) -> Option<QrCode> {
    QrCode::encode_text(payload, QrCodeEcc::Medium).ok()
}

/// Draws the symbol in the middle of a white box.
pub(crate) fn draw<D>(payload: &str, bounds: Rectangle, target: &mut D) -> Result<(), D::Error>
where
    D: DrawTarget<Color = Rgb888>,
{
    target.fill_solid(&bounds, PAPER)?;
    let side = bounds.size.width.min(bounds.size.height);
    let (Some(code), Some(px)) = (encode(payload), module_px(payload, side)) else {
        return Ok(());
    };
    let symbol = code.size() as u32 * px;
    let left = bounds.top_left.x + ((bounds.size.width - symbol) / 2) as i32;
    let top = bounds.top_left.y + ((bounds.size.height - symbol) / 2) as i32;
    for row in 0..code.size() {
        let mut column = 0;
        while column < code.size() {
            let start = column;
            while column < code.size() && code.get_module(column, row) {
                column += 1;
            }
            if column > start {
                let run = Rectangle::new(
                    Point::new(left + start * px as i32, top + row * px as i32),
                    Size::new((column - start) as u32 * px, px),
                );
                target.fill_solid(&run, INK)?;
            }
            column += 1;
        }
    }
    Ok(())
}

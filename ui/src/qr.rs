//! A QR symbol as horizontal runs.
//!
//! Medium error correction, a quiet zone of four modules, whole pixels per module, black on white
//! whatever the theme. Source: `ui.md`; ISO/IEC 18004, 5.3.8 (quiet zone).

use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::prelude::*;
use embedded_graphics::primitives::Rectangle;
use qrcodegen::{QrCode, QrCodeEcc, QrSegment, Version};

use crate::theme::{INK, PAPER};

/// Modules of white on each side.
const QUIET: u32 = 4;

/// The side of the symbol with its quiet zone in the largest whole modules that fit into a square;
/// none if the payload is too long to be shown there.
pub(crate) fn side_px(payload: &str, room_px: u32) -> Option<u32> {
    let code = encode(payload)?;
    Some(module_px(&code, room_px)? * (code.size() as u32 + 2 * QUIET))
}

/// The pixels of a module if the symbol with its quiet zone is to fit into a square.
fn module_px(code: &QrCode, side_px: u32) -> Option<u32> {
    let modules = code.size() as u32 + 2 * QUIET;
    Some(side_px / modules).filter(|&px| px > 0)
}

/// The longest payload that is tried; what wallets issue is under 200.
const PAYLOAD_BYTES: usize = 1024;

fn encode(payload: &str) -> Option<QrCode> {
    if payload.len() > PAYLOAD_BYTES {
        return None;
    }
    let segments = QrSegment::make_segments(payload);
    let (least, most) = (Version::MIN, Version::MAX);
    QrCode::encode_segments_advanced(&segments, QrCodeEcc::Medium, least, most, None, false).ok()
}

/// Draws the symbol in the middle of a white box.
pub(crate) fn draw<D>(payload: &str, bounds: Rectangle, target: &mut D) -> Result<(), D::Error>
where
    D: DrawTarget<Color = Rgb888>,
{
    target.fill_solid(&bounds, PAPER)?;
    let side = bounds.size.width.min(bounds.size.height);
    let Some(code) = encode(payload) else {
        return Ok(());
    };
    let Some(px) = module_px(&code, side) else {
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

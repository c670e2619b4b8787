//! A display's memory kept up to date by pieces alone, against one that is packed whole.

use embedded_graphics::Pixel;
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use embedded_graphics::prelude::*;
use embedded_graphics::primitives::Rectangle;
use proptest::prelude::*;

use super::*;
use crate::display::Geometry;
use crate::display::pixel::{PixelFormat, Rotation};

const ROTATIONS: [Rotation; 4] =
    [Rotation::None, Rotation::Quarter, Rotation::Half, Rotation::ThreeQuarters];
const FORMATS: [PixelFormat; 3] = [PixelFormat::RGB565, PixelFormat::BGR888, PixelFormat::XRGB8888];

fn packer(format: PixelFormat, size: (u32, u32), padding: usize, rotation: Rotation) -> Packer {
    let glass = Geometry::new(size.0, size.1).unwrap();
    let line_length = (size.0 * format.bits_per_pixel / 8) as usize + padding;
    Packer::new(format, glass, line_length, rotation).unwrap()
}

/// Draws, writes the pieces to `memory`, and says how many bytes and pieces that were.
fn show(shadow: &mut Shadow, frame: &mut Frame, memory: &mut [u8]) -> (usize, usize) {
    let rows = frame.take_dirty();
    shadow.draw(frame, &rows).unwrap();
    let mut counted = (0, 0);
    for (at, bytes) in shadow.pieces() {
        memory[at..at + bytes.len()].copy_from_slice(bytes);
        counted = (counted.0 + bytes.len(), counted.1 + 1);
    }
    shadow.written();
    counted
}

#[test]
fn the_first_picture_is_written_whole_and_the_same_again_not_at_all() {
    let mut shadow = Shadow::new(packer(PixelFormat::RGB565, (6, 4), 0, Rotation::None));
    let mut frame = Frame::new(shadow.packer().geometry());
    let mut memory = [0xee; 48];
    assert_eq!(show(&mut shadow, &mut frame, &mut memory), (48, 1), "black, in one piece");
    assert_eq!(memory, [0; 48]);
    frame.mark_all_dirty();
    assert_eq!(show(&mut shadow, &mut frame, &mut memory), (0, 0));
}

#[test]
fn only_the_bytes_between_the_first_and_the_last_change_of_a_line_are_written() {
    let tick = Rectangle::new(Point::new(2, 1), Size::new(3, 2));
    for (rotation, pieces) in [
        (Rotation::None, 2),
        (Rotation::Half, 2),
        // The two rows are columns of the glass: two pixels of each of three lines.
        (Rotation::Quarter, 3),
        (Rotation::ThreeQuarters, 3),
    ] {
        for format in FORMATS {
            let mut shadow = Shadow::new(packer(format, (6, 6), 5, rotation));
            let mut frame = Frame::new(shadow.packer().geometry());
            let mut memory = vec![0; shadow.packer().memory_len()];
            show(&mut shadow, &mut frame, &mut memory);
            frame.fill_solid(&tick, Rgb888::WHITE).unwrap();
            let bytes = 6 * format.bits_per_pixel as usize / 8;
            assert_eq!(show(&mut shadow, &mut frame, &mut memory), (bytes, pieces), "{rotation:?}");
        }
    }
}

#[test]
fn padding_between_lines_is_never_written() {
    let mut shadow = Shadow::new(packer(PixelFormat::BGR888, (2, 3), 4, Rotation::None));
    let mut frame = Frame::new(shadow.packer().geometry());
    frame.clear(Rgb888::WHITE).unwrap();
    let mut memory = [7; 30];
    assert_eq!(show(&mut shadow, &mut frame, &mut memory), (18, 3));
    for line in memory.chunks(10) {
        assert_eq!(line, [255, 255, 255, 255, 255, 255, 7, 7, 7, 7]);
    }
}

proptest! {
    /// Whatever is drawn, and however often the memory is lost, the pieces make of it what packing
    /// the whole frame would.
    #[test]
    fn pieces_keep_the_memory_as_the_frame_is(
        format in prop::sample::select(FORMATS.to_vec()),
        rotation in prop::sample::select(ROTATIONS.to_vec()),
        size in (1u32..12, 1u32..12),
        padding in 0usize..5,
        strokes in prop::collection::vec(
            (prop::collection::vec((0i32..12, 0i32..12, any::<u32>()), 0..6), any::<bool>()), 1..6),
    ) {
        let mut shadow = Shadow::new(packer(format, size, padding, rotation));
        let mut frame = Frame::new(shadow.packer().geometry());
        let mut memory = vec![0xa5; shadow.packer().memory_len()];
        for (pixels, lost) in strokes {
            if lost {
                memory.fill(0xa5);
                shadow = Shadow::new(packer(format, size, padding, rotation));
                frame.mark_all_dirty();
            }
            let pixels = pixels.into_iter().map(|(x, y, color)| {
                let [red, green, blue, _] = color.to_le_bytes();
                Pixel(Point::new(x, y), Rgb888::new(red, green, blue))
            });
            frame.draw_iter(pixels).unwrap();
            let before = memory.clone();
            let known = shadow.known;
            let (bytes, _) = show(&mut shadow, &mut frame, &mut memory);
            let differing = before.iter().zip(&memory).filter(|(old, new)| old != new).count();
            prop_assert!(bytes >= differing);
            prop_assert!(!known || differing > 0 || bytes == 0);

            let packer = shadow.packer();
            let mut whole = vec![0xa5; packer.memory_len()];
            let mut changed = vec![Extent::default(); size.1 as usize];
            // Black pixels would else be taken for written.
            let rows = RowRanges::all(packer.geometry());
            packer.pack(&frame, &rows, &mut whole, &mut changed).unwrap();
            prop_assert_eq!(&memory, &whole);
        }
    }
}

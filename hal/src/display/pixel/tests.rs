//! Packed pixels, read back by another road: bit by bit from the format's own definition.

use embedded_graphics::Pixel;
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use embedded_graphics::prelude::*;
use proptest::prelude::*;

use super::*;

const ARGB8888: PixelFormat = PixelFormat { transp: Bitfield::new(24, 8), ..PixelFormat::XRGB8888 };
const RGB565_SWAPPED: PixelFormat =
    PixelFormat { red: Bitfield::new(0, 5), blue: Bitfield::new(11, 5), ..PixelFormat::RGB565 };
const XRGB2101010: PixelFormat = PixelFormat {
    bits_per_pixel: 32,
    red: Bitfield::new(20, 10),
    green: Bitfield::new(10, 10),
    blue: Bitfield::new(0, 10),
    transp: Bitfield::new(30, 2),
};
const ROTATIONS: [Rotation; 4] =
    [Rotation::None, Rotation::Quarter, Rotation::Half, Rotation::ThreeQuarters];

fn glass(width: u32, height: u32) -> Geometry {
    Geometry::new(width, height).unwrap()
}

fn pack_all(packer: &Packer, frame: &Frame, memory: &mut [u8]) -> Vec<Extent> {
    let mut changed = vec![Extent::default(); packer.glass().height() as usize];
    let rows = RowRanges::all(packer.geometry());
    packer.pack(frame, &rows, memory, &mut changed).unwrap();
    changed
}

fn packed(format: PixelFormat, color: Rgb888) -> Vec<u8> {
    let len = format.bits_per_pixel as usize / 8;
    let packer = Packer::new(format, glass(1, 1), len, Rotation::None).unwrap();
    let mut frame = Frame::new(packer.geometry());
    frame.clear(color).unwrap();
    let mut memory = vec![0; packer.memory_len()];
    pack_all(&packer, &frame, &mut memory);
    memory
}

#[test]
fn colours_have_the_bytes_their_format_says() {
    let orange = Rgb888::new(0xff, 0x80, 0x08);
    assert_eq!(packed(PixelFormat::RGB565, orange), (31u16 << 11 | 32 << 5 | 1).to_le_bytes());
    assert_eq!(packed(RGB565_SWAPPED, orange), (1u16 << 11 | 32 << 5 | 31).to_le_bytes());
    assert_eq!(packed(PixelFormat::BGR888, orange), [0x08, 0x80, 0xff]);
    assert_eq!(packed(PixelFormat::XRGB8888, orange), [0x08, 0x80, 0xff, 0]);
    assert_eq!(packed(ARGB8888, orange), [0x08, 0x80, 0xff, 0xff]);
    assert_eq!(packed(XRGB2101010, Rgb888::WHITE), [0xff; 4]);
    assert_eq!(packed(PixelFormat::RGB565, Rgb888::WHITE), [0xff; 2]);
    assert_eq!(packed(PixelFormat::RGB565, Rgb888::BLACK), [0; 2]);
}

/// The corners of a 3 by 2 glass, as numbers, after a picture with a red top left and a blue top
/// right corner was packed.
fn corners(rotation: Rotation) -> [&'static str; 4] {
    let packer = Packer::new(PixelFormat::BGR888, glass(3, 2), 9, rotation).unwrap();
    let mut frame = Frame::new(packer.geometry());
    let right = packer.geometry().width() as i32 - 1;
    let marks = [Pixel(Point::zero(), Rgb888::RED), Pixel(Point::new(right, 0), Rgb888::BLUE)];
    frame.draw_iter(marks).unwrap();
    let mut memory = vec![0; packer.memory_len()];
    pack_all(&packer, &frame, &mut memory);
    [0, 6, 9, 15].map(|start| match memory[start..start + 3] {
        [0, 0, 255] => "red",
        [255, 0, 0] => "blue",
        _ => "",
    })
}

#[test]
fn the_picture_is_turned_clockwise() {
    assert_eq!(corners(Rotation::None), ["red", "blue", "", ""]);
    assert_eq!(corners(Rotation::Quarter), ["", "red", "", "blue"]);
    assert_eq!(corners(Rotation::Half), ["", "", "blue", "red"]);
    assert_eq!(corners(Rotation::ThreeQuarters), ["blue", "", "red", ""]);
}

#[test]
fn rotations_have_their_degrees() {
    for rotation in ROTATIONS {
        assert_eq!(Rotation::from_degrees(rotation.degrees()), Some(rotation));
    }
    assert_eq!(Rotation::from_degrees(45), None);
}

#[test]
fn framebuffers_that_cannot_be_drawn_on_are_refused() {
    let new = |format, line_length| {
        Packer::new(format, glass(4, 4), line_length, Rotation::None).map(|_| ())
    };
    let rgb = PixelFormat::RGB565;
    assert_eq!(new(PixelFormat { bits_per_pixel: 8, ..rgb }, 64), Err(FormatFault::Depth(8)));
    for field in [
        Bitfield::new(12, 5),
        Bitfield::new(4, 5),
        Bitfield::new(0, 0),
        Bitfield::new(u32::MAX, 5),
        Bitfield::new(0, u32::MAX),
    ] {
        assert_eq!(new(PixelFormat { red: field, ..rgb }, 64), Err(FormatFault::Bitfields));
    }
    assert_eq!(new(rgb, 7), Err(FormatFault::LineLength { line_length: 7, needed: 8 }));
    assert!(matches!(new(rgb, usize::MAX), Err(FormatFault::LineLength { .. })));
    assert_eq!(new(rgb, 8), Ok(()));
}

#[test]
fn frames_and_memory_that_do_not_fit_are_refused() {
    let packer = Packer::new(PixelFormat::RGB565, glass(4, 2), 8, Rotation::Quarter).unwrap();
    let rows = RowRanges::all(packer.geometry());
    let mut changed = [Extent::default(); 2];
    let wrong = packer.pack(&Frame::new(glass(4, 2)), &rows, &mut [0; 16], &mut changed);
    assert!(matches!(wrong, Err(PackFault::Frame { .. })));
    let frame = Frame::new(glass(2, 4));
    let short = packer.pack(&frame, &rows, &mut [0; 15], &mut changed);
    assert_eq!(short, Err(PackFault::Memory { len: 15, needed: 16 }));
    let few = packer.pack(&frame, &rows, &mut [0; 16], &mut changed[..1]);
    assert!(matches!(few, Err(PackFault::Memory { .. })));
}

/// Where the pixel at `x`, `y` of the picture is on the glass.
fn on_glass(rotation: Rotation, glass: Geometry, x: u32, y: u32) -> (u32, u32) {
    let (width, height) = (glass.width(), glass.height());
    match rotation {
        Rotation::None => (x, y),
        Rotation::Quarter => (width - 1 - y, x),
        Rotation::Half => (width - 1 - x, height - 1 - y),
        Rotation::ThreeQuarters => (y, height - 1 - x),
    }
}

/// A colour's field in a pixel of the memory, scaled back to 0 to 255, and how coarse it is.
fn read_field(bytes: &[u8], field: Bitfield) -> (u32, u32) {
    let bits = bytes.iter().rev().fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
    let max = (1u64 << field.length) - 1;
    let value = (bits >> field.offset & max) * 255 / max;
    (value as u32, 255u64.div_ceil(max) as u32)
}

fn any_format() -> impl Strategy<Value = PixelFormat> {
    prop::sample::select(vec![
        PixelFormat::RGB565,
        RGB565_SWAPPED,
        PixelFormat::BGR888,
        PixelFormat::XRGB8888,
        ARGB8888,
        XRGB2101010,
    ])
}

/// The bytes of the memory that stand for the picture's pixel at `x`, `y`.
fn place(packer: &Packer, x: u32, y: u32) -> std::ops::Range<usize> {
    let (glass_x, glass_y) = on_glass(packer.rotation, packer.glass, x, y);
    let start = glass_y as usize * packer.line_length + glass_x as usize * packer.pixel_len;
    start..start + packer.pixel_len
}

proptest! {
    /// Pixels of the rows asked for have their colour; every other byte is as it was; and what is
    /// said to have changed is from the first to the last pixel of each line that did.
    #[test]
    fn exactly_the_rows_asked_for_are_written(
        format in any_format(),
        (width, height) in (1u32..9, 1u32..9),
        padding in 0usize..7,
        rotation in prop::sample::select(ROTATIONS.to_vec()),
        rows in prop::collection::vec((0u32..12, 0u32..4), 0..4),
        (fill, spare, seed) in (any::<u8>(), 0usize..9, any::<u32>()),
    ) {
        let line_length = (width * format.bits_per_pixel / 8) as usize + padding;
        let packer = Packer::new(format, glass(width, height), line_length, rotation).unwrap();
        let geometry = packer.geometry();
        let rows: RowRanges = rows.into_iter().map(|(start, len)| start..start + len).collect();
        let mut frame = Frame::new(geometry);
        let shade = |x: u32, y: u32, salt: u32| {
            (seed ^ (x * 7 + y * 31 + salt)).wrapping_mul(2_654_435_761).to_le_bytes()[3]
        };
        let color = |x, y| Rgb888::new(shade(x, y, 1), shade(x, y, 2), shade(x, y, 3));
        let area = frame.bounding_box();
        frame.fill_contiguous(&area, area.points().map(|p| color(p.x as u32, p.y as u32))).unwrap();

        let mut memory = vec![fill; packer.memory_len() + spare];
        let before = memory.clone();
        let mut changed = vec![Extent::default(); height as usize];
        packer.pack(&frame, &rows, &mut memory, &mut changed).unwrap();

        for (y, extent) in (0u32..).zip(&changed) {
            let line = y as usize * line_length..(y as usize + 1) * line_length;
            let differs = |x: &usize| before[line.clone()][*x] != memory[line.clone()][*x];
            let first = (0..line_length).find(differs).map(|x| x / packer.pixel_len);
            let last = (0..line_length).rev().find(differs).map(|x| x / packer.pixel_len);
            let wanted = first.zip(last).map(|(first, last)| first as u32..last as u32 + 1);
            prop_assert_eq!(wanted.unwrap_or(0..0), extent.columns());
        }

        let mut untouched = vec![true; memory.len()];
        for y in rows.within(geometry.height()).iter().flatten() {
            for x in 0..geometry.width() {
                let place = place(&packer, x, y);
                untouched[place.clone()].fill(false);
                let (bytes, color) = (&memory[place], color(x, y));
                for (field, value) in
                    [(format.red, color.r()), (format.green, color.g()), (format.blue, color.b())]
                {
                    let (read, step) = read_field(bytes, field);
                    prop_assert!(read.abs_diff(u32::from(value)) <= step, "{read} for {value}");
                }
                if format.transp.length > 0 {
                    prop_assert_eq!(read_field(bytes, format.transp).0, 255);
                }
            }
        }
        for (byte, untouched) in memory.iter().zip(untouched) {
            prop_assert!(!untouched || *byte == fill);
        }
    }
}

//! How rows of a frame become bytes of a framebuffer. Pure.
//!
//! What a Linux framebuffer may be like (`fb_var_screeninfo`, `fb_fix_screeninfo` in
//! `linux/fb.h`): 16, 24 or 32 bits a pixel, each colour a bitfield anywhere in it, lines padded
//! to `line_length`, the glass mounted in any of four ways. Pixels are little-endian, as on every
//! machine this runs on. Bytes of a line's padding are never written.

use super::{Frame, Geometry, RowRanges, SIDE_MAX};

/// The longest line, four times the longest there can be of pixels.
const LINE_LENGTH_MAX: usize = SIDE_MAX as usize * 4 * 4;

/// Where one colour stands in a pixel: `fb_bitfield`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Bitfield {
    /// Its lowest bit, counted from the pixel's lowest.
    pub offset: u32,
    /// How many bits it has; 0 is none.
    pub length: u32,
}

impl Bitfield {
    /// `length` bits from bit `offset` on.
    pub const fn new(offset: u32, length: u32) -> Self {
        Self { offset, length }
    }

    /// The bits it covers, or nothing if it leaves a pixel of `bits` bits.
    fn mask(self, bits: u32) -> Option<u32> {
        let end = self.offset.checked_add(self.length)?;
        if self.length > 16 || end > bits {
            return None;
        }
        let ones = (1u64 << self.length) - 1;
        u32::try_from(ones << self.offset).ok()
    }
}

/// How a pixel is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PixelFormat {
    /// 16, 24 or 32.
    pub bits_per_pixel: u32,
    /// Red.
    pub red: Bitfield,
    /// Green.
    pub green: Bitfield,
    /// Blue.
    pub blue: Bitfield,
    /// Opacity, if it has any: all ones is opaque, which is what is written.
    pub transp: Bitfield,
}

impl PixelFormat {
    /// 16 bits: five of red, six of green, five of blue.
    pub const RGB565: Self = Self {
        bits_per_pixel: 16,
        red: Bitfield::new(11, 5),
        green: Bitfield::new(5, 6),
        blue: Bitfield::new(0, 5),
        transp: Bitfield::new(0, 0),
    };

    /// 24 bits: blue first in memory.
    pub const BGR888: Self = Self {
        bits_per_pixel: 24,
        red: Bitfield::new(16, 8),
        green: Bitfield::new(8, 8),
        blue: Bitfield::new(0, 8),
        transp: Bitfield::new(0, 0),
    };

    /// 32 bits: blue first in memory, one byte unused.
    pub const XRGB8888: Self = Self { bits_per_pixel: 32, ..Self::BGR888 };
}

/// How the glass is mounted: by how much the picture is turned clockwise on its way to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Rotation {
    /// Not turned.
    #[default]
    None,
    /// By 90 degrees.
    Quarter,
    /// By 180 degrees.
    Half,
    /// By 270 degrees.
    ThreeQuarters,
}

impl Rotation {
    /// The rotation by 0, 90, 180 or 270 degrees clockwise.
    pub const fn from_degrees(degrees: u32) -> Option<Self> {
        match degrees {
            0 => Some(Rotation::None),
            90 => Some(Rotation::Quarter),
            180 => Some(Rotation::Half),
            270 => Some(Rotation::ThreeQuarters),
            _ => None,
        }
    }

    /// Degrees clockwise.
    pub const fn degrees(self) -> u32 {
        match self {
            Rotation::None => 0,
            Rotation::Quarter => 90,
            Rotation::Half => 180,
            Rotation::ThreeQuarters => 270,
        }
    }
}

/// What about a framebuffer cannot be drawn on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormatFault {
    /// A depth other than 16, 24 and 32.
    #[error("a framebuffer of {0} bits a pixel: set it to 16, 24 or 32")]
    Depth(u32),
    /// A colour without bits, bits outside the pixel, or colours that share bits.
    #[error("the framebuffer's colours are not true colour: set its mode to RGB")]
    Bitfields,
    /// Lines shorter than their pixels, or absurdly long.
    #[error("framebuffer lines of {line_length} bytes for {needed} of pixels: check its driver")]
    LineLength {
        /// What was said.
        line_length: usize,
        /// What the pixels take.
        needed: usize,
    },
}

/// What does not fit together in one call of [`Packer::pack`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PackFault {
    /// The frame has another size than the display.
    #[error("a frame of {frame} does not fit a display of {display}: draw it anew")]
    Frame {
        /// The frame's size.
        frame: Geometry,
        /// The display's, as it is drawn on.
        display: Geometry,
    },
    /// The memory is shorter than the display's lines.
    #[error("{len} bytes of framebuffer are too short for {needed}")]
    Memory {
        /// The memory's length.
        len: usize,
        /// What the lines take.
        needed: usize,
    },
}

/// Pixels of one line of a framebuffer: from the first that changed to the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extent {
    start: u32,
    end: u32,
}

impl Extent {
    /// Those of `columns`.
    pub const fn of(columns: std::ops::Range<u32>) -> Self {
        Self { start: columns.start, end: columns.end }
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// From the first to after the last.
    pub const fn columns(self) -> std::ops::Range<u32> {
        self.start..self.end
    }

    fn add(&mut self, column: u32) {
        if self.is_empty() {
            *self = Self { start: column, end: column + 1 };
        } else {
            self.start = self.start.min(column);
            self.end = self.end.max(column + 1);
        }
    }
}

/// Packs rows of frames for one framebuffer.
#[derive(Debug, Clone)]
pub struct Packer {
    glass: Geometry,
    line_length: usize,
    pixel_len: usize,
    rotation: Rotation,
    /// A pixel's bits for each value of red, green and blue; opacity is in red's.
    red: Box<[u32; 256]>,
    green: Box<[u32; 256]>,
    blue: Box<[u32; 256]>,
}

impl Packer {
    /// A packer for a framebuffer of `glass` pixels as it is wired, with lines of `line_length`
    /// bytes.
    ///
    /// # Errors
    ///
    /// The framebuffer is not one that can be drawn on.
    pub fn new(
        format: PixelFormat,
        glass: Geometry,
        line_length: usize,
        rotation: Rotation,
    ) -> Result<Self, FormatFault> {
        let bits = format.bits_per_pixel;
        let pixel_len = match bits {
            16 => 2,
            24 => 3,
            32 => 4,
            other => return Err(FormatFault::Depth(other)),
        };
        let mut taken = 0;
        for (field, needed) in
            [(format.red, true), (format.green, true), (format.blue, true), (format.transp, false)]
        {
            let mask = field.mask(bits).ok_or(FormatFault::Bitfields)?;
            if taken & mask != 0 || (needed && mask == 0) {
                return Err(FormatFault::Bitfields);
            }
            taken |= mask;
        }
        let needed = glass.width() as usize * pixel_len;
        if line_length < needed || line_length > LINE_LENGTH_MAX {
            return Err(FormatFault::LineLength { line_length, needed });
        }
        let opaque = format.transp.mask(bits).unwrap_or(0);
        let (red, green, blue) =
            (table(format.red, opaque), table(format.green, 0), table(format.blue, 0));
        Ok(Self { glass, line_length, pixel_len, rotation, red, green, blue })
    }

    /// The size of the frames it packs: the glass, turned as it is mounted.
    pub const fn geometry(&self) -> Geometry {
        match self.rotation {
            Rotation::None | Rotation::Half => self.glass,
            Rotation::Quarter | Rotation::ThreeQuarters => self.glass.turned(),
        }
    }

    /// The bytes of the framebuffer's lines, padding included.
    pub const fn memory_len(&self) -> usize {
        self.line_length * self.glass.height() as usize
    }

    /// The framebuffer's pixels, as it is wired.
    pub const fn glass(&self) -> Geometry {
        self.glass
    }

    /// The bytes of `extent` in the framebuffer's line `y`.
    pub const fn bytes(&self, y: u32, extent: Extent) -> std::ops::Range<usize> {
        let line = y as usize * self.line_length;
        let start = line + extent.start as usize * self.pixel_len;
        start..line + extent.end as usize * self.pixel_len
    }

    /// Writes `rows` of `frame` where they belong in `memory`, and adds to `changed`, which has an
    /// extent for each line of the framebuffer, the pixels that were not so before.
    ///
    /// # Errors
    ///
    /// The frame or the memory does not fit; nothing is written.
    pub fn pack(
        &self,
        frame: &Frame,
        rows: &RowRanges,
        memory: &mut [u8],
        changed: &mut [Extent],
    ) -> Result<(), PackFault> {
        let display = self.geometry();
        if frame.geometry() != display {
            return Err(PackFault::Frame { frame: frame.geometry(), display });
        }
        if memory.len() < self.memory_len() || changed.len() < self.glass.height() as usize {
            return Err(PackFault::Memory { len: memory.len(), needed: self.memory_len() });
        }
        for y in rows.within(display.height()).iter().flatten() {
            self.pack_row(frame.row(y), y, memory, changed);
        }
        Ok(())
    }

    /// Writes one row: which line and column of the glass each of its pixels goes to.
    fn pack_row(&self, row: &[u8], y: u32, memory: &mut [u8], changed: &mut [Extent]) {
        let (right, bottom) = (self.glass.width() - 1, self.glass.height() - 1);
        match self.rotation {
            Rotation::None => self.pack_pixels(row, memory, changed, |x| (y, x)),
            Rotation::Quarter => self.pack_pixels(row, memory, changed, |x| (x, right - y)),
            Rotation::Half => {
                self.pack_pixels(row, memory, changed, |x| (bottom - y, right - x));
            }
            Rotation::ThreeQuarters => self.pack_pixels(row, memory, changed, |x| (bottom - x, y)),
        }
    }

    fn pack_pixels(
        &self,
        row: &[u8],
        memory: &mut [u8],
        changed: &mut [Extent],
        place: impl Fn(u32) -> (u32, u32),
    ) {
        for (x, color) in (0u32..).zip(row.as_chunks::<3>().0) {
            let [red, green, blue] = color.map(usize::from);
            let bits = self.red[red] | self.green[green] | self.blue[blue];
            let bytes = bits.to_le_bytes();
            let (line, column) = place(x);
            let start = line as usize * self.line_length + column as usize * self.pixel_len;
            // The depth is known for a whole row; spelled out so that each copy has a fixed length.
            let differs = match self.pixel_len {
                2 => replace(&mut memory[start..start + 2], &bytes[..2]),
                3 => replace(&mut memory[start..start + 3], &bytes[..3]),
                _ => replace(&mut memory[start..start + 4], &bytes),
            };
            if differs {
                changed[line as usize].add(column);
            }
        }
    }
}

/// Writes a pixel's bytes, and says whether they were others.
fn replace(pixel: &mut [u8], bytes: &[u8]) -> bool {
    let differs = pixel != bytes;
    if differs {
        pixel.copy_from_slice(bytes);
    }
    differs
}

/// The bits of `field` for each value of its colour, rounded to the nearest, with `always` set.
fn table(field: Bitfield, always: u32) -> Box<[u32; 256]> {
    let max = (1u32 << field.length) - 1;
    let scaled = |value: u32| (value * max + 127) / 255;
    let mut table = Box::new([0; 256]);
    for (entry, value) in table.iter_mut().zip(0u32..) {
        *entry = scaled(value) << field.offset | always;
    }
    table
}

#[cfg(test)]
mod tests;

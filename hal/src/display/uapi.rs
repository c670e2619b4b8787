//! What the kernel is asked about displays and consoles, and the layouts of its answers.
//!
//! Sources: `linux/fb.h` (`FBIOGET_VSCREENINFO` and the following), `linux/kd.h` (`KDSETMODE`). The
//! numbers are from before the kernel wrote an argument's size into them, and the same on every
//! architecture this runs on. `unsigned long` makes `fb_fix_screeninfo` longer on 64 bits.

use std::ffi::c_ulong;
use std::fs::File;
use std::io;

use rustix::ioctl::{IntegerSetter, Opcode, Updater};

const FBIOGET_VSCREENINFO: Opcode = 0x4600;
const FBIOGET_FSCREENINFO: Opcode = 0x4602;
const FBIOPAN_DISPLAY: Opcode = 0x4606;
const FBIOBLANK: Opcode = 0x4611;
const FB_BLANK_UNBLANK: usize = 0;
/// The major number of framebuffers (`linux/major.h`).
const FB_MAJOR: u32 = 29;
const KDSETMODE: Opcode = 0x4b3a;
const KD_TEXT: usize = 0;
const KD_GRAPHICS: usize = 1;

/// `FB_TYPE_PACKED_PIXELS`.
pub(super) const PACKED_PIXELS: u32 = 0;
/// `FB_VISUAL_TRUECOLOR`.
pub(super) const TRUECOLOR: u32 = 2;
/// `FB_VISUAL_DIRECTCOLOR`.
pub(super) const DIRECTCOLOR: u32 = 4;

/// `struct fb_bitfield`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(C)]
pub(super) struct FbBitfield {
    pub(super) offset: u32,
    pub(super) length: u32,
    pub(super) msb_right: u32,
}

/// `struct fb_var_screeninfo`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(C)]
pub(super) struct FbVarScreeninfo {
    pub(super) xres: u32,
    pub(super) yres: u32,
    pub(super) xres_virtual: u32,
    pub(super) yres_virtual: u32,
    pub(super) xoffset: u32,
    pub(super) yoffset: u32,
    pub(super) bits_per_pixel: u32,
    pub(super) grayscale: u32,
    pub(super) red: FbBitfield,
    pub(super) green: FbBitfield,
    pub(super) blue: FbBitfield,
    pub(super) transp: FbBitfield,
    pub(super) nonstd: u32,
    pub(super) activate: u32,
    pub(super) height_mm: u32,
    pub(super) width_mm: u32,
    pub(super) accel_flags: u32,
    /// From `pixclock` to `colorspace`.
    pub(super) timing: [u32; 11],
    pub(super) reserved: [u32; 4],
}

/// `struct fb_fix_screeninfo`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(C)]
pub(super) struct FbFixScreeninfo {
    pub(super) id: [u8; 16],
    pub(super) smem_start: c_ulong,
    pub(super) smem_len: u32,
    pub(super) kind: u32,
    pub(super) type_aux: u32,
    pub(super) visual: u32,
    pub(super) xpanstep: u16,
    pub(super) ypanstep: u16,
    pub(super) ywrapstep: u16,
    pub(super) line_length: u32,
    pub(super) mmio_start: c_ulong,
    pub(super) mmio_len: u32,
    pub(super) accel: u32,
    pub(super) capabilities: u16,
    pub(super) reserved: [u16; 2],
}

/// What the kernel says of a framebuffer's mode.
pub(super) fn fb_var(file: &File) -> io::Result<FbVarScreeninfo> {
    let mut var = FbVarScreeninfo::default();
    fb_call::<FBIOGET_VSCREENINFO>(file, &mut var)?;
    Ok(var)
}

/// What the kernel says of a framebuffer's memory.
#[expect(unsafe_code, reason = "no crate has this ioctl")]
pub(super) fn fb_fix(file: &File) -> io::Result<FbFixScreeninfo> {
    only_framebuffers(file)?;
    let mut fix = FbFixScreeninfo::default();
    // SAFETY: the file is a framebuffer's, so the kernel fills in one `fb_fix_screeninfo`, whose
    // layout this is (test below); it is borrowed for writing, and any bits are valid integers.
    unsafe { rustix::ioctl::ioctl(file, Updater::<FBIOGET_FSCREENINFO, _>::new(&mut fix)) }?;
    Ok(fix)
}

/// Shows the part of the memory that begins at the offsets of `var`.
pub(super) fn fb_pan(file: &File, var: &mut FbVarScreeninfo) -> io::Result<()> {
    fb_call::<FBIOPAN_DISPLAY>(file, var)
}

/// A call that reads or fills in one `fb_var_screeninfo`.
#[expect(unsafe_code, reason = "no crate has these ioctls")]
fn fb_call<const CALL: Opcode>(file: &File, var: &mut FbVarScreeninfo) -> io::Result<()> {
    only_framebuffers(file)?;
    // SAFETY: the file is a framebuffer's, and this module calls with numbers only that take one
    // `fb_var_screeninfo`, whose layout this is (test below); it is borrowed for writing, and any
    // bits are valid integers.
    Ok(unsafe { rustix::ioctl::ioctl(file, Updater::<CALL, _>::new(var)) }?)
}

/// The same numbers mean other things, and other lengths, to other devices.
fn only_framebuffers(file: &File) -> io::Result<()> {
    let stat = rustix::fs::fstat(file)?;
    let device = rustix::fs::FileType::from_raw_mode(stat.st_mode).is_char_device();
    if device && rustix::fs::major(stat.st_rdev) == FB_MAJOR {
        return Ok(());
    }
    Err(rustix::io::Errno::NOTTY.into())
}

/// Turns a blanked framebuffer on.
#[expect(unsafe_code, reason = "no crate has this ioctl")]
pub(super) fn fb_unblank(file: &File) -> io::Result<()> {
    // SAFETY: the argument is a number; no memory is touched.
    Ok(unsafe {
        rustix::ioctl::ioctl(file, IntegerSetter::<FBIOBLANK>::new_usize(FB_BLANK_UNBLANK))
    }?)
}

/// Has a virtual terminal draw no text, or draw it again.
#[expect(unsafe_code, reason = "no crate has this ioctl")]
pub(super) fn vt_graphics(file: &File, graphics: bool) -> io::Result<()> {
    let mode = if graphics { KD_GRAPHICS } else { KD_TEXT };
    // SAFETY: the argument is a number; no memory is touched.
    Ok(unsafe { rustix::ioctl::ioctl(file, IntegerSetter::<KDSETMODE>::new_usize(mode)) }?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::mem::{offset_of, size_of};

    /// As a C compiler lays them out from `linux/fb.h`, for x86-64 and aarch64 and for armv7.
    #[test]
    fn the_answers_have_the_kernels_layout() {
        assert_eq!(size_of::<FbBitfield>(), 12);
        assert_eq!(size_of::<FbVarScreeninfo>(), 160);
        assert_eq!(offset_of!(FbVarScreeninfo, red), 32);
        assert_eq!(offset_of!(FbVarScreeninfo, nonstd), 80);
        assert_eq!(offset_of!(FbVarScreeninfo, timing), 100);
        let long = size_of::<c_ulong>();
        let (size, visual, line_length, capabilities) = match long {
            8 => (80, 36, 48, 72),
            4 => (68, 32, 44, 60),
            other => panic!("an unsigned long of {other} bytes"),
        };
        assert_eq!(size_of::<FbFixScreeninfo>(), size);
        assert_eq!(offset_of!(FbFixScreeninfo, smem_start), 16);
        assert_eq!(offset_of!(FbFixScreeninfo, visual), visual);
        assert_eq!(offset_of!(FbFixScreeninfo, line_length), line_length);
        assert_eq!(offset_of!(FbFixScreeninfo, capabilities), capabilities);
    }

    #[test]
    fn files_of_another_kind_are_refused_by_the_kernel() {
        let null = File::options().read(true).write(true).open("/dev/null").unwrap();
        let plain = tempfile::tempfile().unwrap();
        for file in [null, plain] {
            assert!(fb_var(&file).is_err());
            assert!(fb_fix(&file).is_err());
            assert!(fb_pan(&file, &mut FbVarScreeninfo::default()).is_err());
            assert!(fb_unblank(&file).is_err());
            assert!(vt_graphics(&file, true).is_err());
        }
    }
}

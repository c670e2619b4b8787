//! The driver for framebuffers: `/dev/fb0` (`linux/fb.h`, the kernel's `Documentation/fb/api.rst`).
//!
//! Owns the device file. Its lines are written with `pwrite`, only where they changed, rather than
//! mapped: drivers that have to send a picture on learn from a write what to send, and a write to a
//! display that is gone is an error and not a signal.
//!
//! Traps it minds: lines may be padded (`line_length`); what is shown may begin inside the memory
//! (`xoffset`, `yoffset`), and panning is asked for and then looked at, since some drivers take it
//! and do nothing; the device may have been turned off (`FBIOBLANK`); pixels may be planes, palette
//! entries or grey, which are refused with words.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use rustix::io::Errno;

use super::Geometry;
use super::glass::{Glass, GlassConfig, GlassDisplay, Layout, Source};
use super::pixel::{Bitfield, Extent, FormatFault, PixelFormat};
use super::uapi::{self, FbBitfield, FbFixScreeninfo, FbVarScreeninfo};
use crate::device::{Health, HealthReport};

/// The framebuffer at `config.path`, which is looked for until it is there.
pub fn open(config: GlassConfig) -> GlassDisplay {
    let source = Fbdev { path: config.path.clone(), kernel: Kernel };
    GlassDisplay::new(config, Box::new(source))
}

/// What the kernel is asked about a framebuffer, so that tests can answer.
trait Calls: Clone + Send + 'static {
    fn var(&self, file: &File) -> io::Result<FbVarScreeninfo>;
    fn fix(&self, file: &File) -> io::Result<FbFixScreeninfo>;
    fn pan(&self, file: &File, var: &mut FbVarScreeninfo) -> io::Result<()>;
    fn unblank(&self, file: &File) -> io::Result<()>;
}

#[derive(Clone)]
struct Kernel;

impl Calls for Kernel {
    fn var(&self, file: &File) -> io::Result<FbVarScreeninfo> {
        uapi::fb_var(file)
    }

    fn fix(&self, file: &File) -> io::Result<FbFixScreeninfo> {
        uapi::fb_fix(file)
    }

    fn pan(&self, file: &File, var: &mut FbVarScreeninfo) -> io::Result<()> {
        uapi::fb_pan(file, var)
    }

    fn unblank(&self, file: &File) -> io::Result<()> {
        uapi::fb_unblank(file)
    }
}

struct Fbdev<C> {
    path: PathBuf,
    kernel: C,
}

impl<C: Calls> Source for Fbdev<C> {
    fn kind(&self) -> &'static str {
        "framebuffer"
    }

    fn look(&mut self) -> Result<Box<dyn Glass>, HealthReport> {
        let flags = (OFlags::NOCTTY | OFlags::NONBLOCK).bits().cast_signed();
        let file = File::options().read(true).write(true).custom_flags(flags).open(&self.path);
        let file = file.map_err(|error| unopened(&self.path, &error))?;
        let kernel = self.kernel.clone();
        let said = kernel.var(&file).and_then(|var| Ok((var, kernel.fix(&file)?)));
        let (var, fix) = said.map_err(|error| unasked(&self.path, &error))?;
        let failed = |problem: String| {
            let detail = format!("{}: {problem}", self.path.display());
            HealthReport::new(Health::Failed, detail)
        };
        let layout = layout(&var, &fix).map_err(failed)?;
        let start = start(&var, &layout, &fix).map_err(failed)?;
        Ok(Box::new(Framebuffer { file, kernel, layout, start }))
    }
}

/// Why the device file cannot be opened, and what to do.
fn unopened(path: &Path, error: &io::Error) -> HealthReport {
    let path = path.display();
    match Errno::from_io_error(error) {
        Some(Errno::NOENT | Errno::NODEV | Errno::NXIO | Errno::NOTDIR) => HealthReport::new(
            Health::Absent,
            format!(
                "{path} is not there: is the display's driver loaded? Where the kernel has no \
                 fbdev, use the driver drm"
            ),
        ),
        Some(Errno::ACCESS | Errno::PERM) => HealthReport::new(
            Health::Failed,
            format!("no permission for {path}: let the program have the group video"),
        ),
        Some(_) | None => {
            HealthReport::new(Health::Failed, format!("{path} cannot be opened: {error}"))
        }
    }
}

/// Why it does not answer like a framebuffer.
fn unasked(path: &Path, error: &io::Error) -> HealthReport {
    let path = path.display();
    match Errno::from_io_error(error) {
        // Its driver is gone, while the file was open.
        Some(Errno::NODEV | Errno::NXIO) => {
            HealthReport::new(Health::Absent, format!("{path} has gone: is the display connected?"))
        }
        Some(Errno::NOTTY | Errno::INVAL) => HealthReport::new(
            Health::Failed,
            format!("{path} is not a framebuffer: give the path of one, such as /dev/fb0"),
        ),
        Some(_) | None => {
            HealthReport::new(Health::Failed, format!("{path} does not say how it is: {error}"))
        }
    }
}

/// What can be drawn on.
fn layout(var: &FbVarScreeninfo, fix: &FbFixScreeninfo) -> Result<Layout, String> {
    let true_color = matches!(fix.visual, uapi::TRUECOLOR | uapi::DIRECTCOLOR);
    let fields = [var.red, var.green, var.blue, var.transp];
    let plain = fields.iter().all(|field| field.length == 0 || field.msb_right == 0);
    if fix.kind != uapi::PACKED_PIXELS || !true_color || !plain || var.grayscale != 0 {
        return Err(FormatFault::Bitfields.to_string());
    }
    let glass = Geometry::new(var.xres, var.yres)
        .map_err(|_| format!("a framebuffer of {}x{} pixels: set a mode", var.xres, var.yres))?;
    let [red, green, blue, transp] = fields.map(bitfield);
    let format = PixelFormat { bits_per_pixel: var.bits_per_pixel, red, green, blue, transp };
    // Drivers that leave it out have no padding.
    let unpadded = var.xres_virtual.max(var.xres).saturating_mul(var.bits_per_pixel) / 8;
    let line_length = if fix.line_length == 0 { unpadded } else { fix.line_length };
    Ok(Layout { name: name(&fix.id), glass, format, line_length: line_length as usize })
}

fn bitfield(field: FbBitfield) -> Bitfield {
    Bitfield::new(field.offset, field.length)
}

/// The driver's name for itself, as far as it can be printed.
fn name(id: &[u8; 16]) -> String {
    let shown = id.iter().take_while(|byte| **byte != 0).filter(|byte| byte.is_ascii_graphic());
    shown.map(|byte| char::from(*byte)).collect()
}

/// Where in the memory that begins which is shown.
fn start(var: &FbVarScreeninfo, layout: &Layout, fix: &FbFixScreeninfo) -> Result<u64, String> {
    let line = layout.line_length as u64;
    let pixel = u64::from(layout.format.bits_per_pixel / 8);
    let start = u64::from(var.yoffset).saturating_mul(line);
    let start = start.saturating_add(u64::from(var.xoffset) * pixel);
    // The last line ends with its pixels.
    let lines = line * u64::from(layout.glass.height() - 1);
    let end = start.saturating_add(lines + u64::from(layout.glass.width()) * pixel);
    if fix.smem_len != 0 && end > u64::from(fix.smem_len) {
        let memory = fix.smem_len;
        return Err(format!("{memory} bytes of memory are too short for {end}: check its driver"));
    }
    Ok(start)
}

struct Framebuffer<C> {
    file: File,
    kernel: C,
    layout: Layout,
    /// Where in the file the first line begins.
    start: u64,
}

impl<C: Calls> Framebuffer<C> {
    /// Has the memory be shown from its beginning, if that works. What is shown is drawn on.
    fn pan(&mut self) -> io::Result<()> {
        let mut var = self.kernel.var(&self.file)?;
        if (var.xoffset, var.yoffset) == (0, 0) {
            return Ok(());
        }
        (var.xoffset, var.yoffset) = (0, 0);
        if let Err(error) = self.kernel.pan(&self.file, &mut var) {
            tracing::debug!(%error, "the framebuffer does not pan");
        }
        let (var, fix) = (self.kernel.var(&self.file)?, self.kernel.fix(&self.file)?);
        if layout(&var, &fix).as_ref() != Ok(&self.layout) {
            return Err(io::Error::other("its mode changed meanwhile"));
        }
        self.start = start(&var, &self.layout, &fix).map_err(io::Error::other)?;
        Ok(())
    }
}

impl<C: Calls> Glass for Framebuffer<C> {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn take_over(&mut self) -> io::Result<()> {
        self.pan()?;
        // Drivers that cannot blank say so by failing.
        if let Err(error) = self.kernel.unblank(&self.file) {
            tracing::debug!(%error, "the framebuffer does not blank");
        }
        Ok(())
    }

    fn write(
        &mut self,
        pieces: &mut dyn Iterator<Item = (usize, &[u8])>,
        _lines: &mut dyn Iterator<Item = (u32, Extent)>,
    ) -> io::Result<()> {
        for (at, bytes) in pieces {
            self.file.write_all_at(bytes, self.start + at as u64)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;

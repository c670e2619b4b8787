//! The driver for displays without fbdev: DRM dumb buffers (`/dev/dri/card0`; the kernel's
//! `Documentation/gpu/drm-kms.rst`, "Dumb Buffer Objects").
//!
//! Owns the card, one buffer of 32 bits a pixel, and, from the first picture on, the CRTC of the
//! first connector with a display, in the mode that the display prefers. What the CRTC showed
//! before comes back when this is dropped; when the process dies the kernel does that itself.
//!
//! Traps it minds: another program may have the display (only one at a time may set a mode), which
//! is told in words and tried again; drivers that send the picture on need to be told which part
//! changed (`DIRTYFB`), and those that do not refuse to be; the buffer's memory is slow to read,
//! and is only written.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use drm::buffer::{Buffer as _, DrmFourcc};
use drm::control::dumbbuffer::DumbBuffer;
use drm::control::{
    ClipRect, Device as _, Mode, ModeTypeFlags, ResourceHandles, connector, crtc, framebuffer,
};
use rustix::fs::OFlags;
use rustix::io::Errno;

use super::Geometry;
use super::glass::{Glass, GlassConfig, GlassDisplay, Layout, Source};
use super::pixel::{Extent, PixelFormat};
use crate::device::{Health, HealthReport};

/// The most parts of the picture that are told to have changed; the kernel takes 256.
const CLIPS_MAX: usize = 16;

/// The display at the card `config.path`, which is looked for until it is there.
pub fn open(config: GlassConfig) -> GlassDisplay {
    let source = Drm { path: config.path.clone() };
    GlassDisplay::new(config, Box::new(source))
}

/// A card's device file.
#[derive(Debug)]
struct Card(File);

impl AsFd for Card {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl drm::Device for Card {}
impl drm::control::Device for Card {}

struct Drm {
    path: PathBuf,
}

impl Source for Drm {
    fn kind(&self) -> &'static str {
        "DRM display"
    }

    fn look(&mut self) -> Result<Box<dyn Glass>, HealthReport> {
        let flags = (OFlags::NOCTTY | OFlags::NONBLOCK).bits().cast_signed();
        let file = File::options().read(true).write(true).custom_flags(flags).open(&self.path);
        let card = Card(file.map_err(|error| unopened(&self.path, &error))?);
        let asked = card.resource_handles().map_err(|error| unasked(&self.path, &error));
        let found = Wiring::find(&card, &asked?).map_err(|error| unasked(&self.path, &error))?;
        let Some(wiring) = found else {
            let detail = format!("no display is connected to {}", self.path.display());
            return Err(HealthReport::new(Health::Absent, detail));
        };
        let failed = |error: String| {
            let detail = format!("{}: {error}", self.path.display());
            HealthReport::new(Health::Failed, detail)
        };
        let scanout = Scanout::new(card, wiring).map_err(|error| failed(error.to_string()))?;
        Ok(Box::new(scanout))
    }
}

/// Why the device file cannot be opened, and what to do.
fn unopened(path: &Path, error: &io::Error) -> HealthReport {
    let path = path.display();
    match Errno::from_io_error(error) {
        Some(Errno::NOENT | Errno::NODEV | Errno::NXIO | Errno::NOTDIR) => HealthReport::new(
            Health::Absent,
            format!("{path} is not there: is the display's driver loaded?"),
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

/// Why it does not answer like a card with displays.
fn unasked(path: &Path, error: &io::Error) -> HealthReport {
    let path = path.display();
    match Errno::from_io_error(error) {
        Some(Errno::NOTTY | Errno::INVAL | Errno::OPNOTSUPP | Errno::NOSYS) => HealthReport::new(
            Health::Failed,
            format!("{path} is not a card with displays: give the path of one in /dev/dri"),
        ),
        Some(_) | None => {
            HealthReport::new(Health::Failed, format!("{path} does not say how it is: {error}"))
        }
    }
}

/// What is shown where.
#[derive(Debug)]
struct Wiring {
    name: String,
    connector: connector::Handle,
    crtc: crtc::Handle,
    mode: Mode,
}

impl Wiring {
    /// The first connector with a display, if there is one.
    fn find(card: &Card, resources: &ResourceHandles) -> io::Result<Option<Wiring>> {
        for handle in resources.connectors() {
            // Reads what the display says of itself, as nobody else may have done yet.
            let connector = card.get_connector(*handle, true)?;
            let modes = connector.modes();
            let preferred =
                modes.iter().find(|mode| mode.mode_type().contains(ModeTypeFlags::PREFERRED));
            let (connector::State::Connected, Some(mode)) =
                (connector.state(), preferred.or(modes.first()))
            else {
                continue;
            };
            if let Some(crtc) = Wiring::crtc(card, resources, &connector)? {
                let kind = connector.interface().as_str();
                let name = format!("{kind}-{}", connector.interface_id());
                return Ok(Some(Wiring { name, connector: *handle, crtc, mode: *mode }));
            }
        }
        Ok(None)
    }

    /// The CRTC that feeds the connector, or else the first that can.
    fn crtc(
        card: &Card,
        resources: &ResourceHandles,
        connector: &connector::Info,
    ) -> io::Result<Option<crtc::Handle>> {
        if let Some(encoder) = connector.current_encoder()
            && let Some(crtc) = card.get_encoder(encoder)?.crtc()
        {
            return Ok(Some(crtc));
        }
        for encoder in connector.encoders() {
            let possible = card.get_encoder(*encoder)?.possible_crtcs();
            if let Some(crtc) = resources.filter_crtcs(possible).first() {
                return Ok(Some(*crtc));
            }
        }
        Ok(None)
    }
}

/// A buffer, and the CRTC that shows it.
#[derive(Debug)]
struct Scanout {
    card: Card,
    wiring: Wiring,
    buffer: DumbBuffer,
    layout: Layout,
    shown: Option<Shown>,
    /// The driver wants to be told what changed.
    dirties: bool,
}

/// The buffer on the CRTC.
#[derive(Debug)]
struct Shown {
    framebuffer: framebuffer::Handle,
    /// What was there.
    before: crtc::Info,
}

impl Scanout {
    fn new(card: Card, wiring: Wiring) -> io::Result<Scanout> {
        let (width, height) = wiring.mode.size();
        let (width, height) = (u32::from(width), u32::from(height));
        let glass = Geometry::new(width, height).map_err(io::Error::other)?;
        let buffer = card.create_dumb_buffer((width, height), DrmFourcc::Xrgb8888, 32)?;
        let layout = Layout {
            name: wiring.name.clone(),
            glass,
            format: PixelFormat::XRGB8888,
            line_length: buffer.pitch() as usize,
        };
        Ok(Scanout { card, wiring, buffer, layout, shown: None, dirties: true })
    }

    fn tell_dirty(&mut self, clips: &[ClipRect]) -> io::Result<()> {
        let Some(shown) = self.shown.as_ref().filter(|_| self.dirties && !clips.is_empty()) else {
            return Ok(());
        };
        match self.card.dirty_framebuffer(shown.framebuffer, clips) {
            Ok(()) => Ok(()),
            Err(error) => match Errno::from_io_error(&error) {
                // What is in the buffer is on the display without further ado.
                Some(Errno::NOSYS | Errno::OPNOTSUPP | Errno::INVAL) => {
                    self.dirties = false;
                    Ok(())
                }
                Some(_) | None => Err(error),
            },
        }
    }
}

impl Glass for Scanout {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn take_over(&mut self) -> io::Result<()> {
        let Wiring { connector, crtc, mode, .. } = &self.wiring;
        let before = self.card.get_crtc(*crtc)?;
        let framebuffer = self.card.add_framebuffer(&self.buffer, 24, 32)?;
        self.shown = Some(Shown { framebuffer, before });
        let set = self.card.set_crtc(*crtc, Some(framebuffer), (0, 0), &[*connector], Some(*mode));
        set.map_err(|error| match Errno::from_io_error(&error) {
            Some(Errno::ACCESS | Errno::PERM | Errno::BUSY) => {
                io::Error::other("another program has the display: stop it")
            }
            Some(_) | None => error,
        })
    }

    fn write(
        &mut self,
        pieces: &mut dyn Iterator<Item = (usize, &[u8])>,
        lines: &mut dyn Iterator<Item = (u32, Extent)>,
    ) -> io::Result<()> {
        let mut memory = self.card.map_dumb_buffer(&mut self.buffer)?;
        for (at, bytes) in pieces {
            let place = memory.get_mut(at..at + bytes.len());
            place
                .ok_or_else(|| io::Error::other("the buffer is too short"))?
                .copy_from_slice(bytes);
        }
        drop(memory);
        self.tell_dirty(&clips(lines))
    }
}

impl Drop for Scanout {
    fn drop(&mut self) {
        // What fails here is put right by the kernel when the card is closed.
        if let Some(Shown { framebuffer, before }) = self.shown.take() {
            let (crtc, connector) = (self.wiring.crtc, self.wiring.connector);
            let _ = match (before.framebuffer(), before.mode()) {
                (Some(former), Some(mode)) => {
                    let position = before.position();
                    self.card.set_crtc(crtc, Some(former), position, &[connector], Some(mode))
                }
                (None, _) | (_, None) => self.card.set_crtc(crtc, None, (0, 0), &[], None),
            };
            let _ = self.card.destroy_framebuffer(framebuffer);
        }
        let _ = self.card.destroy_dumb_buffer(self.buffer);
    }
}

/// The rectangles round neighbouring lines that changed. Where they are too many, the last is round
/// all the rest.
fn clips(lines: &mut dyn Iterator<Item = (u32, Extent)>) -> Vec<ClipRect> {
    let mut boxes: Vec<(std::ops::Range<u32>, std::ops::Range<u32>)> = Vec::new();
    for (y, extent) in lines {
        let columns = extent.columns();
        let full = boxes.len() == CLIPS_MAX;
        match boxes.last_mut() {
            Some((xs, ys)) if ys.end == y || full => {
                *xs = xs.start.min(columns.start)..xs.end.max(columns.end);
                ys.end = y + 1;
            }
            Some(_) | None => boxes.push((columns, y..y + 1)),
        }
    }
    // Sides have at most `SIDE_MAX` pixels.
    let side = |at: u32| u16::try_from(at).unwrap_or(u16::MAX);
    let clip = |(xs, ys): &(std::ops::Range<u32>, std::ops::Range<u32>)| {
        ClipRect::new(side(xs.start), side(ys.start), side(xs.end), side(ys.end))
    };
    boxes.iter().map(clip).collect()
}

#[cfg(test)]
mod tests;

//! A real display, whichever way the kernel shows it: framebuffer or DRM.
//!
//! Owns what both have in common: the rotation, the copy of what the glass holds, looking for a
//! display that is away, the console, and the count of what was written. `Source` finds a
//! display, `Glass` is one that was found. Finding changes nothing on it: a probe may look at a
//! display that another process draws on. The first picture takes it over.
//!
//! A display that fails is let go of, looked for, and gets its whole picture when it is back. Its
//! size may then be another: the caller asks for [`Display::geometry`] before it draws.

use std::io;
use std::path::PathBuf;
use std::task::{Context, Poll, Waker, ready};

use rustix::io::Errno;

use super::console::{self, Console};
use super::pixel::{Extent, Packer, PixelFormat, Rotation};
use super::shadow::Shadow;
use super::{Display, DisplayEvent, DisplayFault, Frame, Geometry, RowRanges};
use crate::device::{Device, Health, HealthReport};
use crate::hotplug::Search;

/// Where a display is and how it hangs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlassConfig {
    /// The device file.
    pub path: PathBuf,
    /// By how much the picture is turned clockwise.
    pub rotation: Rotation,
    /// The size to draw for until the display was found, rotation already taken into account.
    pub assumed: Geometry,
    /// The virtual terminal whose text has to make room, if there is one.
    pub console: Option<PathBuf>,
}

/// How a display's memory is laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    /// What it calls itself.
    pub(super) name: String,
    /// Its pixels, as it is wired.
    pub(super) glass: Geometry,
    /// A pixel.
    pub(super) format: PixelFormat,
    /// From one line to the next.
    pub(super) line_length: usize,
}

/// Finds a display.
pub(super) trait Source: Send {
    /// What kind of display it finds.
    fn kind(&self) -> &'static str;

    /// Looks at the display without changing anything on it.
    fn look(&mut self) -> Result<Box<dyn Glass>, HealthReport>;
}

/// A display that was found. Dropping it puts back what was there before.
pub(super) trait Glass: Send {
    /// Its layout; true for as long as it is there.
    fn layout(&self) -> &Layout;

    /// From now on it shows what is written to it.
    fn take_over(&mut self) -> io::Result<()>;

    /// Writes what changed. `lines` are those that `pieces` touch.
    fn write(
        &mut self,
        pieces: &mut dyn Iterator<Item = (usize, &[u8])>,
        lines: &mut dyn Iterator<Item = (u32, Extent)>,
    ) -> io::Result<()>;
}

/// A display that is there.
struct Live {
    glass: Box<dyn Glass>,
    shadow: Shadow,
    /// A picture was shown on it.
    shown: bool,
}

/// A real display.
pub struct GlassDisplay {
    config: GlassConfig,
    name: String,
    source: Box<dyn Source>,
    live: Option<Live>,
    /// When to look for it while it is away. Begins anew only once a picture was shown, so that a
    /// display that can be found and not drawn on is not looked for all the time.
    search: Search,
    geometry: Geometry,
    health: HealthReport,
    console: Option<Console>,
    /// What was written so far.
    written: u64,
    /// The user has yet to be told of the health.
    changed: bool,
    waker: Option<Waker>,
}

impl GlassDisplay {
    /// Looks for the display; if it is away it is looked for until it is there. Must be polled
    /// inside a tokio runtime with I/O and time.
    pub(super) fn new(config: GlassConfig, source: Box<dyn Source>) -> Self {
        let mut display = Self {
            name: format!("{} {}", source.kind(), config.path.display()),
            live: None,
            search: Search::for_path(&config.path),
            geometry: config.assumed,
            health: HealthReport::new(Health::Starting, ""),
            console: None,
            written: 0,
            changed: false,
            waker: None,
            config,
            source,
        };
        display.look();
        // The first report is no change.
        display.changed = false;
        display
    }

    /// Bytes written to the display so far.
    pub const fn written(&self) -> u64 {
        self.written
    }

    fn look(&mut self) {
        let found = self.source.look().and_then(|glass| Live::new(glass, self.config.rotation));
        match found {
            Ok(live) => {
                self.geometry = live.shadow.packer().geometry();
                self.report(live.report(self.config.rotation));
                self.live = Some(live);
            }
            Err(report) => self.report(report),
        }
    }

    /// Lets go of a display that failed, and looks for it.
    fn lose(&mut self, error: &io::Error) -> DisplayFault {
        let path = self.config.path.display();
        self.live = None;
        if let Some(Errno::NODEV | Errno::NXIO) = Errno::from_io_error(error) {
            let detail = format!("{path} has gone: it is looked for again");
            self.report(HealthReport::new(Health::Absent, detail.clone()));
            return DisplayFault::Absent(detail);
        }
        let detail = format!("drawing on {path} failed ({error}): it is looked for again");
        self.report(HealthReport::new(Health::Failed, detail.clone()));
        DisplayFault::Failed(detail)
    }

    fn report(&mut self, report: HealthReport) {
        let changed = report.health != self.health.health;
        self.health = report;
        if changed {
            tracing::info!(device = self.name, health = %self.health, "the display's health changed");
            self.changed = true;
            if let Some(waker) = self.waker.take() {
                waker.wake();
            }
        }
    }

    /// The text console would draw into the picture. It is asked once.
    fn take_console(&mut self) {
        let Some(path) = self.config.console.take() else { return };
        match console::take(&path) {
            Ok(console) => self.console = console,
            Err(error) => {
                let path = path.display();
                tracing::warn!(
                    "{path} stays in text mode, and may write over the picture ({error}): let \
                     the program have CAP_SYS_TTY_CONFIG and the group tty, or set no console"
                );
            }
        }
    }
}

impl Live {
    fn new(glass: Box<dyn Glass>, rotation: Rotation) -> Result<Self, HealthReport> {
        let layout = glass.layout();
        let packer = Packer::new(layout.format, layout.glass, layout.line_length, rotation)
            .map_err(|fault| HealthReport::new(Health::Failed, fault.to_string()))?;
        Ok(Self { shadow: Shadow::new(packer), glass, shown: false })
    }

    fn report(&self, rotation: Rotation) -> HealthReport {
        let Layout { name, format, .. } = self.glass.layout();
        let (size, bits) = (self.shadow.packer().geometry(), format.bits_per_pixel);
        let degrees = rotation.degrees();
        let detail = format!("{name}, {size}, {bits} bits a pixel, turned by {degrees} degrees");
        HealthReport::new(Health::Ready, detail)
    }

    /// Shows `rows` of `frame`, and says how many bytes that took.
    fn show(&mut self, frame: &Frame, rows: &RowRanges) -> io::Result<u64> {
        if !self.shown {
            self.glass.take_over()?;
        }
        self.shadow.draw(frame, rows).map_err(io::Error::other)?;
        let mut written = 0;
        let mut pieces = self.shadow.pieces().inspect(|(_, bytes)| written += bytes.len() as u64);
        self.glass.write(&mut pieces, &mut self.shadow.lines())?;
        drop(pieces);
        self.shadow.written();
        Ok(written)
    }
}

impl Device for GlassDisplay {
    fn name(&self) -> &str {
        &self.name
    }

    fn health(&self) -> HealthReport {
        self.health.clone()
    }
}

impl Display for GlassDisplay {
    fn geometry(&self) -> Geometry {
        self.geometry
    }

    fn present(&mut self, frame: &Frame, rows: &RowRanges) -> Result<(), DisplayFault> {
        if self.live.is_some() {
            self.take_console();
        }
        let Some(live) = &mut self.live else {
            let detail = self.health.detail.clone();
            return Err(match self.health.health {
                Health::Failed => DisplayFault::Failed(detail),
                Health::Absent | Health::Starting | Health::Ready => DisplayFault::Absent(detail),
            });
        };
        if frame.geometry() != self.geometry {
            let display = self.geometry;
            return Err(DisplayFault::WrongSize { frame: frame.geometry(), display });
        }
        match live.show(frame, rows) {
            Ok(bytes) => {
                if !std::mem::replace(&mut live.shown, true) {
                    self.search = Search::for_path(&self.config.path);
                }
                self.written += bytes;
                tracing::debug!(bytes, "drawn");
                Ok(())
            }
            Err(error) => Err(self.lose(&error)),
        }
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<DisplayEvent> {
        loop {
            if std::mem::take(&mut self.changed) {
                return Poll::Ready(DisplayEvent::HealthChanged);
            }
            if self.live.is_some() {
                self.waker = Some(cx.waker().clone());
                return Poll::Pending;
            }
            ready!(self.search.poll_due(cx));
            self.look();
        }
    }
}

#[cfg(test)]
mod tests;

//! A display that can be looked at: its picture, how often it changed, and what that cost.

use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use tokio::sync::watch;

use super::wire::{DeviceEnd, Signal, Wire, lock};
use crate::device::{Device, HealthReport};
use crate::display::{Display, DisplayEvent, DisplayFault, Frame, Geometry, RowRanges};

/// What was sent to a display so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DisplayStats {
    /// Calls of `present` with at least one row.
    pub presents: u64,
    /// Rows.
    pub rows: u64,
    /// Bytes of those rows, at three a pixel.
    pub bytes: u64,
}

#[derive(Debug)]
struct Glass {
    frame: Frame,
    stats: DisplayStats,
}

/// A virtual display.
#[derive(Debug)]
pub struct VirtualDisplay {
    wire: DeviceEnd<()>,
    glass: Arc<Mutex<Glass>>,
    version: watch::Sender<u64>,
}

/// Looks at a [`VirtualDisplay`].
#[derive(Debug, Clone)]
pub struct DisplayHandle {
    wire: Wire<()>,
    glass: Arc<Mutex<Glass>>,
    version: watch::Receiver<u64>,
}

impl VirtualDisplay {
    /// A plugged, black display and its handle.
    pub fn new(geometry: Geometry) -> (Self, DisplayHandle) {
        let wire = Wire::new(0);
        let (sender, receiver) = watch::channel(0);
        let glass = Glass { frame: Frame::new(geometry), stats: DisplayStats::default() };
        let glass = Arc::new(Mutex::new(glass));
        let handle =
            DisplayHandle { wire: wire.clone(), glass: Arc::clone(&glass), version: receiver };
        (Self { wire: DeviceEnd(wire), glass, version: sender }, handle)
    }
}

impl Device for VirtualDisplay {
    fn name(&self) -> &str {
        "virtual display"
    }

    fn health(&self) -> HealthReport {
        self.wire.health()
    }
}

impl Display for VirtualDisplay {
    fn geometry(&self) -> Geometry {
        lock(&self.glass).frame.geometry()
    }

    fn present(&mut self, frame: &Frame, rows: &RowRanges) -> Result<(), DisplayFault> {
        let report = self.wire.health();
        if !report.is_ready() {
            return Err(DisplayFault::Absent(report.detail));
        }
        let display = self.geometry();
        if frame.geometry() != display {
            return Err(DisplayFault::WrongSize { frame: frame.geometry(), display });
        }
        let shown: u32 = rows.within(display.height()).rows();
        if shown == 0 {
            return Ok(());
        }
        let mut glass = lock(&self.glass);
        glass.frame.copy_rows(frame, rows);
        glass.stats.presents += 1;
        glass.stats.rows += u64::from(shown);
        glass.stats.bytes += u64::from(shown) * u64::from(display.width()) * 3;
        drop(glass);
        self.version.send_modify(|version| *version += 1);
        Ok(())
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<DisplayEvent> {
        self.wire.poll(cx).map(|signal| match signal {
            Signal::Item(()) | Signal::Overrun | Signal::HealthChanged => {
                DisplayEvent::HealthChanged
            }
        })
    }
}

impl DisplayHandle {
    /// A copy of what is on the glass.
    pub fn frame(&self) -> Frame {
        lock(&self.glass).frame.clone()
    }

    /// How often it changed so far.
    pub fn version(&self) -> u64 {
        *self.version.borrow()
    }

    /// Waits until it changes after the last call through this handle, or, for the first, after
    /// the handle was made or cloned. Gives the version, or nothing once the display is let go of.
    pub async fn changed(&mut self) -> Option<u64> {
        self.version.changed().await.ok()?;
        Some(*self.version.borrow_and_update())
    }

    /// What was sent to it so far.
    pub fn stats(&self) -> DisplayStats {
        lock(&self.glass).stats
    }

    /// Pulls the plug; the picture stays.
    pub fn unplug(&self) {
        self.wire.unplug();
    }

    /// Puts the plug in.
    pub fn plug(&self) {
        self.wire.plug();
    }

    /// Puts another, black display of this size in its place, and its plug in.
    pub fn plug_other(&self, geometry: Geometry) {
        self.wire.unplug();
        lock(&self.glass).frame = Frame::new(geometry);
        self.wire.plug();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
    use embedded_graphics::prelude::*;
    use embedded_graphics::primitives::Rectangle;

    fn geometry() -> Geometry {
        Geometry::new(8, 6).unwrap()
    }

    #[tokio::test]
    async fn the_rows_presented_are_on_the_glass_and_are_counted() {
        let (mut display, mut handle) = VirtualDisplay::new(geometry());
        let mut frame = Frame::new(geometry());
        let rows = frame.take_dirty();
        display.present(&frame, &rows).unwrap();
        frame.fill_solid(&Rectangle::new(Point::new(1, 2), Size::new(3, 2)), Rgb888::RED).unwrap();
        let rows = frame.take_dirty();
        display.present(&frame, &rows).unwrap();
        display.present(&frame, &RowRanges::none()).unwrap();
        display.present(&frame, &RowRanges::from(6..600)).unwrap();
        assert_eq!(handle.frame().as_bytes(), frame.as_bytes());
        assert_eq!(handle.stats(), DisplayStats { presents: 2, rows: 8, bytes: 8 * 8 * 3 });
        assert_eq!(handle.changed().await, Some(2));
        assert_eq!(handle.version(), 2);
    }

    #[tokio::test]
    async fn a_watcher_is_told_of_each_change_and_of_the_end() {
        let (mut display, mut handle) = VirtualDisplay::new(geometry());
        let watcher = tokio::spawn(async move {
            let mut seen = Vec::new();
            while let Some(version) = handle.changed().await {
                seen.push(version);
            }
            seen
        });
        for _ in 0..3 {
            display.present(&Frame::new(geometry()), &RowRanges::from(0..1)).unwrap();
            tokio::task::yield_now().await;
        }
        drop(display);
        assert_eq!(watcher.await.unwrap(), [1, 2, 3]);
    }

    #[tokio::test]
    async fn whoever_draws_is_told_that_it_went_and_came() {
        let (mut display, handle) = VirtualDisplay::new(geometry());
        handle.unplug();
        assert_eq!(crate::display::next(&mut display).await, DisplayEvent::HealthChanged);
        assert!(!display.health().is_ready());
        handle.plug();
        assert_eq!(crate::display::next(&mut display).await, DisplayEvent::HealthChanged);
        assert!(display.health().is_ready());
        handle.plug_other(geometry().turned());
        assert_eq!(crate::display::next(&mut display).await, DisplayEvent::HealthChanged);
        assert_eq!(display.geometry(), geometry().turned());
    }

    #[test]
    fn a_frame_that_does_not_fit_or_a_display_that_is_gone_is_an_error() {
        let (mut display, handle) = VirtualDisplay::new(geometry());
        let (rows, wrong) = (RowRanges::all(geometry()), Frame::new(geometry().turned()));
        let fault = display.present(&wrong, &rows).unwrap_err();
        assert_eq!(fault.to_string(), "a frame of 6x8 does not fit a display of 8x6: draw it anew");
        handle.unplug();
        let frame = Frame::new(geometry());
        assert!(matches!(display.present(&frame, &rows), Err(DisplayFault::Absent(_))));
        assert_eq!(handle.version(), 0);
        handle.plug();
        display.present(&frame, &rows).unwrap();
    }
}

//! What the cashier can see, and what counts while it is nothing.
//!
//! No display: nothing is sold. A sale that nobody sees can be charged twice, or not at all and the
//! goods handed over. So while the display does not show what it should, no sale starts and no
//! customer's code counts; keys do nothing, so that no amount is typed blind, but for cancelling
//! the sale in front. What was begun goes on to its end, and its result stays until somebody has
//! seen it.
//!
//! Owns the drawing: the display gets what changed, or everything when it is back, in the size it
//! then has.

use super::Terminal;
use embedded_graphics::geometry::Size;
use hal::{Frame, Geometry, Key, RowRanges, Tone};
use tracing::{debug, info, warn};
use ui::{Locale, Painter, Theme};

/// What to draw with for a display of this size.
pub(in crate::app) fn canvas(geometry: Geometry, locale: Locale) -> (Painter, Frame) {
    let size = Size::new(geometry.width(), geometry.height());
    (Painter::new(size, locale, Theme::default()), Frame::new(geometry))
}

impl Terminal {
    /// Whether the screen is seen as it is.
    pub(super) fn is_seen(&self) -> bool {
        !self.unshown && self.devices.display.health().is_ready()
    }

    /// Whether a key counts. The sale in front can be cancelled blind: nothing is charged by that.
    pub(super) fn key_counts(&mut self, key: Key) -> bool {
        let cancels = key == Key::Cancel && self.till.sale().is_some();
        let counts = self.is_seen() || cancels;
        if !counts {
            self.refuse_blind("a key");
        }
        counts
    }

    /// Whether a customer's code that is awaited counts: it would be charged at once.
    pub(super) fn scan_counts(&mut self) -> bool {
        let counts = self.is_seen();
        if !counts {
            self.refuse_blind("a scan");
        }
        counts
    }

    fn refuse_blind(&mut self, what: &str) {
        let health = self.devices.display.health();
        debug!(display = %health, "{what} does nothing, because nobody sees the screen");
        self.beep(&[Tone::new(400, 200)]);
    }

    /// The display came, went or recovered. It shows nothing of what it showed before.
    pub(super) fn display_changed(&mut self) {
        let health = self.devices.display.health();
        if health.is_ready() {
            info!(display = %health, "the display is back");
        } else {
            warn!(display = %health, "no display: nothing is sold until it is back");
        }
        self.unshown = true;
        self.stale = true;
    }

    pub(super) fn draw(&mut self) {
        if !std::mem::take(&mut self.stale) {
            return;
        }
        let geometry = self.devices.display.geometry();
        if geometry != self.frame.geometry() {
            (self.painter, self.frame) = canvas(geometry, self.painter.locale());
            self.unshown = true;
        }
        let screen = self.screen();
        self.tell_state(&screen.body);
        let Ok(_) = self.painter.paint(&screen, &mut self.frame);
        let rows = self.frame.take_dirty();
        let rows = if self.unshown { RowRanges::all(geometry) } else { rows };
        if rows.is_empty() {
            return;
        }
        if let Some(mirror) = &mut self.devices.mirror {
            mirror.show(&self.frame, &rows);
        }
        match self.devices.display.present(&self.frame, &rows) {
            Ok(()) => self.unshown = false,
            Err(fault) => {
                // Said once, however long it goes on.
                if !std::mem::replace(&mut self.unshown, true) {
                    warn!(%fault, "the screen was not drawn");
                }
            }
        }
    }
}

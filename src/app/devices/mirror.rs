//! What a real screen shows, for the browser panel: whoever helps a shop from afar sees what the
//! cashier sees.

use hal::mock::{DisplayHandle, VirtualDisplay};
use hal::{Display as _, Frame, RowRanges};

/// A virtual display beside the real one. It takes part in nothing: whether the screen can be seen
/// is for the real one to say.
pub struct Mirror {
    display: VirtualDisplay,
    handle: DisplayHandle,
}

impl Mirror {
    pub(super) fn new(display: VirtualDisplay, handle: DisplayHandle) -> Mirror {
        Mirror { display, handle }
    }

    /// Shows `rows` of `frame`, and all of a frame of another size than before.
    pub fn show(&mut self, frame: &Frame, rows: &RowRanges) {
        let geometry = frame.geometry();
        let shown = if geometry == self.display.geometry() {
            self.display.present(frame, rows)
        } else {
            self.handle.plug_other(geometry);
            self.display.present(frame, &RowRanges::all(geometry))
        };
        if let Err(fault) = shown {
            tracing::debug!(%fault, "the panel's picture stays as it is");
        }
    }
}

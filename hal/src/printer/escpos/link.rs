//! The way to the printer: a serial line, or a device file such as `/dev/usb/lp0`.
//!
//! Owns the descriptor. Never waits for the device. Two traps of the kernel's `usblp`: a printer of
//! one direction refuses every read (EINVAL), and one may answer a read with nothing, over and
//! over; neither is an unplugged printer, and neither is asked in a loop.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;
use std::task::{Context, Poll, ready};

use rustix::fs::OFlags;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::Way;
use crate::device::{Health, HealthReport};
use crate::readiness::{watch, would_wait};
use crate::tty::Port;

#[derive(Debug)]
pub(super) enum Link {
    Line(Port),
    Device {
        file: AsyncFd<File>,
        /// Whether reading is of use: until it answers nothing, then after each write.
        reads: bool,
        /// It has no way back.
        one_way: bool,
    },
}

impl Link {
    /// Opens the printer. Must be called inside a tokio runtime with I/O.
    pub(super) fn open(path: &Path, way: Way) -> Result<Link, HealthReport> {
        match way {
            Way::Serial { baud } => Port::open(path, baud).map(Link::Line),
            Way::Device => open_device(path),
        }
    }

    /// Bytes that came in; `Ok(0)` or an error once the printer is gone.
    pub(super) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let (file, reads, one_way) = match self {
            Link::Line(port) => return port.poll_read(cx, bytes),
            Link::Device { file, reads, one_way } => (file, reads, one_way),
        };
        loop {
            if !*reads || *one_way {
                return Poll::Pending;
            }
            let mut guard = ready!(file.poll_read_ready_mut(cx))?;
            match guard.get_inner_mut().read(bytes) {
                Ok(0) => *reads = false,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if would_wait(&error) => guard.clear_ready(),
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => *one_way = true,
                result => return Poll::Ready(result),
            }
        }
    }

    /// Hands over as many of `bytes` as are taken, and says how many.
    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let (file, reads) = match self {
            Link::Line(port) => return port.poll_write(cx, bytes),
            Link::Device { file, reads, .. } => (file, reads),
        };
        loop {
            let mut guard = ready!(file.poll_write_ready_mut(cx))?;
            match guard.get_inner_mut().write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if would_wait(&error) => guard.clear_ready(),
                result => {
                    *reads = true;
                    return Poll::Ready(result);
                }
            }
        }
    }
}

fn open_device(path: &Path) -> Result<Link, HealthReport> {
    let shown = path.display();
    let failed = |why: String| HealthReport::new(Health::Failed, format!("{shown}: {why}"));
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits();
    let flags = i32::try_from(flags).map_err(|error| failed(error.to_string()))?;
    let opened = OpenOptions::new().read(true).write(true).custom_flags(flags).open(path);
    let file = opened.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            HealthReport::new(Health::Absent, format!("{shown} is not there: plug it in"))
        }
        io::ErrorKind::PermissionDenied => {
            failed("no permission: let this user write to it (group lp, or a udev rule)".into())
        }
        io::ErrorKind::ResourceBusy => failed("another program has it: stop that one".into()),
        _ => failed(error.to_string()),
    })?;
    let kind = file.metadata().map_err(|error| failed(error.to_string()))?.file_type();
    if !kind.is_char_device() {
        let why = "no device; for receipts in a file set printer.driver = \"file\"";
        return Err(failed(why.into()));
    }
    let both = Interest::READABLE | Interest::WRITABLE;
    // Only what cannot be waited for is refused here, such as /dev/null.
    let file = watch(file, both).map_err(|error| failed(format!("no printer ({error})")))?;
    Ok(Link::Device { file, reads: true, one_way: false })
}

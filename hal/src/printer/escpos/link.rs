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
use rustix::termios::isatty;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::Way;
use crate::device::{Health, HealthReport};
use crate::readiness::{watch, would_wait};
use crate::tty::Port;

/// What most printers speak on a serial line when nobody has set them.
pub(super) const BAUD_DEFAULT: u32 = 9600;

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
            Way::Device => {
                let file = open_device(path)?;
                if isatty(&file) {
                    // As a line it has to be set up: left alone, it makes two bytes of a line feed.
                    drop(file);
                    return Port::open(path, BAUD_DEFAULT).map(Link::Line);
                }
                Link::of(file).map_err(|error| {
                    // Only what cannot be waited for is refused here, such as /dev/null.
                    let detail = format!("{}: no printer ({error})", path.display());
                    HealthReport::new(Health::Failed, detail)
                })
            }
        }
    }

    fn of(device: File) -> io::Result<Link> {
        let both = Interest::READABLE | Interest::WRITABLE;
        Ok(Link::Device { file: watch(device, both)?, reads: true, one_way: false })
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

fn open_device(path: &Path) -> Result<File, HealthReport> {
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
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serialport::{SerialPort as _, TTYPort};
    use std::future::poll_fn;

    #[tokio::test]
    async fn a_device_file_takes_bytes_and_answers() {
        let (mut far, near) = TTYPort::pair().unwrap();
        let path = near.name().unwrap();
        let mut link = Link::of(open_device(Path::new(&path)).unwrap()).unwrap();
        let mut bytes = [0; 8];
        poll_fn(|cx| {
            assert!(link.poll_read(cx, &mut bytes).is_pending());
            Poll::Ready(())
        })
        .await;
        assert_eq!(poll_fn(|cx| link.poll_write(cx, b"\x10\x04\x01")).await.unwrap(), 3);
        far.set_timeout(std::time::Duration::from_secs(30)).unwrap();
        let mut heard = [0; 3];
        far.read_exact(&mut heard).unwrap();
        assert_eq!(heard, *b"\x10\x04\x01");
        far.write_all(b"\x12").unwrap();
        assert_eq!(poll_fn(|cx| link.poll_read(cx, &mut bytes)).await.unwrap(), 1);
        assert_eq!(bytes[0], 0x12);
    }
}

//! A serial line: RS-232, a UART, or USB that looks like one. 8N1, raw, opened exclusively.
//!
//! Owns the port. Four traps it minds:
//!
//! - A port that was unplugged is readable for ever and gives no bytes: [`Port::poll_read`] says
//!   `Ok(0)`, and its user closes it at once.
//! - `serialport` takes the port out of non-blocking mode when it opens it; it is put back, so that
//!   neither a read nor a write can ever hold up the caller.
//! - FTDI chips keep bytes back for 16 ms; where the kernel lets us, 1 ms is set instead.
//! - A port that another program has is told apart from one that is not there.

use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use serialport::{DataBits, FlowControl, Parity, StopBits, TTYPort};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use crate::device::{Health, HealthReport};
use crate::readiness::{watch, would_wait};

/// An open serial line.
#[derive(Debug)]
pub struct Port(AsyncFd<TTYPort>);

impl Port {
    /// Opens the line at `path` with `baud` bits a second. Must be called inside a tokio runtime
    /// with I/O.
    ///
    /// # Errors
    ///
    /// What to show: [`Health::Absent`] if nothing is there, [`Health::Failed`] if what is there
    /// cannot be opened or is no serial line.
    pub fn open(path: &Path, baud: u32) -> Result<Port, HealthReport> {
        let shown = path.display();
        let failed = |why: &str| HealthReport::new(Health::Failed, format!("{shown}: {why}"));
        let Some(name) = path.to_str() else { return Err(failed("not a readable path")) };
        if baud == 0 {
            return Err(failed("baud must be more than 0"));
        }
        let builder = serialport::new(name, baud)
            .data_bits(DataBits::Eight)
            .parity(Parity::None)
            .stop_bits(StopBits::One)
            .flow_control(FlowControl::None)
            .timeout(Duration::ZERO);
        match TTYPort::open(&builder) {
            Ok(port) => {
                set_low_latency(path);
                let both = Interest::READABLE | Interest::WRITABLE;
                watch(port, both).map(Port).map_err(|error| failed(&error.to_string()))
            }
            Err(error) => Err(unopened(path, &error)),
        }
    }

    /// Bytes that came in; `Ok(0)` or an error once the line is gone.
    pub fn poll_read(&mut self, cx: &mut Context<'_>, bytes: &mut [u8]) -> Poll<io::Result<usize>> {
        loop {
            let mut guard = ready!(self.0.poll_read_ready_mut(cx))?;
            match guard.get_inner_mut().read(bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if would_wait(&error) => guard.clear_ready(),
                result => return Poll::Ready(result),
            }
        }
    }

    /// Bytes that are waiting now, or nothing if there are none.
    pub fn read_now(&mut self, bytes: &mut [u8]) -> Option<io::Result<usize>> {
        match self.0.get_mut().read(bytes) {
            Err(error) if would_wait(&error) => None,
            result => Some(result),
        }
    }

    /// Hands as many of `bytes` to the line as it takes, and says how many.
    pub fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        loop {
            let mut guard = ready!(self.0.poll_write_ready_mut(cx))?;
            match guard.get_inner_mut().write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if would_wait(&error) => guard.clear_ready(),
                result => return Poll::Ready(result),
            }
        }
    }

    /// How many bytes the kernel holds for the driver.
    #[cfg(test)]
    pub(crate) fn unread(&self) -> u32 {
        serialport::SerialPort::bytes_to_read(self.0.get_ref()).expect("an open port")
    }
}

/// Why a line cannot be opened, and what to do.
fn unopened(path: &Path, error: &serialport::Error) -> HealthReport {
    let shown = path.display();
    let (health, detail) = match look(path) {
        Err(Errno::NOENT | Errno::NODEV | Errno::NXIO | Errno::NOTDIR) => {
            (Health::Absent, format!("{shown} is not there: plug it in"))
        }
        Err(Errno::ACCESS | Errno::PERM) => (
            Health::Failed,
            format!("no permission for {shown}: let the program have the group dialout"),
        ),
        Ok(false) => (
            Health::Failed,
            format!("{shown} is no serial line: give the path of one, as in /dev/serial/by-id/"),
        ),
        Ok(true) | Err(_) => (
            Health::Failed,
            format!(
                "{shown} cannot be opened: {}; does another program use it?",
                error.description
            ),
        ),
    };
    HealthReport::new(health, detail)
}

/// Whether what is there is a serial line.
fn look(path: &Path) -> Result<bool, Errno> {
    let flags = OFlags::RDONLY | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    Ok(rustix::termios::isatty(rustix::fs::open(path, flags, Mode::empty())?))
}

/// Asks an FTDI chip for each byte within a millisecond; other drivers have no such file.
fn set_low_latency(path: &Path) {
    let Ok(node) = fs::canonicalize(path) else { return };
    let Some(tty) = node.file_name() else { return };
    let timer = Path::new("/sys/class/tty").join(tty).join("device/latency_timer");
    if let Ok(mut file) = fs::OpenOptions::new().write(true).open(&timer)
        && let Err(error) = file.write_all(b"1")
    {
        tracing::debug!(timer = %timer.display(), %error, "the latency stays as it is");
    }
}

#[cfg(test)]
mod tests;

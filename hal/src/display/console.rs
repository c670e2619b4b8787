//! The text console, which makes room for the picture and is put back on every way out.
//!
//! A virtual terminal draws its text and its blinking cursor into the same framebuffer until it is
//! in graphics mode (`KDSETMODE`, `linux/kd.h`), and in graphics mode nobody can read on it what
//! went wrong. So it is put back when the display is let go of, and by a panic hook, because a
//! panic that aborts drops nothing. A process that is killed can do neither: [`put_back`] is for
//! whoever cleans up after it.
//!
//! Owns the one console this process took. It goes back to text mode whatever it was in: graphics
//! mode is what a run that was killed leaves behind.

use std::fs::File;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::{Mutex, Once, TryLockError};

use rustix::fs::OFlags;
use rustix::io::Errno;

use super::uapi;

/// The console that this process took.
static SLOT: Slot = Slot::new();

/// A console that shows no text for as long as this lives.
#[derive(Debug)]
pub struct Console {
    slot: &'static Slot,
}

/// Has the virtual terminal at `path` show no text. None if there is none: that is no fault.
///
/// # Errors
///
/// There is one, and it cannot be had: for want of permission, or because this process has it.
pub fn take(path: &Path) -> io::Result<Option<Console>> {
    let Some(file) = open(path)? else { return Ok(None) };
    SLOT.take(Box::new(file))
}

/// Has the virtual terminal at `path` show text again, after a process that could not. Whether
/// there is one.
///
/// # Errors
///
/// There is one, and it stays as it is, for want of permission.
pub fn put_back(path: &Path) -> io::Result<bool> {
    let Some(file) = open(path)? else { return Ok(false) };
    match file.graphics(false) {
        Ok(()) => Ok(true),
        Err(error) if is_no_console(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

fn open(path: &Path) -> io::Result<Option<File>> {
    // Neither to become our controlling terminal, nor to wait for a modem.
    let flags = OFlags::NOCTTY | OFlags::NONBLOCK;
    // Only to write: that is all that the group may which terminals belong to.
    match File::options().write(true).custom_flags(flags.bits().cast_signed()).open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if is_no_console(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether nothing of the kind is there: no node, no driver, or a file of another kind.
fn is_no_console(error: &io::Error) -> bool {
    let none = [Errno::NOENT, Errno::NXIO, Errno::NODEV, Errno::NOTTY, Errno::INVAL, Errno::ISDIR];
    Errno::from_io_error(error).is_some_and(|errno| none.contains(&errno))
}

/// A terminal whose text can be turned off and on.
trait Text: Send {
    fn graphics(&self, on: bool) -> io::Result<()>;
}

impl Text for File {
    fn graphics(&self, on: bool) -> io::Result<()> {
        uapi::vt_graphics(self, on)
    }
}

/// Where the console is kept that was taken, so that a panic hook finds it.
struct Slot {
    taken: Mutex<Option<Box<dyn Text>>>,
    hook: Once,
}

impl std::fmt::Debug for Slot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Slot")
    }
}

impl Slot {
    const fn new() -> Self {
        Self { taken: Mutex::new(None), hook: Once::new() }
    }

    fn take(&'static self, text: Box<dyn Text>) -> io::Result<Option<Console>> {
        self.put_back_in_panic();
        let Ok(mut taken) = self.taken.try_lock() else { return Err(Errno::BUSY.into()) };
        if taken.is_some() {
            return Err(Errno::BUSY.into());
        }
        match text.graphics(true) {
            Ok(()) => *taken = Some(text),
            Err(error) if is_no_console(&error) => return Ok(None),
            Err(error) => return Err(error),
        }
        Ok(Some(Console { slot: self }))
    }

    /// Never waits: a panic may have come while the slot was in use.
    fn put_back(&self) {
        let taken = match self.taken.try_lock() {
            Ok(mut taken) => taken.take(),
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner().take(),
            Err(TryLockError::WouldBlock) => None,
        };
        if let Some(text) = taken
            && let Err(error) = text.graphics(false)
        {
            tracing::warn!(%error, "the console stays in graphics mode");
        }
    }

    fn put_back_in_panic(&'static self) {
        self.hook.call_once(|| {
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                // First, so that what the others say can be read on it.
                self.put_back();
                before(panic);
            }));
        });
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        self.slot.put_back();
    }
}

#[cfg(test)]
mod tests;

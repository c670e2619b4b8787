//! Has tokio say when a descriptor is ready.
//!
//! The one place where a descriptor is handled by its number: crates that own one and show only
//! that (`serialport`, `evdev`) are brought to tokio here.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// `device`, watched for `interest`, and put into non-blocking mode. Must be called inside a tokio
/// runtime with I/O. `T` owns its descriptor: it is open, and the same one, until `T` is dropped.
#[expect(unsafe_code, reason = "tokio and rustix ask for a promise that the types cannot give")]
pub(crate) fn watch<T: AsRawFd>(device: T, interest: Interest) -> io::Result<AsyncFd<T>> {
    // SAFETY: `device` owns the descriptor and is borrowed for longer than this borrow lives.
    let descriptor = unsafe { BorrowedFd::borrow_raw(device.as_raw_fd()) };
    fcntl_setfl(descriptor, fcntl_getfl(descriptor)? | OFlags::NONBLOCK)?;
    // SAFETY: `T` keeps its descriptor open and unchanged, and moves into the `AsyncFd`, which
    // lets go of it before it drops `T`.
    Ok(unsafe { AsyncFd::register_with_interest(device, interest) }?)
}

/// Whether a read or write failed only because it would have to wait.
pub(crate) fn would_wait(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}

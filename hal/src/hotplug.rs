//! When to look again for a device that is away.
//!
//! The kernel says so by inotify: a node that comes, moves into place or gets its permissions
//! (CREATE, MOVED_TO, ATTRIB) in the folder where it is expected, or in the nearest folder above
//! that exists, because `/dev/serial/by-id/` itself comes with the first device. What inotify
//! cannot tell (a port that another program lets go of, a device that recovers) a timer does: a
//! second at first, doubling up to half a minute, so that an absent device hardly wakes anybody.
//!
//! Owns the watch and the timer. Bounded: it reads a fixed number of events in a turn, and looks at
//! most once in [`SETTLE`] however much the folder stirs (I15).

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use inotify::{Inotify, WatchMask};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use crate::alarm::{Alarm, now};
use crate::readiness::watch;

/// The first wait of the timer.
pub const RETRY_FIRST: Duration = Duration::from_secs(1);

/// Its longest.
pub const RETRY_MAX: Duration = Duration::from_secs(30);

/// How long after a change to look: udev makes a node first, and its permissions and names after.
pub const SETTLE: Duration = Duration::from_millis(50);

/// Reads of the watch in one turn.
const READS_MAX: usize = 8;

/// Looks out for a device that is away.
#[derive(Debug)]
pub struct Search {
    folder: PathBuf,
    /// The name in the folder that is waited for; any, if there is none.
    name: Option<OsString>,
    watch: Option<Watch>,
    /// Something changed: look at this moment.
    stirred: Option<Instant>,
    retry_at: Instant,
    wait: Duration,
    alarm: Alarm,
}

impl Search {
    /// Looks out for `path`. The first look is due as soon as the folder is watched.
    pub fn for_path(path: &Path) -> Search {
        let folder = path.parent().map_or_else(|| PathBuf::from("/"), Path::to_owned);
        Search::new(folder, path.file_name().map(OsString::from))
    }

    /// Looks out for anything in `folder`.
    pub fn in_folder(folder: &Path) -> Search {
        Search::new(folder.to_owned(), None)
    }

    fn new(folder: PathBuf, name: Option<OsString>) -> Search {
        let (retry_at, wait) = (now() + RETRY_FIRST, RETRY_FIRST);
        Search { folder, name, watch: None, stirred: None, retry_at, wait, alarm: Alarm::default() }
    }

    /// Ready when it is time to look; then the next look is due later. Must be polled inside a
    /// tokio runtime with I/O and time.
    pub fn poll_due(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.watch.is_none() {
            self.watch = Watch::begin(&self.folder, self.name.as_ref());
            // What came between the last look and the watch told nobody.
            if self.watch.is_some() {
                return Poll::Ready(());
            }
        }
        if self.watch.as_mut().is_some_and(|watch| watch.stirs(cx)) {
            self.stirred.get_or_insert_with(|| now() + SETTLE);
        }
        let due = self.stirred.map_or(self.retry_at, |stirred| stirred.min(self.retry_at));
        ready!(self.alarm.poll(cx, Some(due)));
        if self.stirred.take().is_some() {
            // The folder that was waited for may be there now.
            self.watch = None;
        }
        self.wait = self.wait.saturating_mul(2).min(RETRY_MAX);
        self.retry_at = now() + self.wait;
        Poll::Ready(())
    }
}

/// A watch of one folder.
#[derive(Debug)]
struct Watch {
    inotify: AsyncFd<Inotify>,
    name: Option<OsString>,
}

impl Watch {
    /// Watches `folder`, or the nearest above it that exists for the next on the way down. Without
    /// inotify (a limit of the system was reached) there is only the timer.
    fn begin(folder: &Path, name: Option<&OsString>) -> Option<Watch> {
        let inotify = match Inotify::init() {
            Ok(inotify) => inotify,
            Err(error) => {
                tracing::debug!(%error, "no inotify: absent devices are looked for by a timer");
                return None;
            }
        };
        let mask = WatchMask::CREATE | WatchMask::MOVED_TO | WatchMask::ATTRIB;
        let (mut at, mut name) = (folder, name.cloned());
        loop {
            match inotify.watches().add(at, mask | WatchMask::ONLYDIR) {
                Ok(_) => {
                    let inotify = watch(inotify, Interest::READABLE).ok()?;
                    return Some(Watch { inotify, name });
                }
                Err(error) => {
                    tracing::debug!(folder = %at.display(), %error, "cannot be watched");
                    name = at.file_name().map(OsString::from);
                    at = at.parent()?;
                }
            }
        }
    }

    /// Whether what is waited for changed; takes what is known of that.
    fn stirs(&mut self, cx: &mut Context<'_>) -> bool {
        let mut stirs = false;
        let mut buffer = [0; 4096];
        for _ in 0..READS_MAX {
            let Poll::Ready(Ok(mut guard)) = self.inotify.poll_read_ready_mut(cx) else {
                return stirs;
            };
            match guard.get_inner_mut().read_events(&mut buffer) {
                Ok(events) => {
                    // An event without a name is about the folder itself, or says that some were
                    // lost: better one look too many.
                    stirs |= events.into_iter().any(|event| {
                        self.name.is_none()
                            || event.name.is_none()
                            || event.name == self.name.as_deref()
                    });
                }
                Err(_) => guard.clear_ready(),
            }
        }
        // A folder in turmoil: let others have their turn.
        cx.waker().wake_by_ref();
        stirs
    }
}

#[cfg(test)]
mod tests;

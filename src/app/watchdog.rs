//! What the init system is told: that the till is ready, how it is, that its loop still turns, and
//! that it stops.
//!
//! ```text
//!  READY=1      after the first screen, with everything that was open taken up
//!  STATUS=…     in words, when they change: what `systemctl status` shows
//!  WATCHDOG=1   while the loop turns; a till that hangs is killed and started again
//!  STOPPING=1   at SIGTERM, before the journal is let go of
//! ```
//!
//! - **The loop itself says that it is alive**, and nothing else does: a task or thread of its own
//!   would go on saying so over a loop that hangs.
//! - **No wake-ups of its own where nobody watches**; and where somebody does, at most two in each
//!   span of the watchdog: any turn after a quarter of it says so, so that the till's other
//!   wake-ups mostly do.
//! - **It never waits.** An init system that does not listen does not hold up a sale; what it could
//!   not hear is said again.
//! - No order, amount, code or key is told (I17).
//!
//! Touches one datagram socket, the one named by `NOTIFY_SOCKET`. Without it nothing is done.
//!
//! Sources: `sd_notify(3)` for the words, `sd_watchdog_enabled(3)` for "half of the span".

use crate::payment::Moment;
use hal::{Health, HealthReport};
use sd_notify::NotifyState;
use std::ffi::OsString;
use std::io;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::time::Duration;
use tracing::{debug, warn};

/// When the next sign of life is due, within a span after which the process is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rhythm {
    span: Duration,
    /// When the last one was tried, and whether it was heard.
    last: Option<(Moment, bool)>,
}

/// No shorter span is kept: the till would do nothing else.
const SPAN_MIN: Duration = Duration::from_millis(40);

impl Rhythm {
    /// For a watchdog that bites after `span` without a sign of life.
    pub fn new(span: Duration) -> Rhythm {
        Rhythm { span: span.max(SPAN_MIN), last: None }
    }

    /// Whether a turn of the loop at `now` says that it turns.
    pub fn is_due(&self, now: Moment) -> bool {
        self.last.is_none_or(|(at, _)| now.since(at) >= self.span / 4)
    }

    /// When the loop has to turn for this alone: half of the span after the last sign that was
    /// heard, a quarter after one that was not.
    pub fn wake_at(&self) -> Option<Moment> {
        self.last.map(|(at, heard)| at + if heard { self.span / 2 } else { self.span / 4 })
    }

    fn tried(&mut self, now: Moment, heard: bool) {
        self.last = Some((now, heard));
    }
}

/// The init system, if it listens.
#[derive(Debug, Default)]
pub struct Watchdog {
    listener: Option<Listener>,
}

#[derive(Debug)]
struct Listener {
    socket: PathBuf,
    rhythm: Option<Rhythm>,
    ready_heard: bool,
    status_heard: String,
    /// A warning was logged since it last heard us.
    complained: bool,
}

impl Watchdog {
    /// Nobody listens.
    pub fn none() -> Watchdog {
        Watchdog::default()
    }

    /// Whoever started this process, by its environment: `NOTIFY_SOCKET`, `WATCHDOG_USEC` and
    /// `WATCHDOG_PID`.
    pub fn from_environment() -> Watchdog {
        let socket: Option<OsString> = std::env::var_os("NOTIFY_SOCKET");
        match socket {
            Some(socket) if !socket.is_empty() => {
                Watchdog::to(socket.into(), sd_notify::watchdog_enabled())
            }
            Some(_) | None => Watchdog::none(),
        }
    }

    /// A listener at this socket, which gives the process up after `span` without a sign of life,
    /// if ever.
    pub fn to(socket: PathBuf, span: Option<Duration>) -> Watchdog {
        let rhythm = span.filter(|span| !span.is_zero()).map(Rhythm::new);
        let listener = Listener {
            socket,
            rhythm,
            ready_heard: false,
            status_heard: String::new(),
            complained: false,
        };
        Watchdog { listener: Some(listener) }
    }

    /// The loop has turned: the screen is drawn, everything due is done. `status` is asked for only
    /// where somebody listens.
    pub fn turned(&mut self, now: Moment, status: impl FnOnce() -> String) {
        let Some(listener) = &mut self.listener else { return };
        let status = status();
        let beat = listener.rhythm.is_some_and(|rhythm| rhythm.is_due(now));
        let news = status != listener.status_heard;
        // Without a watchdog the till tries again whenever it turns for its own reasons.
        if !beat && !news && listener.ready_heard {
            return;
        }
        let mut states = Vec::with_capacity(3);
        if !listener.ready_heard {
            states.push(NotifyState::Ready);
        }
        if news {
            states.push(NotifyState::Status(&status));
        }
        if beat {
            states.push(NotifyState::Watchdog);
        }
        let heard = listener.tell(&states);
        if beat && let Some(rhythm) = &mut listener.rhythm {
            rhythm.tried(now, heard);
        }
        if heard {
            listener.ready_heard = true;
            listener.status_heard = status;
        }
    }

    /// When the loop has to turn for the watchdog alone.
    pub fn wake_at(&self) -> Option<Moment> {
        self.listener.as_ref()?.rhythm?.wake_at()
    }

    /// The till stops.
    pub fn stopping(&mut self) {
        if let Some(listener) = &mut self.listener {
            listener.tell(&[NotifyState::Stopping, NotifyState::Status("stopping")]);
        }
    }
}

impl Listener {
    /// Whether it was heard. A listener whose queue is full is not waited for.
    fn tell(&mut self, states: &[NotifyState<'_>]) -> bool {
        let lines: Vec<String> = states.iter().map(ToString::to_string).collect();
        match self.send(lines.join("\n").as_bytes()) {
            Ok(()) => {
                self.complained = false;
                debug!(?lines, "told the init system");
                true
            }
            Err(error) => {
                if !std::mem::replace(&mut self.complained, true) {
                    warn!(%error, socket = %self.socket.display(), "the init system does not listen");
                }
                false
            }
        }
    }

    /// A socket for each message: whoever listens may have been started anew.
    fn send(&self, message: &[u8]) -> io::Result<()> {
        let socket = UnixDatagram::unbound()?;
        socket.set_nonblocking(true)?;
        socket.connect(&self.socket)?;
        socket.send(message).map(|_whole| ())
    }
}

/// No longer status is of use to anyone.
const STATUS_CHARS_MAX: usize = 240;

/// How the till is, in one line of words. It sells if the journal lets it and the screen is `seen`.
pub fn status(
    may_sell: bool,
    seen: bool,
    online: Option<bool>,
    open: usize,
    devices: &[(String, HealthReport)],
) -> String {
    let selling = match (may_sell, seen) {
        (false, _) => "not selling: the journal failed",
        (true, false) => "not selling: nobody sees the screen",
        (true, true) => "selling",
    };
    let mut parts = vec![selling.to_owned()];
    if online == Some(false) {
        parts.push("the gateway is not reached".to_owned());
    }
    if open > 0 {
        parts.push(format!("{open} unresolved"));
    }
    for (name, report) in devices {
        match report.health {
            Health::Ready | Health::Starting => {}
            Health::Absent | Health::Failed => parts.push(format!("{name} {}", report.health)),
        }
    }
    // A name comes from the configuration; a line break in it would be a message of its own.
    let line = parts.join("; ");
    line.chars().map(|c| if c.is_control() { ' ' } else { c }).take(STATUS_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests;

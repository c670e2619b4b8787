//! Finds an input device, has it for itself, and tells its strokes.
//!
//! ```text
//!            found                  all keys up, grabbed
//!   Away ────────────→ Settling ───────────────────────→ Held
//!     ↑                   │                               │
//!     └──── gone, or another program has it ──────────────┘
//! ```
//!
//! It is grabbed only once all its keys are up: whoever listened before, the console above all,
//! would wait for the release of a held key for ever, and repeat it meanwhile. Two devices of ours
//! can never have the same node, because the kernel lets one alone grab it: the other goes on to
//! the next that its locator means.
//!
//! Owns the node and the search for it. Bounded: one read, or one look at the nodes, is a step, and
//! a turn has [`STEPS_MAX`] (I15).

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::task::{Context, Poll, ready};

use evdev::{AttributeSetRef, InputEvent, KeyCode};
use rustix::io::Errno;

use super::locator::{INPUT_FOLDER, Locator};
use super::node::{Host, Kernel, Node};
use super::stroke::{Sieve, Sifted, Stroke};
use crate::device::{Health, HealthReport};
use crate::hotplug::Search;

/// Steps in one turn.
const STEPS_MAX: usize = 16;

/// What a device lacks to do for a driver, in words, given its keys; nothing if it will do.
pub(crate) type Needs = Box<dyn Fn(&AttributeSetRef<KeyCode>) -> Option<String> + Send>;

/// What the keys of a device say.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// A key went down or up.
    Stroke(Stroke),
    /// Strokes were lost; now these keys are down.
    Lost {
        /// The keys that are down.
        held: Vec<KeyCode>,
    },
    /// [`Keys::health`] changed. Nothing is down when it becomes `Ready`.
    HealthChanged,
}

enum Link {
    Away(Search),
    /// Found, but not ours before its keys are up.
    Settling(PathBuf, Box<dyn Node>),
    Held(Box<dyn Node>),
}

/// The keys of one device.
pub(crate) struct Keys {
    locator: Locator,
    needs: Needs,
    host: Box<dyn Host>,
    link: Link,
    health: HealthReport,
    sieve: Sieve,
    signals: VecDeque<Signal>,
    /// What was read last; kept for its room.
    events: Vec<InputEvent>,
}

impl Keys {
    /// Opens the device if it is there and has what it needs; otherwise it is looked for until it
    /// is. Must be called, and polled, inside a tokio runtime with I/O and time.
    pub(crate) fn open(locator: Locator, needs: Needs) -> Keys {
        Keys::open_at(Box::new(Kernel), locator, needs)
    }

    pub(crate) fn open_at(host: Box<dyn Host>, locator: Locator, needs: Needs) -> Keys {
        let mut keys = Keys {
            link: Link::Away(search(&locator)),
            locator,
            needs,
            host,
            health: HealthReport::new(Health::Starting, ""),
            sieve: Sieve::default(),
            signals: VecDeque::new(),
            events: Vec::new(),
        };
        keys.look();
        // The first report is no change.
        keys.signals.clear();
        keys
    }

    /// How the device is doing.
    pub(crate) fn health(&self) -> &HealthReport {
        &self.health
    }

    /// The next signal, or `Pending` with the task's waker registered.
    pub(crate) fn poll_signal(&mut self, cx: &mut Context<'_>) -> Poll<Signal> {
        for _ in 0..STEPS_MAX {
            if let Some(signal) = self.signals.pop_front() {
                return Poll::Ready(signal);
            }
            ready!(self.poll_step(cx));
        }
        // A flood: let others have their turn.
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// The next signal of those that wait now, here or in the kernel; nothing if none does.
    pub(crate) fn signal_now(&mut self) -> Option<Signal> {
        if let Some(signal) = self.signals.pop_front() {
            return Some(signal);
        }
        for _ in 0..STEPS_MAX {
            let Link::Held(node) = &mut self.link else { break };
            match node.read_now(&mut self.events) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => self.take(result),
            }
            if let Some(signal) = self.signals.pop_front() {
                return Some(signal);
            }
        }
        None
    }

    /// One look or one read. `Pending` if there is none to make.
    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.link {
            Link::Away(search) => {
                ready!(search.poll_due(cx));
                self.look();
            }
            Link::Settling(_, node) => {
                let result = ready!(node.poll_read(cx, &mut self.events));
                self.events.clear();
                match result {
                    Ok(()) => self.settle(),
                    Err(error) => self.lose(&error),
                }
            }
            Link::Held(node) => {
                let result = ready!(node.poll_read(cx, &mut self.events));
                self.take(result);
            }
        }
        Poll::Ready(())
    }

    /// What a read gave: events, or the end of the device.
    fn take(&mut self, result: io::Result<()>) {
        let mut lost = false;
        for event in self.events.drain(..) {
            match self.sieve.push(event) {
                // Later strokes of the same read would say what the kernel's answer below says too,
                // and in which sequence they did nobody knows.
                Some(Sifted::Stroke(_)) if lost => {}
                Some(Sifted::Stroke(stroke)) => self.signals.push_back(Signal::Stroke(stroke)),
                Some(Sifted::Lost) => lost = true,
                None => {}
            }
        }
        if let Err(error) = result.and_then(|()| if lost { self.ask_held() } else { Ok(()) }) {
            self.lose(&error);
        }
    }

    /// After a loss only the kernel knows which keys are down.
    fn ask_held(&mut self) -> io::Result<()> {
        if let Link::Held(node) = &self.link {
            let held = node.held()?;
            self.signals.push_back(Signal::Lost { held });
        }
        Ok(())
    }

    /// Looks for the device among the nodes, and takes the first that will do.
    fn look(&mut self) {
        let nodes = match self.locator.path() {
            Some(path) => Ok(vec![path.to_owned()]),
            None => self.host.nodes(),
        };
        let nodes = match nodes {
            Ok(nodes) => nodes,
            Err(error) => {
                let detail = format!("{} ({INPUT_FOLDER}: {error})", self.locator.missing());
                return self.report(HealthReport::new(Health::Absent, detail));
            }
        };
        let mut refusal = None;
        let mut unreadable = 0usize;
        for path in nodes {
            match self.try_node(&path) {
                Ok(()) => return,
                Err(Refusal::NotMeant) => {}
                Err(Refusal::Unreadable) => unreadable += 1,
                Err(Refusal::Because(report)) => {
                    refusal.get_or_insert(report);
                }
            }
        }
        let report = refusal.unwrap_or_else(|| {
            let mut detail = self.locator.missing();
            if unreadable > 0 {
                detail = format!(
                    "{detail}; {unreadable} nodes of {INPUT_FOLDER} may not be read: this user \
                     needs the group input, or a udev rule"
                );
            }
            HealthReport::new(Health::Absent, detail)
        });
        self.report(report);
    }

    /// Opens a node, and begins to take it if it is meant and will do.
    fn try_node(&mut self, path: &Path) -> Result<(), Refusal> {
        let node = self.host.open(path).map_err(|error| self.refusal(path, &error))?;
        let identity = node.identity();
        if !self.locator.means(&identity.name, identity.usb_id) {
            return Err(Refusal::NotMeant);
        }
        let wrong = match identity.instead() {
            Some(instead) => Some(format!("it is {instead}")),
            None => (self.needs)(&identity.keys),
        };
        if let Some(wrong) = wrong {
            let shown = path.display();
            let detail = format!("{shown} (\"{}\") will not do: {wrong}", identity.name);
            return Err(Refusal::Because(HealthReport::new(Health::Failed, detail)));
        }
        self.take_over(path, node)
    }

    /// Why a node cannot be opened. One that is not named in the settings may be anybody's.
    fn refusal(&self, path: &Path, error: &io::Error) -> Refusal {
        let named = self.locator.path().is_some();
        // A node may outlive its device for a moment.
        let gone = [Errno::NOENT, Errno::NODEV, Errno::NXIO]
            .iter()
            .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()));
        match error.kind() {
            _ if named && gone => {
                Refusal::Because(HealthReport::new(Health::Absent, self.locator.missing()))
            }
            io::ErrorKind::PermissionDenied if !named => Refusal::Unreadable,
            _ if !named => Refusal::NotMeant,
            io::ErrorKind::PermissionDenied => {
                let shown = path.display();
                let detail = format!(
                    "{shown} may not be read: this user needs the group input, or a udev rule"
                );
                Refusal::Because(HealthReport::new(Health::Failed, detail))
            }
            _ => Refusal::Because(failed(path, error)),
        }
    }

    /// Grabs `node` if its keys are up, or waits until they are.
    fn take_over(&mut self, path: &Path, mut node: Box<dyn Node>) -> Result<(), Refusal> {
        match grab_when_up(node.as_mut()) {
            Ok(true) => {
                let detail = format!("{}, \"{}\"", path.display(), node.identity().name);
                self.sieve = Sieve::default();
                self.events.clear();
                self.link = Link::Held(node);
                self.report(HealthReport::new(Health::Ready, detail));
                Ok(())
            }
            Ok(false) => {
                let shown = path.display();
                let detail = format!("{shown}: waiting for a key that is held down to be let go");
                self.link = Link::Settling(path.to_owned(), node);
                self.report(HealthReport::new(Health::Starting, detail));
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::ResourceBusy => {
                let shown = path.display();
                let detail =
                    format!("{shown} is in use by another program, or by another device set here");
                Err(Refusal::Because(HealthReport::new(Health::Failed, detail)))
            }
            Err(error) => Err(Refusal::Because(failed(path, &error))),
        }
    }

    /// A key of a device that settles moved: perhaps it was the last that was down.
    fn settle(&mut self) {
        let away = Link::Away(search(&self.locator));
        let Link::Settling(path, node) = std::mem::replace(&mut self.link, away) else { return };
        if let Err(Refusal::Because(report)) = self.take_over(&path, node) {
            self.report(report);
            // Another had it first; there may be a second one that is meant.
            self.look();
        }
    }

    /// Closes a device that is gone, at once: reading it again would never wait.
    fn lose(&mut self, error: &io::Error) {
        self.link = Link::Away(search(&self.locator));
        self.signals.retain(|signal| *signal == Signal::HealthChanged);
        self.events.clear();
        let detail = format!("{} was unplugged ({error})", self.locator);
        self.report(HealthReport::new(Health::Absent, detail));
    }

    fn report(&mut self, report: HealthReport) {
        if report == self.health {
            return;
        }
        let changed = report.health != self.health.health;
        self.health = report;
        // The words may change while nothing happens, as from "unplugged" to "not there".
        if changed {
            let (device, health) = (&self.locator, &self.health);
            tracing::info!(%device, %health, "an input device's health changed");
            self.signals.push_back(Signal::HealthChanged);
        }
    }
}

/// Why a node is not taken.
enum Refusal {
    /// It is another device.
    NotMeant,
    /// It cannot be told whether it is meant.
    Unreadable,
    /// It is meant, but will not do.
    Because(HealthReport),
}

fn failed(path: &Path, error: &io::Error) -> HealthReport {
    HealthReport::new(Health::Failed, format!("{}: {error}", path.display()))
}

fn search(locator: &Locator) -> Search {
    match locator.path() {
        Some(path) => Search::for_path(path),
        None => Search::in_folder(Path::new(INPUT_FOLDER)),
    }
}

/// Grabs a device unless one of its keys is down, and says whether it did.
fn grab_when_up(node: &mut dyn Node) -> io::Result<bool> {
    if !node.held()?.is_empty() {
        return Ok(false);
    }
    node.grab()?;
    // One may have gone down in between: its release must reach whoever saw it go down.
    if node.held()?.is_empty() {
        return Ok(true);
    }
    node.let_go()?;
    Ok(false)
}

#[cfg(test)]
mod tests;

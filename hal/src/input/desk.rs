//! A desk with input devices on it, in place of the kernel's: what the drivers' tests type on.
//!
//! It does as evdev does (drivers/input/evdev.c): everyone who opened a device has a queue of his
//! own; a grab gives the events to one alone, and fails with EBUSY for a second; asking which keys
//! are down empties the queue of keys.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

use evdev::{EventType, InputEvent, KeyCode, SynchronizationCode};
use rustix::io::Errno;

use super::kind::{Identity, digit_keys};
use super::node::{Host, Node};

/// A desk; clones are the same one.
#[derive(Clone, Default)]
pub(crate) struct Desk(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    devices: BTreeMap<PathBuf, Device>,
    openers: u64,
}

#[derive(Default)]
struct Device {
    identity: Identity,
    refusal: Option<Errno>,
    down: BTreeSet<KeyCode>,
    grabbed_by: Option<u64>,
    openers: BTreeMap<u64, Opener>,
}

#[derive(Default)]
struct Opener {
    queue: VecDeque<InputEvent>,
    waker: Option<Waker>,
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Desk")
    }
}

/// A keyboard of this name: digits, letters as far as the tests need, modifiers, Enter.
pub(crate) fn keyboard(name: &str, usb_id: (u16, u16)) -> Identity {
    let usb_id = Some(usb_id);
    let others = [KeyCode::KEY_ENTER, KeyCode::KEY_A, KeyCode::KEY_LEFTSHIFT, KeyCode::KEY_F1];
    let keys = digit_keys().map(|(key, _)| key).chain(others).collect();
    Identity { name: name.to_owned(), usb_id, keys, ..Identity::default() }
}

impl Desk {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics while it types")
    }

    /// Plugs a device in.
    pub(crate) fn plug(&self, path: &str, identity: Identity) {
        let device = Device { identity, ..Device::default() };
        self.state().devices.insert(PathBuf::from(path), device);
    }

    /// Pulls one out.
    pub(crate) fn unplug(&self, path: &str) {
        let device = self.state().devices.remove(Path::new(path)).expect("it is plugged in");
        for waker in device.openers.into_values().filter_map(|opener| opener.waker) {
            waker.wake();
        }
    }

    /// From now on the device can be opened by nobody, for this reason.
    pub(crate) fn refuse(&self, path: &str, refusal: Option<Errno>) {
        self.with(path, |device| device.refusal = refusal);
    }

    /// Whether somebody has it alone.
    pub(crate) fn is_grabbed(&self, path: &str) -> bool {
        self.with(path, |device| device.grabbed_by.is_some())
    }

    fn with<T>(&self, path: &str, change: impl FnOnce(&mut Device) -> T) -> T {
        let mut state = self.state();
        change(state.devices.get_mut(Path::new(path)).expect("it is plugged in"))
    }

    /// Has the device give events, and wakes who waits for them.
    pub(crate) fn send(&self, path: &str, events: &[InputEvent]) {
        self.with(path, |device| {
            for event in events.iter().filter(|event| event.event_type() == EventType::KEY) {
                let key = KeyCode::new(event.code());
                match event.value() {
                    0 => device.down.remove(&key),
                    _ => device.down.insert(key),
                };
            }
            let grabbed_by = device.grabbed_by;
            for (id, opener) in &mut device.openers {
                if grabbed_by.is_none_or(|grabber| grabber == *id) {
                    opener.queue.extend(events);
                    if let Some(waker) = opener.waker.take() {
                        waker.wake();
                    }
                }
            }
        });
    }

    /// Presses a key, or lets go of it.
    pub(crate) fn key(&self, path: &str, key: KeyCode, down: bool) {
        self.send(path, &[key_event(key, i32::from(down)), report()]);
    }

    /// Types a key: down and up.
    pub(crate) fn tap(&self, path: &str, key: KeyCode) {
        self.key(path, key, true);
        self.key(path, key, false);
    }

    /// Types digits of the upper row.
    pub(crate) fn type_digits(&self, path: &str, digits: &str) {
        for digit in digits.bytes() {
            let found = digit_keys().find(|(_, value)| value + b'0' == digit);
            self.tap(path, found.expect("a digit").0);
        }
    }
}

/// A key event of this value: 0 up, 1 down, 2 repeat.
pub(crate) fn key_event(key: KeyCode, value: i32) -> InputEvent {
    InputEvent::new(EventType::KEY.0, key.0, value)
}

/// The end of what happened together.
pub(crate) fn report() -> InputEvent {
    sync(SynchronizationCode::SYN_REPORT)
}

/// The kernel's queue ran over.
pub(crate) fn dropped() -> InputEvent {
    sync(SynchronizationCode::SYN_DROPPED)
}

fn sync(code: SynchronizationCode) -> InputEvent {
    InputEvent::new(EventType::SYNCHRONIZATION.0, code.0, 0)
}

impl Host for Desk {
    fn nodes(&self) -> io::Result<Vec<PathBuf>> {
        Ok(self.state().devices.keys().cloned().collect())
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Node>> {
        let mut state = self.state();
        state.openers += 1;
        let id = state.openers;
        let device = state.devices.get_mut(path).ok_or(Errno::NOENT)?;
        if let Some(refusal) = device.refusal {
            return Err(refusal.into());
        }
        device.openers.insert(id, Opener::default());
        let identity = device.identity.clone();
        Ok(Box::new(OpenDevice { desk: self.clone(), path: path.to_owned(), id, identity }))
    }
}

struct OpenDevice {
    desk: Desk,
    path: PathBuf,
    id: u64,
    identity: Identity,
}

impl OpenDevice {
    fn with<T>(&self, act: impl FnOnce(&mut Device, u64) -> io::Result<T>) -> io::Result<T> {
        let mut state = self.desk.state();
        let device = state.devices.get_mut(&self.path);
        let device = device.filter(|device| device.openers.contains_key(&self.id));
        act(device.ok_or(Errno::NODEV)?, self.id)
    }

    fn read(&self, waker: Option<&Waker>, events: &mut Vec<InputEvent>) -> io::Result<()> {
        self.with(|device, id| {
            let opener = device.openers.get_mut(&id).ok_or(Errno::NODEV)?;
            if opener.queue.is_empty() {
                opener.waker = waker.cloned();
                return Err(io::ErrorKind::WouldBlock.into());
            }
            let len = opener.queue.len().min(32);
            events.extend(opener.queue.drain(..len));
            Ok(())
        })
    }
}

impl Node for OpenDevice {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn held(&self) -> io::Result<Vec<KeyCode>> {
        self.with(|device, id| {
            if let Some(opener) = device.openers.get_mut(&id) {
                opener.queue.retain(|event| event.event_type() != EventType::KEY);
            }
            Ok(device.down.iter().copied().collect())
        })
    }

    fn grab(&mut self) -> io::Result<()> {
        self.with(|device, id| match device.grabbed_by {
            Some(_) => Err(Errno::BUSY.into()),
            None => {
                device.grabbed_by = Some(id);
                Ok(())
            }
        })
    }

    fn let_go(&mut self) -> io::Result<()> {
        self.with(|device, _| {
            device.grabbed_by = None;
            Ok(())
        })
    }

    fn read_now(&mut self, events: &mut Vec<InputEvent>) -> io::Result<()> {
        self.read(None, events)
    }

    fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        events: &mut Vec<InputEvent>,
    ) -> Poll<io::Result<()>> {
        match self.read(Some(cx.waker()), events) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
            result => Poll::Ready(result),
        }
    }
}

impl Drop for OpenDevice {
    fn drop(&mut self) {
        // A device that is gone has nothing to let go of.
        let _ = self.with(|device, id| {
            device.openers.remove(&id);
            device.grabbed_by = device.grabbed_by.filter(|grabber| *grabber != id);
            Ok(())
        });
    }
}

//! What runs between a handle and its device: a bounded queue and a plug.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::Delivery;
use crate::device::{Health, HealthReport};

/// Locks a mutex whether or not another thread panicked while it held it: what is behind it is
/// whole after each statement.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What comes out at the device's end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Signal<T> {
    /// Something that was put in at the handle's end.
    Item(T),
    /// Here something was lost.
    Overrun,
    /// The plug or the fault changed.
    HealthChanged,
}

#[derive(Debug)]
struct Shared<T> {
    queue: VecDeque<T>,
    capacity: usize,
    /// Something was lost after the last item in the queue. Until the device's user was told,
    /// everything after it is lost too, so that no two ends of a gap are taken for neighbours.
    overrun: bool,
    lost: u64,
    gate_open: bool,
    plugged: bool,
    /// The device was let go of; nobody will ever fetch anything.
    closed: bool,
    fault: Option<String>,
    health_changed: bool,
    waker: Option<Waker>,
}

impl<T> Shared<T> {
    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    fn forget(&mut self) {
        self.queue.clear();
        self.overrun = false;
    }
}

/// Both ends of the wire; whoever holds a clone may use either.
#[derive(Debug)]
pub(super) struct Wire<T> {
    shared: Arc<Mutex<Shared<T>>>,
}

impl<T> Clone for Wire<T> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<T> Wire<T> {
    /// A plugged wire that holds `capacity` items.
    pub(super) fn new(capacity: usize) -> Self {
        let shared = Shared {
            queue: VecDeque::with_capacity(capacity),
            capacity,
            overrun: false,
            lost: 0,
            gate_open: true,
            plugged: true,
            closed: false,
            fault: None,
            health_changed: false,
            waker: None,
        };
        Self { shared: Arc::new(Mutex::new(shared)) }
    }

    /// Puts in all of `items`, or loses all of them.
    pub(super) fn send(&self, items: impl ExactSizeIterator<Item = T>) -> Delivery {
        let mut shared = lock(&self.shared);
        if !shared.plugged || shared.closed {
            Delivery::Absent
        } else if !shared.gate_open {
            Delivery::Disarmed
        } else if shared.overrun || items.len() > shared.capacity - shared.queue.len() {
            shared.overrun = true;
            shared.lost = shared.lost.saturating_add(1);
            shared.wake();
            Delivery::Overrun
        } else {
            shared.queue.extend(items);
            shared.wake();
            Delivery::Delivered
        }
    }

    /// Takes out what came first, or registers the waker.
    pub(super) fn poll(&self, cx: &mut Context<'_>) -> Poll<Signal<T>> {
        let mut shared = lock(&self.shared);
        if std::mem::take(&mut shared.health_changed) {
            Poll::Ready(Signal::HealthChanged)
        } else if let Some(item) = shared.queue.pop_front() {
            Poll::Ready(Signal::Item(item))
        } else if std::mem::take(&mut shared.overrun) {
            Poll::Ready(Signal::Overrun)
        } else {
            shared.waker = Some(cx.waker().clone());
            Poll::Pending
        }
    }

    /// Forgets what is in it.
    pub(super) fn forget(&self) {
        lock(&self.shared).forget();
    }

    /// Forgets what is in it, and lets further items in or not.
    pub(super) fn set_gate(&self, open: bool) {
        let mut shared = lock(&self.shared);
        shared.forget();
        shared.gate_open = open;
    }

    /// Whether there is room for another item.
    pub(super) fn has_room(&self) -> bool {
        let shared = lock(&self.shared);
        !shared.overrun && shared.queue.len() < shared.capacity
    }

    /// Pulls the plug; what is in the wire stays for the device's user to fetch.
    pub(super) fn unplug(&self) {
        let mut shared = lock(&self.shared);
        if std::mem::replace(&mut shared.plugged, false) {
            shared.health_changed = true;
            shared.wake();
        }
    }

    /// Pulls the plug; what is in the wire is lost.
    pub(super) fn unplug_and_forget(&self) {
        lock(&self.shared).forget();
        self.unplug();
    }

    /// Puts the plug in.
    pub(super) fn plug(&self) {
        let mut shared = lock(&self.shared);
        if !std::mem::replace(&mut shared.plugged, true) {
            shared.health_changed = true;
            shared.wake();
        }
    }

    /// Makes the device fail for this reason, or work.
    pub(super) fn set_fault(&self, fault: Option<String>) {
        let mut shared = lock(&self.shared);
        if shared.fault != fault {
            shared.fault = fault;
            shared.health_changed = true;
            shared.wake();
        }
    }

    /// How many inputs were lost to a full queue.
    pub(super) fn lost(&self) -> u64 {
        lock(&self.shared).lost
    }

    /// The health of the device at its end.
    pub(super) fn health(&self) -> HealthReport {
        let shared = lock(&self.shared);
        match (shared.plugged, &shared.fault) {
            (false, _) => HealthReport::new(Health::Absent, "unplugged"),
            (true, Some(fault)) => HealthReport::new(Health::Failed, fault.clone()),
            (true, None) => HealthReport::ready(),
        }
    }
}

/// The device's end, which closes the wire when the device is let go of.
#[derive(Debug)]
pub(super) struct DeviceEnd<T>(pub(super) Wire<T>);

impl<T> Drop for DeviceEnd<T> {
    fn drop(&mut self) {
        let mut shared = lock(&self.0.shared);
        shared.forget();
        shared.closed = true;
    }
}

impl<T> std::ops::Deref for DeviceEnd<T> {
    type Target = Wire<T>;

    fn deref(&self) -> &Wire<T> {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poll(wire: &Wire<u8>) -> Poll<Signal<u8>> {
        wire.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn a_full_queue_loses_what_comes_until_its_user_was_told() {
        let wire = Wire::new(2);
        assert_eq!(wire.send([1, 2].into_iter()), Delivery::Delivered);
        assert_eq!(wire.send([3].into_iter()), Delivery::Overrun);
        assert_eq!(poll(&wire), Poll::Ready(Signal::Item(1)));
        assert_eq!(wire.send([4].into_iter()), Delivery::Overrun);
        assert_eq!(poll(&wire), Poll::Ready(Signal::Item(2)));
        assert_eq!(poll(&wire), Poll::Ready(Signal::Overrun));
        assert_eq!(wire.send([5].into_iter()), Delivery::Delivered);
        assert_eq!(poll(&wire), Poll::Ready(Signal::Item(5)));
        assert_eq!(poll(&wire), Poll::Pending);
        assert_eq!(wire.lost(), 2);
    }

    #[test]
    fn a_device_that_was_let_go_of_takes_nothing() {
        let wire = Wire::new(2);
        drop(DeviceEnd(wire.clone()));
        assert_eq!(wire.send([1].into_iter()), Delivery::Absent);
        wire.plug();
        assert_eq!(wire.send([1].into_iter()), Delivery::Absent);
    }
}

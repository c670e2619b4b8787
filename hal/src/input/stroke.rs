//! The kernel's events as keys that go down and up. Pure.
//!
//! Repeats of a held key (value 2) and all that is no key are left out. When the kernel's queue ran
//! over it says SYN_DROPPED; then everything up to and with the next SYN_REPORT is worth nothing,
//! and the state of the keys has to be asked for anew (event-codes.rst, EV_SYN).

use evdev::{EventType, InputEvent, KeyCode, SynchronizationCode};

/// One movement of one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stroke {
    /// It went down. It may be said of a key that is down already.
    Down(KeyCode),
    /// It went up.
    Up(KeyCode),
}

/// What an event comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sifted {
    /// A key.
    Stroke(Stroke),
    /// Strokes were lost, and those to come are whole again.
    Lost,
}

/// Sifts events, one device's.
#[derive(Debug, Default)]
pub(crate) struct Sieve {
    /// Between SYN_DROPPED and SYN_REPORT.
    losing: bool,
}

impl Sieve {
    /// What `event` comes to, if anything.
    pub(crate) fn push(&mut self, event: InputEvent) -> Option<Sifted> {
        let (kind, code, value) = (event.event_type(), event.code(), event.value());
        if kind == EventType::SYNCHRONIZATION {
            return self.synchronize(SynchronizationCode(code));
        }
        if self.losing || kind != EventType::KEY {
            return None;
        }
        match value {
            0 => Some(Sifted::Stroke(Stroke::Up(KeyCode::new(code)))),
            1 => Some(Sifted::Stroke(Stroke::Down(KeyCode::new(code)))),
            _ => None,
        }
    }

    fn synchronize(&mut self, code: SynchronizationCode) -> Option<Sifted> {
        if code == SynchronizationCode::SYN_DROPPED {
            self.losing = true;
            return None;
        }
        let ends = self.losing && code == SynchronizationCode::SYN_REPORT;
        ends.then(|| {
            self.losing = false;
            Sifted::Lost
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: KeyCode = KeyCode::KEY_A;

    fn key(value: i32) -> InputEvent {
        InputEvent::new(EventType::KEY.0, A.0, value)
    }

    fn syn(code: SynchronizationCode) -> InputEvent {
        InputEvent::new(EventType::SYNCHRONIZATION.0, code.0, 0)
    }

    fn sift(events: &[InputEvent]) -> Vec<Sifted> {
        let mut sieve = Sieve::default();
        events.iter().filter_map(|event| sieve.push(*event)).collect()
    }

    #[test]
    fn repeats_and_other_events_are_left_out() {
        let scan_code = InputEvent::new(EventType::MISC.0, 4, 458_756);
        let light = InputEvent::new(EventType::LED.0, 0, 1);
        let odd = [key(2), key(2), key(3), key(-1), scan_code, light];
        assert_eq!(sift(&odd), []);
        let down_up = [key(1), syn(SynchronizationCode::SYN_REPORT), key(2), key(0)];
        let strokes = [Sifted::Stroke(Stroke::Down(A)), Sifted::Stroke(Stroke::Up(A))];
        assert_eq!(sift(&down_up), strokes);
    }

    #[test]
    fn what_follows_an_overrun_up_to_the_report_is_worth_nothing() {
        let dropped = syn(SynchronizationCode::SYN_DROPPED);
        let report = syn(SynchronizationCode::SYN_REPORT);
        let other = syn(SynchronizationCode::SYN_CONFIG);
        let events = [dropped, key(1), other, dropped, key(0), report, key(1), report];
        assert_eq!(sift(&events), [Sifted::Lost, Sifted::Stroke(Stroke::Down(A))]);
    }
}

//! Finding, taking, losing and finding again, on a desk.

use std::time::Duration;

use super::*;
use crate::input::desk::{Desk, dropped, key_event, keyboard, report};
use crate::input::kind::{Identity, lacks_digits};

const FIRST: &str = "/dev/input/event1";
const SECOND: &str = "/dev/input/event2";
const A: KeyCode = KeyCode::KEY_A;
const GUARD: Duration = Duration::from_secs(300);

fn open(desk: &Desk, locator: &str) -> Keys {
    Keys::open_at(Box::new(desk.clone()), locator.parse().unwrap(), Box::new(lacks_digits))
}

async fn next(keys: &mut Keys) -> Signal {
    let next = std::future::poll_fn(|cx| keys.poll_signal(cx));
    tokio::time::timeout(GUARD, next).await.expect("a signal")
}

/// What waits now.
fn waiting(keys: &mut Keys) -> Vec<Signal> {
    std::iter::from_fn(|| keys.signal_now()).collect()
}

fn down(key: KeyCode) -> Signal {
    Signal::Stroke(Stroke::Down(key))
}

fn up(key: KeyCode) -> Signal {
    Signal::Stroke(Stroke::Up(key))
}

fn mouse() -> Identity {
    let keys = [KeyCode::BTN_LEFT].iter().collect();
    Identity {
        name: "Mouse".into(),
        usb_id: Some((1, 2)),
        keys,
        moves: true,
        ..Identity::default()
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_is_found_by_path_by_usb_id_and_by_name_and_grabbed() {
    for locator in [SECOND, "usb:0c2e:0b61", "name:Scanner"] {
        let desk = Desk::default();
        desk.plug(FIRST, keyboard("Keypad", (1, 2)));
        desk.plug(SECOND, keyboard("Scanner", (0x0c2e, 0x0b61)));
        let mut keys = open(&desk, locator);
        assert_eq!(keys.health().health, Health::Ready, "{locator}: {}", keys.health());
        assert_eq!(keys.health().detail, "/dev/input/event2, \"Scanner\"");
        assert!(desk.is_grabbed(SECOND) && !desk.is_grabbed(FIRST), "{locator}");
        desk.tap(SECOND, A);
        assert_eq!([next(&mut keys).await, next(&mut keys).await], [down(A), up(A)]);
        drop(keys);
        assert!(!desk.is_grabbed(SECOND), "{locator}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_will_not_do_is_named_and_left_alone() {
    let volume = [KeyCode::KEY_MUTE].iter().collect();
    let volume = Identity { name: "Volume".into(), keys: volume, ..Identity::default() };
    for (identity, said) in [
        (mouse(), "/dev/input/event1 (\"Mouse\") will not do: it is a mouse"),
        (volume, "/dev/input/event1 (\"Volume\") will not do: it has no digit keys"),
    ] {
        let desk = Desk::default();
        desk.plug(FIRST, identity);
        let keys = open(&desk, FIRST);
        assert_eq!(*keys.health(), HealthReport::new(Health::Failed, said));
        assert!(!desk.is_grabbed(FIRST));
    }
}

#[tokio::test(start_paused = true)]
async fn a_scanner_that_is_a_mouse_too_is_found_past_the_mouse() {
    let desk = Desk::default();
    desk.plug(FIRST, mouse());
    desk.plug(SECOND, keyboard("Mouse", (1, 2)));
    for locator in ["usb:0001:0002", "name:Mouse"] {
        let keys = open(&desk, locator);
        assert_eq!(keys.health().detail, "/dev/input/event2, \"Mouse\"");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_or_may_not_be_read_is_said() {
    let desk = Desk::default();
    desk.plug(FIRST, keyboard("Keypad", (1, 2)));
    for (refusal, locator, health, said) in [
        (None, SECOND, Health::Absent, "/dev/input/event2 is not there: plug it in"),
        (None, "usb:0c2e:0b61", Health::Absent, "has the USB id 0c2e:0b61: plug it in"),
        (None, "name:keypad", Health::Absent, "is called \"keypad\": plug it in"),
        (Some(Errno::ACCESS), FIRST, Health::Failed, "/dev/input/event1 may not be read"),
        (Some(Errno::ACCESS), "name:Keypad", Health::Absent, "1 nodes of /dev/input may not"),
        (Some(Errno::NODEV), FIRST, Health::Absent, "is not there: plug it in"),
        (Some(Errno::NODEV), "name:Keypad", Health::Absent, "plug it in"),
        (Some(Errno::NOMEM), FIRST, Health::Failed, "/dev/input/event1: "),
    ] {
        desk.refuse(FIRST, refusal);
        let keys = open(&desk, locator);
        assert_eq!(keys.health().health, health, "{locator}: {}", keys.health());
        assert!(keys.health().detail.contains(said), "{locator}: {}", keys.health());
    }
}

#[tokio::test(start_paused = true)]
async fn two_never_have_the_same_device() {
    let desk = Desk::default();
    desk.plug(FIRST, keyboard("Scanner", (1, 2)));
    let first = open(&desk, "name:Scanner");
    let mut second = open(&desk, "name:Scanner");
    assert!(first.health().is_ready());
    assert_eq!(second.health().health, Health::Failed);
    assert!(second.health().detail.contains("in use by another program"), "{}", second.health());

    desk.plug(SECOND, keyboard("Scanner", (1, 2)));
    assert_eq!(next(&mut second).await, Signal::HealthChanged);
    assert_eq!(second.health().detail, "/dev/input/event2, \"Scanner\"");
}

#[tokio::test(start_paused = true)]
async fn a_device_is_grabbed_only_once_all_its_keys_are_up() {
    let desk = Desk::default();
    desk.plug(FIRST, keyboard("Scanner", (1, 2)));
    desk.key(FIRST, A, true);
    desk.key(FIRST, KeyCode::KEY_1, true);
    let mut keys = open(&desk, FIRST);
    assert_eq!(keys.health().health, Health::Starting);
    assert!(keys.health().detail.contains("held down"), "{}", keys.health());

    desk.key(FIRST, A, false);
    assert!(std::future::poll_fn(|cx| Poll::Ready(keys.poll_signal(cx))).await.is_pending());
    assert!(!desk.is_grabbed(FIRST));
    desk.key(FIRST, KeyCode::KEY_1, false);
    assert_eq!(next(&mut keys).await, Signal::HealthChanged);
    assert!(keys.health().is_ready() && desk.is_grabbed(FIRST));
    assert_eq!(waiting(&mut keys), [], "what was typed before is not ours");
}

#[tokio::test(start_paused = true)]
async fn of_two_that_wait_for_the_same_device_the_second_goes_on() {
    let desk = Desk::default();
    desk.plug(FIRST, keyboard("Scanner", (1, 2)));
    desk.key(FIRST, A, true);
    let (mut first, mut second) = (open(&desk, "name:Scanner"), open(&desk, "name:Scanner"));
    desk.plug(SECOND, keyboard("Scanner", (1, 2)));
    desk.key(FIRST, A, false);
    for keys in [&mut first, &mut second] {
        assert_eq!(next(keys).await, Signal::HealthChanged);
    }
    assert_eq!(first.health().detail, "/dev/input/event1, \"Scanner\"");
    assert_eq!(second.health().detail, "/dev/input/event2, \"Scanner\"");
}

#[tokio::test(start_paused = true)]
async fn an_unplugged_device_is_absent_and_found_again_where_it_comes_back() {
    let desk = Desk::default();
    desk.plug(FIRST, keyboard("Scanner", (1, 2)));
    let mut keys = open(&desk, "usb:0001:0002");
    for path in [SECOND, FIRST, SECOND] {
        let before = if path == SECOND { FIRST } else { SECOND };
        desk.key(before, A, true);
        desk.unplug(before);
        assert_eq!(next(&mut keys).await, Signal::HealthChanged);
        assert_eq!(keys.health().health, Health::Absent);
        desk.plug(path, keyboard("Scanner", (1, 2)));
        assert_eq!(next(&mut keys).await, Signal::HealthChanged);
        assert!(keys.health().detail.starts_with(path), "{}", keys.health());
        desk.key(path, A, true);
        assert_eq!(next(&mut keys).await, down(A));
    }
}

#[tokio::test(start_paused = true)]
async fn a_device_unplugged_while_it_settles_is_absent() {
    let desk = Desk::default();
    desk.plug(FIRST, keyboard("Scanner", (1, 2)));
    desk.key(FIRST, A, true);
    let mut keys = open(&desk, FIRST);
    desk.unplug(FIRST);
    assert_eq!(next(&mut keys).await, Signal::HealthChanged);
    assert_eq!(keys.health().health, Health::Absent);
}

#[tokio::test(start_paused = true)]
async fn after_a_loss_the_kernel_is_asked_which_keys_are_down() {
    let desk = Desk::default();
    desk.plug(FIRST, keyboard("Scanner", (1, 2)));
    let mut keys = open(&desk, FIRST);
    let shift = KeyCode::KEY_LEFTSHIFT;
    let one = KeyCode::KEY_1;
    desk.send(
        FIRST,
        &[key_event(one, 1), dropped(), key_event(shift, 1), report(), key_event(A, 1), report()],
    );
    let held = vec![one, A, shift].into_iter().collect::<std::collections::BTreeSet<_>>();
    let held = held.into_iter().collect();
    assert_eq!(waiting(&mut keys), [down(one), Signal::Lost { held }]);
    desk.key(FIRST, shift, false);
    assert_eq!(next(&mut keys).await, up(shift));
}

#[tokio::test(start_paused = true)]
async fn a_flood_lets_others_have_their_turn() {
    let desk = Desk::default();
    desk.plug(FIRST, keyboard("Scanner", (1, 2)));
    let mut keys = open(&desk, FIRST);
    let noise = vec![key_event(A, 2); 100_000];
    desk.send(FIRST, &noise);
    let mut turns = 0;
    while !waiting_is_empty(&mut keys).await {
        turns += 1;
        assert!(turns <= 100_000 / 32 / STEPS_MAX + 1, "it ends");
    }
    assert!(turns > 1, "not all in one turn");
    assert!(keys.events.capacity() < 1000 && keys.signals.capacity() < 1000);
}

/// One turn; whether it left nothing to read.
async fn waiting_is_empty(keys: &mut Keys) -> bool {
    let turn = std::future::poll_fn(|cx| Poll::Ready(keys.poll_signal(cx))).await;
    assert!(turn.is_pending());
    let Link::Held(node) = &mut keys.link else { panic!("it is there") };
    let mut events = Vec::new();
    let result = node.read_now(&mut events);
    keys.events.extend(events);
    result.is_err()
}

//! The driver on a desk.

use evdev::KeyCode;

use super::*;
use crate::device::Health;
use crate::input::desk::{Desk, dropped, key_event, keyboard, report};
use crate::key::Key;
use crate::keypad;

const NODE: &str = "/dev/input/event1";

fn keypad(desk: &Desk, change: impl FnOnce(&mut KeyMap)) -> EvdevKeypad {
    let mut map = KeyMap::default();
    change(&mut map);
    let config = EvdevKeypadConfig { locator: NODE.parse().unwrap(), map };
    let needs = needs(&config.map);
    let keys = Keys::open_at(Box::new(desk.clone()), config.locator.clone(), needs);
    EvdevKeypad::with_keys(config, keys)
}

fn desk() -> Desk {
    let desk = Desk::default();
    desk.plug(NODE, keyboard("Keypad", (1, 2)));
    desk
}

async fn next(keypad: &mut EvdevKeypad) -> KeypadEvent {
    let limit = std::time::Duration::from_secs(300);
    tokio::time::timeout(limit, keypad::next(keypad)).await.expect("an event")
}

#[tokio::test(start_paused = true)]
async fn each_press_is_one_key_however_long_it_is_held() {
    let desk = desk();
    let mut keypad = keypad(&desk, |_| {});
    assert!(keypad.health().is_ready(), "{}", keypad.health());
    desk.key(NODE, KeyCode::KEY_1, true);
    desk.send(NODE, &[key_event(KeyCode::KEY_1, 2), report(), key_event(KeyCode::KEY_1, 2)]);
    desk.key(NODE, KeyCode::KEY_1, false);
    desk.tap(NODE, KeyCode::KEY_A);
    desk.tap(NODE, KeyCode::KEY_ENTER);
    assert_eq!(next(&mut keypad).await, KeypadEvent::Pressed("1".parse().unwrap()));
    assert_eq!(next(&mut keypad).await, KeypadEvent::Pressed(Key::Enter));
}

#[tokio::test(start_paused = true)]
async fn keys_are_what_the_settings_say() {
    let desk = desk();
    let mut keypad = keypad(&desk, |map| {
        map.set("KEY_A", Some(Key::Qr)).unwrap();
        map.set("KEY_F1", None).unwrap();
    });
    desk.tap(NODE, KeyCode::KEY_F1);
    desk.tap(NODE, KeyCode::KEY_A);
    assert_eq!(next(&mut keypad).await, KeypadEvent::Pressed(Key::Qr));
}

#[tokio::test(start_paused = true)]
async fn lost_presses_are_told() {
    let desk = desk();
    let mut keypad = keypad(&desk, |_| {});
    desk.tap(NODE, KeyCode::KEY_1);
    desk.send(NODE, &[dropped(), report()]);
    desk.tap(NODE, KeyCode::KEY_2);
    assert_eq!(next(&mut keypad).await, KeypadEvent::Pressed("1".parse().unwrap()));
    assert_eq!(next(&mut keypad).await, KeypadEvent::Overrun);
    desk.tap(NODE, KeyCode::KEY_3);
    assert_eq!(next(&mut keypad).await, KeypadEvent::Pressed("3".parse().unwrap()));
}

#[tokio::test(start_paused = true)]
async fn a_keypad_without_enter_will_not_do_until_the_settings_say_which_it_is() {
    let desk = Desk::default();
    let mut identity = keyboard("Pad", (1, 2));
    identity.keys.remove(KeyCode::KEY_ENTER);
    desk.plug(NODE, identity);
    let refused = keypad(&desk, |_| {});
    assert_eq!(refused.health().health, Health::Failed);
    assert!(refused.health().detail.contains("no key for \"enter\""), "{}", refused.health());
    let taken = keypad(&desk, |map| map.set("KEY_A", Some(Key::Enter)).unwrap());
    assert!(taken.health().is_ready(), "{}", taken.health());
}

#[tokio::test(start_paused = true)]
async fn an_unplugged_keypad_comes_back() {
    let desk = desk();
    let mut keypad = keypad(&desk, |_| {});
    desk.tap(NODE, KeyCode::KEY_1);
    desk.unplug(NODE);
    assert_eq!(next(&mut keypad).await, KeypadEvent::HealthChanged);
    assert_eq!(keypad.health().health, Health::Absent);
    desk.plug(NODE, keyboard("Keypad", (1, 2)));
    assert_eq!(next(&mut keypad).await, KeypadEvent::HealthChanged);
    desk.tap(NODE, KeyCode::KEY_3);
    assert_eq!(next(&mut keypad).await, KeypadEvent::Pressed("3".parse().unwrap()));
}

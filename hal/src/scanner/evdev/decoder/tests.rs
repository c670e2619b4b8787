//! Strokes and what they write; together with the framer, events and what is read.

use std::collections::VecDeque;
use std::time::Instant;

use evdev::{EventType, InputEvent};
use proptest::prelude::*;

use super::*;
use crate::input::{Sieve, Sifted};
use crate::scanner::frame::STALE_AFTER;
use crate::scanner::{DropReason, Framer, READING_LEN_MAX, ScannerEvent, Terminator};

fn down(key: KeyCode) -> Stroke {
    Stroke::Down(key)
}

fn up(key: KeyCode) -> Stroke {
    Stroke::Up(key)
}

fn tap(key: KeyCode) -> [Stroke; 2] {
    [down(key), up(key)]
}

/// `keys` typed while `modifier` is held.
fn with(modifier: KeyCode, keys: &[KeyCode]) -> Vec<Stroke> {
    let keys = keys.iter().flat_map(|key| tap(*key));
    [down(modifier)].into_iter().chain(keys).chain([up(modifier)]).collect()
}

fn written(strokes: &[Stroke]) -> String {
    let mut decoder = Decoder::default();
    let bytes = strokes.iter().filter_map(|stroke| decoder.push(*stroke)).collect();
    String::from_utf8(bytes).unwrap()
}

const SHIFT: KeyCode = KeyCode::KEY_LEFTSHIFT;
const ALT: KeyCode = KeyCode::KEY_LEFTALT;
const CTRL: KeyCode = KeyCode::KEY_RIGHTCTRL;

#[test]
fn keys_write_what_stands_on_them() {
    for (strokes, text) in [
        (tap(KeyCode::KEY_7).to_vec(), "7"),
        (tap(KeyCode::KEY_KP7).to_vec(), "7"),
        (tap(KeyCode::KEY_A).to_vec(), "a"),
        (tap(KeyCode::KEY_ENTER).to_vec(), "\r"),
        (tap(KeyCode::KEY_KPENTER).to_vec(), "\r"),
        (tap(KeyCode::KEY_TAB).to_vec(), "\t"),
        (with(SHIFT, &[KeyCode::KEY_A, KeyCode::KEY_2, KeyCode::KEY_SLASH]), "A@?"),
        (with(KeyCode::KEY_RIGHTSHIFT, &[KeyCode::KEY_RIGHTBRACE]), "}"),
        (with(SHIFT, &[KeyCode::KEY_KP7]), "7"),
        (with(CTRL, &[KeyCode::KEY_M, KeyCode::KEY_J, KeyCode::KEY_I]), "\r\r\t"),
        (with(CTRL, &[KeyCode::KEY_RIGHTBRACE, KeyCode::KEY_B, KeyCode::KEY_1]), "\x1d\x02\0"),
        (tap(KeyCode::KEY_F5).to_vec(), "\0"),
        (tap(KeyCode::KEY_NUMLOCK).to_vec(), ""),
    ] {
        assert_eq!(written(&strokes), text, "{strokes:?}");
    }
}

#[test]
fn shift_counts_for_each_key_on_its_own_and_capslock_for_none() {
    let mut strokes = with(SHIFT, &[KeyCode::KEY_Q]);
    strokes.extend(tap(KeyCode::KEY_CAPSLOCK));
    strokes.extend(tap(KeyCode::KEY_Q));
    strokes.extend(with(SHIFT, &[KeyCode::KEY_1]));
    strokes.extend(tap(KeyCode::KEY_1));
    assert_eq!(written(&strokes), "Qq!1");
}

#[test]
fn letting_go_of_one_shift_leaves_the_other() {
    let right = KeyCode::KEY_RIGHTSHIFT;
    let strokes = [
        down(SHIFT),
        down(right),
        up(SHIFT),
        down(KeyCode::KEY_A),
        up(right),
        down(KeyCode::KEY_A),
    ];
    assert_eq!(written(&strokes), "Aa");
}

#[test]
fn a_doubled_character_may_come_without_the_release_between() {
    let one = KeyCode::KEY_1;
    assert_eq!(written(&[down(one), down(one), up(one)]), "11");
    assert_eq!(written(&[down(one), down(one), up(one), up(one), down(one)]), "111");
}

#[test]
fn releases_may_be_left_out_or_late() {
    let keys = [KeyCode::KEY_2, KeyCode::KEY_8, KeyCode::KEY_4];
    assert_eq!(written(&keys.map(down)), "284");
    let late: Vec<_> = keys.map(down).into_iter().chain(keys.map(up)).collect();
    assert_eq!(written(&late), "284");
}

/// The keys of a number, on the keypad.
fn digits(number: &str) -> Vec<KeyCode> {
    let key = |digit: u8| {
        // The keypad's come after the upper row's.
        let twins = crate::input::digit_keys().filter(|(_, value)| *value + b'0' == digit);
        twins.last().unwrap().0
    };
    number.bytes().map(key).collect()
}

#[test]
fn alt_and_a_number_write_that_character() {
    for (number, text) in [
        ("50", "2"),
        ("050", "2"),
        ("0050", "2"),
        ("93", "]"),
        ("13", "\r"),
        ("10", "\r"),
        ("9", "\t"),
        ("126", "~"),
        ("127", "\0"),
        ("0", "\0"),
        ("0163", "\0"),
        ("65536", "\0"),
        ("99999999999999999999", "\0"),
        ("", ""),
    ] {
        assert_eq!(written(&with(ALT, &digits(number))), text, "Alt+{number}");
    }
    let mut strokes = with(ALT, &digits("50"));
    strokes.extend(with(KeyCode::KEY_RIGHTALT, &digits("56")));
    assert_eq!(written(&strokes), "28");
}

#[test]
fn alt_with_what_is_no_number_writes_nothing_readable() {
    for keys in [
        &[KeyCode::KEY_A][..],
        &[KeyCode::KEY_5, KeyCode::KEY_0],
        &[KeyCode::KEY_KP5, KeyCode::KEY_A, KeyCode::KEY_KP0],
        &[KeyCode::KEY_A, KeyCode::KEY_KP5],
    ] {
        assert_eq!(written(&with(ALT, keys)), "\0", "{keys:?}");
    }
    // A lock is touched by scanners that make sure of the keypad.
    let keys = [KeyCode::KEY_NUMLOCK, KeyCode::KEY_KP5, KeyCode::KEY_KP0];
    assert_eq!(written(&with(ALT, &keys)), "2");
}

#[test]
fn alt_pressed_anew_ends_the_number_before() {
    let number = [down(ALT), down(KeyCode::KEY_KP5), down(KeyCode::KEY_KP0)];
    assert_eq!(written(&[number.as_slice(), &number, &[up(ALT)]].concat()), "22");
}

#[test]
fn keys_held_when_it_resumes_count() {
    let mut decoder = Decoder::default();
    decoder.push(down(CTRL));
    decoder.resume([SHIFT, KeyCode::KEY_7]);
    assert!(decoder.is_midway());
    assert_eq!(decoder.push(down(KeyCode::KEY_A)), Some(b'A'));
    assert_eq!(decoder.push(up(SHIFT)), None);
    assert!(!decoder.is_midway());
    decoder.resume([ALT]);
    assert_eq!(decoder.push(down(KeyCode::KEY_KP5)), None);
    assert_eq!(decoder.push(up(ALT)), Some(NOTHING), "the number's beginning is not known");
}

/// Any event, most of them of keys that scanners use.
fn any_event() -> impl Strategy<Value = InputEvent> {
    let keys = prop::sample::select(vec![
        SHIFT,
        ALT,
        CTRL,
        KeyCode::KEY_ENTER,
        KeyCode::KEY_TAB,
        KeyCode::KEY_1,
        KeyCode::KEY_KP1,
        KeyCode::KEY_RIGHTBRACE,
        KeyCode::KEY_Q,
        KeyCode::KEY_F1,
        KeyCode::KEY_NUMLOCK,
    ]);
    prop_oneof![
        8 => (keys, 0i32..3).prop_map(|(key, value)| {
            InputEvent::new(EventType::KEY.0, key.0, value)
        }),
        1 => (0u16..5).prop_map(|code| InputEvent::new(EventType::SYNCHRONIZATION.0, code, 0)),
        1 => (any::<u16>(), any::<u16>(), any::<i32>())
            .prop_map(|(kind, code, value)| InputEvent::new(kind, code, value)),
    ]
}

proptest! {
    #[test]
    fn any_events_read_as_short_text_or_are_dropped(
        events in prop::collection::vec((any_event(), 0u64..400), 0..2000),
        terminator in prop::sample::select(vec!["any", "cr", "tab", "quiet:50"]),
    ) {
        let mut framer = Framer::new(terminator.parse::<Terminator>().unwrap());
        let (mut sieve, mut decoder) = (Sieve::default(), Decoder::default());
        let (mut now, mut out) = (Instant::now(), VecDeque::new());
        for (event, pause_ms) in events {
            // Mostly without a pause, so that codes become long.
            now += std::time::Duration::from_millis(pause_ms.saturating_sub(390));
            match sieve.push(event) {
                Some(Sifted::Stroke(stroke)) => {
                    let byte = decoder.push(stroke);
                    prop_assert!(byte.is_none_or(|byte| byte.is_ascii()));
                    framer.push(now, byte.as_slice(), &mut out);
                }
                Some(Sifted::Lost) => {
                    decoder.resume([]);
                    framer.skip_rest(now);
                }
                None => {}
            }
        }
        framer.elapse(now + STALE_AFTER, &mut out);
        prop_assert_eq!(framer.deadline(), None);
        for event in out {
            match event {
                ScannerEvent::Read(reading) => {
                    prop_assert!(!reading.text.is_empty());
                    prop_assert!(reading.text.len() <= READING_LEN_MAX);
                    prop_assert!(!reading.text.chars().any(char::is_control));
                }
                ScannerEvent::Dropped(reason) => prop_assert_ne!(reason, DropReason::Overrun),
                ScannerEvent::HealthChanged => prop_assert!(false, "a framer knows no health"),
            }
        }
    }

    #[test]
    fn any_ascii_text_typed_with_alt_codes_reads_back(text in "[ -~]{1,40}") {
        let mut strokes = Vec::new();
        for byte in text.bytes() {
            strokes.extend(with(ALT, &digits(&format!("{byte:03}"))));
        }
        prop_assert_eq!(written(&strokes), text);
    }
}

//! The driver on a desk of scanners, in virtual time.

use std::time::Duration;

use evdev::KeyCode;

use super::*;
use crate::device::Health;
use crate::input::desk::{Desk, dropped, key_event, keyboard, report};
use crate::scanner;
use crate::scanner::frame::{DISCARDED_QUIET, STALE_AFTER};

const CODE: &str = "284214903060794755";
const NODE: &str = "/dev/input/event1";
const OTHER: &str = "/dev/input/event2";
const ENTER: KeyCode = KeyCode::KEY_ENTER;

fn scanner_at(desk: &Desk, locator: &str, terminator: &str) -> EvdevScanner {
    let needs: Needs = Box::new(lacks_digits);
    let keys = Keys::open_at(Box::new(desk.clone()), locator.parse().unwrap(), needs);
    EvdevScanner::with_keys("scanner".into(), terminator.parse().unwrap(), keys)
}

/// A scanner that is plugged in, and past the moment in which a code's rest might come.
async fn plugged(terminator: &str) -> (Desk, EvdevScanner) {
    let desk = Desk::default();
    desk.plug(NODE, keyboard("Scanner", (1, 2)));
    let mut scanner = scanner_at(&desk, NODE, terminator);
    assert!(scanner.health().is_ready(), "{}", scanner.health());
    quiet(&mut scanner).await;
    (desk, scanner)
}

/// Listens to the scanner for as long as the rest of a code might take.
async fn quiet(scanner: &mut EvdevScanner) {
    let listening = tokio::time::timeout(DISCARDED_QUIET * 2, scanner::next(scanner));
    assert!(listening.await.is_err(), "it is quiet");
}

/// Lets the scanner take what there is, which must be no event.
async fn settle(scanner: &mut EvdevScanner) {
    let turn = std::future::poll_fn(|cx| Poll::Ready(scanner.poll_event(cx))).await;
    assert!(turn.is_pending(), "{turn:?}");
}

async fn next(scanner: &mut EvdevScanner) -> ScannerEvent {
    let limit = Duration::from_secs(300);
    tokio::time::timeout(limit, scanner::next(scanner)).await.expect("an event")
}

async fn next_text(scanner: &mut EvdevScanner) -> String {
    match next(scanner).await {
        ScannerEvent::Read(reading) => reading.text,
        other => panic!("{other:?} where a reading was expected: {}", scanner.health()),
    }
}

fn type_code(desk: &Desk, path: &str, code: &str) {
    desk.type_digits(path, code);
    desk.tap(path, ENTER);
}

#[tokio::test(start_paused = true)]
async fn a_whole_scan_is_read_with_the_moment_of_its_last_character() {
    let (desk, mut scanner) = plugged("any").await;
    let before = now();
    type_code(&desk, NODE, CODE);
    let ScannerEvent::Read(reading) = next(&mut scanner).await else { panic!("no reading") };
    assert_eq!((reading.text.as_str(), reading.symbology), (CODE, None));
    assert_eq!(reading.last_byte, before);
}

#[tokio::test(start_paused = true)]
async fn identifiers_and_messages_are_treated_as_on_a_serial_line() {
    let (desk, mut scanner) = plugged("any").await;
    let shift = KeyCode::KEY_LEFTSHIFT;
    let shifted = |key: KeyCode| {
        desk.key(NODE, shift, true);
        desk.tap(NODE, key);
        desk.key(NODE, shift, false);
    };
    desk.tap(NODE, KeyCode::KEY_RIGHTBRACE);
    shifted(KeyCode::KEY_Q);
    type_code(&desk, NODE, "1284");
    let ScannerEvent::Read(reading) = next(&mut scanner).await else { panic!("no reading") };
    assert_eq!(reading.text, "284");
    assert_eq!(reading.symbology.map(|aim| aim.to_string()).as_deref(), Some("]Q1"));

    shifted(KeyCode::KEY_5);
    shifted(KeyCode::KEY_5);
    for (key, is_capital) in [
        (KeyCode::KEY_N, true),
        (KeyCode::KEY_O, false),
        (KeyCode::KEY_R, true),
        (KeyCode::KEY_E, false),
        (KeyCode::KEY_A, false),
        (KeyCode::KEY_D, false),
    ] {
        if is_capital { shifted(key) } else { desk.tap(NODE, key) }
    }
    desk.tap(NODE, ENTER);
    assert_eq!(next(&mut scanner).await, ScannerEvent::Dropped(DropReason::NoRead));
}

#[tokio::test(start_paused = true)]
async fn each_terminator_ends_a_code() {
    for (terminator, end) in [
        ("any", ENTER),
        ("any", KeyCode::KEY_TAB),
        ("any", KeyCode::KEY_KPENTER),
        ("cr", ENTER),
        ("lf", ENTER),
        ("crlf", ENTER),
        ("tab", KeyCode::KEY_TAB),
    ] {
        let (desk, mut scanner) = plugged(terminator).await;
        desk.type_digits(NODE, CODE);
        desk.tap(NODE, end);
        assert_eq!(next_text(&mut scanner).await, CODE, "{terminator} {end:?}");
    }
    let (desk, mut scanner) = plugged("quiet:80").await;
    desk.type_digits(NODE, CODE);
    let before = now();
    assert_eq!(next_text(&mut scanner).await, CODE);
    assert_eq!(now() - before, Duration::from_millis(80));
}

#[tokio::test(start_paused = true)]
async fn a_code_that_waits_while_the_terminal_is_busy_is_one_code() {
    for terminator in ["quiet:80", "any"] {
        let (desk, mut scanner) = plugged(terminator).await;
        desk.type_digits(NODE, &CODE[..17]);
        settle(&mut scanner).await;
        desk.type_digits(NODE, &CODE[17..]);
        if terminator == "any" {
            desk.tap(NODE, ENTER);
        }
        tokio::time::advance(STALE_AFTER * 2).await;
        assert_eq!(next_text(&mut scanner).await, CODE, "{terminator}");
    }
}

#[tokio::test(start_paused = true)]
async fn i16_the_rest_of_a_discarded_code_waits_while_the_terminal_is_busy_and_does_not_count() {
    let (desk, mut scanner) = plugged("any").await;
    desk.type_digits(NODE, "28");
    scanner.discard();
    type_code(&desk, NODE, &CODE[2..]);
    tokio::time::advance(DISCARDED_QUIET * 2).await;
    settle(&mut scanner).await;
    type_code(&desk, NODE, CODE);
    assert_eq!(next_text(&mut scanner).await, CODE);
}

#[tokio::test(start_paused = true)]
async fn a_code_without_a_terminator_is_told_after_the_silence() {
    let (desk, mut scanner) = plugged("any").await;
    desk.type_digits(NODE, CODE);
    let before = now();
    assert_eq!(next(&mut scanner).await, ScannerEvent::Dropped(DropReason::Unfinished));
    assert!(now() - before >= STALE_AFTER);
}

#[tokio::test(start_paused = true)]
async fn several_scanners_do_not_mix_their_codes() {
    let desk = Desk::default();
    desk.plug(NODE, keyboard("Scanner", (1, 2)));
    desk.plug(OTHER, keyboard("Scanner", (1, 2)));
    let mut first = scanner_at(&desk, "usb:0001:0002", "any");
    let mut second = scanner_at(&desk, "usb:0001:0002", "any");
    quiet(&mut first).await;
    quiet(&mut second).await;
    for digit in ["1", "2", "3"] {
        desk.type_digits(NODE, digit);
        desk.type_digits(OTHER, digit);
        desk.type_digits(OTHER, digit);
    }
    desk.tap(OTHER, ENTER);
    desk.tap(NODE, ENTER);
    assert_eq!(next_text(&mut first).await, "123");
    assert_eq!(next_text(&mut second).await, "112233");
}

#[tokio::test(start_paused = true)]
async fn i16_nothing_before_a_discard_counts_not_even_in_the_kernel() {
    let (desk, mut scanner) = plugged("any").await;
    type_code(&desk, NODE, "1");
    type_code(&desk, NODE, "2");
    assert_eq!(next_text(&mut scanner).await, "1");
    type_code(&desk, NODE, "3");
    desk.type_digits(NODE, "284");
    scanner.discard();
    type_code(&desk, NODE, "903060794755");
    type_code(&desk, NODE, CODE);
    assert_eq!(next_text(&mut scanner).await, CODE);
}

#[tokio::test(start_paused = true)]
async fn i16_a_character_that_was_begun_before_a_discard_does_not_count() {
    let (desk, mut scanner) = plugged("any").await;
    desk.key(NODE, KeyCode::KEY_LEFTALT, true);
    desk.tap(NODE, KeyCode::KEY_KP5);
    scanner.discard();
    desk.tap(NODE, KeyCode::KEY_KP0);
    desk.key(NODE, KeyCode::KEY_LEFTALT, false);
    type_code(&desk, NODE, "84");
    type_code(&desk, NODE, CODE);
    assert_eq!(next_text(&mut scanner).await, CODE);
}

#[tokio::test(start_paused = true)]
async fn a_discard_keeps_the_news_of_an_unplugging() {
    let (desk, mut scanner) = plugged("any").await;
    type_code(&desk, NODE, CODE);
    desk.unplug(NODE);
    scanner.discard();
    assert_eq!(scanner.health().health, Health::Absent);
    assert_eq!(next(&mut scanner).await, ScannerEvent::HealthChanged);
}

#[tokio::test(start_paused = true)]
async fn a_scan_of_which_strokes_were_lost_is_dropped_with_its_rest() {
    let (desk, mut scanner) = plugged("any").await;
    desk.type_digits(NODE, "2842");
    desk.send(NODE, &[dropped(), key_event(KeyCode::KEY_1, 0), report()]);
    assert_eq!(next(&mut scanner).await, ScannerEvent::Dropped(DropReason::Overrun));
    type_code(&desk, NODE, "60794755");
    type_code(&desk, NODE, CODE);
    assert_eq!(next_text(&mut scanner).await, CODE);

    // All of the beginning was lost: no code is under way, and yet a rest comes.
    desk.send(NODE, &[dropped(), report()]);
    assert_eq!(next(&mut scanner).await, ScannerEvent::Dropped(DropReason::Overrun));
    type_code(&desk, NODE, "4755");
    type_code(&desk, NODE, CODE);
    assert_eq!(next_text(&mut scanner).await, CODE);
}

#[tokio::test(start_paused = true)]
async fn what_is_typed_without_end_is_told_once_and_not_kept() {
    let (desk, mut scanner) = plugged("any").await;
    for _ in 0..5_000 {
        desk.tap(NODE, KeyCode::KEY_7);
    }
    type_code(&desk, NODE, "");
    type_code(&desk, NODE, CODE);
    let too_long = DropReason::TooLong { len_max: scanner::READING_LEN_MAX };
    assert_eq!(next(&mut scanner).await, ScannerEvent::Dropped(too_long));
    assert_eq!(next_text(&mut scanner).await, CODE);
}

#[tokio::test(start_paused = true)]
async fn the_rest_of_a_scan_that_was_under_way_when_it_was_plugged_in_does_not_count() {
    let desk = Desk::default();
    desk.plug(NODE, keyboard("Scanner", (1, 2)));
    let mut scanner = scanner_at(&desk, NODE, "any");
    type_code(&desk, NODE, "4755");
    type_code(&desk, NODE, CODE);
    assert_eq!(next_text(&mut scanner).await, CODE);

    desk.type_digits(NODE, "284");
    desk.unplug(NODE);
    assert_eq!(next(&mut scanner).await, ScannerEvent::HealthChanged);
    desk.plug(NODE, keyboard("Scanner", (1, 2)));
    assert_eq!(next(&mut scanner).await, ScannerEvent::HealthChanged);
    assert!(scanner.health().is_ready(), "{}", scanner.health());
    quiet(&mut scanner).await;
    type_code(&desk, NODE, CODE);
    assert_eq!(next_text(&mut scanner).await, CODE);
}

#[tokio::test(start_paused = true)]
async fn an_idle_scanner_sets_no_timer() {
    let (desk, mut scanner) = plugged("any").await;
    type_code(&desk, NODE, CODE);
    assert_eq!(next_text(&mut scanner).await, CODE);
    let idle = tokio::time::timeout(Duration::from_secs(3600), scanner::next(&mut scanner));
    let before = now();
    assert!(idle.await.is_err());
    assert_eq!(now() - before, Duration::from_secs(3600));
    assert_eq!(scanner.framer.deadline(), None);
}

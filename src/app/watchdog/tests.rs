//! The rhythm, and what a socket hears.

use super::*;
use proptest::prelude::*;
use tempfile::TempDir;

/// A minute.
const SPAN: Duration = Duration::from_secs(60);

fn at(ms: u64) -> Moment {
    Moment::from_ms(ms)
}

/// An init system that has heard nothing yet.
fn init() -> (TempDir, UnixDatagram, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).expect("a socket");
    socket.set_nonblocking(true).expect("set");
    (folder, socket, path)
}

fn heard(socket: &UnixDatagram) -> Option<String> {
    let mut buffer = [0; 1024];
    let length = socket.recv(&mut buffer).ok()?;
    Some(String::from_utf8(buffer[..length].to_vec()).expect("UTF-8"))
}

fn well() -> String {
    status(true, true, None, 0, &[])
}

#[test]
fn a_turn_after_a_quarter_of_the_span_is_a_sign_of_life_and_half_of_it_wakes() {
    let mut rhythm = Rhythm::new(SPAN);
    assert!(rhythm.is_due(at(0)));
    assert_eq!(rhythm.wake_at(), None, "the first turn comes by itself");
    rhythm.tried(at(1_000), true);
    assert!(!rhythm.is_due(at(15_999)));
    assert!(rhythm.is_due(at(16_000)));
    assert_eq!(rhythm.wake_at(), Some(at(31_000)));
}

#[test]
fn a_sign_that_was_not_heard_is_given_again_in_time() {
    let mut rhythm = Rhythm::new(SPAN);
    rhythm.tried(at(0), false);
    assert_eq!(rhythm.wake_at(), Some(at(15_000)));
    assert!(rhythm.is_due(at(15_000)), "no turn in vain");
}

#[test]
fn ready_is_said_once_and_the_status_when_it_changes() {
    let (_folder, socket, path) = init();
    let mut watchdog = Watchdog::to(path, Some(SPAN));
    watchdog.turned(at(0), well);
    assert_eq!(heard(&socket).as_deref(), Some("READY=1\nSTATUS=selling\nWATCHDOG=1"));
    watchdog.turned(at(10), well);
    assert_eq!(heard(&socket), None, "nothing is due and nothing is new");
    watchdog.turned(at(20), || status(true, true, Some(false), 2, &[]));
    let told = "STATUS=selling; the gateway is not reached; 2 unresolved";
    assert_eq!(heard(&socket).as_deref(), Some(told));
    watchdog.turned(at(30_000), || status(true, true, Some(false), 2, &[]));
    assert_eq!(heard(&socket).as_deref(), Some("WATCHDOG=1"));
    watchdog.stopping();
    assert_eq!(heard(&socket).as_deref(), Some("STOPPING=1\nSTATUS=stopping"));
}

#[test]
fn without_a_watchdog_nothing_wakes_the_till() {
    let (_folder, socket, path) = init();
    for span in [None, Some(Duration::ZERO)] {
        let mut watchdog = Watchdog::to(path.clone(), span);
        watchdog.turned(at(0), well);
        assert_eq!(heard(&socket).as_deref(), Some("READY=1\nSTATUS=selling"));
        watchdog.turned(at(1_000_000), well);
        assert_eq!((heard(&socket), watchdog.wake_at()), (None, None));
    }
}

#[test]
fn without_a_listener_nothing_is_done_at_all() {
    let mut watchdog = Watchdog::none();
    watchdog.turned(at(0), || unreachable!("nobody asks"));
    watchdog.stopping();
    assert_eq!(watchdog.wake_at(), None);
}

#[test]
fn a_listener_that_does_not_listen_is_not_waited_for_and_hears_all_of_it_later() {
    let (folder, socket, path) = init();
    let filler = UnixDatagram::unbound().expect("a socket");
    filler.set_nonblocking(true).expect("set");
    while filler.send_to(b"noise", &path).is_ok() {}
    let mut watchdog = Watchdog::to(path, Some(SPAN));
    watchdog.turned(at(0), well);
    assert_eq!(watchdog.wake_at(), Some(at(15_000)));
    while heard(&socket).is_some_and(|text| text == "noise") {}
    watchdog.turned(at(15_000), well);
    assert_eq!(heard(&socket).as_deref(), Some("READY=1\nSTATUS=selling\nWATCHDOG=1"));

    let mut watchdog = Watchdog::to(folder.path().join("nobody"), Some(SPAN));
    watchdog.turned(at(0), well);
    watchdog.stopping();
    assert_eq!(watchdog.wake_at(), Some(at(15_000)));
}

#[test]
fn the_status_names_what_is_not_well_and_nothing_else() {
    let devices = [
        ("keypad".to_owned(), HealthReport::ready()),
        ("scanner\nREADY=1".to_owned(), HealthReport::new(Health::Absent, "/dev/x is not there")),
        ("printer".to_owned(), HealthReport::new(Health::Starting, "")),
        ("nfc".to_owned(), HealthReport::new(Health::Failed, "no answer")),
    ];
    let told = "not selling: the journal failed; scanner READY=1 absent; nfc failed";
    assert_eq!(status(false, true, Some(true), 0, &devices), told);
    assert_eq!(status(true, false, None, 0, &[]), "not selling: nobody sees the screen");
    let many = vec![("x".repeat(100), HealthReport::new(Health::Absent, "")); 50];
    assert_eq!(status(true, true, None, 0, &many).chars().count(), STATUS_CHARS_MAX);
}

proptest! {
    /// A loop that turns when it is asked to, and at any other times, is never given up, and does
    /// not turn for this more than about twice in a span.
    #[test]
    fn a_loop_that_turns_is_never_given_up(
        span_ms in 0u64..200_000,
        others in proptest::collection::vec(0u64..100_000, 0..50),
    ) {
        let mut rhythm = Rhythm::new(Duration::from_millis(span_ms));
        let span = rhythm.span;
        let mut now = at(0);
        let mut last = now;
        let mut for_this_alone = 0u32;
        rhythm.tried(now, true);
        for other_ms in &others {
            let other = now + Duration::from_millis(*other_ms);
            while let Some(wake) = rhythm.wake_at().filter(|wake| *wake <= other) {
                now = wake;
                prop_assert!(rhythm.is_due(now));
                prop_assert!(now.since(last) < span);
                rhythm.tried(now, true);
                last = now;
                for_this_alone += 1;
            }
            now = other;
            if rhythm.is_due(now) {
                rhythm.tried(now, true);
                last = now;
            }
        }
        let elapsed = now.since(at(0));
        prop_assert!(for_this_alone <= u32::try_from(elapsed.as_millis() * 2 / span.as_millis())
            .unwrap_or(u32::MAX).saturating_add(1));
    }

    #[test]
    fn no_span_overflows(now_ms: u64, micros: u64) {
        let mut rhythm = Rhythm::new(Duration::from_micros(micros));
        rhythm.tried(at(now_ms), true);
        prop_assert!(rhythm.wake_at() > Some(at(now_ms)) || now_ms == u64::MAX);
    }
}

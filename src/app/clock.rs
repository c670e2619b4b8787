//! Time: the monotonic clock that decides, the wall clock that only labels, and the gateway's clock
//! that stamps.
//!
//! - [`Clock::now`] counts from the start of the process. Deadlines run on it and nothing else
//!   (I14). It is tokio's clock, so that paused time in tests moves it.
//! - [`Clock::unix_ms`] is the wall clock, for receipts, reports and the first stamp. It may be
//!   wrong by years, and may jump.
//! - [`Skew`] learns the gateway's clock from the `Date` of its answers, **against the monotonic
//!   clock**: once it has heard one answer, no jump of the wall clock changes a stamp. Only dates
//!   from an authenticated channel may be told to it; that is its caller's business.
//!
//! Sources: RFC 9110 §6.6.1 (`Date` has whole seconds and is taken when the answer is generated);
//! protocol/README (requests are stamped and refused when the stamp is off).

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use crate::payment::Moment;

/// The clocks of the device. Cheap to clone; clones agree.
#[derive(Clone, Debug)]
pub struct Clock {
    start: Instant,
    wall: Wall,
}

#[derive(Clone, Debug)]
enum Wall {
    System,
    Set(WallHand),
}

/// Sets the wall clock of a [`Clock::settable`]; the hand on the dial.
#[derive(Clone, Debug)]
pub struct WallHand {
    set: Arc<Mutex<SetAt>>,
}

#[derive(Clone, Copy, Debug)]
struct SetAt {
    unix_ms: u64,
    at: Instant,
}

impl Clock {
    /// The clocks of the system, counting from now.
    pub fn system() -> Clock {
        Clock { start: Instant::now(), wall: Wall::System }
    }

    /// Clocks that run with tokio's time, and a wall clock that begins at `unix_ms` and can be set.
    pub fn settable(unix_ms: u64) -> (Clock, WallHand) {
        let start = Instant::now();
        let hand = WallHand { set: Arc::new(Mutex::new(SetAt { unix_ms, at: start })) };
        (Clock { start, wall: Wall::Set(hand.clone()) }, hand)
    }

    /// How long this process has been running: what deadlines are made of.
    pub fn now(&self) -> Moment {
        Moment::after_start(self.start.elapsed())
    }

    /// The instant that tokio's timers want for a moment of this clock.
    pub fn instant(&self, moment: Moment) -> Instant {
        let since_start = moment.since_start();
        // A moment beyond what the clock can count is never reached; a century stands for it.
        self.start.checked_add(since_start).unwrap_or_else(|| self.start + CENTURY)
    }

    /// What the wall clock shows, in milliseconds of Unix time; zero if it stands before 1970.
    pub fn unix_ms(&self) -> u64 {
        match &self.wall {
            Wall::System => SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, whole_ms),
            Wall::Set(hand) => {
                let set = *hand.set.lock().unwrap_or_else(PoisonError::into_inner);
                set.unix_ms.saturating_add(whole_ms(set.at.elapsed()))
            }
        }
    }
}

const CENTURY: Duration = Duration::from_secs(100 * 365 * 86_400);

impl WallHand {
    /// Sets the wall clock; it goes on from there.
    pub fn set(&self, unix_ms: u64) {
        let set = SetAt { unix_ms, at: Instant::now() };
        *self.set.lock().unwrap_or_else(PoisonError::into_inner) = set;
    }
}

fn whole_ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// How many answers are remembered: enough to outvote two wrong dates.
const HEARD_MAX: usize = 5;
/// An answer that took longer says too little about when its date was taken.
const ROUND_TRIP_MAX: Duration = Duration::from_secs(30);
/// 2020-01-01 and 2100-01-01: a date outside is a broken server's.
const PLAUSIBLE_UNIX_SECONDS: std::ops::Range<u64> = 1_577_836_800..4_102_444_800;

/// What is known of the gateway's clock.
///
/// With one or two answers, the latest counts; from three on, the median of the last five, so that
/// a single wrong date (a cache, one bad server of many) moves nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skew {
    /// What the gateway's clock showed when this process started, in milliseconds of Unix time, as
    /// each of the last answers had it; latest last.
    starts_ms: VecDeque<u64>,
}

impl Skew {
    /// Nothing known yet.
    pub fn new() -> Skew {
        Skew::default()
    }

    /// Learns from an answer received at `now` that took `round_trip` and was dated
    /// `date_unix_seconds`. Says whether the date was worth learning from.
    ///
    /// The date was taken somewhere in the round trip and cut to whole seconds: the middle of both
    /// is assumed, which is off by half a second and half the round trip at most.
    pub fn learn(&mut self, now: Moment, date_unix_seconds: u64, round_trip: Duration) -> bool {
        if !PLAUSIBLE_UNIX_SECONDS.contains(&date_unix_seconds) || round_trip > ROUND_TRIP_MAX {
            return false;
        }
        let date_ms = date_unix_seconds.saturating_mul(1000).saturating_add(500);
        let taken_ms = whole_ms(now.since_start().saturating_sub(round_trip / 2));
        if self.starts_ms.len() == HEARD_MAX {
            self.starts_ms.pop_front();
        }
        self.starts_ms.push_back(date_ms.saturating_sub(taken_ms));
        true
    }

    /// What a request sent at `now` is stamped with, in seconds of Unix time: the gateway's clock
    /// once it is known, before that the wall clock, which shows `wall_unix_ms`.
    pub fn stamp_unix_seconds(&self, now: Moment, wall_unix_ms: u64) -> u64 {
        self.gateway_unix_ms(now).unwrap_or(wall_unix_ms) / 1000
    }

    /// How far the gateway's clock is ahead of the wall clock, in milliseconds; negative if it is
    /// behind, nothing if it is not known. For the warning that the device's date is wrong.
    pub fn ahead_of_wall_ms(&self, now: Moment, wall_unix_ms: u64) -> Option<i64> {
        let gateway_ms = i64::try_from(self.gateway_unix_ms(now)?).unwrap_or(i64::MAX);
        let wall_ms = i64::try_from(wall_unix_ms).unwrap_or(i64::MAX);
        Some(gateway_ms.saturating_sub(wall_ms))
    }

    fn gateway_unix_ms(&self, now: Moment) -> Option<u64> {
        let start_ms = if self.starts_ms.len() < 3 {
            *self.starts_ms.back()?
        } else {
            let mut sorted: Vec<u64> = self.starts_ms.iter().copied().collect();
            sorted.sort_unstable();
            *sorted.get(sorted.len() / 2)?
        };
        Some(start_ms.saturating_add(whole_ms(now.since_start())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 2026-11-20T12:00:00Z.
    const NOON: u64 = 1_795_176_000;
    const TEN_YEARS_MS: u64 = 10 * 365 * 86_400_000;

    #[tokio::test(start_paused = true)]
    async fn the_monotonic_clock_runs_with_tokio_and_the_wall_clock_may_jump() {
        let (clock, hand) = Clock::settable(NOON * 1000);
        assert_eq!((clock.now(), clock.unix_ms()), (Moment::from_ms(0), NOON * 1000));

        tokio::time::advance(Duration::from_millis(1500)).await;
        assert_eq!((clock.now(), clock.unix_ms()), (Moment::from_ms(1500), NOON * 1000 + 1500));

        hand.set(7);
        tokio::time::advance(Duration::from_millis(10)).await;
        assert_eq!((clock.now(), clock.unix_ms()), (Moment::from_ms(1510), 17));
    }

    #[tokio::test(start_paused = true)]
    async fn a_moment_and_its_instant_agree() {
        let clock = Clock::system();
        let until = clock.now() + Duration::from_secs(3);
        tokio::time::sleep_until(clock.instant(until)).await;
        assert!(clock.now() >= until);
        assert!(clock.instant(Moment::after_start(Duration::MAX)) > clock.instant(until));
    }

    #[test]
    fn before_any_answer_the_wall_clock_stamps() {
        let skew = Skew::new();
        assert_eq!(skew.stamp_unix_seconds(Moment::from_ms(5), NOON * 1000 + 999), NOON);
        assert_eq!(skew.ahead_of_wall_ms(Moment::from_ms(5), NOON * 1000), None);
    }

    #[test]
    fn the_first_answer_corrects_a_clock_that_is_off_by_ten_years() {
        for wall_ms in [0, NOON * 1000 - TEN_YEARS_MS, NOON * 1000 + TEN_YEARS_MS] {
            let mut skew = Skew::new();
            assert!(skew.learn(Moment::from_ms(10_000), NOON, Duration::from_millis(200)));
            assert_eq!(skew.stamp_unix_seconds(Moment::from_ms(10_000), wall_ms), NOON);
            assert_eq!(skew.stamp_unix_seconds(Moment::from_ms(70_000), wall_ms), NOON + 60);
        }
    }

    #[test]
    fn once_an_answer_was_heard_a_jump_of_the_wall_clock_changes_no_stamp() {
        let mut skew = Skew::new();
        skew.learn(Moment::from_ms(1000), NOON, Duration::ZERO);
        let now = Moment::from_ms(4000);
        let stamp = skew.stamp_unix_seconds(now, NOON * 1000);
        assert_eq!(skew.stamp_unix_seconds(now, NOON * 1000 + TEN_YEARS_MS), stamp);
        assert_eq!(skew.stamp_unix_seconds(now, NOON * 1000 - TEN_YEARS_MS), stamp);
        assert_eq!(skew.ahead_of_wall_ms(now, NOON * 1000), Some(3500));
        assert_eq!(skew.ahead_of_wall_ms(now, (NOON + 10) * 1000), Some(-6500));
    }

    #[test]
    fn half_the_round_trip_is_allowed_for() {
        let mut skew = Skew::new();
        skew.learn(Moment::from_ms(8000), NOON, Duration::from_secs(4));
        assert_eq!(skew.stamp_unix_seconds(Moment::from_ms(8000), 0), NOON + 2);
    }

    #[test]
    fn one_wrong_date_is_outvoted_and_a_real_change_is_followed() {
        let mut skew = Skew::new();
        let now = Moment::from_ms(0);
        for date in [NOON, NOON, NOON, NOON - 86_400] {
            skew.learn(now, date, Duration::ZERO);
        }
        assert_eq!(skew.stamp_unix_seconds(now, 0), NOON);
        for _ in 0..3 {
            skew.learn(now, NOON + 3600, Duration::ZERO);
        }
        assert_eq!(skew.stamp_unix_seconds(now, 0), NOON + 3600);
    }

    #[test]
    fn dates_that_no_working_server_has_and_very_slow_answers_teach_nothing() {
        let mut skew = Skew::new();
        let now = Moment::from_ms(100_000);
        for date in [0, 1_577_836_799, 4_102_444_800, u64::MAX] {
            assert!(!skew.learn(now, date, Duration::ZERO), "{date}");
        }
        assert!(!skew.learn(now, NOON, Duration::from_secs(31)));
        assert_eq!(skew, Skew::new());
    }

    proptest! {
        #[test]
        fn nothing_overflows_and_memory_is_bounded(
            answers in proptest::collection::vec((any::<u64>(), any::<u64>(), 0u64..60_000), 0..20),
            now_ms: u64,
            wall_ms: u64,
        ) {
            let mut skew = Skew::new();
            for (at_ms, date, round_trip_ms) in answers {
                skew.learn(Moment::from_ms(at_ms), date, Duration::from_millis(round_trip_ms));
                prop_assert!(skew.starts_ms.len() <= HEARD_MAX);
            }
            let now = Moment::from_ms(now_ms);
            let _ = (skew.stamp_unix_seconds(now, wall_ms), skew.ahead_of_wall_ms(now, wall_ms));
        }

        #[test]
        fn a_stamp_is_off_by_half_a_second_and_half_the_round_trip_at_most(
            start_ms in NOON * 1000..NOON * 1000 + 86_400_000,
            received_ms in 30_000u64..10_000_000,
            round_trip_ms in 0u64..30_000,
            share in 0u64..=100,
        ) {
            // The gateway dates its answer after this share of the round trip.
            let dated_ms = received_ms - round_trip_ms + round_trip_ms * share / 100;
            let mut skew = Skew::new();
            let date = (start_ms + dated_ms) / 1000;
            let now = Moment::from_ms(received_ms);
            prop_assert!(skew.learn(now, date, Duration::from_millis(round_trip_ms)));
            let off_ms = skew.ahead_of_wall_ms(now, start_ms + received_ms);
            let bound_ms = 500 + round_trip_ms.div_ceil(2) + 1;
            prop_assert!(off_ms.is_some_and(|ms| ms.unsigned_abs() <= bound_ms), "{off_ms:?}");
        }
    }
}

//! The simulator's clocks: a monotonic one that decides, and a wall clock that is only shown.
//!
//! Every deadline (a code's life, the 80 s of a `preOrder`, a QR's life) runs on tokio's instant,
//! so a test with paused time moves it. The wall clock is the epoch the simulator was started with
//! plus the elapsed time plus a skew: it dates answers, fills the `Date` header and judges the
//! timestamp of a SOSOPAY sign, so that a test can show a terminal a gateway whose clock is wrong
//! (I14).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// Monotonic milliseconds since the simulator's start, and the wall clock laid over them.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
    epoch_ms: i64,
}

impl Clock {
    /// A clock that starts now. `epoch_unix_s` fixes the wall clock for runs that must repeat
    /// themselves to the byte; `None` takes the host's.
    pub fn start(epoch_unix_s: Option<i64>) -> Self {
        let epoch_ms = match epoch_unix_s {
            Some(seconds) => seconds.saturating_mul(1000),
            None => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX)),
        };
        Self { start: Instant::now(), epoch_ms }
    }

    /// Milliseconds since the start.
    pub fn now_ms(&self) -> u64 {
        u64::try_from(Instant::now().saturating_duration_since(self.start).as_millis())
            .unwrap_or(u64::MAX)
    }

    /// The instant of a moment of this clock.
    pub fn instant(&self, at_ms: u64) -> Instant {
        // A moment that cannot be represented is a year away, which is never reached.
        let year = Duration::from_secs(365 * 86_400);
        self.start.checked_add(Duration::from_millis(at_ms)).unwrap_or(self.start + year)
    }

    /// Unix milliseconds shown at a moment of this clock, without skew.
    pub fn wall_ms(&self, at_ms: u64) -> i64 {
        self.epoch_ms.saturating_add(i64::try_from(at_ms).unwrap_or(i64::MAX))
    }
}

/// A moment of the wall clock, taken apart in UTC.
struct Civil {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    weekday: usize,
}

/// Days to date: Howard Hinnant's `civil_from_days`.
fn civil(unix_s: i64) -> Civil {
    let days = unix_s.div_euclid(86_400);
    let second_of_day = unix_s.rem_euclid(86_400);
    let z = days.saturating_add(719_468);
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    Civil {
        year: year_of_era + era * 400 + i64::from(month <= 2),
        month,
        day: day_of_year - (153 * month_index + 2) / 5 + 1,
        hour: second_of_day / 3600,
        minute: second_of_day % 3600 / 60,
        second: second_of_day % 60,
        weekday: usize::try_from((days.rem_euclid(7) + 4) % 7).unwrap_or(0),
    }
}

/// The `Date` header (RFC 9110 §5.6.7) of a unix moment.
pub fn http_date(unix_ms: i64) -> String {
    const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let at = civil(unix_ms.div_euclid(1000));
    let weekday = DAYS.get(at.weekday).copied().unwrap_or("Thu");
    let month_at = usize::try_from(at.month - 1).unwrap_or(0);
    let month = MONTHS.get(month_at).copied().unwrap_or("Jan");
    format!(
        "{weekday}, {:02} {month} {:04} {:02}:{:02}:{:02} GMT",
        at.day, at.year, at.hour, at.minute, at.second
    )
}

/// `2015-10-14 04:43:14`, in Beijing's time, as the samples of JSON zh §2.6 and §7.3 date orders.
pub fn beijing_time(unix_ms: i64) -> String {
    let at = civil(unix_ms.div_euclid(1000).saturating_add(8 * 3600));
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
        at.year, at.month, at.day, at.hour, at.minute, at.second
    )
}

/// `20151014`, the date that opens a CHARGE_DOWN_CODE in the samples.
pub fn beijing_date(unix_ms: i64) -> String {
    let at = civil(unix_ms.div_euclid(1000).saturating_add(8 * 3600));
    format!("{:04}{:02}{:02}", at.year, at.month, at.day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_http_and_the_documents_write_them() {
        assert_eq!(http_date(784_111_777_000), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(http_date(951_782_400_000), "Tue, 29 Feb 2000 00:00:00 GMT");
        assert_eq!(beijing_time(1_444_769_594_000), "2015-10-14 04:53:14");
        assert_eq!(beijing_date(1_444_769_594_000), "20151014");
    }

    #[test]
    fn a_moment_beyond_every_calendar_is_still_written() {
        for moment in [i64::MIN, i64::MAX] {
            assert!(http_date(moment).ends_with("GMT"));
            assert!(!beijing_time(moment).is_empty());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_clock_obeys_paused_time() {
        let clock = Clock::start(Some(1_000));
        tokio::time::advance(Duration::from_millis(2_500)).await;
        assert_eq!(clock.now_ms(), 2_500);
        assert_eq!(clock.wall_ms(2_500), 1_002_500);
    }
}

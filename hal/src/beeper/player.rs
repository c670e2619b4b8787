//! Plays tunes on anything that can be told a pitch, in the background.
//!
//! Owns the sounder and the task of the tune that is playing. One tune plays at a time: the next
//! one cuts it off. A sounder is silenced when it is opened (whoever had it before may have been
//! killed in the middle of a tone), after each tune, and when the player is let go of.
//!
//! A sounder that is away is looked for when there is something to play, and not before: nobody
//! waits for a beep that is over, so nothing has to wake for it.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::{Beeper, BeeperFault, TONES_MAX, Tone};
use crate::device::{Device, Health, HealthReport};

/// Something that sounds at a pitch until it is told another.
pub trait Sounder: Send {
    /// Sounds at `frequency_hz` from now on; 0 is silence. Must not block.
    ///
    /// # Errors
    ///
    /// The device is gone or refuses.
    fn sound(&mut self, frequency_hz: u16) -> io::Result<()>;
}

/// Opens a sounder, or says in words why not.
pub type Open = Box<dyn Fn() -> Result<Box<dyn Sounder>, HealthReport> + Send>;

struct Shared {
    sounder: Option<Box<dyn Sounder>>,
    health: HealthReport,
}

impl Shared {
    fn sound(&mut self, frequency_hz: u16) -> bool {
        let Some(sounder) = &mut self.sounder else { return false };
        if let Err(error) = sounder.sound(frequency_hz) {
            self.health = HealthReport::new(Health::Failed, format!("it does not sound: {error}"));
            self.sounder = None;
        }
        self.sounder.is_some()
    }
}

/// A beeper made of a [`Sounder`].
pub struct TonePlayer {
    name: String,
    open: Open,
    shared: Arc<Mutex<Shared>>,
    playing: Option<AbortHandle>,
}

impl fmt::Debug for TonePlayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TonePlayer").field("name", &self.name).finish_non_exhaustive()
    }
}

impl TonePlayer {
    /// A beeper called `name`, on what `open` opens.
    pub fn new(name: impl Into<String>, open: Open) -> TonePlayer {
        let health = HealthReport::new(Health::Starting, "");
        let shared = Arc::new(Mutex::new(Shared { sounder: None, health }));
        let player = TonePlayer { name: name.into(), open, shared, playing: None };
        player.reopen();
        player
    }

    fn reopen(&self) {
        let mut shared = lock(&self.shared);
        if shared.sounder.is_some() {
            return;
        }
        match (self.open)() {
            Ok(sounder) => {
                (shared.sounder, shared.health) = (Some(sounder), HealthReport::ready());
                shared.sound(0);
            }
            Err(report) => shared.health = report,
        }
    }

    fn stop(&mut self) {
        if let Some(playing) = self.playing.take() {
            playing.abort();
        }
    }
}

impl Device for TonePlayer {
    fn name(&self) -> &str {
        &self.name
    }

    fn health(&self) -> HealthReport {
        lock(&self.shared).health.clone()
    }
}

impl Beeper for TonePlayer {
    /// Must be called inside a tokio runtime with time.
    fn play(&mut self, tones: &[Tone]) -> Result<(), BeeperFault> {
        if tones.len() > TONES_MAX {
            return Err(BeeperFault::TooLong { tones: tones.len() });
        }
        self.reopen();
        self.stop();
        let health = self.health();
        match health.health {
            Health::Ready => {}
            Health::Absent => return Err(BeeperFault::Absent(health.detail)),
            Health::Failed | Health::Starting => return Err(BeeperFault::Failed(health.detail)),
        }
        let tune = tune(Arc::clone(&self.shared), tones.to_vec());
        self.playing = Some(tokio::spawn(tune).abort_handle());
        Ok(())
    }
}

impl Drop for TonePlayer {
    fn drop(&mut self) {
        self.stop();
        lock(&self.shared).sound(0);
    }
}

/// Each tone ends at its moment, counted from the beginning, so that no delay adds up.
async fn tune(shared: Arc<Mutex<Shared>>, tones: Vec<Tone>) {
    let mut end = Instant::now();
    for tone in tones {
        if !lock(&shared).sound(tone.frequency_hz) {
            return;
        }
        end += Duration::from_millis(u64::from(tone.duration_ms));
        tokio::time::sleep_until(end).await;
    }
    lock(&shared).sound(0);
}

/// What is behind the lock is whole after each statement, whoever panicked.
fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Heard = Arc<Mutex<Vec<(u128, u16)>>>;

    struct Fake {
        start: Instant,
        heard: Heard,
        broken: Arc<Mutex<bool>>,
    }

    impl Sounder for Fake {
        fn sound(&mut self, frequency_hz: u16) -> io::Result<()> {
            if *self.broken.lock().unwrap() {
                return Err(io::Error::other("unplugged"));
            }
            let at_ms = self.start.elapsed().as_millis();
            self.heard.lock().unwrap().push((at_ms, frequency_hz));
            Ok(())
        }
    }

    fn player() -> (TonePlayer, Heard, Arc<Mutex<bool>>) {
        let (heard, broken) = (Heard::default(), Arc::new(Mutex::new(false)));
        let (heard_there, broken_there, start) = (heard.clone(), broken.clone(), Instant::now());
        let open = move || {
            if *broken_there.lock().unwrap() {
                return Err(HealthReport::new(Health::Absent, "not there"));
            }
            let (heard, broken) = (heard_there.clone(), broken_there.clone());
            Ok(Box::new(Fake { start, heard, broken }) as Box<dyn Sounder>)
        };
        (TonePlayer::new("beeper", Box::new(open)), heard, broken)
    }

    async fn pass(time_ms: u64) {
        tokio::time::sleep(Duration::from_millis(time_ms)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_tune_plays_in_time_and_ends_in_silence() {
        let (mut player, heard, _) = player();
        player.play(&[Tone::new(2000, 80), Tone::rest(40), Tone::new(2600, 120)]).unwrap();
        pass(1000).await;
        let expected = [(0, 0), (0, 2000), (80, 0), (120, 2600), (240, 0)];
        assert_eq!(*heard.lock().unwrap(), expected);
    }

    #[tokio::test(start_paused = true)]
    async fn the_next_tune_cuts_off_the_one_before() {
        let (mut player, heard, _) = player();
        player.play(&[Tone::new(500, 1000), Tone::new(600, 1000)]).unwrap();
        pass(100).await;
        player.play(&[Tone::new(700, 50)]).unwrap();
        pass(5000).await;
        assert_eq!(*heard.lock().unwrap(), [(0, 0), (0, 500), (100, 700), (150, 0)]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_player_that_is_let_go_of_is_silent() {
        let (mut player, heard, _) = player();
        player.play(&[Tone::new(500, 1000)]).unwrap();
        pass(100).await;
        drop(player);
        pass(5000).await;
        assert_eq!(*heard.lock().unwrap(), [(0, 0), (0, 500), (100, 0)]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_sounder_that_goes_is_named_and_found_again_at_the_next_tune() {
        let (mut player, heard, broken) = player();
        *broken.lock().unwrap() = true;
        player.play(&[Tone::new(500, 10)]).unwrap();
        pass(100).await;
        assert_eq!(player.health().health, Health::Failed);
        assert!(matches!(player.play(&[Tone::new(500, 10)]), Err(BeeperFault::Absent(_))));
        *broken.lock().unwrap() = false;
        player.play(&[Tone::new(500, 10)]).unwrap();
        pass(100).await;
        assert!(player.health().is_ready());
        assert_eq!(*heard.lock().unwrap(), [(0, 0), (100, 0), (100, 500), (110, 0)]);
        assert_eq!(player.play(&[Tone::rest(1); 33]), Err(BeeperFault::TooLong { tones: 33 }));
    }
}

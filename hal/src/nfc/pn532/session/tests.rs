//! The session with a simulated chip, over a line that exists only in memory, in virtual time.

mod armed;
mod faults;

use std::time::{Duration, Instant};

use super::*;
use crate::mock::pn532::{Application, Mishap, Pn532Chip, Target};

const AID: [u8; 7] = [0xF0, 1, 2, 3, 4, 5, 6];
const TOKEN: &str = "284214903060794755";

/// The codes of the commands, by the manual.
const VERSION: u8 = 0x02;
const SAM: u8 = 0x14;
const RF: u8 = 0x32;
const LIST: u8 = 0x4A;
const EXCHANGE: u8 = 0x40;
const RELEASE: u8 = 0x52;

/// A session, a chip, and the bytes between them.
struct World {
    session: Session,
    chip: Pn532Chip,
    now: Instant,
    in_flight: Vec<(Instant, Vec<u8>)>,
    /// Bytes that the host sent.
    sent: usize,
    /// The line leads nowhere.
    cut: bool,
}

impl World {
    /// Before the start.
    fn new() -> World {
        let aid = "F0010203040506".parse().unwrap();
        World {
            session: Session::new(aid, 115_200),
            chip: Pn532Chip::new(),
            now: Instant::now(),
            in_flight: Vec::new(),
            sent: 0,
            cut: false,
        }
    }

    /// Started, and disarmed.
    fn up() -> World {
        let mut world = World::new();
        world.session.start(world.now);
        assert!(matches!(world.next(), Report::Up(_)));
        world.settle();
        world
    }

    /// Armed, and waiting for a phone.
    fn armed() -> World {
        let mut world = World::up();
        world.arm(true);
        world.settle();
        assert!(world.chip.is_waiting());
        world
    }

    fn arm(&mut self, on: bool) {
        self.session.arm(self.now, on);
    }

    fn lay(&mut self, target: Target) {
        let bursts = self.chip.lay(target);
        let now = self.now;
        self.in_flight.extend(bursts.into_iter().map(|burst| (now + burst.after, burst.bytes)));
    }

    fn phone() -> Target {
        Target::with_token(&AID, TOKEN)
    }

    /// Hands over what is ready; says whether anything was.
    fn move_bytes(&mut self) -> bool {
        let out = self.session.output().to_vec();
        self.session.sent(out.len());
        self.sent += out.len();
        if !out.is_empty() {
            if !self.cut {
                let bursts = self.chip.hear(&out);
                let now = self.now;
                self.in_flight.extend(bursts.into_iter().map(|it| (now + it.after, it.bytes)));
            }
            return true;
        }
        // The first of those that are due; they come in as they were sent.
        let due = self.in_flight.iter().enumerate().min_by_key(|(_, (at, _))| *at);
        match due {
            Some((place, (at, _))) if *at <= self.now => {
                let (_, bytes) = self.in_flight.remove(place);
                self.session.receive(self.now, &bytes);
                true
            }
            Some(_) | None => false,
        }
    }

    /// Lets everything happen up to `until`; nothing more happens at the same moment afterwards.
    fn run_until(&mut self, until: Instant) {
        let mut steps = 0;
        loop {
            while self.move_bytes() {
                steps += 1;
                assert!(steps < 100_000, "a busy loop");
            }
            let arrival = self.in_flight.iter().map(|(at, _)| *at).min();
            let next = arrival.into_iter().chain(self.session.deadline()).min();
            match next {
                Some(next) if next <= until => {
                    steps += 1;
                    assert!(steps < 100_000, "a busy loop");
                    self.now = self.now.max(next);
                    self.session.elapse(self.now);
                }
                Some(_) | None => {
                    self.now = until;
                    return;
                }
            }
        }
    }

    fn run_for(&mut self, time: Duration) {
        self.run_until(self.now + time);
    }

    /// Lets everything happen that happens at once.
    fn settle(&mut self) {
        self.run_for(Duration::from_millis(1));
    }

    /// The next report, which comes within a minute.
    fn next(&mut self) -> Report {
        for _ in 0..60_000 {
            if let Some(report) = self.session.take_report() {
                return report;
            }
            self.settle();
        }
        panic!("nothing happens; the chip did {:02X?}", self.history());
    }

    fn nothing_within(&mut self, time: Duration) {
        self.run_for(time);
        assert_eq!(self.session.take_report(), None);
    }

    fn history(&self) -> Vec<u8> {
        self.chip.history().collect()
    }
}

impl std::fmt::Debug for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Report::Up(firmware) => write!(f, "Up({firmware})"),
            Report::Down(why) => write!(f, "Down({why})"),
            Report::Token(token) => write!(f, "Token({token})"),
            Report::Failed(fault) => write!(f, "Failed({fault:?})"),
        }
    }
}

fn token() -> Report {
    Report::Token(TOKEN.to_owned())
}

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

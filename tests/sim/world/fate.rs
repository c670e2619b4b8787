//! What every seeded story is made of: chance that can be told again by its seed, virtual time,
//! what is still to happen, faults while they last, and the trace of a failure.

use cashier::payment::Moment;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::fmt::Debug;

/// SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", 2014).
pub struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 to `max`, both included.
    pub fn up_to(&mut self, max: u64) -> u64 {
        self.next() % (max + 1)
    }

    pub fn percent(&mut self, chance: u64) -> bool {
        self.next() % 100 < chance
    }
}

/// The fate of one story, in which a `What` may happen.
pub struct Fate<What> {
    seed: u64,
    pub rng: Rng,
    trace: Option<Vec<String>>,
    pub now_ms: u64,
    /// When the process started that runs now.
    pub started_ms: u64,
    pub process: u32,
    due: BinaryHeap<Reverse<(u64, u64)>>,
    what: BTreeMap<u64, What>,
    next: u64,
    pub faults_until_ms: u64,
    /// How many of the faults that may happen do, in percent.
    harshness: u64,
}

/// How an entry of the journal ends.
pub struct Writing {
    pub failed: bool,
    /// It is there after a restart, whatever was said of it.
    pub durable: bool,
    pub took_ms: u64,
}

impl<What: Debug> Fate<What> {
    /// The story of a seed. Traced, it is printed should it fail.
    pub fn new(seed: u64, traced: bool) -> Fate<What> {
        let mut rng = Rng(seed.wrapping_mul(0x2545_F491_4F6C_DD1D));
        let harshness = [10, 40, 100][usize::try_from(rng.up_to(2)).expect("fits")];
        Fate {
            seed,
            rng,
            trace: traced.then(Vec::new),
            now_ms: 0,
            started_ms: 0,
            process: 0,
            due: BinaryHeap::new(),
            what: BTreeMap::new(),
            next: 0,
            faults_until_ms: 0,
            harshness,
        }
    }

    pub fn note(&mut self, line: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{:>10} ms  {}", self.now_ms, line()));
        }
    }

    pub fn after(&mut self, ms: u64, what: What) {
        self.due.push(Reverse((self.now_ms + ms, self.next)));
        self.what.insert(self.next, what);
        self.next += 1;
    }

    /// When something happens next, or the timer goes off that is set for this moment.
    pub fn next_at(&self, timer: Option<Moment>) -> Option<u64> {
        let timer = timer
            .map(|at| self.started_ms + u64::try_from(at.since_start().as_millis()).expect("fits"));
        let event = self.due.peek().map(|Reverse((at, _))| *at);
        timer.into_iter().chain(event).min()
    }

    /// What happens now, if anything does.
    pub fn happens(&mut self) -> Option<What> {
        let &Reverse((_, key)) = self.due.peek().filter(|Reverse((at, _))| *at <= self.now_ms)?;
        self.due.pop();
        let what = self.what.remove(&key).expect("each key has its event");
        self.note(|| format!("{what:?}"));
        Some(what)
    }

    /// A fault that happens so often out of ten thousand times, at full harshness.
    pub fn fault(&mut self, chance: u64) -> bool {
        let faulty = self.now_ms < self.faults_until_ms;
        faulty && self.rng.next() % 10_000 < chance * self.harshness
    }

    /// A busy executor comes late.
    pub fn dawdle(&mut self) {
        if self.fault(20) {
            self.now_ms += self.rng.up_to(1_500);
        }
    }

    pub fn writing(&mut self) -> Writing {
        let failed = self.fault(2);
        let durable = !failed || self.rng.percent(50);
        let took_ms = if self.fault(10) { self.rng.up_to(5_000) } else { self.rng.up_to(20) };
        Writing { failed, durable, took_ms }
    }

    /// How long the power is off.
    pub fn down_ms(&mut self) -> u64 {
        1_000 + self.rng.up_to(60_000)
    }

    /// Now, as the process that runs counts it.
    pub fn moment(&self) -> Moment {
        Moment::from_ms(self.now_ms - self.started_ms)
    }

    /// Another process starts.
    pub fn starts(&mut self) {
        self.process += 1;
        self.started_ms = self.now_ms;
    }
}

impl<What> Drop for Fate<What> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("seed {} failed: CASHIER_SIM_SEED={} tells it", self.seed, self.seed);
            for line in self.trace.iter().flatten() {
                eprintln!("{line}");
            }
        }
    }
}

/// A number from the environment, such as the seed of the one story to tell.
pub fn from_env(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

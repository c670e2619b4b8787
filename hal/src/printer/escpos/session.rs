//! The conversation with a receipt printer: what to send when, and what its answers mean.
//!
//! Pure: bytes, moments and jobs in; bytes, deadlines and events out. The driver around it owns
//! the descriptor and the timer.
//!
//! ```text
//!             print()           answered, no fault;                all lines sent
//!            or silence from one that never answered
//!   Idle ──▶ Checking ─────────────────▶ Printing ──────────────────▶ Ending ──▶ Printed
//!               │ fault                     │ fault, stall              │ fault
//!               ▼                           ▼                           ▼
//!             Failed                     CutShort                    CutShort
//! ```
//!
//! A printer is asked how it is when it comes, before each job, and each second while a job waits
//! to be confirmed; one that is in trouble is asked after 1 s, 2 s, 4 s and then every 5 s, because
//! somebody stands before it with a new roll. Otherwise nothing is sent and no timer runs.
//!
//! A printer that never answered is taken for one that cannot: its jobs count as printed when they
//! are handed over. One that did answer and no longer does is absent: switched off behind an
//! adapter that is still there.
//!
//! Invariants: memory holds one line's bytes and [`QUEUE_MAX`] jobs (I15); each job taken gets
//! exactly one event.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::encode::{Encoder, FORGET};
use super::outbox::Outbox;
use super::status::{Decoder, Heard, Question, Status};
use crate::device::{Health, HealthReport};
use crate::printer::{JobId, LINES_MAX, PrintJob, PrinterEvent, PrinterFault};

/// Jobs that wait at most.
pub(super) const QUEUE_MAX: usize = 8;

/// How long a question may go unanswered.
const ANSWER_WAIT: Duration = Duration::from_millis(500);

/// How often a printer is asked how it is while the end of a job is awaited.
const ENDING_ASK: Duration = Duration::from_secs(1);

/// How long a printer that is well may leave open whether all is printed: not every one knows GS r.
const ENDING_WAIT: Duration = Duration::from_secs(10);

/// How long after trouble to ask again, at first and at most.
const TROUBLE_FIRST: Duration = Duration::from_secs(1);
const TROUBLE_MAX: Duration = Duration::from_secs(5);

#[derive(Debug)]
struct Job {
    id: JobId,
    job: PrintJob,
}

#[derive(Debug)]
enum Stage {
    Idle,
    Checking(Job),
    Printing { job: Job, next: usize },
    Ending { job: Job, ask_at: Option<Instant>, give_up_at: Option<Instant> },
}

/// The questions one after the other.
#[derive(Debug)]
struct Round {
    question: Question,
    /// From when the question is out.
    until: Option<Instant>,
    answered: bool,
    status: Status,
}

pub(super) struct Session {
    encoder: Encoder,
    decoder: Decoder,
    /// As last told; of no worth before the first answer.
    status: Status,
    /// It answered at least once since the program started, or is known to.
    answers: bool,
    /// It answered before, and did not the last time.
    silent: bool,
    out: Outbox,
    round: Option<Round>,
    /// The first round after it came is not over.
    starting: bool,
    trouble_wait: Duration,
    trouble_at: Option<Instant>,
    /// GS r 1 was answered.
    done: bool,
    stage: Stage,
    queue: VecDeque<Job>,
    jobs: u64,
    events: VecDeque<PrinterEvent>,
}

impl Session {
    pub(super) fn new(encoder: Encoder, answers: bool, now: Instant) -> Session {
        Session {
            encoder,
            decoder: Decoder::default(),
            status: Status::default(),
            answers,
            silent: false,
            out: Outbox::new(now),
            round: None,
            starting: false,
            trouble_wait: TROUBLE_FIRST,
            trouble_at: None,
            done: false,
            stage: Stage::Idle,
            queue: VecDeque::new(),
            jobs: 0,
            events: VecDeque::new(),
        }
    }

    /// The printer came.
    pub(super) fn opened(&mut self, now: Instant) {
        self.decoder.reset();
        (self.status, self.silent) = (Status::default(), false);
        self.out = Outbox::new(now);
        (self.trouble_at, self.trouble_wait) = (None, TROUBLE_FIRST);
        self.starting = true;
        self.begin_round(now);
    }

    /// It went; `why` in words. What was begun is cut short, what waits is not tried.
    pub(super) fn closed(&mut self, why: &str, now: Instant) {
        self.round = None;
        self.trouble_at = None;
        self.out = Outbox::new(now);
        self.give_up(&PrinterFault::Absent(why.to_owned()));
    }

    /// Takes a job to be printed.
    pub(super) fn print(&mut self, job: &PrintJob, now: Instant) -> Result<JobId, PrinterFault> {
        if job.lines.len() > LINES_MAX {
            return Err(PrinterFault::TooLong { lines: job.lines.len() });
        }
        if let Some(fault) = self.fault() {
            // Somebody wants it: ask soon whether it is well again.
            self.trouble_wait = TROUBLE_FIRST;
            if let Some(at) = &mut self.trouble_at {
                *at = now;
            }
            return Err(fault);
        }
        // Each job owes an event, so those that nobody fetched count.
        if self.queue.len() + self.events.len() >= QUEUE_MAX {
            return Err(PrinterFault::Busy);
        }
        self.jobs += 1;
        let id = JobId(self.jobs);
        self.queue.push_back(Job { id, job: job.clone() });
        Ok(id)
    }

    /// What is to be sent now.
    pub(super) fn to_write(&self) -> &[u8] {
        self.out.to_write()
    }

    /// So many bytes of it are out.
    pub(super) fn wrote(&mut self, count: usize, now: Instant) {
        if self.out.wrote(count, now) {
            self.begin_round(now);
        }
    }

    /// Bytes came.
    pub(super) fn take(&mut self, bytes: &[u8], now: Instant) {
        for byte in bytes {
            let awaits_done = matches!(self.stage, Stage::Ending { .. });
            let (question, status) = match &mut self.round {
                Some(round) => (Some(round.question), &mut round.status),
                None => (None, &mut self.status),
            };
            match self.decoder.take(*byte, status, question, awaits_done) {
                Heard::Answer => self.answered(now),
                Heard::Told => {
                    self.answers = true;
                    self.status = *self.round.as_ref().map_or(&self.status, |round| &round.status);
                    self.watch_trouble(now);
                }
                Heard::Done => self.done = true,
                Heard::Hold => self.out.hold(),
                Heard::Resume => self.out.resume(now),
                Heard::Noise => {}
            }
        }
    }

    /// Does what is due.
    pub(super) fn advance(&mut self, now: Instant) {
        while self.step(now) {}
    }

    /// When to call [`Session::advance`] if nothing comes before.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let answer = self.round.as_ref().and_then(|round| round.until);
        let (ask, give_up) = match &self.stage {
            Stage::Ending { ask_at, give_up_at, .. } => (*ask_at, *give_up_at),
            // Nothing is asked behind what the printer has yet to take.
            Stage::Idle => (self.trouble_at.filter(|_| self.out.is_empty()), None),
            Stage::Checking(_) | Stage::Printing { .. } => (None, None),
        };
        // Another round begins, and a job is given up, only between rounds.
        let between = |at: Option<Instant>| at.filter(|_| self.round.is_none());
        [self.out.stall_at(), answer, between(ask), between(give_up)].into_iter().flatten().min()
    }

    /// What happened to jobs.
    pub(super) fn next_event(&mut self) -> Option<PrinterEvent> {
        self.events.pop_front()
    }

    /// Whether anything happened to jobs that was not fetched.
    pub(super) fn has_events(&self) -> bool {
        !self.events.is_empty()
    }

    /// How the printer is, as long as it is there.
    pub(super) fn health(&self) -> HealthReport {
        match self.fault() {
            Some(PrinterFault::Absent(why)) => HealthReport::new(Health::Absent, why),
            Some(PrinterFault::Failed(why)) => HealthReport::new(Health::Failed, why),
            Some(fault) => HealthReport::new(Health::Failed, fault.to_string()),
            None if self.starting => HealthReport::new(Health::Starting, "asking how it is"),
            None if self.status.paper_low() => {
                HealthReport::new(Health::Ready, "the paper is nearly used up")
            }
            None if !self.answers => {
                HealthReport::new(Health::Ready, "it does not tell of paper or cover")
            }
            None => HealthReport::ready(),
        }
    }

    /// Why nothing can be printed.
    pub(super) fn fault(&self) -> Option<PrinterFault> {
        let told = self.status.fault().filter(|_| !self.silent);
        if told.is_some() {
            told
        } else if self.out.is_stuck() {
            let words = "it takes no data: look at its paper, its cover and its cable";
            Some(PrinterFault::Failed(words.to_owned()))
        } else if self.silent {
            Some(PrinterFault::Absent("it does not answer: is it switched on?".to_owned()))
        } else {
            None
        }
    }

    fn begin_round(&mut self, now: Instant) {
        self.trouble_at = None;
        let status = Status::default();
        let question = Question::FIRST;
        self.round = Some(Round { question, until: None, answered: false, status });
        self.out.send(&question.bytes(), now);
    }

    fn answered(&mut self, now: Instant) {
        if let Some(round) = &mut self.round {
            round.answered = true;
        }
        self.next_question(now);
    }

    /// The next one, or the end of the round. One that does not answer the first is not asked the
    /// others; one that answers only some is.
    fn next_question(&mut self, now: Instant) {
        let Some(round) = &mut self.round else { return };
        if let (true, Some(question)) = (round.answered, round.question.next()) {
            (round.question, round.until) = (question, None);
            return self.out.send(&question.bytes(), now);
        }
        if round.answered {
            (self.status, self.answers, self.silent) = (round.status, true, false);
        } else {
            self.silent = self.answers;
        }
        self.round = None;
        self.starting = false;
        self.watch_trouble(now);
    }

    /// In trouble: asks again later.
    fn watch_trouble(&mut self, now: Instant) {
        if self.fault().is_none() {
            (self.trouble_at, self.trouble_wait) = (None, TROUBLE_FIRST);
        } else if self.trouble_at.is_none() && self.round.is_none() {
            self.trouble_at = Some(now + self.trouble_wait);
            self.trouble_wait = (self.trouble_wait * 2).min(TROUBLE_MAX);
        }
    }

    /// One thing that is due; false if nothing is.
    fn step(&mut self, now: Instant) -> bool {
        if self.out.stalls(now) {
            (self.round, self.starting) = (None, false);
            if let Some(fault) = self.fault() {
                self.give_up(&fault);
            }
            return true;
        }
        if let Some(round) = &mut self.round {
            match round.until {
                None if self.out.is_empty() => round.until = Some(now + ANSWER_WAIT),
                Some(until) if now >= until => {
                    self.next_question(now);
                    return true;
                }
                None | Some(_) => {}
            }
        }
        match std::mem::replace(&mut self.stage, Stage::Idle) {
            Stage::Idle => self.idle(now),
            Stage::Checking(job) => self.checking(job, now),
            Stage::Printing { job, next } => self.printing(job, next, now),
            Stage::Ending { job, ask_at, give_up_at } => self.ending(job, ask_at, give_up_at, now),
        }
    }

    fn idle(&mut self, now: Instant) -> bool {
        if self.round.is_some() || !self.out.is_empty() {
            return false;
        }
        if let Some(job) = self.queue.pop_front() {
            self.begin_round(now);
            self.stage = Stage::Checking(job);
            return true;
        }
        let due = self.trouble_at.is_some_and(|at| now >= at);
        if due {
            self.begin_round(now);
        }
        due
    }

    fn checking(&mut self, job: Job, now: Instant) -> bool {
        if self.round.is_some() {
            self.stage = Stage::Checking(job);
            return false;
        }
        let begin = match self.fault() {
            Some(fault) => Err(fault),
            None => self.encoder.begin(self.answers).map_err(PrinterFault::Failed),
        };
        match begin {
            Ok(bytes) => {
                self.out.send(&bytes, now);
                self.stage = Stage::Printing { job, next: 0 };
            }
            Err(fault) => {
                self.events.push_back(PrinterEvent::Failed(job.id, fault.clone()));
                self.give_up(&fault);
            }
        }
        true
    }

    fn printing(&mut self, job: Job, next: usize, now: Instant) -> bool {
        if let Some(fault) = self.fault() {
            return self.cut_short(job, &fault, now);
        }
        if !self.out.is_empty() {
            self.stage = Stage::Printing { job, next };
            return false;
        }
        let encoded = match job.job.lines.get(next) {
            Some(line) => self.encoder.line(line),
            None => self.encoder.end(job.job.cut, self.answers),
        };
        let last = next >= job.job.lines.len();
        match encoded {
            Err(words) => return self.cut_short(job, &PrinterFault::Failed(words), now),
            Ok(bytes) => self.out.send(&bytes, now),
        }
        self.stage = if last {
            self.done = false;
            Stage::Ending { job, ask_at: None, give_up_at: None }
        } else {
            Stage::Printing { job, next: next + 1 }
        };
        true
    }

    fn ending(
        &mut self,
        job: Job,
        ask_at: Option<Instant>,
        give_up_at: Option<Instant>,
        now: Instant,
    ) -> bool {
        if let Some(fault) = self.fault() {
            return self.cut_short(job, &fault, now);
        }
        if !self.out.is_empty() && give_up_at.is_none() {
            self.stage = Stage::Ending { job, ask_at, give_up_at };
            return false;
        }
        let (ask, give_up) =
            (ask_at.unwrap_or(now + ENDING_ASK), give_up_at.unwrap_or(now + ENDING_WAIT));
        let over = self.round.is_none() && now >= give_up;
        if !self.answers || self.done || over {
            self.events.push_back(PrinterEvent::Printed(job.id));
            return true;
        }
        let asks = self.round.is_none() && now >= ask;
        let ask = if asks { now + ENDING_ASK } else { ask };
        if asks {
            self.begin_round(now);
        }
        self.stage = Stage::Ending { job, ask_at: Some(ask), give_up_at: Some(give_up) };
        asks
    }

    /// What is out of the line that was being sent stays to be sent, or the printer would take the
    /// next job for the rest of a picture; then it is told to forget what it has not printed.
    fn cut_short(&mut self, job: Job, fault: &PrinterFault, now: Instant) -> bool {
        if self.answers && !self.out.is_stuck() {
            self.out.send(FORGET, now);
        }
        self.events.push_back(PrinterEvent::CutShort(job.id, fault.clone()));
        self.give_up(fault);
        self.watch_trouble(now);
        true
    }

    /// Nothing that waits is tried.
    fn give_up(&mut self, fault: &PrinterFault) {
        match std::mem::replace(&mut self.stage, Stage::Idle) {
            Stage::Idle => {}
            Stage::Checking(job) => {
                self.events.push_back(PrinterEvent::Failed(job.id, fault.clone()));
            }
            Stage::Printing { job, .. } | Stage::Ending { job, .. } => {
                self.events.push_back(PrinterEvent::CutShort(job.id, fault.clone()));
            }
        }
        let waiting = self.queue.drain(..);
        self.events.extend(waiting.map(|job| PrinterEvent::Failed(job.id, fault.clone())));
    }
}

//! The conversation, in a time that the test turns.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::super::encode::Encoder;
use super::super::session::{QUEUE_MAX, Session};
use super::super::*;
use super::paper::{Boxes, Paper};
use crate::printer::{LINES_MAX, PrintLine};

/// A session and the printer it talks to, which may be out of reach.
struct Talk {
    session: Session,
    paper: Paper,
    start: Instant,
    now: Instant,
    /// It takes no byte at all.
    blocked: bool,
}

impl Talk {
    /// Opened, and the first round over.
    fn new(paper: Paper) -> Talk {
        Talk::knowing(paper, false)
    }

    /// As [`Talk::new`], with a printer that is known to answer or not.
    fn knowing(paper: Paper, answers: bool) -> Talk {
        let now = Instant::now();
        let encoder = Encoder::new(Encoding::Gb18030, 384, Box::new(Boxes));
        let session = Session::new(encoder, answers, now);
        let mut talk = Talk { session, paper, start: now, now, blocked: false };
        talk.session.opened(now);
        talk.exchange();
        talk
    }

    /// Everything that happens without waiting.
    fn exchange(&mut self) {
        loop {
            self.session.advance(self.now);
            let bytes = self.session.to_write().to_vec();
            if bytes.is_empty() || self.blocked {
                return;
            }
            let heard = self.paper.take(&bytes);
            self.session.wrote(bytes.len(), self.now);
            self.session.take(&heard, self.now);
        }
    }

    /// The next event, however long it takes, and when it came; `None` if nothing ever will.
    fn event(&mut self) -> Option<(PrinterEvent, Duration)> {
        for _ in 0..1_000 {
            self.exchange();
            if let Some(event) = self.session.next_event() {
                return Some((event, self.now - self.start));
            }
            self.now = self.now.max(self.session.deadline()?);
        }
        panic!("a timer without end");
    }

    /// Lets time pass until nothing is due any more, or until a moment.
    fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        loop {
            self.exchange();
            match self.session.deadline() {
                Some(at) if at <= until => self.now = self.now.max(at),
                Some(_) | None => break,
            }
        }
        self.now = until;
        self.exchange();
    }
}

fn job(text: &str) -> PrintJob {
    let lines = vec![PrintLine::text(text), PrintLine::text("end"), PrintLine::Feed(1)];
    PrintJob { lines, cut: true }
}

#[test]
fn a_printer_that_is_well_is_asked_once_and_then_left_alone() {
    let mut talk = Talk::new(Paper::new());
    assert_eq!(talk.session.health(), HealthReport::ready());
    assert_eq!(talk.session.deadline(), None);
    let id = talk.session.print(&job("one"), talk.now).unwrap();
    assert_eq!(talk.event(), Some((PrinterEvent::Printed(id), Duration::ZERO)));
    assert_eq!(talk.paper.text(), "one\nend\n");
    assert_eq!(talk.event(), None);
}

#[test]
fn a_printer_that_never_answers_prints_all_the_same() {
    let mut talk = Talk::new(Paper { mute: true, ..Paper::new() });
    assert_eq!(talk.session.health().health, Health::Starting);
    let id = talk.session.print(&job("one"), talk.now).unwrap();
    let (event, _) = talk.event().unwrap();
    assert_eq!(event, PrinterEvent::Printed(id));
    assert_eq!(talk.paper.text(), "one\nend\n");
    assert!(talk.session.health().is_ready());
    assert_eq!(talk.event(), None);
}

#[test]
fn without_paper_no_job_is_begun_and_the_next_roll_is_noticed() {
    let mut talk = Talk::new(Paper { lines_left: 0, ..Paper::new() });
    assert!(talk.session.health().detail.contains("no paper"), "{}", talk.session.health());
    assert_eq!(talk.session.print(&job("one"), talk.now), Err(PrinterFault::NoPaper));
    talk.pass(Duration::from_secs(600));
    assert!(!talk.session.health().is_ready());
    talk.paper.new_roll();
    talk.pass(Duration::from_secs(5));
    assert!(talk.session.health().is_ready());
    assert_eq!(talk.session.deadline(), None);
    talk.session.print(&job("one"), talk.now).unwrap();
    talk.event().unwrap();
    assert_eq!(talk.paper.text(), "one\nend\n");
}

#[test]
fn paper_that_ends_in_the_middle_cuts_the_job_short_and_the_rest_is_forgotten() {
    for tells in [false, true] {
        let mut talk = Talk::new(Paper { lines_left: 1, tells, ..Paper::new() });
        let one = talk.session.print(&job("one"), talk.now).unwrap();
        let two = talk.session.print(&job("two"), talk.now).unwrap();
        let (event, after) = talk.event().unwrap();
        assert_eq!(event, PrinterEvent::CutShort(one, PrinterFault::NoPaper));
        assert!(after <= Duration::from_secs(if tells { 0 } else { 1 }), "{after:?}");
        let (event, _) = talk.event().unwrap();
        assert_eq!(event, PrinterEvent::Failed(two, PrinterFault::NoPaper));
        talk.exchange();
        let heard = talk.paper.new_roll();
        talk.session.take(&heard, talk.now);
        talk.pass(Duration::from_secs(5));
        assert!(talk.session.health().is_ready(), "{}", talk.session.health());
        assert_eq!(talk.paper.text(), "one\n");
        talk.session.print(&job("again"), talk.now).unwrap();
        talk.event().unwrap();
        assert_eq!(talk.paper.text(), "one\nagain\nend\n");
    }
}

#[test]
fn an_open_cover_is_named_before_the_paper_that_cannot_be_seen() {
    let mut talk = Talk::new(Paper { cover_open: true, lines_left: 0, ..Paper::new() });
    assert_eq!(talk.session.print(&job("one"), talk.now), Err(PrinterFault::CoverOpen));
    assert!(talk.session.health().detail.contains("cover"), "{}", talk.session.health());
    talk.paper.cover_open = false;
    talk.pass(Duration::from_secs(5));
    assert_eq!(talk.session.print(&job("one"), talk.now), Err(PrinterFault::NoPaper));
}

#[test]
fn a_printer_that_opens_its_cover_between_the_check_and_the_job_is_caught_at_the_end() {
    let mut talk = Talk::new(Paper::new());
    talk.paper.cover_open = true;
    // Before the job it is asked again, so nothing is printed into an open printer.
    let id = talk.session.print(&job("one"), talk.now).unwrap();
    let (event, _) = talk.event().unwrap();
    assert_eq!(event, PrinterEvent::Failed(id, PrinterFault::CoverOpen));
    assert_eq!(talk.paper.text(), "");
}

#[test]
fn one_that_answered_and_no_longer_does_is_switched_off() {
    let mut talk = Talk::new(Paper::new());
    talk.paper.mute = true;
    let id = talk.session.print(&job("one"), talk.now).unwrap();
    let (event, after) = talk.event().unwrap();
    assert!(
        matches!(&event, PrinterEvent::Failed(failed, PrinterFault::Absent(_)) if *failed == id),
        "{event:?}"
    );
    assert!(after <= Duration::from_secs(1), "{after:?}");
    assert_eq!(talk.session.health().health, Health::Absent);
    talk.paper = Paper::new();
    talk.pass(Duration::from_secs(5));
    assert!(talk.session.health().is_ready(), "{}", talk.session.health());
}

#[test]
fn one_that_is_known_to_answer_and_does_not_is_switched_off_from_the_first() {
    let mut talk = Talk::knowing(Paper { mute: true, ..Paper::new() }, true);
    talk.pass(Duration::from_secs(1));
    assert_eq!(talk.session.health().health, Health::Absent);
    assert!(matches!(talk.session.print(&job("one"), talk.now), Err(PrinterFault::Absent(_))));
    talk.paper.mute = false;
    talk.pass(Duration::from_secs(5));
    assert!(talk.session.health().is_ready(), "{}", talk.session.health());
}

#[test]
fn a_printer_that_stops_the_line_for_want_of_paper_is_not_called_broken() {
    let mut talk = Talk::new(Paper { tells: true, ..Paper::new() });
    let one = talk.session.print(&job("one"), talk.now).unwrap();
    assert_eq!(talk.event().unwrap().0, PrinterEvent::Printed(one));
    // "No paper" by itself, and "stop sending".
    talk.session.take(&[0x18, 0, 0x0C, 0, 0x13], talk.now);
    talk.pass(Duration::from_secs(60));
    assert_eq!(talk.session.print(&job("two"), talk.now), Err(PrinterFault::NoPaper));
    talk.session.take(&[0x11], talk.now);
    talk.pass(Duration::from_secs(5));
    assert!(talk.session.health().is_ready(), "{}", talk.session.health());
}

#[test]
fn an_answer_that_comes_too_late_is_for_no_other_question() {
    let mut talk = Talk::new(Paper { deaf_for: 1, ..Paper::new() });
    talk.pass(Duration::from_secs(1));
    assert!(talk.session.health().is_ready());
    // "Offline", "cover open" and "no paper" in answer to nothing.
    talk.session.take(&[0x1A, 0x16, 0x72], talk.now);
    assert!(talk.session.health().is_ready(), "{}", talk.session.health());
    let id = talk.session.print(&job("one"), talk.now).unwrap();
    assert_eq!(talk.event().unwrap().0, PrinterEvent::Printed(id));
}

#[test]
fn a_printer_that_cannot_say_when_it_is_done_is_believed_when_it_stays_well() {
    let mut talk = Talk::new(Paper { knows_done: false, ..Paper::new() });
    let id = talk.session.print(&job("one"), talk.now).unwrap();
    let (event, after) = talk.event().unwrap();
    assert_eq!(event, PrinterEvent::Printed(id));
    assert!(after <= Duration::from_secs(11), "{after:?}");
}

#[test]
fn a_printer_that_takes_no_bytes_ends_the_job_in_time_and_is_used_again_when_it_does() {
    let mut talk = Talk::new(Paper { mute: true, ..Paper::new() });
    talk.pass(Duration::from_secs(1));
    talk.blocked = true;
    let one = talk.session.print(&job("one"), talk.now).unwrap();
    let two = talk.session.print(&job("two"), talk.now).unwrap();
    for id in [one, two] {
        let (event, after) = talk.event().unwrap();
        assert!(
            matches!(&event, PrinterEvent::Failed(failed, PrinterFault::Failed(_)) if *failed == id),
            "{event:?}"
        );
        assert!(after <= Duration::from_secs(22), "{after:?}");
    }
    assert!(talk.session.health().detail.contains("takes no data"));
    assert_eq!(talk.session.deadline(), None, "only the printer can end this");
    talk.blocked = false;
    talk.pass(Duration::from_secs(1));
    assert!(talk.session.health().is_ready(), "{}", talk.session.health());
    let three = talk.session.print(&job("three"), talk.now).unwrap();
    assert_eq!(talk.event().unwrap().0, PrinterEvent::Printed(three));
}

#[test]
fn trouble_with_a_printer_that_takes_no_bytes_sets_no_timer_that_is_over() {
    let mut talk = Talk::new(Paper { tells: true, ..Paper::new() });
    let first = talk.session.print(&job("one"), talk.now).unwrap();
    assert_eq!(talk.event().unwrap().0, PrinterEvent::Printed(first));
    // It is well when the job begins; then it is opened, and the line is full.
    let id = talk.session.print(&job("two"), talk.now).unwrap();
    talk.paper.knows_done = false;
    talk.exchange();
    talk.blocked = true;
    talk.session.take(&[0x38, 0, 0, 0], talk.now);
    let (event, _) = talk.event().unwrap();
    assert_eq!(event, PrinterEvent::CutShort(id, PrinterFault::CoverOpen));
    assert_eq!(talk.event(), None, "only the printer can end this");
    assert_eq!(talk.session.fault(), Some(PrinterFault::CoverOpen));
    talk.blocked = false;
    talk.pass(Duration::from_secs(5));
    assert!(talk.session.health().is_ready(), "{}", talk.session.health());
}

#[test]
fn a_slow_printer_that_asks_to_wait_is_waited_for_and_not_for_ever() {
    let mut talk = Talk::new(Paper::new());
    talk.session.take(&[0x13], talk.now);
    let one = talk.session.print(&job("one"), talk.now).unwrap();
    talk.exchange();
    assert_eq!(talk.session.to_write(), []);
    talk.session.take(&[0x11], talk.now);
    assert_eq!(talk.event().unwrap().0, PrinterEvent::Printed(one));
    talk.session.take(&[0x13], talk.now);
    talk.session.print(&job("two"), talk.now).unwrap();
    assert!(matches!(talk.event().unwrap().0, PrinterEvent::Failed(..)));
}

#[test]
fn each_job_taken_gets_its_event_when_the_plug_is_pulled() {
    let mut talk = Talk::new(Paper { knows_done: false, ..Paper::new() });
    let one = talk.session.print(&job("one"), talk.now).unwrap();
    let two = talk.session.print(&job("two"), talk.now).unwrap();
    talk.exchange();
    talk.session.closed("unplugged", talk.now);
    let absent = || PrinterFault::Absent("unplugged".into());
    assert_eq!(talk.session.next_event(), Some(PrinterEvent::CutShort(one, absent())));
    assert_eq!(talk.session.next_event(), Some(PrinterEvent::Failed(two, absent())));
    assert_eq!((talk.session.next_event(), talk.session.deadline()), (None, None));
}

#[test]
fn jobs_that_wait_are_bounded() {
    let mut talk = Talk::new(Paper::new());
    for _ in 0..QUEUE_MAX {
        talk.session.print(&job("one"), talk.now).unwrap();
    }
    assert_eq!(talk.session.print(&job("more"), talk.now), Err(PrinterFault::Busy));
    let long = PrintJob { lines: vec![PrintLine::Rule; LINES_MAX + 1], cut: false };
    assert!(matches!(
        talk.session.print(&long, talk.now),
        Err(PrinterFault::TooLong { lines }) if lines == LINES_MAX + 1
    ));
}

/// What happens to a talk.
#[derive(Debug, Clone)]
enum Deed {
    Print,
    /// Bytes that the printer sends by itself.
    Says(Vec<u8>),
    /// It takes bytes, or none.
    Takes(bool),
    /// It answers, or not.
    Answers(bool),
    NewRoll,
    Passes(Duration),
    /// Time passes up to the next moment at which something is due.
    Due,
}

fn any_deed() -> impl Strategy<Value = Deed> {
    let said = prop::sample::select(vec![
        &[0x11][..],
        &[0x13],
        &[0x38, 0, 0, 0],
        &[0x18, 0, 0x0C, 0],
        &[0x10, 0, 0, 0],
        &[0x12],
        &[0x00],
        &[0xFF, 0x55],
    ]);
    prop_oneof![
        2 => Just(Deed::Print),
        3 => said.prop_map(|bytes| Deed::Says(bytes.to_vec())),
        2 => any::<bool>().prop_map(Deed::Takes),
        1 => any::<bool>().prop_map(Deed::Answers),
        1 => Just(Deed::NewRoll),
        1 => (0u64..30_000).prop_map(|time_ms| Deed::Passes(Duration::from_millis(time_ms))),
        3 => Just(Deed::Due),
    ]
}

proptest! {
    /// A timer that is over, and with which nothing is done, would wake the driver without end.
    #[test]
    fn what_is_due_is_done_and_each_job_has_one_event_whatever_happens(
        deeds in prop::collection::vec(any_deed(), 0..60), lines_left in 0usize..20,
    ) {
        let mut talk = Talk::new(Paper { lines_left, tells: true, ..Paper::new() });
        let mut open = std::collections::BTreeSet::new();
        for deed in deeds {
            match deed {
                Deed::Print => open.extend(talk.session.print(&job("one"), talk.now).ok()),
                Deed::Says(bytes) => talk.session.take(&bytes, talk.now),
                Deed::Takes(takes) => talk.blocked = !takes,
                Deed::Answers(answers) => talk.paper.mute = !answers,
                Deed::NewRoll => {
                    let said = talk.paper.new_roll();
                    talk.session.take(&said, talk.now);
                }
                Deed::Passes(time) => talk.now += time,
                Deed::Due => talk.now = talk.session.deadline().unwrap_or(talk.now),
            }
            talk.exchange();
            prop_assert!(talk.session.deadline().is_none_or(|at| at > talk.now));
            while let Some(event) = talk.session.next_event() {
                let (PrinterEvent::Printed(id)
                | PrinterEvent::Failed(id, _)
                | PrinterEvent::CutShort(id, _)) = event else { panic!("{event:?}") };
                prop_assert!(open.remove(&id), "{:?} a second time", id);
            }
        }
        talk.session.closed("unplugged", talk.now);
        let last = std::iter::from_fn(|| talk.session.next_event()).count();
        prop_assert_eq!(last, open.len());
        prop_assert_eq!(talk.session.deadline(), None);
    }
}

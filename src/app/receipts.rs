//! Receipts on their way to the paper: none is lost while the terminal runs, none holds up a sale.
//!
//! Pure: what is asked for and what the printer says in, a job to hand to the printer out. One job
//! is at the printer at a time; the others wait, at most [`WAITING_MAX`]. A receipt that could not
//! be printed stays in front and is tried when the printer next says anything; one that was begun
//! and cut short is marked when it is printed again, because a part of it is on paper.
//!
//! Nothing is kept over a restart, so that nothing is printed twice by itself: the cashier prints a
//! receipt again from the list of sales, and that one is marked.
//!
//! | what happens | what becomes of the receipt |
//! |---|---|
//! | the printer takes it | it is at the printer |
//! | the printer refuses it (no paper, absent, busy) | it waits for the printer's next word |
//! | printed | done |
//! | failed, nothing on paper | in front again, unmarked |
//! | cut short | in front again, marked |
//! | cut short, or failed while the printer was well, [`TRIES_MAX`] times | given up, told |
//! | too long for the printer | given up, told |
//! | [`WAITING_MAX`] wait already | the oldest is given up, told |

use crate::id::OrderId;
use hal::printer::Align;
use hal::{JobId, PrintJob, PrintLine, PrinterEvent, PrinterFault};
use std::collections::VecDeque;

/// How many receipts wait at most (I15).
pub const WAITING_MAX: usize = 50;

/// How often one is begun at most: a printer that jams at every try uses up no whole roll.
pub const TRIES_MAX: u8 = 3;

/// A receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Of which sale.
    pub order: OrderId,
    /// What stands on it.
    pub job: PrintJob,
    /// What is put on it when a part of it, or a whole one, is on paper already.
    pub mark: String,
    /// Whether that is so.
    pub again: bool,
}

impl Receipt {
    /// As it is printed: the mark stands below the heading.
    fn marked_job(&self) -> PrintJob {
        let mut job = self.job.clone();
        if self.again {
            let style = hal::printer::TextStyle { bold: true, double: false };
            let mark = PrintLine::Text { text: self.mark.clone(), style, align: Align::Center };
            job.lines.insert(job.lines.len().min(1), mark);
        }
        job
    }
}

#[derive(Debug)]
struct Waiting {
    receipt: Receipt,
    tries: u8,
}

/// The receipts that are not on paper yet.
#[derive(Debug, Default)]
pub struct Receipts {
    waiting: VecDeque<Waiting>,
    /// The one in front is at the printer.
    printing: Option<JobId>,
    /// The printer refused; it says when it is worth another try.
    held: bool,
}

impl Receipts {
    /// Takes a receipt. What comes back is given up for it: the oldest that is not being printed.
    pub fn add(&mut self, receipt: Receipt) -> Option<Receipt> {
        let oldest = usize::from(self.printing.is_some());
        let given_up =
            (self.waiting.len() >= WAITING_MAX).then(|| self.waiting.remove(oldest)).flatten();
        self.waiting.push_back(Waiting { receipt, tries: 0 });
        given_up.map(|waiting| waiting.receipt)
    }

    /// How many are not on paper.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether all are on paper.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether receipts wait for the printer to recover.
    pub fn are_held(&self) -> bool {
        self.held && !self.waiting.is_empty()
    }

    /// What to hand to the printer now; then say what it answered.
    pub fn next(&self) -> Option<PrintJob> {
        if self.printing.is_some() || self.held {
            return None;
        }
        self.waiting.front().map(|waiting| waiting.receipt.marked_job())
    }

    /// What the printer answered. What comes back is given up.
    pub fn handed(&mut self, answer: Result<JobId, PrinterFault>) -> Option<Receipt> {
        match answer {
            Ok(id) => {
                self.printing = Some(id);
                None
            }
            Err(PrinterFault::TooLong { .. }) => self.give_up(),
            Err(
                PrinterFault::Absent(_)
                | PrinterFault::NoPaper
                | PrinterFault::CoverOpen
                | PrinterFault::Busy
                | PrinterFault::Failed(_),
            ) => {
                self.held = true;
                None
            }
        }
    }

    /// What the printer says; `well` is whether it works. What comes back is given up.
    pub fn heard(&mut self, event: &PrinterEvent, well: bool) -> Option<Receipt> {
        let ours = |id: &JobId| self.printing == Some(*id);
        match event {
            PrinterEvent::HealthChanged => self.held = false,
            PrinterEvent::Printed(id) if ours(id) => {
                self.waiting.pop_front();
                (self.printing, self.held) = (None, false);
            }
            PrinterEvent::Failed(id, _) if ours(id) => return self.failed(false, well),
            PrinterEvent::CutShort(id, _) if ours(id) => return self.failed(true, well),
            PrinterEvent::Printed(_) | PrinterEvent::Failed(..) | PrinterEvent::CutShort(..) => {}
        }
        None
    }

    fn failed(&mut self, begun: bool, well: bool) -> Option<Receipt> {
        self.printing = None;
        // A printer that is not well says so when it is; one that is, is tried again.
        self.held = !well;
        if let Some(waiting) = self.waiting.front_mut() {
            waiting.receipt.again |= begun;
            waiting.tries += u8::from(begun || well);
            if waiting.tries >= TRIES_MAX {
                return self.give_up();
            }
        }
        None
    }

    fn give_up(&mut self) -> Option<Receipt> {
        self.waiting.pop_front().map(|waiting| waiting.receipt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(order: &str) -> Receipt {
        let lines = vec![PrintLine::heading("shop"), PrintLine::text(order)];
        let job = PrintJob { lines, cut: true };
        let order = OrderId::parse(order).expect("an order");
        Receipt { order, job, mark: "REPRINT".into(), again: false }
    }

    fn order(at: usize) -> String {
        format!("7893259{at:09}")
    }

    fn id(at: u64) -> JobId {
        JobId(at)
    }

    fn failed() -> PrinterFault {
        PrinterFault::Failed("it is offline".into())
    }

    /// Receipts of which the first is at the printer as job 1.
    fn printing() -> Receipts {
        let mut receipts = Receipts::default();
        for at in 0..2 {
            assert_eq!(receipts.add(receipt(&order(at))), None);
        }
        assert!(receipts.next().is_some());
        assert_eq!(receipts.handed(Ok(id(1))), None);
        receipts
    }

    /// The order and whether it is marked.
    fn shown(job: Option<PrintJob>) -> Option<(String, bool)> {
        let lines = job?.lines;
        let texts = lines.iter().filter_map(|line| match line {
            PrintLine::Text { text, .. } => Some(text.clone()),
            PrintLine::Pair { .. } | PrintLine::Rule | PrintLine::Qr(_) | PrintLine::Feed(_) => {
                None
            }
        });
        let texts: Vec<String> = texts.collect();
        Some((texts.last().cloned()?, texts.contains(&"REPRINT".to_owned())))
    }

    #[test]
    fn what_the_printer_says_decides_what_is_printed_next() {
        use PrinterEvent::{CutShort, Failed, HealthChanged, Printed};
        // event, whether the printer is well, what is handed over next, how many wait
        let first = |marked| Some((order(0), marked));
        let second = || Some((order(1), false));
        let rows = [
            (Printed(id(1)), true, second(), 1),
            (Printed(id(1)), false, second(), 1),
            (Failed(id(1), PrinterFault::NoPaper), false, None, 2),
            (Failed(id(1), failed()), true, first(false), 2),
            (CutShort(id(1), PrinterFault::NoPaper), false, None, 2),
            (CutShort(id(1), failed()), true, first(true), 2),
            (HealthChanged, false, None, 2),
            (HealthChanged, true, None, 2),
            (Printed(id(9)), true, None, 2),
            (Failed(id(9), failed()), true, None, 2),
            (CutShort(id(9), failed()), true, None, 2),
        ];
        for (event, well, next, waiting) in rows {
            let mut receipts = printing();
            assert_eq!(receipts.heard(&event, well), None, "{event:?} {well}");
            assert_eq!(shown(receipts.next()), next, "{event:?} {well}");
            assert_eq!(receipts.len(), waiting, "{event:?} {well}");
        }
    }

    #[test]
    fn a_receipt_waits_for_paper_and_keeps_its_mark() {
        for (event, marked) in [
            (PrinterEvent::Failed(id(1), PrinterFault::NoPaper), false),
            (PrinterEvent::CutShort(id(1), PrinterFault::NoPaper), true),
        ] {
            let mut receipts = printing();
            receipts.heard(&event, false);
            assert!(receipts.are_held());
            assert_eq!(receipts.next(), None);
            // Another word of trouble, and it is refused again.
            receipts.heard(&PrinterEvent::HealthChanged, false);
            assert!(receipts.next().is_some());
            receipts.handed(Err(PrinterFault::CoverOpen));
            assert!(receipts.are_held());
            receipts.heard(&PrinterEvent::HealthChanged, true);
            assert_eq!(shown(receipts.next()), Some((order(0), marked)));
            receipts.handed(Ok(id(2)));
            assert!(!receipts.are_held());
            receipts.heard(&PrinterEvent::Printed(id(2)), true);
            assert_eq!(shown(receipts.next()), Some((order(1), false)));
        }
    }

    #[test]
    fn a_receipt_that_jams_every_time_is_given_up() {
        for event in [PrinterEvent::CutShort, PrinterEvent::Failed] {
            let mut receipts = printing();
            let given_up: Vec<Option<Receipt>> = (1..=u64::from(TRIES_MAX))
                .map(|at| {
                    receipts.handed(Ok(id(at)));
                    receipts.heard(&event(id(at), failed()), true)
                })
                .collect();
            let (last, before) = given_up.split_last().expect("tries");
            assert!(before.iter().all(Option::is_none));
            assert_eq!(last.as_ref().map(|it| it.order.as_str()), Some(order(0).as_str()));
            assert_eq!(shown(receipts.next()), Some((order(1), false)));
        }
    }

    #[test]
    fn one_that_never_began_waits_as_long_as_the_printer_is_unwell() {
        let mut receipts = printing();
        for at in 1..100 {
            receipts.handed(Ok(id(at)));
            assert_eq!(receipts.heard(&PrinterEvent::Failed(id(at), failed()), false), None);
        }
        assert_eq!(receipts.len(), 2);
    }

    #[test]
    fn those_that_wait_are_bounded_and_the_one_at_the_printer_stays() {
        let mut receipts = printing();
        for at in 2..WAITING_MAX {
            assert_eq!(receipts.add(receipt(&order(at))), None);
        }
        let given_up = receipts.add(receipt(&order(99))).expect("given up");
        assert_eq!(given_up.order.as_str(), order(1));
        assert_eq!(receipts.len(), WAITING_MAX);
        receipts.heard(&PrinterEvent::Printed(id(1)), true);
        assert_eq!(shown(receipts.next()), Some((order(2), false)));
    }

    #[test]
    fn one_that_the_printer_cannot_take_is_given_up() {
        let mut receipts = Receipts::default();
        receipts.add(receipt(&order(0)));
        let given_up = receipts.handed(Err(PrinterFault::TooLong { lines: 501 }));
        assert_eq!(given_up.map(|it| it.order.as_str().to_owned()), Some(order(0)));
        assert!(receipts.is_empty() && !receipts.are_held());
    }
}

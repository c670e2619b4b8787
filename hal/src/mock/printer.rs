//! A printer whose paper can be read, and taken away.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use super::Delivery;
use super::wire::{DeviceEnd, Signal, Wire, lock};
use crate::device::{Device, Health, HealthReport};
use crate::printer::{JobId, LINES_MAX, PrintJob, Printer, PrinterEvent, PrinterFault};

/// Printed jobs remembered.
pub const RECEIPTS_MAX: usize = 100;

/// Events held until they are fetched.
const QUEUE_MAX: usize = 32;

#[derive(Debug)]
struct Tray {
    receipts: VecDeque<PrintJob>,
    printed: u64,
    paper: bool,
    fail_next: Option<PrinterFault>,
}

impl Tray {
    fn keep(&mut self, job: PrintJob) {
        if self.receipts.len() == RECEIPTS_MAX {
            self.receipts.pop_front();
        }
        self.receipts.push_back(job);
        self.printed += 1;
    }
}

/// A virtual printer. A job is printed as soon as it is taken.
#[derive(Debug)]
pub struct VirtualPrinter {
    wire: DeviceEnd<PrinterEvent>,
    tray: Arc<Mutex<Tray>>,
    jobs: u64,
}

/// Tends a [`VirtualPrinter`].
#[derive(Debug, Clone)]
pub struct PrinterHandle {
    wire: Wire<PrinterEvent>,
    tray: Arc<Mutex<Tray>>,
}

impl VirtualPrinter {
    /// A plugged printer with paper, and its handle.
    pub fn new() -> (Self, PrinterHandle) {
        let wire = Wire::new(QUEUE_MAX);
        let tray = Tray { receipts: VecDeque::new(), printed: 0, paper: true, fail_next: None };
        let tray = Arc::new(Mutex::new(tray));
        let device = Self { wire: DeviceEnd(wire.clone()), tray: Arc::clone(&tray), jobs: 0 };
        (device, PrinterHandle { wire, tray })
    }
}

impl Device for VirtualPrinter {
    fn name(&self) -> &str {
        "virtual printer"
    }

    fn health(&self) -> HealthReport {
        self.wire.health()
    }
}

impl Printer for VirtualPrinter {
    fn print(&mut self, job: &PrintJob) -> Result<JobId, PrinterFault> {
        let report = self.wire.health();
        if report.health == Health::Absent {
            return Err(PrinterFault::Absent(report.detail));
        }
        if job.lines.len() > LINES_MAX {
            return Err(PrinterFault::TooLong { lines: job.lines.len() });
        }
        let mut tray = lock(&self.tray);
        if !tray.paper {
            return Err(PrinterFault::NoPaper);
        }
        // Each job taken owes its user an event, so there must be room for it.
        if !self.wire.has_room() {
            return Err(PrinterFault::Busy);
        }
        let id = JobId(self.jobs + 1);
        let fault = tray.fail_next.take();
        let event = match &fault {
            Some(fault) => PrinterEvent::Failed(id, fault.clone()),
            None => PrinterEvent::Printed(id),
        };
        if self.wire.send(std::iter::once(event)) != Delivery::Delivered {
            return Err(PrinterFault::Absent("unplugged".into()));
        }
        self.jobs += 1;
        if fault.is_none() {
            tray.keep(job.clone());
        }
        Ok(id)
    }

    fn fault(&self) -> Option<PrinterFault> {
        let report = self.wire.health();
        match report.health {
            Health::Absent => Some(PrinterFault::Absent(report.detail)),
            Health::Ready | Health::Starting | Health::Failed => {
                (!lock(&self.tray).paper).then_some(PrinterFault::NoPaper)
            }
        }
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<PrinterEvent> {
        self.wire.poll(cx).map(|signal| match signal {
            Signal::Item(event) => event,
            Signal::Overrun | Signal::HealthChanged => PrinterEvent::HealthChanged,
        })
    }
}

impl PrinterHandle {
    /// Puts paper in or takes it out.
    pub fn set_paper(&self, paper: bool) {
        lock(&self.tray).paper = paper;
        self.wire.set_fault((!paper).then(|| PrinterFault::NoPaper.to_string()));
    }

    /// Makes the next job that is taken fail on its way to the paper.
    pub fn fail_next(&self, fault: PrinterFault) {
        lock(&self.tray).fail_next = Some(fault);
    }

    /// The last [`RECEIPTS_MAX`] jobs on paper, oldest first.
    pub fn receipts(&self) -> Vec<PrintJob> {
        lock(&self.tray).receipts.iter().cloned().collect()
    }

    /// How many jobs were printed so far.
    pub fn printed(&self) -> u64 {
        lock(&self.tray).printed
    }

    /// Pulls the plug.
    pub fn unplug(&self) {
        self.wire.unplug();
    }

    /// Puts the plug in.
    pub fn plug(&self) {
        self.wire.plug();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printer::{self, PrintLine};

    fn job(text: &str) -> PrintJob {
        PrintJob { lines: vec![PrintLine::text(text), PrintLine::Rule], cut: true }
    }

    #[tokio::test]
    async fn a_job_is_printed_and_its_user_is_told() {
        let (mut device, handle) = VirtualPrinter::new();
        let id = device.print(&job("one")).unwrap();
        assert_eq!(printer::next(&mut device).await, PrinterEvent::Printed(id));
        assert_eq!(handle.receipts(), [job("one")]);
    }

    #[tokio::test]
    async fn without_paper_nothing_is_taken_and_health_says_so() {
        let (mut device, handle) = VirtualPrinter::new();
        handle.set_paper(false);
        assert_eq!(printer::next(&mut device).await, PrinterEvent::HealthChanged);
        assert_eq!(device.health().health, Health::Failed);
        assert_eq!(device.print(&job("one")), Err(PrinterFault::NoPaper));
        handle.set_paper(true);
        assert_eq!(printer::next(&mut device).await, PrinterEvent::HealthChanged);
        assert!(device.health().is_ready());
        device.print(&job("two")).unwrap();
        assert_eq!(handle.receipts(), [job("two")]);
    }

    #[tokio::test]
    async fn a_job_can_fail_on_its_way() {
        let (mut device, handle) = VirtualPrinter::new();
        handle.fail_next(PrinterFault::CoverOpen);
        let id = device.print(&job("one")).unwrap();
        let event = printer::next(&mut device).await;
        assert_eq!(event, PrinterEvent::Failed(id, PrinterFault::CoverOpen));
        assert_eq!((handle.receipts().len(), handle.printed()), (0, 0));
    }

    #[tokio::test]
    async fn a_job_taken_before_the_plug_was_pulled_still_gets_its_event() {
        let (mut device, handle) = VirtualPrinter::new();
        let id = device.print(&job("one")).unwrap();
        handle.unplug();
        assert!(matches!(device.print(&job("two")), Err(PrinterFault::Absent(_))));
        assert_eq!(printer::next(&mut device).await, PrinterEvent::HealthChanged);
        assert_eq!(printer::next(&mut device).await, PrinterEvent::Printed(id));
    }

    #[tokio::test]
    async fn jobs_nobody_asks_after_are_bounded() {
        let (mut device, handle) = VirtualPrinter::new();
        for _ in 0..QUEUE_MAX {
            device.print(&job("one")).unwrap();
        }
        assert_eq!(device.print(&job("more")), Err(PrinterFault::Busy));
        for _ in 0..RECEIPTS_MAX {
            printer::next(&mut device).await;
            device.print(&job("more")).unwrap();
        }
        assert_eq!(handle.receipts().len(), RECEIPTS_MAX);
        assert_eq!(handle.printed(), (QUEUE_MAX + RECEIPTS_MAX) as u64);
        let long = PrintJob { lines: vec![PrintLine::Rule; LINES_MAX + 1], cut: false };
        assert!(matches!(device.print(&long), Err(PrinterFault::TooLong { .. })));
    }
}

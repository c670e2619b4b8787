//! The driver on a pseudo-terminal, with the printer at its other end. The clock is real here,
//! because a paused one would run ahead of the kernel; nothing sleeps, and each wait has a guard.

use std::fs;
use std::future::poll_fn;
use std::os::unix::fs::symlink;
use std::time::Duration;

use serialport::{SerialPort, TTYPort};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::super::*;
use super::paper::{Boxes, Paper};
use crate::printer::PrintLine;
use crate::readiness::{watch, would_wait};

const GUARD: Duration = Duration::from_secs(30);

struct Desk {
    folder: tempfile::TempDir,
    line: Option<AsyncFd<TTYPort>>,
    /// Held open, or the line would be dead until the driver opens it.
    end: Option<fs::File>,
    paper: Paper,
}

impl Desk {
    fn new() -> Desk {
        Desk { folder: tempfile::tempdir().unwrap(), line: None, end: None, paper: Paper::new() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("printer")
    }

    fn plug(&mut self) {
        let (line, end) = TTYPort::pair().unwrap();
        let held = fs::OpenOptions::new().read(true).write(true).open(end.name().unwrap());
        let fresh = self.folder.path().join("fresh");
        symlink(end.name().unwrap(), &fresh).unwrap();
        fs::rename(fresh, self.path()).unwrap();
        self.line = Some(watch(line, Interest::READABLE).unwrap());
        self.end = Some(held.unwrap());
    }

    fn unplug(&mut self) {
        (self.line, self.end) = (None, None);
        fs::remove_file(self.path()).unwrap();
    }

    fn printer(&self, way: Way) -> EscPosPrinter {
        let config = EscPosConfig {
            path: self.path(),
            way,
            width_dots: 384,
            encoding: Encoding::Gb18030,
            answers: false,
        };
        EscPosPrinter::open(config, Box::new(Boxes))
    }

    /// What the printer at the other end does.
    async fn work(line: Option<&mut AsyncFd<TTYPort>>, paper: &mut Paper) -> PrinterEvent {
        use std::io::{Read as _, Write as _};
        let Some(line) = line else { return std::future::pending().await };
        loop {
            let mut bytes = [0; 256];
            let read = poll_fn(|cx| {
                loop {
                    let mut guard = ready!(line.poll_read_ready_mut(cx)).unwrap();
                    match guard.get_inner_mut().read(&mut bytes) {
                        Err(error) if would_wait(&error) => guard.clear_ready(),
                        result => return Poll::Ready(result),
                    }
                }
            });
            match read.await {
                Ok(count) => {
                    let answers = paper.take(&bytes[..count]);
                    line.get_mut().write_all(&answers).unwrap();
                }
                // Nobody has the other end open.
                Err(_) => return std::future::pending().await,
            }
        }
    }

    async fn next(&mut self, printer: &mut EscPosPrinter) -> PrinterEvent {
        let both = async {
            tokio::select! {
                biased;
                event = Desk::work(self.line.as_mut(), &mut self.paper) => event,
                event = crate::printer::next(printer) => event,
            }
        };
        tokio::time::timeout(GUARD, both).await.expect("an event")
    }
}

fn job(text: &str) -> PrintJob {
    PrintJob { lines: vec![PrintLine::text(text), PrintLine::Qr(text.into())], cut: true }
}

#[tokio::test]
async fn a_job_goes_over_the_line_and_comes_out_on_paper() {
    for way in [Way::Serial { baud: 115_200 }, Way::Device] {
        let mut desk = Desk::new();
        desk.plug();
        let mut printer = desk.printer(way);
        let id = printer.print(&job("收款 ¥1")).unwrap();
        assert_eq!(desk.next(&mut printer).await, PrinterEvent::HealthChanged, "{way:?}");
        assert_eq!(desk.next(&mut printer).await, PrinterEvent::Printed(id), "{way:?}");
        assert_eq!(desk.paper.text(), "收款 ￥1\n");
        assert!(printer.health().is_ready());
    }
}

#[tokio::test]
async fn an_unplugged_printer_is_found_again_and_the_job_is_told_to_be_cut_short() {
    let mut desk = Desk::new();
    let mut printer = desk.printer(Way::Serial { baud: 9600 });
    assert_eq!(printer.health().health, Health::Absent);
    assert!(printer.health().detail.contains("plug it in"), "{}", printer.health());
    assert!(matches!(printer.print(&job("one")), Err(PrinterFault::Absent(_))));
    desk.plug();
    while !printer.health().is_ready() {
        assert_eq!(desk.next(&mut printer).await, PrinterEvent::HealthChanged);
    }
    desk.paper.knows_done = false;
    let id = printer.print(&job("one")).unwrap();
    while desk.paper.text() != "one\n" {
        // The job stays open, because the printer cannot say that it is done.
        let step = async {
            tokio::select! {
                biased;
                _ = crate::printer::next(&mut printer) => {}
                _ = Desk::work(desk.line.as_mut(), &mut desk.paper) => {}
                () = tokio::task::yield_now() => {}
            }
        };
        tokio::time::timeout(GUARD, step).await.expect("a step");
    }
    desk.unplug();
    assert_eq!(desk.next(&mut printer).await, PrinterEvent::HealthChanged);
    assert_eq!(printer.health().health, Health::Absent);
    let event = desk.next(&mut printer).await;
    assert!(matches!(event, PrinterEvent::CutShort(cut, PrinterFault::Absent(_)) if cut == id));
    desk.plug();
    while !printer.health().is_ready() {
        assert_eq!(desk.next(&mut printer).await, PrinterEvent::HealthChanged);
    }
}

#[tokio::test]
async fn what_is_no_device_is_named() {
    let desk = Desk::new();
    fs::write(desk.path(), "").unwrap();
    let printer = desk.printer(Way::Device);
    assert_eq!(printer.health().health, Health::Failed);
    assert!(printer.health().detail.contains("driver = \"file\""), "{}", printer.health());
    let printer = desk.printer(Way::Serial { baud: 9600 });
    assert_eq!(printer.health().health, Health::Failed);
}

#[tokio::test]
async fn one_that_fails_as_soon_as_it_is_open_is_named_and_not_opened_all_the_time() {
    let mut desk = Desk::new();
    desk.plug();
    let mut printer = desk.printer(Way::Device);
    printer.lose("invalid argument");
    assert_eq!(printer.health().health, Health::Failed, "no byte went over it");
    assert!(printer.health().detail.contains("a printer?"), "{}", printer.health());
    let mut opened = 0;
    loop {
        while poll_fn(|cx| Poll::Ready(printer.poll_event(cx))).await.is_ready() {}
        if printer.link.is_none() {
            break;
        }
        opened += 1;
        assert!(opened < 5, "it is looked for less and less often");
        printer.lose("input/output error");
    }
    desk.next(&mut printer).await;
    assert!(printer.link.is_some(), "it is found again by itself");
}

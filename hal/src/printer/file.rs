//! The driver that appends receipts to a text file, for counters whose receipts something else
//! prints or keeps.
//!
//! Owns the path and the one write that is under way, which runs on tokio's blocking threads: a
//! slow card must not hold up a sale. A receipt counts as printed when it is synced to the disk;
//! one that could not be written whole is taken out again. Only a plain file will do: to open a
//! pipe or a serial line may wait for whoever is at its other end. Bounded: so many jobs wait, one
//! is written (I15).

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::{Duration, Instant};

use rustix::fs::OFlags;
use tokio::task::JoinHandle;

use super::{JobId, LINES_MAX, PrintJob, Printer, PrinterEvent, PrinterFault};
use crate::alarm::{Alarm, now};
use crate::device::{Device, Health, HealthReport};

/// Jobs that wait at most.
const QUEUE_MAX: usize = 8;

/// Columns of a line, as on paper of 58 mm.
const COLUMNS: usize = 32;

/// How long after a failure to try the file again, at first and at most.
const RETRY_FIRST: Duration = Duration::from_secs(1);
const RETRY_MAX: Duration = Duration::from_secs(30);

/// A printer that is a file.
#[derive(Debug)]
pub struct FilePrinter {
    path: PathBuf,
    name: String,
    health: HealthReport,
    health_changed: bool,
    jobs: u64,
    queue: VecDeque<(JobId, String)>,
    writing: Option<(JobId, JoinHandle<io::Result<()>>)>,
    events: VecDeque<PrinterEvent>,
    retry_at: Option<Instant>,
    wait: Duration,
    alarm: Alarm,
    waker: Option<Waker>,
}

impl FilePrinter {
    /// Appends to the file at `path`, which is made with the first receipt. Must be polled inside a
    /// tokio runtime.
    pub fn open(path: impl Into<PathBuf>) -> FilePrinter {
        let path = path.into();
        let mut printer = FilePrinter {
            name: format!("receipts in {}", path.display()),
            path,
            health: HealthReport::new(Health::Starting, ""),
            health_changed: false,
            jobs: 0,
            queue: VecDeque::new(),
            writing: None,
            events: VecDeque::new(),
            retry_at: None,
            wait: RETRY_FIRST,
            alarm: Alarm::default(),
            waker: None,
        };
        let usable = usable(&printer.path);
        printer.took(&usable);
        // The first report is no change.
        printer.health_changed = false;
        printer
    }

    /// What the last try says of the file.
    fn took(&mut self, result: &io::Result<()>) {
        let report = match result {
            Ok(()) => {
                (self.retry_at, self.wait) = (None, RETRY_FIRST);
                HealthReport::ready()
            }
            Err(error) => {
                self.retry_at = Some(now() + self.wait);
                self.wait = (self.wait * 2).min(RETRY_MAX);
                let detail = format!("{} cannot be written: {error}", self.path.display());
                HealthReport::new(Health::Failed, detail)
            }
        };
        self.health_changed |= report != self.health;
        self.health = report;
    }

    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some((id, writing)) = &mut self.writing {
            let joined = ready!(Pin::new(writing).poll(cx));
            let id = *id;
            self.writing = None;
            let result = joined.unwrap_or_else(|error| Err(io::Error::other(error)));
            self.took(&result);
            self.events.push_back(match result {
                Ok(()) => PrinterEvent::Printed(id),
                Err(_) => PrinterEvent::Failed(id, self.fault()),
            });
            return Poll::Ready(());
        }
        if let Some((id, text)) = self.queue.pop_front() {
            let path = self.path.clone();
            let writing = tokio::task::spawn_blocking(move || append(&path, text.as_bytes()));
            self.writing = Some((id, writing));
            return Poll::Ready(());
        }
        ready!(self.alarm.poll(cx, self.retry_at));
        let usable = usable(&self.path);
        self.took(&usable);
        Poll::Ready(())
    }

    fn fault(&self) -> PrinterFault {
        PrinterFault::Failed(self.health.detail.clone())
    }
}

impl Device for FilePrinter {
    fn name(&self) -> &str {
        &self.name
    }

    fn health(&self) -> HealthReport {
        self.health.clone()
    }
}

impl Printer for FilePrinter {
    fn print(&mut self, job: &PrintJob) -> Result<JobId, PrinterFault> {
        if job.lines.len() > LINES_MAX {
            return Err(PrinterFault::TooLong { lines: job.lines.len() });
        }
        if !self.health.is_ready() {
            return Err(self.fault());
        }
        if self.queue.len() + self.events.len() >= QUEUE_MAX {
            return Err(PrinterFault::Busy);
        }
        let mut text = job.to_text(COLUMNS);
        if job.cut {
            text.push_str(&"=".repeat(COLUMNS));
            text.push('\n');
        }
        self.jobs += 1;
        let id = JobId(self.jobs);
        self.queue.push_back((id, text));
        if let Some(waker) = &self.waker {
            waker.wake_by_ref();
        }
        Ok(id)
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<PrinterEvent> {
        self.waker = Some(cx.waker().clone());
        loop {
            if std::mem::take(&mut self.health_changed) {
                return Poll::Ready(PrinterEvent::HealthChanged);
            }
            if let Some(event) = self.events.pop_front() {
                return Poll::Ready(event);
            }
            ready!(self.poll_step(cx));
        }
    }
}

/// Opens it to append, if it is a file.
fn open(path: &Path, create: bool) -> io::Result<File> {
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
    let file = OpenOptions::new().append(true).create(create).custom_flags(flags).open(path)?;
    if !file.metadata()?.is_file() {
        let why = "no file; for a receipt printer set printer.driver = \"escpos\"";
        return Err(io::Error::other(why));
    }
    Ok(file)
}

/// Whether receipts could be written; makes nothing.
fn usable(path: &Path) -> io::Result<()> {
    match open(path, false) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            match folder.map(std::fs::metadata) {
                Some(Err(error)) => Err(error),
                Some(Ok(_)) | None => Ok(()),
            }
        }
        opened => opened.map(drop),
    }
}

/// All of `text`, synced, or nothing of it.
fn append(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = open(path, true)?;
    let before = file.metadata()?.len();
    let written = file.write_all(text).and_then(|()| file.sync_all());
    written.inspect_err(|_| take_back(&file, before))
}

fn take_back(file: &File, before: u64) {
    if let Err(error) = file.set_len(before) {
        tracing::warn!(%error, "half a receipt stays in the file");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::printer::{PrintLine, next};
    use rustix::fs::{CWD, FileType, Mode};

    fn job(text: &str) -> PrintJob {
        PrintJob { lines: vec![PrintLine::text(text)], cut: true }
    }

    #[tokio::test]
    async fn receipts_are_appended_and_synced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("receipts.txt");
        let mut printer = FilePrinter::open(&path);
        assert!(printer.health().is_ready());
        let one = printer.print(&job("收款成功 ¥0.01")).unwrap();
        let two = printer.print(&job("two")).unwrap();
        assert_eq!(next(&mut printer).await, PrinterEvent::Printed(one));
        assert_eq!(next(&mut printer).await, PrinterEvent::Printed(two));
        let cut = "=".repeat(32);
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, format!("收款成功 ¥0.01\n{cut}\ntwo\n{cut}\n"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_folder_that_is_not_there_is_named_and_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("later/receipts.txt");
        let mut printer = FilePrinter::open(&path);
        assert_eq!(printer.health().health, Health::Failed);
        assert!(printer.health().detail.contains("later/receipts.txt"), "{}", printer.health());
        assert!(matches!(printer.print(&job("one")), Err(PrinterFault::Failed(_))));
        std::fs::create_dir(folder.path().join("later")).unwrap();
        assert_eq!(next(&mut printer).await, PrinterEvent::HealthChanged);
        let one = printer.print(&job("one")).unwrap();
        assert_eq!(next(&mut printer).await, PrinterEvent::Printed(one));
    }

    #[tokio::test]
    async fn what_is_no_file_is_named_and_holds_nobody_up() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        let (_line, end) = serialport::TTYPort::pair().unwrap();
        let line = serialport::SerialPort::name(&end).unwrap();
        // Somebody reads from it, or it would refuse by itself.
        let reader = OpenOptions::new().read(true).write(true).open(&pipe).unwrap();
        for path in [pipe.clone(), line.into(), folder.path().to_owned()] {
            let mut printer = FilePrinter::open(&path);
            assert_eq!(printer.health().health, Health::Failed, "{}", printer.health());
            assert!(printer.print(&job("one")).is_err(), "{}", path.display());
        }
        assert!(FilePrinter::open(&pipe).health().detail.contains("no file"));
        drop(reader);
        assert_eq!(FilePrinter::open(&pipe).health().health, Health::Failed);
    }

    #[tokio::test]
    async fn jobs_nobody_asks_after_are_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let mut printer = FilePrinter::open(folder.path().join("receipts.txt"));
        for _ in 0..QUEUE_MAX {
            printer.print(&job("one")).unwrap();
        }
        assert_eq!(printer.print(&job("more")), Err(PrinterFault::Busy));
    }
}

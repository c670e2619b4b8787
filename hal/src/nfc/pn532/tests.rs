//! The driver on real pseudo-terminals, with a simulated chip at their other end. The clock is real
//! here; nothing sleeps but the chip where it is told to be late, and each wait has a guard.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::symlink;
use std::time::Duration;

use serialport::{SerialPort, TTYPort};
use tempfile::TempDir;
use tokio::io::Interest;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::*;
use crate::mock::pn532::{Burst, Mishap, Pn532Chip, Target};
use crate::nfc;
use crate::readiness::{watch, would_wait};

const AID: [u8; 7] = [0xF0, 1, 2, 3, 4, 5, 6];
const TOKEN: &str = "284214903060794755";
const GUARD: Duration = Duration::from_secs(30);

type Deed = Box<dyn FnOnce(&mut Pn532Chip) -> Vec<Burst> + Send>;

/// Where readers are plugged in, by a name that stays the same.
struct Socket {
    folder: TempDir,
}

/// A plugged reader; dropped, it is unplugged.
struct Reader {
    task: JoinHandle<()>,
    deeds: mpsc::UnboundedSender<Deed>,
    /// Kept open, so that the line waits for the driver.
    _end: TTYPort,
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Reader {
    fn make(&self, deed: impl FnOnce(&mut Pn532Chip) -> Vec<Burst> + Send + 'static) {
        assert!(self.deeds.send(Box::new(deed)).is_ok(), "the reader is plugged in");
    }

    fn lay(&self, target: Target) {
        self.make(|chip| chip.lay(target));
    }

    /// Waits until this is true of the chip.
    async fn until(&self, is: impl Fn(&Pn532Chip) -> bool + Clone + Send + 'static) {
        loop {
            let (answer, answered) = tokio::sync::oneshot::channel();
            let is = is.clone();
            self.make(move |chip| {
                let _ = answer.send(is(chip));
                Vec::new()
            });
            if answered.await.unwrap() {
                return;
            }
            tokio::task::yield_now().await;
        }
    }
}

/// The chip's side of the line.
async fn serve(line: TTYPort, mut chip: Pn532Chip, mut deeds: mpsc::UnboundedReceiver<Deed>) {
    let mut line = watch(line, Interest::READABLE | Interest::WRITABLE).unwrap();
    loop {
        let bursts = tokio::select! {
            deed = deeds.recv() => match deed {
                Some(deed) => deed(&mut chip),
                None => return,
            },
            guard = line.readable_mut() => {
                let (mut guard, mut bytes) = (guard.unwrap(), [0; 512]);
                match guard.get_inner_mut().read(&mut bytes) {
                    Ok(len) => chip.hear(&bytes[..len]),
                    Err(error) if would_wait(&error) => {
                        guard.clear_ready();
                        continue;
                    }
                    Err(_) => return,
                }
            }
        };
        let mut passed = Duration::ZERO;
        for burst in bursts {
            tokio::time::sleep(burst.after.saturating_sub(passed)).await;
            passed = passed.max(burst.after);
            // A few hundred bytes at most, which a pseudo-terminal always has room for.
            if line.get_mut().write_all(&burst.bytes).is_err() {
                return;
            }
        }
    }
}

impl Socket {
    fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    fn open(&self) -> Pn532 {
        let (path, aid) = (self.folder.path().join("reader"), "F0010203040506".parse().unwrap());
        Pn532::open(Pn532Config { path, baud: 115_200, aid })
    }

    fn plug(&self, chip: Pn532Chip) -> Reader {
        let (line, end) = TTYPort::pair().unwrap();
        let fresh = self.folder.path().join("fresh");
        symlink(end.name().unwrap(), &fresh).unwrap();
        fs::rename(fresh, self.folder.path().join("reader")).unwrap();
        let (deeds, received) = mpsc::unbounded_channel();
        Reader { task: tokio::spawn(serve(line, chip, received)), deeds, _end: end }
    }

    fn unplug(&self, reader: Reader) {
        fs::remove_file(self.folder.path().join("reader")).unwrap();
        drop(reader);
    }
}

async fn next(reader: &mut Pn532) -> NfcEvent {
    tokio::time::timeout(GUARD, nfc::next(reader)).await.expect("an event")
}

async fn until_health(reader: &mut Pn532, health: Health) {
    while reader.health().health != health {
        assert_eq!(next(reader).await, NfcEvent::HealthChanged, "{}", reader.health());
    }
}

/// Runs the driver until this is true of the chip.
async fn until(
    reader: &mut Pn532,
    chip: &Reader,
    is: impl Fn(&Pn532Chip) -> bool + Clone + Send + 'static,
) {
    let both = async {
        tokio::select! {
            event = nfc::next(reader) => panic!("{event:?}"),
            () = chip.until(is) => {}
        }
    };
    tokio::time::timeout(GUARD, both).await.expect("the chip gets there");
}

fn phone() -> Target {
    Target::with_token(&AID, TOKEN)
}

#[tokio::test]
async fn a_phone_is_read_while_the_reader_is_armed_and_the_field_is_off_after_that() {
    let socket = Socket::new();
    let chip = socket.plug(Pn532Chip::new());
    let mut reader = socket.open();
    assert_eq!(reader.health().health, Health::Starting);
    until_health(&mut reader, Health::Ready).await;
    assert_eq!(reader.health().detail, "PN532, firmware 1.6, reads F0010203040506");
    until(&mut reader, &chip, |chip| !chip.field_is_on()).await;
    reader.arm(true);
    until(&mut reader, &chip, Pn532Chip::is_waiting).await;
    chip.lay(phone());
    assert_eq!(next(&mut reader).await, NfcEvent::Tapped(TOKEN.into()));
    reader.arm(false);
    until(&mut reader, &chip, |chip| !chip.field_is_on()).await;
}

#[tokio::test]
async fn a_chip_that_is_late_and_slow_amid_noise_is_read_all_the_same() {
    let socket = Socket::new();
    let mut chip = Pn532Chip::new();
    chip.goes_wrong(0x14, Mishap::Noise(vec![0x00, 0xFF, 0x55, 0x00]));
    chip.goes_wrong(0x02, Mishap::Late(Duration::from_millis(60)));
    chip.goes_wrong(0x4A, Mishap::WrongSum(1));
    chip.goes_wrong(0x40, Mishap::Pieces(Duration::from_millis(2)));
    chip.lay(phone());
    let _chip = socket.plug(chip);
    let mut reader = socket.open();
    reader.arm(true);
    until_health(&mut reader, Health::Ready).await;
    assert_eq!(next(&mut reader).await, NfcEvent::Tapped(TOKEN.into()));
}

#[tokio::test]
async fn a_reader_that_is_unplugged_while_it_waits_is_armed_again_once_it_is_back() {
    let socket = Socket::new();
    let chip = socket.plug(Pn532Chip::new());
    let mut reader = socket.open();
    reader.arm(true);
    until_health(&mut reader, Health::Ready).await;
    until(&mut reader, &chip, Pn532Chip::is_waiting).await;
    socket.unplug(chip);
    until_health(&mut reader, Health::Absent).await;
    assert!(reader.health().detail.contains("reader"), "{}", reader.health());
    let chip = socket.plug(Pn532Chip::new());
    until_health(&mut reader, Health::Ready).await;
    until(&mut reader, &chip, Pn532Chip::is_waiting).await;
    chip.lay(phone());
    assert_eq!(next(&mut reader).await, NfcEvent::Tapped(TOKEN.into()));
}

#[tokio::test]
async fn a_line_without_a_chip_says_what_to_look_at_and_is_tried_again() {
    let socket = Socket::new();
    let mut chip = Pn532Chip::new();
    (0..3).for_each(|_| chip.goes_wrong(0x14, Mishap::Deaf));
    let _chip = socket.plug(chip);
    let mut reader = socket.open();
    until_health(&mut reader, Health::Failed).await;
    let shown = reader.health().to_string();
    assert!(shown.contains("check its wiring") && shown.contains("HSU"), "{shown}");
    until_health(&mut reader, Health::Ready).await;
}

#[tokio::test]
async fn a_missing_reader_is_named_and_what_is_read_is_never_printed() {
    let socket = Socket::new();
    let reader = socket.open();
    assert_eq!(reader.health().health, Health::Absent);
    assert!(reader.health().detail.contains("reader is not there"), "{}", reader.health());
    let shown = format!("{reader:?}");
    assert!(shown.contains("Away") && !shown.contains("events"), "{shown}");
}

#[tokio::test]
async fn a_flood_leaves_others_their_turn_and_ends_with_the_plug() {
    let socket = Socket::new();
    let (mut line, end) = TTYPort::pair().unwrap();
    line.set_timeout(GUARD).unwrap();
    symlink(end.name().unwrap(), socket.folder.path().join("reader")).unwrap();
    let mut reader = socket.open();
    reader.arm(true);
    let flood = std::thread::spawn(move || {
        // Starts of frames that never end, NULs, and everything else.
        let half = [0x00, 0x00, 0xFF, 0xFF, 0xFF, 0x01, 0x09, 0xF6, 0xD5, 0x4B, 0x00, 0x55, 0x0D];
        (0..80_000).for_each(|_| line.write_all(&half).unwrap());
        line
    });
    let listening = async {
        while !flood.is_finished() {
            // It says at most that nothing works there.
            let turn = std::future::poll_fn(|cx| Poll::Ready(reader.poll_event(cx))).await;
            assert!(!matches!(turn, Poll::Ready(NfcEvent::Tapped(_) | NfcEvent::Failed(_))));
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(GUARD, listening).await.expect("the flood ends");
    drop((flood.join().unwrap(), end));
    until_health(&mut reader, Health::Absent).await;
}

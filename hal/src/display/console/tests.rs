//! A console that only notes what it is told, and files that are no console.

use std::sync::{Arc, mpsc};

use super::*;

/// Says on a channel what it is told.
struct Noted(mpsc::Sender<bool>, Option<Errno>);

impl Text for Noted {
    fn graphics(&self, on: bool) -> io::Result<()> {
        if let Some(errno) = self.1 {
            return Err(errno.into());
        }
        self.0.send(on).map_err(io::Error::other)
    }
}

fn slot() -> &'static Slot {
    Box::leak(Box::new(Slot::new()))
}

fn noted(errno: Option<Errno>) -> (Box<Noted>, mpsc::Receiver<bool>) {
    let (sender, told) = mpsc::channel();
    (Box::new(Noted(sender, errno)), told)
}

#[test]
fn a_console_shows_text_again_when_it_is_let_go_of() {
    let (text, told) = noted(None);
    let console = slot().take(text).unwrap().unwrap();
    assert_eq!(told.try_iter().collect::<Vec<_>>(), [true]);
    drop(console);
    assert_eq!(told.try_iter().collect::<Vec<_>>(), [false]);
}

#[test]
fn a_panic_puts_it_back_before_anything_is_dropped_and_only_once() {
    let (text, told) = noted(None);
    let console = Arc::new(slot().take(text).unwrap().unwrap());
    let kept = Arc::clone(&console);
    let panicked = std::thread::spawn(move || {
        let _kept = kept;
        panic!("as a test of the panic hook");
    });
    assert!(panicked.join().is_err());
    // It still lives here, as everything does in a process that aborts.
    assert_eq!(told.try_iter().collect::<Vec<_>>(), [true, false]);
    drop(console);
    assert_eq!(told.try_iter().count(), 0);
}

#[test]
fn no_console_is_no_fault_and_one_that_cannot_be_had_is() {
    let slot = slot();
    assert!(slot.take(noted(Some(Errno::NOTTY)).0).unwrap().is_none());
    assert!(slot.take(noted(Some(Errno::PERM)).0).is_err());
    let _first = slot.take(noted(None).0).unwrap().unwrap();
    assert!(slot.take(noted(None).0).is_err(), "it was taken already");
}

#[test]
fn files_that_are_no_console_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("plain");
    std::fs::write(&plain, "text").unwrap();
    for path in [&plain, &folder.path().join("absent"), folder.path(), Path::new("/dev/null")] {
        assert!(take(path).unwrap().is_none(), "{}", path.display());
        assert!(!put_back(path).unwrap(), "{}", path.display());
    }
    assert_eq!(std::fs::read_to_string(&plain).unwrap(), "text");
}

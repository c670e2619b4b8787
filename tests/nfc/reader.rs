//! Contactless readers on pseudo-terminals, plugged in where the shop's configuration looks.

use crate::common::{Shop, within};
use hal::mock::pn532::{Burst, Pn532Chip, Target};
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, ptsname, unlockpt};
use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::symlink;
use std::time::Duration;
use tokio::io::unix::AsyncFd;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// Puts a new line in place of the one before, in one step, and returns both its ends. The terminal
/// opens the second for itself; who holds it here keeps the line from ending before that.
pub fn plug_line(shop: &Shop, name: &str) -> (File, OwnedFd) {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let line = openpt(flags).expect("a pseudo-terminal");
    grantpt(&line).and_then(|()| unlockpt(&line)).expect("its other end");
    let end = ptsname(&line, Vec::new()).expect("a name").into_string().expect("in ASCII");
    let fresh = shop.folder().join("fresh");
    symlink(end, &fresh).expect("linked");
    std::fs::rename(fresh, shop.folder().join(name)).expect("renamed");
    let held = ioctl_tiocgptpeer(&line, flags).expect("the other end");
    (File::from(line), held)
}

type Deed = Box<dyn FnOnce(&mut Pn532Chip) -> Vec<Burst> + Send>;

/// A PN532 that is plugged in; dropped, it is unplugged.
pub struct Reader {
    serving: JoinHandle<()>,
    deeds: mpsc::UnboundedSender<Deed>,
    _end: OwnedFd,
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Reader {
    pub fn plug(shop: &Shop, chip: Pn532Chip) -> Reader {
        let (line, end) = plug_line(shop, "reader");
        rustix::io::ioctl_fionbio(&line, true).expect("a line that does not block");
        let (deeds, received) = mpsc::unbounded_channel();
        let serving = tokio::spawn(serve(watch(line), chip, received));
        Reader { serving, deeds, _end: end }
    }

    pub fn lay(&self, target: Target) {
        self.make(|chip| chip.lay(target));
    }

    pub fn lift(&self) {
        self.make(|chip| {
            chip.lift();
            Vec::new()
        });
    }

    fn make(&self, deed: impl FnOnce(&mut Pn532Chip) -> Vec<Burst> + Send + 'static) {
        assert!(self.deeds.send(Box::new(deed)).is_ok(), "it is plugged in");
    }

    /// What is true of the chip.
    pub async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Pn532Chip) -> T + Send + 'static,
    ) -> T {
        let (answer, answered) = oneshot::channel();
        self.make(move |chip| {
            let _ = answer.send(question(chip));
            Vec::new()
        });
        answered.await.expect("it is plugged in")
    }

    /// Waits until this is true of the chip.
    pub async fn until(&self, what: &str, is: fn(&Pn532Chip) -> bool) {
        let wait = async {
            while !self.ask(is).await {
                tokio::task::yield_now().await;
            }
        };
        within(what, wait).await;
    }
}

#[expect(
    deprecated,
    reason = "its successor is unsafe: it asks that the descriptor stay open and the same while \
              tokio has it, as a `File`, which owns its own, does until it is dropped"
)]
fn watch(line: File) -> AsyncFd<File> {
    AsyncFd::new(line).expect("a runtime")
}

/// The chip's side of the line.
async fn serve(
    mut line: AsyncFd<File>,
    mut chip: Pn532Chip,
    mut deeds: mpsc::UnboundedReceiver<Deed>,
) {
    loop {
        let bursts = tokio::select! {
            deed = deeds.recv() => match deed {
                Some(deed) => deed(&mut chip),
                None => return,
            },
            guard = line.readable_mut() => {
                let (mut guard, mut bytes) = (guard.expect("a line"), [0; 512]);
                match guard.get_inner_mut().read(&mut bytes) {
                    Ok(len) => chip.hear(&bytes[..len]),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {
                        guard.clear_ready();
                        continue;
                    }
                    Err(_) => return,
                }
            }
        };
        for burst in bursts {
            assert_eq!(burst.after, Duration::ZERO, "nothing is made late here");
            // A few bytes at most, which a pseudo-terminal always has room for.
            if line.get_mut().write_all(&burst.bytes).is_err() {
                return;
            }
        }
    }
}

//! The device files of `/dev/input`: the only room of input that touches them.
//!
//! [`Host`] and [`Node`] stand between it and the drivers, so that those are tested on a machine
//! without input devices (`desk`). Files are opened for reading only, without waiting; a grab needs
//! no more.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::task::{Context, Poll, ready};

use evdev::raw_stream::RawDevice;
use evdev::{AbsoluteAxisCode, BusType, InputEvent, KeyCode, RelativeAxisCode};
use rustix::fs::{FileType, Mode, OFlags};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::kind::Identity;
use super::locator::INPUT_FOLDER;
use crate::readiness::watch;

/// The most nodes looked at in one search; the kernel has numbers for about as many.
const NODES_MAX: usize = 1024;

/// The kernel's number for input devices (Documentation/admin-guide/devices.txt).
const INPUT_MAJOR: u32 = 13;

/// Where input devices are found.
pub(crate) trait Host: fmt::Debug + Send {
    /// The device files there are, in the sequence in which they came.
    fn nodes(&self) -> io::Result<Vec<PathBuf>>;

    /// Opens one. Must be called inside a tokio runtime with I/O.
    fn open(&self, path: &Path) -> io::Result<Box<dyn Node>>;
}

/// An open input device.
pub(crate) trait Node: Send {
    /// What it is.
    fn identity(&self) -> &Identity;

    /// The keys that are down now. What waits to be read of them is lost (EVIOCGKEY).
    fn held(&self) -> io::Result<Vec<KeyCode>>;

    /// Takes it for this program alone. `ResourceBusy` if another has it.
    fn grab(&mut self) -> io::Result<()>;

    /// Lets go of it.
    fn let_go(&mut self) -> io::Result<()>;

    /// Appends what waits to be read, a bounded number of events; `WouldBlock` if nothing does.
    fn read_now(&mut self, events: &mut Vec<InputEvent>) -> io::Result<()>;

    /// The same, once something waits.
    fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        events: &mut Vec<InputEvent>,
    ) -> Poll<io::Result<()>>;
}

/// The kernel's devices.
#[derive(Debug)]
pub(crate) struct Kernel;

impl Host for Kernel {
    fn nodes(&self) -> io::Result<Vec<PathBuf>> {
        let mut nodes = Vec::new();
        for entry in fs::read_dir(INPUT_FOLDER)?.take(NODES_MAX) {
            let name = entry?.file_name();
            let number = name.to_str().and_then(|name| name.strip_prefix("event"));
            if let Some(number) = number.and_then(|number| number.parse::<u32>().ok()) {
                nodes.push((number, Path::new(INPUT_FOLDER).join(name)));
            }
        }
        nodes.sort();
        Ok(nodes.into_iter().map(|(_, path)| path).collect())
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Node>> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
        let file = rustix::fs::open(path, flags, Mode::empty())?;
        let stat = rustix::fs::fstat(&file)?;
        let is_input = FileType::from_raw_mode(stat.st_mode) == FileType::CharacterDevice
            && rustix::fs::major(stat.st_rdev) == INPUT_MAJOR;
        if !is_input {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, NOT_INPUT));
        }
        let device = RawDevice::from_fd(file)
            .map_err(|error| io::Error::new(error.kind(), format!("{NOT_INPUT} ({error})")))?;
        let identity = identity(&device);
        Ok(Box::new(KernelNode { device: watch(device, Interest::READABLE)?, identity }))
    }
}

const NOT_INPUT: &str = "not an input device's event file";

fn identity(device: &RawDevice) -> Identity {
    let id = device.input_id();
    let relative = device.supported_relative_axes();
    let absolute = device.supported_absolute_axes();
    Identity {
        name: device.name().unwrap_or_default().to_owned(),
        usb_id: (id.bus_type() == BusType::BUS_USB).then(|| (id.vendor(), id.product())),
        keys: device.supported_keys().into_iter().flatten().collect(),
        moves: relative.is_some_and(|axes| axes.contains(RelativeAxisCode::REL_X)),
        points: absolute.is_some_and(|axes| axes.contains(AbsoluteAxisCode::ABS_X)),
    }
}

struct KernelNode {
    device: AsyncFd<RawDevice>,
    identity: Identity,
}

impl Node for KernelNode {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn held(&self) -> io::Result<Vec<KeyCode>> {
        Ok(self.device.get_ref().get_key_state()?.iter().collect())
    }

    fn grab(&mut self) -> io::Result<()> {
        self.device.get_mut().grab()
    }

    fn let_go(&mut self) -> io::Result<()> {
        self.device.get_mut().ungrab()
    }

    fn read_now(&mut self, events: &mut Vec<InputEvent>) -> io::Result<()> {
        fetch(self.device.get_mut(), events)
    }

    fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        events: &mut Vec<InputEvent>,
    ) -> Poll<io::Result<()>> {
        loop {
            let mut guard = ready!(self.device.poll_read_ready_mut(cx))?;
            match fetch(guard.get_inner_mut(), events) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => guard.clear_ready(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return Poll::Ready(result),
            }
        }
    }
}

/// One read of the kernel, at most 32 events.
fn fetch(device: &mut RawDevice, events: &mut Vec<InputEvent>) -> io::Result<()> {
    let before = events.len();
    events.extend(device.fetch_events()?);
    if events.len() == before {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

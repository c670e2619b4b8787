//! The device: `deploy/emulator/run.sh` in a process of its own, what hangs on it, and its screen.

use super::console::{Console, PATIENCE, Shell};
use super::disk::{Disk, Replayed};
use super::picture::{self, Picture};
use super::qmp::Qmp;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{UnixListener, UnixStream};
use tokio::time::{Instant, timeout};
use ui::{Body, Light, StatusBar};

/// What is booted, and where what is left of it is kept.
pub struct Bench {
    /// `target/emulator/NAME`: the disk, the console's log, the pictures.
    pub folder: PathBuf,
    /// Becomes `/etc/cashier`.
    pub config: PathBuf,
    /// The armv7 binary.
    pub firmware: PathBuf,
    /// The device's clock counts its instructions.
    pub steady: bool,
}

/// A device that is on. Dropped, its power is cut.
pub struct Device {
    bench_folder: PathBuf,
    qemu: Child,
    console: Console,
    pub shell: Shell,
    scanner: UnixStream,
    qmp: Qmp,
    on_since: Instant,
    _sockets: TempDir,
}

/// The display that the keypad belongs to.
const SCREEN: &str = "gpu0";

/// How far apart a wedge's strokes are, about as a real one's at first; QEMU keeps eight strokes
/// for a guest that is late.
const STROKES_MS: [u64; 4] = [30, 100, 300, 900];

/// After so long people hold a code to the scanner again: what was broken off is forgotten by then.
const AGAIN: Duration = Duration::from_secs(4);

impl Bench {
    /// Boots, up to a firmware that runs and devices that are there.
    pub async fn boot(&self) -> Device {
        let mut device = self.power_on().await;
        device.says(&["cashier::app::run: running"]).await;
        device.console.read_again();
        device
    }

    async fn power_on(&self) -> Device {
        // A path of a socket has room for a hundred characters, which that of a target folder
        // exceeds.
        let sockets = tempfile::tempdir().expect("a folder");
        let listen = |name: &str| UnixListener::bind(sockets.path().join(name)).expect("a socket");
        let [console, shell, scanner, qmp] = ["console", "shell", "scanner", "qmp"].map(listen);
        let log = self.folder.join("run.log");
        let log = std::fs::File::options().create(true).append(true).open(log).expect("a log");
        let on_since = Instant::now();
        let mut qemu = Command::new(root().join("deploy/emulator/run.sh"))
            .args(["--headless", "--drop-unflushed", "--harness"])
            .arg(sockets.path())
            .arg("--config")
            .arg(&self.config)
            .arg("--firmware")
            .arg(&self.firmware)
            .arg("--device")
            .arg(&self.folder)
            .args(self.steady.then_some("--steady"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("bash runs");
        let console = self.connected(&mut qemu, &console).await;
        let shell = self.connected(&mut qemu, &shell).await;
        let scanner = self.connected(&mut qemu, &scanner).await;
        let qmp = self.connected(&mut qemu, &qmp).await;
        Device {
            bench_folder: self.folder.clone(),
            qemu,
            console: Console::new(console, self.folder.join("console.log")),
            shell: Shell::new(shell),
            scanner,
            qmp: Qmp::new(qmp).await,
            on_since,
            _sockets: sockets,
        }
    }

    /// Waits for QEMU to connect, for as long as it lives.
    async fn connected(&self, qemu: &mut Child, listener: &UnixListener) -> UnixStream {
        let until = Instant::now() + PATIENCE;
        let moment = Duration::from_millis(250);
        loop {
            if let Ok(accepted) = timeout(moment, listener.accept()).await {
                return accepted.expect("a connection").0;
            }
            let ended = qemu.try_wait().expect("a child");
            let log = self.folder.join("run.log");
            assert!(
                ended.is_none() && Instant::now() < until,
                "the device does not start ({ended:?}); see {}:\n{}",
                log.display(),
                std::fs::read_to_string(&log).unwrap_or_default(),
            );
        }
    }
}

impl Device {
    /// Everything on its console so far.
    pub fn log(&self) -> String {
        self.console.said()
    }

    /// What was said so far is of no account any more.
    pub fn skip_log(&mut self) {
        self.console.skip();
    }

    /// Waits for a line of the log with all of these in it, after the one found last; returns it.
    pub async fn says(&mut self, parts: &[&str]) -> String {
        match self.console.says(parts).await {
            Ok(line) => line,
            Err(problem) => self.fail(&problem).await,
        }
    }

    /// Presses keys of the keypad, by QEMU's names.
    pub async fn press(&mut self, keys: &[&str]) {
        for key in keys {
            self.qmp.key(Some(SCREEN), key, false).await;
        }
    }

    /// Types an amount.
    pub async fn type_amount(&mut self, yuan: &str) {
        for key in yuan.chars() {
            let name = if key == '.' { "dot".to_owned() } else { key.to_string() };
            self.press(&[&name]).await;
        }
    }

    /// Holds a code to the serial scanner.
    pub async fn scan(&mut self, code: &str) {
        let line = format!("{code}\r\n");
        self.scanner.write_all(line.as_bytes()).await.expect("the device lives");
    }

    /// Holds a code to the scanner that is a keyboard, until it is read or the pace is slower than
    /// any scanner's; returns which. A guest that is late loses strokes, and then the terminal asks
    /// for the code again; once it has it, it heeds no other.
    pub async fn scan_with_the_wedge(&mut self, code: &str, is_read: impl Fn() -> bool) -> bool {
        for stroke_ms in STROKES_MS {
            let mut pace = tokio::time::interval(Duration::from_millis(stroke_ms));
            for digit in code.chars() {
                pace.tick().await;
                self.qmp.key(None, &digit.to_string(), false).await;
            }
            pace.tick().await;
            self.qmp.key(None, "ret", false).await;
            let again = Instant::now() + AGAIN;
            while Instant::now() < again {
                if is_read() {
                    return true;
                }
                self.console.more().await;
            }
        }
        false
    }

    /// Pulls the serial scanner's plug.
    pub async fn unplug_the_scanner(&mut self) {
        self.qmp.ask("device_del", json!({ "id": "scanner0" })).await;
        self.qmp.event("DEVICE_DELETED").await;
    }

    /// Puts it back.
    pub async fn plug_the_scanner(&mut self) {
        let plug = json!({
            "driver": "usb-serial", "bus": "usb.0", "id": "scanner0", "chardev": "scanner",
            "always-plugged": true,
        });
        self.qmp.ask("device_add", plug).await;
    }

    /// What is on the screen.
    pub async fn look(&mut self) -> Picture {
        let path = self.bench_folder.join("screen.ppm");
        let dump = json!({ "filename": path, "device": SCREEN });
        self.qmp.ask("screendump", dump).await;
        Picture::read(&path)
    }

    /// Waits until the screen is exactly one of these, whatever minute since the start its clock
    /// tells; keeps the picture by that name.
    pub async fn shows(&mut self, what: &str, status: &StatusBar, bodies: &[Body]) {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            if self.sees(what, status, bodies).await {
                return;
            }
            self.console.more().await;
        }
        self.never_saw(what, status, bodies).await
    }

    /// Waits until the screen is exactly this.
    pub async fn shows_this(&mut self, what: &str, picture: &Picture) {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            if self.look().await == *picture {
                picture.keep(&self.bench_folder.join(format!("{what}.png")));
                return;
            }
            self.console.more().await;
        }
        let expected = self.bench_folder.join(format!("{what}-expected.png"));
        picture.keep(&expected);
        self.fail(&format!("the screen never was {what}; see {}", expected.display())).await
    }

    /// Presses keys until the screen is this, as people do who wait for a machine.
    pub async fn press_until(
        &mut self,
        what: &str,
        keys: &[&str],
        status: &StatusBar,
        body: &Body,
    ) {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            self.press(keys).await;
            self.console.more().await;
            if self.sees(what, status, std::slice::from_ref(body)).await {
                return;
            }
        }
        self.never_saw(what, status, std::slice::from_ref(body)).await
    }

    async fn sees(&mut self, what: &str, status: &StatusBar, bodies: &[Body]) -> bool {
        let seen = self.look().await;
        // A clock that counts instructions falls behind on a host that is busy with something else:
        // at most by all the time since it was set.
        let behind = self.on_since.elapsed().as_secs() / 60 + 1;
        let found = picture::is_one_of(&seen, status, bodies, behind);
        if found {
            seen.keep(&self.bench_folder.join(format!("{what}.png")));
        }
        found
    }

    async fn never_saw(&mut self, what: &str, status: &StatusBar, bodies: &[Body]) -> ! {
        let expected = self.bench_folder.join(format!("{what}-expected.png"));
        if let Some(body) = bodies.first() {
            Picture::of(status, body.clone()).keep(&expected);
        }
        self.fail(&format!("the screen never was {what}; see {}", expected.display())).await
    }

    /// Waits for a code on the screen, and reads it as a phone does.
    pub async fn reads_a_code(&mut self) -> String {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            let seen = self.look().await;
            if let [code] = seen.codes().as_slice() {
                seen.keep(&self.bench_folder.join("code.png"));
                return code.clone();
            }
            self.console.more().await;
        }
        self.fail("no phone reads a code off the screen").await
    }

    /// Cuts the power: whatever the disk was not told to flush is gone.
    pub fn cut(mut self) -> (Disk, Replayed) {
        self.kill();
        let disk = Disk::of(&self.bench_folder);
        let left = disk.after_cut();
        (disk, left)
    }

    /// Turns it off as a person does, and waits until it is.
    pub async fn power_off(mut self) -> Disk {
        self.shell.tell("turn-off").await;
        self.says(&["emulator: the disk is clean"]).await;
        // QEMU ends with the guest.
        let until = Instant::now() + PATIENCE;
        while self.qemu.try_wait().expect("a child").is_none() {
            assert!(Instant::now() < until, "the device does not turn itself off");
            self.console.more().await;
        }
        Disk::of(&self.bench_folder)
    }

    /// Ends the test, with everything that tells why.
    pub async fn fail(&mut self, problem: &str) -> ! {
        let last = self.bench_folder.join("last.png");
        self.look().await.keep(&last);
        let log = self.console.said();
        let tail: Vec<&str> = log.lines().rev().take(30).collect();
        let tail: Vec<&str> = tail.into_iter().rev().collect();
        panic!(
            "{problem}\nconsole: {}\nscreen:  {}\n{}",
            self.bench_folder.join("console.log").display(),
            last.display(),
            tail.join("\n")
        );
    }

    fn kill(&mut self) {
        // It may be gone already.
        let _ = self.qemu.kill();
        let _ = self.qemu.wait();
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The status bar of the device when all is well: it has no printer, and its gateway is plain HTTP.
pub fn well() -> StatusBar {
    StatusBar { printer: Light::Absent, ..super::common::well() }
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

//! What the device says on its serial lines: the console, which is the log of the kernel and the
//! firmware, and a shell.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::watch;

/// Longer than any wait in a test that passes: a boot takes ten seconds on an idle machine of two
/// cores, and a machine that is busy with other things may take twenty times that.
pub const PATIENCE: Duration = Duration::from_secs(600);

/// The console: its lines as they come, kept in a file beside.
pub struct Console {
    said: watch::Receiver<String>,
    /// Where what a wait found ends; the next one looks from there.
    read: usize,
}

impl Console {
    pub fn new(stream: UnixStream, kept: PathBuf) -> Console {
        let (sender, said) = watch::channel(String::new());
        let mut file = File::options().create(true).append(true).open(kept).expect("a log file");
        tokio::spawn(async move {
            let mut lines = BufReader::new(stream).split(b'\n');
            while let Ok(Some(line)) = lines.next_segment().await {
                let line = String::from_utf8_lossy(&line).trim_end().to_owned();
                // The wait that fails for it tells more than the file that could not be written.
                let _ = writeln!(file, "{line}");
                sender.send_modify(|said| {
                    let _ = writeln!(said, "{line}");
                });
            }
        });
        Console { said, read: 0 }
    }

    /// Everything so far.
    pub fn said(&self) -> String {
        self.said.borrow().clone()
    }

    /// Waits for a line with all of these in it, after the one that was found last; returns it, or
    /// what is wrong.
    pub async fn says(&mut self, parts: &[&str]) -> Result<String, String> {
        let from = self.read;
        let find = |said: &String| {
            let mut end = from;
            said[from..].split_inclusive('\n').find_map(|line| {
                end += line.len();
                parts.iter().all(|part| line.contains(part)).then(|| (line.to_owned(), end))
            })
        };
        let waited =
            tokio::time::timeout(PATIENCE, self.said.wait_for(|said| find(said).is_some()));
        let found = match waited.await {
            Ok(Ok(said)) => find(&said),
            Ok(Err(_)) => return Err(format!("the console is gone; it never said {parts:?}")),
            Err(_) => return Err(format!("it never said {parts:?} in {PATIENCE:?}")),
        };
        let (line, end) = found.expect("what was waited for");
        self.read = end;
        Ok(line)
    }

    /// What a wait finds from now on may have been said since the start.
    pub fn read_again(&mut self) {
        self.read = 0;
    }

    /// What a wait finds from now on has not been said yet.
    pub fn skip(&mut self) {
        self.read = self.said.borrow().len();
    }

    /// Waits until there is more on the console, or a moment has passed.
    pub async fn more(&mut self) {
        let moment = Duration::from_millis(250);
        // Either is a reason to look again.
        let _ = tokio::time::timeout(moment, self.said.changed()).await;
    }
}

/// The shell on the second serial line.
pub struct Shell {
    said: BufReader<OwnedReadHalf>,
    commands: OwnedWriteHalf,
    /// It has prompted: what is said before is lost, since nobody has opened the line yet.
    listens: bool,
}

impl Shell {
    pub fn new(stream: UnixStream) -> Shell {
        let (read, commands) = stream.into_split();
        Shell { said: BufReader::new(read), commands, listens: false }
    }

    /// Says something without waiting for an end.
    pub async fn tell(&mut self, command: &str) {
        if !self.listens {
            let prompted = tokio::time::timeout(PATIENCE, self.said.fill_buf()).await;
            let prompt = prompted.expect("the shell starts").expect("the device lives");
            assert!(!prompt.is_empty(), "the device is gone");
            self.listens = true;
        }
        self.commands.write_all(format!("{command}\n").as_bytes()).await.expect("the device lives");
    }

    /// Runs a command to its end; what it wrote.
    pub async fn run(&mut self, command: &str) -> String {
        // A prompt may stand before the first mark, and an end without a newline before the second.
        self.tell(&format!("echo '=== begin'; {command}; echo; echo '=== end'")).await;
        let mut wrote = String::new();
        let read = async {
            loop {
                let mut line = String::new();
                let length = self.said.read_line(&mut line).await.expect("the device lives");
                assert!(length > 0, "the device is gone");
                match line.trim_end_matches(['\r', '\n']) {
                    "=== end" => return,
                    line if line.ends_with("=== begin") => wrote.clear(),
                    line => wrote.push_str(&format!("{line}\n")),
                }
            }
        };
        let ended = tokio::time::timeout(PATIENCE, read).await;
        assert!(ended.is_ok(), "the shell did not end: {command}\n{wrote}");
        wrote.trim_end().to_owned()
    }
}

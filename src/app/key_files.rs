//! The terminal's own key at rest: files that survive a power cut between any two steps (I9, I17).
//!
//! ```text
//!  key        the key in use: the configuration's gateway.key_file
//!  key.new    a key that the gateway gave and that is not in use yet
//!  key.old    the key before, should the gateway not know the new one after all
//!  key.terminal_sn   the number that the activation gave
//!  key.part   a file that is being written; never read
//! ```
//!
//! A check-in rotates the key (protocol/README, "Upay v2"): the gateway takes the old one until the
//! new one is first used. So the order is
//!
//! 1. the answer's key becomes durable as `key.new`: whole, or not at all;
//! 2. the key that signed the check-in becomes durable as `key.old`;
//! 3. `key.new` is renamed to `key`;
//! 4. only then is anything signed with it.
//!
//! After a cut before 3 `key` is the old one, which nothing has ended; after it, the new one, which
//! the gateway has given. The lost answer to a check-in changes no file, and the old key asks
//! again. A gateway that ends the old key earlier than it should answers ILLEGAL_SIGN: then a
//! check-in tries [`KeyFiles::candidates`], one after the other.
//!
//! Every file is mode 0600, written whole beside its name, synced, renamed, and the folder synced.
//! The steps are apart from the file system ([`Folder`]), so that a test can cut between them.

use crate::secret::Secret;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// No gateway's key is longer; a larger file is another file.
pub const KEY_LEN_MAX: u64 = 4096;

/// What the steps need of a file system.
pub trait Folder {
    /// The text of a file; nothing if there is none.
    fn read(&self, name: &str) -> io::Result<Option<Secret>>;
    /// Writes a file that only its owner can read, and syncs it. Its name may still be lost.
    fn write(&mut self, name: &str, text: &Secret) -> io::Result<()>;
    /// Gives a file another name, in one instant.
    fn rename(&mut self, from: &str, to: &str) -> io::Result<()>;
    /// Makes the names durable.
    fn sync(&mut self) -> io::Result<()>;
}

/// The key's files.
pub struct KeyFiles<F> {
    folder: F,
    name: String,
}

impl KeyFiles<Disk> {
    /// Those of a key file.
    pub fn at(key_file: &Path) -> io::Result<KeyFiles<Disk>> {
        let name = key_file.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| io::Error::other("a key file needs a name"))?.to_owned();
        let folder = match key_file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            Some(_) | None => PathBuf::from("."),
        };
        Ok(KeyFiles { folder: Disk { folder }, name })
    }
}

impl KeyFiles<Disk> {
    /// Whether a key could be kept: to be known before the gateway makes one.
    pub fn try_out(&mut self) -> io::Result<()> {
        let part = self.beside("part");
        self.folder.write(&part, &Secret::new(String::new()))?;
        std::fs::remove_file(self.folder.folder.join(part))
    }
}

/// Where the activation's number of a key file's terminal is.
pub fn terminal_sn_file(key_file: &Path) -> PathBuf {
    let mut path = key_file.as_os_str().to_owned();
    path.push(".terminal_sn");
    path.into()
}

impl<F: Folder> KeyFiles<F> {
    fn beside(&self, what: &str) -> String {
        format!("{}.{what}", self.name)
    }

    /// Writes a file whole or not at all.
    fn put(&mut self, name: &str, text: &Secret) -> io::Result<()> {
        let part = self.beside("part");
        self.folder.write(&part, text)?;
        self.folder.rename(&part, name)?;
        self.folder.sync()
    }

    /// The keys that there are, the one in use first; none twice.
    pub fn candidates(&self) -> io::Result<Vec<Secret>> {
        let mut keys: Vec<Secret> = Vec::new();
        for name in [self.name.clone(), self.beside("new"), self.beside("old")] {
            if let Some(key) = self.folder.read(&name)?
                && !keys.contains(&key)
            {
                keys.push(key);
            }
        }
        Ok(keys)
    }

    /// Step 1: the gateway gave a key.
    pub fn keep_new(&mut self, key: &Secret) -> io::Result<()> {
        let name = self.beside("new");
        self.put(&name, key)
    }

    /// Steps 2 and 3: the new key is the one in use from now on; `before` is the one that the
    /// gateway took last, if there was one.
    pub fn promote(&mut self, before: Option<&Secret>) -> io::Result<()> {
        let (new, old) = (self.beside("new"), self.beside("old"));
        if let Some(before) = before {
            self.put(&old, before)?;
        }
        self.folder.rename(&new, &self.name)?;
        self.folder.sync()
    }

    /// The gateway does not take the new key: `key` is used again, and the new one kept beside it.
    pub fn put_back(&mut self, key: &Secret, refused: &Secret) -> io::Result<()> {
        self.keep_new(refused)?;
        let name = self.name.clone();
        self.put(&name, key)
    }

    /// The number that the activation gave.
    pub fn keep_terminal_sn(&mut self, terminal_sn: &str) -> io::Result<()> {
        let name = self.beside("terminal_sn");
        self.put(&name, &Secret::new(format!("{terminal_sn}\n")))
    }
}

/// A folder of the file system.
pub struct Disk {
    folder: PathBuf,
}

impl Folder for Disk {
    fn read(&self, name: &str) -> io::Result<Option<Secret>> {
        let file = match std::fs::File::open(self.folder.join(name)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut text = Zeroizing::new(String::new());
        file.take(KEY_LEN_MAX).read_to_string(&mut text)?;
        let key = text.trim_end_matches(['\r', '\n']);
        Ok((!key.is_empty()).then(|| Secret::new(key.to_owned())))
    }

    fn write(&mut self, name: &str, text: &Secret) -> io::Result<()> {
        let path = self.folder.join(name);
        // One that a cut left behind may have any mode; the new one is made by us.
        match std::fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let mut options = std::fs::OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(text.expose().as_bytes())?;
        file.sync_all()
    }

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        std::fs::rename(self.folder.join(from), self.folder.join(to))
    }

    fn sync(&mut self) -> io::Result<()> {
        std::fs::File::open(&self.folder)?.sync_all()
    }
}

#[cfg(test)]
mod tests;

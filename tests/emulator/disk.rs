//! The data disk, and what a power cut leaves of it (`run.sh --drop-unflushed`).
//!
//! A disk with a cache of its own loses what it was not told to flush. QEMU's `blklogwrites` writes
//! down each write that is done and each flush, in their order; after a cut the disk is made anew
//! from what it was before the boot and what the log has up to the last flush: of all disks that
//! honour a flush, the one that loses most (I9).
//!
//! Source: QEMU `block/blklogwrites.c`; the format is that of Linux's `drivers/md/dm-log-writes.c`:
//! a super block, then entries of one sector, each followed by its data; little endian.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

const MAGIC: u64 = 0x006a_7366_7773_6872;
const SECTOR: u64 = 512;
const FLUSH: u64 = 1;
const DISCARD: u64 = 4;

/// The disk of a device, between two boots.
pub struct Disk {
    folder: PathBuf,
}

/// What a log held.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// How often the guest flushed.
    pub flushes: usize,
    /// Writes up to the last flush.
    pub kept: usize,
    /// Writes after it.
    pub lost: usize,
}

struct Entry {
    sector: u64,
    sectors: u64,
    flags: u64,
    /// Where its data is in the log.
    data: u64,
}

impl Disk {
    pub fn of(device: &Path) -> Disk {
        Disk { folder: device.to_owned() }
    }

    fn image(&self) -> PathBuf {
        self.folder.join("disk.img")
    }

    /// Takes back everything that was not flushed when the power was cut.
    pub fn after_cut(&self) -> Replayed {
        let log = self.log();
        let entries = entries(&log);
        let last_flush = entries.iter().rposition(Entry::is_flush);
        let kept = last_flush.map_or(0, |last| last + 1);
        let image = self.copy_of_before("disk.img");
        for entry in &entries[..kept] {
            entry.replay(&log, &image);
        }
        let writes = |entries: &[Entry]| entries.iter().filter(|entry| entry.has_data()).count();
        Replayed {
            flushes: entries.iter().filter(|entry| entry.is_flush()).count(),
            kept: writes(&entries[..kept]),
            lost: writes(&entries[kept..]),
        }
    }

    /// Every disk that a cut between two flushes of that boot could have left, in their order, if
    /// it lost everything after the first of the two; repaired as a boot repairs it.
    pub fn each_cut(&self) -> impl Iterator<Item = Disk> {
        let log = self.log();
        let image = self.copy_of_before("replayed.img");
        let folder = self.folder.join("each-cut");
        std::fs::create_dir_all(&folder).expect("a folder");
        let replayed = self.folder.join("replayed.img");
        entries(&log).into_iter().filter_map(move |entry| {
            entry.replay(&log, &image);
            let disk = Disk::of(&folder);
            entry.is_flush().then(|| {
                std::fs::copy(&replayed, disk.image()).expect("a copy of the disk");
                disk.repair();
                disk
            })
        })
    }

    fn log(&self) -> File {
        File::open(self.folder.join("writes.log")).expect("the log of the writes")
    }

    fn copy_of_before(&self, name: &str) -> File {
        let path = self.folder.join(name);
        std::fs::copy(self.folder.join("before.img"), &path).expect("a copy of the disk");
        File::options().write(true).open(path).expect("the disk")
    }

    /// Plays back the file system's own journal, and nothing else may be wrong with it.
    fn repair(&self) {
        let ran = Command::new("e2fsck").args(["-p", "-f"]).arg(self.image()).output();
        let ran = ran.expect("e2fsck runs (package e2fsprogs)");
        // 1: errors were corrected, which is what playing back is called.
        assert!(matches!(ran.status.code(), Some(0 | 1)), "the file system is damaged: {ran:?}");
    }

    /// Whether the root of the file system has such a file.
    pub fn has(&self, name: &str) -> bool {
        let mut command = Command::new("debugfs");
        let ran = command.args(["-R", &format!("stat {name}")]).arg(self.image()).output();
        let ran = ran.expect("debugfs runs (package e2fsprogs)");
        String::from_utf8_lossy(&ran.stdout).contains("Inode:")
    }

    /// Copies a file out of the file system; the device is off, and was not cut off.
    pub fn copy_out(&self, from: &str, to: &Path) {
        let request = format!("dump -p {from} {}", to.display());
        let ran = Command::new("debugfs").arg("-R").arg(&request).arg(self.image()).output();
        let ran = ran.expect("debugfs runs (package e2fsprogs)");
        assert!(ran.status.success() && to.exists(), "{request}: {ran:?}");
    }
}

impl Entry {
    fn is_flush(&self) -> bool {
        self.flags & FLUSH != 0
    }

    fn has_data(&self) -> bool {
        self.flags & (FLUSH | DISCARD) == 0
    }

    /// Writes what it wrote.
    fn replay(&self, log: &File, image: &File) {
        if self.has_data() {
            let mut data = vec![0; usize::try_from(self.sectors * SECTOR).expect("a size")];
            log.read_exact_at(&mut data, self.data).expect("a whole entry");
            image.write_all_at(&data, self.sector * SECTOR).expect("a write on the disk");
        }
    }
}

/// All whole entries of a log.
fn entries(log: &File) -> Vec<Entry> {
    let end = log.metadata().expect("a log").len();
    let word = |at: u64| {
        let mut bytes = [0; 8];
        log.read_exact_at(&mut bytes, at).expect("a whole entry");
        u64::from_le_bytes(bytes)
    };
    assert!(end >= SECTOR && word(0) == MAGIC, "nothing was flushed, or this is no log of writes");
    let mut entries = Vec::new();
    let mut at = SECTOR;
    while at + SECTOR <= end {
        let (sector, sectors, flags) = (word(at), word(at + 8), word(at + 16));
        // A write that QEMU was killed over.
        if sectors == 0 && flags == 0 {
            break;
        }
        let entry = Entry { sector, sectors, flags, data: at + SECTOR };
        at = entry.data + if flags & DISCARD == 0 { sectors * SECTOR } else { 0 };
        if at > end {
            break;
        }
        entries.push(entry);
    }
    entries
}

mod tests {
    use super::*;

    fn put(bytes: &mut Vec<u8>, sector: u64, sectors: u64, flags: u64, fill: u8) {
        for word in [sector, sectors, flags, 0] {
            bytes.extend(word.to_le_bytes());
        }
        bytes.resize(bytes.len().next_multiple_of(512), 0);
        if flags == 0 {
            bytes.extend(vec![fill; usize::try_from(sectors * SECTOR).unwrap()]);
        }
    }

    #[test]
    fn a_cut_keeps_what_was_flushed_and_loses_the_rest() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::of(folder.path());
        std::fs::write(folder.path().join("before.img"), [7; 4 * 512]).unwrap();
        let mut log = Vec::new();
        log.extend(MAGIC.to_le_bytes());
        log.resize(512, 0);
        put(&mut log, 1, 2, 0, 1);
        put(&mut log, 0, 0, FLUSH, 0);
        put(&mut log, 2, 1, DISCARD, 0);
        put(&mut log, 2, 1, 0, 2);
        put(&mut log, 0, 0, FLUSH, 0);
        put(&mut log, 0, 4, 0, 3);
        std::fs::write(folder.path().join("writes.log"), log).unwrap();
        std::fs::write(disk.image(), [3; 4 * 512]).unwrap();
        assert_eq!(disk.after_cut(), Replayed { flushes: 2, kept: 2, lost: 1 });
        let left = std::fs::read(disk.image()).unwrap();
        let sectors: Vec<u8> = left.chunks(512).map(|sector| sector[0]).collect();
        assert_eq!(sectors, [7, 1, 2, 7]);
    }
}

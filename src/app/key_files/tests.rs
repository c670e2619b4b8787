//! Every cut between two steps, with every choice of what the disk had kept.

use super::*;
use std::collections::BTreeMap;

type Names = BTreeMap<String, String>;

/// A disk whose power fails. A rename is durable once the folder was synced; until then a cut
/// keeps any number of the renames so far, in their order.
#[derive(Clone, Default)]
struct Cut {
    names: Names,
    durable: Names,
    /// The folder after each rename since the last sync.
    pending: Vec<Names>,
    steps_left: Option<usize>,
}

impl Cut {
    fn holding(files: &[(&str, &str)]) -> Cut {
        let names: Names =
            files.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect();
        Cut { durable: names.clone(), names, ..Cut::default() }
    }

    fn step(&mut self) -> io::Result<()> {
        match &mut self.steps_left {
            Some(0) => Err(io::Error::other("the power is gone")),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Every state that the disk may be found in.
    fn found(&self) -> Vec<Cut> {
        let states = std::iter::once(&self.durable).chain(&self.pending);
        states
            .map(|names| Cut { names: names.clone(), durable: names.clone(), ..Cut::default() })
            .collect()
    }
}

impl Folder for Cut {
    fn read(&self, name: &str) -> io::Result<Option<Secret>> {
        Ok(self.names.get(name).map(|text| Secret::new(text.trim_end().to_owned())))
    }

    fn write(&mut self, name: &str, text: &Secret) -> io::Result<()> {
        // A cut in the middle of a write leaves half of it.
        let half = text.expose().get(..text.expose().len() / 2).unwrap_or_default().to_owned();
        self.names.insert(name.to_owned(), half);
        self.pending.push(self.names.clone());
        self.step()?;
        self.names.insert(name.to_owned(), text.expose().to_owned());
        self.pending.push(self.names.clone());
        Ok(())
    }

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        self.step()?;
        let text = self.names.remove(from).ok_or_else(|| io::Error::other("no such file"))?;
        self.names.insert(to.to_owned(), text);
        self.pending.push(self.names.clone());
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.step()?;
        self.durable = self.names.clone();
        self.pending.clear();
        Ok(())
    }
}

fn files(folder: Cut) -> KeyFiles<Cut> {
    KeyFiles { folder, name: "key".to_owned() }
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

fn texts(files: &KeyFiles<Cut>) -> Vec<String> {
    let keys = files.candidates().expect("it is read");
    keys.iter().map(|key| key.expose().to_owned()).collect()
}

/// Runs `steps` with a cut after each number of steps, and looks at everything that may be found.
fn cut_everywhere(
    start: &Cut,
    steps: impl Fn(&mut KeyFiles<Cut>) -> io::Result<()>,
    look: impl Fn(&KeyFiles<Cut>, bool),
) -> usize {
    for cut_after in 0.. {
        let mut running = files(Cut { steps_left: Some(cut_after), ..start.clone() });
        let finished = steps(&mut running).is_ok();
        for found in running.folder.found() {
            look(&files(found), finished);
        }
        if finished {
            return cut_after;
        }
    }
    unreachable!("some number of steps is enough")
}

#[test]
fn i9_a_rotation_cut_anywhere_leaves_the_old_key_or_the_new_one_in_use() {
    let start = Cut::holding(&[("key", "old-key\n"), ("key.old", "older-key")]);
    let rotate = |files: &mut KeyFiles<Cut>| {
        files.keep_new(&secret("new-key"))?;
        files.promote(Some(&secret("old-key")))
    };
    let cuts = cut_everywhere(&start, rotate, |found, finished| {
        let keys = texts(found);
        let in_use = keys.first().map(String::as_str);
        assert!(matches!(in_use, Some("old-key" | "new-key")), "{keys:?}");
        assert!(keys.contains(&"old-key".to_owned()), "the old key is never lost: {keys:?}");
        let whole = ["old-key", "new-key", "older-key"];
        assert!(keys.iter().all(|key| whole.contains(&key.as_str())), "never half: {keys:?}");
        if finished {
            assert_eq!(keys, ["new-key", "old-key"]);
        }
    });
    assert_eq!(cuts, 8, "write, rename, sync; the same of the old key; rename, sync");
}

#[test]
fn i9_nothing_can_be_signed_with_a_new_key_that_a_cut_would_lose() {
    let start = Cut::holding(&[("key", "old-key")]);
    // What is durable when step 1 returned is there whatever follows.
    let mut running = files(start);
    running.keep_new(&secret("new-key")).expect("no cut");
    for found in running.folder.found() {
        assert_eq!(texts(&files(found)), ["old-key", "new-key"]);
    }
    running.promote(Some(&secret("old-key"))).expect("no cut");
    for found in running.folder.found() {
        assert_eq!(texts(&files(found)), ["new-key", "old-key"]);
    }
}

#[test]
fn i9_a_rotation_begun_again_after_any_cut_ends_as_if_there_had_been_none() {
    let start = Cut::holding(&[("key", "old-key")]);
    let rotate = |files: &mut KeyFiles<Cut>| {
        files.keep_new(&secret("lost-key"))?;
        files.promote(Some(&secret("old-key")))
    };
    cut_everywhere(&start, rotate, |found, _| {
        let mut again = files(found.folder.clone());
        let in_use = again.candidates().expect("read").remove(0);
        again.keep_new(&secret("new-key")).expect("no cut");
        again.promote(Some(&in_use)).expect("no cut");
        assert_eq!(texts(&again), ["new-key", in_use.expose()]);
    });
}

#[test]
fn i9_a_key_that_is_put_back_is_in_use_again_and_the_other_is_kept() {
    let start = Cut::holding(&[("key", "new-key"), ("key.old", "old-key")]);
    let back = |files: &mut KeyFiles<Cut>| files.put_back(&secret("old-key"), &secret("new-key"));
    cut_everywhere(&start, back, |found, finished| {
        let keys = texts(found);
        assert!(keys.contains(&"old-key".to_owned()) && keys.contains(&"new-key".to_owned()));
        if finished {
            assert_eq!(keys, ["old-key", "new-key"]);
        }
    });
}

#[test]
fn i17_files_are_their_owners_alone_whatever_was_left_behind() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("key");
    let part = folder.path().join("key.part");
    std::fs::write(&part, "left behind").expect("written");
    std::fs::set_permissions(&part, std::fs::Permissions::from_mode(0o644)).expect("set");
    let mut files = KeyFiles::at(&path).expect("a name");
    files.keep_new(&secret("first")).expect("kept");
    files.promote(None).expect("promoted");
    files.keep_new(&secret("second")).expect("kept");
    files.promote(Some(&secret("first"))).expect("promoted");
    files.keep_terminal_sn("10001").expect("kept");
    assert_eq!(files.candidates().expect("read"), [secret("second"), secret("first")]);
    for name in ["key", "key.old", "key.terminal_sn"] {
        let mode = std::fs::metadata(folder.path().join(name)).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert!(!part.exists());
    let sn = std::fs::read_to_string(terminal_sn_file(&path)).expect("there");
    assert_eq!(sn, "10001\n");
}

//! Where the journal is: a misspelt place begins no second journal, looking makes nothing, a disk
//! that can only be read is read, and what a newer program wrote is left to it.

use crate::common::{ALIPAY, Ran, Shop, command, within};
use simulator::Kind;
use std::path::Path;
use std::process::Command;

const SALE: [&str; 5] = ["sale", "--amount", "1", "--code", ALIPAY];

/// The names of everything in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.expect("an entry").file_name();
    let mut names: Vec<String> =
        entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn journal_at(shop: &Shop, path: &str) {
    let text = shop.config_text().replace("\"journal.db\"", &format!("\"{path}\""));
    std::fs::write(shop.config(), text).expect("a configuration");
}

/// What `check` says of the journal.
fn checked(ran: &Ran) -> String {
    let checks = ran.json()["checks"].as_array().expect("checks").clone();
    let journal = checks.iter().find(|check| check["what"] == "journal").expect("the journal");
    journal["detail"].as_str().expect("a detail").to_owned()
}

#[tokio::test]
async fn a_misspelt_folder_is_named_and_neither_made_nor_sold_on() {
    let shop = Shop::open(Kind::Shouqianba).await;
    journal_at(&shop, "libb/cashier/journal.db");
    let before = names(shop.folder());
    for args in [&SALE[..], &["resolve"], &["check"], &["run"]] {
        if args == ["run"] && cfg!(not(feature = "panel")) {
            continue;
        }
        let ran = shop.run_for_people(args).await;
        let told = format!("{}{}", ran.exits(4).stdout, ran.stderr);
        for said in ["there is no folder", "libb/cashier", "[journal] path", "mkdir -p"] {
            assert!(told.contains(said), "{said} is not in {ran:#?}");
        }
    }
    assert_eq!(names(shop.folder()), before);
    let asked = shop.control().orders().len();
    assert_eq!(asked, 0, "nothing was sold");
}

#[tokio::test]
async fn check_makes_no_journal() {
    let shop = Shop::open(Kind::Shouqianba).await;
    let before = names(shop.folder());
    let told = checked(shop.run(&["check"]).await.exits(0));
    assert!(told.contains("does not exist yet; it will be created at the first start"), "{told}");
    assert_eq!(names(shop.folder()), before);
    shop.run(&SALE).await.exits(0);
    let told = checked(shop.run(&["check"]).await.exits(0));
    assert!(told.ends_with("journal.db, 0 open"), "{told}");
}

#[tokio::test]
async fn a_folder_in_the_journals_place_is_named_for_what_it_is() {
    let shop = Shop::open(Kind::Shouqianba).await;
    journal_at(&shop, "books");
    std::fs::create_dir(shop.folder().join("books")).expect("a folder");
    for args in [&SALE[..], &["journal", "list"], &["check"]] {
        let ran = shop.run_for_people(args).await;
        let told = format!("{}{}", ran.exits(4).stdout, ran.stderr);
        assert!(told.contains("books is a folder, and the journal is a file"), "{ran:#?}");
    }
    assert_eq!(names(&shop.folder().join("books")), Vec::<String>::new());
}

/// What an update that was taken back leaves: the older program says which one can read it, sells
/// nothing, and leaves it to that one (I19).
#[tokio::test]
async fn a_newer_programs_journal_is_left_to_it() {
    let shop = Shop::open(Kind::Shouqianba).await;
    shop.codes.lock().unwrap().push(ALIPAY.to_owned());
    shop.run(&SALE).await.exits(0);
    let is_written_by = |schema: i64| {
        let journal = rusqlite::Connection::open(shop.journal()).expect("a database");
        journal.pragma_update(None, "user_version", schema).expect("another schema");
    };
    is_written_by(99);
    for args in [&SALE[..], &["resolve"], &["check"], &["journal", "list"], &["run"]] {
        if args == ["run"] && cfg!(not(feature = "panel")) {
            continue;
        }
        let ran = shop.run_for_people(args).await;
        let told = format!("{}{}", ran.exits(4).stdout, ran.stderr);
        for said in ["has schema 99", "install the newer program again"] {
            assert!(told.contains(said), "{said} is not in {ran:#?}");
        }
    }
    is_written_by(1);
    shop.settled(None, &["paid"]).await;
}

/// A command in a mount namespace of its own, where the folder can only be read.
fn on_a_read_only_disk(folder: &Path, program: &Command) -> Command {
    let mut command = Command::new("unshare");
    if !rustix::process::geteuid().is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    let script = "mount --bind \"$1\" \"$1\"; mount -o remount,bind,ro \"$1\"; shift; exec \"$@\"";
    command.args(["--mount", "sh", "-ec", script, "sh"]).arg(folder);
    command.arg(program.get_program()).args(program.get_args());
    for (name, value) in program.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    command
}

async fn run_read_only(shop: &Shop, args: &[&str]) -> Ran {
    let args = shop.args(&[args, &["--json"]].concat());
    let mut command = on_a_read_only_disk(shop.folder(), &command(&args));
    let ran = tokio::task::spawn_blocking(move || {
        let output = command.output().expect("it runs");
        Ran::new(args, &output)
    });
    let ran = within("a command ends", ran).await.expect("the command was waited for");
    shop.keep(&ran);
    ran
}

#[tokio::test]
async fn a_read_only_disk_is_read_and_not_sold_on() {
    let shop = Shop::open(Kind::Shouqianba).await;
    shop.codes.lock().unwrap().push(ALIPAY.to_owned());
    shop.run(&SALE).await.exits(0);
    let order = shop.listed().await[0]["order"].as_str().expect("a number").to_owned();
    let mut probe = on_a_read_only_disk(shop.folder(), &Command::new("true"));
    if !probe.output().is_ok_and(|output| output.status.success()) {
        eprintln!("not tried: this host lets nobody mount a folder read-only");
        return;
    }
    let before = names(shop.folder());
    for args in [&SALE[..], &["resolve"], &["check"]] {
        let ran = run_read_only(&shop, args).await;
        let told = ran.exits(4).stdout.clone();
        for said in ["its file system is read-only", "remount it for writing"] {
            assert!(told.contains(said), "{said} is not in {ran:#?}");
        }
    }
    let reading = [
        &["journal", "list"][..],
        &["journal", "show", &order],
        &["journal", "export"],
        &["journal", "verify"],
        &["report", "day"],
        &["report", "shift", "--look"],
    ];
    let mut read = Vec::new();
    for args in reading {
        read.push(run_read_only(&shop, args).await.exits(0).json());
    }
    assert_eq!(names(shop.folder()), before);
    for (args, read) in reading.iter().zip(&read) {
        assert_eq!(*read, shop.run(args).await.exits(0).json(), "{args:?}");
    }
    // Entries that are only in the log, and the index that would lead to them is gone.
    let log = shop.folder().join("journal.db-wal");
    std::fs::write(&log, [0; 64]).expect("a log");
    std::fs::remove_file(shop.folder().join("journal.db-shm")).expect("an index");
    let ran = run_read_only(&shop, &["journal", "list"]).await;
    let told = ran.exits(4).stdout.clone();
    for said in ["its last entries are in", "journal.db-wal", "copy both files"] {
        assert!(told.contains(said), "{said} is not in {ran:#?}");
    }
    std::fs::remove_file(&log).expect("removed");
    shop.settled(None, &["paid"]).await;
}

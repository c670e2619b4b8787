//! Other processes: killed in the middle of writing, or out of room.
//!
//! The child is this test program again, told what to do by its environment.

use crate::common::*;
use cashier::journal::{Journal, JournalError};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

const PATH: &str = "JOURNAL_OF_CHILD";
const CHILD: &str = "processes::child_that_sells_until_it_ends";

/// Not a test of its own: opens and settles orders, and says which were acknowledged.
#[test]
#[ignore = "started by the tests below"]
fn child_that_sells_until_it_ends() {
    let path = std::env::var_os(PATH).expect("started by a test below");
    let mut journal = Journal::open(path.as_ref()).expect("the journal opens");
    for n in 1..=100_000 {
        for record in [opened(n), paid(n)] {
            if let Err(error) = journal.append(&record, NOW) {
                // A line of its own, whatever the test harness printed before.
                println!("\nfailed {}", kind(&error));
                let again = journal.append(&opened(n + 1), NOW).expect_err("poisoned");
                println!("then {} {}", kind(&again), journal.is_poisoned());
                return;
            }
        }
        println!("\nsold {n}");
    }
}

fn kind(error: &JournalError) -> &'static str {
    match error {
        JournalError::Io { .. } => "io",
        JournalError::DiskFull { .. } => "disk_full",
        JournalError::Poisoned { .. } => "poisoned",
        _ => "other",
    }
}

fn start(mut command: Command, place: &Place) -> Child {
    command
        .args(["--exact", CHILD, "--ignored", "--nocapture"])
        .env(PATH, &place.path)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command.spawn().expect("the child starts")
}

fn lines(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let stdout = child.stdout.take().expect("its output");
    BufReader::new(stdout).lines().map_while(Result::ok)
}

/// Every order that was said to be sold is there; of the others at most the last one.
fn assert_kept(place: &Place, sold: u32) {
    let told = Told::by(&place.open());
    let orders: BTreeSet<_> = told.list.iter().map(|line| line.order.clone()).collect();
    for n in 1..=sold {
        assert!(orders.contains(&order(n)), "order {n} of {sold}");
    }
    let ended = told.list.len() - told.open.len();
    assert!(ended >= sold as usize, "{ended} ends of {sold}");
    assert!(told.open.len() <= 1, "{:?}", told.open);
}

#[test]
fn i9_a_process_killed_at_any_instant_keeps_what_it_acknowledged() {
    for wanted in [1, 2, 7, 40, 300] {
        let place = Place::new();
        let mut child = start(Command::new(std::env::current_exe().expect("this test")), &place);
        let mut said = lines(&mut child);
        let mut sold = 0;
        for line in said.by_ref() {
            if let Some(n) = line.strip_prefix("sold ") {
                sold = n.parse().expect("a number");
                if sold >= wanted {
                    break;
                }
            }
        }
        child.kill().expect("killed");
        for line in said {
            if let Some(n) = line.strip_prefix("sold ").and_then(|n| n.parse().ok()) {
                sold = n;
            }
        }
        child.wait().expect("ended");
        assert!(sold >= wanted, "{sold}");
        assert_kept(&place, sold);
    }
}

#[test]
fn i8_the_lock_of_a_killed_writer_is_free() {
    let place = Place::new();
    let mut child = start(Command::new(std::env::current_exe().expect("this test")), &place);
    assert!(lines(&mut child).any(|line| line.starts_with("sold ")));
    let error = Journal::open(&place.path).expect_err("the child has it");
    let JournalError::InUse { pid, .. } = error else { panic!("{error}") };
    assert_eq!(pid, Some(child.id()));
    child.kill().expect("killed");
    child.wait().expect("ended");
    drop(place.open());
}

#[test]
fn i10_a_failed_write_is_said_and_ends_all_writing() {
    let place = Place::new();
    // No file of the child may grow beyond 300 blocks of 512 bytes: its log cannot.
    let mut shell = Command::new("sh");
    shell.args(["-c", r#"trap "" XFSZ; ulimit -f 300; exec "$0" "$@""#]);
    shell.arg(std::env::current_exe().expect("this test"));
    let mut child = start(shell, &place);
    let said: Vec<_> = lines(&mut child).collect();
    child.wait().expect("ended");
    let sold = said.iter().rev().find_map(|line| line.strip_prefix("sold ")?.parse().ok());
    assert!(said.iter().any(|line| line == "failed io"), "{said:?}");
    assert!(said.iter().any(|line| line == "then poisoned true"), "{said:?}");
    assert_kept(&place, sold.expect("some were sold"));
}

//! Searches on real folders. Where the kernel has to say something, the clock is real, nothing
//! sleeps, and each wait has a guard.

use std::fs;
use std::future::poll_fn;

use tempfile::TempDir;

use super::*;

const GUARD: Duration = Duration::from_secs(30);

/// Polls until the next look, which must be due to a change: the timer is far away.
async fn stirred(search: &mut Search) -> bool {
    search.retry_at = now() + GUARD * 2;
    tokio::time::timeout(GUARD, poll_fn(|cx| search.poll_due(cx))).await.is_ok()
}

/// Has the watch begin, before the change.
async fn begin(search: &mut Search) {
    poll_fn(|cx| search.poll_due(cx)).await;
    poll_fn(|cx| {
        assert!(search.poll_due(cx).is_pending());
        Poll::Ready(())
    })
    .await;
}

#[tokio::test]
async fn a_node_that_comes_is_looked_for_at_once() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("node");
    let mut search = Search::for_path(&path);
    begin(&mut search).await;
    fs::write(&path, "").unwrap();
    assert!(stirred(&mut search).await);
}

#[tokio::test(start_paused = true)]
async fn what_came_before_the_watch_began_is_not_missed() {
    let folder = TempDir::new().unwrap();
    let mut search = Search::for_path(&folder.path().join("node"));
    let before = now();
    poll_fn(|cx| search.poll_due(cx)).await;
    assert_eq!(now(), before, "a look at once");
}

#[tokio::test]
async fn a_node_that_gets_its_permissions_is_looked_for_again() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("node");
    fs::write(&path, "").unwrap();
    let mut search = Search::for_path(&path);
    begin(&mut search).await;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o660)).unwrap();
    assert!(stirred(&mut search).await);
}

#[tokio::test]
async fn a_folder_that_comes_with_its_first_device_is_waited_for_too() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("serial/by-id/scanner");
    let mut search = Search::for_path(&path);
    begin(&mut search).await;
    fs::create_dir(folder.path().join("serial")).unwrap();
    assert!(stirred(&mut search).await, "the first folder");
    begin(&mut search).await;
    fs::create_dir(folder.path().join("serial/by-id")).unwrap();
    assert!(stirred(&mut search).await, "the second");
    begin(&mut search).await;
    fs::write(&path, "").unwrap();
    assert!(stirred(&mut search).await, "the node");
}

#[tokio::test(start_paused = true)]
async fn what_is_not_waited_for_does_not_stir_and_the_timer_slows_down() {
    let folder = TempDir::new().unwrap();
    let mut search = Search::for_path(&folder.path().join("node"));
    begin(&mut search).await;
    fs::write(folder.path().join("another"), "").unwrap();
    let mut waits = Vec::new();
    for _ in 0..7 {
        let before = now();
        poll_fn(|cx| search.poll_due(cx)).await;
        waits.push((now() - before).as_secs());
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
}

#[tokio::test]
async fn anything_in_a_folder_stirs_a_search_for_anything() {
    let folder = TempDir::new().unwrap();
    let mut search = Search::in_folder(folder.path());
    begin(&mut search).await;
    fs::write(folder.path().join("event7"), "").unwrap();
    assert!(stirred(&mut search).await);
}

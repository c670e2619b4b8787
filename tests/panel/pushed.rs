//! What `/events` pushes.

use super::bare::Bare;
use super::client::{Events, get};
use cashier::app::panel::CONNECTIONS_MAX;
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};

#[tokio::test]
async fn state_and_frame_are_told_at_once_and_with_each_change() {
    let mut bare = Bare::start().await;
    let mut events = Events::open(bare.address, "/events").await;
    let first = [events.next().await.unwrap(), events.next().await.unwrap()];
    assert_eq!(first[0], ("frame".to_owned(), "0".to_owned()));
    assert_eq!(first[1].0, "state");
    let state = get(bare.address, "/state.json").await.text();
    assert_eq!(first[1].1, state);

    bare.paint(Rgb888::RED);
    assert_eq!(events.next().await, Some(("frame".to_owned(), "1".to_owned())));
    bare.state.send_modify(|state| state.screen = "amount");
    assert_eq!(events.screen("amount").await["screen"], "amount");
    bare.paint(Rgb888::GREEN);
    assert_eq!(events.next().await, Some(("frame".to_owned(), "2".to_owned())));
}

#[tokio::test]
async fn who_comes_late_is_told_what_is_now() {
    let mut bare = Bare::start().await;
    bare.paint(Rgb888::RED);
    bare.paint(Rgb888::GREEN);
    bare.state.send_modify(|state| state.screen = "menu");
    let mut events = Events::open(bare.address, "/events").await;
    assert_eq!(events.next().await, Some(("frame".to_owned(), "2".to_owned())));
    assert_eq!(events.screen("menu").await["screen"], "menu");
}

#[tokio::test]
async fn the_stream_ends_with_the_terminal() {
    let mut bare = Bare::start().await;
    let mut events = Events::open(bare.address, "/events").await;
    events.screen("idle").await;
    let (gone, _) = tokio::sync::watch::channel(Default::default());
    drop(std::mem::replace(&mut bare.state, gone));
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn one_connection_too_many_is_told_so_and_a_closed_one_makes_room() {
    let bare = Bare::start().await;
    let mut open = Vec::new();
    for _ in 0..CONNECTIONS_MAX {
        let mut events = Events::open(bare.address, "/events").await;
        events.screen("idle").await;
        open.push(events);
    }
    let refused = get(bare.address, "/state.json").await;
    assert_eq!(refused.status, 503);
    assert!(refused.error().contains("too many connections"));

    drop(open);
    let retried = async {
        // The panel notices the closing when its loop comes to it.
        while get(bare.address, "/state.json").await.status == 503 {
            bare.state.send_modify(|state| state.open += 1);
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(super::client::NEVER, retried).await.expect("room");
}

//! `GET /events`: what changes, pushed. A slow reader misses what was in between and gets what is
//! true when it reads; nothing is queued for it (I15).

use super::Panelled;
use crate::app::terminal::State;
use axum::extract::State as Has;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use hal::mock::DisplayHandle;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::watch;

/// How often a silent connection is tried, so that one whose browser is gone gives its place up.
const ALIVE_EVERY: Duration = Duration::from_secs(30);

/// One browser's watch.
struct Watch {
    state: watch::Receiver<State>,
    display: DisplayHandle,
    /// The frame's version is told at once.
    begun: bool,
}

pub(super) async fn events(Has(shared): Panelled) -> Response {
    let mut state = shared.state.clone();
    state.mark_changed();
    let watch = Watch { state, display: shared.handles.display.clone(), begun: false };
    let events = stream::unfold(watch, async |mut watch| {
        let event = watch.next().await?;
        Some((Ok::<_, Infallible>(event), watch))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(ALIVE_EVERY)).into_response()
}

impl Watch {
    /// The next event; none once the terminal is gone.
    async fn next(&mut self) -> Option<Event> {
        if !self.begun {
            self.begun = true;
            return Some(frame(self.display.version()));
        }
        tokio::select! {
            biased;
            changed = self.state.changed() => {
                changed.ok()?;
                let state = self.state.borrow_and_update().clone();
                // A state has no map with keys that are no text, so this does not fail.
                Event::default().event("state").json_data(state).ok()
            }
            version = self.display.changed() => version.map(frame),
        }
    }
}

fn frame(version: u64) -> Event {
    Event::default().event("frame").data(version.to_string())
}

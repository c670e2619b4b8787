//! `cashier run`: everything put together, in the foreground, until told to stop.

use crate::app::charges::Charges;
use crate::app::clock::Clock;
use crate::app::config::{Config, DisplayConfig};
use crate::app::devices::{DeviceEvent, Devices};
use crate::app::exec::Exec;
use crate::app::http::{Http, HttpSettingsError};
use crate::app::terminal::{self, Terminal};
use crate::app::watchdog::Watchdog;
use crate::app::{notify, sockets};
use crate::journal::{Claim, Journal, JournalError};
use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tracing::{info, warn};

/// How long the screen says why nothing can be sold, before it is tried again.
const TO_READ: Duration = Duration::from_secs(15);

/// Why the firmware cannot run. Nothing was sold.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// There can be no HTTP client.
    #[error(transparent)]
    Http(#[from] HttpSettingsError),
    /// Something cannot listen.
    #[error("{what} cannot listen on {address}: {source}; is another one running?")]
    Listen {
        /// What.
        what: &'static str,
        /// Where.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The configuration asks for what this build does not have.
    #[error("{0}")]
    NotBuiltIn(&'static str),
}

/// The executor of a configuration: journal, codec, client, clock.
pub fn exec(config: &Config) -> Result<Exec, RunError> {
    exec_on(Journal::claim(&config.journal)?, config)
}

/// [`exec`] on a journal that was claimed before.
fn exec_on(claim: Claim, config: &Config) -> Result<Exec, RunError> {
    let http = Http::new(&config.http)?;
    Ok(Exec::new(claim.open()?, config.gateway.clone(), http, Clock::system()))
}

/// The first frame, before the journal is looked through: that may take a while.
fn show_starting(config: &Config, devices: &mut Devices) {
    match show(config, devices, ui::Body::Starting) {
        Ok(()) => info!("first frame"),
        Err(fault) => warn!(%fault, "no first frame: nothing is sold until there is a display"),
    }
}

/// Why nothing can be sold, for as long as it takes to read: whoever starts the program again does
/// so at once, and the cashier would see a screen that flickers. Where no glass shows it, nobody
/// reads it.
async fn show_why_not(
    config: &Config,
    devices: &mut Devices,
    error: &RunError,
    stop: impl Future<Output = ()>,
) {
    match config.devices.display {
        DisplayConfig::Virtual { .. } => return,
        DisplayConfig::Fbdev(_) | DisplayConfig::Drm(_) => {}
    }
    let why_not = ui::Body::Notice {
        title: ui::Text::SalesStopped,
        lines: vec![error.to_string()],
        advice: Some(ui::Text::CallIntegrator),
        severity: ui::Severity::Bad,
    };
    if show(config, devices, why_not).is_ok() {
        warn!(%error, "nothing can be sold; the screen says so");
        tokio::select! {
            () = stop => {}
            () = tokio::time::sleep(TO_READ) => {}
            () = key(devices) => {}
        }
    }
}

/// Any key: whoever has read it wants it tried again.
async fn key(devices: &mut Devices) {
    while !matches!(poll_fn(|cx| devices.poll_event(cx)).await, DeviceEvent::Key(_)) {}
}

/// Shows a screen before there is a terminal.
fn show(config: &Config, devices: &mut Devices, body: ui::Body) -> Result<(), hal::DisplayFault> {
    let geometry = devices.display.geometry();
    let (mut painter, mut frame) = terminal::canvas(geometry, config.locale);
    let Ok(_) = painter.paint(&screen(body), &mut frame);
    devices.display.present(&frame, &hal::RowRanges::all(geometry))
}

fn screen(body: ui::Body) -> ui::Screen {
    let status = ui::StatusBar {
        network: ui::Light::Absent,
        scanner: ui::Light::Absent,
        printer: ui::Light::Absent,
        open: 0,
        clock: None,
        warning: None,
        trouble: None,
    };
    ui::Screen { status, body }
}

/// Where things listen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Listening {
    /// The panel.
    pub panel: Option<SocketAddr>,
    /// What takes the gateway's notifications.
    pub notifications: Option<SocketAddr>,
}

/// Runs the terminal, and what listens beside it, until `stop`. `notices` takes the notifications,
/// where it is bound already; otherwise the configuration says where. `started` hears what listens
/// where.
pub async fn run(
    config: Config,
    #[cfg(feature = "panel")] beside: Option<axum::Router>,
    notices: Option<TcpListener>,
    started: impl FnOnce(Listening),
    stop: impl Future<Output = ()>,
) -> Result<(), RunError> {
    #[cfg(not(feature = "panel"))]
    if config.panel.is_some() {
        return Err(RunError::NotBuiltIn(
            "panel.listen is set, but this build has no panel: build with --features panel",
        ));
    }
    let mut listening = JoinSet::new();
    let panel = bind("the panel", config.panel.as_ref().map(|panel| panel.listen)).await?;
    let notices = match notices {
        Some(bound) => Some(bound),
        None => bind("the listener for notifications", config.notify_listen).await?,
    };
    let address = |listener: &Option<TcpListener>| listener.as_ref()?.local_addr().ok();
    let addresses = Listening { panel: address(&panel), notifications: address(&notices) };
    // Before anything is drawn: the screen is that of the terminal that has the journal.
    let claim = Journal::claim(&config.journal);
    if let Err(error @ JournalError::InUse { .. }) = claim {
        return Err(error.into());
    }
    let (mut devices, handles) = Devices::open(&config.devices);
    if panel.is_none() {
        devices.mirror = None; // Nobody looks into it.
    }
    show_starting(&config, &mut devices);
    #[cfg(feature = "panel")]
    let token = config.panel.as_ref().and_then(|panel| panel.token.clone());
    let gateway = config.gateway.clone();
    let charges = match claim.map_err(RunError::from).and_then(|claim| exec_on(claim, &config)) {
        Ok(exec) => Charges::new(exec),
        Err(error) => {
            show_why_not(&config, &mut devices, &error, stop).await;
            return Err(error);
        }
    };
    let (mut terminal, state) = Terminal::new(config, charges, devices)?;
    terminal.watch(Watchdog::from_environment());
    if let Some(listener) = notices {
        let (router, inbox) = notify::router(gateway);
        terminal.listen(inbox);
        listening.spawn(sockets::serve(listener, router));
    }
    #[cfg(feature = "panel")]
    if let Some(listener) = panel {
        let panel = crate::app::panel::Panel { handles, state, token };
        listening.spawn(sockets::serve(listener, panel.router(beside)));
    }
    #[cfg(not(feature = "panel"))]
    let _unwatched = (handles, state, panel);
    info!(panel = ?addresses.panel, notifications = ?addresses.notifications, "running");
    started(addresses);
    terminal.run(stop).await;
    listening.shutdown().await;
    Ok(())
}

async fn bind(
    what: &'static str,
    address: Option<SocketAddr>,
) -> Result<Option<TcpListener>, RunError> {
    let Some(address) = address else { return Ok(None) };
    match TcpListener::bind(address).await {
        Ok(listener) => Ok(Some(listener)),
        Err(source) => Err(RunError::Listen { what, address, source }),
    }
}

//! `cashier run`: everything put together, in the foreground, until told to stop.

use crate::app::charges::Charges;
use crate::app::clock::Clock;
use crate::app::config::Config;
use crate::app::devices::Devices;
use crate::app::exec::Exec;
use crate::app::http::{Http, HttpSettingsError};
use crate::app::terminal::Terminal;
use crate::journal::{Journal, JournalError};
use std::future::Future;
use std::net::SocketAddr;
use tracing::{info, warn};

/// Why the firmware cannot run. Nothing was sold.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// There can be no HTTP client.
    #[error(transparent)]
    Http(#[from] HttpSettingsError),
    /// The panel cannot listen.
    #[error("the panel cannot listen on {address}: {source}; is another one running?")]
    Panel {
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
    let http = Http::new(&config.http)?;
    let journal = Journal::open(&config.journal)?;
    Ok(Exec::new(journal, config.gateway.clone(), http, Clock::system()))
}

/// The first frame, before the journal is looked through: that may take a while.
fn show_starting(config: &Config, devices: &mut Devices) {
    let geometry = devices.display.geometry();
    let size = embedded_graphics::geometry::Size::new(geometry.width(), geometry.height());
    let mut painter = ui::Painter::new(size, config.locale, ui::Theme::default());
    let mut frame = hal::Frame::new(geometry);
    let Ok(_) = painter.paint(&starting(), &mut frame);
    match devices.display.present(&frame, &hal::RowRanges::all(geometry)) {
        Ok(()) => info!("first frame"),
        Err(fault) => warn!(%fault, "the screen was not drawn"),
    }
}

fn starting() -> ui::Screen {
    let status = ui::StatusBar {
        network: ui::Light::Absent,
        scanner: ui::Light::Absent,
        printer: ui::Light::Absent,
        open: 0,
        clock: None,
        warning: None,
    };
    ui::Screen { status, body: ui::Body::Starting }
}

/// Runs the terminal, and its panel if one is configured, until `stop`. `started` hears where the
/// panel listens.
#[cfg(feature = "panel")]
pub async fn run(
    config: Config,
    beside: Option<axum::Router>,
    started: impl FnOnce(Option<SocketAddr>),
    stop: impl Future<Output = ()>,
) -> Result<(), RunError> {
    use crate::app::panel::{self, Panel};

    let listener = match &config.panel {
        None => None,
        Some(panel) => {
            let address = panel.listen;
            let bound = tokio::net::TcpListener::bind(address).await;
            Some(bound.map_err(|source| RunError::Panel { address, source })?)
        }
    };
    let address = listener.as_ref().and_then(|listener| listener.local_addr().ok());
    let token = config.panel.as_ref().and_then(|panel| panel.token.clone());
    let (mut devices, handles) = Devices::open(&config.devices);
    show_starting(&config, &mut devices);
    let charges = Charges::new(exec(&config)?);
    let (terminal, state) = Terminal::new(config, charges, devices)?;
    let mut serving = tokio::task::JoinSet::new();
    if let Some(listener) = listener {
        let panel = Panel { handles, state, token };
        serving.spawn(panel::serve(listener, panel.router(beside)));
    }
    info!(panel = ?address, "running");
    started(address);
    terminal.run(stop).await;
    serving.shutdown().await;
    Ok(())
}

/// Runs the terminal until `stop`.
#[cfg(not(feature = "panel"))]
pub async fn run(
    config: Config,
    started: impl FnOnce(Option<SocketAddr>),
    stop: impl Future<Output = ()>,
) -> Result<(), RunError> {
    if config.panel.is_some() {
        return Err(RunError::NotBuiltIn(
            "panel.listen is set, but this build has no panel: build with --features panel",
        ));
    }
    let (mut devices, handles) = Devices::open(&config.devices);
    show_starting(&config, &mut devices);
    let charges = Charges::new(exec(&config)?);
    let (terminal, state) = Terminal::new(config, charges, devices)?;
    info!("running");
    started(None);
    terminal.run(stop).await;
    drop((handles, state));
    Ok(())
}

//! A simulator of the payment gateways the firmware speaks to: 收钱吧's Upay v2 and SOSOPAY in its
//! JSON and XML editions.
//!
//! It is written from the gateways' documents alone and shares no code with the firmware's clients,
//! so that a mistake in the reading of one shows up against the other. It checks signs, refuses
//! what the documents refuse, and answers with the documents' codes. Customers, clocks and faults
//! are scripted through `Control` or over HTTP under `/_control/`. The same seed and the same calls
//! give the same answers. It is a test instrument: it speaks plain HTTP and holds its books in
//! memory.
//!
//! Reading order: `ledger` (the rules of money), `customer`, `fault`, `gateway` (one call in, one
//! answer out), `shouqianba` and `sosopay` (the protocols), `terminals` and `recharge` (the smaller
//! books), `notify` (the calls the other way), `server` (sockets), `control`.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), simulator::StartError> {
//! use simulator::{Behaviour, Fault, FaultRule, Kind, Operation, Settings};
//!
//! let gateway = simulator::start(Settings::demo(Kind::SosopayJson)).await?;
//! let control = gateway.control();
//! control.customer("284214903060794755", Behaviour::ApproveAfter { ms: 3_000 });
//! control.inject(FaultRule::nth(Operation::Pay, 1, Fault::DropAnswer));
//! println!("sell against {}", gateway.base_url());
//! assert_eq!(control.ledger_total_fen(), 0);
//! gateway.stop().await;
//! # Ok(())
//! # }
//! ```

mod clock;
mod control;
mod control_http;
mod customer;
mod fault;
mod gateway;
mod http;
mod ledger;
mod notify;
mod port;
mod recharge;
mod server;
mod settings;
mod shouqianba;
mod sosopay;
mod terminals;
mod value;

use std::{io, net::SocketAddr, sync::Arc};

use tokio::{sync::watch, task::JoinHandle};

pub use control::{
    Connectivity, Control, HistoryLine, OrderView, PhoneError, PhoneView, RefundState, RefundView,
    State,
};
pub use control_http::control_router;
pub use customer::{Behaviour, Decline, Wallet};
pub use fault::{
    ArmedRule, BreakOff, Fault, FaultRule, Operation, Probability,
    file::{FaultsError, read_faults},
};
pub use gateway::RequestLog;
pub use ledger::{RefundEnd, RefundScript};
pub use notify::NotificationLog;
pub use port::Port;
pub use recharge::RechargeView;
pub use settings::{
    CipherSettings, Company, Kind, Merchant, Operator, Paths, Settings, UnknownKind, Vendor,
};
pub use sosopay::cipher::CipherError;
pub use terminals::TerminalView;

/// Why a simulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error(
        "cannot listen on {address}: {source}; choose another address, or port 0 for a free one"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// Nobody could call.
    #[error("no merchant is configured: give at least one id and key")]
    NoMerchant,
    /// The configured cipher key cannot be used.
    #[error("the cipher is configured wrongly: {0}")]
    Cipher(#[from] CipherError),
}

/// A running simulator. Dropped, it stops serving.
#[derive(Debug)]
pub struct Simulator {
    address: SocketAddr,
    kind: Kind,
    control: Control,
    stop: watch::Sender<()>,
    task: JoinHandle<()>,
}

/// Starts a simulator on the current tokio runtime.
///
/// # Errors
/// The address is taken, no merchant is given, or the cipher key has a wrong length.
pub async fn start(settings: Settings) -> Result<Simulator, StartError> {
    if settings.merchants.is_empty() {
        return Err(StartError::NoMerchant);
    }
    if let Some(cipher) = &settings.cipher {
        for merchant in &settings.merchants {
            cipher.cipher(&merchant.key)?;
        }
    }
    let (kind, wanted) = (settings.kind, settings.listen);
    let failed = |source| StartError::Listen { address: wanted, source };
    let port = Port::reserve(wanted).map_err(failed)?;
    let listener = port.listen().map_err(failed)?;
    let address = port.address();
    let shared = Arc::new(server::Shared::new(gateway::Gateway::new(settings)));
    let (stop, stopped) = watch::channel(());
    let task = tokio::spawn(server::serve(Arc::clone(&shared), port, listener, stopped));
    Ok(Simulator { address, kind, control: Control::new(shared), stop, task })
}

impl Simulator {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL to configure in a terminal.
    pub fn base_url(&self) -> String {
        let path = match self.kind {
            Kind::Shouqianba => "/",
            Kind::SosopayJson => "/openGateway/openService/",
            Kind::SosopayXml => "/openService/",
        };
        format!("http://{}{path}", self.address)
    }

    /// A handle on it.
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Stops serving, and returns once its sockets are closed.
    pub async fn stop(self) {
        drop(self.stop);
        // An error would say that the task panicked or was cancelled: it is over in any case.
        let _ = self.task.await;
    }
}

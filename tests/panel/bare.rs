//! A panel over virtual devices that nobody reads, and a state that the test tells.

use cashier::app::panel::{self, Panel};
use cashier::app::terminal::State;
use cashier::secret::Secret;
use hal::mock::{VirtualDevices, VirtualHandles};
use hal::{Display, Frame, Geometry, RowRanges};
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub struct Bare {
    pub address: SocketAddr,
    pub devices: VirtualDevices,
    pub handles: VirtualHandles,
    pub state: watch::Sender<State>,
    task: JoinHandle<()>,
}

impl Bare {
    pub async fn start() -> Bare {
        Bare::with_token(None).await
    }

    pub async fn with_token(token: Option<&str>) -> Bare {
        let (devices, handles) = VirtualDevices::new(Geometry::new(32, 48).unwrap());
        let (state, watched) = watch::channel(State { screen: "idle", ..State::default() });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let token = token.map(|token| Secret::new(token.to_owned()));
        let panel = Panel { handles: handles.clone(), state: watched, token };
        let task = tokio::spawn(panel::serve(listener, panel.router(None)));
        Bare { address, devices, handles, state, task }
    }

    /// Shows a picture of one colour.
    pub fn paint(&mut self, colour: embedded_graphics::pixelcolor::Rgb888) {
        use embedded_graphics::draw_target::DrawTarget;
        let geometry = self.devices.display.geometry();
        let mut frame = Frame::new(geometry);
        let Ok(()) = frame.clear(colour);
        self.devices.display.present(&frame, &RowRanges::all(geometry)).unwrap();
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        self.task.abort();
    }
}

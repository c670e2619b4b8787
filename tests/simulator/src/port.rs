//! A TCP port that stays ours, whether or not anyone listens on it.
//!
//! A port that a listener merely gives up can be handed by the system to the next program that asks
//! for one, which then answers in its place; or be taken by a connection to that very port, which
//! connects to itself. So a second socket is bound to it for as long as it is to be ours. It never
//! listens: as long as nobody else does, connections are refused.

use std::{io, net::SocketAddr};

use tokio::net::{TcpListener, TcpSocket};

/// The port.
#[derive(Debug)]
pub struct Port {
    address: SocketAddr,
    _bound: TcpSocket,
}

impl Port {
    /// Reserves a port; port 0 is one of the system's choice.
    ///
    /// # Errors
    /// It is taken, or the address is not this machine's.
    pub fn reserve(wanted: SocketAddr) -> io::Result<Port> {
        let bound = socket(wanted)?;
        Ok(Port { address: bound.local_addr()?, _bound: bound })
    }

    /// What is reserved.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Listens on it. Once the listener is dropped connections are refused again.
    ///
    /// # Errors
    /// Somebody listens already, or the system is out of sockets.
    pub fn listen(&self) -> io::Result<TcpListener> {
        /// How many connections may wait to be accepted, as tokio and the standard library have it.
        const BACKLOG: u32 = 1024;
        socket(self.address)?.listen(BACKLOG)
    }
}

/// A socket bound to an address.
fn socket(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // Lets our two sockets share the port, and connections of before linger; two listeners it does
    // not (socket(7), SO_REUSEADDR).
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpStream;

    async fn refused(address: SocketAddr) -> bool {
        let attempt = TcpStream::connect(address).await;
        attempt.is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
    }

    #[tokio::test]
    async fn a_port_is_refused_until_it_is_listened_on_and_again_thereafter() {
        let port = Port::reserve(([127, 0, 0, 1], 0).into()).unwrap();
        for _ in 0..3 {
            assert!(refused(port.address()).await);
            let listener = port.listen().unwrap();
            let (there, here) = tokio::join!(TcpStream::connect(port.address()), listener.accept());
            drop((there.unwrap(), here.unwrap(), listener));
        }
        assert!(refused(port.address()).await);
    }

    #[tokio::test]
    async fn a_port_has_one_listener() {
        let port = Port::reserve(([127, 0, 0, 1], 0).into()).unwrap();
        let _listener = port.listen().unwrap();
        assert_eq!(port.listen().unwrap_err().kind(), io::ErrorKind::AddrInUse);
        let stranger = TcpListener::bind(port.address()).await;
        assert_eq!(stranger.unwrap_err().kind(), io::ErrorKind::AddrInUse);
    }
}

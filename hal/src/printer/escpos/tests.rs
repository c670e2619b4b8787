//! The driver: its bytes as the manual names them, its conversation with a printer made of the
//! manual in a time of its own, and both over a pseudo-terminal.

mod bytes;
mod line;
mod paper;
mod talk;

//! What a display's memory holds, byte for byte, so that only what changed is written to it. Pure.
//!
//! Owns a copy of the framebuffer's lines. Reading the real ones back would be slow where they are
//! not cached, and impossible where they are behind a bus. The copy is believed only after all of
//! it was written once; after a write that failed a new one is begun.

use std::ops::Range;

use super::pixel::{Extent, PackFault, Packer};
use super::{Frame, RowRanges};

/// The copy.
#[derive(Debug)]
pub(super) struct Shadow {
    packer: Packer,
    memory: Vec<u8>,
    /// What changed in each line, between packing and writing.
    changed: Vec<Extent>,
    /// Whether the display holds what the copy holds.
    known: bool,
}

impl Shadow {
    /// A black copy of a display of which nothing is known.
    pub(super) fn new(packer: Packer) -> Self {
        let memory = vec![0; packer.memory_len()];
        let changed = vec![Extent::default(); packer.glass().height() as usize];
        Self { packer, memory, changed, known: false }
    }

    /// How the display's memory is laid out.
    pub(super) const fn packer(&self) -> &Packer {
        &self.packer
    }

    /// Takes over `rows` of `frame`; what has to be written for that is in [`Shadow::pieces`].
    pub(super) fn draw(&mut self, frame: &Frame, rows: &RowRanges) -> Result<(), PackFault> {
        self.changed.fill(Extent::default());
        self.packer.pack(frame, rows, &mut self.memory, &mut self.changed)?;
        if !self.known {
            self.changed.fill(Extent::of(0..self.packer.glass().width()));
        }
        Ok(())
    }

    /// What has to be written: where it starts in the display's memory, and its bytes. Lines that
    /// changed whole and are not padded come as one piece.
    pub(super) fn pieces(&self) -> impl Iterator<Item = (usize, &[u8])> {
        let mut lines = self.lines().map(|(y, extent)| self.packer.bytes(y, extent)).peekable();
        std::iter::from_fn(move || {
            let Range { start, mut end } = lines.next()?;
            while let Some(next) = lines.next_if(|next| next.start == end) {
                end = next.end;
            }
            Some((start, self.memory.get(start..end)?))
        })
    }

    /// The lines that have to be written, and what of each.
    pub(super) fn lines(&self) -> impl Iterator<Item = (u32, Extent)> {
        (0u32..).zip(self.changed.iter().copied()).filter(|(_, extent)| !extent.is_empty())
    }

    /// All of it was written: from now on only what changes has to be.
    pub(super) fn written(&mut self) {
        self.known = true;
        self.changed.fill(Extent::default());
    }
}

#[cfg(test)]
mod tests;

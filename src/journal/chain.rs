//! The hash chain over the entries.
//!
//! Each entry's hash covers the hash before it and every column, so that an entry that is edited,
//! removed, inserted or moved breaks the chain from there on. It finds flipped bits and careless
//! hands, not an adversary: there is no key in it, and whoever can write the file can compute it
//! anew.

use sha2::{Digest, Sha256};

/// A link of the chain.
pub(super) type Hash = [u8; 32];

/// What stands before the first entry.
pub(super) const GENESIS: Hash = [0; 32];

/// The columns of one entry, as they are stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link<'a> {
    pub seq: i64,
    pub order: &'a str,
    pub kind: &'a str,
    pub body: &'a str,
    pub at_ms: i64,
}

impl Link<'_> {
    /// SHA-256(previous ‖ seq ‖ order ‖ kind ‖ body ‖ at), numbers as 8 bytes big-endian, texts
    /// with their length in front so that no two entries read the same.
    pub(super) fn hash(&self, previous: &Hash) -> Hash {
        let mut sha = Sha256::new();
        sha.update(previous);
        sha.update(self.seq.to_be_bytes());
        for text in [self.order, self.kind, self.body] {
            sha.update((text.len() as u64).to_be_bytes());
            sha.update(text.as_bytes());
        }
        sha.update(self.at_ms.to_be_bytes());
        sha.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: Link<'static> = Link { seq: 1, order: "a", kind: "b", body: "c", at_ms: 5 };

    #[test]
    fn every_column_counts() {
        let hash = LINK.hash(&GENESIS);
        for other in [
            Link { seq: 2, ..LINK },
            Link { order: "x", ..LINK },
            Link { kind: "x", ..LINK },
            Link { body: "x", ..LINK },
            Link { at_ms: 6, ..LINK },
            Link { order: "ab", kind: "", ..LINK },
        ] {
            assert_ne!(other.hash(&GENESIS), hash, "{other:?}");
        }
        assert_ne!(LINK.hash(&[1; 32]), hash);
    }

    #[test]
    fn the_chain_is_computed_the_same_for_ever() {
        // Computed once with another tool over the documented layout.
        let expected = "08e5ac3ab2afc48a5a3fc88e8d1e44218301d3415803e35a6733ee00538aac4e";
        let hex: String = LINK.hash(&GENESIS).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, expected);
    }
}

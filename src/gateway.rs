//! Turns requests into bytes and bytes into verdicts.

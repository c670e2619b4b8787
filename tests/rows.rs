//! The payment machine in rows: an event, and exactly the effects that follow.
//!
//! Each story names the invariant of the design that it stands for ("I5"). `story` is the small
//! language they are told in; `table` walks through every state, event and verdict.

mod rows {
    pub mod story;

    mod cancelling;
    mod endings;
    mod journal;
    mod late;
    mod presenting;
    mod resolving;
    mod table;
    mod voiding;
}

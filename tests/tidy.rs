//! The rules of the house that a compiler does not know: who may use whom, what stands in a
//! diagram, and how large a file may grow. Each failure says why, and what to do.

mod tidy {
    mod arrows;
    mod diagram;
    mod source;
    mod words;
}

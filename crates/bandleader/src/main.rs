//! `band`.

fn main() {}

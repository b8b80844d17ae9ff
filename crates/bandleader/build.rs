//! The dashboard's files become part of the program: when they change, so does it.

fn main() {
    // The folder is always there; what `npm run build` puts into it is not under version control.
    println!("cargo:rerun-if-changed=../../web/built");
}

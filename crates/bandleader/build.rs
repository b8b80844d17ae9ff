//! The dashboard's files become part of the program: when they change, so does it. And how the program is linked.

fn main() {
    // The folder is always there; what `npm run build` puts into it is not under version control.
    println!("cargo:rerun-if-changed=../../web/built");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        // The table of addresses to fill in at the start is a megabyte that every process reads, and a hundredth of that packed.
        // A linker that does not know it ignores what follows `-z`.
        println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

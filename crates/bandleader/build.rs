//! The dashboard's files become part of the program: when they change, so does it. And how the program is linked.

fn main() {
    // The folder is always there; what `npm run build` puts into it is not under version control.
    println!("cargo:rerun-if-changed=../../web/built");
    let target = |part: &str| std::env::var(format!("CARGO_CFG_TARGET_{part}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        // At a place of its own, as Go's programs are: a program that may be loaded anywhere has a megabyte of addresses to fill in at each
        // start, pages that no two processes share. That was a third of the time of `band --version`, and every run has three such starts
        // before its first task. Stack, heap and libraries still lie at random; there is no unsafe code of ours that would need more.
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
}

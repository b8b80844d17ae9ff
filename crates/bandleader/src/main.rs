//! `band`.

fn main() {
    if let Some(code) = bandleader_engine::supervisor::early_exit() {
        std::process::exit(code);
    }
}

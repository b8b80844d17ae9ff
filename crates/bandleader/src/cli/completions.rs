//! `band completions SHELL`: what the shell needs to complete our verbs and options.

use clap::Args;
use clap_complete::Shell;

use crate::error::{Exit, Outcome};
use crate::render::screen::Screen;

/// Print shell completions
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band completions bash > ~/.local/share/bash-completion/completions/band
  band completions fish > ~/.config/fish/completions/band.fish
  band completions zsh  > a folder in $fpath, as _band")]
pub(crate) struct Arguments {
    /// For which shell
    shell: Shell,
}

/// Prints them.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut super::command(), "band", &mut script);
    screen.out(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Succeeded)
}

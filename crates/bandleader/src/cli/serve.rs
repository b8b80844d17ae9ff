//! `band serve`: the project's runs in the browser and over HTTP.

use std::io::IsTerminal as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use bandleader_engine::folder::Folder;
use bandleader_engine::process::is_within_a_task;
use clap::Args;

use crate::config;
use crate::error::{Failure, Outcome};
use crate::hooks;
use crate::render::screen::Screen;
use crate::render::text::clean;
use crate::serve::{Links, Reach, Renew, Role, SHORTEST_TOKEN, Settings, address_of, serve};

/// Serve the runs of this project to the browser and to programs
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  band serve                        prints a link; whoever has it can do what you can
  band serve --read-only            whoever has the link may only look
  band serve --port 0               any port that is free
  ssh -L 4270:localhost:4270 HOST   then the same link works on this side
Links stay good when it is started again; `--new-links` makes new ones and ends the old. Runs do not need it: it may be ended
and started at any time. docs/API.md describes what it serves.
Ends with 0 when it is told to end (Ctrl-C), with 2 when it cannot listen.")]
pub(crate) struct Arguments {
    /// The port; 0 takes any that is free
    #[arg(short, long, value_name = "N", default_value_t = 4270)]
    port: u16,
    /// The address to listen at; any but this machine's own needs --token-file
    #[arg(long, value_name = "ADDR", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    host: IpAddr,
    /// Answer to this name too, as when a proxy stands in front; may be given several times
    #[arg(long = "allow-host", value_name = "NAME")]
    names: Vec<String>,
    /// The operator's token, from a file: at least 32 characters
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    token_file: Option<PathBuf>,
    /// Let nobody do more than look, whichever link they have
    #[arg(long)]
    read_only: bool,
    /// Make new links; those from before open nothing any more
    #[arg(long)]
    new_links: bool,
    /// At most so many connections at a time
    #[arg(long, value_name = "N", default_value_t = 2_048, value_parser = clap::value_parser!(u16).range(1..))]
    connections: u16,
    /// Print the address and the links as one JSON object
    #[arg(long)]
    json: bool,
}

/// Serves.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Outcome {
    if is_within_a_task() {
        return Err(Failure::usage("only people serve a project, and this is a task of a run"));
    }
    let folder = Folder::find_or_create(&config::here()?)?;
    let reach = if arguments.host.is_loopback() { Reach::Loopback } else { Reach::Network };
    if reach == Reach::Network && arguments.token_file.is_none() {
        return Err(Failure::usage(format!(
            "at {} everybody who can reach this machine could start programs on it with the link",
            arguments.host
        ))
        .hint("give a token of your own with `--token-file FILE`, or leave `--host` out and use `ssh -L`"));
    }
    let renew = if arguments.new_links { Renew::Renew } else { Renew::Keep };
    let mut links = Links::of(&folder, renew)?;
    if let Some(file) = &arguments.token_file {
        links = links.with_operator(token(file)?)?;
    }
    if arguments.read_only {
        links = links.only_to_look();
    }
    if reach == Reach::Network {
        screen.note(&format!(
            "listens at {}: whoever can reach it sees that it is there; whoever has the operator's link can see all runs of this project, \
             start plans and with them any program as you. What is sent is not encrypted: put a proxy with TLS in front",
            arguments.host
        ));
    }
    // A `band.toml` that is broken is for `band check` to tell of.
    let incoming = hooks::incoming().unwrap_or_default();
    for hook in incoming.iter().filter_map(|hook| Some((&hook.hook.name, hook.problem()?))) {
        screen.note(&format!("hook `{}` takes nothing: {}", clean(hook.0), clean(hook.1)));
    }
    let settings = Settings {
        incoming,
        address: SocketAddr::new(arguments.host, arguments.port),
        reach,
        names: arguments.names.clone(),
        links,
        connections: arguments.connections.into(),
    };
    serve(&folder, settings, |address, links| tell(arguments, address, links, screen))
}

fn token(file: &std::path::Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::usage(format!("cannot read the token in `{}`: {error}", file.display())))?;
    let token = text.trim();
    let is_plain = token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte));
    if token.len() < SHORTEST_TOKEN || !is_plain {
        return Err(Failure::usage(format!(
            "the token in `{}` has less than {SHORTEST_TOKEN} characters, or others than letters, digits and `-_.~`",
            file.display()
        ))
        .hint("`openssl rand -hex 32` makes a good one"));
    }
    Ok(token.to_owned())
}

/// Says where it is, once it is there.
fn tell(arguments: &Arguments, address: SocketAddr, links: &Links, screen: &mut Screen) -> Result<(), Failure> {
    let place = address_of(address);
    if place != address {
        screen.note("from other machines, put the name or the address of this one into the link");
    }
    let base = format!("http://{place}");
    let link = |role| format!("{base}/?token={}", links.keys(role).token);
    if arguments.json {
        let operator = (!arguments.read_only).then(|| link(Role::Operator));
        let value = serde_json::json!({ "url": base, "operator": operator, "reader": link(Role::Reader) });
        return screen.json_line(&value);
    }
    if arguments.read_only {
        screen.line(&link(Role::Reader))?;
    } else {
        screen.line(&link(Role::Operator))?;
        screen.note(&format!("to look only: {}", link(Role::Reader)));
    }
    if std::io::stderr().is_terminal() {
        screen.note("Ctrl-C ends it; runs go on");
    }
    Ok(())
}

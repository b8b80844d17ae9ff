//! The server as a program: `model-server [--rules FILE|-] [--log FILE] [--port N]`. The first line that it prints is its address.

use std::error::Error;
use std::io::{Read as _, Write as _};
use std::path::PathBuf;

use model_server::{ModelServer, Rule};

const USAGE: &str = "model-server [--rules FILE|-] [--log FILE] [--port N]

  --rules FILE   a JSON list of rules; `-` reads it from stdin; without it, every question is answered with `OK`
  --log FILE     a JSON line for each request, with its body
  --port N       the port on 127.0.0.1; without it, a free one

While it runs: GET /_count (totals), GET /_log (requests), PUT /_rules (other rules),
PUT /_release/NAME (answers with `hold: NAME` go).";

fn main() -> Result<(), Box<dyn Error>> {
    let mut rules = Vec::new();
    let (mut log, mut port) = (None, 0);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("`{word}` needs a value\n{USAGE}"));
        match word.as_str() {
            "--rules" => rules = read_rules(&value()?)?,
            "--log" => log = Some(PathBuf::from(value()?)),
            "--port" => port = value()?.parse().map_err(|error| format!("`--port`: {error}"))?,
            "--help" | "-h" => {
                writeln!(std::io::stdout(), "{USAGE}")?;
                return Ok(());
            }
            other => return Err(format!("unknown word `{other}`\n{USAGE}").into()),
        }
    }
    let server = ModelServer::start_at(port, rules, log.as_deref())?;
    writeln!(std::io::stdout(), "{}", server.url())?;
    std::io::stdout().flush()?;
    server.wait();
    Ok(())
}

fn read_rules(from: &str) -> Result<Vec<Rule>, Box<dyn Error>> {
    let text = if from == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text)?;
        text
    } else {
        std::fs::read_to_string(from).map_err(|error| format!("`{from}`: {error}"))?
    };
    Ok(serde_json::from_str(&text).map_err(|error| format!("`{from}` is not a list of rules: {error}"))?)
}

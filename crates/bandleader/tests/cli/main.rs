//! The command line as people and scripts meet it: what stands on stdout, what on stderr, and the exit code.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here, and says where")]

#[path = "../cli_support/mod.rs"]
mod cli_support;
mod plans;
mod runs;

pub(crate) const SHOP: &str = "\
mission: Low-stock alerts
limits: { parallel: 2 }
phases:
  - id: planning
    tasks:
      - { id: spec, run: 'true', expected_time: 30m }
      - { id: threats, run: 'true', needs: [spec], expected_time: 20m }
  - id: build
    needs: [planning]
    tasks:
      - { id: api, run: 'true', expected_time: 1h }
      - { id: docs, run: 'true', expected_time: 10m }
";

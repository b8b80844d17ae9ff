//! Which driver stands behind which name.

use super::acp::AcpDriver;
use super::assignment::DriverName;
use super::claude::ClaudeDriver;
use super::codex::CodexDriver;
use super::command::CommandDriver;
use super::driver::Driver;
use super::gemini::GeminiDriver;
use super::llm::LlmDriver;
use super::opencode::OpencodeDriver;

/// The driver of this name.
pub(super) fn of(name: DriverName) -> Box<dyn Driver> {
    match name {
        DriverName::Claude => Box::new(ClaudeDriver),
        DriverName::Codex => Box::new(CodexDriver),
        DriverName::Gemini => Box::new(GeminiDriver),
        DriverName::Opencode => Box::new(OpencodeDriver),
        DriverName::Acp => Box::new(AcpDriver),
        DriverName::Llm => Box::new(LlmDriver),
        DriverName::Command => Box::new(CommandDriver),
    }
}

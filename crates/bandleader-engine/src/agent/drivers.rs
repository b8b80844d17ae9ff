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

/// The driver of this name, if this version has it.
pub(super) fn of(name: DriverName) -> Option<Box<dyn Driver>> {
    match name {
        DriverName::Claude => Some(Box::new(ClaudeDriver)),
        DriverName::Codex => Some(Box::new(CodexDriver)),
        DriverName::Gemini => Some(Box::new(GeminiDriver)),
        DriverName::Opencode => Some(Box::new(OpencodeDriver)),
        DriverName::Acp => Some(Box::new(AcpDriver)),
        DriverName::Llm => Some(Box::new(LlmDriver)),
        DriverName::Command => Some(Box::new(CommandDriver)),
    }
}

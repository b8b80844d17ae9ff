use crate::link::*;
use std::path::Path;
#[derive(Debug, thiserror::Error)]
#[error("x")]
pub struct SupervisorError;
pub struct Supervisor;
impl Supervisor {
    pub fn attach_or_start(
        _e: &Path,
        _r: &Path,
        _h: Hello,
        _s: impl FnMut(FromSupervisor) + Send + 'static,
    ) -> Result<Supervisor, SupervisorError> {
        Ok(Supervisor)
    }
    pub fn send(&mut self, _t: ToSupervisor) -> Result<(), SupervisorError> {
        Ok(())
    }
}

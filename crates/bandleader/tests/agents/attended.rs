//! What is the same for all drivers.

use bandleader_core::plan::FailureClass;

use crate::common::Scene;

#[test]
fn a_driver_that_this_version_lacks_and_a_folder_that_is_gone_are_said_in_words() {
    let scene = Scene::new("claude", "exit 0\n");
    std::fs::remove_dir(scene.project()).unwrap();
    let ended = scene.run();
    assert_eq!(ended.code, Some(1));
    let failure = ended.report.failure.unwrap();
    assert_eq!(failure.class, FailureClass::Start);
    assert!(failure.message.contains("project` is not there"), "{}", failure.message);
    assert!(ended.errors.contains("is not there"), "{}", ended.errors);
}

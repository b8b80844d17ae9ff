//! What the templates and conditions of a task can see: parameters, what its needs handed on, and who it is.
//!
//! Pure. Used by `decide` for `when`, and by the shell when it prepares an attempt.

use serde_json::{Map, Value, json};

use super::Run;
use crate::plan::Work;
use crate::{RunId, TaskId};

/// Builds the context of one task.
#[derive(Clone, Copy, Debug)]
pub struct TaskContext<'a> {
    /// The run.
    pub run: &'a Run,
    /// Its id; none while conditions are judged, which may not depend on it.
    pub run_id: Option<&'a RunId>,
    /// Whose templates.
    pub task: TaskId,
}

impl TaskContext<'_> {
    /// The names that templates see: `inputs`, `needs`, `item`, `index`, `matrix`, `level`, `mission`, `run`, `task`, `attempt`.
    pub fn to_value(self) -> Value {
        let plan = self.run.plan();
        let task = plan.task(self.task);
        let inputs: Map<String, Value> = plan
            .scopes
            .get(task.scope as usize)
            .map(|scope| scope.iter().map(|(name, value)| (name.clone(), value.clone())).collect())
            .unwrap_or_default();
        let needs: Map<String, Value> =
            task.need_names.iter().map(|(name, need)| (name.clone(), self.need(*need))).collect();
        let mut context = json!({
            "inputs": inputs,
            "needs": needs,
            "level": self.run.level(),
            "mission": plan.mission,
            "task": { "id": task.path },
            "attempt": self.run.task(self.task).attempts.max(1),
        });
        if let Some(context) = context.as_object_mut() {
            if let Some(id) = self.run_id {
                context.insert("run".into(), json!({ "id": id.as_str() }));
            }
            context.extend(task.bindings.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
        context
    }

    /// What is seen of a need. A group shows the outputs of its members under their last names, and all deliverables.
    fn need(self, id: TaskId) -> Value {
        let plan = self.run.plan();
        let state = self.run.task(id).state.name();
        if plan.task(id).work != Work::Join {
            return json!({ "state": state, "outputs": self.outputs(id), "deliverables": self.deliverables(id) });
        }
        let members = plan.task(id).needs.iter().filter(|member| plan.task(**member).is_real());
        let (mut outputs, mut deliverables) = (Map::new(), Vec::new());
        for member in members {
            let name = plan.task(*member).path.rsplit('.').next().unwrap_or_default().to_owned();
            outputs.insert(name, self.outputs(*member));
            deliverables.extend(self.deliverables(*member));
        }
        json!({ "state": state, "outputs": outputs, "deliverables": deliverables })
    }

    fn outputs(self, id: TaskId) -> Value {
        let report = self.run.task(id).past().report.as_ref();
        let outputs = report.map(|report| report.outputs.clone()).unwrap_or_default();
        Value::Object(outputs.into_iter().collect())
    }

    fn deliverables(self, id: TaskId) -> Vec<String> {
        let report = self.run.task(id).past().report.as_ref();
        report.map(|report| report.delivered.iter().map(|one| one.path.clone()).collect()).unwrap_or_default()
    }
}

//! Answers to what the app-server asks. Nobody sits at it, so there is always one, at once.
//!
//! Pure. What the sandbox lets an agent do, Codex does without asking; it asks for what is outside. So only `full` says yes.

use bandleader_core::plan::Permissions;
use serde_json::{Value, json};

use super::item::text;

/// What to answer, and which tool was refused by that, if one was.
#[derive(Debug, PartialEq)]
pub(super) struct Answer {
    /// The result, or an error for what we have never heard of.
    pub(super) body: Result<Value, Value>,
    /// The tool.
    pub(super) refused: Option<String>,
}

/// Answers a request of the server.
pub(super) fn answer(method: &str, params: &Value, permissions: Permissions) -> Answer {
    let full = permissions == Permissions::Full;
    let decided = |tool: String, yes: Value, no: Value| Answer {
        body: Ok(if full { yes } else { no }),
        refused: (!full).then_some(tool),
    };
    match method {
        "item/commandExecution/requestApproval" => {
            decided("shell".into(), json!({ "decision": "accept" }), json!({ "decision": "decline" }))
        }
        "item/fileChange/requestApproval" => {
            decided("apply_patch".into(), json!({ "decision": "accept" }), json!({ "decision": "decline" }))
        }
        // Older servers.
        "execCommandApproval" => {
            decided("shell".into(), json!({ "decision": "approved" }), json!({ "decision": "denied" }))
        }
        "applyPatchApproval" => {
            decided("apply_patch".into(), json!({ "decision": "approved" }), json!({ "decision": "denied" }))
        }
        "item/permissions/requestApproval" => decided(
            "request_permissions".into(),
            json!({ "permissions": params["permissions"] }),
            json!({ "permissions": {} }),
        ),
        "mcpServer/elicitation/request" => {
            // Only consent can be given; a form has nobody to fill it in.
            let form = params["requestedSchema"]["required"].as_array().is_some_and(|fields| !fields.is_empty());
            let yes = if form { json!({ "action": "decline" }) } else { json!({ "action": "accept", "content": {} }) };
            decided(format!("mcp__{}", text(&params["serverName"])), yes, json!({ "action": "decline" }))
        }
        "item/tool/requestUserInput" => Answer { body: Ok(nobody_is_here(params)), refused: None },
        "item/tool/call" => Answer {
            body: Ok(
                json!({ "contentItems": [{ "type": "inputText", "text": "there is no such tool here" }], "success": false }),
            ),
            refused: None,
        },
        _ => {
            let message = format!("`{method}` is not known here");
            Answer { body: Err(json!({ "code": -32601, "message": message })), refused: None }
        }
    }
}

fn nobody_is_here(params: &Value) -> Value {
    let words = "Nobody is at this terminal. Decide yourself and say what you assumed, or use the tool `ask` of the server `band`.";
    let questions = params["questions"].as_array().into_iter().flatten();
    let answers: serde_json::Map<String, Value> =
        questions.map(|question| (text(&question["id"]), json!({ "answers": [words] }))).collect();
    json!({ "answers": answers })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: &str, params: &Value, permissions: Permissions, body: &Value, refused: Option<&str>) {
        let answer = answer(method, params, permissions);
        assert_eq!((answer.body.as_ref().ok(), answer.refused.as_deref()), (Some(body), refused), "{method}");
    }

    #[test]
    fn only_full_says_yes() {
        let (no, yes) = (json!({ "decision": "decline" }), json!({ "decision": "accept" }));
        for permissions in [Permissions::ReadOnly, Permissions::Edit] {
            check("item/commandExecution/requestApproval", &json!({}), permissions, &no, Some("shell"));
            check("item/fileChange/requestApproval", &json!({}), permissions, &no, Some("apply_patch"));
        }
        check("item/commandExecution/requestApproval", &json!({}), Permissions::Full, &yes, None);
        let wanted = json!({ "permissions": { "network": { "enabled": true } } });
        check(
            "item/permissions/requestApproval",
            &wanted,
            Permissions::Edit,
            &json!({ "permissions": {} }),
            Some("request_permissions"),
        );
        check("item/permissions/requestApproval", &wanted, Permissions::Full, &wanted, None);
        let elicited = json!({ "serverName": "db" });
        check(
            "mcpServer/elicitation/request",
            &elicited,
            Permissions::Edit,
            &json!({ "action": "decline" }),
            Some("mcp__db"),
        );
    }

    #[test]
    fn a_question_is_answered_and_the_unknown_is_refused() {
        let asked = json!({ "questions": [{ "id": "q1" }, 7] });
        let told = answer("item/tool/requestUserInput", &asked, Permissions::Full).body.unwrap();
        assert!(told["answers"]["q1"]["answers"][0].as_str().unwrap().contains("`ask`"), "{told}");
        assert!(answer("attestation/generate", &json!({}), Permissions::Full).body.is_err());
    }
}

//! The commands that people get in their program: plan, run, status, decisions. Each program has its own form for them.

use std::path::PathBuf;

use super::Client;
use super::clients::Place;
use super::write::MARK;

/// One command: its name, what it is for, and what the model is told. `ARGUMENTS` stands for what the person typed behind it.
struct Command {
    name: &'static str,
    about: &'static str,
    hint: &'static str,
    text: &'static str,
}

const COMMANDS: [Command; 4] = [
    Command {
        name: "plan",
        about: "Make a Bandleader plan for what you want",
        hint: "what you want",
        text: "Make a plan for this: ARGUMENTS\n\nUse the tools of the MCP server `bandleader`. Call propose_plan with the request as it \
               is (by: planner only if I ask for a planner; then proposal_status until it is done). Read which answers were assumed, and \
               ask me about those that matter. Change the plan where it does not fit, check it with check_plan until nothing is wrong, and \
               show me its phases, its critical path and its expected finish. Save it as plan.yaml (another name if that is taken). Do \
               not start it.",
    },
    Command {
        name: "run",
        about: "Preview a plan, start it when you say so, and watch it",
        hint: "a plan file or name",
        text: "Run this plan: ARGUMENTS (plan.yaml if nothing is named).\n\nUse the tools of the MCP server `bandleader`. Call preview_run and \
               show me what would run: tasks, agents, commands, expected finish, what is lacking. Start it with start_run only when I \
               have said yes. Then follow it with run_status, wait_seconds 45, wait_for decision and the last seq as after_seq, and tell me in \
               a sentence what is new. When it asks something, show me the options and call answer_decision: I answer in the window that it opens. At its end \
               show me the report in short.",
    },
    Command {
        name: "status",
        about: "How a run stands, and what needs you",
        hint: "a run, or nothing for the newest",
        text: "How does this run stand: ARGUMENTS (the newest one if nothing is named)?\n\nUse run_status and list_decisions of the MCP \
               server `bandleader`. Say what runs, what is done, what failed and why, what stands in the way, when it will be finished, and \
               what waits for me. Be short.",
    },
    Command {
        name: "decide",
        about: "Answer what runs ask you",
        hint: "a run, or nothing for all",
        text: "Show me what is asked of me: ARGUMENTS (of all runs if nothing is named).\n\nUse list_decisions of the MCP server `bandleader`. \
               For each, the most pressing first, show the options side by side, what is recommended and when silence counts, say what \
               you would take and why, and call answer_decision. I answer in the window that it opens; you cannot answer for me.",
    },
];

/// The files of a program's commands.
pub(super) fn commands(place: &Place) -> Vec<(PathBuf, String)> {
    COMMANDS.iter().map(|command| file(place, command)).collect()
}

fn file(place: &Place, command: &Command) -> (PathBuf, String) {
    let Command { name, about, hint, text } = command;
    let (folder, mark) = (&place.commands, format!("{MARK}; `band install --uninstall` takes it out again."));
    match place.client {
        Client::ClaudeCode => {
            let text = text.replace("ARGUMENTS", "$ARGUMENTS");
            let head = format!("---\ndescription: {about}\nargument-hint: \"[{hint}]\"\n---\n\n<!-- {mark} -->\n");
            (folder.join(format!("{name}.md")), format!("{head}\n{text}\n"))
        }
        Client::Opencode => {
            let text = text.replace("ARGUMENTS", "$ARGUMENTS");
            let head = format!("---\ndescription: {about}\n---\n\n<!-- {mark} -->\n");
            (folder.join(format!("band-{name}.md")), format!("{head}\n{text}\n"))
        }
        Client::Gemini => {
            let mut document = toml_edit::DocumentMut::new();
            document.insert("description", toml_edit::value(*about));
            document.insert("prompt", toml_edit::value(text.replace("ARGUMENTS", "{{args}}")));
            (folder.join(format!("{name}.toml")), format!("# {mark}\n{document}"))
        }
        Client::Codex => {
            let text = text.replace("ARGUMENTS", "what I wrote beside the name of this skill");
            let head = format!(
                "---\nname: band-{name}\ndescription: {about}. Use it when asked for by name.\n---\n\n<!-- {mark} -->\n"
            );
            (folder.join(format!("band-{name}")).join("SKILL.md"), format!("{head}\n{text}\n"))
        }
    }
}

/// How they are typed.
pub(super) fn how(place: &Place) -> String {
    let (before, after) = match place.client {
        Client::ClaudeCode | Client::Gemini => ("/band:", ""),
        Client::Opencode => ("/band-", ""),
        Client::Codex => ("$band-", " (skills)"),
    };
    let names: Vec<String> = COMMANDS.iter().map(|command| format!("{before}{}", command.name)).collect();
    format!("{}{after}", names.join(", "))
}

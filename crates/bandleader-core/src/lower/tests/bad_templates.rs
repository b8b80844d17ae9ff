//! Templates that name nothing.

use super::{check, checked};
use crate::CheckOptions;

/// A task `b` that an agent does needs `spec-one` and the group `all`; `text` is what it is told.
fn with(text: &str) -> String {
    format!(
        "mission: m\nagents: {{bot: {{command: [b]}}}}\ninputs: {{target: {{default: src}}}}\ntasks:\n\
         - {{id: spec-one, run: x, outputs: [title, size]}}\n\
         - {{id: all, run: x, foreach: [x, y], outputs: [n]}}\n\
         - {{id: other, run: x}}\n\
         - id: b\n  agent: bot\n  needs: [spec-one, all]\n  task: \"{text}\"\n"
    )
}

#[track_caller]
fn check_text(text: &str, expected: &str) {
    check(&with(text), expected);
}

#[track_caller]
fn check_hint(text: &str, hint: &str) {
    let checked = checked(&with(text), &CheckOptions::default(), &[]);
    assert_eq!(checked.diagnostics[0].hint.as_deref().unwrap_or_default(), hint, "{}", checked.diagnostics[0].message);
}

#[test]
fn names_that_name_something_are_fine() {
    check_text(
        "{{ needs.spec_one.outputs.title }} {{ needs['spec-one'].outputs.title }} {{ needs.spec_one.state }}",
        "",
    );
    check_text(
        "{{ needs.all.outputs.x.n }} {{ needs.all.deliverables }} {{ inputs.target }} {{ level }} {{ mission }}",
        "",
    );
    check_text("{{ run.id }} {{ task.id }} {{ attempt }} {% for m in needs.all.outputs %}{{ m }}{% endfor %}", "");
}

#[test]
fn names_that_name_nothing_are_underlined() {
    check_text("a {{ needs.spec_one.outputs.titel }}", "11:15 plan::unknown-name: `spec_one` has no output `titel`");
    check_text("{{ needs.other.state }}", "11:13 plan::unknown-name: `other` is not among what this task needs");
    check_text("{{ needs.spec_one.title }}", "11:13 plan::unknown-name: `spec_one` has no field `title`");
    check_text("{{ needs.spec_one.status }}", "11:13 plan::unknown-name: no field of a need is called `status`");
    check_text("{{ needs.all.outputs.z }}", "11:13 plan::unknown-name: no member of `all` is called `z`");
    check_text("{{ needs.all.outputs.x.m }}", "11:13 plan::unknown-name: `x` has no output `m`");
    check_text("{{ inputs.tagret }}", "11:13 plan::unknown-name: no input is called `tagret`");
    check_text("{{ item }}", "11:13 plan::unknown-name: `item` means nothing here: this task has no `foreach`");
    check_text("{{ matrix.os }}", "11:13 plan::unknown-name: `matrix` means nothing here: this task has no `matrix`");
    check_text(
        "{{ env.HOME }}",
        "11:13 plan::unknown-name: `env` means nothing here: the environment can be seen in values of `env:` only",
    );
    check_text("{{ spec.outputs.title }}", "11:13 plan::unknown-name: `spec` means nothing in a template");
    check_text("{{ run.name }}", "11:13 plan::unknown-name: no field of `run` is called `name`");
    check_text(
        "{{ needs.spec-one.outputs.title }}",
        "11:13 plan::unknown-name: `needs.spec-one` reads as a subtraction",
    );
}

#[test]
fn hints_say_what_to_write() {
    check_hint("{{ needs.spec_one.outputs.titel }}", "did you mean `title`?");
    check_hint("{{ needs.spec_one.outputs.banana }}", "it has `size` and `title`; declare the others under `outputs`");
    check_hint("{{ needs.other.state }}", "add `other` to `needs`");
    check_hint("{{ needs.spec_on.state }}", "did you mean `spec_one`?");
    check_hint("{{ needs.spec_one.title }}", "outputs are reached as `needs.spec_one.outputs.title`");
    check_hint("{{ needs.spec-one.outputs.title }}", "write dashes as underscores: `needs.spec_one`");
    check_hint("{{ input.target }}", "did you mean `inputs`?");
    check_hint("{{ needs.all.outputs.z }}", "it has `x` and `y`");
}

#[test]
fn templates_must_read() {
    check_text("a {{ level", "11:12 plan::bad-template: this `{{` is not closed");
    check_text("{{ level | shout }}", "11:21 plan::bad-template: there is no filter `shout`");
    check_text(
        "{% if level %}x",
        "11:24 plan::bad-template: it ends where `%}` or an end such as `{% endif %}` should follow",
    );
}

#[test]
fn every_text_with_templates_is_checked() {
    let cases = [
        "input: '{{ x }}'",
        "input: {spec: '{{ x }}'}",
        "subtasks: ['{{ x }}']",
        "focus_areas: '{{ x }}'",
        "deliverables: ['{{ x }}.md']",
        "outputs: {v: {file: '{{ x }}'}}",
        "env: {V: '{{ x }}'}",
        "reads: '{{ x }}/**'",
        "directory: '{{ x }}'",
        "when: x > 1",
    ];
    for entry in cases {
        let column = 3 + entry.find("{{ x").map_or_else(|| entry.find("x >").unwrap(), |at| at + 3);
        let text = format!("{}  {entry}\n", with("hi"));
        check(&text, &format!("12:{column} plan::unknown-name: `x` means nothing in a template"));
    }
}

#[test]
fn paths_that_are_needed_early_see_inputs_only() {
    let text = format!("{}  writes: '{{{{ needs.spec_one.outputs.title }}}}'\n", with("hi"));
    check(&text, "12:15 plan::unknown-name: outputs of tasks are not known here; only inputs are");
}

#[test]
fn a_mission_sees_inputs_only() {
    let text = "mission: 'Review {{ inputs.scr }}'\ninputs: {src: {default: lib}}\ntasks: [{id: a, run: x}]";
    check(text, "1:21 plan::unknown-name: no input is called `scr`");
}

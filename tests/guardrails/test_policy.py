# ruff: noqa: E501 one wrong policy a line
import pytest

from guardrails.errors import PolicyError
from guardrails.policy_file import PRESETS, lineage, load_policy
from guardrails.verdict import FAILED, Action, Finding, Stage

SMALL = """
name: small
message: Stopped.
stages:
  input:
    topics: {action: block, message: Not that.}
    pii: {action: redact}
rails:
  topics:
    topics:
      - {name: football, description: The game., examples: ["Who won?", "Who scored?"], message: No football.}
"""


def write(tmp_path, text, encoding="utf-8"):
    file = tmp_path / "policy.yaml"
    file.write_bytes(text.encode(encoding))
    return file


def test_the_shipped_policy_covers_all_four_stages():
    policy = load_policy()
    assert set(policy.stages) == set(Stage)
    assert policy.rules(Stage.INPUT)["injection"].action is Action.BLOCK
    assert policy.rules(Stage.DOCUMENT)["injection"].action is Action.FLAG


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name: [", ["line 1", "Mend that line"]),
        ("name: x\nmessage: m\nstages: {}\nname: y", ["line 4", "name is given twice"]),
        ("name: x\nmessage: m\nstages: {}\nstage: {}", ["stage:", "Remove it or correct its spelling"]),
        ("message: m\nstages: {}", ["name:", "Add it"]),
        ("name: x\nmessage: m\nstages: {entrance: {}}", ["stages.entrance", "'document', 'input', 'passage' or 'output'"]),
        ("name: x\nmessage: m\nstages: {input: {piii: {action: block}}}", ["stages.input.piii", "'pii'"]),
        ("name: x\nmessage: m\nstages: {input: {pii: {action: shout}}}", ["stages.input.pii.action", "'redact'"]),
        ("name: x\nmessage: m\nstages: {input: {pii: {action: flag, threshold: 2}}}", ["pii.threshold", "less than"]),
        ("name: x\nmessage: m\nstages: {input: {grounding: {action: flag}}}", ["grounding", "stage output"]),
        ("name: x\nmessage: m\nstages: {}\nrails: {pii: {entities: {MAIL: 0.5}}}", ["rails.pii.entities", "EMAIL_ADDRESS"]),
        (
            "name: x\nmessage: m\nstages: {}\nrails: {topics: {topics: [{name: t, description: d, examples: [a]}]}}",
            ["rails.topics.topics.0.examples", "at least 2"],
        ),
        ("name: x\nmessage: m\nstages: {input: {pii: {action: flag, threshold: 0.1, false_positives: 0.1}}}", ["either"]),
        ("name: x\nmessage: m\nstages: {input: {pii: {action: flag, restore: true}}}", ["restore", "redact"]),
        ("name: x\nmessage: {}\nstages: {}", ["message", "at least 1"]),
        ("name: 2020-13-45", ["month must be in 1..12", "Quote it"]),
        ("name: !!int ''", ["cannot read", "Quote it"]),
        ("name: !!timestamp x", ["cannot read", "Quote it"]),
        ("name: " + "[" * 5_000, ["nested too deeply"]),
        ("extends: 3", ["extends", "balanced"]),
        ("- a list", ["policy"]),
    ],
)  # fmt: skip
def test_a_wrong_policy_is_told_with_file_field_and_remedy(tmp_path, text, told):
    file = write(tmp_path, text)
    with pytest.raises(PolicyError) as raised:
        load_policy(file)
    assert all(part in str(raised.value) for part in [str(file), *told]), str(raised.value)


def test_a_missing_policy_is_a_clear_error(tmp_path):
    with pytest.raises(PolicyError, match="cannot be read"):
        load_policy(tmp_path / "none.yaml")


def test_a_policy_in_another_encoding_is_a_clear_error(tmp_path):
    with pytest.raises(PolicyError, match="not UTF-8"):
        load_policy(write(tmp_path, "name: é", "utf-16"))


def test_the_version_follows_the_content(tmp_path):
    one, same = load_policy(write(tmp_path, SMALL)), load_policy(write(tmp_path, SMALL + "\n# a comment"))
    other = load_policy(write(tmp_path, SMALL.replace("Stopped", "Halted")))
    assert one.version == same.version != other.version
    assert one.version.startswith("small-")


@pytest.mark.parametrize(
    ("rail", "label", "message"),
    [
        ("topics", "football", "No football."),
        ("topics", "other", "Not that."),
        ("pii", "EMAIL_ADDRESS", "Stopped."),
        ("topics", FAILED, "Stopped."),
        ("unknown", "x", "Stopped."),
    ],
)
def test_the_most_particular_message_is_told(tmp_path, rail, label, message):
    finding = Finding(rail, label, Action.BLOCK, 1.0, 0, 1, "because")
    assert load_policy(write(tmp_path, SMALL)).message_for(Stage.INPUT, finding) == {"en": message}


def test_a_fault_is_told_with_its_line(tmp_path):
    file = write(tmp_path, SMALL.replace("action: redact", "action: shred"))
    with pytest.raises(PolicyError, match=r"policy\.yaml: line 7: stages\.input\.pii\.action"):
        load_policy(file)


def test_what_is_missing_is_told_with_the_line_of_what_lacks_it(tmp_path):
    with pytest.raises(PolicyError, match=r"line 5: rails\.topics\.topics\.1\.examples"):
        load_policy(
            write(
                tmp_path,
                "name: x\nmessage: m\nstages: {}\nrails: {topics: {topics: [{name: t, description: d, "
                "examples: [a, b]},\n {name: u, description: d}]}}",
            )
        )


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_covers_all_four_stages(name):
    policy = load_policy(name)
    assert policy.name == name
    assert set(policy.stages) == set(Stage)


def test_a_policy_that_extends_another_says_only_what_differs(tmp_path):
    write(tmp_path, SMALL)
    file = tmp_path / "own.yaml"
    file.write_text(
        "extends: policy.yaml\nname: own\nstages: {input: {topics: {shadow: true}, pii: null}, output: {pii: {action: flag}}}"
    )
    policy = load_policy(file)
    assert policy.rules(Stage.INPUT)["topics"].shadow
    assert policy.rules(Stage.INPUT)["topics"].action is Action.BLOCK
    assert "pii" not in policy.rules(Stage.INPUT)
    assert policy.rules(Stage.OUTPUT)["pii"].action is Action.FLAG
    assert policy.rails.topics.topics[0].name == "football"
    assert lineage(file) == (file, tmp_path / "policy.yaml")


@pytest.mark.parametrize(
    ("parent", "child", "told"),
    [
        (SMALL.replace("redact", "shred"), "name: own", "policy.yaml: line 7: stages.input.pii.action"),
        (SMALL, "stages: {input: {pii: {action: shred}}}", "own.yaml: line 2: stages.input.pii.action"),
        (
            SMALL.replace("redact", "shred"),
            "stages:\n  input:\n    pii: {threshold: 2}",
            "own.yaml: line 4: stages.input.pii.threshold",
        ),
        (
            SMALL.replace("redact", "shred"),
            "stages:\n  input:\n    pii: {threshold: 2}",
            "policy.yaml: line 7: stages.input.pii.action",
        ),
        # A list replaces its parent's.
        (
            SMALL,
            "rails:\n  topics:\n    topics:\n    - {name: x, description: d}",
            "own.yaml: line 5: rails.topics.topics.0.examples",
        ),
        (SMALL.replace("message: Stopped.", ""), "name: own", "own.yaml: line 1: message"),
    ],
)
def test_a_fault_is_told_with_the_file_that_it_stands_in(tmp_path, parent, child, told):
    write(tmp_path, parent)
    file = tmp_path / "own.yaml"
    file.write_text(f"extends: policy.yaml\n{child}")
    with pytest.raises(PolicyError) as raised:
        load_policy(file)
    assert told in str(raised.value)


def test_policies_that_extend_each_other_are_a_clear_error(tmp_path):
    one, other = tmp_path / "one.yaml", tmp_path / "other.yaml"
    one.write_text("extends: other.yaml")
    other.write_text("extends: one.yaml")
    with pytest.raises(PolicyError, match="extends itself"):
        load_policy(one)


def test_a_kind_of_personal_data_may_have_an_action_of_its_own(tmp_path):
    text = SMALL + "  pii: {entities: {EMAIL_ADDRESS: 0.4, CREDIT_CARD: {threshold: 0.3, action: block}}}"
    policy = load_policy(write(tmp_path, text))
    rule = policy.rules(Stage.INPUT)["pii"]
    found = [Finding("pii", label, Action.FLAG, 1.0, 0, 1, "") for label in ("EMAIL_ADDRESS", "CREDIT_CARD")]
    assert [policy.action_for(rule, each) for each in found] == [Action.REDACT, Action.BLOCK]
    assert policy.rails.pii.thresholds == {"EMAIL_ADDRESS": 0.4, "CREDIT_CARD": 0.3}


STRICTER = {"open": "balanced", "balanced": "strict"}


@pytest.mark.parametrize(("mild", "hard"), STRICTER.items())
def test_a_stricter_preset_misses_nothing_that_a_milder_one_finds(mild, hard):
    for stage in Stage:
        mild_rules, hard_rules = load_policy(mild).rules(stage), load_policy(hard).rules(stage)
        assert set(mild_rules) <= set(hard_rules)
        for rail, rule in mild_rules.items():
            other = hard_rules[rail]
            assert rule.action.severity <= other.action.severity, (stage, rail)
            if rule.threshold is not None and other.threshold is not None:
                assert rule.threshold >= other.threshold, (stage, rail)
            if rule.false_positives is not None and other.false_positives is not None:
                assert rule.false_positives <= other.false_positives, (stage, rail)


@pytest.mark.parametrize("name", PRESETS)
def test_what_a_preset_says_of_its_own_it_says_in_four_languages(name):
    policy = load_policy(name)
    topics = [topic.message for topic in policy.rails.topics.topics if topic.message]
    injection = policy.rules(Stage.INPUT)["injection"].message
    for message in (policy.message, injection, *topics):
        assert set(message) == {"en", "de", "fr", "es"}


def test_a_topic_may_have_a_message_in_each_language(tmp_path):
    text = SMALL.replace("message: No football.", "message: {en: No football., de: Kein Fussball.}")
    found = Finding("topics", "football", Action.BLOCK, 1.0, 0, 1, "because")
    told = load_policy(write(tmp_path, text)).message_for(Stage.INPUT, found)
    assert told == {"en": "No football.", "de": "Kein Fussball."}


def test_a_policy_at_one_stage_changes_with_that_stage_alone(tmp_path):
    before, after = (load_policy(write(tmp_path, text)) for text in (SMALL, SMALL.replace("redact", "flag")))
    assert before.at(Stage.INPUT).version != after.at(Stage.INPUT).version
    assert before.at(Stage.DOCUMENT).version == after.at(Stage.DOCUMENT).version
    assert before.at(Stage.DOCUMENT).rules(Stage.INPUT) == {}

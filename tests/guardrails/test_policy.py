# ruff: noqa: E501 one wrong policy a line
import pytest

from guardrails.errors import PolicyError
from guardrails.policy import DEFAULT_POLICY, load_policy
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
    policy = load_policy(DEFAULT_POLICY)
    assert set(policy.stages) == set(Stage)
    assert policy.rules(Stage.INPUT)["injection"].action is Action.BLOCK
    assert policy.rules(Stage.DOCUMENT)["injection"].action is Action.FLAG


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name: [", ["line 1", "Mend that line"]),
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
    assert load_policy(write(tmp_path, SMALL)).message_for(Stage.INPUT, finding) == message

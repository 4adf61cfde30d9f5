"""The gate's word decides, unless it is overruled; all that is decided is recorded."""

import json
from contextlib import ExitStack

import pytest

from eval.errors import Incomparable
from finetune.errors import BadAdapter, Busy, HookFailed, Meanwhile, NothingLive
from finetune.hooks import Hooks
from finetune.promotion.history import Entry
from finetune.promotion.promote import promote
from finetune.promotion.rollback import rollback
from service.errors import ModelUnavailable
from service.split import Split
from tests.finetune.registries import Scripted, adapter, name, order, questions, stages


@pytest.fixture
def made(tmp_path):
    """Adapters that nobody has promoted, by the words that are their weights."""

    def make(weights, **more):
        return adapter(tmp_path / "made" / weights, weights, **more)

    return make


@pytest.fixture
def home(tmp_path, made):
    """A registry with `old` live."""
    registry = stages(tmp_path).registry
    registry.point(registry.admit(made("old")))
    return tmp_path


def events(stages):
    return [entry.event for entry in stages.registry.history.entries()]


def test_the_first_one_is_held_against_the_limits_alone(tmp_path, made):
    at = stages(tmp_path, Scripted({name("bad"): 0.1}))
    refused = promote(order(made("bad")), at)
    assert (refused.outcome, at.registry.live()) == ("refused", None)
    assert "answer_f1" in refused.evidence.failed
    assert promote(order(made("good")), at).outcome == "promoted"
    assert at.registry.live() == name("good")


@pytest.mark.parametrize("count", [0, 2])
def test_too_few_questions_promote_no_first_one(tmp_path, made, count):
    at = stages(tmp_path)
    with pytest.raises(Incomparable, match="are too few to tell"):
        promote(order(made("good"), questions(count)), at)
    assert at.registry.live() is None


def test_one_that_is_as_good_as_the_live_one_is_promoted_with_its_evidence(home, made):
    at = stages(home)
    done = promote(order(made("new")), at)
    assert (done.outcome, done.before) == ("promoted", name("old"))
    assert at.registry.live() == name("new")
    evidence = json.loads((at.registry.folder / done.file).read_text())
    assert (evidence["passed"], evidence["live"], evidence["by"]) == (True, name("old"), "anna")
    (f1,) = (figure for figure in evidence["figures"] if figure["metric"] == "answer_f1")
    assert (f1["before"]["value"], f1["after"]["value"], f1["difference"]["n"]) == (1.0, 1.0, 40)
    assert "the gate lets it pass" in (at.registry.folder / done.file).with_suffix(".md").read_text()
    assert events(at)[-2:] == ["promoting", "promoted"]


def test_a_worse_one_is_refused_with_the_evidence_and_nothing_moves(home, made):
    at = stages(home, Scripted({name("worse"): 0.6}))
    done = promote(order(made("worse")), at)
    assert (done.outcome, at.registry.live()) == ("refused", name("old"))
    (entry,) = at.registry.history.entries()[-1:]
    assert (entry.event, entry.adapter, entry.by) == ("refused", name("worse"), "anna")
    assert {"answer_f1", "citation_right"} <= set(entry.failed)
    evidence = json.loads((at.registry.folder / entry.evidence).read_text())
    (f1,) = (figure for figure in evidence["figures"] if figure["metric"] == "answer_f1")
    assert (f1["state"], f1["stops"]) == ("worse", True)
    assert f1["difference"]["high"] < 0 < len(f1["flipped"])
    told = (at.registry.folder / entry.evidence).with_suffix(".md").read_text()
    assert "the gate refuses it" in told
    assert "worse: stops it" in told


def test_a_refusal_is_not_recorded_while_another_moves_the_pointer(home, made, monkeypatch):
    monkeypatch.setattr("finetune.promotion.registry.PATIENCE", 0.0)
    with ExitStack() as stack:

        class Meddled(Scripted):
            def __call__(self, adapter, row):
                if not self.asked:
                    stack.enter_context(at.registry.moving())
                return super().__call__(adapter, row)

        at = stages(home, Meddled({name("worse"): 0.6}))
        with pytest.raises(Busy):
            promote(order(made("worse")), at)
    assert events(at) == []


def test_forcing_it_promotes_it_and_says_who_why_and_what_failed(home, made):
    at = stages(home, Scripted({name("worse"): 0.6}))
    done = promote(order(made("worse"), forced="the old one names a customer"), at)
    assert (done.outcome, at.registry.live()) == ("promoted", name("worse"))
    entry = at.registry.history.entries()[-1]
    assert (entry.by, entry.forced) == ("anna", "the old one names a customer")
    assert "answer_f1" in entry.failed
    assert "**Overruled**" in (at.registry.folder / done.file).with_suffix(".md").read_text()


def test_a_reason_that_is_not_unicode_can_be_read_again(home, made):
    at = stages(home, Scripted({name("worse"): 0.6}))
    done = promote(order(made("worse"), forced="the caf\udce9's"), at)
    assert at.registry.history.entries()[-1].forced == "the caf\udce9's"
    evidence = json.loads((at.registry.folder / done.file).read_text())
    assert evidence["forced"] == "the caf\udce9's"


def test_a_reason_that_was_not_needed_is_not_recorded_as_force(home, made):
    at = stages(home)
    promote(order(made("new"), forced="to be sure"), at)
    assert at.registry.history.entries()[-1].forced == ""


def test_the_live_one_is_asked_once_however_many_are_held_against_it(home, made):
    asked = Scripted({name("worse"): 0.6, name("other"): 0.6})
    for weights in ("worse", "other"):
        promote(order(made(weights)), stages(home, asked))
    assert asked.asked == {name(each): 80 for each in ("old", "worse", "other")}


def test_an_examination_that_was_killed_goes_on_where_it_stopped(home, made):
    class Dying(Scripted):
        def __call__(self, adapter, row):
            if row.id == "n3":
                raise KeyboardInterrupt
            return super().__call__(adapter, row)

    first = Dying({})
    with pytest.raises(KeyboardInterrupt):
        promote(order(made("new")), stages(home, first))
    (torn,) = (home / "replies").iterdir()
    with torn.open("a") as file:
        file.write('["n3", "9 k')
    second = Scripted({})
    assert promote(order(home / "made" / "new"), stages(home, second)).outcome == "promoted"
    assert (first.asked, second.asked) == ({name("old"): 43}, {name("old"): 37, name("new"): 80})


@pytest.mark.parametrize(
    "damaged",
    [
        b"{",
        b'"a0"',
        b"3",
        b'["a0", "9 kg"]',
        b'["a0", "9 kg", "soon"]',
        b'["a0", "9 kg", null]',
        b'["a0", "\xff", 5]',
    ],
)
def test_a_reply_whose_line_is_damaged_is_asked_again(tmp_path, damaged):
    asked = Scripted({})
    examiner, asking = stages(tmp_path, asked).examiner, questions(2)
    examiner.examine("qa", asking)
    (kept,) = (tmp_path / "replies").iterdir()
    first, *others = kept.read_bytes().splitlines()
    assert first.startswith(b'["a0", ')
    kept.write_bytes(b"\n".join([damaged, *others, b""]))
    replies = [examiner.examine("qa", asking).replies for _ in range(2)]
    assert replies[0] == replies[1]
    assert asked.asked == {"qa": 4 + 1}


def test_kept_replies_are_their_owners_alone(tmp_path):
    stages(tmp_path).examiner.examine("qa", questions(1))
    assert (tmp_path / "replies").stat().st_mode & 0o777 == 0o700


def test_what_is_live_already_is_asked_nothing(home):
    asked = Scripted({})
    done = promote(order(home / "made" / "old"), stages(home, asked))
    assert (done.outcome, asked.asked) == ("live already", {})


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / "card.json").unlink(), "no readable card.json"),
        (lambda folder: (folder / "adapter_config.json").unlink(), "incomplete"),
        (lambda folder: (folder / "adapter_model.safetensors").write_text("x"), "weights are not those"),
        (lambda folder: (folder / "adapter_model.safetensors").unlink(), "incomplete"),
    ],
)
def test_what_is_no_whole_adapter_never_gets_in(home, made, spoil, said):
    folder = made("new")
    spoil(folder)
    at = stages(home)
    with pytest.raises(BadAdapter, match=said):
        promote(order(folder), at)
    assert at.registry.adapters.names() == [name("old")]


def test_a_live_one_that_cannot_be_read_is_not_the_same_as_none(home, made):
    at = stages(home)
    (at.registry.folder / name("old") / "card.json").write_text("{")
    with pytest.raises(ModelUnavailable, match="copy the adapter anew"):
        promote(order(made("new")), at)
    assert events(at) == []


def test_another_ones_damaged_card_is_no_matter_of_the_live_one(home, made):
    at = stages(home, Scripted({name("worse"): 0.6}))
    at.registry.admit(made("other"))
    (at.registry.folder / name("other") / "card.json").write_text("{")
    done = promote(order(made("worse")), at)
    assert (done.outcome, done.before) == ("refused", name("old"))


def test_an_adapter_for_another_base_model_is_a_clear_error(home, made):
    with pytest.raises(BadAdapter, match=r"for the base model other, and service\.model is tiny"):
        promote(order(made("new", base="other")), stages(home))


def test_a_card_cannot_lead_out_of_the_registry(home, made):
    folder = made("new")
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps(card | {"name": f"../{card['name']}"}))
    with pytest.raises(BadAdapter, match="no adapter's name"):
        promote(order(folder), stages(home))


def test_the_same_weights_used_in_another_manner_are_another_matter(home, made):
    (home / "made" / "old" / "calibration.json").write_text('{"constant": -2.0, "pointed": null}')
    with pytest.raises(BadAdapter, match=r"another calibration\.json"):
        promote(order(home / "made" / "old"), stages(home))


def test_what_training_leaves_beside_an_adapter_stays_behind(home):
    kept = {file.name for file in (home / "registry" / name("old")).iterdir()}
    assert kept == {"adapter_config.json", "adapter_model.safetensors", "card.json"}


def test_too_few_questions_are_no_gate(home, made):
    with pytest.raises(Incomparable, match="too few"):
        promote(order(made("new"), questions(4)), stages(home))


@pytest.mark.parametrize(("count", "outcome"), [(6, "refused"), (40, "refused")])
def test_one_that_answers_nothing_is_refused_on_few_questions_too(home, made, count, outcome):
    at = stages(home, Scripted({name("mute"): 0.0}))
    assert promote(order(made("mute"), questions(count)), at).outcome == outcome
    assert at.registry.live() == name("old")


def test_a_hook_that_does_not_approve_stops_it(home, made):
    seen = []

    def approve(event):
        seen.append((event.name, event.subject, event.facts["passed"]))
        raise ValueError("not on a Friday")

    at = stages(home, hooks={"approval": approve})
    with pytest.raises(HookFailed, match="not on a Friday"):
        promote(order(made("new")), at)
    assert seen == [("before promotion", name("new"), True)]
    assert (at.registry.live(), events(at)) == (name("old"), [])


def test_hooks_are_told_before_and_after(home, made):
    seen = []
    promote(order(made("new")), stages(home, hooks={"tracker": lambda event: seen.append(event.name)}))
    assert seen == ["before promotion", "promoted"]


def test_two_promotions_at_once_are_one_too_many(home, made):
    new = made("new")
    with stages(home).registry.promoting(), pytest.raises(Busy, match="another promotion is under way"):
        promote(order(new), stages(home))


@pytest.mark.parametrize("share", [None, 0.1])
def test_what_went_live_during_the_gate_is_not_overwritten(home, made, share):
    at = stages(home, hooks={"slow": lambda _: at.registry.point(name("other"))})
    at.registry.admit(made("other"))
    with pytest.raises(Meanwhile, match="beside that one"):
        promote(order(made("new"), share=share), at)
    assert (at.registry.live(), at.registry.canary()) == (name("other"), None)


def test_a_canary_needs_something_live_beside_it(tmp_path, made):
    asked = Scripted({})
    at = stages(tmp_path, asked)
    with pytest.raises(NothingLive, match="without --canary"):
        promote(order(made("new"), share=0.1), at)
    assert (asked.asked, events(at), at.registry.canary()) == ({}, [], None)


def test_a_canary_takes_its_share_and_ends_when_it_is_promoted(home, made):
    at = stages(home)
    new = made("new")
    begun = promote(order(new, share=0.1), at)
    assert (begun.outcome, at.registry.live()) == ("canary begun", name("old"))
    assert at.registry.canary() == Split(name("new"), 0.1)
    assert at.registry.history.entries()[-1].share == 0.1
    assert promote(order(new), at).outcome == "promoted"
    assert at.registry.canary() is None


@pytest.mark.parametrize("promoted", ["first", "second"])
def test_what_is_promoted_ends_the_canary_under_way_its_own_or_anothers(home, made, promoted):
    at = stages(home)
    first = made("first")
    promote(order(first, share=0.2), at)
    promote(order(first if promoted == "first" else made("second")), at)
    assert at.registry.canary() is None
    assert events(at) == ["canary begun", "promoting", "canary ended", "promoted"]
    ended = at.registry.history.entries()[-2]
    assert (ended.adapter, ended.before, ended.by) == (name("first"), name(promoted), "anna")
    assert rollback(at.registry, Hooks(), "otto").live == name("old")


def test_a_promotion_that_was_refused_leaves_the_canary_of_another(home, made):
    at = stages(home, Scripted({name("worse"): 0.6}))
    promote(order(made("first"), share=0.2), at)
    promote(order(made("worse")), at)
    assert at.registry.canary() == Split(name("first"), 0.2)


def test_a_promotion_that_was_killed_after_its_move_has_ended_the_canary_all_the_same(home, made):
    at = stages(home)
    promote(order(made("first"), share=0.2), at)
    second = at.registry.admit(made("second"))
    at.registry.history.add(Entry(event="promoting", adapter=second, before=name("old"), by="anna"))
    at.registry.point(second)
    assert at.registry.canary() == Split(name("first"), 0.2)
    assert at.registry.recover() == (f"promoted {second}: killed after the move",)
    assert (at.registry.canary(), events(at)[-2:]) == (None, ["canary ended", "promoted"])


def test_a_new_canary_ends_the_one_before(home, made):
    at = stages(home)
    for weights in ("first", "second"):
        promote(order(made(weights), share=0.2), at)
    promote(order(home / "made" / "second", share=0.5), at)
    assert at.registry.canary() == Split(name("second"), 0.5)
    assert events(at) == ["canary begun", "canary ended", "canary begun", "canary begun"]


def test_a_canary_must_pass_the_gate_too(home, made):
    at = stages(home, Scripted({name("worse"): 0.6}))
    assert promote(order(made("worse"), share=0.1), at).outcome == "refused"
    assert at.registry.canary() is None

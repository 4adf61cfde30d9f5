"""What a gate asks of each metric, from TOML."""

import tomllib
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from eval.errors import BadRules

SHIPPED = Path(__file__).with_name("rules.toml")


class Rule(BaseModel):
    """What is asked of the metrics that `metric` fits (`*` stands for any letters).

    Tolerances are how much worse is still the same: `absolute` in the metric's unit, `relative` to the
    baseline's value; the larger counts. `floor` and `ceiling` hold whatever the baseline's value is.
    Where a `required` metric cannot be told, nothing is decided.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: str = Field(min_length=1)
    absolute: float = Field(0.0, ge=0)
    relative: float = Field(0.0, ge=0)
    coverage: float = Field(0.9, ge=0, le=1)
    rows: int = Field(10, ge=1)
    floor: float | None = None
    ceiling: float | None = None
    gates: bool = True
    required: bool = False

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.floor is not None and self.ceiling is not None and self.floor > self.ceiling:
            raise ValueError("the floor is above the ceiling: no value would do")
        return self

    def tolerance(self, baseline: float) -> float:
        """How far from `baseline` is still the same."""
        return max(self.absolute, self.relative * abs(baseline))

    def broken(self, value: float) -> str | None:
        """Which limit `value` is beyond, in words."""
        if self.ceiling is not None and value > self.ceiling:
            return f"{value:.3g} is above the limit of {self.ceiling:g}"
        if self.floor is not None and value < self.floor:
            return f"{value:.3g} is below the limit of {self.floor:g}"
        return None


class Rules(BaseModel):
    """The rules in their order; `error` is how often an unchanged system may be stopped by chance."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    error: float = Field(0.01, gt=0, lt=1)
    rule: tuple[Rule, ...] = Field(min_length=1)

    def of(self, metric: str) -> Rule | None:
        """The first rule that fits; None: the metric is shown and not judged."""
        return next((rule for rule in self.rule if fnmatchcase(metric, rule.metric)), None)


def read_rules(file: Path = SHIPPED) -> Rules:
    """Read the rules in `file`.

    Raises:
        BadRules: it cannot be read, or a rule is wrong; names which.
    """
    try:
        return Rules.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise BadRules(f"{file}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadRules(f"{file}: not TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise BadRules(f"{file}: {where}: {first['msg']}") from error

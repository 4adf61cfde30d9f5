"""YAML as a policy is written in it: plain values, and nothing given twice."""

from typing import Any

import yaml


class _Once(yaml.SafeLoader):
    """The safe loader takes the last of two equal names and says nothing; a rule would be lost so."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """As the safe loader. Raises `yaml.MarkedYAMLError` for a name that stands there twice."""
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"{key.value} is given twice", problem_mark=key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def loads(text: str) -> Any:  # noqa: ANN401  # YAML holds anything
    """Read one document.

    Raises:
        yaml.YAMLError: it is none, or gives something twice.
    """
    return yaml.load(text, _Once)  # noqa: S506  # a safe loader

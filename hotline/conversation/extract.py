"""Babel's way into flows/*.yaml: named in babel.cfg."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import yaml

Message = tuple[int, str | None, str, list[str]]  # line, function, text, translator's comments


def flows(
    file: IO[bytes],
    keywords: Mapping[str, Any],  # noqa: ARG001  Babel calls with four arguments, by position
    tags: Collection[str],  # noqa: ARG001
    options: Mapping[str, Any],  # noqa: ARG001
) -> Iterator[Message]:
    """The texts of a flow or of the triage rules, in the order of the file."""
    root = yaml.compose(file.read().decode("utf-8"), Loader=yaml.CSafeLoader)
    yield from _texts(root, (Path(getattr(file, "name", "flow")).stem,))


def _texts(node: yaml.Node | None, where: tuple[str, ...]) -> Iterator[Message]:
    if isinstance(node, yaml.SequenceNode):
        for position, child in enumerate(node.value, start=1):
            yield from _texts(child, (*where, str(position)))
    elif isinstance(node, yaml.MappingNode):
        fields = {key.value: value for key, value in node.value}
        for name, value in fields.items():
            if name in ("ask", "say", "free", "confirm", "known", "reason", "fact", "consider") and isinstance(
                value, yaml.ScalarNode
            ):
                if "language" not in fields:  # a language's own name stays as it is
                    yield (
                        value.start_mark.line + 1,
                        None,
                        value.value,
                        [" ".join(part for part in where if part != "steps")],
                    )
            else:
                yield from _texts(value, (*where, name))

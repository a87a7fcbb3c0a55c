"""YAML files that people edit, checked against a pydantic model: every error names file, line and field."""

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError


class DataFileError(Exception):
    """One or more errors, a line each: `flows/tip.yaml:12: steps.where.nxt: unknown key`."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Strict(BaseModel):
    """Base of all file models: unknown keys are refused, values never appear in errors (they may be numbers of people)."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


Model = TypeVar("Model", bound=BaseModel)


class _Loader(yaml.CSafeLoader):
    """YAML's own in C, some ten times as fast, which also names the line of a value that does not exist: 30 February."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except ValueError as error:
            raise yaml.constructor.ConstructorError(None, None, str(error), node.start_mark) from error


class DataFile:
    """A parsed YAML file that still knows where each field stands."""

    def __init__(self, path: Path, shown: str | None = None) -> None:
        """Read `path`. Raises DataFileError if it can't be read, isn't YAML, or repeats a key."""
        self.shown = shown or "/".join(filter(None, (path.parent.name, path.name)))
        try:
            text = path.read_text(encoding="utf-8")
            loader = _Loader(text)
            self.root: yaml.Node | None = loader.get_single_node()
            repeated = self._repeated_keys(self.root, ())  # before a merge (<<) brings in what a key overrides
            self.data = loader.construct_document(self.root) if self.root else None
        except OSError as error:
            raise DataFileError([f"{self.shown}: {error.strerror or 'unreadable'}"]) from error
        except UnicodeDecodeError as error:
            raise DataFileError([f"{self.shown}: not UTF-8 at byte {error.start}"]) from error
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise DataFileError([f"{self.shown}:{line}: {error.problem}"]) from error
        except yaml.reader.ReaderError as error:
            line = text.encode().count(b"\n", 0, error.position) + 1
            raise DataFileError([f"{self.shown}:{line}: a character that may not stand in a text file"]) from error
        if repeated:
            raise DataFileError(repeated)

    def line(self, *where: str | int) -> int:
        """The line (from 1) of the field at this path, or of its nearest parent that exists."""
        node, found = self.root, 1
        for part in where:
            if node is not None:
                found = node.start_mark.line + 1
            node, key_line = _step(node, part)
            if node is None:
                break
            found = key_line
        return found

    def problem(self, message: str, *where: str | int) -> str:
        """`file:line: field: message`."""
        field = ".".join(str(part) for part in where)
        return f"{self.shown}:{self.line(*where)}: {field + ': ' if field else ''}{message}"

    def parse(self, model: type[Model]) -> Model:
        """The file as `model`. Raises DataFileError with one line per problem."""
        try:
            return model.model_validate(self.data)
        except ValidationError as error:
            raise DataFileError(
                [self.problem(_words(e["type"], e["msg"]), *self._real(e["loc"])) for e in error.errors()]
            ) from error

    def _real(self, location: tuple[str | int, ...]) -> tuple[str | int, ...]:
        """Without the parts that pydantic adds for unions, keys and validators and the file does not have."""
        node, real = self.root, []
        for position, part in enumerate(location):
            child, _ = _step(node, part)
            if child is None and (position < len(location) - 1 or part == "[key]"):
                continue
            real.append(part)
            node = child
        return tuple(real)

    def _repeated_keys(self, node: yaml.Node | None, where: tuple[str | int, ...]) -> list[str]:
        problems: list[str] = []
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                if key.value in seen:
                    problems.append(f"{self.shown}:{key.start_mark.line + 1}: {key.value}: stands here twice")
                seen.add(key.value)
                problems += self._repeated_keys(value, (*where, key.value))
        elif isinstance(node, yaml.SequenceNode):
            for position, value in enumerate(node.value):
                problems += self._repeated_keys(value, (*where, position))
        return problems


def read(text: str) -> Any:
    """Read a text in YAML, unchecked. Raises yaml.YAMLError."""
    return yaml.load(text, Loader=_Loader)  # noqa: S506  a CSafeLoader


def _step(node: yaml.Node | None, part: str | int) -> tuple[yaml.Node | None, int]:
    """The child of `node` named `part`, and the line of its key."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return value, key.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part].start_mark.line + 1
    return None, 1


def _words(kind: str, message: str) -> str:
    return {"extra_forbidden": "unknown key", "missing": "is missing"}.get(kind, message.removeprefix("Value error, "))

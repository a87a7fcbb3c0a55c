"""Rules that hold for every file of the repository."""

import ast
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from hotline.core.settings import PREFIX, Settings

ROOT = Path(__file__).parent.parent
MAX_FILE, MAX_FUNCTION = 400, 40
FOLDERS_WITH_README = ("hotline", "flows", "locales", "workers", "tests")
BINARY = {".png", ".ico", ".woff2", ".jpg", ".ogg", ".model"}
# Put together here, so that this file does not hold what it looks for.
MACHINE_PATHS = re.compile(
    r"(?<![\w.~-])/(?:" + "|".join(["wo" + "rk", "ro" + "ot", "ho" + "me", "Us" + "ers"]) + r")/"
)
REGISTRIES = re.compile(
    "py" + r"pi\.|python" + r"hosted|npm" + r"js\.|(?:index-|find-links).*[a-z]+://|deb" + r"\.debian", re.I
)
WAITING = re.compile(r"\btime\.sleep\(")
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def tracked() -> list[Path]:
    """Every file that is committed, or would be."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    paths = [ROOT / name for name in listed.split("\0") if name]
    return [path for path in paths if path.is_file()]


def texts() -> list[tuple[Path, str]]:
    return [(path, path.read_text(encoding="utf-8")) for path in tracked() if path.suffix not in BINARY]


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def modules() -> list[tuple[Path, str]]:
    """All modules but the migrations, which are lists that nobody edits."""
    return [(path, text) for path, text in texts() if path.suffix == ".py" and "versions" not in path.parts]


def test_no_python_file_is_too_long() -> None:
    assert [shown(path) for path, text in modules() if text.count("\n") > MAX_FILE] == []


def test_no_function_is_too_long() -> None:
    long = [
        f"{shown(path)}:{node.lineno} {node.name}"
        for path, text in modules()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, DEFINITIONS) and (node.end_lineno or 0) - node.lineno >= MAX_FUNCTION
    ]
    assert long == []


def room_of(module: str) -> str:
    """The room or door that a module belongs to."""
    parts = module.split(".")
    return parts[1] if parts[0] == "hotline" and len(parts) > 1 else parts[0]


def face_of(package: str) -> set[str]:
    """The names that a package's `__init__` hands on."""
    tree = ast.parse((ROOT / package.replace(".", "/") / "__init__.py").read_text(encoding="utf-8"))
    named = [
        node.value for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ]
    return set(ast.literal_eval(named[0])) if named else set()


def test_rooms_use_each_other_by_their_faces_only() -> None:
    """`core` and `channels` are the ground, and have no face: each module says by itself what it gives."""
    ground, doors = {"core", "channels"}, {"web", "cli", "local", "app", "migrations", "workers"}
    behind = []
    for path, text in modules():
        me = room_of(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("hotline."):
                continue
            other = room_of(node.module or "")
            if "tests" in path.parts or me == "migrations" or other in {me, *ground, *doors}:
                continue
            names = {alias.name for alias in node.names}
            if node.module != f"hotline.{other}" or not names <= face_of(f"hotline.{other}"):
                behind.append(f"{shown(path)}:{node.lineno} {node.module}")
    assert behind == []


def test_no_class_name_means_two_things() -> None:
    named = Counter(
        node.name
        for path, text in modules()
        if "tests" not in path.parts
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ClassDef)
    )
    assert [name for name, count in named.items() if count > 1] == []


def test_every_room_explains_itself() -> None:
    folders = {ROOT / name for name in FOLDERS_WITH_README}
    folders |= {path.parent for path, _ in modules() if path.parent.parent == ROOT / "hotline"}
    assert sorted(shown(folder) for folder in folders if not (folder / "README.md").exists()) == []


def test_the_page_of_each_room_has_the_same_headings() -> None:
    rooms = [
        path.parent for path, _ in modules() if path.parent.parent == ROOT / "hotline" and path.name == "__init__.py"
    ]
    pages = {shown(room): (room / "README.md").read_text(encoding="utf-8") for room in rooms}
    wanted = ["What it is", "Its words", "Its files", "What it may not import", "How to add one"]
    wrong = [
        room
        for room, page in pages.items()
        if [one for one in re.findall(r"^## (.*)", page, re.M) if one in wanted] != wanted
    ]
    assert wrong == []


def test_the_page_of_a_folder_names_its_modules_and_no_others() -> None:
    wrong = []
    for page in (path for path, _ in texts() if path.name == "README.md" and path.is_relative_to(ROOT / "hotline")):
        words = page.read_text(encoding="utf-8")
        rows = "".join(re.findall(r"^\|([^|]*)\|", words, re.M))
        gone = [name for name in re.findall(r"`([\w/-]+\.py)`", rows) if not (page.parent / name).exists()]
        modules_here = {path.name for path in page.parent.glob("*.py")} - {"__init__.py"}
        unnamed = {name for name in modules_here if not re.search(rf"(?<![\w/]){re.escape(name)}", words)}
        wrong += [f"{shown(page)}: {name}" for name in [*gone, *sorted(unnamed)]]
    assert wrong == []


def test_every_file_that_a_page_names_is_there() -> None:
    named = re.compile(r"`((?:hotline|tests|workers|flows|locales)/[\w./-]+)`|\]\(([\w./-]+)\)")
    missing = [
        f"{shown(path)}: {found[1] or found[2]}"
        for path, text in texts()
        if path.suffix == ".md"
        for found in named.finditer(text)
        if not ((ROOT / found[1]) if found[1] else path.parent / found[2]).exists()
    ]
    assert missing == []


def test_no_file_names_a_machine_or_a_registry() -> None:
    found = [
        f"{shown(path)}:{number}"
        for path, text in texts()
        for number, line in enumerate(text.splitlines(), start=1)
        if MACHINE_PATHS.search(line) or REGISTRIES.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_the_lock_has_a_hash_for_everything_and_names_no_address(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    entries = re.split(r"\n(?=[a-z0-9])", text.strip())
    assert len(entries) > 10
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_what_runs_is_what_was_tested() -> None:
    run, test = (
        set(re.findall(r"^([a-z0-9._-]+==\S+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in ("requirements.txt", "requirements-dev.txt")
    )
    assert run - test == set()


def test_every_setting_is_explained_in_the_example() -> None:
    example = set(re.findall(rf"^({PREFIX}\w+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    assert example == {PREFIX + name.upper() for name in Settings.model_fields}


def test_tests_wait_in_one_place_only() -> None:
    tests = [(path, text) for path, text in modules() if "tests" in path.parts and "bench" not in path.parts]
    waits = {shown(path) for path, text in tests if WAITING.search(text)}
    assert waits == {"tests/servers.py"}

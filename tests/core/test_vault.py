"""Sealed values open for the right process and the right row, or not at all."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.core import vault
from hotline.core.vault import PAIRS, ROLE_KEYS, KeyMissing, Unopenable, Vault

TEXTS = st.text(max_size=400)
KEY, OTHER_KEY = b"k" * 32, b"o" * 32
FILES = {"intake.key", "drill.key"} | {f"{name}.{half}" for name in PAIRS for half in ("key", "pub")}
PAD = 128  # bytes: what a length may tell
KEY_OVERHEAD = 12 + 16  # nonce and tag


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all keys."""
    made = tmp_path_factory.mktemp("keys") / "keys"
    vault.make_keys(made)
    return made


@pytest.fixture(scope="module")
def everything(folder: Path) -> Vault:
    """A process with the intake's and the console's keys."""
    return Vault(folder, "all")


@given(text=TEXTS, row=st.text(max_size=20), other=st.text(max_size=20))
def test_a_text_opens_for_its_own_row_and_key_only(text: str, row: str, other: str) -> None:
    sealed = vault.seal(KEY, text, f"entry {row}")
    assert vault.unseal(KEY, sealed, f"entry {row}") == text
    attempts = [(OTHER_KEY, sealed, f"entry {row}"), (KEY, sealed, f"entrx {row}"), (KEY, sealed, f"entry {row} ")]
    if other != row:
        attempts.append((KEY, sealed, f"entry {other}"))
    for key, value, context in attempts:
        with pytest.raises(Unopenable):
            vault.unseal(key, value, context)


@given(text=TEXTS, data=st.data())
def test_a_text_that_was_cut_or_changed_never_opens(text: str, data: st.DataObject) -> None:
    sealed = vault.seal(KEY, text, "entry 1")
    at = data.draw(st.integers(0, len(sealed) - 1))
    changed = bytearray(sealed)
    changed[at] ^= data.draw(st.integers(1, 255))
    for value in (sealed[:at], bytes(changed), sealed + b"\0", b""):
        with pytest.raises(Unopenable):
            vault.unseal(KEY, value, "entry 1")


@given(plain=st.binary(max_size=300), data=st.data())
def test_what_is_sealed_to_a_process_opens_there_with_its_context_only(
    folder: Path, everything: Vault, plain: bytes, data: st.DataObject
) -> None:
    sealed = everything.seal_for("console", plain, "contact sms 1")
    assert everything.open_as("console", sealed, "contact sms 1") == plain
    at = data.draw(st.integers(0, len(sealed) - 1))
    for receiver, value, context in (
        ("console", sealed, "contact sms 2"), ("console", sealed, "contact whatsapp 1"), ("integrity", sealed, "contact sms 1"),
        ("console", sealed[:at], "contact sms 1"), ("console", b"", "contact sms 1"),
    ):  # fmt: skip
        with pytest.raises(Unopenable):
            everything.open_as(receiver, value, context)


@given(text=st.text(max_size=PAD // 4))
def test_a_short_text_and_none_look_the_same_length(text: str) -> None:
    lengths = {len(vault.seal(KEY, said, "entry 1")) for said in ("", text)}
    assert len(lengths) == (1 if len(text.encode()) < PAD else 2)
    assert all((length - KEY_OVERHEAD) % PAD == 0 for length in lengths)


@given(plain=st.binary(max_size=4 * PAD))
def test_padding_hides_the_length_of_what_is_sealed_to_a_process(everything: Vault, plain: bytes) -> None:
    rounded = (len(plain) // PAD + 1) * PAD
    same = everything.seal_for("worker", b"x" * (rounded - 1), "outbox 1")
    assert len(everything.seal_for("worker", plain, "outbox 1")) == len(same)


@pytest.mark.parametrize("plain", [b"", b"\x80", b"\x80\0\0", b"\0" * PAD, b"ends\x80"])
def test_padding_gives_back_even_what_looks_like_padding(everything: Vault, plain: bytes) -> None:
    assert everything.open_as("console", everything.seal_for("console", plain, "x 1"), "x 1") == plain


def test_a_session_opens_for_its_contact_only(everything: Vault) -> None:
    sealed = everything.seal_session('{"flow": "tip"}', "contact-1")
    assert everything.open_session(sealed, "contact-1") == '{"flow": "tip"}'
    with pytest.raises(Unopenable):
        everything.open_session(sealed, "contact-2")


def test_keys_are_readable_by_their_owner_only_and_never_overwritten(tmp_path: Path) -> None:
    keys = tmp_path / "var" / "keys"
    assert sorted(vault.make_keys(keys)) == ["console.key", "drill.key", "intake.key", "integrity.key", "worker.key"]
    before = {path.name: path.read_bytes() for path in keys.iterdir()}
    assert set(before) == FILES
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in keys.iterdir()} == dict.fromkeys(FILES, 0o600)
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700
    assert vault.make_keys(keys) == []
    assert {path.name: path.read_bytes() for path in keys.iterdir()} == before


@pytest.mark.parametrize("lost", ["worker.pub", "console.pub", "integrity.pub"])
def test_a_public_half_that_was_lost_is_made_again_from_its_private_half(tmp_path: Path, lost: str) -> None:
    vault.make_keys(tmp_path)
    before = (tmp_path / lost).read_bytes()
    (tmp_path / lost).unlink()
    vault.make_keys(tmp_path)
    assert (tmp_path / lost).read_bytes() == before


def test_no_private_half_is_made_up_where_only_the_public_one_was_given(tmp_path: Path) -> None:
    vault.make_keys(tmp_path)
    (tmp_path / "worker.key").unlink()  # as on the intake's machine
    assert vault.make_keys(tmp_path) == []
    assert not (tmp_path / "worker.key").exists()


def only(folder: Path, role: str, target: Path) -> Vault:
    """A vault from a folder that holds the keys of its role and no others, as in production."""
    for name in [f"{pair}.pub" for pair in PAIRS] + [f"{name}.key" for name in ROLE_KEYS[role]]:
        (target / name).write_bytes((folder / name).read_bytes())
    return Vault(target, role)


SEALED_TO = {"worker": "an address", "console": "a circle's key", "integrity": "the key of a tip about an official"}


@pytest.mark.parametrize(
    ("role", "opens"),
    [
        ("intake", ()),
        ("console", ("console", "integrity")),
        ("worker", ("worker",)),
        ("clock", ()),
        ("all", ("console", "integrity")),
        ("operator", ("console", "integrity")),
    ],
)
def test_each_role_opens_what_its_keys_open_and_nothing_else(
    folder: Path, tmp_path: Path, role: str, opens: tuple[str, ...]
) -> None:
    keys = only(folder, role, tmp_path)
    for receiver, what in SEALED_TO.items():
        sealed = keys.seal_for(receiver, what.encode(), "x 1")
        if receiver in opens:
            assert keys.open_as(receiver, sealed, "x 1") == what.encode()
        else:
            with pytest.raises(KeyMissing, match=receiver):
                keys.open_as(receiver, sealed, "x 1")


@pytest.mark.parametrize("role", ["console", "worker", "clock"])
def test_a_role_without_the_index_key_finds_no_contact_and_opens_no_session(
    folder: Path, tmp_path: Path, role: str
) -> None:
    keys = only(folder, role, tmp_path)
    sealed = Vault(folder, "intake").seal_session("{}", "contact-1")
    for use in (
        lambda: keys.index("sms", "+923000000001"), lambda: keys.digest("code", "1000000008"),
        lambda: keys.seal_session("{}", "contact-1"), lambda: keys.open_session(sealed, "contact-1"),
    ):  # fmt: skip
        with pytest.raises(KeyMissing, match=role):
            use()


@pytest.mark.parametrize("role", ROLE_KEYS)
def test_a_role_that_lacks_a_key_says_which_file_and_where_it_is_explained(
    folder: Path, tmp_path: Path, role: str
) -> None:
    only(folder, role, tmp_path)
    for name in [*ROLE_KEYS[role][:1], "worker"]:
        file = f"{name}.key" if name in ROLE_KEYS[role] else f"{name}.pub"
        (tmp_path / file).rename(tmp_path / "away")
        with pytest.raises(KeyMissing, match=rf"{file}.*README#keys"):
            Vault(tmp_path, role)
        (tmp_path / "away").rename(tmp_path / file)


def test_a_key_that_was_cut_is_refused_and_not_shown(tmp_path: Path) -> None:
    vault.make_keys(tmp_path)
    value = (tmp_path / "intake.key").read_text()
    (tmp_path / "intake.key").write_text(value[:20])
    with pytest.raises(KeyMissing, match=r"intake.key: not a key of 32 bytes") as refused:
        Vault(tmp_path, "intake")
    assert value[:10] not in str(refused.value)


def test_the_same_number_has_another_index_on_another_channel_and_with_another_key(
    everything: Vault, tmp_path: Path
) -> None:
    vault.make_keys(tmp_path)
    number = "+923000000099"
    found = {everything.index("sms", number), everything.index("whatsapp", number), everything.digest("code", number),
             everything.digest("provider", f"sms\0{number}"), Vault(tmp_path, "intake").index("sms", number)}  # fmt: skip
    assert len(found) == 5


def test_channel_and_number_do_not_run_into_each_other(everything: Vault) -> None:
    assert everything.index("sm", "s1") != everything.index("sms", "1")

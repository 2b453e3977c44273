"""A sealed value opens in its place, under its key, unchanged, and not otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.context.contexts import Contexts
from router.context.errors import (
    ContextStoreError,
    KeyMissing,
    SealBroken,
    StoreDamaged,
    StoreRefused,
)
from router.context.keys import new_key
from router.context.master_key import (
    HeldMasterKey,
    create_master_key,
    read_master_key,
)
from router.context.sealing import OVERHEAD_BYTES, Sealer, digest64, place
from router.model.context import EntryKind
from tests.context.make import AYSE, ELENI, SHOES, append, texts
from tests.context.stores import InMemory

SECRET = "Ayşe'nin siparişi".encode()
PLACES = st.lists(st.one_of(st.text(max_size=8), st.integers()), max_size=4)


@given(st.binary(max_size=300), PLACES)
def test_what_was_sealed_opens_in_its_place(data, parts):
    sealer = Sealer(new_key())

    sealed = sealer.seal(data, place(*parts))

    assert data == sealer.open(sealed, place(*parts))
    assert len(data) + OVERHEAD_BYTES == len(sealed)


@given(PLACES, PLACES)
def test_two_places_are_never_the_same_bytes(one, other):
    assert (one == other and [*map(type, one)] == [*map(type, other)]) == (
        place(*one) == place(*other)
    )


@given(st.integers(0, 8 * (len(SECRET) + OVERHEAD_BYTES) - 1))
def test_a_flipped_bit_anywhere_is_seen(position):
    sealer = Sealer(new_key())
    sealed = bytearray(sealer.seal(SECRET, b"here"))
    sealed[position // 8] ^= 1 << position % 8

    with pytest.raises(SealBroken):
        sealer.open(bytes(sealed), b"here")


@given(st.integers(0, len(SECRET) + OVERHEAD_BYTES - 1))
def test_a_value_cut_short_is_seen(length):
    sealer = Sealer(new_key())

    with pytest.raises(SealBroken):
        sealer.open(sealer.seal(SECRET, b"here")[:length], b"here")


def test_another_key_opens_nothing():
    with pytest.raises(SealBroken):
        Sealer(new_key()).open(Sealer(new_key()).seal(SECRET, b"here"), b"here")


def test_the_same_content_never_looks_the_same():
    sealer = Sealer(new_key())

    sealed = {sealer.seal(SECRET, b"here") for _ in range(100)}

    assert 100 == len(sealed)
    assert 100 == len({digest64(one) for one in sealed})


def test_the_digest_fits_the_journal_s_column():
    digests = [digest64(bytes([n])) for n in range(100)]

    assert all(-(2**63) <= one < 2**63 for one in digests)
    assert any(one < 0 for one in digests)


def test_a_blob_moved_to_another_entry_does_not_open(store):
    contexts = store.contexts()
    first, second = append(contexts, "bir", "iki")
    store.change_entry(1, sealed=second.sealed)

    with pytest.raises(SealBroken):
        contexts.conversations.entries(AYSE, SHOES)
    assert first.sealed != second.sealed


def test_a_blob_moved_to_another_customer_does_not_open(store):
    contexts = store.contexts()
    (ayse,) = append(contexts, "Ayşe'nin")
    append(contexts, "Ελένη", customer=ELENI, conversation="conv-eleni")
    store.change_entry(2, sealed=ayse.sealed)

    with pytest.raises(SealBroken):
        contexts.conversations.entries(ELENI, "conv-eleni")


def test_a_changed_version_does_not_open(store):
    contexts = store.contexts()
    append(contexts, "bir", "iki")
    store.change_entry(2, version=7)

    with pytest.raises(SealBroken):
        contexts.conversations.newest(AYSE, SHOES, up_to_version=9)


def test_a_label_that_differs_from_what_was_sealed_is_damage(store):
    contexts = store.contexts()
    append(contexts, "bir")
    store.change_entry(1, kind=EntryKind.NOTE)

    with pytest.raises(StoreDamaged, match="label of <SealedEntry conv-shoes@1 NOTE>"):
        contexts.conversations.entries(AYSE, SHOES)


def test_no_repr_shows_content_or_keys(store):
    contexts = store.contexts()
    sealed = append(contexts, "GİZLİ KELİME")
    read = contexts.conversations.entries(AYSE, SHOES)

    shown = f"{sealed!r} {read!r} {read[0].entry!r} {contexts!r} {contexts._ring!r}"

    assert "GİZLİ" not in shown
    assert sealed[0].sealed.hex() not in shown


def test_rotating_the_tenant_key_changes_nothing_for_readers(store):
    contexts = store.contexts()
    append(contexts, "bir")
    append(contexts, "Ελένη", customer=ELENI, conversation="conv-eleni")
    view = contexts.reader()

    assert 2 == contexts.privacy.rewrap()
    assert 2 == contexts.privacy.rewrap()
    append(contexts, "iki")

    assert ["bir", "iki"] == texts(contexts.conversations.entries(AYSE, SHOES))
    assert ["bir", "iki"] == texts(view.conversations.entries(AYSE, SHOES))
    view.close()
    contexts.close()
    again = store.contexts()
    assert ["Ελένη"] == texts(again.conversations.entries(ELENI, "conv-eleni"))


def test_another_master_key_does_not_open_the_keys(tmp_path):
    store = InMemory(tmp_path)
    append(store.contexts(), "bir")

    with pytest.raises(StoreRefused, match="this master key does not open them"):
        Contexts(store.content, store.keys, HeldMasterKey(new_key()))


def test_another_tenant_s_keys_are_refused(store):
    store.contexts(tenant="kuzey").close()

    with pytest.raises(StoreRefused, match="another tenant"):
        store.contexts(tenant="güney")


def test_a_lost_key_is_said_to_be_lost_and_no_second_one_is_made(tmp_path):
    store = InMemory(tmp_path)
    contexts = store.contexts()
    append(contexts, "bir")
    contexts.close()
    store.keys._keys.customer_keys.clear()
    contexts = store.contexts()

    for attempt in (
        lambda: contexts.conversations.entries(AYSE, SHOES),
        lambda: append(contexts, "iki"),
        lambda: contexts.customers.set_attributes(AYSE, {"plan": "x"}, 1),
    ):
        with pytest.raises(KeyMissing, match="put back a newer copy of the keys"):
            attempt()


def test_a_master_key_is_made_for_its_owner_only(tmp_path):
    path = tmp_path / "master-key"
    made = create_master_key(path)

    wrapped = made.wrap(b"k" * 32, b"here")

    assert 0o600 == path.stat().st_mode & 0o777
    assert b"k" * 32 == read_master_key(path).unwrap(wrapped, b"here")
    with pytest.raises(StoreRefused, match="there is one already"):
        create_master_key(path)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_master_key_that_others_can_see_is_refused(tmp_path, mode):
    path = tmp_path / "master-key"
    create_master_key(path)
    path.chmod(mode)

    with pytest.raises(StoreRefused, match=f"mode {mode:04o}.*chmod 600"):
        read_master_key(path)


@pytest.mark.parametrize(
    "written",
    [b"", b"santral-master-key-1 abcd\n", b"\xff" * 64, b"hello " + b"0" * 64],
)
def test_what_is_no_master_key_is_refused(tmp_path, written):
    path = tmp_path / "master-key"
    path.write_bytes(written)
    path.chmod(0o600)

    with pytest.raises(StoreRefused, match="this is no master key"):
        read_master_key(path)
    assert written == path.read_bytes()


def test_a_missing_master_key_is_said_to_be_missing(tmp_path):
    with pytest.raises(StoreRefused, match="there is none"):
        read_master_key(tmp_path / "none")
    with pytest.raises(ContextStoreError, match=r"not a file|cannot be read"):
        read_master_key(tmp_path)

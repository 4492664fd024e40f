"""libsodium in front of `cryptography`: it is quicker, and never says yes to what is not valid."""

from __future__ import annotations

import hashlib
import random
import sys

import pytest
from cryptography.exceptions import InvalidSignature

from ledger.signing import sodium
from ledger.signing.keys import generate
from ledger.signing.schemes import ed25519

P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


def add(one, other):
    (x1, y1), (x2, y2) = one, other
    k = D * x1 * x2 * y1 * y2 % P
    return ((x1 * y2 + x2 * y1) * pow(1 + k, -1, P) % P, (y1 * y2 + x1 * x2) * pow(1 - k, -1, P) % P)


def times(factor, point):
    found = (0, 1)
    while factor:
        found = add(found, point) if factor & 1 else found
        point, factor = add(point, point), factor >> 1
    return found


def decoded(raw):
    y = int.from_bytes(raw, "little") & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    assert x * x % P == square
    return (P - x if x & 1 != raw[31] >> 7 else x, y)


BASE = decoded((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def sides(key, signature, message):
    """Both sides of the equation of RFC 8032 section 5.1.7, by the naive formulas."""
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    return times(int.from_bytes(signature[32:], "little"), BASE), add(decoded(signature[:32]), times(challenge, decoded(key)))


def test_what_libsodium_is_asked_first_tells_the_two_equations_apart():
    one, other = sides(sodium._KEY, sodium._GOOD, sodium._MESSAGE)
    assert one == other
    assert len(sodium._COFACTORED) == 2
    for signature in sodium._COFACTORED:
        one, other = sides(sodium._KEY, signature, sodium._MESSAGE)
        assert one != other
        assert times(8, one) == times(8, other)


@pytest.mark.parametrize(
    "accepts",
    [
        pytest.param(lambda *_: True, id="everything"),
        pytest.param(lambda *_: False, id="nothing"),
        pytest.param(lambda _key, signature, _message: signature in (sodium._GOOD, sodium._COFACTORED[0]), id="cofactored, order 8"),
        pytest.param(lambda _key, signature, _message: signature in (sodium._GOOD, sodium._COFACTORED[1]), id="cofactored, order 2"),
        pytest.param(lambda _key, signature, _message: signature[:32] == sodium._GOOD[:32] and signature[63] >= 0x10, id="large S"),
    ],
)
def test_a_library_that_accepts_other_signatures_is_not_used(accepts):
    assert not sodium._agrees(accepts)


def test_the_one_that_is_installed_is_used():
    assert sodium.load() is not None


def test_without_it_everything_is_checked_as_before(monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "nacl"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "nacl", None)
    assert sodium.load() is None


@pytest.fixture
def quick(monkeypatch):
    scheme = ed25519.SCHEME
    monkeypatch.setattr(scheme, "_left", 1)
    monkeypatch.setattr(scheme, "_opens", None)
    return scheme


def test_both_libraries_agree_on_what_was_changed(quick):
    key, chance = generate(), random.Random(3)
    slow = key.public._key
    good = 0
    for number in range(1500):
        message = chance.randbytes(chance.randrange(200))
        signature = bytearray(key.sign(message))
        if number % 3:
            signature[chance.randrange(64)] ^= 1 << chance.randrange(8)
        if number % 7 == 6:
            signature = signature[: chance.randrange(64)] if number % 2 else signature + b"\0"
        try:
            slow.verify(bytes(signature), message)
            wanted = True
        except InvalidSignature:
            wanted = False
        assert key.public.verifies(bytes(signature), message) is wanted
        good += wanted
    assert quick._opens is not None
    assert good > 400


def test_what_libsodium_refuses_is_asked_of_the_other(quick):
    key = generate()
    signature = key.sign(b"said")
    assert key.public.verifies(signature, b"said")
    quick._opens = lambda *_: False
    assert key.public.verifies(signature, b"said")
    assert not key.public.verifies(signature, b"not said")


def test_it_is_loaded_when_there_is_much_to_check():
    scheme, key = ed25519._Ed25519(), generate()
    signature = key.sign(b"said")
    for _ in range(ed25519.MANY - 1):
        assert scheme.verify(key.public._key, signature, b"said")
    assert scheme._opens is None
    assert scheme.verify(key.public._key, signature, b"said")
    assert scheme._opens is not None
    assert scheme.verify(key.public._key, signature, b"said")
    assert not scheme.verify(key.public._key, signature, b"not said")

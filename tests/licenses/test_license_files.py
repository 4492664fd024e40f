"""File names that hold licence terms, and names that only look like it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.licenses.files import is_license_file, license_files

TERMS = (
    "LICENSE license LICENCE LICENSE.txt LICENSE.md Licence.rst a/b/LICENSE COPYING COPYING.LESSER COPYRIGHT UNLICENSE NOTICE NOTICE.txt "
    "LICENSE-APACHE LICENSE.MIT LICENSE_AGREEMENT.pdf MODEL_LICENSE LICENSE-MODEL MIT-LICENSE.txt MODEL_LICENSE_AGREEMENT.txt "
    "USE_POLICY.md acceptable_use_policy.txt LICENSES/MIT.txt model/LICENSES/LicenseRef-x.txt third_party_licenses.txt EULA.txt"
)
OTHERS = (
    "README.md license.py licenses.json src/licensing.rs LICENSE/ LICENSE/x.bin model.safetensors policy.md licensed_data.csv "
    "LICENSES/tool.py unlicensed.txt config.json noticeboard.txt docs/MIT.txt tests/MIT.txt LICENSES/old/MIT.txt"
)


@pytest.mark.parametrize("path", TERMS.split())
def test_license_files(path):
    assert is_license_file(path)


@pytest.mark.parametrize("path", [*OTHERS.split(), "", "/"])
def test_other_files(path):
    assert not is_license_file(path)


@given(st.text(max_size=60))
def test_any_text_gets_an_answer(path):
    assert is_license_file(path) in (True, False)


@given(
    st.lists(
        st.sampled_from(
            [
                "LICENSE",
                "a/COPYING",
                "x.py",
                "LICENSES/MIT.txt",
                "use_policy.md",
                "b/data.csv",
                "Terms of use",
                "terms-of-use.md",
                "policy.txt",
            ]
        )
    )
)
def test_the_search_through_many_paths_finds_what_asking_for_each_does(names: list[str]) -> None:
    found = license_files([name.encode() for name in names])
    assert found == [place for place, name in enumerate(names) if is_license_file(name)]


def test_a_path_is_found_behind_paths_of_every_length() -> None:
    names = [b"x" * length for length in range(1, 40)]
    assert license_files([*names, b"a/LICENSE", *names, b"COPYING", b"y"]) == [39, 79]

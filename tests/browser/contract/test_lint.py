"""The contract under the standard rules of the linters that other people use: Redocly's, Spectral's, AsyncAPI's own."""

import copy
import json
from pathlib import Path
from typing import Final

import pytest

from tests.browser.hosts import run_script
from tests.support.contract import ASYNCAPI, OPENAPI, Json

LINT: Final = Path(__file__).parent / "lint.js"
LET_BE: Final = {
    "asyncapi-latest-version",  # 3.0.0 is kept: most readers don't know a newer one
    "asyncapi-info-contact-properties",  # who runs a server is not known here, nor their e-mail address
}
"""Rules for taste that the documents don't keep."""


def findings(folder: Path, language: str, document: Json) -> list[str]:
    """What the linters find, one sentence each."""
    file = folder / f"{language}.json"
    file.write_text(json.dumps(document))
    found: list[str] = json.loads(run_script(LINT, language, str(file)))
    return [each for each in found if each.partition(":")[0].rpartition(" ")[2] not in LET_BE]


@pytest.mark.parametrize(("language", "document"), [("openapi", OPENAPI), ("asyncapi", ASYNCAPI)])
def test_linters_find_nothing(tmp_path: Path, language: str, document: Json) -> None:
    assert findings(tmp_path, language, document) == []


def test_each_linter_finds_what_is_wrong(tmp_path: Path) -> None:
    openapi, asyncapi = copy.deepcopy(OPENAPI), copy.deepcopy(ASYNCAPI)
    openapi["components"]["schemas"]["Problem"]["published"] = {}  # no keyword
    del openapi["info"]["contact"], asyncapi["servers"], asyncapi["operations"]["follow-person"]["channel"]
    assert {each.split(":")[0] for each in findings(tmp_path, "openapi", openapi)} == {
        "redocly struct", "spectral info-contact",
    }  # fmt: skip
    linters = {each.partition(":")[0].partition(" ")[0] for each in findings(tmp_path, "asyncapi", asyncapi)}
    assert linters == {"redocly", "spectral", "parser"}

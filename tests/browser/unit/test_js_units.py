"""The pure parts of the pages, tested by Node's own runner."""

import json
import os
import subprocess
from pathlib import Path

from festival_push.domain.money.amounts import minor_digits
from festival_push.web.api.pages import static_folder
from tests.support.node import node_program

UNITS = Path(__file__).parent


def test_the_units_of_the_pages_pass() -> None:
    files = sorted(str(path) for path in UNITS.rglob("*.test.js"))
    assert len(files) >= 6, files
    # The modules have no package.json to say what they are: Node finds out by looking, and would warn about that.
    quiet = ("--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", "--disable-warning=ExperimentalWarning")
    command = [node_program(), "--test", "--experimental-vm-modules", *quiet, *files]
    environment = {**os.environ, "LC_ALL": "en_US.UTF-8", "TZ": "UTC"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False, env=environment)
    assert done.returncode == 0, done.stdout[-8_000:] + done.stderr[-2_000:]


def test_the_pages_know_the_digits_that_the_server_knows() -> None:
    module = static_folder() / "ui/format/money.js"
    script = (
        f"const {{ minorDigits }} = await import({json.dumps(module.as_uri())});"
        "const codes = Intl.supportedValuesOf('currency');"
        "console.log(JSON.stringify(Object.fromEntries(codes.map((code) => [code, minorDigits(code)]))));"
    )
    quiet = "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON"
    command = [node_program(), "--input-type=module", quiet, "--eval", script]
    digits = json.loads(subprocess.run(command, capture_output=True, text=True, timeout=240, check=True).stdout)
    assert {"HUF", "JPY", "KWD"} <= digits.keys()
    assert digits == {code: minor_digits(code) for code in digits}

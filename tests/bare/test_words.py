"""What somebody pastes is found as it stands, in the README and in what the demo prints."""

import pytest

from tests.bare.words import (
    Paste,
    line_to_paste,
    links_of_guide,
    pastes_of,
    pastes_of_guide,
    section_of,
    token_of_guide,
)
from tests.support.layout import ROOT

GUIDE = """
Open these:

  customer  http://127.0.0.1:8000/customer/#token=aa.bb.cc
  board     http://127.0.0.1:8000/kiosk/#vendor=falafel&token=dd.ee.ff

Or with curl. Anna's stream:

curl -N -H 'Authorization: Bearer aa.bb.cc' http://127.0.0.1:8000/v1/stream

Money comes in:

ID=1
curl -s http://127.0.0.1:8000/v1/webhooks \\
  -d "$ID"
"""


def test_the_readme_is_cut_into_what_is_pasted_together() -> None:
    pastes = pastes_of((ROOT / "README.md").read_text("utf-8"))
    assert pastes[0] == Paste("make run")
    assert Paste("make test") in pastes
    assert [paste.script for paste in pastes if "/v1/orders" in paste.script and "\\\n" in paste.script]
    assert len([paste for paste in pastes if paste.stream]) == 1
    operating = (ROOT / "docs/operating.md").read_text("utf-8")
    (real,) = [paste for paste in pastes_of(section_of(operating, "A first server")) if paste.server]
    assert real.script.startswith("export ")
    assert real.script.endswith("serve")


def test_the_guide_gives_links_commands_and_a_token() -> None:
    stream, webhook = pastes_of_guide(GUIDE)
    assert stream.stream
    assert not stream.server
    assert webhook.script.startswith("ID=1\ncurl -s ")
    assert webhook.script.endswith('-d "$ID"')
    assert not webhook.stream
    assert [link.partition("#")[0] for link in links_of_guide(GUIDE)] == [
        "http://127.0.0.1:8000/customer/",
        "http://127.0.0.1:8000/kiosk/",
    ]
    assert token_of_guide(GUIDE) == "aa.bb.cc"


def test_one_line_is_to_be_pasted() -> None:
    assert line_to_paste("Missing: curl.\n  su -c /a\\ b/apt-install\\ curl\nmake: *** Error 1") == (
        "su -c /a\\ b/apt-install\\ curl"
    )
    with pytest.raises(AssertionError, match="not one line"):
        line_to_paste("Missing: curl.\n  sudo a\n  sudo b")
    with pytest.raises(AssertionError, match="not one line"):
        line_to_paste("Missing: curl.")

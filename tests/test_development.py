"""The generated signing secret of a development server."""

from pathlib import Path

import pytest

from festival_push.development import development_secrets
from festival_push.settings import SettingsError, load_settings


@pytest.mark.parametrize("content", ["", "short"])
def test_a_development_secret_that_is_cut_off_is_refused(tmp_path: Path, content: str) -> None:
    settings = load_settings(None, {"DATABASE_URL": f"sqlite:///{tmp_path}/festival.db"})
    (tmp_path / "development-secret").write_text(content)
    with pytest.raises(SettingsError, match="development-secret"):
        development_secrets(settings)

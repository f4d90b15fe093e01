"""The types of the client SDK: those in its comments hold, and those declared for hosts are the same."""

import json
from pathlib import Path
from typing import Final

import pytest

from festival_push.web.api.pages import static_folder
from tests.browser.hosts import FOLDER, MODULES, run_module
from tests.support import event_types

PUBLIC: Final = static_folder() / "js"
FOLDERS: Final = ("js", "sdk", "compat", "ui", "pages")
STRICT: Final = {
    "strict": True, "noUncheckedIndexedAccess": True, "exactOptionalPropertyTypes": True, "skipLibCheck": False,
    "target": "es2022", "module": "es2022", "moduleResolution": "bundler", "lib": ["es2023", "dom", "dom.iterable"],
    "types": [],
}  # fmt: skip


def check_types(folder: Path, options: dict[str, object], files: list[Path]) -> None:
    """Let TypeScript read these files."""
    paths = {
        "react": [str(MODULES / "@types" / "react")],
        "festival-push/*": [f"{PUBLIC}/*"],
        "made/*": [f"{folder}/sdk/*", f"{folder}/compat/*"],
    }
    settings = {"compilerOptions": {**STRICT, "paths": paths, **options}, "files": [str(file) for file in files]}
    (folder / "tsconfig.json").write_text(json.dumps(settings))
    run_module("tsc", "--project", str(folder))


def test_the_board_uses_no_built_in_of_after_2015(tmp_path: Path) -> None:
    old = {"target": "es2015", "lib": ["es2015", "dom"], "skipLibCheck": True, "noEmit": True}
    scripts = sorted((static_folder() / "pages/kiosk").rglob("*.js"))
    check_types(tmp_path, {"allowJs": True, "checkJs": True, **old}, scripts)


def test_the_types_of_events_are_those_of_the_contract() -> None:
    assert event_types.FILE.read_text("utf-8") == event_types.event_types(), "python -m tests.support.event_types"
    with pytest.raises(ValueError, match="oneOf"):
        event_types.ts_type({"oneOf": [{"type": "string"}]})


def test_the_scripts_keep_to_their_types_which_hosts_are_told(tmp_path: Path) -> None:
    """One test: what the second half needs takes the first one ten seconds."""
    scripts = sorted(path for name in FOLDERS for path in (static_folder() / name).rglob("*.js"))
    assert len(scripts) > 25
    made = {"allowJs": True, "checkJs": True, "declaration": True, "emitDeclarationOnly": True}
    check_types(tmp_path, {**made, "rootDir": str(static_folder()), "outDir": str(tmp_path)}, scripts)
    assert (tmp_path / "ui/state/order-list.d.ts").exists()
    check_types(tmp_path, {"noEmit": True}, sorted((FOLDER / "types").glob("*.ts")))

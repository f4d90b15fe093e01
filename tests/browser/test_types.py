"""The types of the client SDK: those in its comments hold, and those declared for hosts are the same."""

import json
from pathlib import Path
from typing import Final

from festival_push.web.api.pages import static_folder
from tests.browser.hosts import FOLDER, MODULES, run_module

PUBLIC: Final = static_folder() / "js"
FOLDERS: Final = ("js", "sdk", "compat", "ui")
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


def test_the_scripts_keep_to_the_types_in_their_comments(tmp_path: Path) -> None:
    scripts = sorted(path for name in FOLDERS for path in (static_folder() / name).rglob("*.js"))
    assert len(scripts) > 25
    check_types(tmp_path, {"allowJs": True, "checkJs": True, "noEmit": True}, scripts)


def test_hosts_are_told_the_types_that_the_scripts_have(tmp_path: Path) -> None:
    modules = [static_folder() / name for name in ("sdk/festival-push.js", "compat/react-hooks.js")]
    made = {"allowJs": True, "declaration": True, "emitDeclarationOnly": True, "outDir": str(tmp_path)}
    check_types(tmp_path, made, modules)
    usage = sorted((FOLDER / "types").glob("*.ts"))
    check_types(tmp_path, {"noEmit": True}, usage)

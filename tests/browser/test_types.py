"""The types of the client SDK: those in its comments hold, and those declared for hosts are the same."""

import json
from pathlib import Path
from typing import Final

from festival_push.web.pages import static_folder
from tests.browser.hosts import FOLDER, MODULES, run_module

SCRIPTS: Final = static_folder() / "js"
STRICT: Final = {
    "strict": True, "noUncheckedIndexedAccess": True, "exactOptionalPropertyTypes": True, "skipLibCheck": False,
    "target": "es2022", "module": "es2022", "moduleResolution": "bundler", "lib": ["es2023", "dom", "dom.iterable"],
    "types": [],
}  # fmt: skip


def check_types(folder: Path, options: dict[str, object], files: list[Path]) -> None:
    """Let TypeScript read these files."""
    paths = {
        "react": [str(MODULES / "@types" / "react")],
        "festival-push/*": [f"{SCRIPTS}/*"],
        "made/*": [f"{folder}/*"],
    }
    settings = {"compilerOptions": {**STRICT, "paths": paths, **options}, "files": [str(file) for file in files]}
    (folder / "tsconfig.json").write_text(json.dumps(settings))
    run_module("tsc", "--project", str(folder))


def test_the_scripts_keep_to_the_types_in_their_comments(tmp_path: Path) -> None:
    scripts = sorted(SCRIPTS.glob("*.js"))
    assert len(scripts) > 25
    check_types(tmp_path, {"allowJs": True, "checkJs": True, "noEmit": True}, scripts)


def test_hosts_are_told_the_types_that_the_scripts_have(tmp_path: Path) -> None:
    modules = [SCRIPTS / f"{name}.js" for name in ("festival-push", "react-hooks")]
    made = {"allowJs": True, "declaration": True, "emitDeclarationOnly": True, "outDir": str(tmp_path)}
    check_types(tmp_path, made, modules)
    usage = sorted((FOLDER / "types").glob("*.ts"))
    check_types(tmp_path, {"noEmit": True}, usage)

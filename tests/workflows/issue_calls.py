"""What the workflow `intake` asks beside the others: who may write, and what its own run kept.

Importing it registers the calls; `keep` lends the fake the artifacts of a world.
"""

import io
import zipfile
from pathlib import Path
from typing import Any

from workflows.calls import RefusedError, route
from workflows.github import OURS

Json = Any
ROLES = {"maintainer": ("write", "maintain"), "owner": ("admin", "admin")}
ROLES |= {"writer": ("write", "write"), "helper": ("read", "triage")}
ZIP = f"/api/v3/repos/{OURS}/actions/artifacts/1/zip"


@route("GET", r"/collaborators/([\w.\[\]-]+)/permission", "")
def permission_of(github, query, body, login):
    """As GitHub does: everybody may read a public repository."""
    permission, role = ROLES.get(login, ("read", "read"))
    return {"permission": permission, "role_name": role}


@route("GET", r"/actions/runs/(\d+)/artifacts", "actions: read")
def artifacts(github, query, body, run):
    kept = [{"id": 1, "name": "intake"}] if ("127.0.0.1", ZIP) in github.pages else []
    return {"total_count": len(kept), "artifacts": kept}


@route("GET", r"/actions/artifacts/(\d+)/zip", "actions: read")
def no_zip(github, query, body, number):
    raise RefusedError(404, "Not Found")


class Kept(dict[tuple[str, str], Json]):
    """Pages, with the artifact `intake` as a zip where a run of this world has kept one."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder / "intake"

    def __contains__(self, key: object) -> bool:
        return self.get(key) is not None

    def get(self, key: Json, default: Json = None) -> Json:
        """Zip what is there when it is asked for."""
        if key != ("127.0.0.1", ZIP) or not self.folder.is_dir():
            return super().get(key, default)
        raw = io.BytesIO()
        with zipfile.ZipFile(raw, "w") as archive:
            for path in sorted(self.folder.iterdir()):
                archive.write(path, path.name)
        return 200, {"Content-Type": "application/zip"}, raw.getvalue()

"""Files of stands: one folder a generation, beside its databases, with what patients uploaded to the stand's portal.

A file is written once and never changed, so a copy of a folder shares the files of the other one by hard links: the
copy takes no room and no time, and whichever goes first leaves the other's whole.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from portal.doors import FolderFiles

UNFINISHED = ".part"


class Folders:
    """The folders of all generations of one pair of programs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "files"

    def of(self, generation: str) -> Path:
        """The folder of one generation, which is there once something is written into it."""
        return self._folder / generation

    def copy(self, source: str, target: str) -> None:
        """Give `target` the files of `source` as they are now. What is being written just now is not there yet."""
        if not self.of(source).is_dir():
            return
        self.of(target).mkdir(parents=True, exist_ok=True, mode=0o700)
        for file in self.of(source).iterdir():
            if file.suffix == UNFINISHED:
                continue
            try:
                os.link(file, self.of(target) / file.name)
            except FileNotFoundError:
                continue
            except OSError:
                # A file system without hard links.
                shutil.copyfile(file, self.of(target) / file.name)

    def fill(self, generation: str, contents: Mapping[str, bytes]) -> None:
        """Write files into a generation's folder. ValueError for a name that is none of the portal's."""
        files = FolderFiles(self.of(generation))
        for name, content in contents.items():
            with files.write(name) as handle:
                handle.write(content)

    def drop(self, generation: str) -> None:
        """Throw the folder away; nothing happens if there is none."""
        shutil.rmtree(self.of(generation), ignore_errors=True)

"""The one step of the build that pyproject.toml cannot say: templates and static files go into the wheel.

They lie at the top of the checkout, where people look for them; a package can only bring what lies inside it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent


class BuildWithAssets(build_py):
    """Copies both folders to where `foundation.assets` looks first."""

    def run(self) -> None:
        """Build as ever, then add them."""
        super().run()
        for name in ("templates", "static"):
            target = Path(self.build_lib) / "foundation" / "assets_of_the_wheel" / name
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(ROOT / name, target)


setup(cmdclass={"build_py": BuildWithAssets})

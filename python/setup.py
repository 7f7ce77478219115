"""Marks the wheel as one for every Python 3 on this platform: its libraries are loaded by ctypes."""

from __future__ import annotations

import os

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel


class PlatformWheel(bdist_wheel):
    """A wheel with libraries of the platform and none of Python."""

    def get_tag(self) -> tuple[str, str, str]:
        return "py3", "none", super().get_tag()[2]


class PlatformDistribution(Distribution):
    """A package that is installed among the packages of the platform."""

    def has_ext_modules(self) -> bool:
        return True


setup(
    version=os.environ.get("YOLOVINO_VERSION", "0.0.0"),
    distclass=PlatformDistribution,
    cmdclass={"bdist_wheel": PlatformWheel},
)

"""What the tests of several folders share."""

from __future__ import annotations

import os

import made_plans
import pytest
from hypothesis import settings

from playlistkit.model import Plan

# no test measures time, and CI shall not fail by chance: what chance finds is found where people work
settings.register_profile("playlistkit", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("playlistkit")


# how long an example takes depends on what else the machine does, and says nothing of a claim
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def three_hours() -> Plan:
    """A made plan of three hours; its files exist nowhere."""
    return made_plans.three_hours()

"""What the tests of several folders share."""

from __future__ import annotations

import made_plans
import pytest

from playlistkit.model import Plan


@pytest.fixture(scope="session")
def three_hours() -> Plan:
    """A made plan of three hours; its files exist nowhere."""
    return made_plans.three_hours()

"""Schemathesis reads the description and asks everything it can think of, as the owner, on a desk with a
ticket: no answer may be our mistake, and each keeps to what the description says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from schemathesis.specs.openapi.checks import positive_data_acceptance

from deskbell.wsgi import application
from tests.api.conftest import ROOT, program_of
from tests.desk import a_ticket

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemathesis import Case

    from tests.cast import Cast


@pytest.fixture(autouse=True)
def _connection_stays() -> Iterator[None]:
    """Keep the test's transaction: as WSGI, Django would look for old connections after each request."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


schema = schemathesis.openapi.from_wsgi(f"{ROOT}/openapi.json", application)
# What is longer than a text may be can be larger than a body may be: then that is what is said of it.
schema.config.checks.negative_data_rejection.expected_statuses = [
    "400",
    "401",
    "403",
    "404",
    "409",
    "413",
    "415",
    "422",
]


@pytest.mark.slow
@schema.parametrize()
@hypothesis.settings(
    max_examples=12,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(hypothesis.HealthCheck),
)
def test_whatever_is_asked_is_answered_as_described(case: Case[Any], cast: Cast) -> None:
    if "code" in case.path_parameters and len(case.path_parameters["code"]) % 2:
        case.path_parameters["code"] = a_ticket(cast.support, cast.emil).code
    case.call_and_validate(
        headers={"Authorization": f"Bearer {program_of(cast.anna).key}"},
        # A code that no ticket has and a department that is not there are of the right shape, and refused.
        excluded_checks=[positive_data_acceptance],
    )

"""schemathesis on openapi.yaml: requests that it allows and forbids, and what the answers must look like."""

from __future__ import annotations

from pathlib import Path

import pytest
import schemathesis
from conftest import Server
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

schema = schemathesis.openapi.from_path(Path(__file__).parent / "openapi.yaml")


@pytest.fixture
def url(server: Server) -> str:
    return server.url


@schema.parametrize()
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_answers_are_those_of_the_specification(case, url: str) -> None:
    response = case.call(base_url=url)
    assert response.status_code < 500, response.text
    # The schema cannot say which shapes fit which data: of infer 400 is an answer, too.
    excluded = [positive_data_acceptance] if case.operation.path.endswith("/infer") else []
    case.validate_response(response, excluded_checks=excluded)

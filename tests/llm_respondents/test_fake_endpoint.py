"""`manage.py fake_endpoint`: what a panel will meet can be rehearsed before a call is paid for."""

import json
import signal
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from llm_respondents.endpoints.file import read_endpoints
from llm_respondents.models import Attempt
from llm_respondents.rehearsal import Endpoint


def test_it_says_what_to_list_answers_with_the_faults_asked_for_and_ends_at_a_signal(
    open_study, settings, tmp_path, capsys
):
    options = ("--api", "anthropic", "--rate-limited", "0.2", "--latency", "0", "--thinks")
    with subprocess.Popen(
        [sys.executable, "manage.py", "fake_endpoint", "--json", *options],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        said = json.loads(server.stdout.readline())
        assert read_endpoints(said["endpoints_toml"])["fake"].api == "anthropic"
        settings.DATA_DIR = tmp_path
        (tmp_path / "endpoints.toml").write_text(said["endpoints_toml"])
        run = {"study": open_study.slug, "endpoint": "fake", "model": "fake-model", "sessions": 1}
        call_command("run_panel", **run, json=True, verbosity=0)
        server.send_signal(signal.SIGTERM)
        told = server.stderr.read()
    facts = json.loads(capsys.readouterr().out)
    assert (server.returncode, facts["status"], facts["answered"]) == (0, "complete", 40)
    assert "rate limited" in told
    assert Attempt.objects.filter(detail__contains="slow down").exists()


def test_a_port_that_is_taken_and_a_share_that_is_none_are_said():
    with Endpoint() as endpoint, pytest.raises(CommandError, match="port_unavailable"):
        call_command("fake_endpoint", port=endpoint.port)
    with pytest.raises(CommandError, match="give a share from 0 to 1"):
        call_command("fake_endpoint", "--refusal", "2")

"""The supplier of people was once called a panel: what was stored and given out still works."""

from django.test import Client
from django.urls import reverse
from factories import make_link


def test_an_address_that_was_given_out_before_still_lets_people_begin(open_study):
    link = make_link(open_study, recruiter="prolific")
    address = reverse("surveys:information", args=[link.token]) + "?PROLIFIC_PID=5f2c"
    assert Client().get(address).status_code == 200

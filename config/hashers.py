"""How passwords are stored."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class OneLaneArgon2Hasher(Argon2PasswordHasher):
    """Argon2id on one processor, with the cost that OWASP names for it.

    Django's own takes eight lanes and 100 MB at once: a few guesses would take every processor from
    the people who are answering. Older hashes are still read, and replaced at the next login.
    """

    time_cost = 2
    memory_cost = 19_456  # KiB
    parallelism = 1

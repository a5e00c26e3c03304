"""Data of a study that come in from elsewhere, and that go out as files."""

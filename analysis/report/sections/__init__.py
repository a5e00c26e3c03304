"""The sections of both documents, and the contents that each begins with."""

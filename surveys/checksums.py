"""Checksums of content: SHA-256 over canonical JSON, equal wherever and whenever it is computed."""

import hashlib
import json
from typing import Any


def sha256_of(content: Any) -> str:
    """Return the SHA-256 (hex) of plain values: keys sorted, no white space, UTF-8."""
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()

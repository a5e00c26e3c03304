"""Lists of the workspace: sorted, filtered, searched, page by page, and as files."""

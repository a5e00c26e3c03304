"""What the pages of the workspace show around and above their own content.

tabs      the tabs of a study; each app adds its own
"""

"""The workspace: all studies, the tabs of one that this app serves, how the pages look."""

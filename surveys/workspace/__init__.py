"""What the pages of the workspace show around and above their own content.

tabs      the tabs of a study, its steps and what needs somebody; each app adds its own
funnel    how far people got
work      jobs and workers: the light in the header, the page that it leads to
"""

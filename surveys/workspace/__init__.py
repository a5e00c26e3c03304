"""What the pages of the workspace show around and above their own content.

tabs      the tabs of a study, its steps and what needs somebody; each app adds its own
funnel    how far people got
finding   the search at the top of every page; each app adds what it finds
help_pages which page of the help explains which page
work      jobs and workers: the light in the header, the page that it leads to
printed   the documents of a study, as the app that makes them says
lists     tables that are sorted, filtered and searched by their address
"""

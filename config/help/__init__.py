"""The documentation as a site of the product's own, at /help/.

building    docs/ becomes pages, by MkDocs and a theme of ours (`manage.py build_help`)
generated   pages that the code writes: every code and what to do, every column, every command
hooks       what MkDocs is told beside its configuration
site        reading what was built, and searching in it
"""

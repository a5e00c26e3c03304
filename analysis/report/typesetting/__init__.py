"""How a page is set: fonts, numbers, layout, tables."""

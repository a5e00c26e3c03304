"""Data files as rows that know their line: text read strictly, workbooks, SPSS and Stata."""

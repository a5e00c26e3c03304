"""What is looked up in results, how groups were asked, and what is said or withheld."""

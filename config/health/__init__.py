"""Whether the installation is well, and what to do where it is not.

finding    one thing that was looked at
findings   what is looked at, each with its state and advice
security   what the checks for deployment find, in words for staff
pages      a page for staff; a line for load balancers, without details
"""

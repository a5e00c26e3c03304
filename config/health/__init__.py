"""Whether the installation is well, and what to do where it is not.

findings   what is looked at, each with its state and advice
pages      a page for staff; a line for load balancers, without details
"""

"""Telling other programs what happened in a study.

happenings   what happened, looked up where it is stored; apps add what they know
arranging    adding, pausing, trying and deleting an address
telling      sending what is due, again until it arrives
sending      one request to one address, and to no machine of this network
"""

"""Processes that the tests of faults start: one that asks all the while, one that breaks off."""

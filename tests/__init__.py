"""Tests of Tanya."""

"""Guessing PINs, at the edge: under which keys tries are counted, which devices are known, and who is told of storms.

The rules are in `domain/signing_in/guesses.py`.
"""

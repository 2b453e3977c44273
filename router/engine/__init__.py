"""The machine: commands in, events out, time passed in, nothing else.

A handful of NumPy record tables (`tables`), functions over them compiled by Numba
(`compiled`), one way to change them (`apply`, in `facts/`), one table of an
interaction's life (`lifecycle`), orders that look and emit (`decide`, in `orders/`),
pairing (`eligibility`, `score`, `choose`, `settle`, `rounds`), and a Python face with
names and policies (`engine`, `writer`, `definitions`).
"""

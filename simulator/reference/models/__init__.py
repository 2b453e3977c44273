"""Families of cases, one a file: what each recognises by its parameters, and how it is
written as scenario and policy.
"""

"""The engine told as shift logs; `tests/story.py` reads them, `make stories` rewrites them.

Commit a difference only if you can explain it.
"""

"""`python -m router` is `santral-router`."""

from router.cli import main

main()

"""`python -m simulator` is `santral-simulator`."""

from simulator.cli import main

if __name__ == "__main__":
    main()

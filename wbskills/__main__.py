"""`python -m wbskills` is the same as `wbskills`."""

from wbskills.cli import main

if __name__ == "__main__":
    main()

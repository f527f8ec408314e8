"""``python -m lookalike`` is the ``lookalike`` command."""

from lookalike.cli.main import main

if __name__ == "__main__":
    main()

"""The server: `lookalike serve`. A door like the command line: parse, call a job, format.

`settings` and `service` need no web framework; the rest needs the extra ``web``.
"""

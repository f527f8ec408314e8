"""What Lookalike does, one verb a file. Jobs take machines as arguments, yield progress, and never print.

Nothing is exported here: whoever searches needn't load what draws or indexes.
"""

"""How well pictures are found again: attacks, ground truth, metrics. Drives the jobs as a user would."""

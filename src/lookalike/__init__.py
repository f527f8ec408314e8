"""Find pictures that look alike, on your own machine."""

from __future__ import annotations

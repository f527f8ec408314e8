"""What Lookalike does, one verb a file. Jobs take machines as arguments, yield progress, and never print."""

from lookalike.jobs.check_installation import Finding, check_installation
from lookalike.jobs.compare_images import Comparison, compare_images
from lookalike.jobs.index_folders import IndexProgress, IndexReport, index_folders
from lookalike.jobs.sample_pictures import SampledPicture, sample_pictures
from lookalike.jobs.scan_folders import resolve_roots
from lookalike.jobs.search_similar import SearchResult, search_similar

__all__ = [
    "Comparison",
    "Finding",
    "IndexProgress",
    "IndexReport",
    "SampledPicture",
    "SearchResult",
    "check_installation",
    "compare_images",
    "index_folders",
    "resolve_roots",
    "sample_pictures",
    "search_similar",
]

"""The only room that opens image files: from a path, bytes, file object, PIL image or array to an upright picture."""

from lookalike.images.animation import is_animation, load_frames
from lookalike.images.cropping import as_crop, crop_picture
from lookalike.images.formats import find_format
from lookalike.images.limits import Limits
from lookalike.images.load import Channels, load_picture
from lookalike.images.sources import FileContent, Source, read_bytes, read_file

__all__ = [
    "Channels",
    "FileContent",
    "Limits",
    "Source",
    "as_crop",
    "crop_picture",
    "find_format",
    "is_animation",
    "load_frames",
    "load_picture",
    "read_bytes",
    "read_file",
]

"""All operations of the API, for the router, the OpenAPI document and the docs."""

from __future__ import annotations

from lookalike.web.catalog_operations import CATALOG_OPERATIONS
from lookalike.web.image_operations import IMAGE_OPERATIONS
from lookalike.web.search_operations import SEARCH_OPERATIONS

OPERATIONS = (*SEARCH_OPERATIONS, *IMAGE_OPERATIONS, *CATALOG_OPERATIONS)

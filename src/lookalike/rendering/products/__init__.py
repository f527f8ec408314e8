"""The demo's product pictures: bags of invented brands, drawn by arithmetic."""

from lookalike.rendering.products.generator import Planted, Product, make_products

__all__ = ["Planted", "Product", "make_products"]

"""The operations on the products of a data set."""

from collections.abc import Mapping
from typing import get_args

from turnkeeper.core.products import ProductOrder
from turnkeeper.dialects.native.operations.data_sets import DATA_SET, NO_DATA_SET
from turnkeeper.dialects.native.operations.parameters import CURSOR, LIMIT
from turnkeeper.dialects.native.operations.problems import ID, missing, wrong
from turnkeeper.dialects.native.shapes.documents import ProductShape, ProductsShape
from turnkeeper.http_kit.openapi import Operation, Parameter, Reply

_EXAMPLE: Mapping[str, object] = {
    "id": "prod_01JZ3M4C1V7Z6R5T4W3X2Y1Z0B",
    "entry_id": "r9",
    "name": "Router R9",
    "slug": "router-r9",
    "sku": "R-9",
    "description": "Ten gigabit for a small office.",
    "properties": "ports: 8\ncolour: black",
    "categories": "Routers, Office",
    "price": 199.5,
    "document_id": "doc_01JZ3M4C1V7Z6R5T4W3X2Y1Z0B",
    "updated_at": "2026-04-12T18:45:12.000Z",
}

LIST = Operation(
    method="get",
    path="/data-sets/{data_set_id}/products",
    name="listProducts",
    tag="Products",
    scope="read",
    summary="The products of a data set",
    description="Those that every filter fits, as the agents' tool `search_products` finds them.",
    parameters=(
        DATA_SET,
        Parameter(name="q", where="query", description="Words of name, description or properties; or a SKU."),
        Parameter(name="category", where="query", description="Part of a category's name."),
        Parameter(name="price_min", where="query", description="At least.", schema={"type": "number"}),
        Parameter(name="price_max", where="query", description="At most.", schema={"type": "number"}),
        Parameter(
            name="property",
            where="query",
            description="`name:comparison:value`, up to ten times; the comparison is `is`, `contains`, `at_least` or "
            "`at_most`: `colour:is:black`, `ports:at_least:8`.",
            schema={"type": "array", "items": {"type": "string"}, "maxItems": 10},
        ),
        Parameter(
            name="order",
            where="query",
            description="A minus is for the other way round. Products without a price stand last.",
            schema={"type": "string", "enum": list(get_args(ProductOrder)), "default": "relevance"},
        ),
        LIMIT,
        CURSOR,
    ),
    replies=(
        Reply(
            status=200,
            description="A page.",
            shape=ProductsShape,
            example={"items": [_EXAMPLE], "has_more": False, "next_cursor": None, "total": 1},
        ),
        wrong("The parameter 'price_min' is above 'price_max'.", "invalid", parameter="price_min"),
        NO_DATA_SET,
    ),
)

GET = Operation(
    method="get",
    path="/data-sets/{data_set_id}/products/{product_id}",
    name="getProduct",
    tag="Products",
    scope="read",
    summary="Get a product",
    description="By our id, or by the shop's own.",
    parameters=(
        DATA_SET,
        Parameter(name="product_id", where="path", description="The product: `prod_…`, or its `entry_id`."),
    ),
    replies=(
        Reply(status=200, description="The product.", shape=ProductShape, example=_EXAMPLE),
        missing("product", f"prod_{ID}"),
    ),
)

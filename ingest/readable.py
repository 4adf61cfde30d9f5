"""The access filter in SQL."""

from sqlalchemy import ColumnElement, and_, exists, or_

from ingest.access import Principal, access_filter
from ingest.tables import document_groups, documents


def readable(principal: Principal) -> ColumnElement[bool]:
    """The access filter in SQL. Nothing else decides which documents a query may return."""
    access = access_filter(principal)
    same_tenant = documents.c.tenant == access.tenant
    if access.groups is None:
        return same_tenant
    of_document = document_groups.c.document_id == documents.c.document_id
    restricted = exists().where(of_document)
    shared = exists().where(of_document, document_groups.c.name.in_(access.groups))
    return and_(same_tenant, or_(~restricted, shared))

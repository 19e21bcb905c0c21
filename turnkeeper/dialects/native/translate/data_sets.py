"""Data sets and their members in the dialect's words."""

from turnkeeper.core.data_sets import DataSet, DataSetMember, DataSetTotals
from turnkeeper.core.ids import prefixed
from turnkeeper.dialects.native.shapes.common import moment
from turnkeeper.dialects.native.shapes.data_sets import (
    ContentsShape,
    DataSetMemberShape,
    DataSetShape,
    EmbeddingShape,
    ModelChangeShape,
)

_NOTHING = DataSetTotals(documents=0, products=0, passages=0, unembedded=0, left_to_change=0)


def data_set_shape(data_set: DataSet, totals: DataSetTotals | None) -> DataSetShape:
    """A data set in the dialect's words; None is for one that holds nothing, or is just gone."""
    held = totals or _NOTHING
    change = None
    if data_set.next_embedding_model is not None:
        done = held.passages - held.left_to_change
        change = ModelChangeShape(model=data_set.next_embedding_model, done=max(0, done), total=held.passages)
    return DataSetShape(
        id=prefixed("ds", data_set.public_id),
        name=data_set.name,
        description=data_set.description,
        contents=ContentsShape(documents=held.documents, products=held.products, passages=held.passages),
        embedding=EmbeddingShape(
            model=data_set.embedding_model,
            waiting=held.unembedded,
            change=change,
            trouble=data_set.embedding_trouble,
        ),
        version=data_set.revision,
        created_at=moment(data_set.created_at),
        updated_at=moment(data_set.updated_at),
    )


def member_shape(member: DataSetMember) -> DataSetMemberShape:
    """An account that a data set was opened to, in the dialect's words."""
    return DataSetMemberShape(
        id=prefixed("acc", member.public_id),
        kind=member.kind,
        name=member.name,
        role=member.role,
        is_active=member.is_active,
    )

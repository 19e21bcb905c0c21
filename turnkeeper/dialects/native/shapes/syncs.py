"""Runs of data sets on the wire."""

from typing import Annotated

import msgspec
from msgspec import Meta

from turnkeeper.core.syncs import SyncMode, SyncOrigin, SyncState
from turnkeeper.dialects.native.shapes.common import AccountId, Moment
from turnkeeper.dialects.native.shapes.data_sets import DataSetId

SyncId = Annotated[str, Meta(examples=["sync_01JZ3M6D2V7Z6R5T4W3X2Y1Z0C"])]


class SyncFailureShape(msgspec.Struct, kw_only=True):
    """Why a run failed."""

    code: str
    detail: str


class SyncShape(msgspec.Struct, kw_only=True):
    """One run that brings a data set up to date. Readers see all of it, once it is completed, or nothing."""

    id: SyncId
    data_set_id: DataSetId
    state: SyncState
    mode: Annotated[
        SyncMode,
        Meta(
            description="`merge`: what is not named stays; `replace`: the data set is made equal to what came; `remove`: "
            "what is named goes."
        ),
    ]
    origin: Annotated[
        SyncOrigin, Meta(description="`upload`: by this API; `command`: by `turnkeeper data-sets import`.")
    ]
    files: Annotated[int, Meta(description="What it was given; an archive counts as one.")]
    found: Annotated[int, Meta(description="Sources: files, with those inside archives.")]
    skipped: Annotated[
        int, Meta(description="Files inside archives that are never worth reading, such as pictures and style sheets.")
    ]
    to_read: Annotated[int | None, Meta(description="Sources that are new or changed; null until that is known.")]
    read: Annotated[int, Meta(description="How many of `to_read` were read so far.")]
    added: Annotated[int, Meta(description="New sources, with those of which nothing could be read.")]
    changed: int
    unchanged: int
    removed: Annotated[int, Meta(description="Sources that are gone; of a `remove`, documents.")]
    unreadable: Annotated[int, Meta(description="Things that could not be read; `…/errors` has them.")]
    documents: Annotated[int, Meta(description="Documents that were read.")]
    products: Annotated[int, Meta(description="Products that were read.")]
    passages: Annotated[int, Meta(description="Passages that were made of them.")]
    vectors_waiting: Annotated[
        int, Meta(description="Passages that are found by their words and not yet by their meaning; goes down to 0.")
    ]
    error: SyncFailureShape | None
    requested_by: AccountId | None
    created_at: Moment
    started_at: Moment | None
    ended_at: Moment | None


class SyncsShape(msgspec.Struct, kw_only=True):
    """A part of the runs, newest first."""

    items: list[SyncShape]
    has_more: bool
    next_cursor: Annotated[str | None, Meta(description="Hand it back as `cursor`; null on the last page.")]


class SyncErrorShape(msgspec.Struct, kw_only=True):
    """Something that a run could not read."""

    address: str
    detail: Annotated[str, Meta(description="A sentence that says why, and what to do.")]


class SyncErrorsShape(msgspec.Struct, kw_only=True):
    """A part of what a run could not read, in its order."""

    items: list[SyncErrorShape]
    has_more: bool
    next_cursor: Annotated[str | None, Meta(description="Hand it back as `cursor`; null on the last page.")]


class FilesForm(msgspec.Struct, kw_only=True):
    """The form of an upload: the field `file` once or more often, each with a file name."""

    file: Annotated[
        list[Annotated[str, Meta(extra_json_schema={"format": "binary"})]],
        Meta(description="Files, or ZIP archives of folders. The name of a file is its address.", min_length=1),
    ]


class FileForm(msgspec.Struct, kw_only=True):
    """The form of one file."""

    file: Annotated[str, Meta(description="The file, with its name.", extra_json_schema={"format": "binary"})]

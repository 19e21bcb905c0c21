"""What the native dialect promises of data sets."""

from collections.abc import Mapping

from tests.dialects.requirement import Requirement

_DATA_SETS = "docs/data-sets.md"

REQUIREMENTS: Mapping[str, Requirement] = {
    "native.data-sets.life": Requirement(
        source=_DATA_SETS,
        behaviour="A data set is made, listed newest first, found by id or name, changed under `If-Match`, and deleted.",
    ),
    "native.data-sets.visible": Requirement(
        source=_DATA_SETS,
        behaviour="Admins change all data sets of the organization, members read those that were opened to them, and what "
        "belongs to others is 404.",
    ),
    "native.data-sets.members": Requirement(
        source=_DATA_SETS, behaviour="Accounts are added to and removed from a data set by id or name, at once."
    ),
    "native.data-sets.model": Requirement(
        source=_DATA_SETS,
        behaviour="Another embedding model makes its vectors behind those that serve; how far it is is told.",
    ),
    "native.documents.upload": Requirement(
        source=_DATA_SETS,
        behaviour="Documents come as JSON or files, are put at an address and removed, each by a run: 202 and its address.",
    ),
    "native.documents.read": Requirement(
        source=_DATA_SETS,
        behaviour="Documents are listed with filters, and read with a range of their text, their passages, and whether they "
        "changed since the version of a citation.",
    ),
    "native.products": Requirement(
        source=_DATA_SETS, behaviour="Products are listed with the filters of the agents' tool, sorted and in pages."
    ),
    "native.syncs.run": Requirement(
        source=_DATA_SETS,
        behaviour="A run is followed with `Prefer: wait=N` to its counts and, in pages, to what it could not read.",
    ),
    "native.syncs.cancel": Requirement(
        source=_DATA_SETS, behaviour="A cancelled run changes nothing; one that has ended stays as it is."
    ),
    "native.search": Requirement(
        source=_DATA_SETS,
        behaviour="A search gives ranked passages with offsets, within filters, and explains each rank when asked.",
    ),
}

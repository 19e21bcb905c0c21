"""`data-sets`: what agents know."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from turnkeeper.commands import syncs
from turnkeeper.commands.desk import OfOrganization, at_desk
from turnkeeper.commands.keys import title
from turnkeeper.commands.options import with_settings
from turnkeeper.commands.printing import AsJson, Row, hint, say, show
from turnkeeper.core.data_sets import Passage
from turnkeeper.core.errors import InvalidError
from turnkeeper.settings import Settings

if TYPE_CHECKING:
    from turnkeeper.commands.opening import Desk

_SHOWN_CHARACTERS = 160

Name = Annotated[str, typer.Argument(metavar="NAME")]
Which = Annotated[str, typer.Argument(metavar="DATA_SET", help="Its name or its number.")]
Paths = Annotated[list[Path], typer.Argument(metavar="PATH…", help="Folders and files.")]
Question = Annotated[str, typer.Argument(metavar="QUESTION")]
Limit = Annotated[int, typer.Option("--limit", metavar="NUMBER", help="How many passages, 1 to 100.")]
LeaveVectors = Annotated[bool, typer.Option("--leave-vectors", help="Leave the vectors to the server; end sooner.")]
Model = Annotated[
    str | None,
    typer.Option("--model", metavar="MODEL", help="minilm, openai:NAME or ollama:NAME; as it is when left out."),
]
NoAgent = Annotated[bool, typer.Option("--no-agent", help="Make no agent for a data set that has none.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Member = Annotated[str, typer.Argument(metavar="ACCOUNT", help="An e-mail address or a service account's name.")]


def add_to(app: typer.Typer) -> None:
    """Offer the commands."""
    group = typer.Typer(help="What agents know: import documents, search them, say who may.", no_args_is_help=True)
    group.command("list")(list_)
    group.command("create")(create)
    group.command("import")(import_)
    group.command("embed")(embed)
    group.command("delete")(delete)
    group.command("search")(search)
    members = typer.Typer(help="Who besides the admins may use a data set.", no_args_is_help=True)
    members.command("list")(list_members)
    members.command("add")(add_member)
    members.command("remove")(remove_member)
    group.add_typer(members, name="members")
    group.add_typer(syncs.group(), name="syncs")
    app.add_typer(group, name="data-sets")


@with_settings("database")
def list_(settings: Settings, organization: OfOrganization = None, as_json: AsJson = False) -> None:
    """List the data sets with what they hold; passages without a vector are found by their words only.

    Example:

        turnkeeper data-sets list
    """

    async def work(desk: "Desk") -> list[Row]:
        rows: list[Row] = []
        for data_set in await desk.data_sets():
            totals = await desk.actions.data_sets.totals(desk.caller, data_set.id)
            rows.append(
                {
                    "id": data_set.id,
                    "name": data_set.name,
                    "documents": totals.documents,
                    "products": totals.products,
                    "passages": totals.passages,
                    "without_vector": totals.unembedded,
                    "embedding_model": data_set.embedding_model,
                    "next_model": data_set.next_embedding_model,
                    "left_to_change": totals.left_to_change,
                    "trouble": data_set.embedding_trouble,
                    "updated_at": data_set.updated_at,
                }
            )
        return rows

    nothing = "There are no data sets; make one: turnkeeper data-sets import NAME PATH…"
    show(at_desk(settings, organization, work), as_json=as_json, nothing=nothing)


@with_settings("database")
def create(settings: Settings, name: Name, organization: OfOrganization = None) -> None:
    """Make an empty data set and print its number.

    Example:

        turnkeeper data-sets create shop
    """

    async def work(desk: "Desk") -> int:
        return (await desk.actions.data_sets.create(desk.caller, name=name)).id

    say(str(at_desk(settings, organization, work)))
    hint(f"Fill it: turnkeeper data-sets import {name!r} PATH…")


@with_settings("database")
def import_(
    settings: Settings,
    name: Name,
    paths: Paths,
    organization: OfOrganization = None,
    leave_vectors: LeaveVectors = False,
    no_agent: NoAgent = False,
) -> None:
    """Make a data set hold exactly what these folders and files hold; it is made when it is missing, with an agent.

    Reads Markdown, text, HTML, PDF, DOCX, CSV, XLSX and product JSONL. Importing again touches only what changed and
    removes what vanished. Readers see all of an import or nothing of it; stopping it (Ctrl-C) changes nothing.

    Examples:

        turnkeeper data-sets import handbook ~/handbook

        turnkeeper data-sets import shop products.jsonl faq.md manuals/
    """
    from turnkeeper.commands import importing  # noqa: PLC0415 - slow import

    importing.run(
        settings, organization, importing.Wish(name=name, paths=paths, vectors=not leave_vectors, agent=not no_agent)
    )


@with_settings("database")
def embed(
    settings: Settings,
    data_set: Which,
    model: Model = None,
    leave_vectors: LeaveVectors = False,
    organization: OfOrganization = None,
) -> None:
    """Make the vectors that a data set lacks, by another embedding model when one is named.

    The present vectors serve until all of the other model's are there. Stopping it (Ctrl-C) loses nothing: a server goes
    on, and so does this command. Keys come from the settings or the vault; docs/embeddings.md has the models.

    Examples:

        turnkeeper data-sets embed handbook

        turnkeeper data-sets embed handbook --model openai:text-embedding-3-small

        turnkeeper data-sets embed handbook --model ollama:nomic-embed-text --leave-vectors
    """
    from turnkeeper.commands import embedding  # noqa: PLC0415 - slow import

    embedding.run(settings, organization, data_set, model=model, waits=not leave_vectors)


@with_settings("database")
def delete(settings: Settings, data_set: Which, organization: OfOrganization = None, yes: Yes = False) -> None:
    """Delete a data set with all that it holds, and the agents that answer from it. Conversations are kept.

    Example:

        turnkeeper data-sets delete handbook --yes
    """
    if not yes:
        typer.confirm(f"Delete the data set {data_set!r} and its agents?", abort=True, err=True)

    async def work(desk: "Desk") -> str:
        found = await desk.data_set(data_set)
        await desk.actions.data_sets.delete(desk.caller, found.id)
        return found.name

    say(f"The data set {at_desk(settings, organization, work)!r} is deleted.")


@with_settings("database")
def search(
    settings: Settings,
    data_set: Which,
    question: Question,
    limit: Limit = 5,
    organization: OfOrganization = None,
    as_json: AsJson = False,
) -> None:
    """Show the passages that fit a question best, best first: what an agent gets to read.

    Example:

        turnkeeper data-sets search handbook "How do I reset my password?"
    """

    async def work(desk: "Desk") -> list[Row]:
        found = await desk.data_set(data_set)
        passages = await desk.actions.data_sets.search(desk.caller, found.id, question=question, limit=limit)
        return [_passage_row(passage, is_whole=as_json) for passage in passages]

    show(at_desk(settings, organization, work), as_json=as_json, nothing="Nothing fits this question.")


@with_settings("database")
def list_members(
    settings: Settings,
    data_set: Which,
    organization: OfOrganization = None,
    as_json: AsJson = False,
) -> None:
    """List the accounts that a data set was opened to; admins see all data sets anyway.

    Example:

        turnkeeper data-sets members list shop
    """

    async def work(desk: "Desk") -> list[Row]:
        found = await desk.data_set(data_set)
        members = set(await desk.actions.data_sets.members(desk.caller, found.id))
        accounts = await desk.actions.accounts.accounts(desk.organization)
        return [
            {"id": each.id, "name": title(each), "role": each.role, "active": each.is_active}
            for each in accounts
            if each.id in members
        ]

    show(at_desk(settings, organization, work), as_json=as_json, nothing="Nobody besides the admins.")


@with_settings("database")
def add_member(settings: Settings, data_set: Which, account: Member, organization: OfOrganization = None) -> None:
    """Let an account use a data set, at once.

    Example:

        turnkeeper data-sets members add shop jo@example.com
    """
    _change_member(settings, organization, data_set, account, is_member=True)
    say(f"{account} may use the data set {data_set!r}.")


@with_settings("database")
def remove_member(settings: Settings, data_set: Which, account: Member, organization: OfOrganization = None) -> None:
    """Take a data set from an account's sight, at once.

    Example:

        turnkeeper data-sets members remove shop jo@example.com
    """
    _change_member(settings, organization, data_set, account, is_member=False)
    say(f"{account} may not use the data set {data_set!r} any more.")


def _change_member(settings: Settings, organization: str | None, data_set: str, name: str, *, is_member: bool) -> None:
    async def work(desk: "Desk") -> None:
        found = await desk.data_set(data_set)
        account = await desk.actions.accounts.account(desk.organization, name=name)
        if not is_member and account.role == "admin":
            raise InvalidError("account", f"{name} is an admin, and admins see all data sets.")
        change = desk.actions.data_sets.add_member if is_member else desk.actions.data_sets.remove_member
        await change(desk.caller, found.id, account_id=account.id)

    at_desk(settings, organization, work)


def _passage_row(passage: Passage, *, is_whole: bool) -> Row:
    if is_whole:
        return {
            "document_id": passage.document_id,
            "title": passage.title,
            "address": passage.address,
            "start": passage.start,
            "end": passage.end,
            "score": passage.score,
            "text": passage.text,
        }
    text = " ".join(passage.text.split())
    cut = text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"
    return {
        "score": f"{passage.score:.3f}",
        "address": passage.address,
        "at": f"{passage.start}–{passage.end}",
        "text": cut,
    }

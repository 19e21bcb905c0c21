"""A vault with given secrets, the same for every organization."""


class FixedSecrets:
    """Obeys `agents.secrets.Secrets`. Change `values` to change what it holds."""

    def __init__(self, **values: str) -> None:
        self.values = values

    async def secret(self, organization_id: int, name: str) -> str | None:
        del organization_id
        return self.values.get(name)

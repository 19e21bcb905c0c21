"""Litestar with only the plug-ins that the doors use."""

from litestar import Litestar
from litestar.plugins import PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin


class LeanLitestar(Litestar):
    """Litestar that does not go looking for pydantic and attrs.

    Both are installed with other libraries, no door uses them, and importing them for their plug-ins would cost half a
    second of CPU at every start.
    """

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return [*plugins, MsgspecDIPlugin()]

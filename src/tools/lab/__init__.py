"""JupyterLab as the course starts it: it says its address, and little else.

`everyone` and `students` hold settings: `npm start` uses both, `npm run teach` the first alone.
"""

from jupyter_server.serverapp import ServerApp


def _jupyter_server_extension_points() -> list[dict]:
    return [{"module": "tools.lab"}]


def _load_jupyter_server_extension(server: ServerApp) -> None:
    # Of a token that it made itself the server would tell in five lines, before it listens.
    server.identity_provider.token_generated = False


async def _start_jupyter_server_extension(server: ServerApp) -> None:
    # So that the address holds the token.
    server.identity_provider.token_generated = True
    print(f"The course is open. Stop it with Ctrl+C. Its address:\n{server.public_url}", flush=True)

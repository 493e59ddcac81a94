"""Runs cells on a user's server: `python run_cells.py ADDRESS TOKEN`. Cells and what they put out are JSON.

It runs in the hub's Python environment.
"""

import asyncio
import json
import sys
import uuid
from urllib.request import Request, urlopen

from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect


async def run(address: str, token: str, cells: list[str]) -> list[str]:
    """What each cell printed, gave or threw."""
    request = Request(
        f"{address}/api/kernels",
        json.dumps({"name": "tslab"}).encode(),
        {"Authorization": f"token {token}"},
        method="POST",
    )
    with urlopen(request, timeout=60) as reply:
        kernel = json.load(reply)["id"]
    channels = f"{address.replace('http', 'ws', 1)}/api/kernels/{kernel}/channels"
    socket = await websocket_connect(HTTPRequest(channels, headers={"Authorization": f"token {token}"}))
    return [await run_cell(socket, cell) for cell in cells]


async def run_cell(socket: object, code: str) -> str:
    """What a cell printed, gave or threw."""
    header = {
        "msg_id": uuid.uuid4().hex,
        "msg_type": "execute_request",
        "session": "test",
        "username": "",
        "version": "5.3",
    }
    content = {
        "code": code,
        "silent": False,
        "store_history": True,
        "allow_stdin": False,
        "stop_on_error": False,
    }
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
    await socket.write_message(json.dumps(message))
    text = ""
    while True:
        said = json.loads(await socket.read_message())
        if said["parent_header"].get("msg_id") != header["msg_id"] or said["channel"] != "iopub":
            continue
        kind, content = said["msg_type"], said["content"]
        text += content.get("text", "") or content.get("evalue", "")
        if kind == "execute_result":
            text += content["data"]["text/plain"]
        if kind == "status" and content["execution_state"] == "idle":
            return text.strip()


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(sys.argv[1], sys.argv[2], json.load(sys.stdin)))))

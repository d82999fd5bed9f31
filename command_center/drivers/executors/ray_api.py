"""A Ray cluster over HTTP: its jobs API, and the part of its state API that hands out log files.

Ray itself is not needed on this machine, and never imported. Sources: Ray's
`dashboard/modules/job/job_head.py` and `dashboard/modules/state/state_head.py`, as of 2.60.
"""

import asyncio
import http.client
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import msgspec
from msgspec import Struct

from command_center.domain.errors import ExecutorError, ExecutorUnreachable, LaunchError
from command_center.domain.text import one_line

T = TypeVar("T")
AT_ONCE = 4
TOO_LARGE = 413
NOT_FOUND = 404
_JSON = {"Content-Type": "application/json"}


class RayJob(Struct, frozen=True):
    status: str
    """PENDING, RUNNING, STOPPED, SUCCEEDED or FAILED."""
    message: str | None = None
    error_type: str | None = None
    driver_node_id: str | None = None


class RayNode(Struct, frozen=True):
    node_id: str
    state: str
    """ALIVE or DEAD."""
    node_name: str = ""
    resources_total: dict[str, float] = {}


class _Nodes(Struct, frozen=True):
    result: tuple[RayNode, ...]


class _Answer(Struct, frozen=True):
    result: _Nodes


class _Listed(Struct, frozen=True):
    data: _Answer


class RayApi:
    def __init__(self, address: str, token: str, seconds: float) -> None:
        self._address = address.rstrip("/")
        self._seconds = seconds
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        # Threads of its own: a cluster that does not answer shall hold up nobody else.
        self._threads = ThreadPoolExecutor(AT_ONCE, "ray")
        # The address is meant as it stands, whatever proxy is there for the world outside.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    async def job(self, name: str) -> RayJob | None:
        """None for one that the cluster does not know."""
        status, body = await self._ask("GET", f"/api/jobs/{name}")
        # Any other page that is not found is not about the job.
        if status == NOT_FOUND and b"does not exist" in body:
            return None
        return self._read(status, body, RayJob)

    async def submit(self, request: dict[str, object]) -> None:
        """Raises LaunchError for one that the cluster refuses."""
        said = msgspec.json.encode(request)
        status, body = await self._ask("POST", "/api/jobs/", said, _JSON)
        if status == http.client.OK or b"already exists" in body:
            return
        if status == http.client.BAD_REQUEST:
            raise LaunchError(f"the Ray cluster at {self._address} refuses it: {_last(body)}")
        self._refuse(status, body)

    async def stop(self, name: str) -> None:
        """No error for one that is over or unknown."""
        status, body = await self._ask("POST", f"/api/jobs/{name}/stop")
        if status not in (http.client.OK, NOT_FOUND):
            self._refuse(status, body)

    async def delete(self, name: str) -> None:
        """Only of what is over."""
        status, body = await self._ask("DELETE", f"/api/jobs/{name}")
        if status not in (http.client.OK, NOT_FOUND):
            self._refuse(status, body)

    async def upload(self, package: str, body: bytes) -> None:
        """Raises LaunchError when it is larger than the cluster takes."""
        path = f"/api/packages/gcs/{package}"
        # Asking keeps a package that is there from being cleared away meanwhile.
        if (await self._ask("GET", path))[0] == http.client.OK:
            return
        kind = {"Content-Type": "application/octet-stream"}
        status, said = await self._ask("PUT", path, body, kind)
        if status == TOO_LARGE:
            size = len(body) >> 20
            raise LaunchError(f"its code has {size} MiB, more than {self._address} takes")
        if status != http.client.OK:
            self._refuse(status, said)

    async def file(self, node: str, name: str) -> bytes | None:
        """A file below the log folder of a node; None where it cannot be had, now or ever."""
        # The head asks the node, and shall tire of that before we do.
        seconds = str(max(1, int(self._seconds / 2)))
        asked = {"node_id": node, "filename": name, "lines": "-1", "timeout": seconds}
        path = f"/api/v0/logs/file?{urllib.parse.urlencode(asked)}"
        try:
            status, body = await self._ask("GET", path)
        except ExecutorUnreachable:
            # A node without power, too, makes its head wait.
            return None
        return body if status == http.client.OK else None

    async def nodes(self) -> list[RayNode]:
        """Those that are alive."""
        status, body = await self._ask("GET", "/api/v0/nodes?detail=true&limit=10000")
        listed = self._read(status, body, _Listed)
        return [node for node in listed.data.result.result if node.state == "ALIVE"]

    def _read(self, status: int, body: bytes, kind: type[T]) -> T:
        if status != http.client.OK:
            self._refuse(status, body)
        try:
            return msgspec.json.decode(body, type=kind)
        except msgspec.DecodeError as error:
            raise ExecutorError(
                f"{self._address} is no Ray cluster that we know: {error}"
            ) from None

    def _refuse(self, status: int, body: bytes) -> None:
        raise ExecutorError(f"the Ray cluster at {self._address} says {status}: {_last(body)}")

    async def _ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, bytes]:
        """Raises ExecutorUnreachable."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._threads, self._call, method, path, body, headers or {}
        )

    def _call(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        request = urllib.request.Request(
            self._address + path, body, {**self._headers, **headers}, method=method
        )
        try:
            with self._opener.open(request, timeout=self._seconds) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()
        except (OSError, http.client.HTTPException) as error:
            why = getattr(error, "reason", None) or error
            text = one_line(f"the Ray cluster at {self._address} does not answer: {why}", 200)
            raise ExecutorUnreachable(text) from None


def _last(body: bytes) -> str:
    """Of a traceback the line that says what was wrong."""
    lines = body.decode("utf-8", "replace").strip().splitlines()
    return one_line(lines[-1] if lines else "nothing", 200)

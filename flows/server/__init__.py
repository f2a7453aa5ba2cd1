"""A Prefect server for whoever has none: found or started on loopback, and always stopped.

    with prefect_api(home) as api_url: ...

The server that a profile or PREFECT_API_URL names is used as it is. Otherwise one server
stands on the SQLite file in the data folder, never two. It belongs to nobody's process:
a keeper (`flows.server.keeper`) holds it for as long as any client holds the client lock.
The kernel drops that lock however a client dies, kill -9 included, so no server is left
behind, and two commands at once share one.

Files in the data folder: `prefect.db` (the database), `server.json` (URL and process of
the running server), `server.lock` (held by the keeper), `clients.lock` (held by clients),
`server.log`.
"""

from flows.server.client import prefect_api
from flows.server.recording import wait_until_recorded

__all__ = ["prefect_api", "wait_until_recorded"]

"""Requests per second of the site as production serves it: gunicorn, 2 workers of 4 threads."""

import contextlib
import http.client
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

CONNECTIONS = 16
# How long gunicorn may take to answer at first, in seconds.
PATIENCE = 30


def tool():
    """What asks: wrk if it is installed, otherwise threads of ours, which cost more themselves."""
    return "wrk" if shutil.which("wrk") else "Python threads"


def measure(environment, path, seconds):
    """{page: requests per second} of `path`, and the memory of a worker afterwards, in MB.

    `live`: each request makes the page; `kept`: the page made once is sent again; `unchanged`: it
    is confirmed with a 304. `memory` is the largest worker's resident set, None if not known.
    """
    with served({**environment, "KEEP_PAGES": "0"}) as (address, server):
        found = {"live": requests_per_second(address + path, seconds)}
        found["memory"] = memory_of_a_worker(server)
    with served({**environment, "KEEP_PAGES": "1"}) as (address, _server):
        found["kept"] = requests_per_second(address + path, seconds)
        etag = etag_of(address + path)
        found["unchanged"] = requests_per_second(address + path, seconds, etag)
    return found


@contextlib.contextmanager
def served(environment):
    """The address of the site while gunicorn serves it, and the process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--workers", "2", "--threads", "4", "--log-level", "warning"]
    options += ["--bind", f"127.0.0.1:{port}"]
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "aqoci.wsgi", *options], env=environment
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/sante/pret/", server)
        yield address, server
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def wait_for(address, server):
    """Return once the site answers; end the bench if it does not."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    sys.exit("gunicorn does not answer.")


def etag_of(address):
    """The ETag of a page, as a browser that takes compressed pages gets it."""
    request = urllib.request.Request(address, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request, timeout=10) as response:
        return response.headers["ETag"]


def requests_per_second(address, seconds, etag=None):
    """How many requests a second are answered, from CONNECTIONS connections at once.

    The answers must be pages, or with `etag` 304s: anything else ends the bench.
    """
    headers = {"Accept-Encoding": "gzip"} | ({"If-None-Match": etag} if etag else {})
    expected = 304 if etag else 200
    # Both workers have made the page before the clock starts.
    with_threads(address, 1, headers, expected)
    ask = with_wrk if shutil.which("wrk") else with_threads
    return ask(address, seconds, headers, expected)


def with_wrk(address, seconds, headers, expected):
    """Requests per second, by wrk."""
    options = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{seconds}s", *options, address]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    # The tool counts a 304 as an answer like a page: only worse ones are told.
    if failures := re.search(r"(Non-2xx or 3xx responses|Socket errors): .*", done.stdout):
        sys.exit(f"{address}: {failures[0]}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)[1])


def with_threads(address, seconds, headers, expected):
    """Requests per second, by as many threads of this process as there are connections."""
    host, path = address.removeprefix("http://").split("/", 1)
    answered, faults = [], []
    deadline = time.monotonic() + seconds

    def ask():
        connection = http.client.HTTPConnection(host, timeout=10)
        number = 0
        try:
            while time.monotonic() < deadline:
                connection.request("GET", f"/{path}", headers=headers)
                response = connection.getresponse()
                response.read()
                if response.status != expected:
                    raise http.client.HTTPException(f"answers {response.status}, not {expected}")
                number += 1
        except (OSError, http.client.HTTPException) as error:
            faults.append(error)
        answered.append(number)
        connection.close()

    started = time.monotonic()
    threads = [threading.Thread(target=ask) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        sys.exit(f"{address}: {faults[0]}")
    return sum(answered) / (time.monotonic() - started)


def memory_of_a_worker(server):
    """The resident memory of the largest worker in MB (10⁶ bytes), None where `ps` cannot tell."""
    try:
        listed = subprocess.run(
            ["ps", "-A", "-o", "ppid=,rss="], check=True, capture_output=True, text=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    lines = [[int(word) for word in line.split()] for line in listed.splitlines()]
    sizes = [kibibytes for parent, kibibytes in lines if parent == server.pid]
    return max(sizes) * 1024 / 1e6 if sizes else None

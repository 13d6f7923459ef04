"""A plugin in Python: two actions on top, and below them the whole wire (docs/protocol.md) in a hundred lines."""

import json
import os
import sys
import threading
import time
import traceback


class PluginError(Exception):
    """A failure the host understands; anything else that is raised is reported as a bug."""

    def __init__(self, message, category="business", hint=None, retryable=False):
        super().__init__(message)
        self.data = {"code": category.upper(), "category": category, "message": message, "retryable": retryable}
        if hint:
            self.data["hint"] = hint


def hello(call):
    greeting = f"{call.config.get('greeting', 'Hello')}, {call.input['name']}!"
    call.log("info", f"greeted {call.input['name']}")
    return {"greeting": greeting}, greeting


def word_count(call):
    lines = call.input["text"].splitlines()
    if not lines:
        raise PluginError("Cannot count words: the text is empty", "input", hint="Give it a text")
    words = 0
    for number, line in enumerate(lines, 1):
        words += len(line.split())
        call.progress(number, len(lines), "lines counted")
        call.pause(call.input.get("pauseMs", 0))
    return {"lines": len(lines), "words": words}, f"{words} words"


ACTIONS = {"hello": hello, "wordCount": word_count}

# ---- The wire: JSON-RPC 2.0 in frames with a Content-Length header. Nothing above needs to change it.

MAX_HEADER, MAX_FRAME = 1024, 16 * 1024 * 1024
PLUGIN_ERROR, VERSION_MISMATCH, CANCELLED, NO_METHOD = -32000, -32001, -32800, -32601
# The host leaves the wire on a descriptor of its own, so that print() makes a log line; elsewhere stdout is the wire.
wire = os.fdopen(int(os.environ.get("FP_WIRE_FD") or os.dup(1)), "wb")
sys.stdout = sys.stderr
write_lock = threading.Lock()
configs, running = {}, {}


class Refused(Exception):
    """An error of the protocol itself: code, message, data."""


class Call:
    def __init__(self, params):
        self.execution, self.input = params["execution"], params["input"]
        self.config = configs.get(params["registration"], {})
        self.cancelled = threading.Event()

    def pause(self, milliseconds):
        """Waits, and ends the call when the host asks to give up."""
        if self.cancelled.wait(milliseconds / 1000):
            raise Refused(CANCELLED, "Cancelled", None)

    def log(self, level, message):
        send({"method": "log", "params": {"level": level, "message": message, "execution": self.execution}})

    def progress(self, done, total, message):
        value = {"done": done, "total": total, "message": message}
        send({"method": "$/progress", "params": {"token": self.execution, "value": value}})


def send(message):
    body = json.dumps({"jsonrpc": "2.0", **message}, ensure_ascii=False).encode()
    with write_lock:
        wire.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        wire.flush()


def read():
    """The next message, or None at the end. The host ends the process when what it reads is not right; so does this."""
    length = None
    while (line := sys.stdin.buffer.readline(MAX_HEADER)) not in (b"", b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    if not line or length is None or length > MAX_FRAME:
        return None
    body = sys.stdin.buffer.read(length)
    return json.loads(body) if len(body) == length else None


def initialize(params):
    if not params["protocol"]["min"] <= 1 <= params["protocol"]["max"]:
        versions = {"plugin": "1", "host": f"{params['protocol']['min']} to {params['protocol']['max']}"}
        raise Refused(VERSION_MISMATCH, "Cannot agree on the protocol", {**versions, "remedy": "Update the plugin"})
    return {"protocol": 1, "hostApi": 1, "capabilities": {"actions": list(ACTIONS), "configure": True}}


def configure(params):
    configs[params["registration"]] = params["config"] or {}


def ping(params):
    # Memory is told where it is known; the host looks for itself too.
    return {"lagMs": max(0, int(time.time() * 1000) - params["sentAt"]), "rssBytes": 0, "heapBytes": 0}


def execute(params, request):
    if params["action"] not in ACTIONS:
        raise Refused(NO_METHOD, f"Cannot execute {params['action']}: there is no such action", None)
    output, message = ACTIONS[params["action"]](running[request])
    return {"output": output, "effects": [], "message": message}


METHODS = {"initialize": initialize, "configure": configure, "ping": ping, "shutdown": lambda params: None}


def answer(request, method, params):
    try:
        if method != "execute" and method not in METHODS:
            raise Refused(NO_METHOD, f"Cannot serve {method}: this plugin does not offer it", None)
        send({"id": request, "result": execute(params, request) if method == "execute" else METHODS[method](params)})
    except Refused as refusal:
        code, message, data = refusal.args
        send({"id": request, "error": {"code": code, "message": message, **({"data": data} if data else {})}})
    except PluginError as error:
        send({"id": request, "error": {"code": PLUGIN_ERROR, "message": str(error), "data": error.data}})
    except Exception as error:
        bug = {"code": "BUG", "category": "bug", "message": str(error), "retryable": False, "stack": traceback.format_exc()}
        send({"id": request, "error": {"code": PLUGIN_ERROR, "message": str(error), "data": bug}})
    finally:
        running.pop(request, None)


while message := read():
    request, method, params = message.get("id"), message.get("method"), message.get("params")
    if method == "$/cancelRequest":
        if call := running.get(params["id"]):
            call.cancelled.set()
    elif method == "execute":
        # A thread each, so that pings and cancels get through meanwhile.
        running[request] = Call(params)
        threading.Thread(target=answer, args=(request, method, params), daemon=True).start()
    elif request is not None and method:
        answer(request, method, params)
# The host is gone: whatever still runs has nobody to answer to.
os._exit(0)

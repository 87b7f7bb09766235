#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""agent.py MODE SOCKET: a guest agent that answers as a hostile, broken or slow guest may.

Its sysctls are one file: what is set is set for good, and "-n" reads it.
"""
import base64
import json
import os
import socket
import sys
import time

mode, path = sys.argv[1:3]
values = {}
asked = []  # the words of each sysctl, by process number


def answer(request):
    """What an honest agent answers; None: nothing."""
    name, arguments = request["execute"], request.get("arguments", {})
    if name == "guest-sync":
        return arguments["id"]
    if name == "guest-exec":
        asked.append(arguments["arg"])
        return {"pid": len(asked)}
    words = asked[arguments["pid"] - 1]
    if words[0] == "-w":
        key, value = words[1].split("=", 1)
        values[key] = "0" if mode == "liar" else value
    text = values.get(words[1], "60") if words[0] == "-n" else ""
    return {"exited": mode != "endless", "exitcode": 0,
            "out-data": base64.b64encode(text.encode() + b"\n").decode()}


def send(peer, value):
    peer.sendall(json.dumps(value).encode() + b"\n")


def reply(peer, request):
    """Answers one request as the mode does; False: hangs up."""
    syncs = request["execute"] == "guest-sync"
    if mode == "silent":
        return True
    if mode == "garbage":
        peer.sendall(b"\x00\xff{[\"return\": }\n" + os.urandom(4096) + b"\n" * 300)
        return True
    if mode == "flood":
        peer.sendall(b'{"return": "' + b"x" * (10 << 20))
        return False
    if mode == "wrong-id" and syncs:
        send(peer, {"return": request["arguments"]["id"] + 1})
        return True
    if mode == "stale" and syncs:  # answers to what somebody else asked before
        send(peer, {"return": {"pid": 7}})
        send(peer, {"return": 4711})
        send(peer, {"error": {"class": "GenericError", "desc": "not for you"}})
    if mode == "hangs-up" and not syncs:
        peer.sendall(b'{"return": {"pi')
        return False
    if mode == "refuses" and not syncs:
        send(peer, {"error": {"class": "CommandNotFound", "desc": "no \x1b[31m guest-exec\nWARN"}})
        return True
    line = json.dumps({"return": answer(request)}).encode() + b"\n"
    if mode == "byte-a-second" and not syncs:
        for i in range(len(line)):
            peer.sendall(line[i:i + 1])
            time.sleep(1)
        return True
    if mode == "late" and len(asked) == 1 and request["execute"] == "guest-exec":
        time.sleep(1)
    if mode == "sluggish" and not syncs:
        time.sleep(0.1)
    peer.sendall(line)
    return True


def serve(peer):
    """One connection, until either side hangs up."""
    buffer = b""
    while True:
        chunk = peer.recv(65536)
        if not chunk:
            return
        buffer += chunk
        while b"\n" in buffer:
            line, buffer = buffer.split(b"\n", 1)
            if not reply(peer, json.loads(line.lstrip(b"\xff"))):
                return


listener = socket.socket(socket.AF_UNIX)
listener.bind(path)
listener.listen(1)
while True:
    connection, _ = listener.accept()
    try:
        serve(connection)
    except (BrokenPipeError, ConnectionResetError):
        pass
    connection.close()

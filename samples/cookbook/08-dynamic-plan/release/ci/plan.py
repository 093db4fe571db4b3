"""Turns release.json into steps of the workflow's language."""
import json
import os

with open("release.json", encoding="utf8") as file:
    parts = json.load(file)["parts"]
steps = [
    {
        "id": "pack-" + part["name"],
        "uses": "shell.exec",
        "needs": ["pack-" + name for name in part.get("after", [])],
        "with": {"cmd": part.get("cmd", "python3 ci/pack.py " + part["name"]), "cwd": "/work/app"},
    }
    for part in parts
]
with open(os.environ["AEGIS_OUTPUT"], "a", encoding="utf8") as out:
    out.write("steps=" + json.dumps(steps) + "\n")
print(len(steps), "steps")

"""Drain3 with its defaults over files of lines: prints, as JSON, the final template of every line of every file."""
import json
import sys

from drain3 import TemplateMiner
from drain3.template_miner_config import TemplateMinerConfig


def mine(path):
    miner = TemplateMiner(config=TemplateMinerConfig())
    with open(path, encoding="utf-8", errors="replace", newline="\n") as file:
        text = file.read()
    lines = text[:-1].split("\n") if text.endswith("\n") else text.split("\n")
    ids = [miner.add_log_message(line)["cluster_id"] for line in lines]
    templates = {cluster.cluster_id: cluster.get_template() for cluster in miner.drain.clusters}
    return [templates[i] for i in ids]


if __name__ == "__main__":
    json.dump([mine(path) for path in sys.argv[1:]], sys.stdout)

"""Drain3 (PyPI) as a subject of the speed bench: `drain3_peer.py LINES masks|plain`. Protocol: see run-subject.ts."""
import json
import sys
import time

from drain3 import TemplateMiner
from drain3.masking import MaskingInstruction
from drain3.template_miner_config import TemplateMinerConfig

# What Drain3's own example configuration sets (logpai/Drain3, examples/drain3.ini): most users start from it.
EXAMPLE_MASKS = [
    (r"((?<=[^A-Za-z0-9])|^)(([0-9a-f]{2,}:){3,}([0-9a-f]{2,}))((?=[^A-Za-z0-9])|$)", "ID"),
    (r"((?<=[^A-Za-z0-9])|^)(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})((?=[^A-Za-z0-9])|$)", "IP"),
    (r"((?<=[^A-Za-z0-9])|^)([0-9a-f]{6,} ?){3,}((?=[^A-Za-z0-9])|$)", "SEQ"),
    (r"((?<=[^A-Za-z0-9])|^)([0-9A-F]{4} ?){4,}((?=[^A-Za-z0-9])|$)", "SEQ"),
    (r"((?<=[^A-Za-z0-9])|^)(0x[a-f0-9A-F]+)((?=[^A-Za-z0-9])|$)", "HEX"),
    (r"((?<=[^A-Za-z0-9])|^)([\-\+]?\d+)((?=[^A-Za-z0-9])|$)", "NUM"),
    (r"(?<=executed cmd )(\".+?\")", "CMD"),
]
# The clock is looked at once in this many lines.
LINES_A_LOOK = 64


def config(masks):
    settings = TemplateMinerConfig()
    if masks:
        settings.masking_instructions = [MaskingInstruction(pattern, name) for pattern, name in EXAMPLE_MASKS]
        settings.drain_extra_delimiters = ["_"]
        settings.drain_max_clusters = 1024
    return settings


def main(path, masks):
    miner = TemplateMiner(config=config(masks))
    with open(path, "rb") as file:
        lines = file.read().decode("utf-8").split("\n")[:-1]
    sizes = [len(line.encode("utf-8")) for line in lines]
    at = 0
    total_lines = 0
    total_bytes = 0
    print(json.dumps("ready"), flush=True)
    for command in sys.stdin:
        if command.startswith("end"):
            templates = len(miner.drain.clusters)
            print(json.dumps({"lines": total_lines, "bytes": total_bytes, "templates": templates}), flush=True)
            return
        budget = float(command.split()[1]) / 1000
        wall = time.perf_counter()
        start = time.process_time()
        done = 0
        size = 0
        while time.process_time() - start < budget:
            for _ in range(LINES_A_LOOK):
                if miner.add_log_message(lines[at])["cluster_id"] is None:
                    raise RuntimeError("a line without a cluster")
                size += sizes[at]
                at = at + 1 if at + 1 < len(lines) else 0
            done += LINES_A_LOOK
        used = time.process_time() - start
        total_lines += done
        total_bytes += size
        wall = time.perf_counter() - wall
        print(json.dumps({"records": done, "bytes": size, "cpuMs": used * 1000, "wallMs": wall * 1000}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] == "masks")

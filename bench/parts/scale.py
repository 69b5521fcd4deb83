"""How much of everything a run does: smoke takes seconds, normal a quarter of an hour, full an afternoon."""

SIZES = {
    "smoke": {"runs": 1, "starts": 3, "fanout": [1_000], "peer_seconds": 3, "peer_kinds": ["bulk"], "light": 2_000, "link_seconds": 1, "ingest": 100,
              "latency": 100, "posts": 2, "import": 5_000, "peer_import": {"mlmmj": 50, "Mailman 3": 20}, "million": 5_000,
              "lists": 20, "archive": 300, "digest": 100},
    "normal": {"runs": 2, "starts": 20, "fanout": [10_000, 100_000], "peer_seconds": 12, "peer_kinds": ["personal", "bulk"], "light": 100_000, "link_seconds": 8,
               "ingest": 5_000, "latency": 1_000, "posts": 5, "import": 1_000_000,
               "peer_import": {"mlmmj": 10_000, "Mailman 3": 500}, "million": 0, "lists": 200, "archive": 20_000, "digest": 5_000},
    "full": {"runs": 5, "starts": 30, "fanout": [10_000, 100_000], "peer_seconds": 120, "peer_kinds": ["personal", "bulk"], "light": 300_000, "link_seconds": 20,
             "ingest": 5_000, "latency": 1_000, "posts": 10, "import": 1_000_000,
             "peer_import": {"mlmmj": 10_000, "Mailman 3": 10_000}, "million": 1_000_000, "lists": 200, "archive": 100_000,
             "digest": 10_000},
}

"""What holds for every test: no model hub is asked, also when pytest is run without make."""

import os

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

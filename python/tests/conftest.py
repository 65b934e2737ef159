"""What tests share: the repository, the command line, and posts of all kinds."""

import os
import subprocess
from pathlib import Path

import pytest

import netral

ROOT = Path(__file__).resolve().parents[2]
TEXTS = [
    "Ayo coblos nomor 2, menangkan Bu Melati!",
    "Jalan rusak lagi, tolong pemerintah turun.",
    "",
    "Сегодня хорошая погода в городе, и мы гуляли по парку весь день с детьми и собакой",
    "Join our campaign and knock on doors for Rivera on Saturday! https://chat.whatsapp.com/AbC",
    "Chip in $10 before midnight and your gift to the Rivera campaign is doubled. 🗳️",
]


@pytest.fixture(scope="session")
def scorer():
    return netral.Scorer()


@pytest.fixture(scope="session")
def command():
    """The command line, built from the same sources."""
    path = Path(os.environ.get("NETRAL", ROOT / "target/debug/netral"))
    if not path.exists():
        subprocess.run(["cargo", "build", "--locked", "--quiet"], cwd=ROOT, check=True)
    return path

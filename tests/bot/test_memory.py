"""A switched-off channel costs nothing: importing the house and its commands does not import aiogram (166 MB)."""

import subprocess
import sys

SCRIPT = "import sys, bot.main, bot.commands.bench, bot.commands.chat; print('aiogram' in sys.modules)"


def test_the_house_without_telegram_never_imports_aiogram() -> None:
    answer = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"

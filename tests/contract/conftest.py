"""Says at the end how much was compared: a test here is a batch of cases."""
from subjects import counted


def pytest_terminal_summary(terminalreporter):
    for what, n in counted.items():
        terminalreporter.write_line(f"compared: {n} {what}")

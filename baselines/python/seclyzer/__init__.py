"""The Python extractors of SecLyzer: keystroke, mouse and app features from Redis events."""

__version__ = "1.0.0"

"""The Streamlit page."""

from tanya.page.main import show

__all__ = ["show"]

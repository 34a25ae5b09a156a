"""The page: ``streamlit run app.py``."""

from tanya.page import show

show()

"""Rows in, Plotly figures out; no streamlit here."""

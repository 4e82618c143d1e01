"""What the thin pages show: Streamlit code that asks core and draws with the components."""

"""A session's story as one file for people who have no access to the app: HTML, and PDF by Chromium."""
